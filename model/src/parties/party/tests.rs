use super::*;
use crate::{DAY, HOUR, MINUTE, Span};
use proptest::prelude::*;
use uuid::Uuid;

const START: Time = Time(1_795_604_400_000_000);
const LEADER: MemberId = MemberId(Uuid::from_u128(0));

fn neighbour(number: u128) -> MemberId {
    MemberId(Uuid::from_u128(number))
}

fn meeting(ahead: Span) -> Meeting {
    Meeting { from: START + ahead, to: START + ahead + HOUR }
}

/// Four shares, at least two, ten hours ahead.
fn party() -> Party {
    Party {
        leader: LEADER,
        wanted: 4,
        least: 2,
        automatic: false,
        total: 35_600,
        cost: None,
        meets: meeting(10 * HOUR),
        proposed: None,
        state: PartyState::Recruiting,
        confirmed: false,
        free_until: None,
        ended_at: None,
        members: vec![Member::new(LEADER, MemberState::Joined, 1)],
    }
}

/// One with its leader and so many others, each with a share.
fn with(others: u128) -> Party {
    let mut party = Party { automatic: true, ..party() };
    for number in 1..=others {
        party.apply(neighbour(number), &Action::Request { shares: 1 }, START).unwrap();
    }
    party
}

fn refused(party: &mut Party, by: MemberId, action: &Action, now: Time) -> Error {
    let before = party.clone();
    let error = party.apply(by, action, now).unwrap_err();
    assert_eq!(*party, before, "nothing changed");
    error
}

fn state_of(party: &Party, number: u128) -> MemberState {
    party.member(neighbour(number)).unwrap().state
}

const ASK: Action = Action::Request { shares: 1 };

#[test]
fn whoever_asks_is_taken_by_the_leader_or_not() {
    let mut party = party();
    let news = party.apply(neighbour(1), &Action::Request { shares: 2 }, START).unwrap();
    assert_eq!((news, party.taken()), (vec![(Told::Leader, PartyNews::Requested)], 1));
    assert_eq!(refused(&mut party, neighbour(1), &ASK, START), PartyError::AlreadyJoined.into());
    assert_eq!(refused(&mut party, LEADER, &ASK, START), PartyError::OwnParty.into());
    assert_eq!(refused(&mut party, neighbour(2), &Action::Accept(neighbour(1)), START), Error::Forbidden);
    party.apply(LEADER, &Action::Accept(neighbour(1)), START).unwrap();
    assert_eq!((party.taken(), party.left()), (3, 1));
    // Two ask for the one that is left.
    party.apply(neighbour(2), &ASK, START).unwrap();
    party.apply(neighbour(3), &ASK, START).unwrap();
    let news = party.apply(LEADER, &Action::Accept(neighbour(2)), START).unwrap();
    assert_eq!(news, [(Told::Member(neighbour(2)), PartyNews::Accepted), (Told::Joined, PartyNews::Full)]);
    assert_eq!(refused(&mut party, LEADER, &Action::Accept(neighbour(3)), START), PartyError::PartyFull.into());
    assert_eq!(refused(&mut party, neighbour(4), &ASK, START), PartyError::PartyFull.into());
    party.apply(LEADER, &Action::Reject(neighbour(3)), START).unwrap();
    party.apply(neighbour(2), &Action::Leave, START).unwrap();
    assert_eq!(party.state, PartyState::Recruiting);
    assert_eq!(refused(&mut party, neighbour(3), &ASK, START), PartyError::NotAgain.into());
    party.apply(neighbour(2), &ASK, START).unwrap();
    party.apply(neighbour(2), &Action::Withdraw, START).unwrap();
    assert_eq!(refused(&mut party, LEADER, &Action::Accept(neighbour(2)), START), PartyError::NotRequested.into());
    for shares in [0, 2, 20] {
        let error = refused(&mut party, neighbour(5), &Action::Request { shares }, START);
        assert!(matches!(error, Error::Invalid { .. }), "{shares}: {error}");
    }
}

#[test]
fn what_is_over_or_has_begun_is_joined_by_nobody() {
    for end in [Action::Cancel { reason: "비가 와요".into() }, Action::Finish] {
        let mut party = with(1);
        let at = if end == Action::Finish { party.meets.from } else { START };
        party.apply(LEADER, &end, at).unwrap();
        assert_eq!(refused(&mut party, neighbour(2), &ASK, START), PartyError::PartyOver.into());
        assert_eq!(refused(&mut party, LEADER, &end, at), PartyError::PartyOver.into());
    }
    let mut party = with(1);
    let begun = party.meets.from;
    assert_eq!(refused(&mut party, neighbour(2), &ASK, begun), PartyError::PartyOver.into());
    assert_eq!(refused(&mut party, neighbour(1), &Action::Leave, begun), PartyError::PartyOver.into());
    let over = party.meets.to + DAY;
    assert_eq!(
        [over - Span::from_micros(1), over].map(|now| party.state(now)),
        [PartyState::Recruiting, PartyState::Expired]
    );
    assert_eq!(refused(&mut party, LEADER, &Action::Finish, over), PartyError::PartyOver.into());
}

#[test]
fn what_is_called_off_is_still_to_come() {
    let from = party().meets.from;
    for (at, to_come) in [(START, true), (from - Span::from_micros(1), true), (from, false), (from + DAY, false)] {
        let mut party = with(1);
        assert_eq!(party.state.is_to_come(from, at), to_come);
        assert_eq!(party.apply(LEADER, &Action::Cancel { reason: "비가 와요".into() }, at).is_ok(), to_come);
        assert!(!to_come || !party.state.is_to_come(from, at), "once");
    }
}

#[test]
fn leaving_is_free_until_others_count_on_it() {
    let near = 7 * HOUR;
    let mut party = with(3);
    party.apply(neighbour(1), &Action::Leave, START + near - MINUTE).unwrap();
    assert_eq!((state_of(&party, 1), party.state), (MemberState::Left, PartyState::Recruiting));
    let news = party.apply(neighbour(2), &Action::Leave, START + near).unwrap();
    assert_eq!(news, [(Told::Joined, PartyNews::Left { frees: true })]);
    assert_eq!(state_of(&party, 2), MemberState::LeftLate);
    assert_eq!(refused(&mut party, neighbour(2), &ASK, START + near), PartyError::NotAgain.into());

    // Confirmed at most a day before, and when no share is left.
    let mut party = Party { meets: meeting(2 * DAY), ..with(3) };
    assert_eq!(refused(&mut party, LEADER, &Action::Confirm, START), PartyError::ConfirmTooEarly.into());
    let day_before = START + DAY;
    party.apply(LEADER, &Action::Confirm, day_before).unwrap();
    let remove = Action::Remove(neighbour(1));
    assert_eq!(refused(&mut party, LEADER, &remove, day_before), PartyError::TooLate.into());
    party.apply(neighbour(1), &Action::Leave, day_before).unwrap();
    assert_eq!(state_of(&party, 1), MemberState::LeftLate);
    // The others see what their shares became, and may think again for half an hour.
    assert_eq!((party.wanted, party.state), (3, PartyState::Full));
    assert_eq!(party.amounts()[0].1, 11_868);
    let mut soon = party.clone();
    let news = soon.apply(neighbour(2), &Action::Leave, day_before + 29 * MINUTE).unwrap();
    assert_eq!((state_of(&soon, 2), news), (MemberState::Left, vec![(Told::Joined, PartyNews::Left { frees: true })]));
    party.apply(neighbour(2), &Action::Leave, day_before + 30 * MINUTE).unwrap();
    assert_eq!(state_of(&party, 2), MemberState::LeftLate);
    // Nobody else is left.
    let news = party.apply(neighbour(3), &Action::Leave, day_before + 31 * MINUTE).unwrap();
    assert_eq!(news[1], (Told::Everybody, PartyNews::Cancelled { reason: String::new() }));
    assert_eq!((party.state, state_of(&party, 3)), (PartyState::Cancelled, MemberState::Left));
    // Who left late may be marked for a week, who left freely may not, nor who stayed.
    let mark = |number| Action::Attended { member: neighbour(number), came: false };
    let ended = day_before + 31 * MINUTE;
    assert_eq!(refused(&mut party, LEADER, &mark(3), ended), PartyError::NotJoined.into());
    assert_eq!(refused(&mut party, LEADER, &mark(1), ended + 7 * DAY + MINUTE), PartyError::MarkingOver.into());
    let news = party.apply(LEADER, &mark(1), ended + 7 * DAY).unwrap();
    assert_eq!(news, [(Told::Member(neighbour(1)), PartyNews::Marked(PenaltyKind::LateLeave))]);
}

#[test]
fn a_leader_alone_is_no_party_however_many_shares_they_take() {
    let mut party = with(1);
    (party.members[0].shares, party.state) = (3, PartyState::Full);
    let near = party.meets.from - HOUR;
    let news = party.apply(neighbour(1), &Action::Leave, near).unwrap();
    assert_eq!((party.state, news.len()), (PartyState::Cancelled, 2));
}

#[test]
fn with_fewer_than_the_least_it_does_not_take_place() {
    let mut party = Party { least: 3, ..with(1) };
    let met = party.meets.from;
    assert_eq!(refused(&mut party, LEADER, &Action::Finish, met), PartyError::TooFewShares.into());
    let absent = refused(&mut party, neighbour(1), &Action::LeaderAbsent, met + HOUR);
    assert_eq!(absent, PartyError::TooFewShares.into());
}

#[test]
fn whoever_is_taken_late_leaves_freely_for_half_an_hour() {
    let mut party = party();
    for number in [1, 2] {
        party.apply(neighbour(number), &ASK, START).unwrap();
    }
    let late = party.meets.from - HOUR;
    party.apply(LEADER, &Action::Accept(neighbour(1)), late).unwrap();
    for (after, state) in [(29, MemberState::Left), (30, MemberState::LeftLate)] {
        let mut leaving = party.clone();
        leaving.apply(neighbour(1), &Action::Leave, late + after * MINUTE).unwrap();
        assert_eq!(state_of(&leaving, 1), state);
    }
    // Without so much time nobody is taken, nor asks to be.
    let too_late = party.meets.from - 29 * MINUTE;
    assert_eq!(refused(&mut party, LEADER, &Action::Accept(neighbour(2)), too_late), PartyError::TooLate.into());
    assert_eq!(refused(&mut party, neighbour(3), &ASK, too_late), PartyError::TooLate.into());
}

#[test]
fn whoever_leaves_freely_near_the_meeting_lets_the_others_think_again_as_well() {
    let mut party = Party { automatic: false, ..with(2) };
    let near = party.meets.from - HOUR;
    party.apply(neighbour(3), &ASK, START).unwrap();
    party.apply(LEADER, &Action::Accept(neighbour(3)), near).unwrap();
    // The shares of the others grow, however freely it was.
    let news = party.apply(neighbour(3), &Action::Leave, near + 29 * MINUTE).unwrap();
    assert_eq!((state_of(&party, 3), news), (MemberState::Left, vec![(Told::Joined, PartyNews::Left { frees: true })]));
    assert_eq!((party.wanted, party.state), (3, PartyState::Full));
    party.apply(neighbour(1), &Action::Leave, near + 58 * MINUTE).unwrap();
    assert_eq!((state_of(&party, 1), party.wanted), (MemberState::Left, 2));
    let news = party.apply(neighbour(2), &Action::Leave, near + 87 * MINUTE).unwrap();
    assert_eq!((state_of(&party, 2), party.state), (MemberState::Left, PartyState::Cancelled));
    assert_eq!(news[0], (Told::Joined, PartyNews::Left { frees: false }), "it is off");
    assert_eq!(serde_json::to_string(&news[0].1).unwrap(), r#"{"left":{"late":false}}"#, "as it is kept");
}

#[test]
fn whoever_left_near_the_meeting_does_not_come_back_to_give_the_others_time_again() {
    let mut party = Party { wanted: 5, ..with(2) };
    let near = party.meets.from - HOUR;
    for (number, now) in [(3, near), (4, near + 29 * MINUTE)] {
        party.apply(neighbour(number), &ASK, now).unwrap();
        party.apply(neighbour(number), &Action::Leave, now).unwrap();
    }
    assert_eq!([3, 4].map(|number| state_of(&party, number)), [MemberState::LeftLate, MemberState::Left]);
    assert_eq!(refused(&mut party, neighbour(4), &ASK, near + 58 * MINUTE), PartyError::NotAgain.into());
    assert_eq!(party.free_until, Some(near + 59 * MINUTE), "the others are counted on again before it begins");
    // Whoever left in time is not counted on yet when they come back.
    let (mut party, early) = (with(2), near - 2 * HOUR - MINUTE);
    party.apply(neighbour(2), &Action::Leave, early).unwrap();
    party.apply(neighbour(2), &ASK, early).unwrap();
    assert_eq!(state_of(&party, 2), MemberState::Joined);
}

#[test]
fn the_time_to_leave_freely_does_not_end_with_the_beginning() {
    let mut party = with(3);
    let met = party.meets.from;
    party.apply(neighbour(1), &Action::Leave, met - MINUTE).unwrap();
    // The leader does not end it before, so that nobody is kept, and marked, who was told so.
    let may_leave = refused(&mut party, LEADER, &Action::Finish, met + 28 * MINUTE);
    assert_eq!(may_leave, PartyError::MembersMayLeave.into());
    let (mut over, free_until) = (party.clone(), met + 29 * MINUTE);
    over.apply(LEADER, &Action::Finish, free_until).unwrap();
    assert_eq!(refused(&mut over, neighbour(2), &Action::Leave, free_until), PartyError::PartyOver.into());
    assert_eq!(refused(&mut party, neighbour(2), &Action::Leave, free_until), PartyError::PartyOver.into());
    party.apply(neighbour(2), &Action::Leave, met + 28 * MINUTE).unwrap();
    assert_eq!((state_of(&party, 2), party.state), (MemberState::Left, PartyState::Full));
    // Whoever leaves now gives nobody else more time: the leader does not wait for hours.
    assert_eq!(refused(&mut party, neighbour(3), &Action::Leave, free_until), PartyError::PartyOver.into());
    party.apply(LEADER, &Action::Finish, free_until).unwrap();
}

#[test]
fn a_leader_goes_ahead_with_fewer() {
    let mut party = Party { least: 3, ..with(1) };
    assert_eq!(refused(&mut party, LEADER, &Action::GoAhead, START), PartyError::TooFewShares.into());
    party.apply(neighbour(2), &ASK, START).unwrap();
    assert_eq!(refused(&mut party, LEADER, &Action::Confirm, START), PartyError::TooFewShares.into());
    let news = party.apply(LEADER, &Action::GoAhead, START).unwrap();
    assert_eq!((party.wanted, party.state, news), (3, PartyState::Full, vec![(Told::Joined, PartyNews::Full)]));
    assert_eq!(refused(&mut party, neighbour(3), &ASK, START), PartyError::PartyFull.into());
    party.apply(LEADER, &Action::Confirm, START).unwrap();
    assert!(party.confirmed);
}

#[test]
fn another_time_needs_everybodys_yes() {
    let (first, other) = (meeting(10 * HOUR), meeting(2 * DAY));
    let mut party = with(2);
    let yes = Action::Agree(true);
    assert_eq!(refused(&mut party, neighbour(1), &yes, START), PartyError::NothingProposed.into());
    party.apply(LEADER, &Action::Propose(other), START).unwrap();
    assert_eq!(party.apply(neighbour(1), &yes, START), Ok(vec![]));
    assert_eq!(party.meets, first);
    let mut refusing = party.clone();
    let news = refusing.apply(neighbour(2), &Action::Agree(false), START).unwrap();
    assert_eq!((refusing.meets, refusing.proposed, news), (first, None, vec![(Told::Joined, PartyNews::Stays)]));
    assert_eq!(refused(&mut refusing, neighbour(2), &yes, START), PartyError::NothingProposed.into());
    // Whoever says nothing lets the first time stand.
    let mut silent = party.clone();
    assert_eq!(refused(&mut silent, neighbour(2), &yes, first.from), PartyError::PartyOver.into());
    // Who leaves is not waited for.
    let mut left = party.clone();
    left.apply(neighbour(2), &Action::Leave, START).unwrap();
    assert_eq!(left.meets, other);
    // Whoever had agreed may think again where that was late: the other time may be as near.
    let mut late = party.clone();
    late.proposed = Some(meeting(11 * HOUR));
    let leaves = START + 9 * HOUR;
    late.apply(neighbour(2), &Action::Leave, leaves).unwrap();
    assert_eq!((late.meets, left_later(&late, neighbour(1), leaves)), (meeting(11 * HOUR), Ok(MemberState::Left)));
    // Who joined meanwhile is.
    party.apply(neighbour(3), &ASK, START).unwrap();
    party.apply(neighbour(2), &yes, START).unwrap();
    assert_eq!(party.meets, first);
    let news = party.apply(neighbour(3), &yes, START).unwrap();
    assert_eq!((party.meets, news), (other, vec![(Told::Everybody, PartyNews::Moved)]));
    // A leader alone asks nobody.
    let mut alone = super::tests::party();
    alone.apply(LEADER, &Action::Propose(other), START).unwrap();
    assert_eq!(alone.meets, other);
}

#[test]
fn a_party_that_moves_is_confirmed_anew() {
    let mut party = with(3);
    party.apply(LEADER, &Action::Confirm, START).unwrap();
    party.apply(LEADER, &Action::Propose(meeting(3 * DAY)), START).unwrap();
    for number in 1..=3 {
        party.apply(neighbour(number), &Action::Agree(true), START).unwrap();
    }
    assert!(!party.confirmed && !party.leaves_late(neighbour(1), START + 2 * DAY));
}

#[test]
fn who_did_not_come_is_marked_once_by_the_leader_within_a_week() {
    let mut party = with(3);
    let mark = |number| Action::Attended { member: neighbour(number), came: false };
    let met = party.meets.from;
    assert_eq!(refused(&mut party, LEADER, &mark(1), met), PartyError::NotDone.into());
    assert_eq!(refused(&mut party, LEADER, &Action::Finish, met - MINUTE), PartyError::NotBegun.into());
    assert_eq!(refused(&mut party, neighbour(1), &Action::Finish, met), Error::Forbidden);
    party.apply(LEADER, &Action::Finish, met).unwrap();
    assert_eq!(refused(&mut party, neighbour(2), &mark(1), met), Error::Forbidden);
    let leader = Action::Attended { member: LEADER, came: false };
    assert_eq!(refused(&mut party, LEADER, &leader, met), PartyError::OwnParty.into());
    assert_eq!(refused(&mut party, LEADER, &mark(9), met), PartyError::NotJoined.into());
    // One may think again, but not about a mark.
    party.apply(LEADER, &Action::Attended { member: neighbour(1), came: true }, met).unwrap();
    let news = party.apply(LEADER, &mark(1), met).unwrap();
    assert_eq!(news, [(Told::Member(neighbour(1)), PartyNews::Marked(PenaltyKind::NoShow))]);
    for came in [true, false] {
        let again = Action::Attended { member: neighbour(1), came };
        assert_eq!(refused(&mut party, LEADER, &again, met), PartyError::AlreadyMarked.into());
    }
    let late = met + 7 * DAY + Span::from_micros(1);
    assert_eq!(refused(&mut party, LEADER, &mark(2), late), PartyError::MarkingOver.into());
    // Those who came pay what it did cost.
    party.apply(LEADER, &Action::Cost(10_000), met).unwrap();
    let paid: Vec<_> = party.amounts().into_iter().map(|(_, amount)| amount).collect();
    assert_eq!(paid, [3_334, 3_333, 3_333]);
}

#[test]
fn an_absent_leader_is_marked_by_more_than_half_of_the_others() {
    for state in [PartyState::Full, PartyState::Done, PartyState::Expired] {
        let mut party = with(3);
        let met = party.meets.from;
        assert_eq!(refused(&mut party, neighbour(1), &Action::LeaderAbsent, START), PartyError::NotBegun.into());
        party.state = state;
        let late = met + 30 * MINUTE;
        let may_come = refused(&mut party, neighbour(1), &Action::LeaderAbsent, late - MINUTE);
        assert_eq!(may_come, PartyError::LeaderMayCome.into());
        let met = late;
        assert_eq!(refused(&mut party, LEADER, &Action::LeaderAbsent, met), PartyError::OwnParty.into());
        assert_eq!(party.apply(neighbour(1), &Action::LeaderAbsent, met), Ok(vec![]));
        assert_eq!(refused(&mut party, neighbour(1), &Action::LeaderAbsent, met), PartyError::AlreadyMarked.into());
        let news = party.apply(neighbour(2), &Action::LeaderAbsent, met).unwrap();
        assert_eq!(news, [(Told::Leader, PartyNews::Marked(PenaltyKind::AbsentLeader))]);
        assert_eq!(party.apply(neighbour(3), &Action::LeaderAbsent, met), Ok(vec![]), "once");
        let late = party.meets.to + 7 * DAY + MINUTE;
        assert_eq!(refused(&mut with(3), neighbour(1), &Action::LeaderAbsent, late), PartyError::MarkingOver.into());
    }
    // Also where a share was left, but not of what was called off.
    let (mut never_full, mut called_off) = (with(1), with(2));
    let late = never_full.meets.from + 30 * MINUTE;
    let news = never_full.apply(neighbour(1), &Action::LeaderAbsent, late).unwrap();
    assert_eq!(news, [(Told::Leader, PartyNews::Marked(PenaltyKind::AbsentLeader))]);
    called_off.apply(LEADER, &Action::Cancel { reason: "비".into() }, START).unwrap();
    assert_eq!(refused(&mut called_off, neighbour(1), &Action::LeaderAbsent, late), PartyError::NotDone.into());
}

#[test]
fn terms_change_while_the_leader_is_alone() {
    let draft = PartyDraft {
        market: crate::MarketId(Uuid::nil()),
        item: crate::ItemId(Uuid::nil()),
        quantity: 2,
        unit: "kg".into(),
        total: 9_000,
        wanted: 3,
        own: 2,
        least: 2,
        automatic: true,
        meets: meeting(DAY),
        note: String::new(),
    };
    let mut party = party();
    party.apply(neighbour(1), &ASK, START).unwrap();
    assert_eq!(party.edit(LEADER, &draft, START), Err(PartyError::NotAlone.into()));
    party.apply(LEADER, &Action::Reject(neighbour(1)), START).unwrap();
    assert_eq!(party.edit(neighbour(1), &draft, START), Err(Error::Forbidden));
    party.edit(LEADER, &draft, START).unwrap();
    assert_eq!((party.wanted, party.taken(), party.total), (3, 2, 9_000));
    assert_eq!(refused(&mut party, neighbour(1), &ASK, START), PartyError::NotAgain.into());
    let begun = party.meets.from;
    assert_eq!(party.edit(LEADER, &draft, begun), Err(PartyError::PartyOver.into()));
}

fn action() -> impl Strategy<Value = Action> {
    let member = || (0u128..6).prop_map(neighbour);
    prop_oneof![
        6 => (0u32..4).prop_map(|shares| Action::Request { shares }),
        1 => Just(Action::Withdraw),
        3 => Just(Action::Leave),
        3 => prop::bool::weighted(0.8).prop_map(Action::Agree),
        3 => Just(Action::LeaderAbsent),
        4 => member().prop_map(Action::Accept),
        1 => member().prop_map(Action::Reject),
        1 => member().prop_map(Action::Remove),
        1 => Just(Action::GoAhead),
        2 => Just(Action::Confirm),
        1 => (1i64..60).prop_map(|hours| Action::Propose(meeting(hours * HOUR))),
        1 => Just(Action::Cancel { reason: "비".into() }),
        2 => Just(Action::Finish),
        4 => (member(), any::<bool>()).prop_map(|(member, came)| Action::Attended { member, came }),
        1 => (0i64..100_000).prop_map(Action::Cost),
    ]
}

/// What somebody is who leaves 29 minutes after a moment.
fn left_later(party: &Party, member: MemberId, now: Time) -> Result<MemberState, Error> {
    let mut party = party.clone();
    party.apply(member, &Action::Leave, now + 29 * MINUTE)?;
    Ok(party.member(member).unwrap().state)
}

/// Mostly a few minutes, at times hours.
fn later() -> impl Strategy<Value = i64> {
    prop_oneof![8 => 0i64..6, 1 => 0i64..240]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]
    #[test]
    fn whatever_happens_the_rules_hold(
        automatic: bool,
        wanted in 2u32..6,
        own in 1u32..4,
        least in 2u32..6,
        // By whom, what, and how many minutes later.
        steps in proptest::collection::vec((0u128..6, action(), later()), 1..60),
    ) {
        let mut party = Party { automatic, wanted, least: least.min(wanted), ..party() };
        party.members[0].shares = own.min(wanted - 1);
        let (mut now, mut marks, mut left_near) = (START, Vec::new(), std::collections::HashSet::new());
        for (by, action, minutes) in steps {
            now = now + minutes * MINUTE;
            // What is the leader's is mostly done by the leader.
            let by = if by > 1 && action.is_leaders() { LEADER } else { neighbour(by) };
            let before = party.clone();
            match party.apply(by, &action, now) {
                Err(_) => prop_assert_eq!(&party, &before, "{:?} was refused", action),
                Ok(news) => {
                    let marked = |(told, news): &(Told, PartyNews)| match (told, news) {
                        (Told::Member(member), PartyNews::Marked(_)) => Some(*member),
                        (Told::Leader, PartyNews::Marked(_)) => Some(LEADER),
                        _ => None,
                    };
                    marks.extend(news.iter().filter_map(marked));
                    // Near the meeting whoever was taken has time to leave freely, and so have all others once somebody left:
                    // all of half an hour, also when it begins meanwhile.
                    if let Action::Accept(member) = &action {
                        prop_assert_eq!(left_later(&party, *member, now), Ok(MemberState::Left));
                    }
                    let near = before.confirmed || now >= before.meets.from - 3 * HOUR;
                    if action == Action::Leave && near && now < before.meets.from && party.state.is_open() {
                        for member in party.joined().filter(|member| member.id != LEADER) {
                            prop_assert_eq!(left_later(&party, member.id, now), Ok(MemberState::Left));
                        }
                    }
                    // Each gives the others time once at most.
                    if action == Action::Leave && near {
                        prop_assert!(left_near.insert(by), "{:?} left again", by);
                    }
                    // Once it has begun nobody is given more time to leave freely: the leader waits for half an hour at most.
                    if now >= before.meets.from {
                        prop_assert_eq!(party.free_until, before.free_until);
                        prop_assert!(party.free_until.is_none_or(|until| until < party.meets.from + FREE_FOR));
                    }
                    // Then fewer than the least are no party.
                    if action == Action::Leave && near && party.state.is_open() {
                        prop_assert!(party.taken() >= party.least && party.joined().count() > 1);
                    }
                    let by_leader = !matches!(action, Action::LeaderAbsent);
                    prop_assert!(!by_leader || !news.iter().any(|(told, news)| *told == Told::Leader && matches!(news, PartyNews::Marked(_))));
                }
            }
            // Never more than wanted, and full when it is.
            prop_assert!(party.taken() <= party.wanted && party.wanted <= wanted);
            prop_assert_eq!(party.state == PartyState::Full, party.state.is_open() && party.left() == 0);
            prop_assert!(party.is_joined(LEADER));
            let ids: std::collections::HashSet<_> = party.members.iter().map(|member| member.id).collect();
            prop_assert_eq!(ids.len(), party.members.len(), "each once");
            // What is over stays over.
            if !before.state(now).is_open() {
                prop_assert_eq!(party.state(now), before.state(now));
                prop_assert_eq!(party.taken(), before.taken());
            }
            // The time changes by everybody's yes alone.
            if party.meets != before.meets {
                left_near.clear();
                // What is proposed when nobody else is there takes the place of what was proposed before.
                let proposed = if let Action::Propose(meeting) = &action { Some(*meeting) } else { before.proposed };
                prop_assert_eq!(Some(party.meets), proposed);
                let mut asked = party.joined().filter(|member| member.id != LEADER);
                prop_assert!(asked.all(|member| member.agreed));
                prop_assert!(party.meets.from > now && now < before.meets.from);
            }
            // Who leaves in time, or while it is free, is not late.
            for member in &party.members {
                let late = member.state == MemberState::LeftLate;
                if late && before.member(member.id).is_some_and(|before| before.state == MemberState::Joined) {
                    prop_assert!(before.confirmed || now >= before.meets.from - 3 * HOUR);
                    prop_assert!(before.free_until(member.id).is_none_or(|until| now >= until));
                }
                prop_assert!(member.came != Some(false) || matches!(member.state, MemberState::Joined | MemberState::LeftLate));
            }
            if party.state == PartyState::Done {
                prop_assert!(party.taken() >= party.least && party.joined().count() > 1);
            }
            prop_assert!(!party.confirmed || !party.state.is_open() || party.state == PartyState::Full);
            // What is paid is what it costs.
            let paid: i64 = party.amounts().into_iter().map(|(_, amount)| amount).sum();
            match party.cost {
                Some(cost) => prop_assert_eq!(paid, cost),
                None if party.left() == 0 => prop_assert_eq!(paid, party.total),
                None => prop_assert!(paid <= party.total),
            }
        }
        let once: std::collections::HashSet<_> = marks.iter().collect();
        prop_assert_eq!(once.len(), marks.len(), "each is marked once");
    }
}
