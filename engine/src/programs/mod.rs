//! Members' own programs: tokens that are shown once and kept as hashes, and who calls with one: remembered as who is signed in is, so
//! that a press by a program asks no database.

pub(crate) mod personal;

use crate::{
    Error,
    accounts::{Accounts, Actor, Program, ProgramToken, Session},
    clock::Clock,
    db::{Db, Lane, retried},
    ids,
    limits::{Limits, Searcher},
};
use model::{
    AccountError, DAY, FieldError, FormErrors, HOUR, MemberId, RequestId, Span, Time,
    programs::{MOST_TOKENS, Scope, TOKEN_DAYS, TOKEN_NAME, Token, TokenId},
    text,
};
use std::{net::IpAddr, sync::Arc, time::Duration};

/// How long a token that is over stays in its member's list.
const LISTED_FOR: Span = DAY.times(30);
/// How often it is written when tokens were used.
const WRITE_EVERY: Duration = Duration::from_secs(1);

/// Whoever calls with a token.
pub struct Caller {
    /// For whom, as a member and never as an admin.
    pub session: Arc<Session>,
    /// By what.
    pub program: Program,
}

impl Caller {
    /// Whether the token is good for something.
    ///
    /// # Errors
    /// [`model::Error::Forbidden`].
    pub fn may(&self, scope: Scope) -> Result<(), Error> {
        if self.program.scopes.contains(&scope) { Ok(()) } else { Err(model::Error::Forbidden.into()) }
    }
}

/// Members' own programs. Cheap to clone.
#[derive(Clone)]
pub struct Programs {
    db: Db,
    clock: Clock,
    limits: Limits,
    accounts: Accounts,
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

/// The names of scopes with spaces between, as [`Scope::list`] reads them.
fn names(scopes: &[Scope]) -> String {
    scopes.iter().map(|scope| scope.name()).collect::<Vec<_>>().join(" ")
}

impl Programs {
    pub(crate) fn new(db: Db, clock: Clock, limits: Limits, accounts: Accounts) -> Programs {
        Programs { db, clock, limits, accounts }
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
            scopes: Scope::list(&row.scopes),
            since: row.created_at,
            until: row.expires_at,
            used: row.last_used_at,
        };
        Ok(rows.into_iter().map(token).collect())
    }

    /// Makes a token of a name, for scopes by their names, good for so many days: the token itself, which nobody can read again. Whoever
    /// has a `password` is asked for it: a token goes on when they sign out. The same `request` twice makes one: then there is nothing
    /// to show any more.
    ///
    /// # Errors
    /// For visitors and suspended members; [`model::Error::Invalid`] names the fields that are wrong;
    /// [`AccountError::TooManyTokens`]; [`model::Error::TooMany`]; the database may fail.
    pub async fn create(
        &self,
        actor: &Actor,
        request: RequestId,
        name: &str,
        chosen: &[&str],
        days: &str,
        (password, address): (&str, IpAddr),
    ) -> Result<Option<String>, Error> {
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
        self.accounts.prove_to_let_in(actor, password, address).await?;
        self.limits.creation(member).await?;
        let token = self.accounts.sessions.new_program().await?;
        let id = TokenId(ids::id_of(&[b"59 token", member.0.as_bytes(), request.0.as_bytes()]));
        let made = retried!(self.write(id, member, &name, &token, &names(&good_for), DAY.times(days)))?;
        Ok(made.then(|| token.to_string()))
    }

    /// Whether it was made, which it is not when it is there already.
    async fn write(
        &self,
        id: TokenId,
        member: MemberId,
        name: &str,
        token: &ProgramToken,
        good_for: &str,
        lasts: Span,
    ) -> Result<bool, Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin(Lane::Other).await?;
        // Two at once wait for each other.
        tx.sql("update members set mode = mode where id = $1").bind(member).run().await?;
        if tx.sql("select 1 from api_tokens where id = $1").bind(id).exists().await? {
            return Ok(false);
        }
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
        .bind(id)
        .bind(member)
        .bind(name.to_owned())
        .bind(token.hash().to_vec())
        .bind(good_for.to_owned())
        .bind(now)
        .bind(now + lasts)
        .run()
        .await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Gives a member of a demonstration a token that nobody knows, made and used a while ago; unless they have one.
    pub(crate) async fn demonstrate(&self, member: MemberId, name: &str, good_for: &[Scope]) -> Result<(), Error> {
        if !self.tokens(&Actor::host(member)).await?.is_empty() {
            return Ok(());
        }
        let token = self.accounts.sessions.new_program().await?;
        let now = self.clock.now();
        let id = TokenId(ids::new_id(now));
        retried!(self.write(id, member, name, &token, &names(good_for), DAY.times(90)))?;
        let mut tx = self.db.begin(Lane::Other).await?;
        tx.sql("update api_tokens set created_at = $2, last_used_at = $3 where member_id = $1")
            .bind(member)
            .bind(now - DAY.times(12))
            .bind(now - HOUR.times(5))
            .run()
            .await?;
        Ok(tx.commit().await?)
    }

    /// Takes one of the actor's tokens back: nobody calls with it from now on, on whichever node.
    ///
    /// # Errors
    /// [`model::Error::SignedOut`] for visitors; [`model::Error::NotFound`] for what is none of theirs; the database may fail.
    pub async fn revoke(&self, actor: &Actor, token: TokenId) -> Result<(), Error> {
        let member = actor.signed_in()?.member;
        let gone = retried!(self.revoke_once(member, token))?;
        let hash: [u8; 32] = gone.and_then(|(hash,)| hash.try_into().ok()).ok_or(model::Error::NotFound)?;
        self.accounts.sessions.invalidate_token(hash);
        Ok(())
    }

    /// The hash of the token that was taken back.
    async fn revoke_once(&self, member: MemberId, token: TokenId) -> Result<Option<(Vec<u8>,)>, Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        let revoke = tx.sql("delete from api_tokens where id = $1 and member_id = $2 returning token_hash");
        let gone = revoke.bind(token).bind(member).optional().await?;
        tx.commit().await?;
        Ok(gone)
    }

    /// Who calls with a token: from memory once it was read, and at once without it when it was taken back or its member may no longer
    /// act.
    ///
    /// # Errors
    /// [`model::Error::SignedOut`] for what is no token, or is over; [`model::Error::TooMany`] for whoever guesses; the database may
    /// fail.
    pub async fn caller(&self, token: &str, who: Searcher) -> Result<Caller, Error> {
        let token: ProgramToken = token.parse()?;
        let session = self.accounts.sessions.of_program(&token, &self.limits.searches(who)).await?;
        let session = session.ok_or(model::Error::SignedOut)?;
        let program = session.program.clone().ok_or(model::Error::SignedOut)?;
        Ok(Caller { session, program })
    }

    /// Writes when tokens were used, until the program ends.
    pub(crate) async fn keep_uses(self) {
        loop {
            tokio::time::sleep(WRITE_EVERY).await;
            if let Err(error) = self.accounts.sessions.write_uses().await {
                tracing::warn!(%error, "it was not written when tokens were used");
            }
        }
    }

    /// Forgets tokens that are over for long.
    pub(crate) async fn forget(&self) -> Result<(), Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        tx.sql("delete from api_tokens where expires_at < $1").bind(self.clock.now() - LISTED_FOR).run().await?;
        Ok(tx.commit().await?)
    }
}
