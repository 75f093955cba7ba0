//! Another email for whoever shows that the account is theirs.
//!
//! Where mail is sent, the address is proved first: by a link that went there, and that only its member can use, signed in
//! ([`crate::channels`]). Else nothing could prove it, as nothing does when somebody signs up, and it changes at once.
//!
//! An email leads to a password, and that to the account for good: whoever has no password to be asked for signs in once more before they
//! wish for one. A browser that was left signed in is not enough.

use super::{Accounts, Actor, SessionToken, another_password::wrong_password, sessions::Anew};
use crate::Error;
use model::{AccountError, FieldError, FormErrors, MINUTE, MemberId, Span, text};
use std::net::IpAddr;

/// How long ago whoever has no password may have signed in.
const JUST_NOW: Span = MINUTE.times(10);

/// Another email that a member wishes for, who showed that they are that member.
pub(crate) struct EmailWish {
    /// Who.
    pub(crate) member: MemberId,
    /// What stands in the place of their email until then.
    pub(crate) old: String,
    /// What they wish for.
    pub(crate) new: String,
    /// Of the password that they have; empty for whoever has none.
    pub(crate) hash: String,
}

impl Accounts {
    /// Asks the actor for their password of `typed`, an email and that. Whoever signs in by Kakao alone has none to be asked for, and came
    /// back from there a moment ago: nothing else begins a session of theirs, such as that of `token`.
    pub(crate) async fn wish_for_email(
        &self,
        actor: &Actor,
        token: &SessionToken,
        (email, password): (&str, &str),
        address: IpAddr,
    ) -> Result<EmailWish, Error> {
        let member = actor.active()?.member;
        let mut errors = FormErrors::default();
        let new = errors.check("email", text::email(email));
        errors.into_result()?;
        let new = new.unwrap_or_default();
        let (old, hash) = self.prove_member(member, password, address).await?;
        if hash.is_empty() && !self.just_signed_in(actor, token).await? {
            return Err(model::Error::from(AccountError::KakaoOver).into());
        }
        if old == new {
            let mut errors = FormErrors::default();
            errors.add("email", FieldError::Taken);
            errors.into_result()?;
        }
        self.limits.another_email(member, &new, address).await?;
        Ok(EmailWish { member, old, new, hash })
    }

    /// Whether the session of `token`, the actor's, began a moment ago.
    ///
    /// # Errors
    /// [`model::Error::SignedOut`] for visitors; the database may fail.
    pub async fn just_signed_in(&self, actor: &Actor, token: &SessionToken) -> Result<bool, Error> {
        let member = actor.signed_in()?.member;
        let begun = self.db.sql("select 1 from sessions where token_hash = $1 and member_id = $2 and created_at > $3");
        let since = self.clock.now() - JUST_NOW;
        Ok(begun.bind(token.hash().to_vec()).bind(member).bind(since).exists().await?)
    }

    /// Replaces the actor's email at once, where no mail is sent. Everything ends that another password ends, but for the way in by Kakao. Where
    /// somebody has that email the answer is the same, and nothing of that happens. `typed` is the email and today's password.
    ///
    /// # Errors
    /// For visitors and suspended members; [`model::Error::Invalid`] names what is wrong of `email` and `password`;
    /// [`model::Error::NotFound`] for whoever has no password: nobody could say that it is they, and there is nothing that they would need
    /// an email for; [`model::Error::TooMany`]; the database may fail.
    pub async fn change_email(
        &self,
        actor: &Actor,
        token: &SessionToken,
        typed: (&str, &str),
        address: IpAddr,
    ) -> Result<SessionToken, Error> {
        let wish = self.wish_for_email(actor, token, typed, address).await?;
        if wish.hash.is_empty() {
            return Err(model::Error::NotFound.into());
        }
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
