//! What members choose before a sale opens, and where it is to go: so that at the opening second there is one button and nothing
//! else to do.

use super::Sales;
use crate::{
    Error,
    accounts::Actor,
    addresses,
    db::{Db, Lane, retried},
};
use model::{EntryError, EventError, EventId, Kind, MemberId, Wish};

/// What a member has done beforehand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ready {
    /// How many units a press means, if they chose.
    pub wish: Option<Wish>,
    /// Whether it is known where things go.
    pub address: bool,
}

impl Ready {
    /// Whether nothing is left to do but press for what is sold: what is no goods goes nowhere.
    pub fn is_complete(self, kind: Kind) -> bool {
        self.wish.is_some() && (self.address || kind != Kind::Deal)
    }
}

impl Sales {
    /// What the reader has done beforehand for a sale of which one person may take so many; `None` for visitors.
    ///
    /// # Errors
    /// The database's.
    pub async fn readiness(&self, actor: &Actor, event: EventId, limit: u32) -> Result<Option<Ready>, Error> {
        let Some(member) = actor.member() else { return Ok(None) };
        let address = async { Ok::<_, Error>(addresses::has_address(&self.db, member).await?) };
        let (wish, address) = tokio::try_join!(self.choice(event, member), address)?;
        Ok(Some(Ready { wish: wish.map(|wish| wish.at_most(limit)), address }))
    }

    /// Chooses how many units a press is to mean, until the member has entered.
    ///
    /// # Errors
    /// Signed out or suspended; too often; no such sale, or one that is over; a number that is not allowed; the database's.
    pub async fn choose(&self, actor: &Actor, event: EventId, wish: Wish) -> Result<(), Error> {
        let member = actor.active()?.member;
        self.limits.creation(member).await?;
        let handle = self.turnstile.event(event).await?;
        let moments = handle.rules.moments;
        let rules = handle.rules.sale.filter(|_| moments.published_at.is_some()).ok_or(model::Error::NotFound)?;
        if handle.ledger.state().cancelled {
            return Err(model::Error::from(EventError::Cancelled).into());
        }
        if self.clock.now() >= moments.closes_at {
            return Err(model::Error::from(EntryError::Closed).into());
        }
        let wish = wish.check(rules.limit).map_err(model::Error::from)?;
        retried!(self.write_choice(member, event, wish))?;
        self.turnstile.chose(event, member, Some(wish)).await
    }

    async fn write_choice(&self, member: MemberId, event: EventId, wish: Wish) -> Result<(), Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        tx.sql(
            "insert into choices (event_id, member_id, quantity, fewer) values ($1, $2, $3, $4)
             on conflict (event_id, member_id) do update set quantity = excluded.quantity, fewer = excluded.fewer",
        )
        .bind(event)
        .bind(member)
        .bind(i64::from(wish.quantity))
        .bind(wish.fewer)
        .run()
        .await?;
        Ok(tx.commit().await?)
    }

    /// What a member chose for a sale; `None` when they chose nothing.
    ///
    /// # Errors
    /// The database's.
    pub async fn choice(&self, event: EventId, member: MemberId) -> Result<Option<Wish>, Error> {
        let row: Option<(i64, bool)> = self
            .db
            .sql("select quantity, fewer from choices where event_id = $1 and member_id = $2")
            .bind(event)
            .bind(member)
            .optional()
            .await?;
        Ok(row.map(|(quantity, fewer)| Wish { quantity: quantity as u32, fewer }))
    }
}

/// What everybody chose for an event.
pub(super) async fn all(db: &Db, event: EventId) -> Result<Vec<(MemberId, Wish)>, sqlx::Error> {
    let rows: Vec<(MemberId, i64, bool)> =
        db.sql("select member_id, quantity, fewer from choices where event_id = $1").bind(event).all().await?;
    Ok(rows.into_iter().map(|(member, quantity, fewer)| (member, Wish { quantity: quantity as u32, fewer })).collect())
}
