//! Whoever subscribed to what a new event is about: by its category, then by keywords that stand in it; each is told once, whatever of
//! theirs it matches.

use super::{Audience, Notices, Recipient, Said, insert_all, keywords::keys_in};
use crate::{
    Error,
    db::{Chunk, Dialect, Lane, Tx},
    ids,
    outbox::{self, Trigger, Waiting},
};
use model::{Category, DAY, EventId, MemberId, Notice, Offer, Time, subscriptions::Described};
use std::{collections::HashSet, time::Instant};

/// Events that are over, of which it is forgotten who was told, looked for at once.
const EVENTS: i64 = 20;
/// Rows forgotten in one transaction.
const AT_ONCE: i64 = 500;

#[derive(sqlx::FromRow)]
struct Published {
    category: Category,
    title: String,
    summary: String,
    offer: String,
    opens_at: Time,
}

impl Published {
    fn described(&self) -> Result<Described, Error> {
        let offer: Offer = serde_json::from_str(&self.offer).map_err(|_| model::Error::Internal)?;
        Ok(Described::new(self.category, &self.title, &self.summary, &offer))
    }
}

/// Notes that people are told of an event; whom of them it was not noted before.
async fn note_alerts(tx: &mut Tx, event: EventId, people: &[Recipient]) -> Result<HashSet<MemberId>, sqlx::Error> {
    if people.is_empty() {
        return Ok(HashSet::new());
    }
    let noted: Vec<(MemberId,)> = match tx.dialect() {
        Dialect::Sqlite => {
            let members: Vec<String> = people.iter().map(|person| ids::digits(person.member_id.0)).collect();
            let insert = tx.sql(
                "insert into event_alerts (event_id, member_id) select $1, unhex(value) from json_each($2) where true
                 on conflict do nothing returning member_id",
            );
            insert.bind(event).bind_json(&members).all().await?
        }
        Dialect::Postgres => {
            let insert = tx.sql(
                "insert into event_alerts (event_id, member_id) select $1, told.member_id from unnest($2::uuid[]) told (member_id)
                 on conflict do nothing returning member_id",
            );
            insert
                .bind(event)
                .bind_column(people.iter().map(|person| person.member_id.0).collect::<Vec<_>>())
                .all()
                .await?
        }
    };
    Ok(noted.into_iter().map(|(member,)| member).collect())
}

impl Notices {
    /// Tells the next of those who subscribed to a new event's category, and behind the last of them leaves a trigger for each keyword that
    /// stands in it; or the next of those who subscribed to such a keyword. Whether nobody is left, or another node goes on with it.
    pub(super) async fn tell_some_subscribers(&self, waiting: &mut Waiting, chunk: &mut Chunk) -> Result<bool, Error> {
        let (Trigger::NewEvent { event, at, by, .. } | Trigger::NewForKeyword { event, at, by, .. }) = &waiting.trigger
        else {
            return Ok(true);
        };
        let (event, at, by, now, many) = (*event, *at, *by, self.clock.now(), chunk.rows());
        let published: Option<Published> = self
            .db
            .sql(
                "select category, title, summary, offer, opens_at from events
                 where id = $1 and published_at is not null and cancelled_at is null and suspended_at is null and closes_at > $2",
            )
            .bind(event)
            .bind(now)
            .optional()
            .await?;
        let nobody = || Audience { people: Vec::new(), told: waiting.told, is_last: true };
        let mut keys = Vec::new();
        let audience = match (&waiting.trigger, &published) {
            (Trigger::NewEvent { before, .. }, Some(published)) => {
                let is_new = before.as_ref().is_none_or(|before| before.category != published.category);
                let audience = match is_new {
                    true => self.of_category(published.category, by, waiting.told, at, many).await?,
                    false => nobody(),
                };
                if audience.is_last {
                    keys = keys_in(&self.db, &published.described()?).await?;
                    keys.retain(|key| before.as_ref().is_none_or(|before| !before.has(key)));
                }
                audience
            }
            (Trigger::NewForKeyword { key, .. }, Some(_)) => self.of_keyword(key, by, waiting.told, at, many).await?,
            _ => nobody(),
        };
        let Audience { mut people, told, is_last } = audience;
        // All in the same order, so that of two nodes with two triggers neither waits for the other.
        people.sort_unstable_by_key(|person| person.member_id.0);
        let is_full = people.len() as i64 >= many;
        let (began, mut tx) = (Instant::now(), self.db.begin(Lane::Other).await?);
        if !waiting.advance(&mut tx, told, is_last.then_some(now)).await? {
            tx.commit().await?;
            return Ok(true);
        }
        for key in keys {
            outbox::write(&mut tx, &Trigger::NewForKeyword { event, key, at, by }, now).await?;
        }
        if let Some(Published { opens_at, title, .. }) = published {
            let new = note_alerts(&mut tx, event, &people).await?;
            let told = people.iter().map(|person| person.member_id).filter(|member| new.contains(member));
            insert_all(&mut tx, told, Said::new(&Notice::NewEvent { opens_at }, Some(event), Some(&title), now)?);
        }
        tx.commit().await?;
        if is_full {
            chunk.took(began.elapsed());
        }
        Ok(is_last)
    }

    /// The next of those who subscribed to a category, until a moment.
    async fn of_category(
        &self,
        category: Category,
        by: MemberId,
        told: i64,
        until: Time,
        many: i64,
    ) -> Result<Audience, Error> {
        let edge = self.db.sql(
            "select at from category_subscriptions where category = $1 and at > $2 and at <= $3 order by at limit 1 offset $4",
        );
        let edge: Option<(i64,)> = edge.bind(category).bind(told).bind(until).bind(many - 1).optional().await?;
        let to = edge.map_or(until.0, |(at,)| at);
        let rows = self.db.sql(
            "select at as rank, member_id, cast(null as bigint) as due_at from category_subscriptions
             where category = $1 and at > $2 and at <= $3 and member_id <> $4 order by at, member_id",
        );
        let people = rows.bind(category).bind(told).bind(to).bind(by).all().await?;
        Ok(Audience { people, told: to, is_last: edge.is_none() })
    }

    /// The next of those who subscribed to a keyword, until a moment.
    async fn of_keyword(&self, key: &str, by: MemberId, told: i64, until: Time, many: i64) -> Result<Audience, Error> {
        let edge = self
            .db
            .sql("select at from keyword_subscriptions where key = $1 and at > $2 and at <= $3 order by at limit 1 offset $4");
        let edge: Option<(i64,)> = edge.bind(key.to_owned()).bind(told).bind(until).bind(many - 1).optional().await?;
        let to = edge.map_or(until.0, |(at,)| at);
        let rows = self.db.sql(
            "select at as rank, member_id, cast(null as bigint) as due_at from keyword_subscriptions
             where key = $1 and at > $2 and at <= $3 and member_id <> $4 order by at, member_id",
        );
        let people = rows.bind(key.to_owned()).bind(told).bind(to).bind(by).all().await?;
        Ok(Audience { people, told: to, is_last: edge.is_none() })
    }

    /// Forgets who was told of events that closed or were called off: until then more may come into them, or others be told still.
    ///
    /// # Errors
    /// The database's.
    pub(crate) async fn forget_alerts(&self) -> Result<(), Error> {
        let now = self.clock.now();
        loop {
            let over: Vec<(EventId,)> = self
                .db
                .sql(
                    "select id from (
                        select id from events where published_at is not null and cancelled_at is null and closes_at <= $1 and closes_at > $2
                        union all select id from events where cancelled_at is not null) ended
                     where exists (select 1 from event_alerts a where a.event_id = ended.id) limit $3",
                )
                .bind(now)
                .bind(now - 7 * DAY)
                .bind(EVENTS)
                .all()
                .await?;
            for (event,) in &over {
                let mut tx = self.db.begin(Lane::Other).await?;
                tx.sql(
                    "delete from event_alerts where event_id = $1 and member_id in
                        (select member_id from event_alerts where event_id = $1 limit $2)",
                )
                .bind(*event)
                .bind(AT_ONCE)
                .run()
                .await?;
                tx.commit().await?;
            }
            if over.is_empty() {
                return Ok(());
            }
        }
    }
}
