//! What happens by itself: claims written down after the rush, deadlines, reminders, settling, erasing. [`crate::jobs`]
//! says when.
//!
//! Each step reads from the database what is due and changes it under a condition, so it may run late, twice, or be cut
//! short: the deadline decides, not the moment the job ran.

use super::Giveaways;
use crate::{
    Error, background,
    db::{Chunk, HeldEvent, Lane, Tx},
    notices::Notices,
    outbox::{self, Trigger},
    turnstile::{self, Command, Unit},
};
use model::{ClaimState, EventId, Kind, MINUTE, MemberId, Notice, Time, claim};
use std::{
    ops::RangeInclusive,
    sync::PoisonError,
    time::{Duration, Instant},
};

/// An event whose entries still grow is left alone for so many looks.
const PATIENCE: u32 = 20;
/// Ranks projected in one transaction: see [`Chunk`].
const CHUNK: RangeInclusive<i64> = 50..=500;
/// Events settled in one transaction.
const SETTLED: RangeInclusive<i64> = 10..=AT_ONCE;
/// Rows changed in one transaction.
const AT_ONCE: i64 = 200;

#[derive(sqlx::FromRow)]
struct Lag {
    event_id: EventId,
    total: i64,
    projected: i64,
}

#[derive(sqlx::FromRow)]
struct Due {
    event_id: EventId,
    rank: i64,
    place: i64,
    member_id: MemberId,
    first_at: Time,
    due_at: Time,
}

impl Due {
    /// In which events are held and claims changed, so that no two wait for each other.
    fn order(&self) -> (EventId, i64) {
        (self.event_id, self.rank)
    }
}

/// Holds an event, unless it was the `last` that was held.
async fn hold(tx: &mut Tx, last: &mut Option<HeldEvent>, event: EventId) -> Result<HeldEvent, sqlx::Error> {
    match *last {
        Some(held) if held.event() == event => Ok(held),
        _ => Ok(*last.insert(tx.hold_event(event).await?)),
    }
}

/// Claims of those among ranks after `first` up to `last` who won by their click, unless they were written.
pub(super) async fn write_claims(tx: &mut Tx, held: HeldEvent, first: i64, last: i64) -> Result<u64, sqlx::Error> {
    tx.sql(
        "insert into claims (event_id, rank, place, member_id, state, first_at, given_at, due_at, remind_at)
         select event_id, rank, rank, member_id, 'offered', entered_at, entered_at, entered_at + $4, entered_at + $5
         from entries join events on id = event_id
         where event_id = $1 and rank > $2 and rank <= $3 and rank <= capacity and state = 'won' and kind = $6
            and cancelled_at is null
         on conflict (event_id, rank) do nothing",
    )
    .bind(held.event())
    .bind(first)
    .bind(last)
    .bind(claim::FIRST.micros())
    .bind(claim::remind_at(Time(0), claim::due_first(Time(0))).since(Time(0)).micros())
    .bind(Kind::Giveaway)
    .run()
    .await
}

/// Where their members find those of an event's entries whose ranks are after `first` up to `last`, unless it was written.
async fn write_members(tx: &mut Tx, held: HeldEvent, first: i64, last: i64) -> Result<u64, sqlx::Error> {
    tx.sql(
        "insert into member_entries (member_id, entered_at, event_id, rank)
         select member_id, entered_at, event_id, rank from entries
         where event_id = $1 and rank > $2 and rank <= $3
         on conflict do nothing",
    )
    .bind(held.event())
    .bind(first)
    .bind(last)
    .run()
    .await
}

/// Ends a claim whose deadline passed; whether it was still offered.
async fn expire_claim(tx: &mut Tx, held: HeldEvent, rank: i64, now: Time) -> Result<bool, sqlx::Error> {
    let expired = tx
        .sql(
            "update claims set state = $1, remind_at = null
             where event_id = $2 and rank = $3 and state = $4 and due_at <= $5",
        )
        .bind(ClaimState::Expired)
        .bind(held.event())
        .bind(rank)
        .bind(ClaimState::Offered)
        .bind(now)
        .run()
        .await?;
    Ok(expired == 1)
}

/// Notes that a holder is reminded; whether they were not before.
async fn note_reminded(tx: &mut Tx, held: HeldEvent, rank: i64) -> Result<bool, sqlx::Error> {
    let noted = tx
        .sql("update claims set remind_at = null where event_id = $1 and rank = $2 and remind_at is not null")
        .bind(held.event())
        .bind(rank)
        .run()
        .await?;
    Ok(noted == 1)
}

/// Which events can be settled; `$1` is the latest closing.
macro_rules! nothing_left {
    () => {
        "where settled_at is null and cancelled_at is null and published_at is not null and closes_at <= $1
            and not exists (select 1 from tallies t where t.event_id = events.id
                and (t.followed < t.total or t.ends_at is not null or t.held > 0))
            and not exists (select 1 from claims c where c.event_id = events.id and c.state = 'offered')
            and not exists (select 1 from commands m where m.event_id = events.id and m.done_at is null)"
    };
}

/// Settles an event that can be; the same is asked again, now that it is held.
async fn settle(tx: &mut Tx, held: HeldEvent, closed_before: Time, now: Time) -> Result<(), sqlx::Error> {
    tx.sql(concat!("update events set settled_at = $2 ", nothing_left!(), " and id = $3"))
        .bind(closed_before)
        .bind(now)
        .bind(held.event())
        .run()
        .await?;
    Ok(())
}

impl Giveaways {
    /// Writes what follows from entries, once their event stops growing or has kept us waiting long enough.
    pub(crate) async fn project_lagging(&self) -> Result<(), Error> {
        for Lag { event_id, total, projected } in self.lagging().await? {
            if self.has_waited(event_id, total) {
                self.project(event_id, projected, total).await?;
            }
        }
        Ok(())
    }

    /// Entries of a member that are committed and not yet listed for their members, by event and rank: as far as this node has
    /// their events in memory. Nothing is written and no event is loaded for it; others are found a little later.
    ///
    /// # Errors
    /// The database's.
    pub async fn unlisted(&self, member: MemberId) -> Result<Vec<(EventId, u64)>, Error> {
        // Their own is among those that grew last; asked of each is only what is in memory.
        let lagging: Vec<Lag> = self
            .db
            .sql(
                "select event_id, total, followed as projected from tallies where followed < total
                 order by last_at desc limit 1000",
            )
            .all()
            .await?;
        let mut unlisted = Vec::new();
        for Lag { event_id, projected, .. } in lagging {
            let Some(entry) = self.turnstile.known_entry(event_id, member) else { continue };
            let listed = "select 1 from member_entries where member_id = $1 and entered_at = $2 and event_id = $3";
            if entry.rank as i64 > projected
                && !self.db.sql(listed).bind(member).bind(entry.entered_at).bind(event_id).exists().await?
            {
                unlisted.push((event_id, entry.rank));
            }
        }
        Ok(unlisted)
    }

    /// Whether an event has no more entries than at the last look, or was left alone for [`PATIENCE`] looks.
    fn has_waited(&self, event: EventId, total: i64) -> bool {
        let mut growing = self.growing.lock().unwrap_or_else(PoisonError::into_inner);
        let (seen, waited) = growing.remove(&event).unwrap_or((-1, 0));
        let enough = seen == total || waited >= PATIENCE;
        if !enough {
            growing.insert(event, (total, waited + 1));
        }
        enough
    }

    /// Everything that is due, at once: for tests.
    ///
    /// # Errors
    /// The database's.
    pub async fn catch_up(&self, notices: &Notices) -> Result<(), Error> {
        for Lag { event_id, total, projected } in self.lagging().await? {
            self.project(event_id, projected, total).await?;
        }
        self.expire().await?;
        self.expire_some_older().await?;
        self.remind().await?;
        notices.deliver().await?;
        self.settle().await?;
        self.erase().await
    }

    /// Those that grew longest ago come first, so that however many others grow, none is left behind.
    async fn lagging(&self) -> Result<Vec<Lag>, Error> {
        Ok(self
            .db
            .sql(
                "select event_id, total, followed as projected from tallies where followed < total
                 order by last_at, event_id limit 100",
            )
            .all()
            .await?)
    }

    /// Writes what follows from entries: where their members find them, and claims of those who won.
    async fn project(&self, event: EventId, projected: i64, total: i64) -> Result<(), Error> {
        let mut chunk = Chunk::new(self.db.dialect(), CHUNK);
        let mut first = projected;
        while first < total {
            let last = total.min(first + chunk.rows());
            let started = Instant::now();
            let mut tx = self.db.begin(Lane::Other).await?;
            let held = tx.hold_event(event).await?;
            // Another node may have done so meanwhile.
            let there: Option<(i64,)> =
                tx.sql("select followed from tallies where event_id = $1").bind(event).optional().await?;
            if there != Some((first,)) {
                return Ok(());
            }
            write_members(&mut tx, held, first, last).await?;
            let kind: (Kind,) = tx.sql("select kind from events where id = $1").bind(event).one().await?;
            (self.outcomes)(kind.0).project(&mut tx, held, first, last, self.clock.now()).await?;
            // Last, as the turnstile writes this row with every batch.
            tx.sql("update tallies set followed = $1 where event_id = $2").bind(last).bind(event).run().await?;
            tx.commit().await?;
            first = last;
            if first < total {
                chunk.took(started.elapsed());
                background::rest(started).await;
            }
        }
        Ok(())
    }

    /// Prizes whose holder let the deadline pass go on.
    pub(crate) async fn expire(&self) -> Result<(), Error> {
        loop {
            let now = self.clock.now();
            let mut due: Vec<Due> = self
                .db
                .sql(
                    "select event_id, rank, place, member_id, first_at, due_at from claims
                     where state = 'offered' and due_at <= $1 order by due_at limit $2",
                )
                .bind(now)
                .bind(AT_ONCE)
                .all()
                .await?;
            if due.is_empty() {
                return Ok(());
            }
            due.sort_unstable_by_key(Due::order);
            let mut last = None;
            let mut tx = self.db.begin(Lane::Other).await?;
            for Due { event_id, rank, place, member_id, first_at, .. } in &due {
                let held = hold(&mut tx, &mut last, *event_id).await?;
                if expire_claim(&mut tx, held, *rank, now).await? {
                    let unit = Unit { number: *place as u64, first_at: Some(*first_at) };
                    let command = Command::Lapse { member: *member_id, held: Some(unit) };
                    turnstile::write_command(&mut tx, *event_id, &command, now).await?;
                    let rank = *rank as u64;
                    let trigger = Trigger::Entrant { event: *event_id, rank, notice: Notice::Expired };
                    outbox::write(&mut tx, &trigger, now).await?;
                }
            }
            tx.commit().await?;
            if (due.len() as i64) < AT_ONCE {
                return Ok(());
            }
        }
    }

    /// Entries whose prize went on before it was recorded who let it pass expire, too. Runs until the program ends.
    pub(crate) async fn expire_older(self) {
        /// Once a day: a node of before may still have been at work at the last look.
        const EVERY: Duration = Duration::from_secs(24 * 3600);
        const AGAIN: Duration = Duration::from_secs(10);
        loop {
            let pause = match self.expire_some_older().await {
                Ok(()) => EVERY,
                Err(error) => {
                    tracing::warn!(%error, "entries of before cannot expire yet");
                    AGAIN
                }
            };
            tokio::time::sleep(pause).await;
        }
    }

    async fn expire_some_older(&self) -> Result<(), Error> {
        let mut after = (EventId(uuid::Uuid::nil()), 0_i64);
        loop {
            let older: Vec<(EventId, i64, MemberId)> = self
                .db
                .sql(
                    "select c.event_id, c.rank, c.member_id
                     from claims c join entries e on e.event_id = c.event_id and e.rank = c.rank
                     where c.state = 'expired' and e.state = 'won' and (c.event_id, c.rank) > ($1, $2)
                     order by c.event_id, c.rank limit $3",
                )
                .bind(after.0)
                .bind(after.1)
                .bind(AT_ONCE)
                .all()
                .await?;
            let Some((event, rank, _)) = older.last() else { return Ok(()) };
            after = (*event, *rank);
            let now = self.clock.now();
            let mut tx = self.db.begin(Lane::Other).await?;
            for (event, _, member) in older {
                // What waits to be applied already is said twice, and the second changes nothing.
                turnstile::write_command(&mut tx, event, &Command::Lapse { member, held: None }, now).await?;
            }
            tx.commit().await?;
            // They are in no hurry.
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Holders who have not claimed get one reminder.
    pub(crate) async fn remind(&self) -> Result<(), Error> {
        let now = self.clock.now();
        let mut due: Vec<Due> = self
            .db
            .sql(
                "select event_id, rank, place, member_id, first_at, due_at from claims
                 where remind_at is not null and remind_at <= $1 order by remind_at limit $2",
            )
            .bind(now)
            .bind(AT_ONCE)
            .all()
            .await?;
        if due.is_empty() {
            return Ok(());
        }
        due.sort_unstable_by_key(Due::order);
        let mut last = None;
        let mut tx = self.db.begin(Lane::Other).await?;
        for Due { event_id, rank, due_at, .. } in due {
            let held = hold(&mut tx, &mut last, event_id).await?;
            // A holder who is late already gets that notice instead.
            if note_reminded(&mut tx, held, rank).await? && due_at > now {
                let trigger =
                    Trigger::Entrant { event: event_id, rank: rank as u64, notice: Notice::FormDue { due_at } };
                outbox::write(&mut tx, &trigger, now).await?;
            }
        }
        Ok(tx.commit().await?)
    }

    /// Closed events with nothing left to claim or to pass on are settled.
    pub(crate) async fn settle(&self) -> Result<(), Error> {
        let now = self.clock.now();
        // Clicks of the last second may still be on their way.
        let closed_before = now - MINUTE;
        let mut settled: Vec<(EventId,)> =
            self.db.sql(concat!("select id from events ", nothing_left!())).bind(closed_before).all().await?;
        settled.sort_unstable();
        let mut chunk = Chunk::new(self.db.dialect(), SETTLED);
        let mut left = settled.as_slice();
        while !left.is_empty() {
            let (some, rest) = left.split_at(left.len().min(chunk.rows() as usize));
            let started = Instant::now();
            let mut tx = self.db.begin(Lane::Other).await?;
            for (event,) in some {
                let held = tx.hold_event(*event).await?;
                settle(&mut tx, held, closed_before, now).await?;
            }
            tx.commit().await?;
            left = rest;
            if !left.is_empty() {
                chunk.took(started.elapsed());
                background::rest(started).await;
            }
        }
        Ok(())
    }

    /// What winners wrote is erased when their prize was sent long enough ago, or they gave it so long ago that it does not
    /// matter what became of the prize.
    pub(crate) async fn erase(&self) -> Result<(), Error> {
        while self.erase_some().await? {}
        // Deleted is not gone: it stands in the database's files until something else is written there. What else deletes
        // what people wrote, such as calling an event off, waits for the day's turn.
        Ok(self.leftovers.wipe().await?)
    }

    /// The next of them; whether there may be more.
    async fn erase_some(&self) -> Result<bool, Error> {
        let now = self.clock.now();
        let sent = self.db.sql(
            "select event_id, rank from claims
             where state = 'sent' and erased_at is null and sent_at <= $1 order by sent_at limit $2",
        );
        let mut due: Vec<(EventId, i64)> = sent.bind(now - claim::KEPT).bind(AT_ONCE).all().await?;
        let given = self.db.sql(
            "select event_id, rank from claims
             where filled_at is not null and erased_at is null and filled_at <= $1 order by filled_at limit $2",
        );
        let given: Vec<(EventId, i64)> = given.bind(now - claim::KEPT_AT_MOST).bind(AT_ONCE).all().await?;
        if due.is_empty() && given.is_empty() {
            return Ok(false);
        }
        let more = due.len().max(given.len()) as i64 == AT_ONCE;
        due.extend(given);
        due.sort_unstable();
        due.dedup();
        let mut held = None;
        let mut tx = self.db.begin(Lane::Other).await?;
        for (event, rank) in due {
            hold(&mut tx, &mut held, event).await?;
            tx.sql("delete from deliveries where event_id = $1 and rank = $2").bind(event).bind(rank).run().await?;
            tx.sql("update claims set erased_at = $1 where event_id = $2 and rank = $3")
                .bind(now)
                .bind(event)
                .bind(rank)
                .run()
                .await?;
        }
        tx.commit().await?;
        self.leftovers.add();
        Ok(more)
    }
}
