//! What follows from a giveaway's units: each is a prize, and whoever is given one has a claim with a deadline.

use super::jobs;
use crate::{
    db::{Db, Dialect, HeldEvent, Tx},
    outbox::{self, Trigger},
    turnstile::{self, Batch, Command, Outcome, Reassigned, Replayed, Unit, UnitDeadline},
};
use futures::{FutureExt, future::BoxFuture};
use model::{ClaimState, EntryState, EventId, Time, claim};

/// The outcome of giveaways.
pub(crate) struct Prizes;

impl Outcome for Prizes {
    fn deadline(&self, unit: Unit, now: Time) -> UnitDeadline {
        match unit.first_at {
            None => UnitDeadline::At(claim::due_first(now)),
            Some(first_at) => claim::due_again(first_at, now).map_or(UnitDeadline::Over, UnitDeadline::At),
        }
    }

    fn write<'a>(
        &'a self,
        tx: &'a mut Tx,
        held: HeldEvent,
        batch: &'a Batch,
        now: Time,
    ) -> BoxFuture<'a, Result<(), sqlx::Error>> {
        write(tx, held, batch, now).boxed()
    }

    fn project<'a>(
        &'a self,
        tx: &'a mut Tx,
        held: HeldEvent,
        first: i64,
        last: i64,
        now: Time,
    ) -> BoxFuture<'a, Result<(), sqlx::Error>> {
        async move {
            if jobs::write_claims(tx, held, first, last).await? > 0 {
                let trigger = Trigger::Won { event: held.event(), from: first as u64 + 1, to: last as u64 };
                outbox::write(tx, &trigger, now).await?;
            }
            Ok(())
        }
        .boxed()
    }

    fn check<'a>(
        &'a self,
        db: &'a Db,
        event: EventId,
        replayed: &'a Replayed,
    ) -> BoxFuture<'a, Result<Vec<String>, sqlx::Error>> {
        check(db, event, replayed).boxed()
    }
}

async fn write(tx: &mut Tx, held: HeldEvent, batch: &Batch, now: Time) -> Result<(), sqlx::Error> {
    let event = held.event();
    offer(tx, held, &batch.reassigned).await?;
    for run in batch.reassigned.chunk_by(|a, b| b.rank == a.rank + 1) {
        let trigger = Trigger::Won { event, from: run[0].rank, to: run[run.len() - 1].rank };
        outbox::write(tx, &trigger, now).await?;
    }
    // Who was taken out may have been given a prize since the creator decided so.
    for (rank, _) in batch.marks.iter().filter(|(_, state)| *state == EntryState::Disqualified) {
        if let Some(unit) = withdraw(tx, held, *rank).await? {
            turnstile::write_command(tx, event, &Command::Reassign(unit), now).await?;
        }
    }
    Ok(())
}

/// Offers prizes to those they went on to. Nothing is offered of an event that was called off while the batch waited.
async fn offer(tx: &mut Tx, held: HeldEvent, reassigned: &[Reassigned]) -> Result<(), sqlx::Error> {
    // A prize is never given without a deadline.
    let offers: Vec<(&Reassigned, Time)> = reassigned.iter().filter_map(|given| Some((given, given.due_at?))).collect();
    match tx.dialect() {
        Dialect::Sqlite => {
            for (Reassigned { unit, first_at, member, rank, at, .. }, due_at) in offers {
                tx.sql(
                    "insert into claims (event_id, rank, place, member_id, state, first_at, given_at, due_at, remind_at)
                     select $1, $2, $3, $4, $5, $6, $7, $8, $9 from events where id = $1 and cancelled_at is null",
                )
                .bind(held.event())
                .bind(*rank as i64)
                .bind(*unit as i64)
                .bind(*member)
                .bind(ClaimState::Offered)
                .bind(*first_at)
                .bind(*at)
                .bind(due_at)
                .bind(claim::remind_at(*at, due_at))
                .run()
                .await?;
            }
        }
        Dialect::Postgres if offers.is_empty() => {}
        Dialect::Postgres => {
            tx.sql(
                "insert into claims (event_id, state, rank, place, member_id, first_at, given_at, due_at, remind_at)
                 select $1, $2, offers.* from events,
                     unnest($3::bigint[], $4::bigint[], $5::uuid[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[]) offers
                 where id = $1 and cancelled_at is null",
            )
            .bind(held.event())
            .bind(ClaimState::Offered)
            .bind_column(offers.iter().map(|(given, _)| given.rank as i64).collect())
            .bind_column(offers.iter().map(|(given, _)| given.unit as i64).collect())
            .bind_column(offers.iter().map(|(given, _)| given.member.0).collect())
            .bind_column(offers.iter().map(|(given, _)| given.first_at.0).collect())
            .bind_column(offers.iter().map(|(given, _)| given.at.0).collect())
            .bind_column(offers.iter().map(|(_, due_at)| due_at.0).collect())
            .bind_column(offers.iter().map(|(given, due_at)| claim::remind_at(given.at, *due_at).0).collect())
            .run()
            .await?;
        }
    }
    Ok(())
}

/// Takes back the prize that a rank holds, when it holds one, with what was written for it.
///
/// # Errors
/// The database's.
pub(super) async fn withdraw(tx: &mut Tx, held: HeldEvent, rank: u64) -> Result<Option<Unit>, sqlx::Error> {
    let withdrawn: Option<(i64, Time)> = tx
        .sql(
            "update claims set state = $1, remind_at = null
             where event_id = $2 and rank = $3 and state in ('offered', 'filled') returning place, first_at",
        )
        .bind(ClaimState::Withdrawn)
        .bind(held.event())
        .bind(rank as i64)
        .optional()
        .await?;
    if withdrawn.is_some() {
        let erase = tx.sql("delete from deliveries where event_id = $1 and rank = $2");
        erase.bind(held.event()).bind(rank as i64).run().await?;
    }
    Ok(withdrawn.map(|(place, first_at)| Unit { number: place as u64, first_at: Some(first_at) }))
}

#[derive(sqlx::FromRow)]
struct ClaimRow {
    rank: i64,
    place: i64,
}

/// Whoever claims a prize has won, and holds it by the log.
async fn check(db: &Db, event: EventId, replayed: &Replayed) -> Result<Vec<String>, sqlx::Error> {
    let claims: Vec<ClaimRow> = db
        .sql(
            "select rank, place from claims
             where event_id = $1 and rank <= $2 and state in ('offered', 'filled', 'sent')",
        )
        .bind(event)
        .bind(replayed.total() as i64)
        .all()
        .await?;
    let mut wrong = Vec::new();
    for ClaimRow { rank, place } in claims {
        let (state, holder) = (replayed.state(rank as u64), replayed.holder(place as u64));
        if state != Some(EntryState::Won) {
            wrong.push(format!("rank {rank} claims a place and is {state:?}"));
        }
        if holder != Some(rank as u64) {
            wrong.push(format!("rank {rank} claims place {place}, which the log gives to {holder:?}"));
        }
    }
    Ok(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_prize_goes_on_until_its_seven_days_are_over(first in 0i64..1_000, after in 0..2 * claim::IN_ALL.micros(), number: u64) {
            let (first_at, now) = (Time(first), Time(first + after));
            let after = now - first_at;
            let again = Prizes.deadline(Unit { number, first_at: Some(first_at) }, now);
            match again {
                UnitDeadline::At(due_at) => {
                    prop_assert!(due_at > now && due_at <= now + claim::AGAIN && due_at <= first_at + claim::IN_ALL);
                }
                UnitDeadline::Over => prop_assert!(after >= claim::IN_ALL),
                UnitDeadline::Never => prop_assert!(false, "a prize has a deadline"),
            }
            // What nobody ever had is as if it was won by a click just now.
            let first = Prizes.deadline(Unit { number, first_at: None }, now);
            prop_assert_eq!(first, UnitDeadline::At(now + claim::FIRST));
        }
    }
}
