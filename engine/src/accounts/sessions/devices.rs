//! Where a member is signed in, and signing out there.

use super::{Session, SessionToken, Sessions, VISIT};
use crate::{
    Error,
    accounts::Actor,
    db::{Lane, retried},
};
use model::{
    MemberId, Time,
    devices::{SignedInDevice, device_name},
};

/// Devices in the list: the ones used last.
const LISTED: i64 = 50;
/// Bytes of a token's hash that name its session in the list.
const NAMED_BY: usize = 12;

#[derive(sqlx::FromRow)]
struct Row {
    token_hash: Vec<u8>,
    device: String,
    created_at: Time,
    expires_at: Time,
}

/// How a session is named in the list of devices.
fn name(hash: &[u8]) -> String {
    hash.iter().take(NAMED_BY).map(|byte| format!("{byte:02x}")).collect()
}

impl Sessions {
    /// Where the actor is signed in, the device used last first; `token` is the one that asks.
    ///
    /// # Errors
    /// [`model::Error::SignedOut`] for visitors; the database may fail.
    pub async fn devices(&self, actor: &Actor, token: Option<&SessionToken>) -> Result<Vec<SignedInDevice>, Error> {
        let rows = self.rows(actor.signed_in()?).await?;
        let here = token.map(SessionToken::hash);
        let device = |row: Row| SignedInDevice {
            id: name(&row.token_hash),
            name: device_name(&row.device),
            since: row.created_at,
            // Sessions are prolonged once a day while they are used.
            used: (row.expires_at - VISIT).max(row.created_at),
            here: here.is_some_and(|here| here[..] == row.token_hash[..]),
        };
        Ok(rows.into_iter().map(device).collect())
    }

    async fn rows(&self, session: &Session) -> Result<Vec<Row>, Error> {
        let rows = self.db.sql(
            "select token_hash, device, created_at, expires_at from sessions where member_id = $1 and expires_at > $2
             order by expires_at desc, created_at desc limit $3",
        );
        Ok(rows.bind(session.member).bind(self.clock.now()).bind(LISTED).all().await?)
    }

    /// Signs the actor out on one of their devices, at once and on every node.
    ///
    /// # Errors
    /// [`model::Error::SignedOut`] for visitors, [`model::Error::NotFound`] for what is none of theirs; the database may fail.
    pub async fn end_device(&self, actor: &Actor, id: &str) -> Result<(), Error> {
        let session = actor.signed_in()?;
        let row = self.rows(session).await?.into_iter().find(|row| name(&row.token_hash) == id);
        let hash: [u8; 32] = row.and_then(|row| row.token_hash.try_into().ok()).ok_or(model::Error::NotFound)?;
        retried!(self.end_device_once(session.member, &hash))?;
        self.invalidate_token(hash);
        Ok(())
    }

    async fn end_device_once(&self, member: MemberId, hash: &[u8; 32]) -> Result<(), Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        let delete = tx.sql("delete from sessions where token_hash = $1 and member_id = $2");
        delete.bind(hash.to_vec()).bind(member).run().await?;
        Ok(tx.commit().await?)
    }

    /// Signs the actor out everywhere but where `token` is; how many devices that were.
    ///
    /// # Errors
    /// [`model::Error::SignedOut`] for visitors; the database may fail.
    pub async fn end_others(&self, actor: &Actor, token: &SessionToken) -> Result<u64, Error> {
        let member = actor.signed_in()?.member;
        let ended = retried!(self.end_others_once(member, token))?;
        self.invalidate_member(member);
        Ok(ended)
    }

    async fn end_others_once(&self, member: MemberId, token: &SessionToken) -> Result<u64, Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        let ended = tx
            .sql("delete from sessions where member_id = $1 and token_hash <> $2")
            .bind(member)
            .bind(token.hash().to_vec())
            .run()
            .await?;
        tx.commit().await?;
        Ok(ended)
    }
}
