//! Who looks after the site. There is always somebody: the last admin is neither taken away nor suspended, whoever tries at once.

use super::{Administration, Known, named};
use crate::{
    Error,
    accounts::{self, Actor, SessionToken},
    audit::{self, Target},
    db::{Db, HeldAdmins, Lane, Tx, retried},
    ids,
};
use model::{AccountError, HOUR, MemberId, Role, Span, Time, administration::AuditAction};

/// How long a link is good for.
const LINK_LASTS: Span = HOUR;

/// What is in a link that makes an admin of the first who opens it: 256 random bits. The database has only their hash.
#[derive(Clone, PartialEq, Eq)]
pub struct AdminLink(String);

impl AdminLink {
    /// As it stands in the address.
    pub fn token(&self) -> &str {
        &self.0
    }
}

fn hash(token: &str) -> Vec<u8> {
    ids::hash(&[b"admin link ", token.as_bytes()]).to_vec()
}

/// Makes the member with this email an admin, who is signed out by it, or no longer one; who it was, when there is such a member. The program alone
/// does so: whoever can run it on the site's data.
///
/// # Errors
/// [`AccountError::LastAdmin`] when nobody would be left; the database's.
pub async fn set_admin(db: &Db, now: Time, email: &str, admin: bool) -> Result<Option<Known>, Error> {
    let Some(known) = named(db, email).await?.filter(|_| email.contains('@')) else { return Ok(None) };
    retried!(set_admin_once(db, now, &Actor::System, known.id, admin, ""))?;
    Ok(Some(known))
}

async fn set_admin_once(
    db: &Db,
    now: Time,
    actor: &Actor,
    member: MemberId,
    admin: bool,
    reason: &str,
) -> Result<(), Error> {
    let mut tx = db.begin(Lane::Other).await?;
    let held = tx.hold_admins().await?;
    is_one(&mut tx, held, actor).await?;
    set_role(&mut tx, held, now, actor, (member.into(), None), admin, reason).await?;
    Ok(tx.commit().await?)
}

/// Makes `target`'s member an admin, or no longer one, unless they are. Whoever becomes one is signed out, but for the session that is
/// named beside them: one that somebody else had may do no more than before. For the same reason no link to another password is theirs
/// any more.
async fn set_role(
    tx: &mut Tx,
    held: HeldAdmins,
    now: Time,
    actor: &Actor,
    (target, here): (Target, Option<&SessionToken>),
    admin: bool,
    reason: &str,
) -> Result<(), Error> {
    let member = target.member.ok_or(model::Error::NotFound)?;
    let (role, action) =
        if admin { (Role::Admin, AuditAction::MakeAdmin) } else { (Role::Member, AuditAction::RemoveAdmin) };
    if !admin {
        keep_one(tx, held, member).await?;
    }
    // Nobody is made one who left: they would count as somebody who looks after the site.
    let changed = tx.sql("update members set role = $1 where id = $2 and role <> $1 and left_at is null");
    let changed = changed.bind(role).bind(member);
    if changed.run().await? == 1 {
        accounts::protect(tx, member).await?;
        if admin {
            let others = tx.sql("delete from sessions where member_id = $1 and token_hash <> $2").bind(member);
            others.bind(here.map_or_else(Vec::new, |here| here.hash().to_vec())).run().await?;
            accounts::end_links(tx, member, now).await?;
        }
        audit::note(tx, now, actor, action, target, reason).await?;
    }
    Ok(())
}

/// Goes on when somebody who may act looks after the site without this member as well: to be asked before they are suspended, are
/// no admin any more, or leave.
///
/// # Errors
/// [`AccountError::LastAdmin`]; the database's.
pub(crate) async fn keep_one(tx: &mut Tx, _held: HeldAdmins, member: MemberId) -> Result<(), Error> {
    if is_last(tx, member).await? { Err(model::Error::from(AccountError::LastAdmin).into()) } else { Ok(()) }
}

/// Goes on when whoever acts is an admin still, as of this transaction: it may have been taken from them a moment ago.
///
/// # Errors
/// [`model::Error::Forbidden`]; the database's.
pub(super) async fn is_one(tx: &mut Tx, _held: HeldAdmins, actor: &Actor) -> Result<(), Error> {
    let Some(member) = actor.member() else { return Ok(actor.admin()?) };
    let is = tx.sql("select 1 from members where id = $1 and role = $2 and suspended_at is null");
    if is.bind(member).bind(Role::Admin).exists().await? { Ok(()) } else { Err(model::Error::Forbidden.into()) }
}

async fn is_last(tx: &mut Tx, member: MemberId) -> Result<bool, sqlx::Error> {
    let theirs = tx.sql("select 1 from members where id = $1 and role = $2 and suspended_at is null");
    if !theirs.bind(member).bind(Role::Admin).exists().await? {
        return Ok(false);
    }
    let others = tx.sql("select 1 from members where role = 'admin' and suspended_at is null and id <> $1 limit 1");
    Ok(!others.bind(member).exists().await?)
}

/// Everybody who looks after the site, in the order in which they signed up.
///
/// # Errors
/// The database's.
pub async fn admins(db: &Db) -> Result<Vec<Known>, Error> {
    let admins = db.sql("select id, nickname, created_at from members where role = 'admin' order by created_at, id");
    Ok(admins.all().await?)
}

/// Makes a link that is good for an hour, and once. By the program alone.
///
/// # Errors
/// The database's.
pub async fn make_link(db: &Db, now: Time) -> Result<AdminLink, Error> {
    let token: String = ids::random::<32>().iter().map(|byte| format!("{byte:02x}")).collect();
    let mut tx = db.begin(Lane::Other).await?;
    tx.sql("delete from admin_links where expires_at < $1").bind(now).run().await?;
    tx.sql("insert into admin_links (hash, made_at, expires_at) values ($1, $2, $3)")
        .bind(hash(&token))
        .bind(now)
        .bind(now + LINK_LASTS)
        .run()
        .await?;
    audit::note(&mut tx, now, &Actor::System, AuditAction::MakeAdminLink, Target::default(), "").await?;
    tx.commit().await?;
    Ok(AdminLink(token))
}

impl Administration {
    /// Makes a member an admin, who is signed out by it, or no longer one.
    ///
    /// # Errors
    /// For others than admins; [`model::Error::Invalid`] without a reason; [`model::Error::NotFound`] for nobody;
    /// [`AccountError::LastAdmin`]; the database's.
    pub async fn set_admin(&self, actor: &Actor, member: MemberId, admin: bool, reason: &str) -> Result<(), Error> {
        actor.admin()?;
        let reason = audit::reason_of(reason)?;
        if !self.db.sql("select 1 from members where id = $1 and left_at is null").bind(member).exists().await? {
            return Err(model::Error::NotFound.into());
        }
        retried!(set_admin_once(&self.db, self.clock.now(), actor, member, admin, &reason))?;
        self.accounts.sessions.invalidate_member(member);
        Ok(())
    }

    /// Whether a link can still be used.
    ///
    /// # Errors
    /// [`model::Error::SignedOut`] for visitors; [`model::Error::NotFound`] for none, one that was used and one that is too old; the
    /// database's.
    pub async fn check_link(&self, actor: &Actor, token: &str) -> Result<(), Error> {
        actor.signed_in()?;
        let link = self.db.sql("select 1 from admin_links where hash = $1 and used_at is null and expires_at > $2");
        let stands = link.bind(hash(token)).bind(self.clock.now()).exists().await?;
        if stands { Ok(()) } else { Err(model::Error::NotFound.into()) }
    }

    /// Makes whoever brings a link an admin, once; by another session than that of `here`, which ends, as do all others of theirs.
    ///
    /// # Errors
    /// For visitors and suspended members; too often; [`AccountError::AdminLinkOver`] as [`Administration::check_link`] would refuse
    /// it; the database's.
    pub async fn use_link(&self, actor: &Actor, token: &str, here: &SessionToken) -> Result<SessionToken, Error> {
        let member = actor.active()?.member;
        // Only who brings one that stands is counted.
        if self.check_link(actor, token).await.is_err() {
            return Err(model::Error::from(AccountError::AdminLinkOver).into());
        }
        self.limits.creation(member).await?;
        retried!(self.use_link_once(actor, member, token, here))?;
        self.accounts.sessions.invalidate_member(member);
        self.accounts.sessions.renew(member, here).await
    }

    async fn use_link_once(
        &self,
        actor: &Actor,
        member: MemberId,
        token: &str,
        here: &SessionToken,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin(Lane::Other).await?;
        let held = tx.hold_admins().await?;
        let used = tx
            .sql(
                "update admin_links set used_by = $2, used_at = $3
                 where hash = $1 and used_at is null and expires_at > $3",
            )
            .bind(hash(token))
            .bind(member)
            .bind(now)
            .run()
            .await?;
        if used == 0 {
            return Err(model::Error::from(AccountError::AdminLinkOver).into());
        }
        let target = Target { named: "link".to_owned(), ..member.into() };
        set_role(&mut tx, held, now, actor, (target, Some(here)), true, "").await?;
        Ok(tx.commit().await?)
    }

    /// Whether nobody would be left without this member.
    pub(super) async fn is_last_admin(&self, member: MemberId) -> Result<bool, Error> {
        let last = self.db.sql(
            "select 1 from members where id = $1 and role = 'admin' and suspended_at is null
                and not exists (select 1 from members where role = 'admin' and suspended_at is null and id <> $1)",
        );
        Ok(last.bind(member).exists().await?)
    }
}
