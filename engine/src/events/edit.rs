//! What creators write: new events, drafts, changes, calling off.

use super::{EventForm, Events, Pictures, markdown::Rendered, offer};
use crate::{
    Error,
    accounts::Actor,
    db::{HeldEvent, Lane, Tx, retried},
    notices,
    outbox::{self, Trigger},
    turnstile::{self, Command},
};
use model::{
    Category, ClaimState, Cursor, DAY, Edit, EventDraft, EventError, EventId, EventStart, FieldError, FormErrors, HOUR,
    MemberId, Notice, Offer, Page, Phase, RequestId, Revision, SECOND, Span, Time, revision, text,
};

/// How long before its opening an event already counts as open when it is changed: so every change has reached the
/// turnstile when the first click comes.
const LEAD: Span = SECOND.times(5);

#[derive(sqlx::FromRow)]
struct DraftRow {
    creator_id: MemberId,
    title: String,
    summary: String,
    description: String,
    category: Category,
    banner: Option<String>,
    card: Option<String>,
    offer: String,
    entry_code: Option<String>,
    rules: String,
    opens_at: Time,
    closes_at: Time,
    published_at: Option<Time>,
    cancelled_at: Option<Time>,
    settled_at: Option<Time>,
}

impl DraftRow {
    fn draft(&self) -> Result<EventDraft, Error> {
        Ok(EventDraft {
            title: self.title.clone(),
            summary: self.summary.clone(),
            description: self.description.clone(),
            category: self.category,
            opens_at: self.opens_at,
            closes_at: self.closes_at,
            entry_code: self.entry_code.clone(),
            rules: self.rules.clone(),
            offer: offer(&self.offer)?,
        })
    }

    fn phase(&self, now: Time) -> Phase {
        match self.published_at {
            None => Phase::Draft,
            Some(_) if now + LEAD < self.opens_at => Phase::Scheduled,
            Some(_) => Phase::Opened,
        }
    }
}

impl DraftRow {
    /// The event before and after a form of its creator, as far as it may change at `now`.
    fn edited(&self, creator: MemberId, form: &EventForm, now: Time) -> Result<(EventDraft, EventDraft), Error> {
        if self.creator_id != creator {
            return Err(model::Error::Forbidden.into());
        }
        if self.cancelled_at.is_some() {
            return Err(Error::Refused(EventError::Cancelled.into()));
        }
        if self.settled_at.is_some() {
            return Err(Error::Refused(EventError::Settled.into()));
        }
        let before = self.draft()?;
        let after = match self.phase(now) {
            Phase::New | Phase::Draft => form.check(now, self.entry_code.as_deref())?,
            Phase::Scheduled => {
                let after = form.check(now, self.entry_code.as_deref())?;
                if !revision::may_move(before.opens_at, after.opens_at, now) {
                    let mut errors = FormErrors::default();
                    errors.add("opens_at", FieldError::Frozen);
                    errors.into_result()?;
                }
                after
            }
            Phase::Opened => form.check_opened(&before)?,
        };
        Ok((before, after))
    }
}

macro_rules! draft {
    () => {
        "select creator_id, title, summary, description, category, banner, card, offer, entry_code, rules, opens_at, closes_at,
            published_at, cancelled_at, settled_at from events where id = $1"
    };
}

impl Events {
    /// Makes and publishes an event. Sending the same request again returns the first result.
    ///
    /// # Errors
    /// [`model::Error::Forbidden`] for members who may run no events, and for a request of another member; the database may fail.
    pub async fn create(
        &self,
        actor: &Actor,
        request: RequestId,
        draft: EventDraft,
        pictures: Pictures,
    ) -> Result<EventId, Error> {
        self.insert(actor.creator()?.member, request, draft, pictures, true).await
    }

    /// The same, seen by its creator alone until it is published.
    ///
    /// # Errors
    /// As [`Events::create`].
    pub async fn create_draft(
        &self,
        actor: &Actor,
        request: RequestId,
        draft: EventDraft,
        pictures: Pictures,
    ) -> Result<EventId, Error> {
        self.insert(actor.creator()?.member, request, draft, pictures, false).await
    }

    async fn insert(
        &self,
        creator: MemberId,
        request: RequestId,
        draft: EventDraft,
        pictures: Pictures,
        publish: bool,
    ) -> Result<EventId, Error> {
        let now = self.clock.now();
        let id = EventId(crate::ids::new_id(now));
        let rendered = Rendered::new(&draft.description);
        let mut tx = self.db.begin(Lane::Other).await?;
        let inserted = tx
            .sql(
                "insert into events (id, request_id, creator_id, title, summary, description, category, banner, card, kind,
                    offer, capacity, entry_code, rules, opens_at, closes_at, published_at, created_at, description_html,
                    description_rendered)
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
                 on conflict (request_id) do nothing",
            )
            .bind(id)
            .bind(request)
            .bind(creator)
            .bind(draft.title)
            .bind(draft.summary)
            .bind(draft.description)
            .bind(draft.category)
            .bind(pictures.banner)
            .bind(pictures.card)
            .bind(draft.offer.kind())
            .bind(written(&draft.offer)?)
            .bind(draft.offer.capacity() as i64)
            .bind(draft.entry_code)
            .bind(draft.rules)
            .bind(draft.opens_at)
            .bind(draft.closes_at)
            .bind(publish.then_some(now))
            .bind(now)
            .bind(rendered.html)
            .bind(rendered.of)
            .run()
            .await?;
        if inserted == 0 {
            let first: Option<(EventId,)> = tx
                .sql("select id from events where request_id = $1 and creator_id = $2")
                .bind(request)
                .bind(creator)
                .optional()
                .await?;
            let first = first.ok_or(model::Error::Forbidden)?.0;
            // The first result may not be committed yet: this waits until it is.
            tx.commit().await?;
            return Ok(first);
        }
        tx.commit().await?;
        Ok(id)
    }

    /// What the form for a new event starts with: nothing, or an own event that it is to be like.
    ///
    /// # Errors
    /// [`model::Error::Forbidden`] for members who may run no events, and for an event of another member; the database may fail.
    pub async fn start(&self, actor: &Actor, like: Option<EventId>) -> Result<EventStart, Error> {
        let creator = actor.creator()?.member;
        let now = self.clock.now();
        let today = now.civil();
        let evening = Time::from_civil(today.year, today.month, today.day, 20, 0, 0).unwrap_or(now);
        let opens_at = if evening > now + HOUR { evening } else { evening + DAY };
        let mut start = EventStart {
            request: RequestId(crate::ids::new_id(now)),
            phase: Phase::New,
            draft: None,
            picture: None,
            opens_at,
            now,
        };
        if let Some(like) = like {
            let row = self.own(creator, like).await?;
            let draft = row.draft()?;
            let closes_at = opens_at + draft.closes_at.since(draft.opens_at);
            start.draft = Some(EventDraft { opens_at, closes_at, ..draft });
            start.picture = row.card;
        }
        Ok(start)
    }

    /// What the form for changing an own event starts with.
    ///
    /// # Errors
    /// [`model::Error::NotFound`], [`model::Error::Forbidden`] for an event that is another's; the database may fail.
    pub async fn editing(&self, actor: &Actor, event: EventId) -> Result<EventStart, Error> {
        let creator = actor.signed_in()?.member;
        let now = self.clock.now();
        let row = self.own(creator, event).await?;
        Ok(EventStart {
            request: RequestId(crate::ids::new_id(now)),
            phase: row.phase(now),
            draft: Some(row.draft()?),
            opens_at: row.opens_at,
            picture: row.card,
            now,
        })
    }

    /// Whether a form would be taken for an own event, and pictures with it: before anything is done for it.
    ///
    /// # Errors
    /// As [`Events::edit`].
    pub async fn check_edit(&self, actor: &Actor, event: EventId, form: &EventForm) -> Result<Phase, Error> {
        let creator = actor.creator()?.member;
        let row: Option<DraftRow> = self.db.sql(draft!()).bind(event).optional().await?;
        let row = row.ok_or(model::Error::NotFound)?;
        let now = self.clock.now();
        row.edited(creator, form, now)?;
        Ok(row.phase(now))
    }

    /// The pictures of an own event, for another that is to be like it.
    ///
    /// # Errors
    /// [`model::Error::NotFound`], [`model::Error::Forbidden`] for an event that is another's; the database may fail.
    pub async fn pictures(&self, actor: &Actor, event: EventId) -> Result<Pictures, Error> {
        let row = self.own(actor.creator()?.member, event).await?;
        Ok(Pictures { banner: row.banner, card: row.card })
    }

    async fn own(&self, creator: MemberId, event: EventId) -> Result<DraftRow, Error> {
        let row: Option<DraftRow> = self.db.sql(draft!()).bind(event).optional().await?;
        let row = row.ok_or(model::Error::NotFound)?;
        if row.creator_id == creator { Ok(row) } else { Err(model::Error::Forbidden.into()) }
    }

    /// Changes an own event as far as it has come: see [`Phase`]. Each change of a published one is kept for everybody to
    /// see. `publish` makes a draft public.
    ///
    /// # Errors
    /// [`model::Error::Invalid`] names the fields that are wrong or frozen by now; an event that is another's, called off or settled
    /// is refused; the database may fail.
    pub async fn edit(
        &self,
        actor: &Actor,
        event: EventId,
        form: &EventForm,
        pictures: Option<Pictures>,
        publish: bool,
    ) -> Result<(), Error> {
        retried!(self.edit_once(actor, event, form, pictures.clone(), publish))
    }

    async fn edit_once(
        &self,
        actor: &Actor,
        event: EventId,
        form: &EventForm,
        pictures: Option<Pictures>,
        publish: bool,
    ) -> Result<(), Error> {
        let creator = actor.creator()?.member;
        // Nobody who writes waits for this.
        let rendered = Rendered::new(&text::paragraph(&form.description, 0, 20_000).unwrap_or_default());
        let mut tx = self.db.begin(Lane::Other).await?;
        let held = tx.hold_event(event).await?;
        // Only now: the line for writing may have been long.
        let now = self.clock.now();
        let row: Option<DraftRow> = tx.sql(draft!()).bind(event).optional().await?;
        let row = row.ok_or(model::Error::NotFound)?;
        let (before, after) = row.edited(creator, form, now)?;
        let phase = row.phase(now);
        let mut edits = revision::edits(&before, &after);
        // Pictures hold still once people enter because of them.
        let pictures = pictures.filter(|_| phase != Phase::Opened);
        edits.extend(pictures.is_some().then_some(Edit::Picture));
        let published_at = row.published_at.or(publish.then_some(now));
        if edits.is_empty() && published_at == row.published_at {
            return Ok(());
        }
        let rendered = rendered.unless_other(&after.description);
        let pictures = pictures.unwrap_or(Pictures { banner: row.banner, card: row.card });
        tx.sql(
            "update events set title = $2, summary = $3, description = $4, category = $5, banner = $6, card = $7, offer = $8,
                capacity = $9, entry_code = $10, rules = $11, opens_at = $12, closes_at = $13, published_at = $14,
                description_html = $15, description_rendered = $16
             where id = $1",
        )
        .bind(event)
        .bind(after.title)
        .bind(after.summary)
        .bind(after.description)
        .bind(after.category)
        .bind(pictures.banner)
        .bind(pictures.card)
        .bind(written(&after.offer)?)
        .bind(after.offer.capacity() as i64)
        .bind(after.entry_code)
        .bind(after.rules)
        .bind(after.opens_at)
        .bind(after.closes_at)
        .bind(published_at)
        .bind(rendered.html)
        .bind(rendered.of)
        .run()
        .await?;
        if row.published_at.is_some() {
            record(&mut tx, held, &edits, now).await?;
        }
        if phase == Phase::Opened && !outbox::is_waiting(&mut tx, &Trigger::Changed { event }).await? {
            outbox::write(&mut tx, &Trigger::Changed { event }, now).await?;
        }
        turnstile::write_command(&mut tx, event, &Command::Revise, now).await?;
        tx.commit().await?;
        self.turnstile.wake(event).await;
        Ok(())
    }

    /// What was changed of a published event, newest first, a page at a time: long texts are shown where they differ, and
    /// little more is read for it.
    ///
    /// # Errors
    /// [`model::Error::NotFound`] for a cursor of another list; the database may fail.
    pub async fn revisions(&self, event: EventId, cursor: Option<&Cursor>) -> Result<Page<Revision>, Error> {
        /// Changes in a page.
        const SHOWN: usize = 50;
        /// Bytes of them that are read for it.
        const READ: usize = 256 << 10;
        /// Changes that are read at once: each may have two long texts.
        const STEP: i64 = 4;
        let mut before = cursor.map_or(Ok(u64::MAX >> 1), Cursor::key)? as i64;
        let (mut page, mut read) = (Page::default(), 0);
        loop {
            let rows: Vec<(i64, Time, String)> = self
                .db
                .sql("select number, at, edit from revisions where event_id = $1 and number < $2 order by number desc limit $3")
                .bind(event)
                .bind(before)
                .bind(STEP)
                .all()
                .await?;
            let last = (rows.len() as i64) < STEP;
            for (number, at, text) in rows {
                before = number;
                read += text.len();
                match serde_json::from_str::<Edit>(&text) {
                    Ok(edit) => page.rows.push(Revision { at, edit: edit.shortened() }),
                    Err(error) => tracing::error!(%error, "a revision cannot be read"),
                }
            }
            if last {
                return Ok(page);
            }
            if page.rows.len() >= SHOWN || read >= READ {
                page.next = Some(Cursor::of(&(before as u64)));
                return Ok(page);
            }
        }
    }

    /// Calls an event off, with a reason that stays visible.
    ///
    /// # Errors
    /// [`model::Error::Invalid`] without a reason; an event that is another's, called off or settled is refused; the database may
    /// fail.
    pub async fn cancel(&self, actor: &Actor, event: EventId, reason: &str) -> Result<(), Error> {
        retried!(self.cancel_once(actor, event, reason))
    }

    async fn cancel_once(&self, actor: &Actor, event: EventId, reason: &str) -> Result<(), Error> {
        let creator = actor.creator()?.member;
        let mut tx = self.db.begin(Lane::Other).await?;
        call_off(&mut tx, event, Some(creator), reason, self.clock.now()).await?;
        tx.commit().await?;
        self.turnstile.wake(event).await;
        Ok(())
    }
}

/// Calls an event off in the transaction of its cause: `creator`'s own, or anybody's, who is told then; the reason as it is
/// kept. Wake the turnstile after the commit.
///
/// # Errors
/// As [`Events::cancel`].
pub(crate) async fn call_off(
    tx: &mut Tx,
    event: EventId,
    creator: Option<MemberId>,
    reason: &str,
    now: Time,
) -> Result<String, Error> {
    let mut errors = FormErrors::default();
    let reason = errors.check("reason", text::line(reason, 2, 200));
    errors.into_result()?;
    let reason = reason.unwrap_or_default();
    let held = tx.hold_event(event).await?;
    let owner: Option<(MemberId,)> =
        tx.sql("select creator_id from events where id = $1").bind(event).optional().await?;
    let (owner,) = owner.ok_or(model::Error::NotFound)?;
    if creator.is_some_and(|creator| creator != owner) {
        return Err(model::Error::Forbidden.into());
    }
    let changed = tx
        .sql(
            "update events set cancelled_at = $1, cancel_reason = $2
             where id = $3 and cancelled_at is null and settled_at is null",
        )
        .bind(now)
        .bind(reason.clone())
        .bind(event)
        .run()
        .await?;
    if changed == 0 {
        return Err(Error::Refused(EventError::Cancelled.into()));
    }
    withdraw_claims(tx, held).await?;
    turnstile::write_command(tx, event, &Command::Cancel, now).await?;
    if creator.is_none() {
        notices::write(tx, owner, &Notice::Cancelled { reason: reason.clone() }, event, now).await?;
    }
    outbox::write(tx, &Trigger::Cancelled { event, reason: reason.clone() }, now).await?;
    Ok(reason)
}

fn written(offer: &Offer) -> Result<String, Error> {
    Ok(serde_json::to_string(offer).map_err(|_| model::Error::Internal)?)
}

/// Withdraws every claim whose prize was not sent, and erases what winners wrote for it.
async fn withdraw_claims(tx: &mut Tx, held: HeldEvent) -> Result<(), sqlx::Error> {
    tx.sql("update claims set state = $1, remind_at = null where event_id = $2 and state in ('offered', 'filled')")
        .bind(ClaimState::Withdrawn)
        .bind(held.event())
        .run()
        .await?;
    tx.sql(
        "delete from deliveries where event_id = $1 and rank in
            (select rank from claims where event_id = $1 and state = 'withdrawn')",
    )
    .bind(held.event())
    .run()
    .await?;
    Ok(())
}

/// Keeps what was changed for everybody to see.
async fn record(tx: &mut Tx, held: HeldEvent, edits: &[Edit], now: Time) -> Result<(), Error> {
    for edit in edits {
        let text = serde_json::to_string(edit).map_err(|_| model::Error::Internal)?;
        tx.sql(
            "insert into revisions (event_id, number, at, edit)
             select $1, coalesce(max(number), 0) + 1, $2, $3 from revisions where event_id = $1",
        )
        .bind(held.event())
        .bind(now)
        .bind(text)
        .run()
        .await?;
    }
    Ok(())
}
