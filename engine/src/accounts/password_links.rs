//! Links by which somebody who forgot their password sets another one: they come by mail, from an admin where no mail leads there, or from
//! whoever runs the site. Each is used once and for half an hour, and only its hash is kept.

use super::{Accounts, Actor, SessionToken, kakao::is_email, passwords::is_hash};
use crate::{
    Error, audit,
    db::{Db, Lane, Tx, retried},
    ids,
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use model::{AccountError, DAY, FormErrors, MINUTE, MemberId, Span, Time, administration::AuditAction, paths, text};
use std::{fmt, net::IpAddr, str::FromStr};

/// How long a link may be used.
pub const LINK_LASTS: Span = MINUTE.times(30);
/// For how long whoever follows an old one is told what became of it, and requests are kept that no mail was sent for.
const REMEMBERED: Span = DAY;

/// What stands in a link: 256 random bits, in base64 for addresses.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct LinkToken([u8; 32]);

impl LinkToken {
    /// What is kept of it.
    fn hash(&self) -> [u8; 32] {
        ids::hash(&[b"59 password link", &self.0])
    }
}

impl fmt::Display for LinkToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE64.encode(self.0))
    }
}

impl FromStr for LinkToken {
    type Err = model::Error;

    fn from_str(text: &str) -> Result<LinkToken, model::Error> {
        let bytes: Option<[u8; 32]> = BASE64.decode(text).ok().and_then(|bytes| bytes.try_into().ok());
        bytes.map(LinkToken).ok_or_else(|| AccountError::LinkUnknown.into())
    }
}

/// A link as it is kept, with its member's email.
#[derive(sqlx::FromRow)]
struct Kept {
    member_id: MemberId,
    email: String,
    expires_at: Time,
    used_at: Option<Time>,
}

/// Gives out a link to set another password for a member.
pub(crate) async fn write_link(tx: &mut Tx, member: MemberId, now: Time) -> Result<LinkToken, sqlx::Error> {
    let token = LinkToken(ids::random());
    tx.sql("insert into password_links (token_hash, member_id, made_at, expires_at) values ($1, $2, $3, $4)")
        .bind(token.hash().to_vec())
        .bind(member)
        .bind(now)
        .bind(now + LINK_LASTS)
        .run()
        .await?;
    Ok(token)
}

/// Ends a member's links: whoever has one may do no more than they did when it was made.
pub(crate) async fn end_links(tx: &mut Tx, member: MemberId, now: Time) -> Result<(), sqlx::Error> {
    end_other_links(tx, member, &[], now).await
}

/// The same of all but the one that is kept by this hash.
async fn end_other_links(tx: &mut Tx, member: MemberId, but: &[u8], now: Time) -> Result<(), sqlx::Error> {
    let links = tx.sql(
        "update password_links set used_at = coalesce(used_at, $1), expires_at = $1
         where member_id = $2 and token_hash <> $3 and expires_at > $1",
    );
    links.bind(now).bind(member).bind(but.to_vec()).run().await?;
    Ok(())
}

/// The path of a link to set another password for a member, for whoever runs the site to pass on.
///
/// # Errors
/// The database's.
pub async fn one_time_link(db: &Db, now: Time, member: MemberId) -> Result<String, Error> {
    pass_on(db.begin(Lane::Other).await?, now, &Actor::System, member, "").await
}

/// The path of a link that somebody passes on; whoever has it becomes that member, so it is noted.
pub(crate) async fn pass_on(
    mut tx: Tx,
    now: Time,
    actor: &Actor,
    member: MemberId,
    reason: &str,
) -> Result<String, Error> {
    let token = write_link(&mut tx, member, now).await?;
    audit::note(&mut tx, now, actor, AuditAction::MakePasswordLink, member, reason).await?;
    tx.commit().await?;
    Ok(path(&token))
}

/// Where a link leads on the site.
pub(crate) fn path(token: &LinkToken) -> String {
    paths::new_password(&token.to_string())
}

impl Accounts {
    /// Whether a link may be used.
    ///
    /// # Errors
    /// [`AccountError::LinkUsed`], [`AccountError::LinkOver`] or [`AccountError::LinkUnknown`]; the database may fail.
    pub async fn check_link(&self, token: &str) -> Result<(), Error> {
        let token: LinkToken = token.parse()?;
        self.of_link(&token).await.map(drop)
    }

    async fn of_link(&self, token: &LinkToken) -> Result<(MemberId, String), Error> {
        let kept = self.db.sql(
            "select l.member_id, m.email, l.expires_at, l.used_at from password_links l join members m on m.id = l.member_id
             where l.token_hash = $1",
        );
        let kept: Option<Kept> = kept.bind(token.hash().to_vec()).optional().await?;
        let wrong = match kept {
            None => AccountError::LinkUnknown,
            Some(Kept { used_at: Some(_), .. }) => AccountError::LinkUsed,
            Some(Kept { expires_at, .. }) if expires_at <= self.clock.now() => AccountError::LinkOver,
            Some(Kept { member_id, email, .. }) => return Ok((member_id, email)),
        };
        Err(model::Error::from(wrong).into())
    }

    /// Sets another password by a link. Every session of its member ends, on every node, and no other link of theirs can be used; nor
    /// can tokens of their programs, and a Kakao account that was connected with an account with a password is so no longer: whoever
    /// had the account before may have let themselves in by these. Who has no email could not sign in by the password, and may by Kakao
    /// alone: that stays, and the session that is returned begins in the place of the one that the browser had `before`, in which they
    /// give themselves an email, or leave. They may press again, as where the answer was lost: then another such session begins.
    ///
    /// # Errors
    /// As [`Accounts::check_link`]; [`model::Error::Invalid`] for `new_password`; too many from one address are refused; the database
    /// may fail.
    pub async fn set_password(
        &self,
        token: &str,
        new: &str,
        before: Option<&SessionToken>,
        address: IpAddr,
    ) -> Result<Option<SessionToken>, Error> {
        self.limits.sign_in(address).await?;
        let token: LinkToken = token.parse()?;
        match self.set_by(&token, new, before).await {
            Err(Error::Refused(model::Error::Account(AccountError::LinkUsed))) => {
                self.press_again(&token, new, before, address).await.map(Some)
            }
            done => done,
        }
    }

    async fn set_by(
        &self,
        token: &LinkToken,
        new: &str,
        before: Option<&SessionToken>,
    ) -> Result<Option<SessionToken>, Error> {
        let (member, email) = self.of_link(token).await?;
        let mut errors = FormErrors::default();
        errors.check("new_password", text::password(new, &email));
        errors.into_result()?;
        let mut errors = FormErrors::default();
        errors.check("new_password", self.passwords.check(new, &[&email]).await?);
        errors.into_result()?;
        let hash = self.passwords.hash(new).await?;
        let begun = if is_email(&email) { None } else { Some(self.sessions.new_token().await?) };
        let before = before.filter(|_| begun.is_some());
        retried!(self.write_password(member, token, &hash, begun.as_ref(), before))?;
        self.sessions.invalidate_member(member);
        if let Some(before) = before {
            self.sessions.invalidate_token(before.hash());
        }
        Ok(begun)
    }

    /// Signs in whoever says once more the password that this very link set: whoever has an email does so by that, and without one nobody
    /// else knows the session that began.
    async fn press_again(
        &self,
        token: &LinkToken,
        typed: &str,
        before: Option<&SessionToken>,
        address: IpAddr,
    ) -> Result<SessionToken, Error> {
        let used = || Error::from(model::Error::from(AccountError::LinkUsed));
        let kept = self.db.sql(
            "select m.id, m.email, m.password_hash from password_links l join members m on m.id = l.member_id
             where l.token_hash = $1 and l.used_at is not null and l.expires_at > $2",
        );
        let kept: Option<(MemberId, String, String)> =
            kept.bind(token.hash().to_vec()).bind(self.clock.now()).optional().await?;
        let kept = kept.filter(|(_, email, hash)| !is_email(email) && is_hash(hash));
        let (member, email, hash) = kept.ok_or_else(used)?;
        match self.prove(&email, &hash, typed, address).await {
            Err(Error::Refused(model::Error::Invalid { .. })) => return Err(used()),
            proved => proved?,
        }
        let begun = retried!(self.sessions.start_by(member, hash.clone(), ""))?.ok_or_else(used)?;
        if let Some(before) = before {
            self.sessions.end(before).await?;
        }
        Ok(begun)
    }

    async fn write_password(
        &self,
        member: MemberId,
        token: &LinkToken,
        hash: &str,
        begun: Option<&SessionToken>,
        before: Option<&SessionToken>,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        // The key of hashes is there before the transaction begins.
        self.email_hash("").await?;
        let mut tx = self.db.begin(Lane::Other).await?;
        // First, as whoever leaves or knows the password of today does: so no two wait for each other.
        tx.sql("update members set mode = mode where id = $1").bind(member).run().await?;
        // Of those who use it at once, one.
        let used = tx
            .sql("update password_links set used_at = $1 where token_hash = $2 and used_at is null and expires_at > $1")
            .bind(now)
            .bind(token.hash().to_vec())
            .run()
            .await?;
        if used == 0 {
            // Once whoever used it has committed: they may be the same, who presses again.
            tx.commit().await?;
            return Err(model::Error::from(AccountError::LinkUsed).into());
        }
        // Theirs end at once, so that this is the one that may be pressed again.
        end_other_links(&mut tx, member, &token.hash(), now).await?;
        tx.sql("delete from api_tokens where member_id = $1").bind(member).run().await?;
        // Whoever signed up by Kakao had no password, or has no email: that one is theirs.
        self.part_kakao_in(&mut tx, member).await?;
        let set = tx.sql("update members set password_hash = $1 where id = $2");
        set.bind(hash.to_owned()).bind(member).run().await?;
        tx.sql("delete from sessions where member_id = $1").bind(member).run().await?;
        if let Some(before) = before {
            tx.sql("delete from sessions where token_hash = $1").bind(before.hash().to_vec()).run().await?;
        }
        // With the password, or the link is not used: by no other way would they come in to try again.
        if let Some(begun) = begun {
            self.sessions.begin(&mut tx, begun, member).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Deletes links that ended long ago, and requests that no mail was sent for.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn delete_old_links(&self) -> Result<(), Error> {
        let before = self.clock.now() - REMEMBERED;
        let mut tx = self.db.begin(Lane::Other).await?;
        tx.sql("delete from password_links where expires_at < $1").bind(before).run().await?;
        tx.sql("delete from password_requests where asked_at < $1").bind(before).run().await?;
        Ok(tx.commit().await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_survive_text_and_forgeries_do_not() {
        let token = LinkToken(ids::random());
        assert!(token.to_string().parse::<LinkToken>().is_ok_and(|same| same == token));
        for forged in ["", "x", "가나다", &"A".repeat(42), &"A".repeat(44), &"=".repeat(43), &"A".repeat(5000)] {
            assert!(forged.parse::<LinkToken>().is_err(), "{forged}");
        }
        assert!(path(&token).bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/?=-_".contains(&byte)));
    }
}
