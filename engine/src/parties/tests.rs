use super::{testing::member, *};
use crate::{cluster::Bus, pictures::PictureStore};
use ::testing::{On, Place, both};
use futures::future::join_all;
use model::{
    Coordinates, DAY, Error as Refusal, HOUR, ItemId, MINUTE, MarketId, Notice, PartyError, PartyState, Span, Time,
    parties::{AppealState, Badge, Meeting, MemberState, PenaltyKind},
};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use std::collections::BTreeSet;
use uuid::Uuid;

mod nearby;

pub(super) const NOW: Time = Time(1_795_604_400_000_000);
const HOME: Coordinates = Coordinates { latitude: 37.5446, longitude: 127.0559 };

/// A market, an item and people.
pub(super) struct Scene {
    _place: Place,
    pub(super) db: Db,
    pub(super) clock: Clock,
    pub(super) parties: Parties,
    markets: crate::markets::Markets,
    market: MarketId,
    item: ItemId,
    pub(super) leader: Actor,
}

pub(super) fn request() -> RequestId {
    RequestId(ids::new_id(NOW))
}

pub(super) fn refusal<T: std::fmt::Debug>(done: Result<T, Error>) -> Refusal {
    done.unwrap_err().public()
}

impl Scene {
    pub(super) async fn new(on: On) -> Scene {
        let place = Place::new(on);
        let db = Db::at(&place).await;
        let clock = Clock::manual(NOW);
        let (limits, bus) = (Limits::default(), Bus::local());
        let invalidation = Invalidation::new(bus.clone());
        let markets = crate::markets::Markets::new(
            db.clone(),
            clock.clone(),
            limits.clone(),
            None,
            crate::markets::Geocoder::Included,
        );
        let parties = Parties::new(db.clone(), clock.clone(), limits, invalidation, bus, Some(Sms::Sandbox));
        let leader = Actor::host(member(&db, 1).await);
        let market = ["한마음마트", "hypermarket", "서울 성동구 성수이로 1", "37.5446", "127.0559"];
        let market = markets.add(&leader, market).await.unwrap();
        markets
            .import_items(&Actor::System, "category,name\nsauces,올리브유 5L\nmeat,삼겹살\n".as_bytes())
            .await
            .unwrap();
        let item = markets.suggest("올리브").await.unwrap()[0].id;
        Scene { _place: place, db, clock, parties, markets, market, item, leader }
    }

    pub(super) fn draft(&self, wanted: u32, automatic: bool) -> PartyDraft {
        PartyDraft {
            market: self.market,
            item: self.item,
            quantity: 4,
            unit: "통".into(),
            total: 10_000,
            wanted,
            own: 1,
            least: 2,
            automatic,
            meets: Meeting { from: NOW + 5 * HOUR, to: NOW + 6 * HOUR },
            note: String::new(),
        }
    }

    pub(super) async fn party(&self, wanted: u32, automatic: bool) -> PartyId {
        self.parties.create(&self.leader, request(), &self.draft(wanted, automatic)).await.unwrap()
    }

    pub(super) async fn people(&self, count: u128) -> Vec<Actor> {
        self.people_from(100, count).await
    }

    async fn people_from(&self, first: u128, count: u128) -> Vec<Actor> {
        let mut people = Vec::new();
        for number in first..first + count {
            people.push(Actor::host(member(&self.db, number).await));
        }
        people
    }

    pub(super) async fn act(&self, who: &Actor, party: PartyId, action: Action) -> Result<(), Error> {
        self.parties.act(who, party, &action).await
    }

    /// A party that met, with these people.
    pub(super) async fn met(&self, people: &[Actor]) -> PartyId {
        self.clock.set(NOW);
        let party = self.party(people.len() as u32 + 1, true).await;
        for person in people {
            self.act(person, party, ASK).await.unwrap();
        }
        self.clock.set(NOW + 5 * HOUR);
        self.act(&self.leader, party, Action::Finish).await.unwrap();
        party
    }

    async fn told(&self, who: &Actor) -> Vec<PartyNews> {
        let rows: Vec<(String,)> = self
            .db
            .sql("select notice from notices where member_id = $1 order by at, id")
            .bind(id(who))
            .all()
            .await
            .unwrap();
        let news = |(text,): (String,)| match serde_json::from_str(&text).unwrap() {
            Notice::Party { news, .. } => news,
            other => panic!("{other:?}"),
        };
        rows.into_iter().map(news).collect()
    }
}

pub(super) const ASK: Action = Action::Request { shares: 1 };

pub(super) fn id(who: &Actor) -> MemberId {
    who.member().unwrap()
}

both!(of_many_who_join_at_once_no_share_is_given_twice, "multi_thread");
async fn of_many_who_join_at_once_no_share_is_given_twice(on: On) {
    let scene = Scene::new(on).await;
    let people = scene.people(300).await;
    let party = scene.party(6, true).await;
    let joined = join_all(people.iter().map(|person| scene.act(person, party, ASK))).await;
    let mut taken = 0;
    for done in joined {
        match done.map_err(Error::public) {
            Ok(()) => taken += 1,
            Err(error) => assert_eq!(error, PartyError::PartyFull.into()),
        }
    }
    assert_eq!(taken, 5, "the leader has the sixth");
    let view = scene.parties.view(&Actor::Visitor, party).await.unwrap();
    assert_eq!((view.card.taken, view.card.state, view.members.len()), (6, PartyState::Full, 6));

    // Leaving and coming meanwhile, with several shares.
    let party = scene.party(9, true).await;
    let crowd = people[..60].iter().enumerate().map(async |(i, person)| {
        let shares = 1 + i as u32 % 3;
        let _ = scene.act(person, party, Action::Request { shares }).await;
        if i % 2 == 0 {
            let _ = scene.act(person, party, Action::Leave).await;
            let _ = scene.act(person, party, ASK).await;
        }
    });
    join_all(crowd).await;
    let view = scene.parties.view(&Actor::Visitor, party).await.unwrap();
    let shares: u32 = view.members.iter().map(|member| member.shares).sum();
    assert!(shares <= 9 && shares == view.card.taken, "{shares} and {}", view.card.taken);
}

both!(an_admin_calls_a_party_off_and_its_leader_hears_of_it);
async fn an_admin_calls_a_party_off_and_its_leader_hears_of_it(on: On) {
    let scene = Scene::new(on).await;
    let (party, people) = (scene.party(3, true).await, scene.people(2).await);
    scene.act(&people[0], party, ASK).await.unwrap();
    let cancel = async |who: &Actor, reason: &str| scene.parties.cancel_by_admin(who, party, reason).await;
    for who in [&scene.leader, &people[0], &people[1]] {
        assert_eq!(refusal(cancel(who, "사기 신고").await), Refusal::Forbidden);
    }
    assert!(matches!(refusal(cancel(&Actor::System, "").await), Refusal::Invalid { .. }));
    cancel(&Actor::System, "사기 신고").await.unwrap();
    assert!(cancel(&Actor::System, "다시").await.is_err(), "once");
    let view = scene.parties.view(&Actor::Visitor, party).await.unwrap();
    assert_eq!(view.card.state, PartyState::Cancelled);
    let told = PartyNews::Cancelled { reason: "사기 신고".into() };
    assert!(scene.told(&scene.leader).await.contains(&told) && scene.told(&people[0]).await.contains(&told));
    assert!(scene.told(&people[1]).await.is_empty(), "who is not in it hears nothing");
    let noted = scene.db.sql("select party_id, member_id, reason from audit where action = 'cancel_party'");
    let noted: Vec<(PartyId, MemberId, String)> = noted.all().await.unwrap();
    assert_eq!(noted, [(party, id(&scene.leader), "사기 신고".to_owned())]);
}

both!(whoever_asked_is_told_when_the_leader_leaves_the_site);
async fn whoever_asked_is_told_when_the_leader_leaves_the_site(on: On) {
    let scene = Scene::new(on).await;
    let (party, people) = (scene.party(3, false).await, scene.people(1).await);
    scene.act(&people[0], party, ASK).await.unwrap();
    let hash = scene.db.sql("select password_hash from members where id = $1").bind(id(&scene.leader));
    let (hash,): (String,) = hash.one().await.unwrap();
    crate::personal::leave(&scene.db, id(&scene.leader), &hash, &[], NOW).await.unwrap();
    let view = scene.parties.view(&people[0], party).await.unwrap();
    assert_eq!(view.card.state, PartyState::Cancelled);
    assert!(view.reason.contains("리더가 사이트를 떠났어요"), "{}", view.reason);
    assert_eq!(scene.told(&people[0]).await, [PartyNews::Cancelled { reason: view.reason }]);
}

both!(of_many_who_are_accepted_at_once_no_share_is_given_twice, "multi_thread");
async fn of_many_who_are_accepted_at_once_no_share_is_given_twice(on: On) {
    let scene = Scene::new(on).await;
    let people = scene.people(40).await;
    let party = scene.party(4, false).await;
    for person in &people {
        scene.act(person, party, ASK).await.unwrap();
    }
    let accepting = people.iter().map(|person| scene.act(&scene.leader, party, Action::Accept(id(person))));
    let accepted = join_all(accepting).await.into_iter().filter(Result::is_ok).count();
    let view = scene.parties.view(&scene.leader, party).await.unwrap();
    assert_eq!((accepted, view.card.taken, view.card.state), (3, 4, PartyState::Full));
    let asking = view.members.iter().filter(|member| member.state == MemberState::Requested).count();
    assert_eq!(asking, 37);
    let others = scene.parties.view(&Actor::Visitor, party).await.unwrap();
    assert_eq!(others.members.len(), 4, "who asks is nobody's business but the leader's");
}

both!(marks_that_come_at_once_count_once, "multi_thread");
async fn marks_that_come_at_once_count_once(on: On) {
    let scene = Scene::new(on).await;
    let people = scene.people(3).await;
    let party = scene.met(&people).await;
    let mark = Action::Attended { member: id(&people[0]), came: false };
    let marks = join_all((0..40).map(|_| scene.act(&scene.leader, party, mark.clone()))).await;
    let done = marks.iter().filter(|done| done.is_ok()).count();
    assert_eq!(done, 1);
    for refused in marks.into_iter().filter(Result::is_err) {
        assert_eq!(refusal(refused), PartyError::AlreadyMarked.into());
    }
    assert_eq!(scene.parties.standings.of(id(&people[0])).await.unwrap().penalties, 1);
    assert!(scene.told(&people[0]).await.contains(&PartyNews::Marked(PenaltyKind::NoShow)));
    // Of the three others more than half say that the leader did not come, all at once.
    scene.clock.set(NOW + 5 * HOUR + model::parties::LEADER_LATE);
    join_all(people.iter().map(|person| scene.act(person, party, Action::LeaderAbsent))).await;
    let penalties = scene.parties.penalties(&scene.leader).await.unwrap();
    assert_eq!((penalties.len(), penalties[0].kind), (1, PenaltyKind::AbsentLeader));
    assert_eq!(scene.parties.standings.of(id(&scene.leader)).await.unwrap().penalties, 1);
}

both!(standings_are_exact_after_every_change, "multi_thread");
async fn standings_are_exact_after_every_change(on: On) {
    let scene = Scene::new(on).await;
    let people = scene.people(2).await;
    let who = &people[0];
    let standing = async || scene.parties.standings.of(id(who)).await.unwrap();
    assert_eq!((standing().await.penalties, standing().await.badge()), (0, None));
    let party = scene.met(&people).await;
    assert_eq!(standing().await.badge(), Some(Badge::Star), "one party done");
    let mut parties = vec![party];
    for count in 1..=3 {
        let party = *parties.last().unwrap();
        scene.act(&scene.leader, party, Action::Attended { member: id(who), came: false }).await.unwrap();
        assert_eq!(standing().await.penalties, count);
        if count < 3 {
            parties.push(scene.met(&people).await);
        }
    }
    assert_eq!(standing().await.badge(), Some(Badge::Ghost));
    // Blocked: no new party, no joining, nor being taken.
    scene.clock.set(NOW);
    let (open, asked) = (scene.party(4, true).await, scene.party(4, false).await);
    assert_eq!(refusal(scene.act(who, open, ASK).await), PartyError::Blocked.into());
    assert_eq!(refusal(scene.act(who, asked, ASK).await), PartyError::Blocked.into());
    let draft = scene.draft(3, true);
    assert_eq!(refusal(scene.parties.create(who, request(), &draft).await), PartyError::Blocked.into());
    let view = scene.parties.view(&Actor::Visitor, parties[0]).await.unwrap();
    let badge = |member: MemberId| view.members.iter().find(|line| line.member == member).unwrap().badge;
    assert_eq!([badge(id(who)), badge(id(&people[1]))], [Some(Badge::Ghost), Some(Badge::Star)]);

    // Appealed against, once; an admin decides.
    scene.parties.appeal(who, parties[0], "아파서 미리 말했어요").await.unwrap();
    assert_eq!(refusal(scene.parties.appeal(who, parties[0], "또").await), PartyError::NotAppealable.into());
    assert_eq!(refusal(scene.parties.appeal(&people[1], parties[0], "나도").await), Refusal::NotFound);
    assert_eq!(standing().await.penalties, 3, "an appeal changes nothing yet");
    assert_eq!(refusal(scene.parties.appeals(who, None).await), Refusal::Forbidden);
    let appeals = scene.parties.appeals(&Actor::System, None).await.unwrap().rows;
    assert_eq!((appeals.len(), appeals[0].member, appeals[0].penalty.state), (1, id(who), AppealState::Open));
    let decide =
        async |who: &Actor| scene.parties.decide(who, parties[0], appeals[0].member, true, "대화에 있어요").await;
    assert_eq!(refusal(decide(&people[1]).await), Refusal::Forbidden);
    assert_eq!(refusal(decide(&Actor::simulated_admin(id(who), "")).await), Refusal::Forbidden, "their own");
    decide(&Actor::System).await.unwrap();
    assert_eq!(refusal(decide(&Actor::System).await), Refusal::NotFound);
    assert_eq!((standing().await.penalties, standing().await.badge()), (2, None));
    assert!(scene.told(who).await.contains(&PartyNews::Decided { granted: true }));
    scene.act(who, open, ASK).await.unwrap();
    let penalties = scene.parties.penalties(who).await.unwrap();
    assert_eq!(penalties.iter().filter(|penalty| penalty.counts).count(), 2);
    // They cease to count by themselves, also while they are remembered.
    for (after, count) in [(Span::from_micros(-1), 2), (Span::ZERO, 0)] {
        scene.clock.set(NOW + 5 * HOUR + 90 * DAY + after);
        assert_eq!(standing().await.penalties, count);
    }
}

both!(who_is_suspended_leaves_and_appeals_like_others);
async fn who_is_suspended_leaves_and_appeals_like_others(on: On) {
    let scene = Scene::new(on).await;
    let people = scene.people(1).await;
    let Actor::Member(session) = &people[0] else { unreachable!() };
    let mut session = (**session).clone();
    session.suspended = true;
    let suspended = Actor::Member(std::sync::Arc::new(session));
    let met = scene.met(&people).await;
    scene.act(&scene.leader, met, Action::Attended { member: id(&suspended), came: false }).await.unwrap();
    scene.parties.appeal(&suspended, met, "정지되어 갈 수 없었어요").await.unwrap();
    scene.clock.set(NOW);
    let (joined, asked) = (scene.party(3, true).await, scene.party(3, false).await);
    for party in [joined, asked] {
        scene.act(&people[0], party, ASK).await.unwrap();
        assert_eq!(refusal(scene.act(&suspended, party, Action::Agree(true)).await), Refusal::Suspended);
    }
    scene.act(&suspended, joined, Action::Leave).await.unwrap();
    scene.act(&suspended, asked, Action::Withdraw).await.unwrap();
    assert_eq!(refusal(scene.act(&suspended, joined, ASK).await), Refusal::Suspended);
}

both!(penalties_and_appeals_come_to_what_a_plain_list_of_them_says, "multi_thread");
async fn penalties_and_appeals_come_to_what_a_plain_list_of_them_says(on: On) {
    let scene = Scene::new(on).await;
    let people = scene.people(1).await;
    let (who, parties) = (&people[0], &scene.parties);
    let mut random = StdRng::seed_from_u64(17);
    let mut marks: Vec<(PartyId, Time, AppealState)> = Vec::new();
    let (mut now, mut blocked) = (NOW, 0);
    for step in 0..100_u128 {
        now = now + random.random_range(0..20) * 12 * HOUR;
        scene.clock.set(now);
        let one = if marks.is_empty() { 0 } else { random.random_range(0..marks.len()) };
        match random.random_range(0..5) {
            2 if !marks.is_empty() => {
                let (party, at, state) = &mut marks[one];
                let done = parties.appeal(who, *party, "아팠어요").await;
                match *state == AppealState::None && now < *at + 90 * DAY {
                    true => {
                        done.unwrap();
                        *state = AppealState::Open;
                    }
                    false => assert_eq!(refusal(done), PartyError::NotAppealable.into()),
                }
            }
            3 if !marks.is_empty() => {
                let (party, _, state) = &mut marks[one];
                let granted = random.random_bool(0.5);
                let done = parties.decide(&Actor::System, *party, id(who), granted, "대화를 봤어요").await;
                match *state == AppealState::Open {
                    true => {
                        done.unwrap();
                        *state = if granted { AppealState::Granted } else { AppealState::Refused };
                    }
                    false => assert_eq!(refusal(done), Refusal::NotFound),
                }
            }
            4 => {}
            _ => {
                let (party, draft) = (PartyId(Uuid::from_u128(1 + step)), scene.draft(4, true));
                let mut tx = scene.db.begin(Lane::Other).await.unwrap();
                store::insert(&mut tx, party, request(), &Party::new(id(&scene.leader), &draft), &draft, NOW)
                    .await
                    .unwrap();
                let held = tx.hold_party(party).await.unwrap();
                // The second of the same party does not count.
                for at in [now, now + HOUR] {
                    penalties::write(&mut tx, held, id(who), PenaltyKind::NoShow, at).await.unwrap();
                }
                tx.commit().await.unwrap();
                parties.standings.invalidate_member(id(who));
                marks.push((party, now, AppealState::None));
            }
        }
        let counts =
            |(_, at, state): &&(PartyId, Time, AppealState)| *state != AppealState::Granted && now < *at + 90 * DAY;
        let counting = marks.iter().filter(counts).count();
        assert_eq!(parties.standing(who).await.unwrap().penalties as usize, counting, "step {step}");
        let shown = parties.penalties(who).await.unwrap();
        assert_eq!(shown.iter().filter(|penalty| penalty.counts).count(), counting);
        let mut tx = scene.db.begin(Lane::Other).await.unwrap();
        let checked = standings::check(&mut tx, id(who), now).await;
        assert_eq!(checked.is_err(), counting >= 3);
        blocked += usize::from(counting >= 3);
    }
    assert!((10..90).contains(&blocked), "{blocked}");
    assert!(marks.iter().any(|(.., state)| *state == AppealState::Granted), "{marks:?}");
}

both!(what_is_remembered_of_standings_is_never_older_than_a_change, "multi_thread");
async fn what_is_remembered_of_standings_is_never_older_than_a_change(on: On) {
    let scene = Scene::new(on).await;
    let people = scene.people(1).await;
    let who = id(&people[0]);
    let standings = scene.parties.standings.clone();
    // What was read before a change is not remembered after it.
    let (before, stale) = (standings.changes(), Standing { penalties: 9, done: true });
    standings.invalidate_member(who);
    standings.remember(&[(who, stale, NOW + DAY)], before);
    assert_eq!(standings.of(who).await.unwrap(), Standing::default());
    standings.remember(&[(who, stale, NOW + DAY)], standings.changes());
    assert_eq!(standings.of(who).await.unwrap(), stale);
    standings.invalidate_member(who);
    // Others look all the time while marks come and go.
    let looking = standings.clone();
    let reader = tokio::spawn(async move {
        loop {
            looking.of(who).await.unwrap();
            tokio::task::yield_now().await;
        }
    });
    for count in 1..=30_u32 {
        let party = PartyId(Uuid::from_u128(count.into()));
        let mut tx = scene.db.begin(Lane::Other).await.unwrap();
        let held = tx.hold_party(party).await.unwrap();
        penalties::write(&mut tx, held, who, PenaltyKind::NoShow, NOW).await.unwrap();
        tx.commit().await.unwrap();
        standings.invalidate_member(who);
        for _ in 0..20 {
            assert_eq!(standings.of(who).await.unwrap().penalties, count);
            tokio::task::yield_now().await;
        }
    }
    reader.abort();
}

both!(only_members_read_what_members_say, "multi_thread");
async fn only_members_read_what_members_say(on: On) {
    let scene = Scene::new(on).await;
    let people = scene.people(3).await;
    let party = scene.party(4, true).await;
    let Scene { parties, leader, .. } = &scene;
    for person in &people[..2] {
        scene.act(person, party, ASK).await.unwrap();
    }
    let (first, again) = (request(), "정문에서 봬요");
    assert_eq!(parties.say(leader, party, first, again).await.unwrap(), 1);
    assert_eq!(parties.say(leader, party, first, again).await.unwrap(), 1, "once");
    for outsider in [&people[2], &Actor::host(MemberId(Uuid::nil()))] {
        assert_eq!(refusal(parties.say(outsider, party, request(), "안녕").await), PartyError::NotJoined.into());
        assert_eq!(refusal(parties.lines(outsider, party, None).await), PartyError::NotJoined.into());
    }
    assert_eq!(refusal(parties.lines(&Actor::Visitor, party, None).await), Refusal::SignedOut);
    let nothing = PartyId(Uuid::nil());
    assert_eq!(refusal(parties.lines(leader, nothing, None).await), Refusal::NotFound);
    assert_eq!(refusal(parties.say(leader, nothing, request(), "안녕").await), Refusal::NotFound);
    // Numbers have no gaps, however many speak at once.
    let said = (0..6).map(|i| parties.say(&people[i % 2], party, request(), "네"));
    let numbers: BTreeSet<u64> = join_all(said).await.into_iter().filter_map(Result::ok).collect();
    let lines = parties.lines(leader, party, None).await.unwrap();
    assert_eq!(
        lines.iter().map(|line| line.number).collect::<Vec<_>>(),
        (1..=1 + numbers.len() as u64).collect::<Vec<_>>()
    );
    assert!(lines[0].mine && !lines[1].mine);
    let unread = async |who: &Actor| parties.view(who, party).await.unwrap().unread;
    let newest = lines.len() as u64;
    assert_eq!((unread(leader).await, unread(&Actor::Visitor).await), (newest - 1, 0));
    assert_eq!(parties.mine(leader, None).await.unwrap().parties.rows[0].unread, newest - 1);
    parties.read(leader, party, newest).await.unwrap();
    parties.read(leader, party, 1).await.unwrap();
    parties.read(leader, party, u64::MAX).await.unwrap();
    assert_eq!(unread(leader).await, 0);
    // Who is taken out reads nothing any more.
    scene.act(leader, party, Action::Remove(id(&people[0]))).await.unwrap();
    assert_eq!(refusal(parties.lines(&people[0], party, None).await), PartyError::NotJoined.into());
    assert_eq!(refusal(parties.say(&people[0], party, request(), "왜요").await), PartyError::NotJoined.into());
}

both!(who_is_taken_out_while_lines_are_read_for_them_is_told_none);
async fn who_is_taken_out_while_lines_are_read_for_them_is_told_none(on: On) {
    let scene = Scene::new(on).await;
    let people = scene.people(1).await;
    let party = scene.party(4, true).await;
    let Scene { parties, leader, .. } = &scene;
    scene.act(&people[0], party, ASK).await.unwrap();
    parties.say(leader, party, request(), "정문에서 봬요").await.unwrap();
    let reader = id(&people[0]);
    assert_eq!(parties.lines_after(reader, party, 0).await.unwrap().len(), 1);
    scene.act(leader, party, Action::Remove(reader)).await.unwrap();
    // As if whether they are a member had been asked before.
    let told = parties.said_after(reader, party, 0).await.unwrap();
    assert!(told.is_empty(), "{told:?}");
    assert_eq!(refusal(parties.lines_after(reader, party, 0).await), PartyError::NotJoined.into());
}

both!(nicknames_have_their_badges_wherever_they_stand_in_a_party, "multi_thread");
async fn nicknames_have_their_badges_wherever_they_stand_in_a_party(on: On) {
    let scene = Scene::new(on).await;
    let Scene { parties, leader, .. } = &scene;
    let people = scene.people(3).await;
    let [star, ghost, new] = &people[..] else { unreachable!() };
    let mut met = Vec::new();
    for _ in 0..3 {
        met.push(scene.met(&people[..2]).await);
    }
    scene.clock.set(NOW);
    let party = scene.party(4, true).await;
    for (number, person) in people.iter().enumerate() {
        scene.clock.set(NOW + number as i64 * MINUTE);
        scene.act(person, party, ASK).await.unwrap();
        parties.say(person, party, request(), "안녕하세요").await.unwrap();
        parties.ask(person, party, "몇 시요?").await.unwrap();
    }
    scene.clock.set(NOW + 5 * HOUR);
    for party in met {
        scene.act(leader, party, Action::Attended { member: id(ghost), came: false }).await.unwrap();
    }
    let badges = [Some(Badge::Star), Some(Badge::Ghost), None];
    let view = parties.view(new, party).await.unwrap();
    let beside = |member: &Actor| view.members.iter().find(|line| line.member == id(member)).unwrap().badge;
    assert_eq!([star, ghost, new].map(beside), badges);
    assert_eq!(view.questions.iter().map(|question| question.badge).collect::<Vec<_>>(), badges);
    let lines = parties.lines(new, party, None).await.unwrap();
    assert_eq!(lines.iter().map(|line| line.badge).collect::<Vec<_>>(), badges);
    let live = parties.lines_after(id(new), party, 1).await.unwrap();
    assert_eq!(live.iter().map(|line| line.badge).collect::<Vec<_>>(), badges[1..]);
    assert_eq!(parties.standing(ghost).await.unwrap().badge(), Some(Badge::Ghost));
    assert_eq!(parties.standing(&Actor::Visitor).await.unwrap().badge(), None);
}

both!(pictures_stand_beside_nicknames_in_a_party_and_none_of_whoever_is_suspended, "multi_thread");
async fn pictures_stand_beside_nicknames_in_a_party_and_none_of_whoever_is_suspended(on: On) {
    let scene = Scene::new(on).await;
    let parties = &scene.parties;
    let people = scene.people(3).await;
    let [shown, suspended, without] = &people[..] else { unreachable!() };
    let party = scene.party(4, true).await;
    for (number, person) in people.iter().enumerate() {
        scene.clock.set(NOW + number as i64 * MINUTE);
        scene.act(person, party, ASK).await.unwrap();
        parties.say(person, party, request(), "안녕하세요").await.unwrap();
        parties.ask(person, party, "몇 시요?").await.unwrap();
    }
    let picture = PictureId(id(shown).0);
    let mut tx = scene.db.begin(Lane::Other).await.unwrap();
    for (who, picture) in [(shown, picture), (suspended, PictureId(id(suspended).0))] {
        let set = tx.sql("update members set picture = $2 where id = $1");
        assert_eq!(set.bind(id(who)).bind(picture).run().await.unwrap(), 1);
    }
    tx.sql("update members set suspended_at = $2 where id = $1").bind(id(suspended)).bind(NOW).run().await.unwrap();
    tx.commit().await.unwrap();
    let pictures = [Some(picture), None, None];
    let view = parties.view(without, party).await.unwrap();
    let beside = |member: &Actor| view.members.iter().find(|line| line.member == id(member)).unwrap().picture;
    assert_eq!([shown, suspended, without].map(beside), pictures);
    assert_eq!(view.questions.iter().map(|question| question.picture).collect::<Vec<_>>(), pictures);
    let lines = parties.lines(without, party, None).await.unwrap();
    assert_eq!(lines.iter().map(|line| line.picture).collect::<Vec<_>>(), pictures);
    let live = parties.lines_after(id(without), party, 0).await.unwrap();
    assert_eq!(live.iter().map(|line| line.picture).collect::<Vec<_>>(), pictures);
}

both!(whoever_favours_a_market_or_an_item_is_told_of_its_parties_once, "multi_thread");
async fn whoever_favours_a_market_or_an_item_is_told_of_its_parties_once(on: On) {
    let scene = Scene::new(on).await;
    let Scene { parties, markets, leader, .. } = &scene;
    let people = scene.people(6).await;
    let [of_market, of_item, of_both, far, homeless, later] = &people[..] else { unreachable!() };
    for who in [of_market, of_both, leader] {
        markets.set_favourite_market(who, scene.market, true).await.unwrap();
    }
    for who in [of_item, of_both, far, homeless, leader] {
        markets.set_favourite_item(who, scene.item, true).await.unwrap();
    }
    for (who, latitude) in [(of_item, "37.6"), (of_both, "37.6"), (far, "37.7"), (leader, "37.6")] {
        parties.set_home(who, latitude, "127.0559").await.unwrap();
    }
    scene.party(3, true).await;
    scene.clock.set(NOW + MINUTE);
    markets.set_favourite_market(later, scene.market, true).await.unwrap();
    let notices = crate::notices::Notices::new(scene.db.clone(), scene.clock.clone());
    for _ in 0..2 {
        notices.deliver().await.unwrap();
        for who in [of_market, of_item, of_both] {
            assert_eq!(scene.told(who).await, [PartyNews::Made { market: "한마음마트".into() }], "{:?}", id(who));
        }
        for who in [far, homeless, later, leader] {
            assert_eq!(scene.told(who).await, [], "{:?}", id(who));
        }
    }

    // Many, of whom some came to favour it at the same moment: nobody is left out where one step ends, and nobody is told twice.
    let many = scene.people_from(1_000, 450).await;
    let mut tx = scene.db.begin(Lane::Other).await.unwrap();
    for (number, who) in many.iter().enumerate() {
        let favour = tx.sql("insert into favourite_items (member_id, item_id, at) values ($1, $2, $3)");
        favour.bind(id(who)).bind(scene.item).bind(NOW.0 - 1_000 + number as i64 / 7).run().await.unwrap();
        let home = tx.sql("insert into homes (member_id, latitude, longitude, at) values ($1, 37.5, 127.0559, 0)");
        home.bind(id(who)).run().await.unwrap();
    }
    tx.commit().await.unwrap();
    scene.party(3, true).await;
    notices.deliver().await.unwrap();
    let told = scene.db.sql("select count(*), count(distinct n.member_id) from notices n join favourite_items f on f.member_id = n.member_id where f.at < $1");
    assert_eq!(told.bind(NOW).one::<(i64, i64)>().await.unwrap(), (450, 450));
}

both!(whoever_makes_a_party_is_not_told_of_it_by_what_they_favour);
async fn whoever_makes_a_party_is_not_told_of_it_by_what_they_favour(on: On) {
    for of_market in [true, false] {
        let scene = Scene::new(on).await;
        let Scene { parties, markets, leader, .. } = &scene;
        let people = scene.people(1).await;
        // One of both alone: by the other a leader could be left out as well.
        for who in [leader, &people[0]] {
            if of_market {
                markets.set_favourite_market(who, scene.market, true).await.unwrap();
            } else {
                markets.set_favourite_item(who, scene.item, true).await.unwrap();
            }
            parties.set_home(who, "37.6", "127.0559").await.unwrap();
        }
        scene.party(3, true).await;
        crate::notices::Notices::new(scene.db.clone(), scene.clock.clone()).deliver().await.unwrap();
        assert_eq!(scene.told(&people[0]).await, [PartyNews::Made { market: "한마음마트".into() }], "{of_market}");
        assert_eq!(scene.told(leader).await, [], "{of_market}");
    }
}

both!(parties_are_made_and_changed_by_their_leader);
async fn parties_are_made_and_changed_by_their_leader(on: On) {
    let scene = Scene::new(on).await;
    let Scene { parties, leader, .. } = &scene;
    let people = scene.people(2).await;
    let once = request();
    let party = parties.create(leader, once, &scene.draft(3, false)).await.unwrap();
    assert_eq!(parties.create(leader, once, &scene.draft(5, true)).await.unwrap(), party, "once");
    assert_eq!(refusal(parties.create(&people[0], once, &scene.draft(5, true)).await), Refusal::Malformed);
    assert_eq!(refusal(parties.create(&Actor::Visitor, request(), &scene.draft(3, true)).await), Refusal::SignedOut);
    let nowhere = PartyDraft { market: MarketId(Uuid::nil()), ..scene.draft(3, true) };
    assert_eq!(refusal(parties.create(leader, request(), &nowhere).await), Refusal::NotFound);
    assert_eq!(refusal(parties.edit(leader, party, &nowhere).await), Refusal::NotFound);
    let changed = PartyDraft { unit: "병".into(), ..scene.draft(4, false) };
    parties.edit(leader, party, &changed).await.unwrap();
    assert_eq!(refusal(parties.edit(&people[0], party, &changed).await), Refusal::Forbidden);
    let view = parties.view(leader, party).await.unwrap();
    assert_eq!((view.unit.as_str(), view.card.wanted, view.card.each, view.editable), ("병", 4, 2_500, true));
    // A market that was hidden meanwhile stays theirs, and is nobody else's.
    scene.markets.set_hidden(&Actor::System, scene.market, true, "없어진 곳").await.unwrap();
    parties.edit(leader, party, &changed).await.unwrap();
    assert_eq!(refusal(parties.create(leader, request(), &changed).await), Refusal::NotFound);
    scene.markets.set_hidden(&Actor::System, scene.market, false, "다시 열었음").await.unwrap();

    scene.act(&people[0], party, Action::Request { shares: 2 }).await.unwrap();
    assert_eq!(refusal(parties.edit(leader, party, &changed).await), PartyError::NotAlone.into());
    assert_eq!(scene.told(leader).await, [PartyNews::Requested]);
    scene.act(leader, party, Action::Accept(id(&people[0]))).await.unwrap();
    assert_eq!(scene.told(&people[0]).await, [PartyNews::Accepted]);
    parties.ask(&people[1], party, "몇 시까지 있어요?").await.unwrap();
    assert_eq!(refusal(parties.ask(leader, party, "나요?").await), PartyError::OwnParty.into());
    let question = parties.view(&people[1], party).await.unwrap().questions.remove(0);
    assert_eq!(refusal(parties.answer(&people[1], question.id, "글쎄요").await), Refusal::NotFound);
    parties.answer(leader, question.id, "네 시요").await.unwrap();
    let view = parties.view(&Actor::Visitor, party).await.unwrap();
    assert_eq!((view.questions[0].answer.as_str(), view.mine), ("네 시요", None));
    // Who is asked is told, and who asked, of the first answer.
    parties.answer(leader, question.id, "다섯 시요").await.unwrap();
    assert!(scene.told(leader).await.contains(&PartyNews::Asked));
    assert_eq!(scene.told(&people[1]).await, [PartyNews::Answered]);
    // Five of one member; what the leader or an admin hides is not shown.
    let fresh = || Parties { limits: Limits::default(), ..parties.clone() };
    for _ in 0..4 {
        fresh().ask(&people[1], party, "정말요?").await.unwrap();
    }
    let sixth = refusal(fresh().ask(&people[1], party, "아직도요?").await);
    assert!(matches!(sixth, Refusal::TooMany { retry_after: 60 }), "{sixth}");
    assert_eq!(refusal(parties.hide_question(&people[0], question.id).await), Refusal::NotFound);
    parties.hide_question(leader, question.id).await.unwrap();
    assert_eq!(refusal(parties.hide_question(leader, question.id).await), Refusal::NotFound, "once");
    let admin = Actor::simulated_admin(id(&people[0]), "");
    let questions = async || parties.view(&Actor::Visitor, party).await.unwrap().questions;
    parties.hide_question(&admin, questions().await[0].id).await.unwrap();
    assert_eq!(questions().await.len(), 3);
    let noted = scene.db.sql("select party_id, member_id, reason from audit where action = 'hide_line'");
    let noted: Vec<(PartyId, MemberId, String)> = noted.all().await.unwrap();
    assert_eq!(noted, [(party, id(&people[1]), "정말요?".to_owned())]);
    let amounts: Vec<_> = view.members.iter().map(|line| (line.leader, line.amount)).collect();
    assert_eq!(amounts, [(true, 2_500), (false, 5_000)]);
    let mine = parties.mine(&people[0], None).await.unwrap();
    assert_eq!(
        (mine.parties.rows.len(), mine.parties.rows[0].leader, mine.parties.rows[0].mine),
        (1, false, MemberState::Joined)
    );

    for (from, to) in [("2020-01-01T10:00", "2020-01-01T11:00"), ("", ""), ("2026-11-27T10:00", "2026-11-27T09:00")] {
        assert!(matches!(refusal(parties.propose(leader, party, from, to).await), Refusal::Invalid { .. }), "{from}");
    }
    assert!(matches!(refusal(parties.cancel(leader, party, " ").await), Refusal::Invalid { .. }));
    parties.cancel(leader, party, "비가 와요").await.unwrap();
    assert!(scene.told(&people[0]).await.contains(&PartyNews::Cancelled { reason: "비가 와요".into() }));
    assert_eq!(parties.view(&Actor::Visitor, party).await.unwrap().reason, "비가 와요");
    assert_eq!(refusal(scene.act(&people[1], party, ASK).await), PartyError::PartyOver.into());
    assert_eq!(refusal(scene.act(leader, PartyId(Uuid::nil()), Action::Finish).await), Refusal::NotFound);
}

both!(a_party_goes_ahead_meets_at_another_time_and_falls_apart);
async fn a_party_goes_ahead_meets_at_another_time_and_falls_apart(on: On) {
    let scene = Scene::new(on).await;
    let Scene { parties, leader, .. } = &scene;
    let people = scene.people(3).await;
    let (party, asked) = (scene.party(6, true).await, scene.party(3, false).await);
    let view = async |who: &Actor| parties.view(who, party).await.unwrap();
    // Whoever is taken may think again.
    scene.act(&people[0], asked, ASK).await.unwrap();
    scene.act(leader, asked, Action::Accept(id(&people[0]))).await.unwrap();
    let taken = parties.view(&people[0], asked).await.unwrap();
    assert_eq!(taken.free_until, Some(NOW + 30 * MINUTE));

    for person in &people {
        scene.act(person, party, ASK).await.unwrap();
    }
    scene.act(leader, party, Action::GoAhead).await.unwrap();
    let seen = view(leader).await;
    assert_eq!((seen.card.state, seen.card.wanted, seen.card.each), (PartyState::Full, 4, 2_500));
    let other = Meeting { from: NOW + 8 * HOUR, to: NOW + 9 * HOUR };
    parties.propose(leader, party, &other.from.to_local(), &other.to.to_local()).await.unwrap();
    assert_eq!(view(leader).await.proposed, Some(other));
    for person in &people {
        scene.act(person, party, Action::Agree(true)).await.unwrap();
    }
    let seen = view(leader).await;
    assert_eq!((seen.card.meets, seen.proposed), (other, None));

    // Somebody leaves late: the others see their new shares, and leave freely, until too few are left.
    let late = other.from - HOUR;
    scene.clock.set(late);
    scene.act(&people[0], party, Action::Leave).await.unwrap();
    assert_eq!(view(&people[0]).await.mine, Some(MemberState::LeftLate));
    let seen = view(&people[1]).await;
    assert_eq!((seen.card.state, seen.card.wanted, seen.card.each), (PartyState::Full, 3, 3_333));
    assert_eq!((seen.free_until, seen.late), (Some(late + 30 * MINUTE), false));
    for person in &people[1..] {
        scene.act(person, party, Action::Leave).await.unwrap();
        assert_eq!(view(person).await.mine, Some(MemberState::Left));
    }
    let seen = view(leader).await;
    assert_eq!((seen.card.state, seen.reason.as_str(), seen.ended_at), (PartyState::Cancelled, "", Some(late)));
    assert!(scene.told(leader).await.contains(&PartyNews::Cancelled { reason: String::new() }));
}

both!(what_it_did_cost_is_shown_with_a_receipt);
async fn what_it_did_cost_is_shown_with_a_receipt(on: On) {
    let scene = Scene::new(on).await;
    let (people, folder) = (scene.people(2).await, tempfile::tempdir().unwrap());
    let store = PictureStore::folder(folder.path()).await.unwrap();
    let (parties, leader) = (&scene.parties, &scene.leader);
    let picture = || {
        let mut png = std::io::Cursor::new(Vec::new());
        image::DynamicImage::new_rgb8(40, 30).write_to(&mut png, image::ImageFormat::Png).unwrap();
        Some(png.into_inner())
    };
    let files = || ::testing::files(folder.path()).len();
    let early = scene.party(3, true).await;
    let refused = parties.set_cost(leader, &store, early, "9001", picture()).await;
    assert_eq!(refusal(refused), PartyError::NotDone.into());
    let party = scene.met(&people).await;
    let refused = parties.set_cost(&people[0], &store, party, "9001", picture()).await;
    assert_eq!((refusal(refused), files()), (Refusal::Forbidden, 0), "who may not say it uploads nothing");
    for (cost, receipt, wrong) in [
        ("만원", picture(), vec!["cost"]),
        ("0", None, vec!["cost", "receipt"]),
        ("9,001", None, vec!["receipt"]),
        ("9,001", Some(b"no picture".to_vec()), vec!["receipt"]),
        ("100000001", picture(), vec!["cost"]),
    ] {
        let refused = refusal(parties.set_cost(leader, &store, party, cost, receipt).await);
        let Refusal::Invalid { fields } = refused else { panic!("{cost}: {refused}") };
        assert_eq!(fields.0.iter().map(|(field, _)| field.as_str()).collect::<Vec<_>>(), wrong, "{cost}");
    }
    assert_eq!((files(), refusal(parties.receipt(leader, &store, party).await.map(drop))), (0, Refusal::NotFound));

    parties.set_cost(leader, &store, party, "9,001", picture()).await.unwrap();
    // Mended without another picture.
    parties.set_cost(leader, &store, party, "9,002", None).await.unwrap();
    let seen = parties.view(&people[0], party).await.unwrap();
    assert_eq!((seen.cost, seen.cost_each), (Some(9_002), Some(3_000)));
    for member in people.iter().chain([leader]) {
        assert!(parties.receipt(member, &store, party).await.is_ok());
    }
    // Another picture with another price: where one of the two is not written, both are those of before.
    let shown = async || {
        let picture = parties.receipt(leader, &store, party).await.unwrap();
        let bytes: Vec<_> = futures::TryStreamExt::try_collect(picture.bytes).await.unwrap();
        (parties.view(leader, party).await.unwrap().cost.unwrap(), bytes.concat())
    };
    let other = || {
        let mut png = std::io::Cursor::new(Vec::new());
        image::DynamicImage::new_rgb8(60, 50).write_to(&mut png, image::ImageFormat::Png).unwrap();
        Some(png.into_inner())
    };
    let before = shown().await;
    let refused = parties.set_cost(leader, &store, party, "8,000", Some(b"no picture".to_vec())).await;
    assert!(matches!(refusal(refused), Refusal::Invalid { .. }));
    assert_eq!(shown().await, before);
    while parties.limits.parties(id(leader)).await.is_ok() {}
    let refused = refusal(parties.set_cost(leader, &store, party, "8,000", other()).await);
    assert!(matches!(refused, Refusal::TooMany { .. }), "{refused}");
    assert_eq!((shown().await, files()), (before.clone(), 2), "the picture was taken, the price was not");
    let fresh = Parties { limits: Limits::default(), ..parties.clone() };
    fresh.set_cost(leader, &store, party, "8,000", other()).await.unwrap();
    let after = shown().await;
    assert!(after.0 == 8_000 && after.1 != before.1);
    // Of two who share it one did not come.
    let absent = Action::Attended { member: id(&people[1]), came: false };
    fresh.act(leader, party, &absent).await.unwrap();
    let stranger = Actor::host(member(&scene.db, 7).await);
    let lines = async |reader: &Actor| {
        let view = parties.view(reader, party).await.unwrap();
        view.members.iter().map(|line| (line.amount, line.came)).collect::<Vec<_>>()
    };
    let planned = [(3_334, None), (3_333, None), (3_333, None)];
    assert_eq!((lines(&stranger).await, lines(&Actor::Visitor).await), (planned.to_vec(), planned.to_vec()));
    assert_eq!(lines(leader).await, [(4_000, None), (4_000, None), (0, Some(false))]);
    assert_eq!(refusal(parties.receipt(&stranger, &store, party).await.map(drop)), Refusal::NotFound);
    assert_eq!(refusal(parties.receipt(&Actor::Visitor, &store, party).await.map(drop)), Refusal::SignedOut);
    let seen = parties.view(&stranger, party).await.unwrap();
    assert_eq!((seen.cost, seen.cost_each), (None, None));
}

both!(a_party_ends_by_itself_a_day_after_it_met);
async fn a_party_ends_by_itself_a_day_after_it_met(on: On) {
    let scene = Scene::new(on).await;
    let (party, to) = (scene.party(3, true).await, NOW + 6 * HOUR);
    let written = async || {
        let state = scene.db.sql("select state from parties where id = $1").bind(party);
        state.one::<(PartyState,)>().await.unwrap().0
    };
    for (now, shown, kept) in [
        (to + DAY - MINUTE, PartyState::Recruiting, PartyState::Recruiting),
        (to + DAY, PartyState::Expired, PartyState::Expired),
    ] {
        scene.clock.set(now);
        assert_eq!(scene.parties.view(&Actor::Visitor, party).await.unwrap().card.state, shown);
        scene.parties.expire().await.unwrap();
        assert_eq!(written().await, kept);
    }
    assert_eq!(refusal(scene.act(&scene.leader, party, Action::Finish).await), PartyError::PartyOver.into());
}

both!(homes_are_kept_and_forgotten);
async fn homes_are_kept_and_forgotten(on: On) {
    let scene = Scene::new(on).await;
    let Scene { parties, leader, .. } = &scene;
    assert_eq!(parties.home(leader).await.unwrap(), None);
    parties.set_home(leader, "37.5446", "127.0559").await.unwrap();
    parties.set_home(leader, "-90", "180").await.unwrap();
    assert_eq!(parties.home(leader).await.unwrap(), Some(Coordinates { latitude: -90.0, longitude: 180.0 }));
    for (latitude, longitude, field) in [("90.1", "0", "latitude"), ("0", "-180.5", "longitude"), ("", "0", "latitude")]
    {
        let refused = refusal(parties.set_home(leader, latitude, longitude).await);
        assert!(matches!(&refused, Refusal::Invalid { fields } if fields.of(field).is_some()), "{refused}");
    }
    assert_eq!(refusal(parties.set_home(&Actor::Visitor, "0", "0").await), Refusal::SignedOut);
    // A party is so far from one's own home, and from nobody else's.
    let party = scene.party(3, true).await;
    parties.set_home(leader, "37.5536", "127.0559").await.unwrap();
    let metres = async |who: &Actor| parties.view(who, party).await.unwrap().card.metres;
    assert!(metres(leader).await.is_some_and(|metres| (950..1_050).contains(&metres)));
    assert_eq!(metres(&Actor::Visitor).await, None);
    parties.set_home(leader, "", "").await.unwrap();
    assert_eq!(parties.home(leader).await.unwrap(), None);
}

both!(what_was_said_long_ago_is_erased, "multi_thread");
async fn what_was_said_long_ago_is_erased(on: On) {
    let scene = Scene::new(on).await;
    let Scene { parties, leader, .. } = &scene;
    let people = scene.people(1).await;
    let (kept, erased) = (scene.met(&people).await, scene.met(&people).await);
    for party in [kept, erased] {
        parties.say(leader, party, request(), "주차장에서 봬요").await.unwrap();
        parties.read(&people[0], party, 1).await.unwrap();
        scene.act(leader, party, Action::Attended { member: id(&people[0]), came: false }).await.unwrap();
    }
    scene.clock.set(NOW);
    let open = scene.party(3, true).await;
    parties.ask(&people[0], open, "몇 시요?").await.unwrap();
    // One of the party of which an appeal waits, that was asked before it met.
    let mut tx = scene.db.begin(Lane::Other).await.unwrap();
    let asked = tx
        .sql("insert into party_questions (id, party_id, member_id, at, text, answer) values ($1, $2, $3, $4, $5, $5)");
    let asked = asked.bind(Uuid::from_u128(59)).bind(kept).bind(id(&people[0])).bind(NOW).bind("어디요?".to_owned());
    asked.run().await.unwrap();
    tx.commit().await.unwrap();
    parties.appeal(&people[0], kept, "갔어요").await.unwrap();
    let lines = async |party| parties.lines(leader, party, None).await.unwrap().len();
    let count = async |sql: &'static str| scene.db.sql(sql).one::<(i64,)>().await.unwrap().0;
    scene.clock.set(NOW + 5 * HOUR + 160 * DAY);
    parties.erase().await.unwrap();
    assert_eq!((lines(kept).await, lines(erased).await), (1, 1));
    scene.clock.set(NOW + 5 * HOUR + 161 * DAY);
    parties.erase().await.unwrap();
    // Evidence, as long as an appeal waits for it.
    assert_eq!((lines(kept).await, lines(erased).await), (1, 0));
    assert_eq!(count("select count(*) from party_questions").await, 1);
    // Who speaks there again is read as new.
    assert_eq!(parties.say(leader, erased, request(), "안녕하세요").await.unwrap(), 1);
    assert_eq!(parties.view(&people[0], erased).await.unwrap().unread, 1);
    parties.decide(&Actor::System, kept, id(&people[0]), false, "아니에요").await.unwrap();
    parties.erase().await.unwrap();
    assert_eq!((lines(kept).await, count("select count(*) from party_questions").await), (0, 0));
    // What a transaction beside it may have kept goes from the files the next time, although nothing more is erased.
    if scene.db.dialect() == crate::db::Dialect::Postgres {
        let file = async || count("select pg_relation_filenode('party_lines')::bigint").await;
        let before = file().await;
        parties.erase().await.unwrap();
        let after = file().await;
        assert_ne!(after, before, "the table was not written anew");
        parties.erase().await.unwrap();
        assert_eq!(file().await, after, "it is done");
    }
}

both!(many_parties_end_by_themselves, "multi_thread");
async fn many_parties_end_by_themselves(on: On) {
    let scene = Scene::new(on).await;
    let mut tx = scene.db.begin(Lane::Other).await.unwrap();
    for number in 0..1_201_u128 {
        let draft = scene.draft(4, true);
        let made = PartyId(Uuid::from_u128(1 + number));
        store::insert(&mut tx, made, request(), &Party::new(id(&scene.leader), &draft), &draft, NOW).await.unwrap();
    }
    tx.commit().await.unwrap();
    let open = scene.party(4, true).await;
    let mut tx = scene.db.begin(Lane::Other).await.unwrap();
    tx.sql("update parties set meets_to = $2 where id = $1").bind(open).bind(NOW + 9 * HOUR).run().await.unwrap();
    tx.commit().await.unwrap();
    scene.clock.set(NOW + 6 * HOUR + DAY);
    let (one, other) = (scene.parties.clone(), scene.parties.clone());
    // Two nodes at once, in steps.
    let (one, other) = tokio::join!(one.expire(), other.expire());
    assert!(one.is_ok() && other.is_ok(), "{one:?} {other:?}");
    let left: Vec<(PartyId,)> = scene.db.sql("select id from parties where state <> 'expired'").all().await.unwrap();
    assert_eq!(left, [(open,)]);
}
