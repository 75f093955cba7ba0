//! Of which kinds members wish to be told.

use super::Notices;
use crate::{
    Error,
    accounts::Actor,
    db::{Lane, retried},
};
use model::{
    MemberId,
    notices::{Kind, Settings},
};
use std::collections::{BTreeSet, HashMap};

impl Notices {
    /// What a member is told of.
    ///
    /// # Errors
    /// [`model::Error::SignedOut`] for a visitor; the database may fail.
    pub async fn settings(&self, actor: &Actor) -> Result<Settings, Error> {
        let member: MemberId = actor.signed_in()?.member;
        let rows: Vec<(String, bool)> =
            self.db.sql("select kind, is_on from notice_settings where member_id = $1").bind(member).all().await?;
        let chosen: HashMap<String, bool> = rows.into_iter().collect();
        let is_on = |kind: Kind| chosen.get(kind.name()).copied().unwrap_or_else(|| kind.on_at_first());
        Ok(Settings { kinds: Kind::ALL.map(|kind| (kind, is_on(kind))).to_vec() })
    }

    /// Has a member told of these kinds alone. What is written already stays.
    ///
    /// # Errors
    /// [`model::Error::SignedOut`] for a visitor; the database may fail.
    pub async fn set(&self, actor: &Actor, on: &BTreeSet<Kind>) -> Result<(), Error> {
        let member = actor.signed_in()?.member;
        retried!(self.set_once(member, on))
    }

    async fn set_once(&self, member: MemberId, on: &BTreeSet<Kind>) -> Result<(), Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        // Only what differs is kept, and what only a newer node knows stays as it was. In one order, whoever saves beside it.
        let mut kinds = Kind::ALL;
        kinds.sort_unstable();
        for kind in kinds {
            let is_on = on.contains(&kind);
            if is_on == kind.on_at_first() {
                tx.sql("delete from notice_settings where member_id = $1 and kind = $2")
                    .bind(member)
                    .bind(kind.name())
                    .run()
                    .await?;
            } else {
                tx.sql(
                    "insert into notice_settings (member_id, kind, is_on) values ($1, $2, $3)
                     on conflict (member_id, kind) do update set is_on = excluded.is_on",
                )
                .bind(member)
                .bind(kind.name())
                .bind(is_on)
                .run()
                .await?;
            }
        }
        Ok(tx.commit().await?)
    }
}
