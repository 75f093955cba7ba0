//! Leaving: what is to be ended before, and everything that is let go of, in one transaction.

use super::{Personal, Step, all};
use crate::{
    Error,
    accounts::{self, Actor},
    db::{Db, Lane, Tx, retried},
    parties,
};
use model::{
    AccountError, DAY, FieldError, FormErrors, MemberId, Span, Time,
    leaving::{Blocker, KeptView, LeavingView, Proof},
};
use std::net::IpAddr;

/// How long what the law has kept is kept (five years: Act on the Consumer Protection in Electronic Commerce, decree, article 6).
pub(super) const BY_LAW: Span = DAY.times(5 * 365 + 2);
/// The tables that words of who leaves are taken from, and where they live.
pub(crate) const WIPED: &[&str] = &[
    "addresses",
    "api_tokens",
    "businesses",
    "chat_lines",
    "creators",
    "deliveries",
    "homes",
    "keyword_subscriptions",
    "mail_settings",
    "member_identities",
    "members",
    "nickname_looks",
    "notices",
    "old_emails",
    "password_requests",
    "pending_identities",
    "phone_codes",
    "phones",
    "protected_names",
    "push_endpoints",
    "saved_deliveries",
    "sessions",
    "webhook_endpoints",
];
/// Letters of an id that make the name of whoever left differ from others'.
const MARK: usize = 8;

/// What somebody is called who left: by the random part of what stays of their account.
fn pseudonym(member: MemberId) -> String {
    let id = member.to_string();
    format!("떠난 회원 {}", id.get(id.len().saturating_sub(MARK)..).unwrap_or_default())
}

/// Whether each of [`Blocker::ALL`] is there, of the member `$1` at the time `$2`. What was sent thirty days ago holds nobody up, whether
/// its seller said that it arrived or not; what arrived holds its seller up for the seven days in which it may be sent back
/// ([`model::sellers::return_until`]), and both for as long as that is not ended.
const BLOCKERS: &str = "select
    exists (select 1 from events where creator_id = $1 and published_at is not null and cancelled_at is null and settled_at is null)
        or exists (select 1 from events e join claims c on c.event_id = e.id
            where e.creator_id = $1 and c.state = 'filled' and c.erased_at is null),
    exists (select 1 from events e join orders o on o.event_id = e.id
        where e.creator_id = $1 and (o.state = 'awaiting_payment' or (o.kind = 'deal' and (o.state in ('paid', 'preparing')
            or o.state = 'shipped' and exists (select 1 from shipments s where s.order_id = o.id and s.shipped_at > $2 - 2592000000000)
            or o.state = 'delivered' and exists (select 1 from shipments s where s.order_id = o.id and s.delivered_at > $2 - 604800000000)))))
        or exists (select 1 from events e join returns r on r.event_id = e.id
            where e.creator_id = $1 and r.state in ('asked', 'accepted')),
    coalesce((select sum(sales - refunds) from seller_months where seller_id = $1), 0)
        > coalesce((select sum(amount) from payouts where seller_id = $1), 0),
    exists (select 1 from booked_hours where seller_id = $1 and freed_at is null and starts_at > $2),
    exists (select 1 from member_entries m join orders o on o.event_id = m.event_id and o.rank = m.rank
        where m.member_id = $1 and (o.state = 'awaiting_payment' or o.owed_back > o.refunded
            or (o.kind = 'deal' and (o.state in ('paid', 'preparing')
                or o.state = 'shipped' and exists (select 1 from shipments s where s.order_id = o.id and s.shipped_at > $2 - 2592000000000)))))
        or exists (select 1 from member_entries m join returns r on r.event_id = m.event_id and r.rank = m.rank
            where m.member_id = $1 and r.state in ('asked', 'accepted'))
        or exists (select 1 from payments where member_id = $1 and state in ('preparing', 'prepared', 'approved', 'confirming', 'unknown')),
    exists (select 1 from tickets where member_id = $1 and state = 'valid' and starts_at > $2),
    exists (select 1 from party_members pm join parties p on p.id = pm.party_id
        where pm.member_id = $1 and pm.state = 'joined' and p.state in ('recruiting', 'full')
            and (p.leader_id <> $1 or exists (select 1 from party_members o
                where o.party_id = p.id and o.member_id <> $1 and o.state = 'joined'))),
    exists (select 1 from members where id = $1 and role = 'admin' and suspended_at is null)
        and not exists (select 1 from members where role = 'admin' and suspended_at is null and id <> $1)";

type Found = (bool, bool, bool, bool, bool, bool, bool, bool);

fn listed(found: Found) -> Vec<Blocker> {
    let found = [found.0, found.1, found.2, found.3, found.4, found.5, found.6, found.7];
    Blocker::ALL.into_iter().zip(found).filter(|(_, there)| *there).map(|(blocker, _)| blocker).collect()
}

impl Personal {
    /// What somebody reads before they leave; `waits_under` is what their browser has from Kakao. In which language, by its code.
    ///
    /// # Errors
    /// [`model::Error::SignedOut`] for visitors; the database may fail.
    pub async fn leaving(&self, actor: &Actor, waits_under: Option<&str>, lang: &str) -> Result<LeavingView, Error> {
        let member = actor.signed_in()?.member;
        let blockers = blockers(&self.db, member, self.clock.now()).await?;
        let word = |[ko, en]: [&str; 2]| if lang == "en" { en.to_owned() } else { ko.to_owned() };
        let kept = all().map(|kept| KeptView { name: word(kept.name), fate: kept.fate, why: word(kept.why) });
        let proof = self.accounts.proof_to_leave(member, waits_under, self.channels.sends_mail()).await?;
        Ok(LeavingView { blockers, kept: kept.collect(), proof })
    }

    /// Ends the actor's account, and lets go of what is kept of them. Every session ends. That it is they is shown by their `password` once
    /// more, and of whoever has none, and no email that a link could go to, by `waits_under`, which their browser has from Kakao.
    ///
    /// # Errors
    /// [`model::Error::SignedOut`] for visitors; [`model::Error::Invalid`] for `password`, and `sure` where it is not ticked;
    /// [`AccountError::KakaoOver`] for whoever has no password and did not show that it is they as [`Proof`] has it;
    /// [`AccountError::CannotLeave`] while something is to be ended before; [`model::Error::TooMany`]; the database may fail.
    pub async fn leave(
        &self,
        actor: &Actor,
        (password, waits_under): (&str, Option<&str>),
        sure: bool,
        address: IpAddr,
    ) -> Result<(), Error> {
        let member = actor.signed_in()?.member;
        if !sure {
            let mut errors = FormErrors::default();
            errors.add("sure", FieldError::Required);
            errors.into_result()?;
        }
        match self.accounts.proof_to_leave(member, waits_under, self.channels.sends_mail()).await? {
            // Asked for next, and so it is where one was set since.
            Proof::Password | Proof::Shown => {}
            Proof::Link | Proof::Kakao | Proof::Shared | Proof::None => {
                return Err(model::Error::from(AccountError::KakaoOver).into());
            }
        }
        let (email, hash) = self.accounts.prove_member(member, password, address).await?;
        let known_by = self.accounts.known_by(member, &email).await?;
        let now = self.clock.now();
        let name = retried!(leave(&self.db, member, &hash, &known_by, now))?;
        self.leftovers.add();
        self.accounts.sessions.invalidate_member(member);
        self.parties.invalidate_standing(member);
        self.naming.renamed(member, &name).await;
        if let Err(error) = self.chat.take_out(member).await {
            tracing::warn!(%error, "rooms that are open show what somebody said who left, until they are read anew");
        }
        Ok(())
    }
}

/// What a member is to end before they can leave.
pub(super) async fn blockers(db: &Db, member: MemberId, now: Time) -> Result<Vec<Blocker>, sqlx::Error> {
    Ok(listed(db.sql(BLOCKERS).bind(member).bind(now).one().await?))
}

/// Lets go of what is kept of a member whose password has this hash; the name that they have from then on.
pub(crate) async fn leave(
    db: &Db,
    member: MemberId,
    hash: &str,
    known_by: &[Vec<u8>],
    now: Time,
) -> Result<String, Error> {
    let name = pseudonym(member);
    let mut tx = db.begin(Lane::Other).await?;
    // So that of the last two admins one stays.
    tx.hold_admins().await?;
    // First, so that of those who leave at once one does.
    let leaving = tx.sql("update members set left_at = $2 where id = $1 and left_at is null and password_hash = $3");
    if leaving.bind(member).bind(now).bind(hash.to_owned()).run().await? == 0 {
        return Err(model::Error::SignedOut.into());
    }
    let found: Found = tx.sql(BLOCKERS).bind(member).bind(now).one().await?;
    if !listed(found).is_empty() {
        return Err(model::Error::from(AccountError::CannotLeave).into());
    }
    for known in known_by {
        accounts::note_departed(&mut tx, known, member, now).await?;
    }
    // Before anything is let go of by which others are told.
    parties::personal::call_off(&mut tx, member, now).await?;
    for step in all().flat_map(|kept| kept.leave) {
        run(&mut tx, step, member, &name, now).await?;
    }
    tx.commit().await?;
    Ok(name)
}

async fn run(tx: &mut Tx, step: &Step, member: MemberId, name: &str, now: Time) -> Result<u64, sqlx::Error> {
    match *step {
        Step::Of(text) => tx.sql(text).bind(member).run().await,
        Step::At(text) => tx.sql(text).bind(member).bind(now).run().await,
        Step::Named(text) => tx.sql(text).bind(member).bind(name.to_owned()).run().await,
        Step::Blank(text) => tx.sql(text).bind(member).bind(Vec::<u8>::new()).run().await,
        Step::Until(text) => tx.sql(text).bind(member).bind(now + BY_LAW).run().await,
    }
}
