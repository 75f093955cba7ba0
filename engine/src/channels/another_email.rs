//! Another email, where mail is sent: a letter to the new address with a link that its member follows signed in, and a word to the old
//! one once that was done. That word is a row, written as the email changes: no browser that is closed at that moment, and no server that
//! does not answer, keeps whoever had the account from learning of it. (Whoever leaves is erased at once, and that row with them, should it
//! not be sent by then.)
//!
//! Nothing is kept of such a link: it says how long it lasts and which address it is for, and is signed with that, the member, and the
//! email and the password that they had. So it is over as soon as one of these is another. Whoever is written to by mistake has the link
//! and not the session, and becomes nobody.

use super::{Channels, mails::letter};
use crate::{
    Error,
    accounts::{self, Accounts, Actor, EmailWish, LINK_LASTS, SessionToken},
    db::{Lane, Tx},
    ids,
    mail::NotTaken,
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use futures::future::join_all;
use model::{AccountError, DAY, MINUTE, MemberId, Span, Time, paths};
use ring::hmac;
use std::net::IpAddr;
use uuid::Uuid;

/// The longest link: that of the longest address.
const LONGEST: usize = 600;
/// Bytes of a signature.
const SIGNATURE: usize = 32;
/// Words to old addresses that are sent at most before other letters have their turn.
const AT_ONCE: i64 = 8;
/// How long somebody has such words who took them, and after how long they are tried again: longer than so many may take.
const TAKEN_FOR: Span = MINUTE.times(10);
/// How long it is tried to tell an old address.
const TRIED_FOR: Span = DAY;

/// That an address is no member's email any more.
#[derive(sqlx::FromRow)]
struct OldEmail {
    id: Uuid,
    email: String,
    lang: String,
    changed_at: Time,
    due_at: Time,
}

/// What a link is signed by.
fn signed(wish: &EmailWish, until: Time) -> Vec<u8> {
    let (until, old, hash) =
        (until.0.to_be_bytes(), ids::hash(&[wish.old.as_bytes()]), ids::hash(&[wish.hash.as_bytes()]));
    let parts: [&[u8]; 6] = [b"another email ", wish.member.0.as_bytes(), &until, &old, &hash, wish.new.as_bytes()];
    parts.concat()
}

/// What a link says: until when it lasts, its signature, and the address. Nothing of it is believed yet.
fn read(token: &str) -> Option<(Time, [u8; SIGNATURE], String)> {
    let bytes = BASE64.decode(Some(token).filter(|token| token.len() <= LONGEST)?).ok()?;
    let (until, rest) = bytes.split_first_chunk()?;
    let (tag, email) = rest.split_first_chunk()?;
    Some((Time(i64::from_be_bytes(*until)), *tag, String::from_utf8(email.to_vec()).ok()?))
}

impl Channels {
    /// Writes to the address that the actor wishes to have, in which language by its code: a link, or, where somebody has it, that. Whoever
    /// asks is answered alike. `typed` is the email and today's password.
    ///
    /// # Errors
    /// [`model::Error::NotFound`] where no mail is sent, and for whoever has no password; for visitors and suspended members;
    /// [`model::Error::Invalid`] names what is wrong of `email` and `password`; [`model::Error::TooMany`]; [`Error::Service`] when the mail server does not take it; the database may fail.
    pub async fn ask_another_email(
        &self,
        accounts: &Accounts,
        actor: &Actor,
        typed: (&str, &str),
        lang: &str,
        address: IpAddr,
    ) -> Result<(), Error> {
        let (mailer, means) = self.mailer().zip(self.means.as_ref()).ok_or(model::Error::NotFound)?;
        let wish = accounts.wish_for_email(actor, typed, address).await?;
        let now = self.clock.now();
        let token = self.email_token(&wish, now + LINK_LASTS).await?;
        let (words, path) = match accounts.by_email(&wish.new).await? {
            Some(_) => {
                let words = means.wording.email_taken(lang);
                let path = words.path.clone();
                (words, path)
            }
            None => (means.wording.another_email(lang), paths::new_email(&token)),
        };
        let id = format!("email.{}", ids::new_id(now).simple());
        let letter = letter(&words, &format!("{}{path}", means.origin), None, &wish.new, id, now);
        mailer.send(letter).await.map_err(|error| match error {
            NotTaken::ForGood(reason) | NotTaken::ForNow(reason) => Error::Service { service: "mail", reason },
        })
    }

    pub(super) async fn email_token(&self, wish: &EmailWish, until: Time) -> Result<String, Error> {
        let tag = hmac::sign(self.link_key().await?, &signed(wish, until));
        Ok(BASE64.encode([&until.0.to_be_bytes()[..], tag.as_ref(), wish.new.as_bytes()].concat()))
    }

    /// The address that a link gives the actor.
    ///
    /// # Errors
    /// [`model::Error::SignedOut`] for visitors; [`AccountError::LinkUsed`], [`AccountError::LinkOver`] or [`AccountError::LinkUnknown`], which
    /// another member's is as well; the database may fail.
    pub async fn email_of_link(&self, actor: &Actor, token: &str) -> Result<String, Error> {
        Ok(self.wish_of_link(actor.signed_in()?.member, token).await?.new)
    }

    pub(super) async fn wish_of_link(&self, member: MemberId, token: &str) -> Result<EmailWish, Error> {
        let unknown = || Error::from(model::Error::from(AccountError::LinkUnknown));
        let (until, tag, new) = read(token).ok_or_else(unknown)?;
        let row = self.db.sql("select email, password_hash from members where id = $1").bind(member);
        let row: Option<(String, String)> = row.optional().await?;
        let (old, hash) = row.ok_or_else(unknown)?;
        if old == new {
            return Err(model::Error::from(AccountError::LinkUsed).into());
        }
        let wish = EmailWish { member, old, new, hash };
        if hmac::verify(self.link_key().await?, &signed(&wish, until), &tag).is_err() {
            return Err(unknown());
        }
        if until <= self.clock.now() {
            return Err(model::Error::from(AccountError::LinkOver).into());
        }
        Ok(wish)
    }

    /// Gives the actor the email that a link was sent to, and has the address that they had told, in which language by its code. Everything ends
    /// that another password ends, but for the way in by Kakao; the session that is returned begins.
    ///
    /// # Errors
    /// [`model::Error::NotFound`] where no mail is sent; for visitors and suspended members; as [`Channels::email_of_link`].
    pub async fn follow_email_link(
        &self,
        accounts: &Accounts,
        actor: &Actor,
        session: &SessionToken,
        token: &str,
        lang: &str,
    ) -> Result<SessionToken, Error> {
        if !self.sends_mail() {
            return Err(model::Error::NotFound.into());
        }
        let wish = self.wish_of_link(actor.active()?.member, token).await?;
        let mut anew = accounts.give_email(&wish, session).await?;
        self.follow_address(&mut anew.tx, &wish, lang).await?;
        accounts.sessions.commit(anew).await
    }

    /// Notices that were mailed to the old address are mailed to the new one, which was proved as well; and the old one is to be told.
    async fn follow_address(&self, tx: &mut Tx, wish: &EmailWish, lang: &str) -> Result<(), Error> {
        tx.sql("update mail_settings set email = $2 where member_id = $1 and email = $3 and confirmed_at is not null")
            .bind(wish.member)
            .bind(wish.new.clone())
            .bind(wish.old.clone())
            .run()
            .await?;
        if accounts::is_email(&wish.old) {
            let now = self.clock.now();
            tx.sql(
                "insert into old_emails (id, member_id, email, lang, changed_at, due_at) values ($1, $2, $3, $4, $5, $5)",
            )
            .bind(ids::new_id(now))
            .bind(wish.member)
            .bind(wish.old.clone())
            .bind(lang.to_owned())
            .bind(now)
            .run()
            .await?;
        }
        Ok(())
    }

    /// Tells some of the addresses that are nobody's any more, for as long as that is of use to anybody: at once, since password links wait
    /// until they are told, and a server may take its time for each.
    ///
    /// # Errors
    /// When the database fails: what was taken is found again.
    pub(crate) async fn tell_old_emails(&self) -> Result<(), Error> {
        // Also where mail is not sent any more: then nobody is told, and nothing kept.
        let mails = self.mailer().zip(self.means.as_ref());
        let told = self.take_old_emails().await?.into_iter().map(async |old| {
            let now = self.clock.now();
            let why = match mails.filter(|_| now.since(old.changed_at) < TRIED_FOR) {
                None => Some("it was tried for a day, or no mail is sent".to_owned()),
                Some((mailer, means)) => {
                    let words = means.wording.email_changed(&old.lang);
                    let to = format!("{}{}", means.origin, words.path);
                    let id = format!("email.{}", old.id.simple());
                    match mailer.send(letter(&words, &to, None, &old.email, id, now)).await {
                        Ok(()) => None,
                        Err(NotTaken::ForGood(why)) => Some(why),
                        // It is due again in a while.
                        Err(NotTaken::ForNow(why)) => {
                            tracing::warn!(
                                why,
                                "whoever had an email before is not told yet that it is another one now"
                            );
                            return Ok(());
                        }
                    }
                }
            };
            if let Some(why) = why {
                tracing::warn!(why, "whoever had an email before cannot be told that it is another one now");
            }
            let mut tx = self.db.begin(Lane::Other).await?;
            tx.sql("delete from old_emails where id = $1").bind(old.id).run().await?;
            Ok(tx.commit().await?)
        });
        join_all(told).await.into_iter().collect()
    }

    /// Takes some of those that are due, by moving them to when they are tried again.
    async fn take_old_emails(&self) -> Result<Vec<OldEmail>, Error> {
        let now = self.clock.now();
        let due = self.db.sql(
            "select id, email, lang, changed_at, due_at from old_emails where due_at <= $1 order by due_at limit $2",
        );
        let due: Vec<OldEmail> = due.bind(now).bind(AT_ONCE).all().await?;
        if due.is_empty() {
            return Ok(due);
        }
        let (mut tx, mut taken) = (self.db.begin(Lane::Other).await?, Vec::with_capacity(due.len()));
        for old in due {
            // Two who take at once: the other side of the condition.
            let take = tx.sql("update old_emails set due_at = $1 where id = $2 and due_at = $3");
            if take.bind(now + TAKEN_FOR).bind(old.id).bind(old.due_at).run().await? == 1 {
                taken.push(old);
            }
        }
        tx.commit().await?;
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_link_is_read_as_none() {
        for made_up in ["", "x", "가나다", &"A".repeat(53), &"A".repeat(LONGEST + 1), "===="] {
            assert!(read(made_up).is_none(), "{made_up}");
        }
        let bytes = [&7_i64.to_be_bytes()[..], &[1_u8; SIGNATURE], b"otter@example.com"].concat();
        let read = read(&BASE64.encode(bytes));
        assert_eq!(read, Some((Time(7), [1; SIGNATURE], "otter@example.com".to_owned())));
    }
}
