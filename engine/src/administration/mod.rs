//! What admins do to members and events: suspend, let in again, warn, stop, call off, make others admins; and what they look at for that.
//! Each is a row of the audit log ([`crate::audit`]), and so is each look at what is known of somebody.
//!
//! The same is done by commands of the program, which know no running node: every node looks at the newest rows each second
//! and goes by them. What is done on a node is told to the others at once, as any change is.

mod admins;
mod lists;
mod log;
mod members;
mod password_links;
pub(crate) mod personal;
mod waiting;

use admins::is_one;
pub use admins::{AdminLink, admins, make_link, set_admin};

use crate::{
    Error,
    accounts::{self, Accounts, Actor},
    audit,
    clock::Clock,
    cluster::Stale,
    db::{Db, Lane, retried},
    events,
    limits::Limits,
    notices,
    parties::Parties,
    tasks::Tasks,
    turnstile::Turnstile,
};
use model::{
    DAY, EventId, FieldError, FormErrors, MINUTE, MemberId, Notice, Role, Span, Time, administration::AuditAction, text,
};
use std::{collections::HashSet, time::Duration};
use uuid::Uuid;

/// How often the newest rows are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How old a row may be that is new to a node: clocks differ, and transactions take their time.
const NEWEST: Span = MINUTE.times(10);
/// Whoever warns somebody of the same again so soon pressed twice.
const SAME_WARNING: Span = MINUTE.times(10);
/// Suspensions that end at once; the others a second later.
const ENDING: i64 = 100;
/// The longest suspension that ends by itself, in days.
const LONGEST: i64 = 365;

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
    pub(crate) limits: Limits,
    pub(crate) accounts: Accounts,
    pub(crate) parties: Parties,
    pub(crate) turnstile: Turnstile,
    pub(crate) tasks: Tasks,
}

impl Administration {
    /// See [`suspend`]; for so many `days` as were typed, or until somebody lets them in again. Every node knows of it when this
    /// returns, or a moment later.
    ///
    /// # Errors
    /// As there, and [`model::Error::Invalid`] at `days`.
    pub async fn suspend(&self, actor: &Actor, who: &str, reason: &str, days: &str) -> Result<(), Error> {
        actor.admin()?;
        let now = self.clock.now();
        let until = match days.trim() {
            "" => None,
            days => {
                let days = days.parse::<i64>().ok().filter(|days| (1..=LONGEST).contains(days)).ok_or_else(|| {
                    let mut fields = FormErrors::default();
                    fields.add("days", FieldError::OutOfRange { min: 1, max: LONGEST });
                    model::Error::Invalid { fields }
                })?;
                Some(now + DAY.times(days))
            }
        };
        let member = suspend(&self.db, now, actor, who, reason, until).await?;
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

    /// Tells a member to stop something: of an event, where it was about one. The very same of an admin so soon after it is the same
    /// warning, sent twice.
    ///
    /// # Errors
    /// For others than admins; [`model::Error::Invalid`] without a reason; [`model::Error::NotFound`] for nobody; the database's.
    pub async fn warn(
        &self,
        actor: &Actor,
        member: MemberId,
        event: Option<EventId>,
        reason: &str,
    ) -> Result<(), Error> {
        actor.admin()?;
        let reason = audit::reason_of(reason)?;
        retried!(self.warn_once(actor, member, event, &reason))
    }

    async fn warn_once(
        &self,
        actor: &Actor,
        member: MemberId,
        event: Option<EventId>,
        reason: &str,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin(Lane::Other).await?;
        // Two at once wait for each other.
        if tx.sql("update members set mode = mode where id = $1").bind(member).run().await? == 0 {
            return Err(model::Error::NotFound.into());
        }
        let before = tx.sql(
            "select event_id from audit where member_id = $1 and admin_id = $2 and action = $3 and reason = $4 and at > $5",
        );
        let before = before.bind(member).bind(actor.member()).bind(AuditAction::Warn.name().to_owned());
        let before: Vec<(Option<EventId>,)> = before.bind(reason.to_owned()).bind(now - SAME_WARNING).all().await?;
        if before.contains(&(event,)) {
            return Ok(());
        }
        let notice = Notice::Warned { reason: reason.to_owned() };
        notices::write_of_member(&mut tx, member, &notice, event, now)?;
        let target = audit::Target { event, ..member.into() };
        audit::note(&mut tx, now, actor, AuditAction::Warn, target, reason).await?;
        Ok(tx.commit().await?)
    }

    /// See [`call_off`].
    ///
    /// # Errors
    /// As there.
    pub async fn call_off(&self, actor: &Actor, event: EventId, reason: &str) -> Result<(), Error> {
        call_off(&self.db, self.clock.now(), actor, event, reason).await
    }

    /// Stops anybody's event, with a reason that its page shows, until it is readmitted: nobody finds it or enters it meanwhile, and what
    /// people have of it goes on. Its creator is told. One that is stopped already stays so.
    ///
    /// # Errors
    /// For others than admins; [`model::Error::Invalid`] without a reason; [`model::Error::NotFound`] for what nobody sees; an event that
    /// is called off or settled; the database's.
    pub async fn suspend_event(&self, actor: &Actor, event: EventId, reason: &str) -> Result<(), Error> {
        actor.admin()?;
        let reason = audit::reason_of(reason)?;
        retried!(self.suspend_event_once(actor, event, &reason))
    }

    async fn suspend_event_once(&self, actor: &Actor, event: EventId, reason: &str) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin(Lane::Other).await?;
        if events::suspend(&mut tx, event, actor.member(), reason, now).await? {
            audit::note(&mut tx, now, actor, AuditAction::SuspendEvent, event, reason).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Lets a stopped event go on, also one that is settled by now.
    ///
    /// # Errors
    /// As [`Administration::suspend_event`].
    pub async fn readmit_event(&self, actor: &Actor, event: EventId, reason: &str) -> Result<(), Error> {
        actor.admin()?;
        let reason = audit::reason_of(reason)?;
        retried!(self.readmit_event_once(actor, event, &reason))
    }

    async fn readmit_event_once(&self, actor: &Actor, event: EventId, reason: &str) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin(Lane::Other).await?;
        if events::readmit(&mut tx, event, actor.member(), now).await? {
            audit::note(&mut tx, now, actor, AuditAction::ReadmitEvent, event, reason).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Goes by what was done elsewhere, and ends suspensions whose time is over, until the program ends.
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
            if let Err(error) = self.end_suspensions().await {
                tracing::warn!(%error, "suspensions cannot be ended");
            }
        }
    }

    /// Of what nodes remember: who may do what, and which events are called off.
    async fn newest(&self) -> Result<Vec<(Uuid, Option<MemberId>, Option<EventId>)>, sqlx::Error> {
        let newest = self.db.sql(
            "select id, member_id, event_id from audit where at > $1
                and action in ('suspend', 'restore', 'make_admin', 'remove_admin', 'call_off')",
        );
        newest.bind(self.clock.now() - NEWEST).all().await
    }

    /// Lets those act again whose suspension was to end by now. Any node may: of two, one does.
    async fn end_suspensions(&self) -> Result<(), Error> {
        let now = self.clock.now();
        let over: Vec<(MemberId,)> = self
            .db
            .sql("select id from members where suspended_until <= $1 order by suspended_until limit $2")
            .bind(now)
            .bind(ENDING)
            .all()
            .await?;
        for (member,) in over {
            let mut tx = self.db.begin(Lane::Other).await?;
            let ended = tx
                .sql("update members set suspended_at = null, suspended_until = null where id = $1 and suspended_until <= $2")
                .bind(member)
                .bind(now)
                .run()
                .await?;
            if ended == 1 {
                audit::note(&mut tx, now, &Actor::System, AuditAction::Restore, member, "").await?;
            }
            tx.commit().await?;
            self.accounts.sessions.invalidate_member(member);
        }
        Ok(())
    }
}

/// Keeps a member from doing anything but reading what is theirs, until a time or until somebody lets them in again; `who` is their
/// email, nickname or id. Who it was: nodes are to be told. A member who is suspended already stays so; only when that ends may change.
///
/// # Errors
/// For others than admins; [`model::Error::Invalid`] for a member who is not there and without a reason; admins can be
/// suspended by the program alone, and the last of them by nobody ([`model::AccountError::LastAdmin`]); the database's.
pub async fn suspend(
    db: &Db,
    now: Time,
    actor: &Actor,
    who: &str,
    reason: &str,
    until: Option<Time>,
) -> Result<MemberId, Error> {
    let (member, reason) = whom_and_why(db, actor, who, reason).await?;
    retried!(suspend_once(db, now, actor, member, &reason, until))
}

async fn suspend_once(
    db: &Db,
    now: Time,
    actor: &Actor,
    member: MemberId,
    reason: &str,
    until: Option<Time>,
) -> Result<MemberId, Error> {
    let mut tx = db.begin(Lane::Other).await?;
    let held = tx.hold_admins().await?;
    is_one(&mut tx, held, actor).await?;
    let admin = tx.sql("select 1 from members where id = $1 and role = $2").bind(member).bind(Role::Admin);
    if admin.exists().await? && !matches!(actor, Actor::System) {
        return Err(model::Error::Forbidden.into());
    }
    admins::keep_one(&mut tx, held, member).await?;
    let changed = tx
        .sql(
            "update members set suspended_at = coalesce(suspended_at, $2), suspended_until = $3
             where id = $1 and (suspended_at is null or coalesce(suspended_until, 0) <> coalesce($3, 0))",
        )
        .bind(member)
        .bind(now)
        .bind(until)
        .run()
        .await?;
    if changed == 1 {
        let named = until.map(Time::to_local).unwrap_or_default();
        let target = audit::Target { named, ..member.into() };
        audit::note(&mut tx, now, actor, AuditAction::Suspend, target, reason).await?;
    }
    tx.commit().await?;
    Ok(member)
}

/// Lets a suspended member do everything again.
///
/// # Errors
/// As [`suspend`].
pub async fn restore(db: &Db, now: Time, actor: &Actor, who: &str, reason: &str) -> Result<MemberId, Error> {
    let (member, reason) = whom_and_why(db, actor, who, reason).await?;
    retried!(restore_once(db, now, actor, member, &reason))
}

async fn restore_once(db: &Db, now: Time, actor: &Actor, member: MemberId, reason: &str) -> Result<MemberId, Error> {
    let mut tx = db.begin(Lane::Other).await?;
    let admin = tx.sql("select 1 from members where id = $1 and role = $2").bind(member).bind(Role::Admin);
    if admin.exists().await? && !matches!(actor, Actor::System) {
        return Err(model::Error::Forbidden.into());
    }
    let changed = tx
        .sql(
            "update members set suspended_at = null, suspended_until = null
             where id = $1 and suspended_at is not null",
        )
        .bind(member)
        .run()
        .await?;
    if changed == 1 {
        audit::note(&mut tx, now, actor, AuditAction::Restore, member, reason).await?;
    }
    tx.commit().await?;
    Ok(member)
}

/// Whom a form or a command is about, and why; what is wrong with either is noted under `who` and `reason`.
async fn whom_and_why(db: &Db, actor: &Actor, who: &str, reason: &str) -> Result<(MemberId, String), Error> {
    actor.admin()?;
    let mut errors = FormErrors::default();
    let reason = errors.check("reason", text::line(reason, 2, 200)).unwrap_or_default();
    let found = named(db, who).await?;
    if found.is_none() {
        errors.add("who", FieldError::Invalid);
    }
    errors.into_result()?;
    Ok((found.ok_or(model::Error::NotFound)?.id, reason))
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
    audit::note(&mut tx, now, actor, AuditAction::CallOff, event, &reason).await?;
    Ok(tx.commit().await?)
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
