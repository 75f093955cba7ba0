//! Accounts: sign up, sign in, sessions, mode and creator profile.

mod actor;
mod another_email;
mod another_password;
mod consents;
mod departed;
mod kakao;
mod names;
mod oidc;
mod password_links;
mod passwords;
pub(crate) mod personal;
mod profile;
mod sessions;
#[cfg(test)]
pub(crate) mod testing;

pub use actor::Actor;
pub(crate) use another_email::EmailWish;
pub(crate) use departed::note_departed;
pub(crate) use kakao::is_email;
pub use kakao::{Arrival, Arrived, CameBack, KakaoSignUp};
pub(crate) use names::protect;
pub use oidc::{KAKAO, Oidc, OidcSettings};
pub use password_links::{LINK_LASTS, one_time_link};
pub(crate) use password_links::{LinkToken, end_links, pass_on, path as link_path, write_link};
pub use passwords::Passwords;
pub(crate) use profile::shown_picture;
pub(crate) use sessions::ProgramToken;
pub use sessions::{Program, Session, SessionToken, Sessions, VISIT};

use crate::{
    Error,
    clock::Clock,
    cluster::Invalidation,
    db::{Db, Dialect, Lane, Tx, retried},
    limits::Limits,
};
use model::{AccountError, DAY, FieldError, FormErrors, MemberId, Mode, Role, Span, Time, terms::Consent, text};
use std::{collections::HashMap, net::IpAddr};

/// How long it is remembered who signed in on which browser.
const DEVICES_KEPT: Span = DAY.times(90);

/// What the sign-up form sends.
#[derive(Debug, Clone, Default)]
pub struct SignUp {
    /// As typed.
    pub email: String,
    /// As typed.
    pub password: String,
    /// As typed.
    pub nickname: String,
    /// Terms and privacy accepted.
    pub terms: bool,
    /// 14 or older.
    pub adult: bool,
    /// May be sent advertising.
    pub marketing: bool,
}

/// What somebody signs in with.
#[derive(Debug, Clone, Copy)]
pub struct Browser<'a> {
    /// What it calls itself.
    pub device: &'a str,
    /// The cookie that it has carried for long, if it has one.
    pub visitor: Option<&'a str>,
    /// Where it is.
    pub address: IpAddr,
}

/// How a creator presents themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreatorProfile {
    /// 1 to 50 characters.
    pub name: String,
    /// At most 1,000 characters.
    pub introduction: String,
    /// At most 5.
    pub links: Vec<String>,
}

/// Everything about accounts. Cheap to clone.
#[derive(Clone)]
pub struct Accounts {
    db: Db,
    clock: Clock,
    passwords: Passwords,
    limits: Limits,
    emails: departed::EmailHasher,
    kakao: Option<Oidc>,
    /// Who is signed in.
    pub sessions: Sessions,
}

impl Accounts {
    pub(crate) fn new(
        db: Db,
        clock: Clock,
        limits: Limits,
        passwords: Passwords,
        invalidation: Invalidation,
        kakao: Option<Oidc>,
    ) -> Accounts {
        let sessions = Sessions::new(db.clone(), clock.clone(), invalidation);
        Accounts { db, clock, passwords, limits, emails: departed::EmailHasher::default(), kakao, sessions }
    }

    /// Makes an account and signs it in on `device`. Whoever brings an email that has an account is told nothing else: their
    /// token is nobody's. Their password is hashed as well, but nothing is written, which whoever measures it can tell: no more than
    /// whoever goes on with that token.
    ///
    /// # Errors
    /// [`model::Error::Invalid`] names the fields that are wrong, or a nickname that is taken; too many from one address are
    /// refused, and too many at once; the database may fail.
    pub async fn sign_up(&self, form: SignUp, device: &str, address: IpAddr) -> Result<SessionToken, Error> {
        let mut errors = FormErrors::default();
        let email = errors.check("email", text::email(&form.email));
        errors.check("password", text::password(&form.password, &form.email));
        let nickname = errors.check("nickname", text::nickname(&form.nickname));
        for (field, accepted) in [("terms", form.terms), ("adult", form.adult)] {
            if !accepted {
                errors.add(field, FieldError::Required);
            }
        }
        let (Some(email), Some(nickname)) = (email, nickname) else {
            errors.into_result()?;
            return Err(model::Error::Malformed.into());
        };
        errors.into_result()?;
        self.limits.sign_up(address).await?;
        let mut errors = FormErrors::default();
        errors.check("nickname", names::check(&self.db, &nickname, None).await?);
        errors.check("password", self.passwords.check(&form.password, &[&email, &nickname]).await?);
        errors.into_result()?;
        let hash = self.passwords.hash(&form.password).await?;
        match retried!(self.insert(&email, &nickname, hash.clone(), form.marketing, Role::Member))? {
            Some(member) => self.sessions.start(member, device).await,
            None => self.sessions.of_nobody().await,
        }
    }

    /// A new member; `None` when the email has an account.
    async fn insert(
        &self,
        email: &str,
        nickname: &str,
        hash: String,
        marketing: bool,
        role: Role,
    ) -> Result<Option<MemberId>, Error> {
        // The key of hashes is there before the transaction begins.
        self.email_hash(email).await?;
        let mut tx = self.db.begin(Lane::Other).await?;
        let member = self.insert_in(&mut tx, email, nickname, hash, marketing, role).await?;
        if member.is_some() {
            tx.commit().await?;
        }
        Ok(member)
    }

    /// The same within a transaction. [`Accounts::email_hash`] was called before, so that its key is there.
    async fn insert_in(
        &self,
        tx: &mut Tx,
        email: &str,
        nickname: &str,
        hash: String,
        marketing: bool,
        role: Role,
    ) -> Result<Option<MemberId>, Error> {
        let now = self.clock.now();
        let id = MemberId(crate::ids::new_id(now));
        let known_by = self.email_hash(email).await?;
        let (suspended, until) = departed::suspended(tx, &known_by, now).await?.unzip();
        let inserted = tx
            .sql(
                "insert into members (id, email, nickname, nickname_key, password_hash, mode, role, marketing, terms_version, created_at,
                    privacy_version, suspended_at, suspended_until)
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) on conflict do nothing",
            )
            .bind(id)
            .bind(email.to_owned())
            .bind(nickname.to_owned())
            .bind(nickname_key(nickname))
            .bind(hash)
            .bind(Mode::Shopper)
            .bind(role)
            .bind(marketing)
            .bind(i64::from(Consent::Terms.current()))
            .bind(now)
            .bind(i64::from(Consent::Privacy.current()))
            .bind(suspended)
            .bind(until.flatten())
            .run()
            .await?;
        if inserted == 0 {
            let key = nickname_key(nickname);
            if tx.sql("select 1 from members where nickname_key = $1").bind(key).exists().await? {
                let mut errors = FormErrors::default();
                errors.add("nickname", FieldError::Taken);
                errors.into_result()?;
            }
            return Ok(None);
        }
        if !names::claim(tx, nickname, id).await? {
            let mut errors = FormErrors::default();
            errors.add("nickname", FieldError::Taken);
            errors.into_result()?;
        }
        departed::note_former(tx, &known_by, id, false, now).await?;
        for (consent, given) in [(Consent::Terms, true), (Consent::Privacy, true), (Consent::Marketing, marketing)] {
            consents::note(tx, id, consent, given, now).await?;
        }
        Ok(Some(id))
    }

    /// Signs in. A wrong email and a wrong password read and take alike.
    ///
    /// # Errors
    /// [`model::Error::WrongPassword`], and a refusal after too many attempts or when too many sign in at once; the database may
    /// fail.
    pub async fn sign_in(&self, email: &str, password: &str, browser: Browser<'_>) -> Result<SessionToken, Error> {
        self.limits.sign_in(browser.address).await?;
        // As addresses were kept before they were composed. PostgreSQL takes no text with a NUL.
        let before = email.trim().to_lowercase().replace('\0', "");
        let Ok(email) = text::email(email) else {
            return Err(Error::Refused(AccountError::WrongPassword.into()));
        };
        let device = browser.visitor.map(device);
        let found: Option<(MemberId, String, bool)> = self
            .db
            .sql(
                "select id, password_hash, exists (select 1 from devices where device = $2 and member_id = members.id)
                 from members where email = $1 or email = $3 order by email <> $1 limit 1",
            )
            .bind(email.clone())
            .bind(device.map(|device| device.to_vec()))
            .bind(before)
            .optional()
            .await?;
        let known = device.filter(|_| found.as_ref().is_some_and(|(_, _, known)| *known));
        // Before the hash is computed: of those who try at once no more are tried than of those who do so in turn.
        let attempts = self.limits.passwords(&email, browser.address, known.as_ref().map(|device| &device[..]));
        attempts.take(self.clock.now()).await?;
        let (member, hash) = found.map(|(member, hash, _)| (member, hash)).unzip();
        let hash = hash.filter(|hash: &String| passwords::is_hash(hash));
        let right = match self.passwords.verify(password, hash.clone()).await {
            Ok(right) => right,
            Err(untried) => {
                attempts.give_back(self.clock.now()).await;
                return Err(untried);
            }
        };
        match member.zip(hash) {
            Some((member, hash)) if right => {
                attempts.give_back(self.clock.now()).await;
                let begun = retried!(self.sessions.start_by(member, hash.clone(), browser.device))?;
                begun.ok_or_else(|| Error::Refused(AccountError::WrongPassword.into()))
            }
            _ => Err(Error::Refused(AccountError::WrongPassword.into())),
        }
    }

    /// Makes accounts without a form, for demonstration data and load tests, each email once; whoever has one already keeps it.
    /// Everyone made with one `hash` shares its password.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_many(&self, people: Vec<(String, String)>, hash: &str) -> Result<Vec<MemberId>, Error> {
        let now = self.clock.now();
        let mut ids = Vec::with_capacity(people.len());
        for chunk in people.chunks(1000) {
            let mut tx = self.db.begin(Lane::Other).await?;
            if tx.dialect() == Dialect::Postgres {
                ids.extend(insert_columns(&mut tx, chunk, hash, now).await?);
                tx.commit().await?;
                continue;
            }
            for (email, nickname) in chunk {
                let insert = tx
                    .sql(
                    "insert into members (id, email, nickname, nickname_key, password_hash, mode, role, marketing, terms_version, created_at,
                        privacy_version)
                     values ($1, $2, $3, $4, $5, 'shopper', 'member', false, $6, $7, $8)
                     on conflict (email) do update set email = excluded.email returning id",
                )
                .bind(MemberId(crate::ids::new_id(now)))
                .bind(email.clone())
                .bind(nickname.clone())
                .bind(nickname_key(nickname))
                .bind(hash.to_owned())
                .bind(i64::from(Consent::Terms.current()))
                .bind(now)
                .bind(i64::from(Consent::Privacy.current()));
                let (id,): (MemberId,) = insert.one().await?;
                ids.push(id);
            }
            tx.commit().await?;
        }
        Ok(ids)
    }

    /// The same; whose nickname is somebody's already is called so with a number behind.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn insert_apart(
        &self,
        mut people: Vec<(String, String)>,
        hash: &str,
    ) -> Result<Vec<MemberId>, Error> {
        match self.insert_many(people.clone(), hash).await {
            Err(Error::Database(sqlx::Error::Database(error))) if error.is_unique_violation() => {}
            done => return done,
        }
        for at in 0..people.len() {
            let (email, nickname) = people[at].clone();
            let (mut name, mut number) = (nickname.clone(), 1);
            loop {
                let key = nickname_key(&name);
                let is_theirs = |(nth, (_, other)): (usize, &(String, String))| nth != at && nickname_key(other) == key;
                let others = self.db.sql("select 1 from members where nickname_key = $1 and email <> $2");
                let taken = others.bind(key.clone()).bind(email.clone()).exists().await?;
                if !taken && (number == 1 || !people.iter().enumerate().any(is_theirs)) {
                    break;
                }
                number += 1;
                name = format!("{nickname} {number}");
            }
            people[at].1 = name;
        }
        self.insert_many(people, hash).await
    }

    /// The member with that email.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn by_email(&self, email: &str) -> Result<Option<MemberId>, Error> {
        let row: Option<(MemberId,)> =
            self.db.sql("select id from members where email = $1").bind(email.to_owned()).optional().await?;
        Ok(row.map(|(id,)| id))
    }

    /// Toggles between shopper and creator; the first switch to creator needs a profile.
    ///
    /// # Errors
    /// [`model::Error::Forbidden`] without the profile that a creator needs, [`model::Error::SignedOut`]; the database may fail.
    pub async fn set_mode(&self, actor: &Actor, mode: Mode) -> Result<(), Error> {
        let member = actor.signed_in()?.member;
        retried!(self.write_mode(member, mode))?;
        self.sessions.invalidate_member(member);
        Ok(())
    }

    async fn write_mode(&self, member: MemberId, mode: Mode) -> Result<(), Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        let changed = tx
            .sql(
                "update members set mode = $1 where id = $2
                 and ($1 = 'shopper' or exists (select 1 from creators where member_id = $2))",
            )
            .bind(mode)
            .bind(member)
            .run()
            .await?;
        if changed == 0 {
            return Err(model::Error::Forbidden.into());
        }
        Ok(tx.commit().await?)
    }

    /// A member signed in on the browser that carries `visitor`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn seen_on(&self, member: MemberId, visitor: &str) -> Result<(), Error> {
        let device = device(visitor);
        let mut tx = self.db.begin(Lane::Other).await?;
        tx.sql(
            "insert into devices (device, member_id, seen_at) values ($1, $2, $3)
             on conflict (device, member_id) do update set seen_at = excluded.seen_at",
        )
        .bind(device.to_vec())
        .bind(member)
        .bind(self.clock.now())
        .run()
        .await?;
        Ok(tx.commit().await?)
    }

    /// Deletes browsers that nobody signed in on for long.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_old_devices(&self) -> Result<(), Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        tx.sql("delete from devices where seen_at < $1").bind(self.clock.now() - DEVICES_KEPT).run().await?;
        Ok(tx.commit().await?)
    }

    /// Whether boards show a member's nickname masked; the name that they show. [`crate::naming`] tells the rooms.
    pub(crate) async fn set_masked(&self, actor: &Actor, masked: bool) -> Result<String, Error> {
        let member = actor.signed_in()?.member;
        self.limits.creation(member).await?;
        let name = retried!(self.write_masked(member, masked))?;
        self.sessions.invalidate_member(member);
        Ok(if masked { model::nickname::mask(&name) } else { name })
    }

    async fn write_masked(&self, member: MemberId, masked: bool) -> Result<String, Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        let row: Option<(String,)> = tx
            .sql("update members set masked = $1 where id = $2 returning nickname")
            .bind(masked)
            .bind(member)
            .optional()
            .await?;
        let (name,) = row.ok_or(model::Error::NotFound)?;
        tx.commit().await?;
        Ok(name)
    }

    /// The name that boards show of a member.
    pub(crate) async fn board_name(&self, member: MemberId) -> Result<Option<String>, Error> {
        let row: Option<(String, bool)> =
            self.db.sql("select nickname, masked from members where id = $1").bind(member).optional().await?;
        Ok(row.map(|(name, masked)| if masked { model::nickname::mask(&name) } else { name }))
    }

    /// Writes the creator profile and switches to creator mode. Whoever becomes a creator by it may do more from now on: by another
    /// session than that of `here`, which ends and whose place the returned one takes.
    ///
    /// # Errors
    /// [`model::Error::Invalid`] names the fields that are wrong; visitors and suspended members are refused; the database may
    /// fail.
    pub async fn set_profile(
        &self,
        actor: &Actor,
        name: &str,
        introduction: &str,
        links: &str,
        here: Option<&SessionToken>,
    ) -> Result<Option<SessionToken>, Error> {
        let member = actor.active()?.member;
        let mut errors = FormErrors::default();
        let mut name = errors.check("name", text::line(name, 1, 50));
        if let Some(typed) = name.take() {
            name = errors.check("name", names::check(&self.db, &typed, Some(member)).await?.map(|()| typed));
        }
        let introduction = errors.check("introduction", text::paragraph(introduction, 0, 1000));
        let typed: Vec<_> = links.lines().filter(|link| !text::key(link).is_empty()).collect();
        let links = if typed.len() > 5 {
            Err(FieldError::TooLong { max: 5 })
        } else {
            typed.into_iter().map(text::link).collect::<Result<Vec<_>, _>>()
        };
        let links = errors.check("links", links).unwrap_or_default();
        errors.into_result()?;
        let links = serde_json::to_string(&links).unwrap_or_default();
        let (name, introduction) = (name.unwrap_or_default(), introduction.unwrap_or_default());
        let begun = retried!(self.write_profile(member, &name, &introduction, &links, here))?;
        self.sessions.invalidate_member(member);
        if let (Some(here), Some(_)) = (here, &begun) {
            self.sessions.invalidate_token(here.hash());
        }
        Ok(begun)
    }

    async fn write_profile(
        &self,
        member: MemberId,
        name: &str,
        introduction: &str,
        links: &str,
        here: Option<&SessionToken>,
    ) -> Result<Option<SessionToken>, Error> {
        let begun = self.sessions.new_token().await?;
        let mut tx = self.db.begin(Lane::Other).await?;
        // First their row, as where a nickname is written, and then the name.
        tx.sql("update members set mode = 'creator' where id = $1").bind(member).run().await?;
        let is_creator = tx.sql("select 1 from creators where member_id = $1").bind(member).exists().await?;
        let mut errors = FormErrors::default();
        errors.check("name", names::hold(&mut tx, name, member).await?);
        errors.into_result()?;
        tx.sql(
            "insert into creators (member_id, name, introduction, links) values ($1, $2, $3, $4)
             on conflict (member_id) do update set name = excluded.name, introduction = excluded.introduction, links = excluded.links",
        )
        .bind(member)
        .bind(name.to_owned())
        .bind(introduction.to_owned())
        .bind(links.to_owned())
        .run()
        .await?;
        names::protect(&mut tx, member).await?;
        let here = here.filter(|_| !is_creator);
        if let Some(here) = here {
            self.sessions.begin_instead(&mut tx, &begun, member, here).await?;
        }
        tx.commit().await?;
        Ok(here.map(|_| begun))
    }

    /// Protects the names of those who were there before names were protected, and tells everybody's nicknames apart.
    pub(crate) async fn protect_older(self) {
        let done = async {
            names::protect_older(&self.db).await?;
            names::claim_older(&self.db).await
        };
        if let Err(error) = done.await {
            tracing::error!(%error, "names are not protected yet");
        }
    }

    /// The creator profile of a member, when they have one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn profile(&self, member: MemberId) -> Result<Option<CreatorProfile>, Error> {
        let row: Option<(String, String, String)> = self
            .db
            .sql("select name, introduction, links from creators where member_id = $1")
            .bind(member)
            .optional()
            .await?;
        Ok(row.map(|(name, introduction, links)| CreatorProfile {
            name,
            introduction,
            links: serde_json::from_str(&links).unwrap_or_default(),
        }))
    }

    /// A nickname that nobody has yet.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn suggest_nickname(&self) -> Result<String, Error> {
        for attempt in 0..8u32 {
            // The plain ones first, then numbered ones.
            let span = if attempt < 3 { 1024 } else { 1024 * 1000 };
            let name = model::nickname::suggest(u64::from_be_bytes(crate::ids::random()) % span);
            let taken = self.db.sql("select 1 from members where nickname_key = $1").bind(nickname_key(&name));
            if !taken.exists().await? {
                return Ok(name);
            }
        }
        Ok(String::new())
    }
}

/// [`Accounts::insert_many`] in one statement, where the way to the database takes longer than what is done there.
async fn insert_columns(
    tx: &mut Tx,
    people: &[(String, String)],
    hash: &str,
    now: Time,
) -> Result<Vec<MemberId>, sqlx::Error> {
    let insert = tx.sql(
        "insert into members (id, email, nickname, nickname_key, password_hash, mode, role, marketing, terms_version, created_at,
            privacy_version)
         select id, email, nickname, key, $5, 'shopper', 'member', false, $6, $7, $8
         from unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) as new (id, email, nickname, key)
         on conflict (email) do update set email = excluded.email returning email, id",
    );
    let made: Vec<(String, MemberId)> = insert
        .bind_column(people.iter().map(|_| crate::ids::new_id(now)).collect())
        .bind_column(people.iter().map(|(email, _)| email.clone()).collect::<Vec<String>>())
        .bind_column(people.iter().map(|(_, nickname)| nickname.clone()).collect::<Vec<String>>())
        .bind_column(people.iter().map(|(_, nickname)| nickname_key(nickname)).collect::<Vec<String>>())
        .bind(hash.to_owned())
        .bind(i64::from(Consent::Terms.current()))
        .bind(now)
        .bind(i64::from(Consent::Privacy.current()))
        .all()
        .await?;
    // They come back in whatever order.
    let made: HashMap<String, MemberId> = made.into_iter().collect();
    Ok(people.iter().filter_map(|(email, _)| made.get(email).copied()).collect())
}

/// How a browser is remembered by the cookie that it carries.
fn device(visitor: &str) -> [u8; 32] {
    crate::ids::hash(&[b"59 device", visitor.as_bytes()])
}

/// Two nicknames with the same key read alike.
pub(crate) fn nickname_key(nickname: &str) -> String {
    text::key(nickname)
}
