//! Signing in by Kakao, and what that has to do with accounts that are there already.
//!
//! Two accounts never become one by themselves, whatever emails say: whoever is signed in connects Kakao with their own, and whoever
//! is not says by the password, once, which account is theirs. Until then what Kakao said of them waits here under a token that their
//! browser alone has. So does that a member who has no password, nor can be sent a link to set one, signed in there anew, before they
//! leave: a session alone, stolen or left open, erases no account.
//!
//! Two things stand for that: it is asked that they sign in (`prompt=login`), and when they did (`auth_time`). Neither is certain. The first
//! stands in an address that whoever sits at the browser can change; the second is documented as the time at which they signed in, but in
//! Kakao's own example it is that of the token, and it could not be tried whether it is so where they are signed in there already. So it
//! is for those alone to whom no link can be sent, for want of an email or of mail: others set a password by one.

use super::{
    Accounts, Actor, Browser, SessionToken, departed, names,
    oidc::{Failed, LEEWAY, Purpose, Trip},
    passwords::is_hash,
};
use crate::{
    Error,
    db::{Lane, Tx, retried},
    ids,
};
use model::{
    AccountError, FieldError, FormErrors, MINUTE, MemberId, Role, Span, Time,
    leaving::Proof,
    text,
    ways::{KakaoFailure, KakaoWay, Newcomer, WaysIn},
};
use std::net::IpAddr;

/// How it stands in the database.
const KAKAO: &str = "kakao";
/// How long somebody may take to say who they are here.
const SAYS_WITHIN: Span = MINUTE.times(15);
/// How long a way back is remembered that was gone: longer than a way lasts.
const REMEMBERED: Span = MINUTE.times(30);
/// The longest code that a provider gives.
const LONGEST_CODE: usize = 1_000;

/// Somebody comes back from Kakao.
#[derive(Debug, Clone, Copy)]
pub struct CameBack<'a> {
    /// The cookie that they set out with.
    pub trip: Option<&'a str>,
    /// The code by which Kakao is asked who they are.
    pub code: Option<&'a str>,
    /// What came back of the way out.
    pub state: Option<&'a str>,
    /// What their browser calls itself.
    pub device: &'a str,
    /// Where they are.
    pub address: IpAddr,
}

/// What became of a way to Kakao and back.
pub struct Arrived {
    /// Where on the site they wished to go on.
    pub next: String,
    /// Whether they set out from a page of their account, for that account.
    pub own: bool,
    /// What it came to.
    pub came_to: Result<Arrival, KakaoFailure>,
}

/// What somebody is who came back.
pub enum Arrival {
    /// A member, signed in.
    SignedIn(SessionToken),
    /// The member who set out, and who signs in by it from now on.
    Connected,
    /// The member who set out, and who goes on where they did, such as by saying their password: the token under which that waits.
    Waits(String),
    /// Nobody yet: the token under which that waits.
    Newcomer(String),
}

/// What somebody new sends.
#[derive(Debug, Clone, Default)]
pub struct KakaoSignUp {
    /// As typed.
    pub nickname: String,
    /// Terms and privacy accepted.
    pub terms: bool,
    /// 14 or older.
    pub adult: bool,
    /// May be sent advertising.
    pub marketing: bool,
}

/// Somebody who came back and waits.
#[derive(sqlx::FromRow)]
struct Pending {
    subject: String,
    email: Option<String>,
    nickname: String,
    next: String,
}

impl Pending {
    /// A member who came back from a way.
    fn of_member(subject: String, trip: &Trip) -> Pending {
        Pending { subject, email: None, nickname: String::new(), next: trip.next.clone() }
    }
}

/// In the place of an email that a member does not have. Nobody types such a one: it is none.
fn no_email() -> String {
    let random: [u8; 16] = ids::random();
    format!("@{:032x}", u128::from_be_bytes(random))
}

/// Whether what is kept as an email is one.
pub(crate) fn is_email(kept: &str) -> bool {
    !kept.starts_with('@')
}

/// What a browser has under which something waits.
fn token() -> String {
    let random: [u8; 32] = ids::random();
    random.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn hash(token: &str) -> Vec<u8> {
    ids::hash(&[b"59 newcomer", token.as_bytes()]).to_vec()
}

/// Under what it waits that a member connects Kakao: with the token of their browser, and for nobody else who signs in there.
fn to_confirm(token: &str, member: MemberId) -> String {
    format!("{token} {member}")
}

/// And that they showed there that it is they who leave.
fn to_leave(token: &str, member: MemberId) -> String {
    format!("{token} leaves {member}")
}

impl Accounts {
    /// Whether members sign in by Kakao.
    pub fn has_kakao(&self) -> bool {
        self.kakao.is_some()
    }

    /// Whether Kakao answers; `None` where nobody signs in by it.
    pub async fn check_kakao(&self) -> Option<Result<(), String>> {
        Some(self.kakao.as_ref()?.check(self.clock.now()).await)
    }

    /// Somebody sets out to sign in, and goes on at `next` then: the cookie to set, and where to lead them.
    ///
    /// # Errors
    /// [`model::Error::NotFound`] where nobody signs in by Kakao. Within: when it does not answer.
    pub async fn set_out(&self, next: &str) -> Result<Result<(String, String), KakaoFailure>, Error> {
        self.begin_trip(Purpose::SignIn, next).await
    }

    /// The same to connect it with the actor's account.
    ///
    /// # Errors
    /// As [`Accounts::set_out`]; [`model::Error::SignedOut`] for visitors.
    pub async fn set_out_to_connect(
        &self,
        actor: &Actor,
        next: &str,
    ) -> Result<Result<(String, String), KakaoFailure>, Error> {
        let member = actor.signed_in()?.member;
        self.begin_trip(Purpose::Connect(member), next).await
    }

    /// The same to show that it is they, for whoever leaves and has no password to be asked for.
    ///
    /// # Errors
    /// As [`Accounts::set_out_to_connect`].
    pub async fn set_out_to_leave(
        &self,
        actor: &Actor,
        next: &str,
    ) -> Result<Result<(String, String), KakaoFailure>, Error> {
        let member = actor.signed_in()?.member;
        self.begin_trip(Purpose::Leave(member), next).await
    }

    async fn begin_trip(&self, purpose: Purpose, next: &str) -> Result<Result<(String, String), KakaoFailure>, Error> {
        let kakao = self.kakao.as_ref().ok_or(model::Error::NotFound)?;
        let now = self.clock.now();
        let trip = Trip::begin(purpose, next, now);
        let cookie = match purpose {
            // When they set out counts there: whoever sits at the browser does not change it.
            Purpose::Leave(_) => self.sessions.seal_cookie(&trip.cookie()).await?,
            Purpose::SignIn | Purpose::Connect(_) => trip.cookie(),
        };
        match kakao.address(&trip, now).await {
            Ok(address) => Ok(Ok((cookie, address))),
            Err(why) => Ok(Err(failure(why))),
        }
    }

    /// The way that a cookie tells of, as [`Accounts::begin_trip`] gave it out, unless it is over.
    async fn read_trip(&self, cookie: &str, now: Time) -> Result<Option<Trip>, Error> {
        let sealed = self.sessions.sealed_cookie(cookie).await?;
        let trip = Trip::read(sealed.unwrap_or(cookie), now);
        Ok(trip.filter(|trip| sealed.is_some() == matches!(trip.purpose, Purpose::Leave(_))))
    }

    /// Somebody came back: signs a member in, connects it with the account that it was meant for, notes that it is they who leave that, or
    /// whom Kakao calls a stranger.
    ///
    /// # Errors
    /// [`model::Error::NotFound`] where nobody signs in by Kakao; too many from one address are refused; the database may fail.
    pub async fn came_back(&self, actor: &Actor, came: &CameBack<'_>) -> Result<Arrived, Error> {
        let kakao = self.kakao.as_ref().ok_or(model::Error::NotFound)?;
        let now = self.clock.now();
        // Of whoever did not set out here nothing is asked.
        let trip = match came.trip {
            Some(cookie) => self.read_trip(cookie, now).await?,
            None => None,
        };
        let trip = trip.filter(|trip| came.state.is_some_and(|state| trip.has_state(state)));
        let Some(trip) = trip else {
            return Ok(Arrived { next: "/".to_owned(), own: false, came_to: Err(KakaoFailure::Over) });
        };
        let own = trip.purpose != Purpose::SignIn;
        let arrived = |came_to| Arrived { next: trip.next.clone(), own, came_to };
        let Some(code) = came.code.filter(|code| code.len() <= LONGEST_CODE) else {
            return Ok(arrived(Err(KakaoFailure::Cancelled)));
        };
        self.limits.sign_in(came.address).await?;
        // Once, whatever the provider thinks of its codes.
        if !retried!(self.first_return(&trip, now))? {
            return Ok(arrived(Err(KakaoFailure::Over)));
        }
        let identity = match kakao.redeem(&trip, code, now).await {
            Ok(identity) => identity,
            Err(why) => return Ok(arrived(Err(failure(why)))),
        };
        let known = self.member_by_kakao(&identity.subject).await?;
        match (trip.purpose, known) {
            (Purpose::SignIn, Some(member)) => {
                let token = self.sessions.start(member, came.device).await?;
                Ok(arrived(Ok(Arrival::SignedIn(token))))
            }
            (Purpose::SignIn, None) => {
                // What they call themselves there, where they may be called so here.
                let said = identity.nickname.as_deref().and_then(|name| text::nickname(name).ok());
                let mut nickname = said.unwrap_or_default();
                if !nickname.is_empty() && names::check(&self.db, &nickname, None).await?.is_err() {
                    nickname.clear();
                }
                let (subject, email) = (identity.subject, identity.email);
                let pending = Pending { subject, email, nickname, next: trip.next.clone() };
                let token = token();
                retried!(self.note_pending(&pending, &token, now))?;
                Ok(arrived(Ok(Arrival::Newcomer(token))))
            }
            (Purpose::Connect(member), known) => {
                // Whoever signed out or in as another meanwhile did not mean this account.
                if actor.member() != Some(member) {
                    return Ok(arrived(Err(KakaoFailure::Over)));
                }
                if known.is_some_and(|known| known != member) {
                    return Ok(arrived(Err(KakaoFailure::Taken)));
                }
                // Whoever found a browser signed in lets themselves in for good by it. Where it is connected anyway, nothing changes.
                if !self.is_connected(member).await? && self.has_password(actor).await? {
                    let (pending, token) = (Pending::of_member(identity.subject, &trip), token());
                    let waits_under = to_confirm(&token, member);
                    retried!(self.note_pending(&pending, &waits_under, now))?;
                    return Ok(arrived(Ok(Arrival::Waits(token))));
                }
                let connected = retried!(self.connect(member, &identity.subject, now))?;
                Ok(arrived(if connected { Ok(Arrival::Connected) } else { Err(KakaoFailure::Taken) }))
            }
            (Purpose::Leave(member), known) => {
                if actor.member() != Some(member) {
                    return Ok(arrived(Err(KakaoFailure::Over)));
                }
                if known != Some(member) {
                    return Ok(arrived(Err(KakaoFailure::Taken)));
                }
                // On this way, and not at some time before: whoever found a browser signed in here and there did not say who they are.
                if identity.signed_in_at.is_none_or(|at| at < trip.began - LEEWAY) {
                    return Ok(arrived(Err(KakaoFailure::Earlier)));
                }
                let (pending, token) = (Pending::of_member(identity.subject, &trip), token());
                let waits_under = to_leave(&token, member);
                retried!(self.note_pending(&pending, &waits_under, now))?;
                Ok(arrived(Ok(Arrival::Waits(token))))
            }
        }
    }

    /// Notes that a way back was gone; whether it was for the first time.
    async fn first_return(&self, trip: &Trip, now: Time) -> Result<bool, Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        let first = tx
            .sql("insert into used_returns (state_hash, expires_at) values ($1, $2) on conflict do nothing")
            .bind(ids::hash(&[b"59 return", trip.state().as_bytes()]).to_vec())
            .bind(now + REMEMBERED)
            .run()
            .await?;
        tx.commit().await?;
        Ok(first == 1)
    }

    async fn member_by_kakao(&self, subject: &str) -> Result<Option<MemberId>, Error> {
        let row: Option<(MemberId,)> = self
            .db
            .sql("select member_id from member_identities where provider = $1 and subject = $2")
            .bind(KAKAO.to_owned())
            .bind(subject.to_owned())
            .optional()
            .await?;
        Ok(row.map(|(member,)| member))
    }

    async fn is_connected(&self, member: MemberId) -> Result<bool, Error> {
        let connected = self.db.sql("select 1 from member_identities where member_id = $1 and provider = $2");
        Ok(connected.bind(member).bind(KAKAO.to_owned()).exists().await?)
    }

    /// Notes who waits: somebody new, or a member.
    async fn note_pending(&self, pending: &Pending, waits_under: &str, now: Time) -> Result<(), Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        tx.sql(
            "insert into pending_identities (token_hash, provider, subject, email, nickname, next, expires_at)
             values ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(hash(waits_under))
        .bind(KAKAO.to_owned())
        .bind(pending.subject.clone())
        .bind(pending.email.clone())
        .bind(pending.nickname.clone())
        .bind(pending.next.clone())
        .bind(now + SAYS_WITHIN)
        .run()
        .await?;
        Ok(tx.commit().await?)
    }

    async fn connect(&self, member: MemberId, subject: &str, now: Time) -> Result<bool, Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        let connected = connect_in(&mut tx, member, subject, now).await?;
        tx.commit().await?;
        Ok(connected)
    }

    /// Who waits under a token to say who they are here.
    ///
    /// # Errors
    /// [`model::Error::NotFound`] where nobody signs in by Kakao; [`AccountError::KakaoOver`] when nobody waits under it any more; the
    /// database may fail.
    pub async fn newcomer(&self, token: Option<&str>) -> Result<Newcomer, Error> {
        if !self.has_kakao() {
            return Err(model::Error::NotFound.into());
        }
        let pending: Option<Pending> = match token {
            Some(token) => {
                let pending = self.db.sql(
                    "select subject, email, nickname, next from pending_identities where token_hash = $1 and expires_at > $2",
                );
                pending.bind(hash(token)).bind(self.clock.now()).optional().await?
            }
            None => None,
        };
        let Pending { email, nickname, .. } = pending.ok_or(over())?;
        let known = match &email {
            Some(email) => self.db.sql("select 1 from members where email = $1").bind(email.clone()).exists().await?,
            None => false,
        };
        let nickname = match nickname.is_empty() || self.is_nickname_taken(&nickname).await? {
            true => self.suggest_nickname().await?,
            false => nickname,
        };
        Ok(Newcomer { email, known, nickname })
    }

    async fn is_nickname_taken(&self, nickname: &str) -> Result<bool, Error> {
        let key = super::nickname_key(nickname);
        Ok(self.db.sql("select 1 from members where nickname_key = $1").bind(key).exists().await?)
    }

    /// Who waits is the member with this email and password: signs them in, and connects Kakao with their account. And where they wished
    /// to go on.
    ///
    /// # Errors
    /// As [`Accounts::newcomer`] and [`Accounts::sign_in`]; [`AccountError::KakaoTaken`] for an account that has another Kakao account.
    pub async fn join_kakao(
        &self,
        token: Option<&str>,
        email: &str,
        password: &str,
        browser: Browser<'_>,
    ) -> Result<(SessionToken, String), Error> {
        self.newcomer(token).await?;
        let session = self.sign_in(email, password, browser).await?;
        let joined = match self.sessions.of(&session).await? {
            Some(of) => retried!(self.join_in(token, of.member)),
            None => Err(model::Error::SignedOut.into()),
        };
        match joined {
            Ok(next) => Ok((session, next)),
            Err(error) => {
                self.sessions.end(&session).await?;
                Err(error)
            }
        }
    }

    async fn join_in(&self, token: Option<&str>, member: MemberId) -> Result<String, Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin(Lane::Other).await?;
        let pending = take_pending(&mut tx, token, now).await?;
        if !connect_in(&mut tx, member, &pending.subject, now).await? {
            return Err(model::Error::from(AccountError::KakaoTaken).into());
        }
        tx.commit().await?;
        Ok(pending.next)
    }

    /// The actor confirms by their `password` that whoever waits under a token is they: from now on they sign in by Kakao.
    ///
    /// # Errors
    /// [`model::Error::SignedOut`] for visitors; [`AccountError::KakaoOver`] when nothing of theirs waits under it any more;
    /// [`model::Error::Invalid`] at `password`; [`AccountError::KakaoTaken`]; refused after too many wrong tries; the database may fail.
    pub async fn confirm_kakao(
        &self,
        actor: &Actor,
        token: Option<&str>,
        password: &str,
        address: IpAddr,
    ) -> Result<(), Error> {
        let member = actor.signed_in()?.member;
        if !self.is_to_confirm(member, token).await? {
            return Err(over().into());
        }
        self.prove_to_let_in(actor, password, address).await?;
        let waits_under = token.map(|token| to_confirm(token, member));
        retried!(self.join_in(waits_under.as_deref(), member)).map(drop)
    }

    /// Whether a member came back from Kakao and is to confirm that.
    async fn is_to_confirm(&self, member: MemberId, token: Option<&str>) -> Result<bool, Error> {
        match token {
            Some(token) => self.waits(&to_confirm(token, member)).await,
            None => Ok(false),
        }
    }

    /// Whether a member came back from Kakao and showed there that it is they who leave.
    async fn is_to_leave(&self, member: MemberId, token: Option<&str>) -> Result<bool, Error> {
        match token {
            Some(token) => self.waits(&to_leave(token, member)).await,
            None => Ok(false),
        }
    }

    /// Whether something waits under that.
    async fn waits(&self, under: &str) -> Result<bool, Error> {
        let pending = self.db.sql("select 1 from pending_identities where token_hash = $1 and expires_at > $2");
        Ok(pending.bind(hash(under)).bind(self.clock.now()).exists().await?)
    }

    /// By what a member who leaves shows that it is they; `waits_under` is what their browser has from Kakao, and `mailed` whether mail is
    /// sent here.
    pub(crate) async fn proof_to_leave(
        &self,
        member: MemberId,
        waits_under: Option<&str>,
        mailed: bool,
    ) -> Result<Proof, Error> {
        let kept = self.db.sql("select email, password_hash from members where id = $1").bind(member);
        let kept: Option<(String, String)> = kept.optional().await?;
        let (email, hash) = kept.ok_or(model::Error::SignedOut)?;
        Ok(if is_hash(&hash) {
            Proof::Password
        } else if !hash.is_empty() {
            Proof::Shared
        } else if mailed && is_email(&email) {
            // Without a password there is none that Kakao did not confirm.
            Proof::Link
        } else if self.is_to_leave(member, waits_under).await? {
            Proof::Shown
        } else if self.has_kakao() {
            Proof::Kakao
        } else {
            Proof::None
        })
    }

    /// Makes an account of who waits, and signs it in; and where they wished to go on. It has the email that Kakao confirms, unless a
    /// member has that: then it has none.
    ///
    /// # Errors
    /// [`model::Error::Invalid`] names the fields that are wrong; as [`Accounts::newcomer`]; too many from one address are refused; the
    /// database may fail.
    pub async fn sign_up_by_kakao(
        &self,
        token: Option<&str>,
        form: &KakaoSignUp,
        device: &str,
        address: IpAddr,
    ) -> Result<(SessionToken, String), Error> {
        self.newcomer(token).await?;
        let mut errors = FormErrors::default();
        let nickname = errors.check("nickname", text::nickname(&form.nickname)).unwrap_or_default();
        for (field, accepted) in [("terms", form.terms), ("adult", form.adult)] {
            if !accepted {
                errors.add(field, FieldError::Required);
            }
        }
        errors.into_result()?;
        self.limits.sign_up(address).await?;
        let mut errors = FormErrors::default();
        errors.check("nickname", names::check(&self.db, &nickname, None).await?);
        errors.into_result()?;
        let (member, next) = retried!(self.sign_up_in(token, &nickname, form.marketing))?;
        Ok((self.sessions.start(member, device).await?, next))
    }

    async fn sign_up_in(
        &self,
        token: Option<&str>,
        nickname: &str,
        marketing: bool,
    ) -> Result<(MemberId, String), Error> {
        let now = self.clock.now();
        self.email_hash("").await?;
        let mut tx = self.db.begin(Lane::Other).await?;
        let pending = take_pending(&mut tx, token, now).await?;
        let taken = match &pending.email {
            Some(email) => tx.sql("select 1 from members where email = $1").bind(email.clone()).exists().await?,
            None => false,
        };
        let email = pending.email.filter(|_| !taken).unwrap_or_else(no_email);
        // Without a password: an empty hash is none, and nothing verifies it.
        let inserted = self.insert_in(&mut tx, &email, nickname, String::new(), marketing, Role::Member).await?;
        // Somebody took the email at this moment.
        let member = inserted.ok_or(model::Error::Busy)?;
        if !connect_in(&mut tx, member, &pending.subject, now).await? {
            return Err(over().into());
        }
        // Marks and a suspension follow a Kakao account as they do an email: there may be none.
        let known_by = self.identity_hash(KAKAO, &pending.subject).await?;
        departed::note_former(&mut tx, &known_by, member, true, now).await?;
        if let Some((since, until)) = departed::suspended(&mut tx, &known_by, now).await? {
            tx.sql("update members set suspended_at = $2, suspended_until = $3 where id = $1 and suspended_at is null")
                .bind(member)
                .bind(since)
                .bind(until)
                .run()
                .await?;
        }
        tx.commit().await?;
        Ok((member, pending.next))
    }

    /// How the actor may sign in; `waits_under` is what their browser has from Kakao.
    ///
    /// # Errors
    /// [`model::Error::SignedOut`] for visitors; the database may fail.
    pub async fn ways_in(&self, actor: &Actor, waits_under: Option<&str>) -> Result<WaysIn, Error> {
        let member = actor.signed_in()?.member;
        let row: Option<(String, String, Option<Time>)> = self
            .db
            .sql(
                "select m.email, m.password_hash, i.connected_at from members m
                 left join member_identities i on i.member_id = m.id and i.provider = $2 where m.id = $1",
            )
            .bind(member)
            .bind(KAKAO.to_owned())
            .optional()
            .await?;
        let (email, hash, connected) = row.ok_or(model::Error::SignedOut)?;
        let waits = connected.is_none() && self.is_to_confirm(member, waits_under).await?;
        let kakao = match (connected, self.has_kakao()) {
            (Some(since), true) => KakaoWay::Connected(since),
            (None, true) if waits => KakaoWay::ToConfirm,
            (None, true) => KakaoWay::Free,
            (_, false) => KakaoWay::Off,
        };
        Ok(WaysIn { email: Some(email).filter(|email| is_email(email)), password: is_hash(&hash), kakao })
    }

    /// The actor signs in by Kakao no more.
    ///
    /// # Errors
    /// [`model::Error::SignedOut`] for visitors; [`model::Error::NotFound`] for whoever did not; [`AccountError::OnlyWayIn`] without an
    /// email and a password; the database may fail.
    pub async fn disconnect_kakao(&self, actor: &Actor) -> Result<(), Error> {
        let member = actor.signed_in()?.member;
        if retried!(self.part_kakao(member))? {
            return Ok(());
        }
        match self.is_connected(member).await? {
            true => Err(model::Error::from(AccountError::OnlyWayIn).into()),
            false => Err(model::Error::NotFound.into()),
        }
    }

    /// Parts a member who signs in by a password as well from their Kakao account; whether there was one.
    pub(super) async fn part_kakao(&self, member: MemberId) -> Result<bool, Error> {
        // The key of hashes is there before the transaction begins.
        self.email_hash("").await?;
        let mut tx = self.db.begin(Lane::Other).await?;
        let parted = self.part_kakao_in(&mut tx, member).await?;
        tx.commit().await?;
        Ok(parted)
    }

    /// The same within a transaction; [`Accounts::email_hash`] was called before. Of who is suspended it stays known, as of who leaves:
    /// else they would part from it, leave, and sign up anew by it.
    pub(super) async fn part_kakao_in(&self, tx: &mut Tx, member: MemberId) -> Result<bool, Error> {
        // The row first, as everywhere: whoever suspends them at this moment comes before, or after.
        let row = tx.sql("update members set mode = mode where id = $1 returning email, password_hash, suspended_at");
        let row: Option<(String, String, Option<Time>)> = row.bind(member).optional().await?;
        // A password lets nobody in without an email to type before it.
        let row = row.filter(|(email, hash, _)| is_email(email) && is_hash(hash));
        let Some((_, _, suspended_at)) = row else { return Ok(false) };
        let gone = tx.sql("delete from member_identities where member_id = $1 and provider = $2 returning subject");
        let gone: Vec<(String,)> = gone.bind(member).bind(KAKAO.to_owned()).all().await?;
        if suspended_at.is_some() {
            for (subject,) in &gone {
                let known_by = self.identity_hash(KAKAO, subject).await?;
                departed::note_departed(tx, &known_by, member, self.clock.now()).await?;
            }
        }
        Ok(!gone.is_empty())
    }

    /// Forgets who did not say who they are, and ways back that are over anyway.
    pub(crate) async fn forget_trips(&self) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin(Lane::Other).await?;
        tx.sql("delete from pending_identities where expires_at < $1").bind(now).run().await?;
        tx.sql("delete from used_returns where expires_at < $1").bind(now).run().await?;
        Ok(tx.commit().await?)
    }
}

fn over() -> model::Error {
    AccountError::KakaoOver.into()
}

/// What a failure at the provider means to whoever set out; why is in the log.
fn failure(why: Failed) -> KakaoFailure {
    match why {
        Failed::Away(why) => {
            tracing::warn!(why, "Kakao does not answer who somebody is");
            KakaoFailure::Away
        }
        Failed::Refused(why) => {
            tracing::warn!(why, "what Kakao said of somebody is not relied on");
            KakaoFailure::Refused
        }
    }
}

/// Takes what waits under a token, once.
async fn take_pending(tx: &mut Tx, token: Option<&str>, now: Time) -> Result<Pending, Error> {
    let token = token.ok_or(over())?;
    let taken = tx.sql(
        "delete from pending_identities where token_hash = $1 and expires_at > $2 returning subject, email, nickname, next",
    );
    let taken: Option<Pending> = taken.bind(hash(token)).bind(now).optional().await?;
    Ok(taken.ok_or(over())?)
}

/// Connects a member with who they are at Kakao; whether they are connected now. Nobody has two, and none is two people's.
async fn connect_in(tx: &mut Tx, member: MemberId, subject: &str, now: Time) -> Result<bool, sqlx::Error> {
    let connect = tx.sql(
        "insert into member_identities (provider, subject, member_id, connected_at) values ($1, $2, $3, $4) on conflict do nothing",
    );
    let connect = connect.bind(KAKAO.to_owned()).bind(subject.to_owned()).bind(member).bind(now);
    if connect.run().await? == 1 {
        return Ok(true);
    }
    let before = tx.sql("select 1 from member_identities where provider = $1 and subject = $2 and member_id = $3");
    before.bind(KAKAO.to_owned()).bind(subject.to_owned()).bind(member).exists().await
}
