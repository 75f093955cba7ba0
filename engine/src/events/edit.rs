//! What creators write: new events, drafts, changes.

use super::{EventForm, Events, Pictures, markdown::Rendered, offer, revisions::record};
use crate::{
    Error,
    accounts::Actor,
    db::{Lane, Tx, retried},
    outbox::{self, Trigger},
    turnstile::{self, Command},
};
use model::{
    Category, DAY, Edit, EventDraft, EventError, EventId, EventStart, FieldError, FormErrors, HOUR, Kind, MemberId,
    Offer, Phase, RequestId, SECOND, Span, Time, Won, revision, subscriptions::Described, text,
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
    fn edited(
        &self,
        creator: MemberId,
        form: &EventForm,
        publish: bool,
        now: Time,
    ) -> Result<(EventDraft, EventDraft), Error> {
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
            Phase::New | Phase::Draft => checked(form, publish, self.entry_code.as_deref(), now)?,
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
        // What it is stays.
        if after.offer.kind() != before.offer.kind() {
            return Err(model::Error::Malformed.into());
        }
        Ok((before, after))
    }
}

/// A form that would be taken for an event.
pub(super) struct Checked {
    pub phase: Phase,
    /// Whether everybody sees the event.
    pub public: bool,
    /// What it releases now, and what it would.
    pub before: Offer,
    pub after: EventDraft,
    /// Whether it opens or closes at another time than now.
    pub moved: bool,
}

/// Who sees an event that is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    /// Its creator alone.
    Draft,
    /// Everybody; a deal within hours of its creator.
    Public,
    /// Everybody, whatever hours there are.
    AtAnyHour,
}

/// A form as it is published, or as a draft of it is saved.
pub(super) fn checked(form: &EventForm, publish: bool, code: Option<&str>, now: Time) -> Result<EventDraft, Error> {
    Ok(if publish { form.check(now, code)? } else { form.check_draft(proposed_opening(now), code)? })
}

/// The next eight in the evening that is not too near.
fn proposed_opening(now: Time) -> Time {
    let evening = now.midnight() + 20 * HOUR;
    if evening > now + HOUR { evening } else { evening + DAY }
}

macro_rules! draft {
    () => {
        "select creator_id, title, summary, description, category, banner, card, offer, entry_code, rules, opens_at, closes_at,
            published_at, cancelled_at, settled_at from events where id = $1"
    };
}

impl Events {
    /// Makes and publishes an event, as the program itself does: a deal of it takes no hours, and is asked for no business. What a
    /// creator publishes by their form goes through [`Events::write_new`]. Sending the same request again returns the first result.
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
        self.insert(actor.creator()?.member, request, draft, pictures, Seen::AtAnyHour).await
    }

    /// The same of what is open within hours that its creator booked, if it is a deal.
    ///
    /// # Errors
    /// As [`Events::create`]; [`model::Error::Invalid`] for hours that its creator does not have.
    pub async fn create_in_hours(
        &self,
        actor: &Actor,
        request: RequestId,
        draft: EventDraft,
        pictures: Pictures,
    ) -> Result<EventId, Error> {
        self.insert(actor.creator()?.member, request, draft, pictures, Seen::Public).await
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
        self.insert(actor.creator()?.member, request, draft, pictures, Seen::Draft).await
    }

    pub(super) async fn insert(
        &self,
        creator: MemberId,
        request: RequestId,
        draft: EventDraft,
        pictures: Pictures,
        seen: Seen,
    ) -> Result<EventId, Error> {
        let now = self.clock.now();
        let id = EventId(crate::ids::new_id(now));
        let rendered = Rendered::new(&draft.description);
        let (starts_at, details) = (starts_at(&draft.offer), details(&draft.offer).to_vec());
        let needs_hours = seen == Seen::Public && draft.offer.kind() == Kind::Deal;
        let mut tx = self.db.begin(Lane::Other).await?;
        let inserted = tx
            .sql(
                "insert into events (id, request_id, creator_id, title, summary, description, category, banner, card, kind,
                    offer, capacity, entry_code, rules, opens_at, closes_at, published_at, created_at, description_html,
                    description_rendered, starts_at)
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)
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
            .bind((seen != Seen::Draft).then_some(now))
            .bind(now)
            .bind(rendered.html)
            .bind(rendered.of)
            .bind(starts_at)
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
        show_details(&mut tx, id, &details).await?;
        if needs_hours {
            self.slots.take(&mut tx, creator, id, draft.opens_at, draft.closes_at, now).await?;
        }
        if seen != Seen::Draft && draft.closes_at > now {
            outbox::write(&mut tx, &Trigger::NewEvent { event: id, at: now, by: creator, before: None }, now).await?;
        }
        tx.commit().await?;
        Ok(id)
    }

    /// What the form for a new event of a kind starts with: nothing, or an own event that it is to be like.
    ///
    /// # Errors
    /// [`model::Error::Forbidden`] for members who may run no events, and for an event of another member; the database may fail.
    pub async fn start(&self, actor: &Actor, kind: Kind, like: Option<EventId>) -> Result<EventStart, Error> {
        let creator = actor.creator()?.member;
        let now = self.clock.now();
        let like = match like {
            Some(like) => Some(self.own(creator, like).await?),
            None => None,
        };
        let like = like.map(|row| Ok::<_, Error>((row.draft()?, row.card))).transpose()?;
        let kind = like.as_ref().map_or(kind, |(draft, _)| draft.offer.kind());
        let hours = if kind == Kind::Deal { self.slots.ready(creator, None).await? } else { Vec::new() };
        // Of hours that have begun what is left may be too little.
        let ahead = hours.iter().map(|(from, _)| *from).find(|from| *from > now);
        let opens_at = ahead.unwrap_or_else(|| proposed_opening(now));
        let mut start = EventStart {
            request: RequestId(crate::ids::new_id(now)),
            phase: Phase::New,
            kind,
            may_sell: self.sellers.may_sell(creator).await?,
            hours,
            hours_are_free: self.slots.terms().price == Won::ZERO,
            draft: None,
            picture: None,
            opens_at,
            now,
        };
        if let Some((draft, card)) = like {
            let closes_at = opens_at + draft.closes_at.since(draft.opens_at);
            let mut offer = draft.offer;
            if let Offer::Ticket { starts_at, .. } = &mut offer {
                *starts_at = *starts_at + opens_at.since(draft.opens_at);
            }
            start.draft = Some(EventDraft { opens_at, closes_at, offer, ..draft });
            start.picture = card;
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
        let draft = row.draft()?;
        let is_deal = draft.offer.kind() == Kind::Deal;
        let hours = if is_deal { self.slots.ready(creator, Some(event)).await? } else { Vec::new() };
        Ok(EventStart {
            request: RequestId(crate::ids::new_id(now)),
            phase: row.phase(now),
            kind: draft.offer.kind(),
            may_sell: self.sellers.may_sell(creator).await?,
            hours,
            hours_are_free: self.slots.terms().price == Won::ZERO,
            draft: Some(draft),
            opens_at: row.opens_at,
            picture: row.card,
            now,
        })
    }

    /// Whether a form would be taken for an own event, and pictures with it: before anything is done for it.
    ///
    /// # Errors
    /// As [`Events::edit`].
    pub(super) async fn check_edit(
        &self,
        actor: &Actor,
        event: EventId,
        form: &EventForm,
        publish: bool,
    ) -> Result<Checked, Error> {
        let creator = actor.creator()?.member;
        let row: Option<DraftRow> = self.db.sql(draft!()).bind(event).optional().await?;
        let row = row.ok_or(model::Error::NotFound)?;
        let now = self.clock.now();
        let (before, after) = row.edited(creator, form, publish, now)?;
        let public = row.published_at.is_some();
        let moved = is_moved(&before, &after);
        Ok(Checked { phase: row.phase(now), public, before: before.offer, after, moved })
    }

    /// The pictures that show the goods of an own event in detail.
    ///
    /// # Errors
    /// As [`Events::pictures`].
    pub(super) async fn details(&self, actor: &Actor, event: EventId) -> Result<Vec<String>, Error> {
        let row = self.own(actor.creator()?.member, event).await?;
        Ok(details(&offer(&row.offer)?).to_vec())
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
        let (before, after) = row.edited(creator, form, publish, now)?;
        let phase = row.phase(now);
        let mut edits = revision::edits(&before, &after);
        // Pictures hold still once people enter because of them.
        let pictures = pictures.filter(|_| phase != Phase::Opened);
        edits.extend(pictures.is_some().then_some(Edit::Picture));
        let published_at = row.published_at.or(publish.then_some(now));
        if edits.is_empty() && published_at == row.published_at {
            return Ok(());
        }
        // What was published before hours were sold, or by the program itself, has none, and needs none until it is moved.
        if published_at.is_some()
            && after.offer.kind() == Kind::Deal
            && (row.published_at.is_none() || is_moved(&before, &after))
        {
            self.slots.take(&mut tx, creator, event, after.opens_at, after.closes_at, now).await?;
        }
        let rendered = rendered.unless_other(&after.description);
        if details(&before.offer) != details(&after.offer) {
            tx.sql("delete from detail_pictures where event_id = $1").bind(event).run().await?;
            show_details(&mut tx, event, details(&after.offer)).await?;
        }
        let (was, is) = (Described::of(&before), Described::of(&after));
        let starts_at = starts_at(&after.offer);
        let pictures = pictures.unwrap_or(Pictures { banner: row.banner, card: row.card });
        tx.sql(
            "update events set title = $2, summary = $3, description = $4, category = $5, banner = $6, card = $7, offer = $8,
                capacity = $9, entry_code = $10, rules = $11, opens_at = $12, closes_at = $13, published_at = $14,
                description_html = $15, description_rendered = $16, starts_at = $17
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
        .bind(starts_at)
        .run()
        .await?;
        if row.published_at.is_some() {
            record(&mut tx, held, &edits, now).await?;
        }
        // Before it opens nobody has entered: who wishes for it is told of what they planned by.
        let concerns = phase == Phase::Opened || row.published_at.is_some() && revision::concerns_wishers(&edits);
        if concerns {
            outbox::write_once(&mut tx, &Trigger::Edited { event }, now).await?;
        }
        // New to those who subscribed: all of it when it is published, and until it opens what comes into it.
        let before = row.published_at.is_some().then_some(was);
        let is_new = before.as_ref().is_none_or(|was| phase == Phase::Scheduled && *was != is);
        if published_at.is_some() && is_new {
            outbox::write(&mut tx, &Trigger::NewEvent { event, at: now, by: creator, before }, now).await?;
        }
        turnstile::write_command(&mut tx, event, &Command::Revise, now).await?;
        Ok(tx.commit().await?)
    }
}

/// Whether an event opens or closes at another time.
fn is_moved(before: &EventDraft, after: &EventDraft) -> bool {
    (before.opens_at, before.closes_at) != (after.opens_at, after.closes_at)
}

/// When what a ticket is for begins: lists of tickets are in its order.
fn starts_at(offer: &Offer) -> Option<Time> {
    match offer {
        Offer::Ticket { starts_at, .. } => Some(*starts_at),
        _ => None,
    }
}

fn details(offer: &Offer) -> &[String] {
    match offer {
        Offer::Deal { details, .. } => details,
        _ => &[],
    }
}

/// Notes which detail pictures an event shows: the others are removed some day.
async fn show_details(tx: &mut Tx, event: EventId, details: &[String]) -> Result<(), Error> {
    for address in details {
        tx.sql("insert into detail_pictures (event_id, address) values ($1, $2) on conflict (event_id, address) do nothing")
            .bind(event)
            .bind(address.clone())
            .run()
            .await?;
    }
    Ok(())
}

fn written(offer: &Offer) -> Result<String, Error> {
    Ok(serde_json::to_string(offer).map_err(|_| model::Error::Internal)?)
}
