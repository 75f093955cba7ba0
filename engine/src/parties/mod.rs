//! Parties of neighbours: made, joined, met, and what becomes of those who do not come.
//!
//! [`model::parties::Party`] has the rules. Every change holds the party, reads it with its members ([`store`]), applies an
//! [`Action`] and writes what came out, in one transaction: however many join at once, no share is given twice.

mod chat;
mod homes;
mod jobs;
mod live;
mod nearby;
mod penalties;
pub(crate) mod personal;
mod phones;
mod questions;
mod reading;
mod receipts;
mod standings;
mod store;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod unread;

pub use homes::Home;
pub use live::Following;
pub(crate) use phones::answers_for;
pub use phones::{Sms, Solapi};

use crate::{
    Error,
    accounts::Actor,
    audit::{self, Target},
    clock::Clock,
    cluster::{Bus, Invalidation},
    db::{Db, Lane, Leftovers, Tx, retried},
    ids,
    limits::Limits,
    outbox::{self, Trigger},
};
use model::{
    DAY, MemberId, Notice, PartyDraft, PartyError, PartyId, PictureId, RequestId, Time,
    administration::AuditAction,
    parties::{Action, Meeting, Party, PartyNews, Standing, Told},
    text,
};
use penalties::check_text;
use phones::Hasher;
use standings::Standings;

/// Parties. Cheap to clone.
#[derive(Clone)]
pub struct Parties {
    db: Db,
    clock: Clock,
    limits: Limits,
    standings: Standings,
    bus: Bus,
    phone_key: Hasher,
    /// Who sends codes to phones.
    sms: Option<Sms>,
    leftovers: Leftovers,
}

impl Parties {
    pub(crate) fn new(
        db: Db,
        clock: Clock,
        limits: Limits,
        invalidation: Invalidation,
        bus: Bus,
        sms: Option<Sms>,
    ) -> Parties {
        let standings = Standings::new(db.clone(), clock.clone(), invalidation);
        let leftovers = Leftovers::new(db.clone(), clock.clone(), &["party_lines", "party_questions"]);
        Parties { db, clock, limits, standings, bus, phone_key: Hasher::default(), sms, leftovers }
    }

    /// Makes a party. Repeating a request makes no other.
    ///
    /// # Errors
    /// For visitors and suspended members; [`model::PhoneError::Needed`]; [`model::PartyError::Blocked`];
    /// [`model::Error::NotFound`] for a market or an item that is not there; [`model::Error::TooMany`]; the database may fail.
    pub async fn create(&self, actor: &Actor, request: RequestId, draft: &PartyDraft) -> Result<PartyId, Error> {
        let leader = actor.active()?.member;
        self.limits.creation(leader).await?;
        retried!(self.create_once(leader, request, draft))
    }

    async fn create_once(&self, leader: MemberId, request: RequestId, draft: &PartyDraft) -> Result<PartyId, Error> {
        let now = self.clock.now();
        let (id, party) = (PartyId(ids::new_id(now)), Party::new(leader, draft));
        let mut tx = self.db.begin(Lane::Other).await?;
        phones::check(&mut tx, leader).await?;
        standings::check(&mut tx, leader, now).await?;
        if let Some(made) = store::insert(&mut tx, id, request, &party, draft, now).await? {
            return Ok(made);
        }
        announce(&mut tx, id, leader, draft, now).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Changes the terms of a party while its leader is alone.
    ///
    /// # Errors
    /// For visitors and suspended members; those of [`Party::edit`]; [`model::Error::NotFound`] for a market or an item that is not
    /// there; the database may fail.
    pub async fn edit(&self, actor: &Actor, id: PartyId, draft: &PartyDraft) -> Result<(), Error> {
        let by = actor.active()?.member;
        self.limits.parties(by).await?;
        retried!(self.edit_once(by, id, draft))
    }

    async fn edit_once(&self, by: MemberId, id: PartyId, draft: &PartyDraft) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin(Lane::Other).await?;
        let held = tx.hold_party(id).await?;
        let before = store::load(&mut tx, held).await?.ok_or(model::Error::NotFound)?;
        let mut after = before.clone();
        after.edit(by, draft, now)?;
        store::write_terms(&mut tx, held, draft).await?;
        store::write(&mut tx, held, &before, &after, now).await?;
        tx.commit().await?;
        self.wake(id).await;
        Ok(())
    }

    /// Calls a party off, as the leader typed why.
    ///
    /// # Errors
    /// [`model::Error::Invalid`] for the reason; those of [`Parties::act`].
    pub async fn cancel(&self, actor: &Actor, id: PartyId, reason: &str) -> Result<(), Error> {
        let reason = check_text("reason", text::line(reason, 1, 200))?;
        self.act(actor, id, &Action::Cancel { reason }).await
    }

    /// Calls anybody's party off, for an admin, as its leader could. Everybody in it is told, the leader as well.
    ///
    /// # Errors
    /// For others than admins; [`model::Error::Invalid`] without a reason; [`model::Error::NotFound`] for none; those of
    /// [`Party::apply`]; the database may fail.
    pub async fn cancel_by_admin(&self, actor: &Actor, id: PartyId, reason: &str) -> Result<(), Error> {
        actor.admin()?;
        let reason = audit::reason_of(reason)?;
        retried!(self.cancel_by_admin_once(actor, id, &reason))?;
        self.wake(id).await;
        Ok(())
    }

    async fn cancel_by_admin_once(&self, actor: &Actor, id: PartyId, reason: &str) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin(Lane::Other).await?;
        let held = tx.hold_party(id).await?;
        let before = store::load(&mut tx, held).await?.ok_or(model::Error::NotFound)?;
        let mut after = before.clone();
        let news = after.apply(before.leader, &Action::Cancel { reason: reason.to_owned() }, now)?;
        store::write(&mut tx, held, &before, &after, now).await?;
        store::write_reason(&mut tx, held, reason).await?;
        // Nobody in it did this; an admin who is in it knows.
        let by = actor.member().unwrap_or(MemberId(uuid::Uuid::nil()));
        for (told, what) in &news {
            store::tell(&mut tx, held, &after, by, *told, what, now).await?;
        }
        let target = Target { party: Some(id), ..before.leader.into() };
        audit::note(&mut tx, now, actor, AuditAction::CancelParty, target, reason).await?;
        Ok(tx.commit().await?)
    }

    /// Proposes another time, as the leader typed it.
    ///
    /// # Errors
    /// [`model::Error::Invalid`] for times that may not be; those of [`Parties::act`].
    pub async fn propose(&self, actor: &Actor, id: PartyId, from: &str, to: &str) -> Result<(), Error> {
        let meeting = Meeting::typed(from, to, self.clock.now())?;
        self.act(actor, id, &Action::Propose(meeting)).await
    }

    /// Does something about a party.
    ///
    /// # Errors
    /// For visitors, and for suspended members but to leave or ask no more; [`model::Error::NotFound`]; those of [`Party::apply`];
    /// [`model::PhoneError::Needed`] and [`model::PartyError::Blocked`] for whoever would join, [`model::PartyError::CannotJoin`] for
    /// whoever takes somebody without a phone, or who is suspended; [`model::Error::TooMany`]; the database may fail.
    pub async fn act(&self, actor: &Actor, id: PartyId, action: &Action) -> Result<(), Error> {
        self.act_with(actor, id, action, None).await
    }

    /// The same with a picture of the receipt, which is shown from then on.
    async fn act_with(
        &self,
        actor: &Actor,
        id: PartyId,
        action: &Action,
        receipt: Option<PictureId>,
    ) -> Result<(), Error> {
        // Who is suspended may be marked like others, and so may go like them.
        let goes = matches!(action, Action::Leave | Action::Withdraw);
        let by = if goes { actor.signed_in()? } else { actor.active()? }.member;
        self.limits.parties(by).await?;
        let concerned = retried!(self.act_once(by, id, action, receipt))?;
        for member in concerned {
            self.standings.invalidate_member(member);
        }
        // Whoever is no member any more hears nothing more.
        self.wake(id).await;
        Ok(())
    }

    /// Whose standing may have changed.
    async fn act_once(
        &self,
        by: MemberId,
        id: PartyId,
        action: &Action,
        receipt: Option<PictureId>,
    ) -> Result<Vec<MemberId>, Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin(Lane::Other).await?;
        let held = tx.hold_party(id).await?;
        let before = store::load(&mut tx, held).await?.ok_or(model::Error::NotFound)?;
        let mut after = before.clone();
        let news = after.apply(by, action, now)?;
        if let Some(member) = action.joins(by) {
            // Whoever is taken had one when they asked, but another account of theirs may have it by now, or they are suspended.
            let phone = phones::check(&mut tx, member).await;
            if member != by && matches!(phone, Err(Error::Refused(_))) {
                return Err(model::Error::from(PartyError::CannotJoin).into());
            }
            phone?;
            standings::check(&mut tx, member, now).await?;
        }
        store::write(&mut tx, held, &before, &after, now).await?;
        if let Some(picture) = receipt {
            store::write_receipt(&mut tx, held, picture).await?;
        }
        let mut concerned = Vec::new();
        for (told, what) in &news {
            if let PartyNews::Marked(kind) = what {
                let marked = match told {
                    Told::Member(member) => *member,
                    _ => after.leader,
                };
                penalties::write(&mut tx, held, marked, *kind, now).await?;
                concerned.extend(phones::concerned(&mut tx, marked).await?);
            }
            if let PartyNews::Cancelled { reason } = what {
                store::write_reason(&mut tx, held, reason).await?;
            }
            store::tell(&mut tx, held, &after, by, *told, what, now).await?;
        }
        if matches!(action, Action::Finish | Action::Attended { .. } | Action::LeaderAbsent) {
            concerned.extend(after.members.iter().map(|member| member.id));
        }
        tx.commit().await?;
        Ok(concerned)
    }

    /// Lets a demonstration have a party that has met already, with everybody who joined it.
    pub(crate) async fn demonstrate(
        &self,
        leader: &Actor,
        draft: &PartyDraft,
        others: &[MemberId],
    ) -> Result<PartyId, Error> {
        let (now, before) = (self.clock.now(), draft.meets.from - DAY);
        let mut party = Party::new(leader.active()?.member, draft);
        for other in others {
            party.apply(*other, &Action::Request { shares: 1 }, before)?;
        }
        let id = PartyId(ids::new_id(now));
        let mut tx = self.db.begin(Lane::Other).await?;
        store::insert(&mut tx, id, RequestId(ids::new_id(now)), &party, draft, before).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// How the reader stands among neighbours; visitors as whoever is new.
    ///
    /// # Errors
    /// The database's.
    pub async fn standing(&self, actor: &Actor) -> Result<Standing, Error> {
        match actor.member() {
            Some(member) => self.standings.of(member).await,
            None => Ok(Standing::default()),
        }
    }

    /// What is remembered of how a member stands no longer holds, here and on other nodes.
    pub(crate) fn invalidate_standing(&self, member: MemberId) {
        self.standings.invalidate_member(member);
    }

    /// Keeps what is remembered of standings true, until the program ends.
    pub(crate) async fn follow(self) {
        self.standings.follow().await;
    }
}

/// Has those told of a new party who favour its market or its item, however many: whoever makes it does not wait for that.
async fn announce(tx: &mut Tx, id: PartyId, by: MemberId, draft: &PartyDraft, at: Time) -> Result<(), Error> {
    let names = tx.sql("select i.name, m.name from items i, markets m where i.id = $1 and m.id = $2");
    let (name, market): (String, String) = names.bind(draft.item).bind(draft.market).one().await?;
    let notice = Notice::Party { party: id, item: name, news: PartyNews::Made { market } };
    let (item, market) = (draft.item, draft.market);
    outbox::write(tx, &Trigger::FavouredMarket { market, by, at, notice: notice.clone() }, at).await?;
    outbox::write(tx, &Trigger::FavouredItem { item, market, by, at, notice }, at).await?;
    Ok(())
}
