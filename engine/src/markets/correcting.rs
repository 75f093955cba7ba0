//! What admins correct of a single market, and markets that are one: each time a row in `audit`.

use super::{AdminsRow, Markets, market_columns, market_key};
use crate::{
    Error,
    accounts::Actor,
    audit::{note, reason_of},
    db::{Lane, Tx, retried},
};
use model::{FieldError, FormErrors, Market, MarketDraft, MarketId, administration::AuditAction, markets::Cell, text};

/// How far away a market may be that is the same as another, in kilometres.
const SAME_KM: u32 = 10;
/// Markets that are offered as the same.
const OFFERED: usize = 30;

impl Markets {
    /// A market for an admin, and whether it is hidden.
    ///
    /// # Errors
    /// [`model::Error::Forbidden`] for others than admins; [`model::Error::NotFound`] for none; the database's.
    pub async fn market_for_admin(&self, actor: &Actor, id: MarketId) -> Result<(Market, bool), Error> {
        actor.admin()?;
        let row = self.db.sql(concat!(
            "select ",
            market_columns!(),
            ", m.hidden_at is not null as hidden from markets m where m.id = $1"
        ));
        let row = row.bind(id).optional::<AdminsRow>().await?.ok_or(model::Error::NotFound)?;
        Ok((row.market.market(), row.hidden))
    }

    /// A market for an admin, with those around that may be the same, nearest first.
    ///
    /// # Errors
    /// [`model::Error::Forbidden`] for others than admins; [`model::Error::NotFound`] for none; the database's.
    pub async fn to_correct(&self, actor: &Actor, id: MarketId) -> Result<(Market, Vec<Market>), Error> {
        let (market, _) = self.market_for_admin(actor, id).await?;
        let near = self.near(market.at, SAME_KM, OFFERED + 1).await?;
        let others = near.into_iter().map(|(near, _)| near).filter(|near| near.id != id).take(OFFERED).collect();
        Ok((market, others))
    }

    /// Corrects a market: name, kind, address, latitude and longitude, as they were typed. Parties that meet there are where it is then.
    ///
    /// # Errors
    /// [`model::Error::Forbidden`] for others than admins; [`model::Error::Invalid`] by field, at `name` when another market has this
    /// name and address, and at `reason` without one; [`model::Error::NotFound`] for none; the database's. Nothing was changed then.
    pub async fn correct(&self, actor: &Actor, id: MarketId, typed: [&str; 5], reason: &str) -> Result<(), Error> {
        actor.admin()?;
        let mut errors = FormErrors::default();
        let draft = MarketDraft::typed(typed, &mut errors);
        let reason = errors.check("reason", text::line(reason, 2, 200));
        errors.into_result()?;
        let (draft, reason) = draft.zip(reason).ok_or(model::Error::Malformed)?;
        retried!(self.correct_once(actor, id, &draft, &reason))
    }

    async fn correct_once(&self, actor: &Actor, id: MarketId, draft: &MarketDraft, reason: &str) -> Result<(), Error> {
        let now = self.clock.now();
        let (key, cell) = (market_key(draft), Cell::of(draft.at));
        let mut tx = self.db.begin(Lane::Other).await?;
        take(&mut tx, id).await?;
        let taken = tx.sql("select 1 from markets where key = $1 and id <> $2").bind(key.clone()).bind(id);
        if taken.exists().await? {
            let mut errors = FormErrors::default();
            errors.add("name", FieldError::Taken);
            return Err(model::Error::Invalid { fields: errors }.into());
        }
        tx.sql(
            "update markets set name = $2, key = $3, kind = $4, address = $5, latitude = $6, longitude = $7, cell = $8
             where id = $1",
        )
        .bind(id)
        .bind(draft.name.clone())
        .bind(key)
        .bind(draft.kind)
        .bind(draft.address.clone())
        .bind(draft.at.latitude)
        .bind(draft.at.longitude)
        .bind(cell)
        .run()
        .await?;
        tx.sql("update parties set cell = $2 where market_id = $1 and cell <> $2").bind(id).bind(cell).run().await?;
        note(&mut tx, now, actor, AuditAction::CorrectMarket, id, reason).await?;
        Ok(tx.commit().await?)
    }

    /// Hides a market, or shows it again: nobody finds one that is hidden, or makes a party there. Those that are to meet there do.
    ///
    /// # Errors
    /// [`model::Error::Forbidden`] for others than admins; [`model::Error::Invalid`] without a reason; [`model::Error::NotFound`] for
    /// none; the database's.
    pub async fn set_hidden(&self, actor: &Actor, id: MarketId, hidden: bool, reason: &str) -> Result<(), Error> {
        actor.admin()?;
        let reason = reason_of(reason)?;
        retried!(self.set_hidden_once(actor, id, hidden, &reason))
    }

    async fn set_hidden_once(&self, actor: &Actor, id: MarketId, hidden: bool, reason: &str) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin(Lane::Other).await?;
        take(&mut tx, id).await?;
        let text = if hidden {
            "update markets set hidden_at = $2 where id = $1 and hidden_at is null"
        } else {
            "update markets set hidden_at = null where id = $1 and hidden_at is not null and $2 > 0"
        };
        if tx.sql(text).bind(id).bind(now).run().await? == 1 {
            let action = if hidden { AuditAction::HideMarket } else { AuditAction::ShowMarket };
            note(&mut tx, now, actor, action, id, reason).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Says that a market is the same as another: its parties meet there, whoever favours it favours that one, and it is gone.
    ///
    /// # Errors
    /// [`model::Error::Forbidden`] for others than admins; [`model::Error::Invalid`] without a reason, and at `into` for the market
    /// itself; [`model::Error::NotFound`] where either is not there; the database's. Nothing was changed then.
    pub async fn merge(&self, actor: &Actor, id: MarketId, into: MarketId, reason: &str) -> Result<(), Error> {
        actor.admin()?;
        let reason = reason_of(reason)?;
        if id == into {
            let mut errors = FormErrors::default();
            errors.add("into", FieldError::Invalid);
            return Err(model::Error::Invalid { fields: errors }.into());
        }
        retried!(self.merge_once(actor, id, into, &reason))
    }

    async fn merge_once(&self, actor: &Actor, id: MarketId, into: MarketId, reason: &str) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin(Lane::Other).await?;
        // In the order of their ids: of two admins who say it the other way round one is second, and finds one market.
        for market in [id.min(into), id.max(into)] {
            take(&mut tx, market).await?;
        }
        // From here nothing new is of it: who refers to it waits for its key, and finds it gone.
        tx.sql("update markets set key = key || $2 where id = $1").bind(id).bind("\nmerged".to_owned()).run().await?;
        tx.sql(
            "update parties set market_id = $2, cell = (select cell from markets where id = $2) where market_id = $1",
        )
        .bind(id)
        .bind(into)
        .run()
        .await?;
        tx.sql(
            "insert into favourite_markets (member_id, market_id, at)
             select member_id, $2, at from favourite_markets where market_id = $1
             on conflict (member_id, market_id) do nothing",
        )
        .bind(id)
        .bind(into)
        .run()
        .await?;
        tx.sql("delete from favourite_markets where market_id = $1").bind(id).run().await?;
        tx.sql("delete from markets where id = $1").bind(id).run().await?;
        note(&mut tx, now, actor, AuditAction::MergeMarket, id, &format!("{into}: {reason}")).await?;
        Ok(tx.commit().await?)
    }
}

/// Takes a market's row: of two who change it at once one is second.
async fn take(tx: &mut Tx, id: MarketId) -> Result<(), Error> {
    // Changes nothing.
    let there = tx.sql("update markets set cell = cell where id = $1").bind(id).run().await?;
    if there == 1 { Ok(()) } else { Err(model::Error::NotFound.into()) }
}
