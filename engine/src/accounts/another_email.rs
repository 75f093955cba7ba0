//! Another email for whoever shows that the account is theirs.
//!
//! Where mail is sent, the address is proved first: by a link that went there, and that only its member can use, signed in
//! ([`crate::channels`]). Else nothing could prove it, as nothing does when somebody signs up, and it changes at once.
//!
//! An email leads to a password, and that to the account for good: a browser that was left signed in is not enough. Whoever has no password
//! to be asked for sets one first, by a link that goes to the email of today. (To come back from Kakao shows less: a browser that was left
//! signed in here may be so there, and it is not certain that it is asked anew there, see [`super::kakao`].)

use super::{Accounts, Actor, SessionToken, another_password::wrong_password, passwords::is_hash, sessions::Anew};
use crate::Error;
use model::{AccountError, FieldError, FormErrors, MemberId, text};
use std::net::IpAddr;

/// Another email that a member wishes for, who showed that they are that member.
pub(crate) struct EmailWish {
    /// Who.
    pub(crate) member: MemberId,
    /// What stands in the place of their email until then.
    pub(crate) old: String,
    /// What they wish for.
    pub(crate) new: String,
    /// Of the password that they have.
    pub(crate) hash: String,
}

impl Accounts {
    /// Asks the actor for their password of `typed`, an email and that.
    ///
    /// # Errors
    /// As [`Accounts::change_email`].
    pub(crate) async fn wish_for_email(
        &self,
        actor: &Actor,
        (email, password): (&str, &str),
        address: IpAddr,
    ) -> Result<EmailWish, Error> {
        let member = actor.active()?.member;
        let mut errors = FormErrors::default();
        let new = errors.check("email", text::email(email));
        errors.into_result()?;
        let new = new.unwrap_or_default();
        let (old, hash) = self.prove_member(member, password, address).await?;
        if !is_hash(&hash) {
            return Err(model::Error::NotFound.into());
        }
        if old == new {
            let mut errors = FormErrors::default();
            errors.add("email", FieldError::Taken);
            errors.into_result()?;
        }
        self.limits.another_email(member, &new, address).await?;
        Ok(EmailWish { member, old, new, hash })
    }

    /// Replaces the actor's email at once, where no mail is sent. Everything ends that another password ends, but for the way in by Kakao. Where
    /// somebody has that email the answer is the same, and nothing of that happens. `typed` is the email and today's password.
    ///
    /// # Errors
    /// For visitors and suspended members; [`model::Error::Invalid`] names what is wrong of `email` and `password`;
    /// [`model::Error::NotFound`] for whoever has no password: nobody could say that it is they; [`model::Error::TooMany`]; the database may fail.
    pub async fn change_email(
        &self,
        actor: &Actor,
        token: &SessionToken,
        typed: (&str, &str),
        address: IpAddr,
    ) -> Result<SessionToken, Error> {
        let wish = self.wish_for_email(actor, typed, address).await?;
        let anew = self.sessions.begin_anew_at(&wish, token).await?;
        self.sessions.commit(anew.ok_or_else(wrong_password)?).await
    }

    /// Gives a member the email that they wished for and proved, once [`super::Sessions::commit`] is called.
    ///
    /// # Errors
    /// [`AccountError::LinkOver`] when their email, their password, or whose that email is, is another by now; the database may fail.
    pub(crate) async fn give_email(&self, wish: &EmailWish, token: &SessionToken) -> Result<Anew, Error> {
        let anew = self.sessions.begin_anew_at(wish, token).await?;
        anew.filter(|anew| anew.changed).ok_or_else(|| model::Error::from(AccountError::LinkOver).into())
    }
}
