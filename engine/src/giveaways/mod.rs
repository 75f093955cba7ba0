//! What becomes of entries: prizes claimed by their deadline, passed on, sent; and what a creator sees of it.

mod entrants;
mod jobs;
pub(crate) mod personal;
mod prizes;

pub(crate) use prizes::Prizes;

use crate::{
    Error,
    accounts::Actor,
    addresses, audit,
    clock::Clock,
    db::{Db, HeldEvent, Lane, Leftovers, Tx, retried},
    outbox::{self, Trigger, webhooks},
    turnstile::{self, Command, Outcomes, Turnstile},
};
use model::{
    Claim, ClaimState, Delivery, Entry, EntryState, EventError, EventId, FieldError, FormErrors, GiveawayError,
    MemberId, Notice, Offer, Prize, Time, Waitlist, addresses::AddressDraft, administration::AuditAction, claim, text,
    webhooks::WebhookKind,
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

/// A winner's form as it was typed.
#[derive(Debug, Clone, Default)]
pub struct WinnerForm {
    /// Where the prize goes.
    pub delivery: Delivery,
    /// Whether the winner lets this creator have it.
    pub consent: bool,
    /// Whether it is put into the winner's address book, where that has room.
    pub save: bool,
}

#[derive(sqlx::FromRow)]
struct ClaimRow {
    rank: i64,
    place: i64,
    state: ClaimState,
    due_at: Time,
}

/// Giveaways of events. Cheap to clone.
#[derive(Clone)]
pub struct Giveaways {
    db: Db,
    clock: Clock,
    turnstile: Turnstile,
    /// What follows from entries that are projected after the rush.
    outcomes: Outcomes,
    /// Events that were left alone because they still grew: how many entries they had, and for how many looks.
    growing: Arc<Mutex<HashMap<EventId, (i64, u32)>>>,
    leftovers: Leftovers,
}

impl Giveaways {
    pub(crate) fn new(db: Db, clock: Clock, turnstile: Turnstile, outcomes: Outcomes) -> Giveaways {
        let leftovers = Leftovers::new(db.clone(), clock.clone(), &["deliveries"]);
        Giveaways { db, clock, turnstile, outcomes, growing: Arc::default(), leftovers }
    }

    /// What a member won at an event, when they did.
    ///
    /// # Errors
    /// Signed out; no such event; the database's.
    pub async fn claim(&self, actor: &Actor, event: EventId) -> Result<Option<Claim>, Error> {
        let member = actor.signed_in()?.member;
        let Some(entry) = self.turnstile.entry(event, member).await? else { return Ok(None) };
        let row: Option<ClaimRow> = self
            .db
            .sql("select rank, place, state, due_at from claims where event_id = $1 and rank = $2")
            .bind(event)
            .bind(entry.rank as i64)
            .optional()
            .await?;
        let row = match row {
            Some(row) => row,
            // Not written down yet; the deadline is the same.
            None if entry.state == EntryState::Won => ClaimRow {
                rank: entry.rank as i64,
                place: entry.rank as i64,
                state: ClaimState::Offered,
                due_at: claim::due_first(entry.entered_at),
            },
            None => return Ok(None),
        };
        let Some((place, prize, cancelled)) = self.prize(event, row.place as u64).await? else { return Ok(None) };
        // Called off before it was written down.
        let state = if cancelled && row.state == ClaimState::Offered { ClaimState::Withdrawn } else { row.state };
        let row = ClaimRow { state, ..row };
        let delivery = match row.state {
            ClaimState::Offered => None,
            _ => self.delivery(event, row.rank).await?,
        };
        let (prize, kind) = (prize.name, prize.kind);
        Ok(Some(Claim {
            place,
            prize,
            kind,
            state: row.state,
            due_at: row.due_at,
            delivery: delivery.unwrap_or_default(),
        }))
    }

    /// Which of the places that capacity counts an entry holds or held.
    ///
    /// # Errors
    /// The database's.
    pub async fn place(&self, event: EventId, entry: Entry) -> Result<Option<u64>, Error> {
        let row: Option<(i64,)> = self
            .db
            .sql("select place from claims where event_id = $1 and rank = $2")
            .bind(event)
            .bind(entry.rank as i64)
            .optional()
            .await?;
        let by_click = (entry.state == EntryState::Won).then_some(entry.rank);
        Ok(row.map(|(place,)| place as u64).or(by_click))
    }

    /// Who stands by at an event. Two look-ups by rank, however many entered.
    ///
    /// # Errors
    /// The database's.
    pub async fn waitlist(&self, event: EventId) -> Result<Waitlist, Error> {
        // Those who stand by are served by rank, and have a claim then.
        let row: Option<(i64, i64)> = self
            .db
            .sql(
                "select coalesce(t.capacity, e.capacity),
                    coalesce((select max(c.rank) from claims c where c.event_id = e.id), 0)
                 from events e left join tallies t on t.event_id = e.id and t.total > 0 where e.id = $1",
            )
            .bind(event)
            .optional()
            .await?;
        let after = row.map_or(0, |(capacity, served)| capacity.max(served));
        let left: Vec<(i64,)> = self
            .db
            .sql("select rank from disqualifications where event_id = $1 and rank > $2 order by rank")
            .bind(event)
            .bind(after)
            .all()
            .await?;
        Ok(Waitlist { after: after as u64, left: left.into_iter().map(|(rank,)| rank as u64).collect() })
    }

    /// Which prize a place is, with its number from 1, and whether the event was called off.
    async fn prize(&self, event: EventId, place: u64) -> Result<Option<(usize, Prize, bool)>, Error> {
        let row: Option<(String, bool)> = self
            .db
            .sql("select offer, cancelled_at is not null from events where id = $1")
            .bind(event)
            .optional()
            .await?;
        let (offer, cancelled) = row.ok_or(model::Error::NotFound)?;
        let offer: Offer = serde_json::from_str(&offer).map_err(|_| model::Error::Internal)?;
        Ok(offer.prize(place).map(|(number, prize)| (number, prize.clone(), cancelled)))
    }

    async fn delivery(&self, event: EventId, rank: i64) -> Result<Option<Delivery>, Error> {
        let written = self
            .db
            .sql("select name, phone, postcode, address, detail from deliveries where event_id = $1 and rank = $2")
            .bind(event)
            .bind(rank);
        Ok(written.optional().await?)
    }

    /// Takes in a winner's form: once, and before its deadline.
    ///
    /// # Errors
    /// Signed out or suspended; nothing won; filled in before; too late; taken back; what is wrong with the form; the
    /// database's.
    pub async fn fill(&self, actor: &Actor, event: EventId, form: &WinnerForm) -> Result<(), Error> {
        retried!(self.fill_once(actor, event, form))
    }

    async fn fill_once(&self, actor: &Actor, event: EventId, form: &WinnerForm) -> Result<(), Error> {
        let member = actor.active()?.member;
        let claim = self.claim(actor, event).await?.ok_or(model::Error::Forbidden)?;
        let entry = self.turnstile.entry(event, member).await?.ok_or(model::Error::Forbidden)?;
        match claim.state {
            ClaimState::Offered => {}
            ClaimState::Filled | ClaimState::Sent => return Err(Error::Refused(GiveawayError::AlreadyDone.into())),
            ClaimState::Expired => return Err(Error::Refused(GiveawayError::TooLate.into())),
            ClaimState::Withdrawn => return Err(model::Error::Forbidden.into()),
        }
        let mut errors = FormErrors::default();
        let delivery = match Delivery::check(&form.delivery, claim.kind) {
            Ok(delivery) => Some(delivery),
            Err(wrong) => {
                errors = wrong;
                None
            }
        };
        if !form.consent {
            errors.add("consent", FieldError::Required);
        }
        errors.into_result()?;
        let delivery = delivery.unwrap_or_default();
        let now = self.clock.now();
        let rank = entry.rank as i64;
        let mut tx = self.db.begin(Lane::Other).await?;
        let held = tx.hold_event(event).await?;
        write_claim(&mut tx, held, rank).await?;
        let filled = tx
            .sql(
                "update claims set state = $1, filled_at = $2, remind_at = null
                 where event_id = $3 and rank = $4 and state = $5 and due_at > $2",
            )
            .bind(ClaimState::Filled)
            .bind(now)
            .bind(event)
            .bind(rank)
            .bind(ClaimState::Offered)
            .run()
            .await?;
        if filled == 0 {
            let row: Option<(ClaimState,)> = tx
                .sql("select state from claims where event_id = $1 and rank = $2")
                .bind(event)
                .bind(rank)
                .optional()
                .await?;
            return Err(Error::Refused(match row {
                Some((ClaimState::Filled | ClaimState::Sent,)) => GiveawayError::AlreadyDone.into(),
                Some((ClaimState::Withdrawn,)) => model::Error::Forbidden,
                _ => GiveawayError::TooLate.into(),
            }));
        }
        tx.sql(
            "insert into deliveries (event_id, rank, name, phone, postcode, address, detail)
             values ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(event)
        .bind(rank)
        .bind(delivery.name.clone())
        .bind(delivery.phone.clone())
        .bind(delivery.postcode.clone())
        .bind(delivery.address.clone())
        .bind(delivery.detail.clone())
        .run()
        .await?;
        if form.save {
            let draft = AddressDraft { delivery, note: String::new() };
            addresses::save(&mut tx, member, &draft, now).await?;
        }
        // Where it goes is for the creator's page alone.
        let claimed = serde_json::json!({ "event": event, "rank": rank });
        webhooks::note(&mut tx, event, WebhookKind::PrizeClaimed, &claimed, now).await?;
        Ok(tx.commit().await?)
    }

    /// Marks prizes as sent; what their winners wrote is erased thirty days later.
    ///
    /// # Errors
    /// Not the creator; not filled in, or sent before; the database's.
    pub async fn send(&self, actor: &Actor, event: EventId, rank: u64) -> Result<(), Error> {
        retried!(self.send_once(actor, event, rank))
    }

    async fn send_once(&self, actor: &Actor, event: EventId, rank: u64) -> Result<(), Error> {
        let creator = actor.creator()?.member;
        let now = self.clock.now();
        let mut tx = self.db.begin(Lane::Other).await?;
        let (held, _) = owned(&mut tx, event, creator).await?;
        let sent = tx
            .sql("update claims set state = $1, sent_at = $2 where event_id = $3 and rank = $4 and state = $5")
            .bind(ClaimState::Sent)
            .bind(now)
            .bind(held.event())
            .bind(rank as i64)
            .bind(ClaimState::Filled)
            .run()
            .await?;
        if sent == 0 {
            return Err(Error::Refused(GiveawayError::AlreadyDone.into()));
        }
        outbox::write(&mut tx, &Trigger::Entrant { event, rank, notice: Notice::Sent }, now).await?;
        let winner = tx.sql("select member_id from entries where event_id = $1 and rank = $2");
        let (winner,): (MemberId,) = winner.bind(event).bind(rank as i64).one().await?;
        audit::note(&mut tx, now, actor, AuditAction::SendPrize, (winner, event), "").await?;
        Ok(tx.commit().await?)
    }

    /// Takes an entry out of an event, with a reason that stays visible. The prize it held goes to the first who stands by.
    ///
    /// # Errors
    /// Not the creator; called off or settled; no such entry; taken out or sent before; no good reason; the database's.
    pub async fn disqualify(&self, actor: &Actor, event: EventId, rank: u64, reason: &str) -> Result<(), Error> {
        actor.creator()?;
        let mut errors = FormErrors::default();
        let reason = errors.check("reason", text::line(reason, 2, 200)).unwrap_or_default();
        errors.into_result()?;
        let member = retried!(self.take_out(actor, event, rank, &reason))?;
        // Who did it looks at the table next.
        self.turnstile.settle_briefly(event, member, |entry| entry.state == EntryState::Disqualified).await;
        Ok(())
    }

    /// Writes that an entry is taken out; whose it is.
    async fn take_out(&self, actor: &Actor, event: EventId, rank: u64, reason: &str) -> Result<MemberId, Error> {
        let (creator, now) = (actor.creator()?.member, self.clock.now());
        let mut tx = self.db.begin(Lane::Other).await?;
        let (held, standing) = owned(&mut tx, event, creator).await?;
        if standing.cancelled_at.is_some() {
            return Err(Error::Refused(EventError::Cancelled.into()));
        }
        if standing.settled_at.is_some() {
            return Err(Error::Refused(EventError::Settled.into()));
        }
        let entry: Option<(MemberId, EntryState)> = tx
            .sql("select member_id, state from entries where event_id = $1 and rank = $2")
            .bind(event)
            .bind(rank as i64)
            .optional()
            .await?;
        let (member, state) = entry.ok_or(model::Error::NotFound)?;
        let written = tx
            .sql(
                "insert into disqualifications (event_id, rank, reason, at) values ($1, $2, $3, $4)
                 on conflict (event_id, rank) do nothing",
            )
            .bind(event)
            .bind(rank as i64)
            .bind(reason.to_owned())
            .bind(now)
            .run()
            .await?;
        if state == EntryState::Disqualified || written == 0 {
            return Err(Error::Refused(GiveawayError::AlreadyDone.into()));
        }
        write_claim(&mut tx, held, rank as i64).await?;
        let sent = tx.sql(
            "select 1 from claims where event_id = $1 and rank = $2 and state = 'sent'
             union all select 1 from orders where event_id = $1 and rank = $2 and state in ('shipped', 'delivered')",
        );
        if sent.bind(event).bind(rank as i64).exists().await? {
            return Err(Error::Refused(GiveawayError::AlreadyDone.into()));
        }
        let unit = prizes::withdraw(&mut tx, held, rank).await?;
        turnstile::write_command(&mut tx, event, &Command::Disqualify { member, held: unit }, now).await?;
        let notice = Notice::Disqualified { reason: reason.to_owned() };
        outbox::write(&mut tx, &Trigger::Entrant { event, rank, notice }, now).await?;
        audit::note(&mut tx, now, actor, AuditAction::Disqualify, (member, event), reason).await?;
        tx.commit().await?;
        Ok(member)
    }
}

/// Writes down the claim of one who won by their click, unless it was.
async fn write_claim(tx: &mut Tx, held: HeldEvent, rank: i64) -> Result<(), sqlx::Error> {
    jobs::write_claims(tx, held, rank - 1, rank).await.map(|_| ())
}

#[derive(sqlx::FromRow)]
struct EventRow {
    creator_id: MemberId,
    cancelled_at: Option<Time>,
    settled_at: Option<Time>,
}

/// Holds the event; fails unless it is `creator`'s.
async fn owned(tx: &mut Tx, event: EventId, creator: MemberId) -> Result<(HeldEvent, EventRow), Error> {
    let held = tx.hold_event(event).await?;
    let standing: Option<EventRow> =
        tx.sql("select creator_id, cancelled_at, settled_at from events where id = $1").bind(event).optional().await?;
    let standing = standing.ok_or(model::Error::NotFound)?;
    if standing.creator_id == creator { Ok((held, standing)) } else { Err(model::Error::Forbidden.into()) }
}
