//! Mail of notices: asked for, confirmed by what is sent to the address, and stopped by a link in each. Addresses are not proved when
//! somebody signs up: without the confirmation a stranger could be written to.

use super::{Channels, Words};
use crate::{
    Error,
    accounts::{self, Actor},
    db::{Lane, retried},
    ids,
    mail::{Letter, NotTaken},
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use model::{
    MemberId, Time,
    channels::{MailLink, MailLinkView, MailState},
    paths,
};
use ring::hmac;
use uuid::Uuid;

/// Bytes of a member's id in a link; behind them stands the signature.
const ID: usize = 16;
/// Bytes of a signature that are kept.
const SIGNATURE: usize = 16;

/// What a link is signed by: of which use, for whom, to which address.
fn signed(link: MailLink, member: MemberId, email: &str) -> Vec<u8> {
    [link.name().as_bytes(), b" ", member.0.as_bytes(), email.as_bytes()].concat()
}

impl Channels {
    /// The key by which links in mails are signed.
    pub(super) async fn link_key(&self) -> Result<&hmac::Key, sqlx::Error> {
        let made = self.link_key.get_or_try_init(|| async {
            let kept = self.key("mail", ids::random::<32>().to_vec()).await?;
            Ok(hmac::Key::new(hmac::HMAC_SHA256, &kept))
        });
        made.await
    }

    /// The way to a link of a mail.
    pub(super) async fn mail_path(&self, link: MailLink, member: MemberId, email: &str) -> Result<String, Error> {
        let tag = hmac::sign(self.link_key().await?, &signed(link, member, email));
        let token = [&member.0.as_bytes()[..], &tag.as_ref()[..SIGNATURE]].concat();
        Ok(paths::mail_link(link, &BASE64.encode(token)))
    }

    /// Whose link it is, with their address and whether they are written to.
    async fn of_link(&self, link: MailLink, token: &str) -> Result<(MemberId, String, MailState), Error> {
        let forged = || Error::from(model::Error::NotFound);
        let bytes = BASE64.decode(token).map_err(|_| forged())?;
        let (id, tag) = bytes.split_at_checked(ID).filter(|(_, tag)| tag.len() == SIGNATURE).ok_or_else(forged)?;
        let member = MemberId(Uuid::from_slice(id).map_err(|_| forged())?);
        let exists = self.db.sql("select 1 from members where id = $1").bind(member).exists().await?;
        if !exists {
            return Err(forged());
        }
        let (email, state) = self.mail_state(member).await?;
        let expected = hmac::sign(self.link_key().await?, &signed(link, member, &email));
        // As long for a wrong one as for the right one.
        let differs = expected.as_ref()[..SIGNATURE].iter().zip(tag).fold(0, |all, (a, b)| all | (a ^ b));
        if differs == 0 { Ok((member, email, state)) } else { Err(forged()) }
    }

    /// What a link of a mail leads to.
    ///
    /// # Errors
    /// [`model::Error::NotFound`] for one that we did not write; the database may fail.
    pub async fn mail_link(&self, link: MailLink, token: &str) -> Result<MailLinkView, Error> {
        let (_, _, state) = self.of_link(link, token).await?;
        let done = match link {
            MailLink::Confirm => state == MailState::On,
            MailLink::Stop => state == MailState::Off,
        };
        Ok(MailLinkView { link, done })
    }

    /// Does what a link of a mail is for. Whoever has the mail may, whether they are signed in or not; twice is once.
    ///
    /// # Errors
    /// As [`Channels::mail_link`]; [`model::Error::NotFound`] for a confirmation that nobody waits for any more.
    pub async fn follow_mail_link(&self, link: MailLink, token: &str) -> Result<(), Error> {
        let (member, email, _) = self.of_link(link, token).await?;
        match link {
            MailLink::Stop => retried!(self.stop_mail(member)),
            MailLink::Confirm => retried!(self.confirm_mail(member, &email)),
        }
    }

    async fn confirm_mail(&self, member: MemberId, email: &str) -> Result<(), Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        let confirmed = tx
            .sql(
                "update mail_settings set confirmed_at = coalesce(confirmed_at, $3)
                 where member_id = $1 and email = $2",
            )
            .bind(member)
            .bind(email.to_owned())
            .bind(self.clock.now())
            .run()
            .await?;
        tx.commit().await?;
        if confirmed == 0 { Err(model::Error::NotFound.into()) } else { Ok(()) }
    }

    async fn stop_mail(&self, member: MemberId) -> Result<(), Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        tx.sql("delete from mail_settings where member_id = $1").bind(member).run().await?;
        Ok(tx.commit().await?)
    }

    /// Sends the reader a mail that asks whether they wish for notices by mail, or stops these. In which language, by its code.
    ///
    /// # Errors
    /// For visitors and suspended members; [`model::Error::NotFound`] where no mail is sent; [`model::Error::TooMany`];
    /// [`Error::Service`] when the mail server does not take it; the database may fail.
    pub async fn set_mail(&self, actor: &Actor, on: bool, lang: &str) -> Result<(), Error> {
        let member = actor.active()?.member;
        let (mailer, means) = self.mailer().zip(self.means.as_ref()).ok_or(model::Error::NotFound)?;
        if !on {
            return retried!(self.stop_mail(member));
        }
        self.limits.channels(member).await?;
        let (email, state) = self.mail_state(member).await?;
        if !accounts::is_email(&email) {
            return Err(model::Error::NotFound.into());
        }
        let now = self.clock.now();
        retried!(self.ask_for_mail(member, &email, lang, now))?;
        if state == MailState::On {
            return Ok(());
        }
        let words = means.wording.confirmation(lang);
        let to = format!("{}{}", means.origin, self.mail_path(MailLink::Confirm, member, &email).await?);
        let letter = letter(&words, &to, None, &email, format!("confirm.{}.{}", member, now.0), now);
        let failed = |reason: String| Error::Service { service: "mail", reason };
        mailer.send(letter).await.map_err(|error| match error {
            NotTaken::ForGood(why) | NotTaken::ForNow(why) => failed(why),
        })
    }

    async fn ask_for_mail(&self, member: MemberId, email: &str, lang: &str, now: Time) -> Result<(), Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        // For another address than the one that was confirmed it is confirmed anew.
        tx.sql(
            "insert into mail_settings (member_id, email, lang, asked_at) values ($1, $2, $3, $4)
             on conflict (member_id) do update set lang = excluded.lang, asked_at = excluded.asked_at, email = excluded.email,
                confirmed_at = case when mail_settings.email = excluded.email then mail_settings.confirmed_at end",
        )
        .bind(member)
        .bind(email.to_owned())
        .bind(lang.to_owned())
        .bind(now)
        .run()
        .await?;
        Ok(tx.commit().await?)
    }
}

/// A letter that says something, leads to an address, and has one where its reader is rid of such.
pub(super) fn letter(words: &Words, to: &str, stop: Option<String>, email: &str, id: String, at: Time) -> Letter {
    let Words { text, open, why, stop: stop_label, .. } = words;
    let mut plain = format!("{text}\n\n{open}: {to}\n\n--\n{why}\n");
    let mut html = format!(
        "<!DOCTYPE html><html><body style=\"font-family:sans-serif;line-height:1.6\"><p>{}</p><p><a href=\"{}\">{}</a></p>\
         <p style=\"color:#666;font-size:13px\">{}",
        escaped(text),
        escaped(to),
        escaped(open),
        escaped(why),
    );
    if let Some(stop) = &stop {
        plain.push_str(&format!("{stop_label}: {stop}\n"));
        html.push_str(&format!(" <a href=\"{}\">{}</a>", escaped(stop), escaped(stop_label)));
    }
    html.push_str("</p></body></html>");
    // On one line: what people wrote may have several.
    let subject: String = text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(120).collect();
    Letter { to: email.to_owned(), subject, text: plain, html, id, stop, at }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
