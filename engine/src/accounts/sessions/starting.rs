//! Beginning sessions: at a sign-in, and in the place of another.

use super::{Seal, SessionToken, Sessions, VISIT};
use crate::{
    Error,
    accounts::{EmailWish, end_links},
    db::{Dialect, Lane, Tx, retried},
};
use model::{MemberId, Time};

/// Another email that is given in a transaction which is not committed yet, and the session that begins by it.
pub(crate) struct Anew {
    /// What is to hold from the same moment on is written in it as well.
    pub(crate) tx: Tx,
    /// Whether the email is another.
    pub(crate) changed: bool,
    member: MemberId,
    /// Of the session whose place is taken.
    before: [u8; 32],
    begun: SessionToken,
}

impl Sessions {
    /// Signs a member in on a device.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn start(&self, member: MemberId, device: &str) -> Result<SessionToken, Error> {
        // Of one it is one transaction.
        let tokens = retried!(self.start_many(&[member], device))?;
        tokens.into_iter().next().ok_or_else(|| model::Error::Internal.into())
    }

    /// Signs a member in whose password has this hash; `None` when it was replaced since it was looked at.
    pub(in crate::accounts) async fn start_by(
        &self,
        member: MemberId,
        hash: String,
        device: &str,
    ) -> Result<Option<SessionToken>, Error> {
        let (now, seal) = (self.clock.now(), self.seal().await?);
        let mut tx = self.db.begin(Lane::Other).await?;
        // Changes nothing but takes the row: whoever replaces the password at this moment comes before, or ends this session too.
        let same = tx.sql("update members set mode = mode where id = $1 and password_hash = $2");
        if same.bind(member).bind(hash).run().await? == 0 {
            return Ok(None);
        }
        let token = insert(&mut tx, seal, member, device.chars().take(200).collect(), now).await?;
        tx.commit().await?;
        Ok(Some(token))
    }

    /// A token for a session that begins within a transaction: the key of seals is there before that.
    pub(in crate::accounts) async fn new_token(&self) -> Result<SessionToken, Error> {
        Ok(self.seal().await?.token())
    }

    /// Signs a member in by a new token, on a device that nothing is known of, with whatever else is written in a transaction.
    pub(in crate::accounts) async fn begin(
        &self,
        tx: &mut Tx,
        token: &SessionToken,
        member: MemberId,
    ) -> Result<(), sqlx::Error> {
        write(tx, token, member, String::new(), self.clock.now()).await
    }

    /// Signs many members in at once.
    ///
    /// # Errors
    /// When the database fails. Those of earlier thousands are signed in.
    pub async fn start_many(&self, members: &[MemberId], device: &str) -> Result<Vec<SessionToken>, Error> {
        let (now, seal) = (self.clock.now(), self.seal().await?);
        let device: String = device.chars().take(200).collect();
        let mut tokens = Vec::with_capacity(members.len());
        for chunk in members.chunks(1000) {
            let mut tx = self.db.begin(Lane::Other).await?;
            match tx.dialect() {
                Dialect::Sqlite => {
                    for member in chunk {
                        tokens.push(insert(&mut tx, seal, *member, device.clone(), now).await?);
                    }
                }
                // At once: the way there takes longer than what is done there.
                Dialect::Postgres => {
                    let new: Vec<SessionToken> = chunk.iter().map(|_| seal.token()).collect();
                    tx.sql(
                        "insert into sessions (token_hash, member_id, device, created_at, expires_at)
                         select hash, member, $3, $4, $5 from unnest($1::bytea[], $2::uuid[]) as new (hash, member)",
                    )
                    .bind_column(new.iter().map(|token| token.hash().to_vec()).collect::<Vec<Vec<u8>>>())
                    .bind_column(chunk.iter().map(|member| member.0).collect())
                    .bind(device.clone())
                    .bind(now)
                    .bind(now + VISIT)
                    .run()
                    .await?;
                    tokens.extend(new);
                }
            }
            tx.commit().await?;
        }
        Ok(tokens)
    }

    /// Ends every session of a member whose password is replaced from `old` to `new`, with the tokens of their programs, and begins another
    /// on the device of `token`; `None` when it was no longer `old`.
    pub(in crate::accounts) async fn begin_anew(
        &self,
        member: MemberId,
        token: &SessionToken,
        old: String,
        new: String,
    ) -> Result<Option<SessionToken>, Error> {
        let begun = self.new_token().await?;
        let mut tx = self.db.begin(Lane::Other).await?;
        let changed = tx
            .sql("update members set password_hash = $1 where id = $2 and password_hash = $3")
            .bind(new)
            .bind(member)
            .bind(old)
            .run()
            .await?;
        if changed == 0 {
            return Ok(None);
        }
        self.begin_alone(&mut tx, &begun, member, token).await?;
        tx.commit().await?;
        self.invalidate_member(member);
        Ok(Some(begun))
    }

    /// Gives a member another email, and ends all that [`Sessions::begin_anew`] ends, once [`Sessions::commit`] is called. Where somebody
    /// has that email nothing changes but one's own session: which of both it was is not told by the answer. `None` when their email or
    /// their password is another by now than when they wished for it, or they left.
    pub(in crate::accounts) async fn begin_anew_at(
        &self,
        wish: &EmailWish,
        token: &SessionToken,
    ) -> Result<Option<Anew>, Error> {
        let member = wish.member;
        let begun = self.new_token().await?;
        let mut tx = self.db.begin(Lane::Other).await?;
        // Changes nothing but takes the row, as in `start_by`. Whoever left has an empty hash, as who has no password.
        let same = tx.sql(
            "update members set mode = mode where id = $1 and password_hash = $2 and email = $3 and left_at is null",
        );
        if same.bind(member).bind(wish.hash.clone()).bind(wish.old.clone()).run().await? == 0 {
            return Ok(None);
        }
        let change = tx
            .sql("update members set email = $1 where id = $2 and not exists (select 1 from members where email = $1)");
        let changed = match change.bind(wish.new.clone()).bind(member).run().await {
            // Somebody took it at this moment.
            Err(sqlx::Error::Database(error)) if error.is_unique_violation() => return Err(model::Error::Busy.into()),
            changed => changed? == 1,
        };
        if changed {
            self.begin_alone(&mut tx, &begun, member, token).await?;
        } else {
            self.begin_instead(&mut tx, &begun, member, token).await?;
        }
        Ok(Some(Anew { tx, changed, member, before: token.hash(), begun }))
    }

    /// Has it hold that a member has another email: the session that begins.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn commit(&self, anew: Anew) -> Result<SessionToken, Error> {
        let Anew { tx, changed, member, before, begun } = anew;
        tx.commit().await?;
        if changed {
            self.invalidate_member(member);
        } else {
            self.invalidate_token(before);
        }
        Ok(begun)
    }

    /// Ends every session of a member, with the tokens of their programs and the links to set another password, and has another begin on
    /// the device of `token`.
    async fn begin_alone(
        &self,
        tx: &mut Tx,
        begun: &SessionToken,
        member: MemberId,
        token: &SessionToken,
    ) -> Result<(), sqlx::Error> {
        // Links that were asked for before set no other one, nor sign anybody in.
        end_links(tx, member, self.clock.now()).await?;
        // Whoever had the account before may have made them.
        tx.sql("delete from api_tokens where member_id = $1").bind(member).run().await?;
        self.beside(tx, begun, member, token).await?;
        tx.sql("delete from sessions where member_id = $1 and token_hash <> $2")
            .bind(member)
            .bind(begun.hash().to_vec())
            .run()
            .await?;
        Ok(())
    }

    /// Another session of a member in the place of the one of `token`, which ends: whoever may do more from now on does so by one that
    /// nobody had before.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn renew(&self, member: MemberId, token: &SessionToken) -> Result<SessionToken, Error> {
        let begun = self.new_token().await?;
        let mut tx = self.db.begin(Lane::Other).await?;
        self.begin_instead(&mut tx, &begun, member, token).await?;
        tx.commit().await?;
        self.invalidate_token(token.hash());
        Ok(begun)
    }

    /// The same by a new token, with whatever else is written in a transaction.
    pub(in crate::accounts) async fn begin_instead(
        &self,
        tx: &mut Tx,
        begun: &SessionToken,
        member: MemberId,
        token: &SessionToken,
    ) -> Result<(), sqlx::Error> {
        self.beside(tx, begun, member, token).await?;
        tx.sql("delete from sessions where token_hash = $1 and member_id = $2")
            .bind(token.hash().to_vec())
            .bind(member)
            .run()
            .await?;
        Ok(())
    }

    /// A session on the device of another one, whose place it takes: a browser that is told of notices goes on to be.
    async fn beside(
        &self,
        tx: &mut Tx,
        begun: &SessionToken,
        member: MemberId,
        token: &SessionToken,
    ) -> Result<(), sqlx::Error> {
        let device: Option<(String,)> =
            tx.sql("select device from sessions where token_hash = $1").bind(token.hash().to_vec()).optional().await?;
        let device = device.map(|(device,)| device).unwrap_or_default();
        write(tx, begun, member, device, self.clock.now()).await?;
        tx.sql("update push_endpoints set session_hash = $1 where session_hash = $2")
            .bind(begun.hash().to_vec())
            .bind(token.hash().to_vec())
            .run()
            .await?;
        Ok(())
    }
}

/// A new session of a member.
async fn insert(
    tx: &mut Tx,
    seal: &Seal,
    member: MemberId,
    device: String,
    now: Time,
) -> Result<SessionToken, sqlx::Error> {
    let token = seal.token();
    write(tx, &token, member, device, now).await?;
    Ok(token)
}

/// The session of a token.
async fn write(
    tx: &mut Tx,
    token: &SessionToken,
    member: MemberId,
    device: String,
    now: Time,
) -> Result<(), sqlx::Error> {
    tx.sql("insert into sessions (token_hash, member_id, device, created_at, expires_at) values ($1, $2, $3, $4, $5)")
        .bind(token.hash().to_vec())
        .bind(member)
        .bind(device)
        .bind(now)
        .bind(now + VISIT)
        .run()
        .await?;
    Ok(())
}
