//! Whoever wishes for an event: reminded before it opens, and told of what becomes of it.

use super::{Audience, Notices, Recipient};
use crate::{
    Error,
    db::{Dialect, Lane, Tx},
    ids,
    outbox::{self, Trigger, Waiting},
};
use model::{
    EventId, HOUR, MemberId, Notice, Time,
    notices::{Kind, REMINDED},
};

/// Openings looked at in one pass.
const OPENINGS: i64 = 200;
/// Where those who wish for an event begin behind those who entered it, whose ranks come before.
const BEHIND_ENTRANTS: i64 = 1 << 60;

/// The kinds of reminders that were due together with one and are nearer to the opening: who is told one of those is not told this.
pub(super) fn nearer(trigger: &Trigger) -> Vec<Kind> {
    let Trigger::Wishers { at, notice: Notice::Opens { opens_at, hours }, .. } = trigger else { return Vec::new() };
    let due = |other: &u32| other < hours && *opens_at <= *at + i64::from(*other) * HOUR;
    REMINDED.into_iter().filter(due).map(|hours| Notice::Opens { opens_at: *opens_at, hours }.kind()).collect()
}

/// Of which event the next whom a trigger tells are entrants, while others come behind them as those who wish for it.
pub(super) fn among_entrants(waiting: &Waiting) -> Option<EventId> {
    match waiting.trigger {
        Trigger::Edited { event } | Trigger::CalledOff { event, .. } if waiting.told < BEHIND_ENTRANTS => Some(event),
        _ => None,
    }
}

/// Notes of entrants who are told that they entered, as far as they wish for the event.
///
/// # Errors
/// The database's.
pub(super) async fn note_entered(tx: &mut Tx, event: EventId, people: &[Recipient]) -> Result<(), sqlx::Error> {
    macro_rules! entered {
        ($among:literal) => {
            concat!("update wishes set entered = true where event_id = $1 and not entered and member_id ", $among)
        };
    }
    match tx.dialect() {
        Dialect::Sqlite => {
            let members: Vec<String> = people.iter().map(|person| ids::digits(person.member_id.0)).collect();
            let note = tx.sql(entered!("in (select unhex(value) from json_each($2))"));
            note.bind(event).bind_json(&members).run().await?;
        }
        Dialect::Postgres => {
            let members = people.iter().map(|person| person.member_id.0).collect::<Vec<_>>();
            tx.sql(entered!("= any($2::uuid[])")).bind(event).bind_column(members).run().await?;
        }
    }
    Ok(())
}

impl Notices {
    /// Writes the reminders that are due, each once: of several each member hears the one that is nearest to the opening of those that
    /// they wish to hear, and none once it has opened. What is due by a new opening is due anew.
    ///
    /// # Errors
    /// The database's: what was not written is due the next time.
    pub(crate) async fn remind_of_openings(&self) -> Result<(), Error> {
        loop {
            let now = self.clock.now();
            let [first, second, last] = REMINDED.map(|hours| now + i64::from(hours) * HOUR);
            let due: Vec<(EventId, Time, i64)> = self
                .db
                .sql(
                    "select id, opens_at, hours from
                        (select id, opens_at, cast(case when opens_at <= $4 then $7 when opens_at <= $3 then $6 else $5 end as bigint) as hours
                         from events where published_at is not null and cancelled_at is null and suspended_at is null
                            and opens_at > $1 and opens_at <= $2) soon
                     where not exists (select 1 from event_reminders r
                        where r.opens_at = soon.opens_at and r.event_id = soon.id and r.hours = soon.hours)
                     order by opens_at limit $8",
                )
                .bind(now)
                .bind(first)
                .bind(second)
                .bind(last)
                .bind(i64::from(REMINDED[0]))
                .bind(i64::from(REMINDED[1]))
                .bind(i64::from(REMINDED[2]))
                .bind(OPENINGS)
                .all()
                .await?;
            for (event, opens_at, hours) in &due {
                self.remind_of(*event, *opens_at, *hours).await?;
            }
            if (due.len() as i64) < OPENINGS {
                return Ok(());
            }
        }
    }

    /// Writes one reminder, unless it was written, or the event opens at another time by now; with it those before it that nobody wrote,
    /// as after a pause: see [`nearer`].
    async fn remind_of(&self, event: EventId, opens_at: Time, hours: i64) -> Result<(), Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        for due in REMINDED.into_iter().filter(|due| i64::from(*due) >= hours) {
            let noted = tx
                .sql(
                    "insert into event_reminders (opens_at, event_id, hours) select opens_at, id, $3 from events
                     where id = $1 and opens_at = $2 and published_at is not null and cancelled_at is null and suspended_at is null
                     on conflict do nothing",
                )
                .bind(event)
                .bind(opens_at)
                .bind(i64::from(due))
                .run()
                .await?;
            if noted == 1 {
                let (at, notice) = (self.clock.now(), Notice::Opens { opens_at, hours: due });
                outbox::write(&mut tx, &Trigger::Wishers { event, at, notice }, at).await?;
            }
        }
        Ok(tx.commit().await?)
    }

    /// Forgets reminders of what has opened: its opening does not come again.
    ///
    /// # Errors
    /// The database's.
    pub(crate) async fn forget_reminders(&self) -> Result<(), Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        tx.sql("delete from event_reminders where opens_at <= $1").bind(self.clock.now()).run().await?;
        Ok(tx.commit().await?)
    }

    /// The next of those who wish for an event since before `at`, for what they are told of it. Nobody is reminded of an opening that was
    /// moved, stopped or called off meanwhile, or is over.
    pub(super) async fn of_wish(
        &self,
        event: EventId,
        notice: &Notice,
        told: i64,
        at: Time,
        many: i64,
    ) -> Result<Audience, Error> {
        if let Notice::Opens { opens_at, .. } = notice {
            let opens = self.db.sql(
                "select 1 from events
                 where id = $1 and opens_at = $2 and opens_at > $3 and published_at is not null and cancelled_at is null
                    and suspended_at is null",
            );
            if !opens.bind(event).bind(*opens_at).bind(self.clock.now()).exists().await? {
                return Ok(Audience { people: Vec::new(), told, is_last: true });
            }
        }
        self.wishers(event, told, at, true, many).await
    }

    /// Everybody whom an event concerns: who entered it, by rank; behind them who wished for it by the moment `at` and was not found among
    /// those ([`note_entered`]). So who comes to wish for it while others are told is not told twice, and who no longer does is not
    /// left out. `by` knows.
    pub(super) async fn concerned(
        &self,
        event: EventId,
        by: Option<MemberId>,
        told: i64,
        at: Time,
        many: i64,
    ) -> Result<Audience, Error> {
        let mut audience = if told < BEHIND_ENTRANTS {
            let people = self.entrants(event, told, i64::MAX, many).await?;
            let is_full = people.len() as i64 == many;
            let last = people.last().map(|person| person.rank).filter(|_| is_full);
            Audience { people, told: last.unwrap_or(BEHIND_ENTRANTS), is_last: false }
        } else {
            let wishers = self.wishers(event, told - BEHIND_ENTRANTS, at, false, many).await?;
            Audience { told: BEHIND_ENTRANTS + wishers.told, ..wishers }
        };
        audience.people.retain(|person| Some(person.member_id) != by);
        Ok(audience)
    }

    /// The next of those who wish for an event, in the order in which they came to, until a moment; not whose event it is, and of those who
    /// were found among its entrants only where that is asked for.
    async fn wishers(
        &self,
        event: EventId,
        told: i64,
        until: Time,
        with_entrants: bool,
        many: i64,
    ) -> Result<Audience, Error> {
        let edge = self
            .db
            .sql("select at from wishes where event_id = $1 and at > $2 and at <= $3 order by at limit 1 offset $4");
        let edge: Option<(i64,)> = edge.bind(event).bind(told).bind(until).bind(many - 1).optional().await?;
        let to = edge.map_or(until.0, |(at,)| at);
        let rows = self.db.sql(
            "select w.at as rank, w.member_id, cast(null as bigint) as due_at from wishes w join events e on e.id = w.event_id
             where w.event_id = $1 and w.at > $2 and w.at <= $3 and ($4 or not w.entered) and w.member_id <> e.creator_id
             order by w.at, w.member_id",
        );
        let people = rows.bind(event).bind(told).bind(to).bind(with_entrants).all().await?;
        Ok(Audience { people, told: to, is_last: edge.is_none() })
    }
}
