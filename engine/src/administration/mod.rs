//! What admins do to members and events: suspend, let in again, call off, make others admins. Each leaves a row in `audit`, as what
//! they do to reviews and markets does.
//!
//! The same is done by commands of the program, which know no running node: every node looks at the newest rows each second
//! and goes by them. What is done on a node is told to the others at once, as any change is.

pub(crate) mod personal;

use crate::{
    Error,
    accounts::{self, Accounts, Actor},
    clock::Clock,
    cluster::Stale,
    db::{Db, Lane, Tx, retried},
    events, ids,
    turnstile::Turnstile,
};
use model::{EventId, FieldError, FormErrors, MINUTE, MarketId, MemberId, Role, Span, Time, text};
use std::{collections::HashSet, time::Duration};
use uuid::Uuid;

/// How often the newest rows are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How old a row may be that is new to a node: clocks differ, and transactions take their time.
const NEWEST: Span = MINUTE.times(10);

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    Suspend,
    Restore,
    CallOff,
    MakeAdmin,
    RemoveAdmin,
    HideReview,
    RestoreReview,
    CorrectMarket,
    MergeMarket,
}

impl Action {
    fn name(self) -> &'static str {
        match self {
            Action::Suspend => "suspend",
            Action::Restore => "restore",
            Action::CallOff => "call_off",
            Action::MakeAdmin => "make_admin",
            Action::RemoveAdmin => "remove_admin",
            Action::HideReview => "hide_review",
            Action::RestoreReview => "restore_review",
            Action::CorrectMarket => "correct_market",
            Action::MergeMarket => "merge_market",
        }
    }
}

/// A member as whoever runs the program recognises them.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Known {
    /// The account.
    pub id: MemberId,
    /// Their nickname.
    pub nickname: String,
    /// When they signed up.
    pub created_at: Time,
}

/// Does these things on a running node. Cheap to clone.
#[derive(Clone)]
pub struct Administration {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) accounts: Accounts,
    pub(crate) turnstile: Turnstile,
}

impl Administration {
    /// See [`suspend`]. Every node knows of it when this returns, or a moment later.
    ///
    /// # Errors
    /// As there.
    pub async fn suspend(&self, actor: &Actor, who: &str, reason: &str) -> Result<(), Error> {
        let member = suspend(&self.db, self.clock.now(), actor, who, reason).await?;
        self.accounts.sessions.invalidate_member(member);
        Ok(())
    }

    /// See [`restore`].
    ///
    /// # Errors
    /// As there.
    pub async fn restore(&self, actor: &Actor, who: &str, reason: &str) -> Result<(), Error> {
        let member = restore(&self.db, self.clock.now(), actor, who, reason).await?;
        self.accounts.sessions.invalidate_member(member);
        Ok(())
    }

    /// See [`call_off`].
    ///
    /// # Errors
    /// As there.
    pub async fn call_off(&self, actor: &Actor, event: EventId, reason: &str) -> Result<(), Error> {
        call_off(&self.db, self.clock.now(), actor, event, reason).await?;
        self.turnstile.wake(event).await;
        Ok(())
    }

    /// Goes by what was done elsewhere, until the program ends.
    pub(crate) async fn follow(self) {
        let mut known = HashSet::new();
        let mut looks = tokio::time::interval(LOOK_EVERY);
        looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            looks.tick().await;
            match self.newest().await {
                Ok(rows) => {
                    for (_, member, event) in rows.iter().filter(|(id, ..)| !known.contains(id)) {
                        if let Some(member) = member {
                            self.accounts.sessions.invalidate(Stale::Member(*member));
                        }
                        if let Some(event) = event {
                            self.turnstile.wake(*event).await;
                        }
                    }
                    known = rows.into_iter().map(|(id, ..)| id).collect();
                }
                Err(error) => tracing::warn!(%error, "what was done to members and events cannot be read"),
            }
        }
    }

    async fn newest(&self) -> Result<Vec<(Uuid, Option<MemberId>, Option<EventId>)>, sqlx::Error> {
        let newest = self.db.sql("select id, member_id, event_id from audit where at > $1");
        newest.bind(self.clock.now() - NEWEST).all().await
    }
}

/// Keeps a member from doing anything but reading what is theirs; `who` is their email, nickname or id. Who it was: nodes
/// are to be told. A member who is suspended already stays so, and nothing is written.
///
/// # Errors
/// For others than admins; [`model::Error::Invalid`] for a member who is not there and without a reason; admins can be
/// suspended by the program alone; the database's.
pub async fn suspend(db: &Db, now: Time, actor: &Actor, who: &str, reason: &str) -> Result<MemberId, Error> {
    retried!(set_suspended(db, now, actor, who, reason, Action::Suspend))
}

/// Lets a suspended member do everything again.
///
/// # Errors
/// As [`suspend`].
pub async fn restore(db: &Db, now: Time, actor: &Actor, who: &str, reason: &str) -> Result<MemberId, Error> {
    retried!(set_suspended(db, now, actor, who, reason, Action::Restore))
}

async fn set_suspended(
    db: &Db,
    now: Time,
    actor: &Actor,
    who: &str,
    reason: &str,
    action: Action,
) -> Result<MemberId, Error> {
    actor.admin()?;
    let mut errors = FormErrors::default();
    let reason = errors.check("reason", text::line(reason, 2, 200)).unwrap_or_default();
    let found = named(db, who).await?;
    if found.is_none() {
        errors.add("who", FieldError::Invalid);
    }
    errors.into_result()?;
    let member = found.ok_or(model::Error::NotFound)?.id;
    let mut tx = db.begin(Lane::Other).await?;
    let admin = tx.sql("select 1 from members where id = $1 and role = $2").bind(member).bind(Role::Admin);
    if admin.exists().await? && !matches!(actor, Actor::System) {
        return Err(model::Error::Forbidden.into());
    }
    let changed = match action {
        Action::Suspend => {
            let suspend = tx.sql("update members set suspended_at = $1 where id = $2 and suspended_at is null");
            suspend.bind(now).bind(member).run().await?
        }
        _ => {
            let restore = tx.sql("update members set suspended_at = null where id = $1 and suspended_at is not null");
            restore.bind(member).run().await?
        }
    };
    if changed == 1 {
        note(&mut tx, now, actor, action, Some(member), None, &reason).await?;
    }
    tx.commit().await?;
    Ok(member)
}

/// Calls off anybody's event, with a reason that stays visible. Its creator is told as well.
///
/// # Errors
/// For others than admins; [`model::Error::Invalid`] without a reason; an event that is not there, called off or settled; the
/// database's.
pub async fn call_off(db: &Db, now: Time, actor: &Actor, event: EventId, reason: &str) -> Result<(), Error> {
    retried!(call_off_once(db, now, actor, event, reason))
}

async fn call_off_once(db: &Db, now: Time, actor: &Actor, event: EventId, reason: &str) -> Result<(), Error> {
    actor.admin()?;
    let mut tx = db.begin(Lane::Other).await?;
    let reason = events::call_off(&mut tx, event, None, actor.member(), reason, now).await?;
    note(&mut tx, now, actor, Action::CallOff, None, Some(event), &reason).await?;
    Ok(tx.commit().await?)
}

/// Makes the member with this email an admin, or no longer one; who it was, when there is such a member. The program alone
/// does so: whoever can run it on the site's data.
///
/// # Errors
/// The database's.
pub async fn set_admin(db: &Db, now: Time, email: &str, admin: bool) -> Result<Option<Known>, Error> {
    let Some(known) = named(db, email).await?.filter(|_| email.contains('@')) else { return Ok(None) };
    let (role, action) = if admin { (Role::Admin, Action::MakeAdmin) } else { (Role::Member, Action::RemoveAdmin) };
    let mut tx = db.begin(Lane::Other).await?;
    let changed = tx.sql("update members set role = $1 where id = $2 and role <> $1").bind(role).bind(known.id);
    if changed.run().await? == 1 {
        accounts::protect(&mut tx, known.id).await?;
        note(&mut tx, now, &Actor::System, action, Some(known.id), None, "").await?;
    }
    tx.commit().await?;
    Ok(Some(known))
}

/// The member with this id, email or nickname.
///
/// # Errors
/// The database's.
pub async fn named(db: &Db, who: &str) -> Result<Option<Known>, Error> {
    let found = match who.trim().parse::<MemberId>() {
        Ok(id) => db.sql("select id, nickname, created_at from members where id = $1").bind(id).optional().await?,
        Err(_) => None,
    };
    if found.is_some() {
        return Ok(found);
    }
    // No nickname has an @, and is then the address of one.
    let found = match text::email(who) {
        Ok(email) => db.sql("select id, nickname, created_at from members where email = $1").bind(email),
        Err(_) => {
            let key = accounts::nickname_key(who);
            db.sql("select id, nickname, created_at from members where nickname_key = $1").bind(key)
        }
    };
    Ok(found.optional().await?)
}

/// Notes what an admin did, in the transaction in which they did.
pub(crate) async fn note(
    tx: &mut Tx,
    now: Time,
    actor: &Actor,
    action: Action,
    member: Option<MemberId>,
    event: Option<EventId>,
    reason: &str,
) -> Result<(), sqlx::Error> {
    write(tx, now, actor, action, (member, event, None), reason).await
}

/// The same of what they did to a market.
pub(crate) async fn note_of_market(
    tx: &mut Tx,
    now: Time,
    actor: &Actor,
    action: Action,
    market: MarketId,
    reason: &str,
) -> Result<(), sqlx::Error> {
    write(tx, now, actor, action, (None, None, Some(market)), reason).await
}

async fn write(
    tx: &mut Tx,
    now: Time,
    actor: &Actor,
    action: Action,
    (member, event, market): (Option<MemberId>, Option<EventId>, Option<MarketId>),
    reason: &str,
) -> Result<(), sqlx::Error> {
    tracing::info!(action = action.name(), "an admin acts");
    tx.sql(
        "insert into audit (id, at, admin_id, action, member_id, event_id, market_id, reason)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(ids::new_id(now))
    .bind(now)
    .bind(actor.member())
    .bind(action.name().to_owned())
    .bind(member)
    .bind(event)
    .bind(market)
    .bind(reason.to_owned())
    .run()
    .await?;
    Ok(())
}

/// Why an admin does something, as they typed it.
///
/// # Errors
/// [`model::Error::Invalid`] at `reason`.
pub(crate) fn reason_of(typed: &str) -> Result<String, Error> {
    let mut errors = FormErrors::default();
    match errors.check("reason", text::line(typed, 2, 200)) {
        Some(reason) => Ok(reason),
        None => Err(model::Error::Invalid { fields: errors }.into()),
    }
}
