//! Another password for whoever knows the one of today.

use super::{Accounts, Actor, SessionToken};
use crate::Error;
use model::{FieldError, FormErrors, text};
use std::net::IpAddr;

/// What tries at today's password are counted by beside the account: strangers who try at the sign-in use up none of them.
const SIGNED_IN: &[u8] = b"signed in";

impl Accounts {
    /// Replaces the actor's password. Every session of theirs ends, on every node, and the one that is returned begins: whoever
    /// else was signed in is so no longer.
    ///
    /// # Errors
    /// [`model::Error::SignedOut`] for visitors, [`model::Error::Invalid`] names what is wrong of `password`, today's, and `new_password`; refused after
    /// too many wrong tries; the database may fail.
    pub async fn change_password(
        &self,
        actor: &Actor,
        token: &SessionToken,
        (current, new): (&str, &str),
        address: IpAddr,
    ) -> Result<SessionToken, Error> {
        let member = actor.signed_in()?.member;
        let row: Option<(String, String)> =
            self.db.sql("select email, password_hash from members where id = $1").bind(member).optional().await?;
        let (email, hash) = row.ok_or(model::Error::SignedOut)?;
        let mut errors = FormErrors::default();
        errors.check("new_password", text::password(new, &email));
        errors.into_result()?;
        let attempts = self.limits.passwords(&email, address, Some(SIGNED_IN));
        attempts.take(self.clock.now()).await?;
        let right = self.passwords.verify(current, Some(hash.clone()).filter(|hash| !hash.is_empty())).await;
        if !matches!(right, Ok(false)) {
            attempts.give_back(self.clock.now()).await;
        }
        if right? {
            let changed = self.passwords.hash(new).await?;
            if let Some(token) = self.sessions.begin_anew(member, token, hash, changed).await? {
                return Ok(token);
            }
        }
        let mut errors = FormErrors::default();
        errors.add("password", FieldError::WrongPassword);
        errors.into_result()?;
        Err(model::Error::Internal.into())
    }
}
