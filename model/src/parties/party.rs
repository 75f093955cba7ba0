//! A party and what may become of it: pure rules. Whoever keeps it holds its row, applies an [`Action`] and writes what came out.
//!
//! ```text
//! Recruiting ◄─► Full ─► Done          by the leader, once the meeting has begun and nobody may leave freely any more
//!      └───────────┴───► Cancelled     by the leader before that, or when too few are left after somebody left near it
//!      └───────────┴───► Expired       by itself, a day after the meeting
//! ```

use super::{
    CONFIRMED_WITHIN, EXPIRES_AFTER, FREE_FOR, LATE_WITHIN, LEADER_LATE, MARKED_WITHIN, Meeting, PartyDraft,
    PartyError, PenaltyKind, Split,
};
use crate::{Error, FieldError, FormErrors, MemberId, Time};
use serde::{Deserialize, Serialize};

/// Where a party stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "sql", derive(sqlx::Type), sqlx(type_name = "text", rename_all = "snake_case"))]
pub enum PartyState {
    /// Shares are left.
    Recruiting,
    /// None is.
    Full,
    /// It took place.
    Done,
    /// It was called off.
    Cancelled,
    /// Nobody said what became of it.
    Expired,
}

impl PartyState {
    /// Whether it is still to come, or going on.
    pub fn is_open(self) -> bool {
        matches!(self, PartyState::Recruiting | PartyState::Full)
    }

    /// Whether a party that stands here and meets from then on is still to come: until then it can be called off.
    pub fn is_to_come(self, from: Time, now: Time) -> bool {
        self.is_open() && now < from
    }
}

/// How somebody stands to a party.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "sql", derive(sqlx::Type), sqlx(type_name = "text", rename_all = "snake_case"))]
pub enum MemberState {
    /// Asks to join.
    Requested,
    /// Is one of them; the leader always is.
    Joined,
    /// Was not taken.
    Rejected,
    /// Does not ask any more.
    Withdrawn,
    /// Left in time.
    Left,
    /// Left when the others counted on them.
    LeftLate,
    /// Was taken out by the leader.
    Removed,
}

/// Somebody who has to do with a party.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub id: MemberId,
    /// How they stand to it.
    pub state: MemberState,
    /// How many shares they take, or ask for.
    pub shares: u32,
    /// Whether the time that is proposed suits them.
    pub agreed: bool,
    /// Whether they came, once that was said.
    pub came: Option<bool>,
    /// Whether they say that the leader did not come.
    pub leader_absent: bool,
    /// Until when they leave freely, because they were taken a moment ago, when they may have been counted on already.
    pub free_until: Option<Time>,
}

impl Member {
    fn new(id: MemberId, state: MemberState, shares: u32) -> Member {
        Member { id, state, shares, agreed: false, came: None, leader_absent: false, free_until: None }
    }
}

/// What is known of a party that its rules need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// Who made it, and is one of its members.
    pub leader: MemberId,
    /// Into how many shares the item is cut.
    pub wanted: u32,
    /// With fewer shares taken it does not take place.
    pub least: u32,
    /// Whether whoever asks is taken.
    pub automatic: bool,
    /// What it is thought to cost, in whole won.
    pub total: i64,
    /// What it did cost.
    pub cost: Option<i64>,
    /// When they meet.
    pub meets: Meeting,
    /// Another time that the leader proposed.
    pub proposed: Option<Meeting>,
    /// Where it stands, apart from having expired since.
    pub state: PartyState,
    /// Whether the leader confirmed the meeting.
    pub confirmed: bool,
    /// Until when whoever likes leaves freely, because somebody else left near the meeting.
    pub free_until: Option<Time>,
    /// When it was done or called off.
    pub ended_at: Option<Time>,
    /// Everybody who has or had to do with it, each once.
    pub members: Vec<Member>,
}

/// What somebody does about a party.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Asks to join.
    Request {
        /// With so many shares.
        shares: u32,
    },
    /// Does not ask any more.
    Withdraw,
    /// Leaves.
    Leave,
    /// Says whether the time that is proposed suits them.
    Agree(bool),
    /// Says that the leader did not come.
    LeaderAbsent,
    /// The leader takes somebody who asks.
    Accept(MemberId),
    /// The leader does not.
    Reject(MemberId),
    /// The leader takes somebody out.
    Remove(MemberId),
    /// The leader goes ahead with those who are there.
    GoAhead,
    /// The leader confirms the meeting.
    Confirm,
    /// The leader proposes another time.
    Propose(Meeting),
    /// The leader calls it off.
    Cancel {
        /// Why.
        reason: String,
    },
    /// The leader says that it took place.
    Finish,
    /// The leader says whether somebody came.
    Attended {
        /// Who.
        member: MemberId,
        /// Whether they did.
        came: bool,
    },
    /// The leader says what it did cost, in whole won.
    Cost(i64),
}

impl Action {
    /// Who would be one of the members by it, and so must not be blocked.
    pub fn joins(&self, by: MemberId) -> Option<MemberId> {
        match self {
            Action::Request { .. } => Some(by),
            Action::Accept(member) => Some(*member),
            _ => None,
        }
    }

    fn is_leaders(&self) -> bool {
        !matches!(
            self,
            Action::Request { .. } | Action::Withdraw | Action::Leave | Action::Agree(_) | Action::LeaderAbsent
        )
    }
}

/// What others are to hear of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartyNews {
    /// Somebody asks to join.
    Requested,
    /// Somebody joined.
    Joined,
    /// You are one of them now.
    Accepted,
    /// You were not taken.
    Rejected,
    /// You were taken out.
    Removed,
    /// Somebody left; the shares may have changed.
    Left {
        /// Whether the others may leave freely for half an hour because of it. (Notices are kept with the name that this had.)
        #[serde(rename = "late")]
        frees: bool,
    },
    /// No share is left.
    Full,
    /// The leader confirmed the meeting.
    Confirmed,
    /// Another time is proposed.
    Proposed,
    /// It takes place at the time that was proposed.
    Moved,
    /// It takes place at the time that it had.
    Stays,
    /// It was called off.
    Cancelled {
        /// Why; nothing where too few were left.
        reason: String,
    },
    /// It took place.
    Done,
    /// You were marked.
    Marked(PenaltyKind),
    /// What it did cost is known.
    Cost,
    /// An admin decided what you had said against a penalty.
    Decided {
        /// Whether it was taken back.
        granted: bool,
    },
    /// Somebody made it: at a market that you favour, or for an item that you favour.
    Made {
        /// What the market is called.
        market: String,
    },
    /// Somebody asks the leader something.
    Asked,
    /// The leader answered what you asked.
    Answered,
}

/// Who hears of it; never who did it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// The leader.
    Leader,
    /// One of those who have to do with it.
    Member(MemberId),
    /// Everybody who has joined.
    Joined,
    /// Them, and whoever asks to join.
    Everybody,
}

type Outcome = Result<Vec<(Told, PartyNews)>, Error>;

impl Party {
    /// A new one, with its leader alone.
    pub fn new(leader: MemberId, draft: &PartyDraft) -> Party {
        Party {
            leader,
            wanted: draft.wanted,
            least: draft.least,
            automatic: draft.automatic,
            total: draft.total,
            cost: None,
            meets: draft.meets,
            proposed: None,
            state: PartyState::Recruiting,
            confirmed: false,
            free_until: None,
            ended_at: None,
            members: vec![Member::new(leader, MemberState::Joined, draft.own)],
        }
    }

    /// Where it stands.
    pub fn state(&self, now: Time) -> PartyState {
        if self.state.is_open() && now >= self.meets.to + EXPIRES_AFTER { PartyState::Expired } else { self.state }
    }

    /// Everybody who has joined.
    pub fn joined(&self) -> impl Iterator<Item = &Member> {
        self.members.iter().filter(|member| member.state == MemberState::Joined)
    }

    /// How many shares are taken.
    pub fn taken(&self) -> u32 {
        self.joined().map(|member| member.shares).sum()
    }

    /// How many are left.
    pub fn left(&self) -> u32 {
        self.wanted.saturating_sub(self.taken())
    }

    /// How somebody stands to it.
    pub fn member(&self, id: MemberId) -> Option<&Member> {
        self.members.iter().find(|member| member.id == id)
    }

    /// Whether somebody reads what its members say to one another.
    pub fn is_joined(&self, id: MemberId) -> bool {
        self.member(id).is_some_and(|member| member.state == MemberState::Joined)
    }

    /// Until when somebody leaves freely, however near the meeting is: because somebody else left near it, or they were
    /// taken a moment ago.
    pub fn free_until(&self, id: MemberId) -> Option<Time> {
        self.free_until.max(self.member(id).and_then(|member| member.free_until))
    }

    /// Whether somebody who leaves now leaves when the others count on them.
    pub fn leaves_late(&self, id: MemberId, now: Time) -> bool {
        self.is_near(now) && !self.is_free(id, now)
    }

    fn is_free(&self, id: MemberId, now: Time) -> bool {
        self.free_until(id).is_some_and(|until| now < until)
    }

    /// Whether the meeting is confirmed, or so near that it need not be.
    fn is_near(&self, now: Time) -> bool {
        self.confirmed || now >= self.meets.from - LATE_WITHIN
    }

    /// Whether the leader may still change its terms: nobody else has joined or asks to.
    pub fn is_alone(&self) -> bool {
        let others = |member: &Member| {
            member.id != self.leader && matches!(member.state, MemberState::Joined | MemberState::Requested)
        };
        !self.members.iter().any(others)
    }

    /// What each pays: of the real price, once it is known, among those who came; else of what was thought, among all shares.
    pub fn amounts(&self) -> Vec<(MemberId, i64)> {
        let (total, shares) = match self.cost {
            Some(cost) => (cost, self.payers().map(|member| member.shares).sum()),
            None => (self.total, self.wanted),
        };
        let split = Split::of(total, shares);
        let amount = |member: &Member| (member.id, split.amount(member.shares, member.id == self.leader));
        match self.cost {
            Some(_) => self.payers().map(amount).collect(),
            None => self.joined().map(amount).collect(),
        }
    }

    /// What a share did cost, once that is known; what cannot be divided is the leader's.
    pub fn cost_each(&self) -> Option<i64> {
        let shares = self.payers().map(|member| member.shares).sum();
        self.cost.map(|cost| Split::of(cost, shares).each)
    }

    /// Who came, unless somebody said otherwise; the leader paid at the till.
    fn payers(&self) -> impl Iterator<Item = &Member> {
        self.joined().filter(|member| member.came != Some(false) || member.id == self.leader)
    }

    /// Lets the leader change its terms while nobody else goes by them.
    ///
    /// # Errors
    /// For others than the leader; when it is over or has begun; when others have joined or ask to.
    pub fn edit(&mut self, by: MemberId, draft: &PartyDraft, now: Time) -> Result<(), Error> {
        self.leads(by)?;
        self.before_it(now)?;
        if !self.is_alone() {
            return Err(PartyError::NotAlone.into());
        }
        let members = std::mem::take(&mut self.members);
        *self = Party::new(self.leader, draft);
        // Who was here before does not come back as somebody new.
        self.members.extend(members.into_iter().filter(|member| member.id != self.leader));
        Ok(())
    }

    /// Does what somebody asks for, when it may be done; what others hear of it. After a refusal nothing has changed.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for what only the leader may do, [`PartyError`] for what cannot be done now.
    pub fn apply(&mut self, by: MemberId, action: &Action, now: Time) -> Outcome {
        if action.is_leaders() {
            self.leads(by)?;
        }
        match action {
            Action::Request { shares } => self.request(by, *shares, now),
            Action::Withdraw => self.withdraw(by),
            Action::Leave => self.leave(by, now),
            Action::Agree(yes) => self.agree(by, *yes, now),
            Action::LeaderAbsent => self.leader_absent(by, now),
            Action::Accept(member) => self.accept(*member, now),
            Action::Reject(member) => self.reject(*member),
            Action::Remove(member) => self.remove(*member, now),
            Action::GoAhead => self.go_ahead(now),
            Action::Confirm => self.confirm(now),
            Action::Propose(meeting) => self.propose(*meeting, now),
            Action::Cancel { reason } => self.cancel(reason, now),
            Action::Finish => self.finish(now),
            Action::Attended { member, came } => self.attended(*member, *came, now),
            Action::Cost(cost) => self.set_cost(*cost, now),
        }
    }

    fn request(&mut self, by: MemberId, shares: u32, now: Time) -> Outcome {
        if by == self.leader {
            return Err(PartyError::OwnParty.into());
        }
        self.before_it(now)?;
        if !self.automatic {
            self.can_be_taken(now)?;
        }
        match self.member(by).map(|member| member.state) {
            Some(MemberState::Requested | MemberState::Joined) => return Err(PartyError::AlreadyJoined.into()),
            Some(MemberState::Rejected | MemberState::LeftLate | MemberState::Removed) => {
                return Err(PartyError::NotAgain.into());
            }
            // Near the meeting whoever leaves gives the others time: not again and again, up to its beginning.
            Some(MemberState::Left) if self.is_near(now) => return Err(PartyError::NotAgain.into()),
            Some(MemberState::Withdrawn | MemberState::Left) | None => {}
        }
        if self.left() == 0 {
            return Err(PartyError::PartyFull.into());
        }
        if shares == 0 || shares > self.left() {
            let mut errors = FormErrors::default();
            errors.add("shares", FieldError::OutOfRange { min: 1, max: self.left().into() });
            errors.into_result()?;
        }
        let state = if self.automatic { MemberState::Joined } else { MemberState::Requested };
        let member = Member::new(by, state, shares);
        match self.members.iter_mut().find(|member| member.id == by) {
            Some(before) => *before = member,
            None => self.members.push(member),
        }
        if state == MemberState::Requested {
            return Ok(vec![(Told::Leader, PartyNews::Requested)]);
        }
        let mut news = vec![(Told::Joined, PartyNews::Joined)];
        self.fill(&mut news);
        Ok(news)
    }

    fn withdraw(&mut self, by: MemberId) -> Outcome {
        self.requested(by)?.state = MemberState::Withdrawn;
        Ok(Vec::new())
    }

    fn accept(&mut self, id: MemberId, now: Time) -> Outcome {
        self.before_it(now)?;
        self.can_be_taken(now)?;
        let left = self.left();
        let member = self.requested(id)?;
        if member.shares > left {
            return Err(PartyError::PartyFull.into());
        }
        // They may have asked long ago, and cannot be counted on before they have seen that they were taken.
        (member.state, member.free_until) = (MemberState::Joined, Some(now + FREE_FOR));
        let mut news = vec![(Told::Member(id), PartyNews::Accepted)];
        self.fill(&mut news);
        Ok(news)
    }

    fn reject(&mut self, id: MemberId) -> Outcome {
        self.requested(id)?.state = MemberState::Rejected;
        Ok(vec![(Told::Member(id), PartyNews::Rejected)])
    }

    fn remove(&mut self, id: MemberId, now: Time) -> Outcome {
        self.before_it(now)?;
        if id == self.leader {
            return Err(PartyError::OwnParty.into());
        }
        if self.is_near(now) {
            return Err(PartyError::TooLate.into());
        }
        self.joined_mut(id)?.state = MemberState::Removed;
        let mut news = vec![(Told::Member(id), PartyNews::Removed)];
        self.make_room(now, &mut news);
        Ok(news)
    }

    fn leave(&mut self, by: MemberId, now: Time) -> Outcome {
        if by == self.leader {
            return Err(PartyError::OwnParty.into());
        }
        // Who was told that they leave freely does so for as long, also when the meeting begins meanwhile.
        if self.is_free(by, now) {
            self.open(now)?;
        } else {
            self.before_it(now)?;
        }
        let (late, near, was_full) = (self.leaves_late(by, now), self.is_near(now), self.state == PartyState::Full);
        self.joined_mut(by)?.state = if late { MemberState::LeftLate } else { MemberState::Left };
        let called_off = near && self.enough().is_err();
        // The others are counted on by now. They see what their shares became, and may think again, whether who left did so freely or not;
        // but not once it has begun, where nobody leaves but freely: the leader does not wait for hours.
        let frees = near && !called_off && now < self.meets.from;
        let mut news = vec![(Told::Joined, PartyNews::Left { frees })];
        if called_off {
            self.end(String::new(), now, &mut news);
            return Ok(news);
        }
        if near && was_full {
            self.wanted = self.taken();
        }
        self.make_room(now, &mut news);
        // Also where it moves, as they alone were waited for: the other time may be as near.
        if frees {
            self.free_until = Some(now + FREE_FOR);
        }
        Ok(news)
    }

    fn go_ahead(&mut self, now: Time) -> Outcome {
        self.before_it(now)?;
        self.enough()?;
        let mut news = Vec::new();
        self.wanted = self.taken();
        self.fill(&mut news);
        Ok(news)
    }

    fn confirm(&mut self, now: Time) -> Outcome {
        self.before_it(now)?;
        self.enough()?;
        if self.state != PartyState::Full {
            return Err(PartyError::TooFewShares.into());
        }
        if now < self.meets.from - CONFIRMED_WITHIN {
            return Err(PartyError::ConfirmTooEarly.into());
        }
        if self.confirmed {
            return Ok(Vec::new());
        }
        (self.confirmed, self.proposed) = (true, None);
        Ok(vec![(Told::Joined, PartyNews::Confirmed)])
    }

    fn propose(&mut self, meeting: Meeting, now: Time) -> Outcome {
        self.before_it(now)?;
        self.members.iter_mut().for_each(|member| member.agreed = false);
        self.proposed = Some(meeting);
        let mut news = vec![(Told::Joined, PartyNews::Proposed)];
        self.agree_at_last(now, &mut news);
        Ok(news)
    }

    fn agree(&mut self, by: MemberId, yes: bool, now: Time) -> Outcome {
        self.before_it(now)?;
        let proposed = self.proposed.filter(|proposed| proposed.from > now);
        if by == self.leader || proposed.is_none() {
            return Err(PartyError::NothingProposed.into());
        }
        self.joined_mut(by)?.agreed = yes;
        let mut news = Vec::new();
        if yes {
            self.agree_at_last(now, &mut news);
        } else {
            self.proposed = None;
            news.push((Told::Joined, PartyNews::Stays));
        }
        Ok(news)
    }

    /// Meets at the time that is proposed once it suits everybody.
    fn agree_at_last(&mut self, now: Time, news: &mut Vec<(Told, PartyNews)>) {
        if now >= self.meets.from {
            return;
        }
        let Some(proposed) = self.proposed.filter(|proposed| proposed.from > now) else { return };
        if self.joined().all(|member| member.agreed || member.id == self.leader) {
            self.meets = proposed;
            (self.proposed, self.confirmed, self.free_until) = (None, false, None);
            news.push((Told::Everybody, PartyNews::Moved));
        }
    }

    fn cancel(&mut self, reason: &str, now: Time) -> Outcome {
        self.before_it(now)?;
        let mut news = Vec::new();
        self.end(reason.to_owned(), now, &mut news);
        Ok(news)
    }

    fn finish(&mut self, now: Time) -> Outcome {
        self.open(now)?;
        self.begun(now)?;
        self.enough()?;
        // Whoever was told that they leave freely would be kept, and might be marked. Nobody is given more time once it has begun: so it
        // can be ended half an hour later at the latest, and at once where nobody left in the half hour before.
        if self.free_until.is_some_and(|until| now < until) {
            return Err(PartyError::MembersMayLeave.into());
        }
        (self.state, self.ended_at, self.proposed) = (PartyState::Done, Some(now), None);
        Ok(vec![(Told::Joined, PartyNews::Done)])
    }

    fn attended(&mut self, id: MemberId, came: bool, now: Time) -> Outcome {
        if id == self.leader {
            return Err(PartyError::OwnParty.into());
        }
        // Called off because somebody left too late: whoever did may be marked all the same.
        let called_off = self.state == PartyState::Cancelled;
        let ended_at = self.ended_at.filter(|_| called_off || self.state == PartyState::Done);
        let ended_at = ended_at.ok_or(PartyError::NotDone)?;
        let kind = match self.member(id).map(|member| member.state) {
            Some(MemberState::LeftLate) if !came => PenaltyKind::LateLeave,
            Some(MemberState::Joined) if !called_off => PenaltyKind::NoShow,
            Some(MemberState::Joined) => return Err(PartyError::NotDone.into()),
            _ => return Err(PartyError::NotJoined.into()),
        };
        if now > ended_at + MARKED_WITHIN {
            return Err(PartyError::MarkingOver.into());
        }
        let member = self.members.iter_mut().find(|member| member.id == id).ok_or(PartyError::NotJoined)?;
        if member.came == Some(false) {
            return Err(PartyError::AlreadyMarked.into());
        }
        member.came = Some(came);
        Ok(if came { Vec::new() } else { vec![(Told::Member(id), PartyNews::Marked(kind))] })
    }

    fn leader_absent(&mut self, by: MemberId, now: Time) -> Outcome {
        if by == self.leader {
            return Err(PartyError::OwnParty.into());
        }
        self.begun(now)?;
        if now < self.meets.from + LEADER_LATE {
            return Err(PartyError::LeaderMayCome.into());
        }
        if self.state == PartyState::Cancelled {
            return Err(PartyError::NotDone.into());
        }
        // With fewer it does not take place: nobody was to come.
        self.enough()?;
        if now > self.meets.to + MARKED_WITHIN {
            return Err(PartyError::MarkingOver.into());
        }
        let member = self.joined_mut(by)?;
        if member.leader_absent {
            return Err(PartyError::AlreadyMarked.into());
        }
        member.leader_absent = true;
        let (say_so, others) = (self.joined().filter(|member| member.leader_absent).count(), self.joined().count() - 1);
        let leader = self.leader;
        match self.members.iter_mut().find(|member| member.id == leader) {
            Some(led) if 2 * say_so > others && led.came.is_none() => {
                led.came = Some(false);
                Ok(vec![(Told::Leader, PartyNews::Marked(PenaltyKind::AbsentLeader))])
            }
            _ => Ok(Vec::new()),
        }
    }

    fn set_cost(&mut self, cost: i64, now: Time) -> Outcome {
        let ended_at = self.ended_at.filter(|_| self.state == PartyState::Done).ok_or(PartyError::NotDone)?;
        if now > ended_at + MARKED_WITHIN {
            return Err(PartyError::MarkingOver.into());
        }
        self.cost = Some(cost);
        Ok(vec![(Told::Joined, PartyNews::Cost)])
    }

    /// Calls it off.
    fn end(&mut self, reason: String, now: Time, news: &mut Vec<(Told, PartyNews)>) {
        (self.state, self.ended_at, self.proposed) = (PartyState::Cancelled, Some(now), None);
        news.push((Told::Everybody, PartyNews::Cancelled { reason }));
    }

    /// Is full when no share is left.
    fn fill(&mut self, news: &mut Vec<(Told, PartyNews)>) {
        if self.left() == 0 && self.state == PartyState::Recruiting {
            self.state = PartyState::Full;
            news.push((Told::Joined, PartyNews::Full));
        }
    }

    /// Somebody is gone: there may be room, and whoever was waited for with another time is not any more.
    fn make_room(&mut self, now: Time, news: &mut Vec<(Told, PartyNews)>) {
        if self.left() > 0 {
            self.state = PartyState::Recruiting;
        }
        self.agree_at_last(now, news);
    }

    fn leads(&self, by: MemberId) -> Result<(), Error> {
        if by == self.leader { Ok(()) } else { Err(Error::Forbidden) }
    }

    fn open(&self, now: Time) -> Result<(), PartyError> {
        if self.state(now).is_open() { Ok(()) } else { Err(PartyError::PartyOver) }
    }

    fn before_it(&self, now: Time) -> Result<(), PartyError> {
        if self.state.is_to_come(self.meets.from, now) { Ok(()) } else { Err(PartyError::PartyOver) }
    }

    /// Whoever is taken has time to leave freely before the meeting.
    fn can_be_taken(&self, now: Time) -> Result<(), PartyError> {
        if now + FREE_FOR <= self.meets.from { Ok(()) } else { Err(PartyError::TooLate) }
    }

    fn begun(&self, now: Time) -> Result<(), PartyError> {
        if now >= self.meets.from { Ok(()) } else { Err(PartyError::NotBegun) }
    }

    fn enough(&self) -> Result<(), PartyError> {
        if self.taken() >= self.least && self.joined().count() > 1 { Ok(()) } else { Err(PartyError::TooFewShares) }
    }

    fn requested(&mut self, id: MemberId) -> Result<&mut Member, PartyError> {
        let found = self.members.iter_mut().find(|member| member.id == id);
        found.filter(|member| member.state == MemberState::Requested).ok_or(PartyError::NotRequested)
    }

    fn joined_mut(&mut self, id: MemberId) -> Result<&mut Member, PartyError> {
        let found = self.members.iter_mut().find(|member| member.id == id);
        found.filter(|member| member.state == MemberState::Joined).ok_or(PartyError::NotJoined)
    }
}

#[cfg(test)]
mod tests;
