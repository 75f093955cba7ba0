//! Whoever subscribed to what a new event is about: by its category, then by keywords that stand in it; each is told once, whatever of
//! theirs it matches.

use super::{Audience, CHUNK, Notices, Recipient, insert};
use crate::{
    Error,
    db::Lane,
    outbox::{Trigger, Waiting},
    subscriptions::keys_in,
};
use model::{Category, DAY, EventId, MemberId, Notice, Offer, Time, subscriptions::Described};

/// Where keywords begin behind the category, whose ranks are times. Behind it steps are counted: who was told is known by name.
const BEHIND_CATEGORY: i64 = 1 << 60;
/// Events that opened lately, of which it is forgotten who was told.
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

impl Notices {
    /// Tells everybody of a new event whom it concerns, unless another node does. What stands in it is read once.
    pub(super) async fn tell_subscribers(&self, mut waiting: Waiting) -> Result<(), Error> {
        let Trigger::NewEvent { event, at, by, before } = waiting.trigger.clone() else { return Ok(()) };
        let published: Option<Published> = self
            .db
            .sql(
                "select category, title, summary, offer, opens_at from events
                 where id = $1 and published_at is not null and cancelled_at is null and closes_at > $2",
            )
            .bind(event)
            .bind(self.clock.now())
            .optional()
            .await?;
        if let Some(published) = published {
            let Published { category, title, summary, offer, opens_at } = published;
            let offer: Offer = serde_json::from_str(&offer).map_err(|_| model::Error::Internal)?;
            let described = Described::new(category, &title, &summary, &offer);
            let notice = Notice::NewEvent { opens_at };
            let is_new = before.as_ref().is_none_or(|before| before.category != category);
            while is_new && waiting.told < BEHIND_CATEGORY {
                let Audience { people, told, is_last } = self.of_category(category, by, waiting.told, at).await?;
                let told = if is_last { BEHIND_CATEGORY } else { told };
                if !self.tell_once(&mut waiting, event, &notice, people, told).await? {
                    return Ok(());
                }
            }
            for key in keys_in(&self.db, &described).await? {
                if before.as_ref().is_some_and(|before| before.has(&key)) {
                    continue;
                }
                let mut from = 0;
                loop {
                    let Audience { people, told, is_last } = self.of_keyword(&key, by, from, at).await?;
                    from = told;
                    let step = waiting.told.max(BEHIND_CATEGORY) + 1;
                    if !people.is_empty() && !self.tell_once(&mut waiting, event, &notice, people, step).await? {
                        return Ok(());
                    }
                    if is_last {
                        break;
                    }
                }
            }
        }
        let mut tx = self.db.begin(Lane::Other).await?;
        let told = waiting.told;
        if waiting.advance(&mut tx, told, Some(self.clock.now())).await? {
            tx.commit().await?;
        }
        Ok(())
    }

    /// Tells those who were not told of this event yet, and notes how far that is; `false` when somebody else went on with it.
    async fn tell_once(
        &self,
        waiting: &mut Waiting,
        event: EventId,
        notice: &Notice,
        mut people: Vec<Recipient>,
        told: i64,
    ) -> Result<bool, Error> {
        // All in the same order, so that of two nodes with two triggers neither waits for the other.
        people.sort_unstable_by_key(|person| person.member_id.0);
        let now = self.clock.now();
        let mut tx = self.db.begin(Lane::Other).await?;
        if !waiting.advance(&mut tx, told, None).await? {
            return Ok(false);
        }
        for person in people {
            let noted = tx
                .sql("insert into event_alerts (event_id, member_id) values ($1, $2) on conflict do nothing")
                .bind(event)
                .bind(person.member_id)
                .run()
                .await?;
            if noted == 1 {
                insert(&mut tx, person.member_id, notice, Some(event), now).await?;
            }
        }
        tx.commit().await?;
        Ok(true)
    }

    /// The next of those who subscribed to a category, until a moment.
    async fn of_category(&self, category: Category, by: MemberId, told: i64, until: Time) -> Result<Audience, Error> {
        let edge = self.db.sql(
            "select at from category_subscriptions where category = $1 and at > $2 and at <= $3 order by at limit 1 offset $4",
        );
        let edge: Option<(i64,)> = edge.bind(category).bind(told).bind(until).bind(CHUNK - 1).optional().await?;
        let to = edge.map_or(until.0, |(at,)| at);
        let rows = self.db.sql(
            "select at as rank, member_id, cast(null as bigint) as due_at from category_subscriptions
             where category = $1 and at > $2 and at <= $3 and member_id <> $4 order by at, member_id",
        );
        let people = rows.bind(category).bind(told).bind(to).bind(by).all().await?;
        Ok(Audience { people, told: to, is_last: edge.is_none() })
    }

    /// The next of those who subscribed to a keyword, until a moment.
    async fn of_keyword(&self, key: &str, by: MemberId, told: i64, until: Time) -> Result<Audience, Error> {
        let edge = self
            .db
            .sql("select at from keyword_subscriptions where key = $1 and at > $2 and at <= $3 order by at limit 1 offset $4");
        let edge: Option<(i64,)> = edge.bind(key.to_owned()).bind(told).bind(until).bind(CHUNK - 1).optional().await?;
        let to = edge.map_or(until.0, |(at,)| at);
        let rows = self.db.sql(
            "select at as rank, member_id, cast(null as bigint) as due_at from keyword_subscriptions
             where key = $1 and at > $2 and at <= $3 and member_id <> $4 order by at, member_id",
        );
        let people = rows.bind(key.to_owned()).bind(told).bind(to).bind(by).all().await?;
        Ok(Audience { people, told: to, is_last: edge.is_none() })
    }

    /// Forgets who was told of events that have opened: nothing new comes into those.
    ///
    /// # Errors
    /// The database's.
    pub(crate) async fn forget_alerts(&self) -> Result<(), Error> {
        let now = self.clock.now();
        loop {
            let opened: Vec<(EventId,)> = self
                .db
                .sql(
                    "select id from events where published_at is not null and cancelled_at is null and opens_at <= $1 and opens_at > $2
                        and exists (select 1 from event_alerts a where a.event_id = events.id) limit $3",
                )
                .bind(now)
                .bind(now - 7 * DAY)
                .bind(EVENTS)
                .all()
                .await?;
            for (event,) in &opened {
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
            if opened.is_empty() {
                return Ok(());
            }
        }
    }
}
