//! Members' own programs: tokens that are shown once and kept as hashes, and who calls with one.

pub(crate) mod personal;

use crate::{
    Error,
    accounts::{Accounts, Actor, Session},
    clock::Clock,
    db::{Db, Lane, retried},
    ids,
    limits::{Limits, Searcher},
};
use model::{
    AccountError, DAY, FieldError, FormErrors, HOUR, MemberId, Span, Time,
    programs::{MOST_TOKENS, Scope, TOKEN_DAYS, TOKEN_NAME, Token, TokenId},
    text,
};
use std::sync::Arc;

/// What a token begins with: whoever finds one lying about knows what it is.
const PREFIX: &str = "59t_";
/// How exactly it is noted when a token was used.
const NOTED_EVERY: Span = HOUR;
/// Tokens that are remembered to have been somebody's.
const CALLED: usize = 20_000;
/// How long a token that is over stays in its member's list.
const LISTED_FOR: Span = DAY.times(30);

/// Whoever calls with a token.
pub struct Caller {
    /// By which token.
    pub token: TokenId,
    /// For whom, as a member and never as an admin.
    pub session: Arc<Session>,
    scopes: Vec<Scope>,
}

impl Caller {
    /// Whether the token is good for something.
    ///
    /// # Errors
    /// [`model::Error::Forbidden`].
    pub fn may(&self, scope: Scope) -> Result<(), Error> {
        if self.scopes.contains(&scope) { Ok(()) } else { Err(model::Error::Forbidden.into()) }
    }
}

/// Members' own programs. Cheap to clone.
#[derive(Clone)]
pub struct Programs {
    db: Db,
    clock: Clock,
    limits: Limits,
    accounts: Accounts,
    /// Hashes of tokens that somebody called with: they are let in, whoever guesses at the same address.
    called: Arc<quick_cache::sync::Cache<Vec<u8>, ()>>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: TokenId,
    name: String,
    scopes: String,
    created_at: Time,
    expires_at: Time,
    last_used_at: Option<Time>,
}

#[derive(sqlx::FromRow)]
struct Known {
    id: TokenId,
    member_id: MemberId,
    scopes: String,
    last_used_at: Option<Time>,
}

fn scopes(text: &str) -> Vec<Scope> {
    text.split(' ').filter_map(Scope::named).collect()
}

fn hash(token: &str) -> Vec<u8> {
    ids::hash(&[b"59 token", token.as_bytes()]).to_vec()
}

impl Programs {
    pub(crate) fn new(db: Db, clock: Clock, limits: Limits, accounts: Accounts) -> Programs {
        Programs { db, clock, limits, accounts, called: Arc::new(quick_cache::sync::Cache::new(CALLED)) }
    }

    /// The actor's tokens, newest first.
    ///
    /// # Errors
    /// [`model::Error::SignedOut`] for visitors; the database may fail.
    pub async fn tokens(&self, actor: &Actor) -> Result<Vec<Token>, Error> {
        let member = actor.signed_in()?.member;
        let rows: Vec<Row> = self
            .db
            .sql(
                "select id, name, scopes, created_at, expires_at, last_used_at from api_tokens where member_id = $1
                 order by created_at desc, id limit 100",
            )
            .bind(member)
            .all()
            .await?;
        let token = |row: Row| Token {
            id: row.id,
            name: row.name,
            scopes: scopes(&row.scopes),
            since: row.created_at,
            until: row.expires_at,
            used: row.last_used_at,
        };
        Ok(rows.into_iter().map(token).collect())
    }

    /// Makes a token of a name, for scopes by their names, good for so many days: the token itself, which nobody can read again.
    ///
    /// # Errors
    /// For visitors and suspended members; [`model::Error::Invalid`] names the fields that are wrong;
    /// [`AccountError::TooManyTokens`]; [`model::Error::TooMany`]; the database may fail.
    pub async fn create(&self, actor: &Actor, name: &str, chosen: &[&str], days: &str) -> Result<String, Error> {
        let member = actor.active()?.member;
        let mut errors = FormErrors::default();
        let name = errors.check("name", text::line(name, 1, TOKEN_NAME)).unwrap_or_default();
        let good_for: Vec<Scope> =
            Scope::ALL.into_iter().filter(|scope| chosen.iter().any(|name| *name == scope.name())).collect();
        if chosen.iter().any(|name| Scope::named(name).is_none()) {
            errors.add("scope", FieldError::Invalid);
        } else if good_for.is_empty() {
            errors.add("scope", FieldError::Required);
        }
        let days = days.parse::<i64>().ok().filter(|days| TOKEN_DAYS.contains(days)).ok_or(FieldError::Invalid);
        let days = errors.check("days", days).unwrap_or_default();
        errors.into_result()?;
        self.limits.creation(member).await?;
        let random: [u8; 32] = ids::random();
        let token: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
        let token = format!("{PREFIX}{token}");
        let good_for = good_for.into_iter().map(Scope::name).collect::<Vec<_>>().join(" ");
        retried!(self.write(member, &name, &token, &good_for, DAY.times(days)))?;
        Ok(token)
    }

    async fn write(&self, member: MemberId, name: &str, token: &str, good_for: &str, lasts: Span) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin(Lane::Other).await?;
        // Two at once wait for each other.
        tx.sql("update members set mode = mode where id = $1").bind(member).run().await?;
        let (count,): (i64,) = tx
            .sql("select count(*) from api_tokens where member_id = $1 and expires_at > $2")
            .bind(member)
            .bind(now)
            .one()
            .await?;
        if count >= MOST_TOKENS as i64 {
            return Err(model::Error::from(AccountError::TooManyTokens).into());
        }
        tx.sql(
            "insert into api_tokens (id, member_id, name, token_hash, scopes, created_at, expires_at)
             values ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(TokenId(ids::new_id(now)))
        .bind(member)
        .bind(name.to_owned())
        .bind(hash(token))
        .bind(good_for.to_owned())
        .bind(now)
        .bind(now + lasts)
        .run()
        .await?;
        Ok(tx.commit().await?)
    }

    /// Takes one of the actor's tokens back: nobody calls with it from now on.
    ///
    /// # Errors
    /// [`model::Error::SignedOut`] for visitors; [`model::Error::NotFound`] for what is none of theirs; the database may fail.
    pub async fn revoke(&self, actor: &Actor, token: TokenId) -> Result<(), Error> {
        let member = actor.signed_in()?.member;
        let mut tx = self.db.begin(Lane::Other).await?;
        let revoke = tx.sql("delete from api_tokens where id = $1 and member_id = $2");
        let gone = revoke.bind(token).bind(member).run().await?;
        tx.commit().await?;
        if gone == 1 { Ok(()) } else { Err(model::Error::NotFound.into()) }
    }

    /// Who calls with a token, as they are now.
    ///
    /// # Errors
    /// [`model::Error::SignedOut`] for what is no token, or is over; [`model::Error::TooMany`] for whoever guesses; the database may
    /// fail.
    pub async fn caller(&self, token: &str, who: Searcher) -> Result<Caller, Error> {
        let (now, hash) = (self.clock.now(), hash(token));
        let searches = self.limits.searches(who);
        if self.called.get(&hash).is_none() {
            searches.allowed(now)?;
        }
        let known: Option<Known> = self
            .db
            .sql("select id, member_id, scopes, last_used_at from api_tokens where token_hash = $1 and expires_at > $2")
            .bind(hash.clone())
            .bind(now)
            .optional()
            .await?;
        let Some(known) = known else {
            self.called.remove(&hash);
            searches.nothing(now);
            return Err(model::Error::SignedOut.into());
        };
        self.called.insert(hash, ());
        let session = self.accounts.sessions.acting_for(known.member_id).await?.ok_or(model::Error::SignedOut)?;
        if known.last_used_at.is_none_or(|at| now.since(at) >= NOTED_EVERY) {
            let mut tx = self.db.begin(Lane::Other).await?;
            tx.sql("update api_tokens set last_used_at = $2 where id = $1").bind(known.id).bind(now).run().await?;
            tx.commit().await?;
        }
        Ok(Caller { token: known.id, session, scopes: scopes(&known.scopes) })
    }

    /// Forgets tokens that are over for long.
    pub(crate) async fn forget(&self) -> Result<(), Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        tx.sql("delete from api_tokens where expires_at < $1").bind(self.clock.now() - LISTED_FOR).run().await?;
        Ok(tx.commit().await?)
    }
}
