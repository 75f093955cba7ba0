//! Letters with a link to set another password.
//!
//! Who asks is answered the same, and causes the same work, whether somebody has the address or not: a row is written. A job looks for
//! the account, makes the link and sends it, a few at a time; what a server does not take for now is tried again each minute, each time
//! with a link of its own, for as long as one lasts.

use super::{Channels, Means, mails::letter};
use crate::{
    Error,
    accounts::{self, LINK_LASTS, LinkToken},
    db::{Lane, retried},
    ids,
    mail::{Mailer, NotTaken},
};
use model::{FormErrors, MINUTE, MemberId, Span, Time, text};
use std::net::IpAddr;
use tokio::task::JoinSet;
use uuid::Uuid;

/// Letters under way at once.
const AT_ONCE: i64 = 8;
/// How long somebody has a request who took it: longer than a letter may take.
const TAKEN_FOR: Span = MINUTE;
/// The longest address that is kept as it was typed.
const TYPED: usize = 254;

/// What somebody asked for.
#[derive(Debug, sqlx::FromRow)]
struct Request {
    id: Uuid,
    email: String,
    typed: String,
    lang: String,
    asked_at: Time,
    due_at: Time,
}

impl Channels {
    /// Whether mail is sent here.
    pub fn sends_mail(&self) -> bool {
        self.mailer().is_some()
    }

    /// Has a link to set another password sent to an address, if an account has it: nobody is told whether. In which language, by its
    /// code.
    ///
    /// # Errors
    /// [`model::Error::NotFound`] where no mail is sent; [`model::Error::Invalid`] for what is no address; [`model::Error::TooMany`];
    /// the database may fail.
    pub async fn ask_password_link(&self, typed: &str, lang: &str, address: IpAddr) -> Result<(), Error> {
        if !self.sends_mail() {
            return Err(model::Error::NotFound.into());
        }
        let mut errors = FormErrors::default();
        let email = errors.check("email", text::email(typed));
        errors.into_result()?;
        let email = email.unwrap_or_default();
        self.limits.password_link(&email, address).await?;
        // PostgreSQL takes no text with a NUL.
        let typed: String = typed.trim().to_lowercase().chars().filter(|c| *c != '\0').take(TYPED).collect();
        retried!(self.write_password_request(&email, &typed, lang))
    }

    async fn write_password_request(&self, email: &str, typed: &str, lang: &str) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin(Lane::Other).await?;
        tx.sql(
            "insert into password_requests (id, email, typed, lang, asked_at, due_at, tries) values ($1, $2, $3, $4, $5, $5, 0)",
        )
        .bind(ids::new_id(now))
        .bind(email.to_owned())
        .bind(typed.to_owned())
        .bind(lang.to_owned())
        .bind(now)
        .run()
        .await?;
        Ok(tx.commit().await?)
    }

    /// Sends what is due.
    ///
    /// # Errors
    /// When the database fails: what was taken is found again.
    pub(crate) async fn send_password_links(&self) -> Result<(), Error> {
        let Some((mailer, means)) = self.mailer().zip(self.means.as_ref()) else { return Ok(()) };
        loop {
            let taken = self.take_password_requests().await?;
            if taken.is_empty() {
                return Ok(());
            }
            let mut under_way = JoinSet::new();
            for request in taken {
                let (channels, mailer, means) = (self.clone(), mailer.clone(), means.clone());
                under_way.spawn(async move { channels.send_password_link(&mailer, &means, &request).await });
            }
            while let Some(done) = under_way.join_next().await {
                done.unwrap_or(Err(model::Error::Internal.into()))?;
            }
        }
    }

    /// Takes some of what is due, by moving it to when it is tried again.
    async fn take_password_requests(&self) -> Result<Vec<Request>, Error> {
        let now = self.clock.now();
        let due = self.db.sql(
            "select id, email, typed, lang, asked_at, due_at from password_requests where due_at <= $1 order by due_at limit $2",
        );
        let due: Vec<Request> = due.bind(now).bind(AT_ONCE).all().await?;
        if due.is_empty() {
            return Ok(due);
        }
        let (mut tx, mut taken) = (self.db.begin(Lane::Other).await?, Vec::with_capacity(due.len()));
        for request in due {
            // Two who take at once: the other side of the condition.
            let take =
                tx.sql("update password_requests set due_at = $1, tries = tries + 1 where id = $2 and due_at = $3");
            if take.bind(now + TAKEN_FOR).bind(request.id).bind(request.due_at).run().await? == 1 {
                taken.push(request);
            }
        }
        tx.commit().await?;
        Ok(taken)
    }

    async fn send_password_link(&self, mailer: &Mailer, means: &Means, request: &Request) -> Result<(), Error> {
        let now = self.clock.now();
        let found = self.db.sql(
            "select id, email from members where email = $1 or email = $2 order by case when email = $1 then 0 else 1 end limit 1",
        );
        let found: Option<(MemberId, String)> =
            found.bind(request.email.clone()).bind(request.typed.clone()).optional().await?;
        let found = found.filter(|_| now.since(request.asked_at) < LINK_LASTS);
        let Some((member, email)) = found else { return self.delete_password_request(request).await };
        let Some(token) = self.write_link_at(member, &email, now).await? else {
            return self.delete_password_request(request).await;
        };
        let to = format!("{}{}", means.origin, accounts::link_path(&token));
        let words = means.wording.another_password(&request.lang);
        let id = format!("password.{}", request.id.simple());
        match mailer.send(letter(&words, &to, None, &email, id, now)).await {
            Ok(()) => self.delete_password_request(request).await,
            Err(NotTaken::ForGood(why)) => {
                tracing::warn!(why, "a link to set another password is not taken by the mail server");
                self.delete_password_request(request).await
            }
            // It is due again in a while.
            Err(NotTaken::ForNow(why)) => {
                tracing::warn!(why, "a link to set another password could not be sent yet");
                Ok(())
            }
        }
    }

    /// Makes a link for a member with this email; `None` when it is another by now: what was sent there before is over.
    pub(super) async fn write_link_at(
        &self,
        member: MemberId,
        email: &str,
        now: Time,
    ) -> Result<Option<LinkToken>, Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        // Changes nothing but takes the row: whoever has their email replaced at this moment comes before, or ends this link too.
        let same = tx.sql("update members set mode = mode where id = $1 and email = $2");
        if same.bind(member).bind(email.to_owned()).run().await? == 0 {
            return Ok(None);
        }
        let token = accounts::write_link(&mut tx, member, now).await?;
        tx.commit().await?;
        Ok(Some(token))
    }

    async fn delete_password_request(&self, request: &Request) -> Result<(), Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        tx.sql("delete from password_requests where id = $1").bind(request.id).run().await?;
        Ok(tx.commit().await?)
    }
}
