//! Another password for whoever knows the one of today.

use super::{Accounts, Actor, SessionToken, passwords::is_hash};
use crate::{Error, db::retried};
use model::{FieldError, FormErrors, MemberId, text};
use std::net::IpAddr;

/// What tries at today's password are counted by beside the account: strangers who try at the sign-in use up none of them.
const SIGNED_IN: &[u8] = b"signed in";

impl Accounts {
    /// Replaces the actor's password. Every session of theirs ends, on every node, with the tokens of their programs, and the one that is
    /// returned begins: whoever else was signed in is so no longer. So does the way in by Kakao where they wish that, `parts_kakao`,
    /// and have an email to sign in by.
    ///
    /// # Errors
    /// [`model::Error::SignedOut`] for visitors, [`model::Error::Invalid`] names what is wrong of `password`, today's, and `new_password`; refused after
    /// too many wrong tries; the database may fail.
    pub async fn change_password(
        &self,
        actor: &Actor,
        token: &SessionToken,
        (current, new): (&str, &str),
        parts_kakao: bool,
        address: IpAddr,
    ) -> Result<SessionToken, Error> {
        let member = actor.signed_in()?.member;
        let row: Option<(String, String)> =
            self.db.sql("select email, password_hash from members where id = $1").bind(member).optional().await?;
        let (email, hash) = row.ok_or(model::Error::SignedOut)?;
        let mut errors = FormErrors::default();
        errors.check("new_password", text::password(new, &email));
        errors.into_result()?;
        let mut errors = FormErrors::default();
        errors.check("new_password", self.passwords.check(new, &[&email]).await?);
        errors.into_result()?;
        self.prove(&email, &hash, current, address).await?;
        let changed = self.passwords.hash(new).await?;
        if parts_kakao {
            retried!(self.part_kakao(member))?;
        }
        let begun = self.sessions.begin_anew(member, token, hash, changed).await?;
        begun.ok_or_else(|| wrong_password().into())
    }

    /// Asks whoever is signed in, or has a link that signed them in, for their password of today, whose hash is `hash`.
    ///
    /// # Errors
    /// [`model::Error::Invalid`] at `password`; refused after too many wrong tries.
    pub(super) async fn prove(&self, email: &str, hash: &str, current: &str, address: IpAddr) -> Result<(), Error> {
        let attempts = self.limits.passwords(email, address, Some(SIGNED_IN));
        attempts.take(self.clock.now()).await?;
        let right = self.passwords.verify(current, Some(hash.to_owned()).filter(|hash| is_hash(hash))).await;
        if !matches!(right, Ok(false)) {
            attempts.give_back(self.clock.now()).await;
        }
        if right? { Ok(()) } else { Err(wrong_password().into()) }
    }

    /// The same of a member, for something that cannot be taken back; their email, and the hash that was proved: whoever has no password
    /// is not asked for one, and proved nothing.
    ///
    /// # Errors
    /// As [`Accounts::change_password`].
    pub(crate) async fn prove_member(
        &self,
        member: MemberId,
        current: &str,
        address: IpAddr,
    ) -> Result<(String, String), Error> {
        let row: Option<(String, String)> =
            self.db.sql("select email, password_hash from members where id = $1").bind(member).optional().await?;
        let (email, hash) = row.ok_or(model::Error::SignedOut)?;
        if is_hash(&hash) {
            self.prove(&email, &hash, current, address).await?;
        }
        Ok((email, hash))
    }

    /// The same before somebody lets in what stays when they sign out, such as a program. Whoever has no password is not asked for one.
    ///
    /// # Errors
    /// As [`Accounts::change_password`].
    pub(crate) async fn prove_to_let_in(&self, actor: &Actor, current: &str, address: IpAddr) -> Result<(), Error> {
        if self.has_password(actor).await? {
            self.prove_member(actor.signed_in()?.member, current, address).await?;
        }
        Ok(())
    }

    /// Whether there is a password that the actor can be asked for.
    ///
    /// # Errors
    /// [`model::Error::SignedOut`] for visitors; the database may fail.
    pub async fn has_password(&self, actor: &Actor) -> Result<bool, Error> {
        let kept = self.db.sql("select password_hash from members where id = $1").bind(actor.signed_in()?.member);
        let kept: Option<(String,)> = kept.optional().await?;
        let (hash,) = kept.ok_or(model::Error::SignedOut)?;
        Ok(is_hash(&hash))
    }
}

/// The password is not the account's.
pub(super) fn wrong_password() -> model::Error {
    let mut fields = FormErrors::default();
    fields.add("password", FieldError::WrongPassword);
    model::Error::Invalid { fields }
}
