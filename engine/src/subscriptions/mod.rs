//! Subscriptions: what members wish to hear of when it is published. Who is told of an event is found in [`crate::notices`].

use crate::{
    Error,
    accounts::Actor,
    clock::Clock,
    db::{Db, Lane, retried},
    events::Events,
    limits::Limits,
    markets::Markets,
};
use model::{
    Category, FormErrors, MemberId, SubscriptionError, Subscriptions as Page,
    subscriptions::{Keyword, MOST_KEYWORDS},
};

/// Wishes on the page; all of them have one of their own.
const WISHES: usize = 5;

/// What members subscribe to. Cheap to clone.
#[derive(Clone)]
pub struct Subscriptions {
    db: Db,
    clock: Clock,
    limits: Limits,
    events: Events,
    markets: Markets,
}

impl Subscriptions {
    pub(crate) fn new(db: Db, clock: Clock, limits: Limits, events: Events, markets: Markets) -> Subscriptions {
        Subscriptions { db, clock, limits, events, markets }
    }

    /// Everything that a member hears of.
    ///
    /// # Errors
    /// [`model::Error::SignedOut`] for visitors; the database may fail.
    pub async fn of(&self, actor: &Actor) -> Result<Page, Error> {
        let member = actor.signed_in()?.member;
        let (wished,): (i64,) =
            self.db.sql("select count(*) from wishes where member_id = $1").bind(member).one().await?;
        let wishes = self.events.wishes_of(actor, None).await?;
        let categories: Vec<(Category,)> =
            self.db.sql("select category from category_subscriptions where member_id = $1").bind(member).all().await?;
        let keywords: Vec<(String,)> = self
            .db
            .sql("select keyword from keyword_subscriptions where member_id = $1 order by at desc, key")
            .bind(member)
            .all()
            .await?;
        let is_chosen = |category: &Category| categories.iter().any(|(chosen,)| chosen == category);
        Ok(Page {
            wishes: wishes.cards.rows.into_iter().take(WISHES).map(|sale| sale.event).collect(),
            wished: wished as u64,
            categories: Category::ALL.into_iter().filter(is_chosen).collect(),
            keywords: keywords.into_iter().map(|(keyword,)| keyword).collect(),
            favourites: self.markets.favourites(actor).await?,
            now: self.clock.now(),
        })
    }

    /// Subscribes a member to these categories and to no others, by their names.
    ///
    /// # Errors
    /// For visitors and suspended members; [`model::Error::Malformed`] for what is none, and nothing is changed then;
    /// [`model::Error::TooMany`]; the database may fail.
    pub async fn set_categories(&self, actor: &Actor, names: &[&str]) -> Result<(), Error> {
        let chosen: Option<Vec<Category>> = names.iter().map(|name| Category::named(name)).collect();
        let chosen = chosen.ok_or(model::Error::Malformed)?;
        let changes: Vec<_> =
            Category::ALL.into_iter().map(|category| (category, chosen.contains(&category))).collect();
        let member = actor.active()?.member;
        self.limits.wishes(member).await?;
        retried!(self.change_categories(member, &changes))
    }

    /// Subscribes a member to a category, or no longer does. Doing so again changes nothing.
    ///
    /// # Errors
    /// As [`Subscriptions::set_categories`].
    pub async fn set_category(&self, actor: &Actor, category: Category, on: bool) -> Result<(), Error> {
        let member = actor.active()?.member;
        self.limits.wishes(member).await?;
        retried!(self.change_categories(member, &[(category, on)]))
    }

    async fn change_categories(&self, member: MemberId, changes: &[(Category, bool)]) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin(Lane::Other).await?;
        for (category, on) in changes {
            let change = match on {
                // What was there stays as old as it is.
                true => tx
                    .sql("insert into category_subscriptions (member_id, category, at) values ($1, $2, $3) on conflict do nothing")
                    .bind(member)
                    .bind(*category)
                    .bind(now),
                false => tx
                    .sql("delete from category_subscriptions where member_id = $1 and category = $2")
                    .bind(member)
                    .bind(*category),
            };
            change.run().await?;
        }
        Ok(tx.commit().await?)
    }

    /// Subscribes a member to a keyword. One that they have, however it is written, stays as it is.
    ///
    /// # Errors
    /// For visitors and suspended members; [`model::Error::Invalid`] for what is no keyword, under `keyword`;
    /// [`SubscriptionError::TooManyKeywords`]; [`model::Error::TooMany`]; the database may fail.
    pub async fn add_keyword(&self, actor: &Actor, typed: &str) -> Result<(), Error> {
        let member = actor.active()?.member;
        let mut errors = FormErrors::default();
        let keyword = errors.check("keyword", Keyword::of(typed));
        errors.into_result()?;
        let keyword = keyword.ok_or(model::Error::Internal)?;
        self.limits.wishes(member).await?;
        retried!(self.add_keyword_once(member, &keyword))
    }

    async fn add_keyword_once(&self, member: MemberId, keyword: &Keyword) -> Result<(), Error> {
        let Keyword { text, key, run } = keyword;
        let mut tx = self.db.begin(Lane::Other).await?;
        let added = tx
            .sql(
                "insert into keyword_subscriptions (member_id, key, keyword, run, at) select $1, $2, $3, $4, $5
                 where (select count(*) from keyword_subscriptions where member_id = $1) < $6 on conflict do nothing",
            )
            .bind(member)
            .bind(key.clone())
            .bind(text.clone())
            .bind(run.clone())
            .bind(self.clock.now())
            .bind(MOST_KEYWORDS as i64)
            .run()
            .await?;
        let known = "select 1 from keyword_subscriptions where member_id = $1 and key = $2";
        if added == 0 && !tx.sql(known).bind(member).bind(key.clone()).exists().await? {
            return Err(model::Error::from(SubscriptionError::TooManyKeywords).into());
        }
        Ok(tx.commit().await?)
    }

    /// Takes a keyword back, however it is written; one that is not there is no error.
    ///
    /// # Errors
    /// For visitors and suspended members; [`model::Error::TooMany`]; the database may fail.
    pub async fn remove_keyword(&self, actor: &Actor, typed: &str) -> Result<(), Error> {
        let member = actor.active()?.member;
        self.limits.wishes(member).await?;
        retried!(self.remove_keyword_once(member, typed))
    }

    async fn remove_keyword_once(&self, member: MemberId, typed: &str) -> Result<(), Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        tx.sql("delete from keyword_subscriptions where member_id = $1 and key = $2")
            .bind(member)
            .bind(model::search::title_key(typed))
            .run()
            .await?;
        Ok(tx.commit().await?)
    }
}

pub(crate) mod personal;
#[cfg(test)]
mod tests;
