//! Channels: how notices reach members outside the site, in the browsers that they asked to be told in, by Web Push ([`web_push`]), and by
//! mail.
//!
//! What is to be sent is a row of `notice_deliveries`, written with its notice ([`queue`]), one for each place. A job takes those that are
//! due and sends them ([`sending`]): at least once, under a name that is the same each time, so that whoever gets it shows it once.

mod another_email;
mod mails;
mod password_links;
pub(crate) mod personal;
mod sending;
#[cfg(test)]
mod tests;
mod web_push;

use crate::{
    Error,
    accounts::{self, Actor, SessionToken},
    clock::Clock,
    db::{Db, Dialect, Lane, Tx, retried},
    ids,
    limits::Limits,
    mail::Mailer,
    open_net::{self, LateClient},
    site_keys::site_key,
};
use model::{
    MemberId, NoticeLine, Time,
    channels::{ChannelSettings, Device, DeviceId, MOST_DEVICES, MailState, due_at},
    text,
};
use ring::hmac;
use std::sync::Arc;
use tokio::sync::OnceCell;
use uuid::Uuid;
use web_push::{Keys, Signer};

/// In the place of an endpoint: by mail.
const MAIL: Uuid = Uuid::nil();
/// Bytes of the mark of a device.
const MARK: usize = 8;
/// The longest name of a device.
const LABEL: u64 = 60;

/// In which words members are told. Texts are the application's: the server hands them in.
pub trait Wording: Send + Sync {
    /// What a notice says in a language, by its code.
    fn notice(&self, lang: &str, line: &NoticeLine) -> Words;

    /// What a mail says that asks whether its reader wishes for mail.
    fn confirmation(&self, lang: &str) -> Words;

    /// What a mail says that leads to another password.
    fn another_password(&self, lang: &str) -> Words;

    /// What a mail says to the address that a member wishes to have.
    fn another_email(&self, lang: &str) -> Words;

    /// What it says instead to an address that a member has already.
    fn email_taken(&self, lang: &str) -> Words;

    /// What a mail says to the address that a member had before.
    fn email_changed(&self, lang: &str) -> Words;
}

/// What somebody reads outside the site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// What it says.
    pub text: String,
    /// Where on the site it leads.
    pub path: String,
    /// On the way there.
    pub open: String,
    /// Under a mail: why it comes.
    pub why: String,
    /// On the way to be rid of such mails; empty where there is none.
    pub stop: String,
}

/// By what members are told outside the site. Cheap to clone.
#[derive(Clone)]
pub struct Means {
    /// In which words.
    pub wording: Arc<dyn Wording>,
    /// Where the site is, such as `https://59.example`: mails lead there.
    pub origin: String,
    /// Web Push; `None` where nothing is pushed.
    pub push: Option<Push>,
    /// Who takes mail; `None` where none is sent.
    pub mailer: Option<Mailer>,
}

/// How push services are reached. Cheap to clone.
#[derive(Clone)]
pub struct Push {
    client: LateClient,
    contact: String,
    local: bool,
}

impl Push {
    /// With whom services may ask about what is sent: `https:` or `mailto:`.
    pub fn new(contact: &str) -> Push {
        Push { client: LateClient::default(), contact: contact.to_owned(), local: false }
    }

    /// For tests: a server of this machine may be an endpoint, without TLS.
    pub fn with_local(contact: &str) -> Push {
        Push { local: true, ..Push::new(contact) }
    }
}

/// A browser that asks to be told, as it says it.
#[derive(Clone, Default)]
pub struct NewEndpoint<'a> {
    /// Its address at a push service.
    pub url: &'a str,
    /// Its public key, in base64 for addresses.
    pub public: &'a str,
    /// What it shares with whoever sends to it, likewise.
    pub secret: &'a str,
    /// What its member may know it by.
    pub label: &'a str,
    /// The address that it had before; empty when it had none.
    pub old: &'a str,
    /// In which language it is told, by its code.
    pub lang: &'a str,
    /// In which session it asks: as long as that lasts it is told.
    pub session: Option<SessionToken>,
}

/// How members are told outside the site. Cheap to clone.
#[derive(Clone)]
pub struct Channels {
    db: Db,
    clock: Clock,
    limits: Limits,
    means: Option<Means>,
    signer: Arc<OnceCell<Signer>>,
    link_key: Arc<OnceCell<hmac::Key>>,
    slow: sending::Slow,
}

#[derive(sqlx::FromRow)]
struct DeviceRow {
    id: DeviceId,
    url: String,
    label: String,
    created_at: Time,
    last_ok_at: Option<Time>,
}

impl Channels {
    pub(crate) fn new(db: Db, clock: Clock, limits: Limits, means: Option<Means>) -> Channels {
        let (signer, link_key, slow) = (Arc::default(), Arc::default(), sending::Slow::default());
        Channels { db, clock, limits, means, signer, link_key, slow }
    }

    fn push(&self) -> Option<&Push> {
        self.means.as_ref()?.push.as_ref()
    }

    fn mailer(&self) -> Option<&Mailer> {
        self.means.as_ref()?.mailer.as_ref()
    }

    /// Whether the mail server takes us; `None` where no mail is sent.
    ///
    /// # Errors
    /// What the mail server says.
    pub async fn check_mail(&self) -> Option<Result<(), String>> {
        Some(self.mailer()?.check().await)
    }

    /// A key of the site, made by whichever node needs it first; `fresh` is kept when there is none.
    async fn key(&self, name: &'static str, fresh: Vec<u8>) -> Result<Vec<u8>, sqlx::Error> {
        site_key(&self.db, &self.clock, name, fresh).await
    }

    /// The key that push services and browsers know the site by.
    async fn signer(&self) -> Result<&Signer, Error> {
        let made = self.signer.get_or_try_init(|| async {
            let broken = || model::Error::Internal;
            let fresh = Signer::generate().map_err(|_| broken())?;
            Ok::<_, Error>(Signer::of(&self.key("push", fresh).await?).ok_or_else(broken)?)
        });
        made.await
    }

    /// How the reader is told outside the site.
    ///
    /// # Errors
    /// [`model::Error::SignedOut`] for visitors; the database may fail.
    pub async fn settings(&self, actor: &Actor) -> Result<ChannelSettings, Error> {
        let member = actor.signed_in()?.member;
        let rows: Vec<DeviceRow> = self
            .db
            .sql(
                "select id, url, label, created_at, last_ok_at from push_endpoints where member_id = $1
                 order by created_at desc, id limit 20",
            )
            .bind(member)
            .all()
            .await?;
        let device = |row: DeviceRow| Device {
            id: row.id,
            mark: mark(&row.url),
            label: row.label,
            since: row.created_at,
            reached_at: row.last_ok_at,
        };
        let push_key = match self.push() {
            Some(_) => Some(self.signer().await?.public_key()),
            None => None,
        };
        let mail = match self.mailer() {
            // Whoever signed up by Kakao may have no address.
            Some(_) => Some(self.mail_state(member).await?).filter(|(email, _)| accounts::is_email(email)),
            None => None,
        };
        Ok(ChannelSettings { push_key, devices: rows.into_iter().map(device).collect(), mail })
    }

    /// Tells the reader in a browser from now on. Of too many the one that asked first is told no more; one that another member used
    /// is this one's now.
    ///
    /// # Errors
    /// [`model::Error::SignedOut`] for visitors; [`model::Error::NotFound`] where nothing is pushed; [`model::Error::Malformed`] for
    /// what is no endpoint; [`model::Error::TooMany`]; the database may fail.
    pub async fn add_endpoint(&self, actor: &Actor, new: &NewEndpoint<'_>) -> Result<(), Error> {
        let member = actor.signed_in()?.member;
        let push = self.push().ok_or(model::Error::NotFound)?;
        let session = new.session.ok_or(model::Error::SignedOut)?.hash();
        let url = open_net::endpoint(new.url, push.local).ok_or(model::Error::Malformed)?;
        let keys = Keys::read(new.public, new.secret).ok_or(model::Error::Malformed)?;
        self.limits.channels(member).await?;
        let short: String = new.label.chars().take(LABEL as usize).collect();
        // Nobody typed it: what cannot be used is left out.
        let label = text::line(&short, 0, LABEL).unwrap_or_default();
        retried!(self.write_endpoint(member, &session, url.as_str(), &keys, &label, new))
    }

    async fn write_endpoint(
        &self,
        member: MemberId,
        session: &[u8],
        url: &str,
        keys: &Keys,
        label: &str,
        new: &NewEndpoint<'_>,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin(Lane::Other).await?;
        let mut label = label.to_owned();
        if !new.old.is_empty() && new.old != url {
            let old = tx.sql("delete from push_endpoints where member_id = $1 and url = $2 returning label");
            let old: Option<(String,)> = old.bind(member).bind(new.old.to_owned()).optional().await?;
            label = old.map(|(old,)| old).filter(|_| label.is_empty()).unwrap_or(label);
        }
        tx.sql(
            "insert into push_endpoints (id, member_id, url, p256dh, auth, label, lang, created_at, session_hash)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             on conflict (url) do update set member_id = excluded.member_id, p256dh = excluded.p256dh, auth = excluded.auth,
                label = excluded.label, lang = excluded.lang, created_at = excluded.created_at, session_hash = excluded.session_hash",
        )
        .bind(DeviceId(ids::new_id(now)))
        .bind(member)
        .bind(url.to_owned())
        .bind(keys.public.to_vec())
        .bind(keys.secret.to_vec())
        .bind(label)
        .bind(new.lang.to_owned())
        .bind(now)
        .bind(session.to_vec())
        .run()
        .await?;
        tx.sql(
            "delete from push_endpoints where member_id = $1 and id not in
                (select id from push_endpoints where member_id = $1 order by created_at desc, id desc limit $2)",
        )
        .bind(member)
        .bind(MOST_DEVICES as i64)
        .run()
        .await?;
        Ok(tx.commit().await?)
    }

    /// Tells the reader in a browser no more.
    ///
    /// # Errors
    /// [`model::Error::SignedOut`] for visitors; the database may fail. One that is not there, or not theirs, is no error.
    pub async fn remove_device(&self, actor: &Actor, device: DeviceId) -> Result<(), Error> {
        let member = actor.signed_in()?.member;
        retried!(self.remove_device_once(member, device))
    }

    async fn remove_device_once(&self, member: MemberId, device: DeviceId) -> Result<(), Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        tx.sql("delete from push_endpoints where member_id = $1 and id = $2").bind(member).bind(device).run().await?;
        Ok(tx.commit().await?)
    }

    /// The same by the browser's address.
    ///
    /// # Errors
    /// As [`Channels::remove_device`].
    pub async fn remove_endpoint(&self, actor: &Actor, url: &str) -> Result<(), Error> {
        let member = actor.signed_in()?.member;
        retried!(self.remove_endpoint_once(member, url))
    }

    async fn remove_endpoint_once(&self, member: MemberId, url: &str) -> Result<(), Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        let delete = tx.sql("delete from push_endpoints where member_id = $1 and url = $2");
        delete.bind(member).bind(url.to_owned()).run().await?;
        Ok(tx.commit().await?)
    }

    async fn mail_state(&self, member: MemberId) -> Result<(String, MailState), Error> {
        let row: (String, Option<String>, Option<Time>) = self
            .db
            .sql(
                "select m.email, s.email, s.confirmed_at from members m left join mail_settings s on s.member_id = m.id
                 where m.id = $1",
            )
            .bind(member)
            .one()
            .await?;
        let state = match row {
            // What was confirmed was another address.
            (ref email, Some(ref asked), _) if email != asked => MailState::Off,
            (_, Some(_), Some(_)) => MailState::On,
            (_, Some(_), None) => MailState::Asked,
            _ => MailState::Off,
        };
        Ok((row.0, state))
    }
}

/// By which a browser knows its own address again.
fn mark(url: &str) -> String {
    ids::hash(&[url.as_bytes()]).iter().take(MARK).map(|byte| format!("{byte:02x}")).collect()
}

/// A notice that was stored, for [`queue`].
#[derive(Debug, Clone, Copy)]
pub struct Stored {
    /// Whose it is.
    pub member: MemberId,
    /// Its number among theirs.
    pub number: i64,
    /// Whether it is of use only in this hour: then no night holds it up.
    pub of_the_hour: bool,
}

/// Notes where notices are still to be sent to, in the transaction in which they are stored: every browser that their members asked to
/// be told in, and their mail. By night they wait for the morning, unless they are of that hour.
///
/// # Errors
/// The database's.
pub async fn queue(tx: &mut Tx, notices: &[Stored], now: Time) -> Result<(), sqlx::Error> {
    let [usually, of_the_hour] = [false, true].map(|of_the_hour| due_at(of_the_hour, now));
    let insert = match tx.dialect() {
        Dialect::Sqlite => {
            // As one text each: SQLite reads a list within a list anew for everything that is taken from it.
            let row = |Stored { member, number, of_the_hour }: &Stored| {
                format!("{}{}{number}", member.0.simple(), u8::from(*of_the_hour))
            };
            // From each notice to its member's places, however many places others have.
            tx.sql(
                "insert into notice_deliveries (member_id, number, target_id, due_at, since, tries)
                 select p.member_id, cast(substr(n.value, 34) as integer), p.id, iif(substr(n.value, 33, 1) = '1', $3, $2),
                    iif(substr(n.value, 33, 1) = '1', $3, $2), 0
                 from json_each($1) n cross join push_endpoints p where p.member_id = unhex(substr(n.value, 1, 32))
                 union all select s.member_id, cast(substr(n.value, 34) as integer), $4, iif(substr(n.value, 33, 1) = '1', $3, $2),
                    iif(substr(n.value, 33, 1) = '1', $3, $2), 0
                 from json_each($1) n cross join mail_settings s
                 where s.member_id = unhex(substr(n.value, 1, 32)) and s.confirmed_at is not null
                 on conflict (member_id, number, target_id) do nothing",
            )
            .bind_json(&notices.iter().map(row).collect::<Vec<_>>())
            .bind(usually)
            .bind(of_the_hour)
        }
        Dialect::Postgres => {
            let due = |notice: &Stored| if notice.of_the_hour { of_the_hour.0 } else { usually.0 };
            tx.sql(
                "insert into notice_deliveries (member_id, number, target_id, due_at, since, tries)
                 select n.member_id, n.number, p.target_id, n.due_at, n.due_at, 0
                 from unnest($1::uuid[], $2::bigint[], $3::bigint[]) as n (member_id, number, due_at)
                 join (select member_id, id as target_id from push_endpoints
                    union all select member_id, $4::uuid from mail_settings where confirmed_at is not null) p on p.member_id = n.member_id
                 on conflict (member_id, number, target_id) do nothing",
            )
            .bind_column(notices.iter().map(|notice| notice.member.0).collect::<Vec<_>>())
            .bind_column(notices.iter().map(|notice| notice.number).collect::<Vec<_>>())
            .bind_column(notices.iter().map(due).collect::<Vec<_>>())
        }
    };
    insert.bind(MAIL).run().await.map(drop)
}
