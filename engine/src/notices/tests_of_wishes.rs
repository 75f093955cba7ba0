//! Reminders under a clock that is set by hand, what wishers and entrants are told once, and subscribers of new events.

use super::*;
use crate::accounts;
use model::{Category, DAY, HOUR, MINUTE, SECOND, Span, subscriptions::Described};
use testing::{On, Place, both};
use uuid::Uuid;

/// When it begins.
const NOW: Time = Time(1_795_258_800_000_000);

struct Scene {
    db: Db,
    clock: Clock,
    notices: Notices,
    _place: Place,
}

impl Scene {
    async fn new(on: On) -> Scene {
        let place = Place::new(on);
        let db = Db::at(&place).await;
        let clock = Clock::manual(NOW);
        Scene { notices: Notices::new(db.clone(), clock.clone()), db, clock, _place: place }
    }

    async fn member(&self, number: u128) -> MemberId {
        accounts::testing::member(&self.db, number).await
    }

    /// An event of a creator that opens at a time, seen by everybody.
    async fn event(&self, number: u128, creator: MemberId, opens_at: Time) -> EventId {
        let event = EventId(Uuid::from_u128(1 << 64 | number));
        let mut tx = self.db.begin(Lane::Other).await.unwrap();
        tx.sql(
            "insert into events (id, request_id, creator_id, kind, title, summary, description, category, opens_at, closes_at, rules,
                offer, capacity, created_at, published_at)
             values ($1, $1, $2, 'giveaway', '겨울 머그', '손으로 빚은 컵', '', 'living', $3, $4, '', $5, 1, 0, 0)",
        )
        .bind(event)
        .bind(creator)
        .bind(opens_at)
        .bind(opens_at + HOUR)
        .bind(r#"{"kind":"giveaway","prizes":[{"name":"원두","kind":"goods","winners":1}]}"#.to_owned())
        .run()
        .await
        .unwrap();
        tx.commit().await.unwrap();
        event
    }

    async fn wish(&self, member: MemberId, event: EventId, at: Time) {
        let mut tx = self.db.begin(Lane::Other).await.unwrap();
        tx.sql("insert into wishes (member_id, event_id, at) values ($1, $2, $3)")
            .bind(member)
            .bind(event)
            .bind(at)
            .run()
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    async fn take_back(&self, member: MemberId, event: EventId) {
        let mut tx = self.db.begin(Lane::Other).await.unwrap();
        let taken = tx.sql("delete from wishes where member_id = $1 and event_id = $2").bind(member).bind(event);
        taken.run().await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn change(&self, text: &'static str, event: EventId, at: Time) {
        let mut tx = self.db.begin(Lane::Other).await.unwrap();
        tx.sql(text).bind(event).bind(at).run().await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn trigger(&self, trigger: &Trigger) {
        let mut tx = self.db.begin(Lane::Other).await.unwrap();
        outbox::write(&mut tx, trigger, self.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// What the job does at a time, and what follows; by a program that was started a moment before, twice.
    async fn at(&mut self, at: Time) {
        self.clock.set(at);
        self.notices = Notices::new(self.db.clone(), self.clock.clone());
        for _ in 0..2 {
            self.notices.remind_of_openings().await.unwrap();
            self.notices.deliver().await.unwrap();
        }
    }

    /// Until nothing waits: at one moment of this clock, what follows from a trigger may stand before it.
    async fn deliver_all(&self) {
        for _ in 0..5 {
            self.notices.deliver().await.unwrap();
        }
        assert!(!self.db.sql("select 1 from outbox where done_at is null").exists().await.unwrap());
    }

    async fn told(&self, member: MemberId) -> Vec<Notice> {
        let rows = self.db.sql("select notice from notices where member_id = $1 order by at, id").bind(member);
        let rows: Vec<(String,)> = rows.all().await.unwrap();
        rows.into_iter().map(|(text,)| serde_json::from_str(&text).unwrap()).collect()
    }

    /// The reminders that they had: hours before, and of which opening. Those of twelve hours are off at first.
    async fn reminded(&self, member: MemberId) -> Vec<(u32, Time)> {
        let opens = |notice| match notice {
            Notice::Opens { hours, opens_at } => Some((hours, opens_at)),
            _ => None,
        };
        self.told(member).await.into_iter().filter_map(opens).filter(|(hours, _)| *hours != 12).collect()
    }

    /// How many notices everybody has, from the fewest to the most.
    async fn counts(&self) -> (i64, i64, i64) {
        let counts = "select coalesce(min(count), 0), coalesce(max(count), 0), count(*) from
            (select count(*) as count from notices group by member_id) counted";
        self.db.sql(counts).one().await.unwrap()
    }

    async fn reminders(&self, event: EventId) -> Vec<i64> {
        let rows = self.db.sql("select hours from event_reminders where event_id = $1 order by opens_at, hours desc");
        rows.bind(event).all::<(i64,)>().await.unwrap().into_iter().map(|(hours,)| hours).collect()
    }
}

both!(whoever_wishes_is_reminded_once_of_each_whatever_restarts);
async fn whoever_wishes_is_reminded_once_of_each_whatever_restarts(on: On) {
    let mut scene = Scene::new(on).await;
    let (creator, early, late) = (scene.member(1).await, scene.member(2).await, scene.member(3).await);
    let opens_at = NOW + 30 * HOUR;
    let event = scene.event(1, creator, opens_at).await;
    for member in [creator, early] {
        scene.wish(member, event, NOW).await;
    }
    scene.at(opens_at - 24 * HOUR - SECOND).await;
    assert!(scene.reminded(early).await.is_empty());
    scene.at(opens_at - 24 * HOUR).await;
    assert_eq!(scene.reminded(early).await, [(24, opens_at)]);
    // Whoever comes after one is told the next.
    scene.wish(late, event, opens_at - 20 * HOUR).await;
    scene.at(opens_at - 13 * HOUR).await;
    assert!(scene.reminded(late).await.is_empty());
    for before in [12 * HOUR, 11 * HOUR, HOUR, 30 * MINUTE, SECOND, Span::ZERO, -HOUR] {
        scene.at(opens_at - before).await;
    }
    assert_eq!(scene.reminders(event).await, [24, 12, 1]);
    assert_eq!(scene.reminded(early).await, [(24, opens_at), (1, opens_at)]);
    assert_eq!(scene.reminded(late).await, [(1, opens_at)]);
    assert_eq!(scene.told(creator).await, [], "whose own event it is");
    scene.notices.forget_reminders().await.unwrap();
    assert!(scene.reminders(event).await.is_empty());
}

both!(after_a_pause_only_the_nearest_is_told_and_nothing_once_it_opened);
async fn after_a_pause_only_the_nearest_is_told_and_nothing_once_it_opened(on: On) {
    let mut scene = Scene::new(on).await;
    let (creator, member) = (scene.member(1).await, scene.member(2).await);
    let opens_at = NOW + 30 * HOUR;
    let missed = scene.event(1, creator, opens_at).await;
    let over = scene.event(2, creator, opens_at - HOUR).await;
    let off = scene.event(3, creator, opens_at).await;
    let draft = scene.event(4, creator, opens_at).await;
    let stopped = scene.event(5, creator, opens_at).await;
    for event in [missed, over, off, draft, stopped] {
        scene.wish(member, event, NOW).await;
    }
    scene.change("update events set suspended_at = $2 where id = $1", stopped, NOW).await;
    scene.change("update events set cancelled_at = $2 where id = $1", off, NOW).await;
    scene.change("update events set published_at = null, created_at = $2 where id = $1", draft, NOW).await;
    scene.at(opens_at - 40 * MINUTE).await;
    assert_eq!(scene.told(member).await, [Notice::Opens { opens_at, hours: 1 }]);
    assert_eq!(scene.reminders(missed).await, [24, 12, 1]);
    assert!(scene.reminders(over).await.is_empty() && scene.reminders(off).await.is_empty());
    assert!(scene.reminders(draft).await.is_empty() && scene.reminders(stopped).await.is_empty());
    // Of what goes on in time they are reminded still.
    scene.change("update events set suspended_at = null, created_at = $2 where id = $1", stopped, NOW).await;
    scene.at(opens_at - 30 * MINUTE).await;
    assert_eq!(scene.told(member).await, [Notice::Opens { opens_at, hours: 1 }, Notice::Opens { opens_at, hours: 1 }]);
}

both!(after_a_pause_each_is_told_the_nearest_that_they_wish_to_hear);
async fn after_a_pause_each_is_told_the_nearest_that_they_wish_to_hear(on: On) {
    let mut scene = Scene::new(on).await;
    let [creator, member, chooses] = [scene.member(1).await, scene.member(2).await, scene.member(3).await];
    let opens_at = NOW + 30 * HOUR;
    let event = scene.event(1, creator, opens_at).await;
    for member in [member, chooses] {
        scene.wish(member, event, NOW).await;
    }
    let mut on = Kind::ALL.into_iter().filter(|kind| kind.on_at_first()).collect::<std::collections::BTreeSet<_>>();
    on.insert(Kind::OpensInHalfDay);
    scene.notices.set(&Actor::host(chooses), &on).await.unwrap();
    scene.at(opens_at - 11 * HOUR).await;
    let within = |hours| Notice::Opens { opens_at, hours };
    assert_eq!(scene.told(member).await, [within(24)]);
    assert_eq!(scene.told(chooses).await, [within(12)]);
    scene.at(opens_at - HOUR).await;
    assert_eq!(scene.told(member).await, [within(24), within(1)]);
}

both!(reminders_move_with_the_event);
async fn reminders_move_with_the_event(on: On) {
    let mut scene = Scene::new(on).await;
    let (creator, member) = (scene.member(1).await, scene.member(2).await);
    let (first, second) = (NOW + 24 * HOUR, NOW + 48 * HOUR);
    let event = scene.event(1, creator, first).await;
    scene.wish(member, event, NOW - HOUR).await;
    let open_at = "update events set opens_at = $2 where id = $1";
    scene.at(NOW).await;
    assert_eq!(scene.reminded(member).await, [(24, first)]);
    scene.change(open_at, event, second).await;
    scene.at(NOW + HOUR).await;
    assert_eq!(scene.reminded(member).await, [(24, first)], "that is far away by now");
    scene.at(second - 23 * HOUR).await;
    assert_eq!(scene.reminded(member).await, [(24, first), (24, second)], "told anew for the new time");
    // There and back: what was told of a time is not told again.
    let third = second + 2 * HOUR;
    for opening in [third, second] {
        scene.change(open_at, event, opening).await;
        scene.at(second - 22 * HOUR + SECOND).await;
    }
    assert_eq!(scene.reminded(member).await, [(24, first), (24, second), (24, third)]);
    // One that waits is dropped when the event is moved before it is told, or called off.
    scene.clock.set(second - HOUR);
    scene.notices.remind_of_openings().await.unwrap();
    scene.change(open_at, event, second + 9 * HOUR).await;
    scene.notices.deliver().await.unwrap();
    assert_eq!(scene.reminded(member).await.len(), 3);
    assert!(!scene.db.sql("select 1 from outbox where done_at is null").exists().await.unwrap());
}

both!(whoever_wishes_and_entered_is_told_once);
async fn whoever_wishes_and_entered_is_told_once(on: On) {
    /// More than are told at once, of each.
    const MANY: u128 = 450;
    let scene = Scene::new(on).await;
    let (creator, admin) = (scene.member(1).await, scene.member(2).await);
    let event = scene.event(1, creator, NOW - MINUTE).await;
    let mut tx = scene.db.begin(Lane::Other).await.unwrap();
    for number in 0..3 * MANY {
        let member = accounts::testing::insert(&mut tx, 100 + number).await;
        // A third entered, a third wishes for it, a third does both. Some did so at the same moment.
        if number < 2 * MANY {
            tx.sql("insert into entries (event_id, rank, member_id, entered_at, state, salt) values ($1, $2, $3, 0, 'won', $4)")
                .bind(event)
                .bind(1 + number as i64)
                .bind(member)
                .bind(vec![0u8])
                .run()
                .await
                .unwrap();
        }
        if number >= MANY {
            tx.sql("insert into wishes (member_id, event_id, at) values ($1, $2, $3)")
                .bind(member)
                .bind(event)
                .bind(Time(1 + number as i64 / 3))
                .run()
                .await
                .unwrap();
        }
    }
    tx.commit().await.unwrap();
    for member in [creator, admin] {
        scene.wish(member, event, NOW).await;
    }
    let off = Trigger::CalledOff { event, reason: "가마가 식었어요".into(), by: Some(admin) };
    for (times, trigger) in [(1, off), (2, Trigger::Edited { event })] {
        scene.trigger(&trigger).await;
        let (one, two) = tokio::join!(scene.notices.deliver(), scene.notices.deliver());
        assert!(one.is_ok() && two.is_ok(), "{one:?} {two:?}");
        // Of the change the admin hears as well, and has one then.
        let told = 3 * MANY as i64 + times - 1;
        assert_eq!(scene.counts().await, (1, times, told));
        assert!(!scene.db.sql("select 1 from outbox where done_at is null").exists().await.unwrap());
    }
    assert_eq!(scene.told(creator).await, []);
    assert_eq!(scene.told(admin).await, [Notice::Changed]);
}

both!(who_wishes_or_no_longer_does_while_others_are_told_is_told_as_an_entrant);
async fn who_wishes_or_no_longer_does_while_others_are_told_is_told_as_an_entrant(on: On) {
    let scene = Scene::new(on).await;
    let creator = scene.member(1).await;
    let event = scene.event(1, creator, NOW - MINUTE).await;
    // The first four entered; the last two wish for it and did not.
    let mut people = Vec::new();
    for number in 2..=7 {
        people.push(scene.member(number).await);
    }
    let [comes, stays, goes, renews, wishes, turns_away] = people[..] else { unreachable!() };
    let mut tx = scene.db.begin(Lane::Other).await.unwrap();
    for (rank, member) in (1_i64..).zip([comes, stays, goes, renews]) {
        tx.sql("insert into entries (event_id, rank, member_id, entered_at, state, salt) values ($1, $2, $3, 0, 'won', $4)")
            .bind(event)
            .bind(rank)
            .bind(member)
            .bind(vec![0u8])
            .run()
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
    for member in [stays, goes, renews, wishes, turns_away] {
        scene.wish(member, event, NOW - SECOND).await;
    }
    let late = scene.member(8).await;
    for times in 1..=2 {
        scene.trigger(&Trigger::Edited { event }).await;
        let told_one_piece = scene.notices.deliver_some(&mut None, &mut scene.notices.chunk()).await.unwrap();
        assert!(told_one_piece, "those who wish for it come next");
        for member in [goes, renews, turns_away] {
            scene.take_back(member, event).await;
        }
        if times == 1 {
            for member in [comes, renews, late] {
                scene.wish(member, event, NOW + SECOND).await;
            }
        }
        scene.clock.set(NOW + 2 * SECOND);
        scene.deliver_all().await;
        for member in [comes, stays, goes, renews, wishes] {
            assert_eq!(scene.told(member).await, vec![Notice::Changed; times], "{member:?}");
        }
        assert_eq!(scene.told(turns_away).await, []);
    }
    assert_eq!(scene.told(late).await, [Notice::Changed], "of the second, which came after their wish");
}

both!(who_comes_to_wish_between_two_changes_hears_of_the_second);
async fn who_comes_to_wish_between_two_changes_hears_of_the_second(on: On) {
    let scene = Scene::new(on).await;
    let creator = scene.member(1).await;
    let event = scene.event(1, creator, NOW + HOUR).await;
    let [early, between, late] = [scene.member(2).await, scene.member(3).await, scene.member(4).await];
    let edited_at = async |at| {
        scene.clock.set(at);
        let mut tx = scene.db.begin(Lane::Other).await.unwrap();
        outbox::write_once(&mut tx, &Trigger::Edited { event }, at).await.unwrap();
        tx.commit().await.unwrap();
    };
    scene.wish(early, event, NOW).await;
    edited_at(NOW + SECOND).await;
    let mut read = scene.notices.outbox.pass(scene.clock.now()).next().await.unwrap().unwrap();
    scene.wish(between, event, NOW + 2 * SECOND).await;
    edited_at(NOW + 3 * SECOND).await;
    // Whoever read it before the second change begins nothing by that.
    let mut tx = scene.db.begin(Lane::Other).await.unwrap();
    assert!(!read.advance(&mut tx, 1, None).await.unwrap());
    tx.commit().await.unwrap();
    // By a clock that is behind the one that it was written by.
    edited_at(NOW).await;
    scene.clock.set(NOW + 4 * SECOND);
    scene.wish(late, event, NOW + 4 * SECOND).await;
    scene.deliver_all().await;
    let told = async || [scene.told(early).await.len(), scene.told(between).await.len(), scene.told(late).await.len()];
    assert_eq!(told().await, [1, 1, 0]);
    // Once its telling has begun, another change is told by itself.
    edited_at(NOW + 5 * SECOND).await;
    let some_are_left = scene.notices.deliver_some(&mut None, &mut scene.notices.chunk()).await.unwrap();
    assert!(some_are_left, "those who wish for it come next");
    edited_at(NOW + 6 * SECOND).await;
    scene.deliver_all().await;
    assert_eq!(told().await, [3, 3, 2]);
}

both!(who_takes_a_wish_back_while_others_are_told_shifts_nobody);
async fn who_takes_a_wish_back_while_others_are_told_shifts_nobody(on: On) {
    let scene = Scene::new(on).await;
    let creator = scene.member(1).await;
    let event = scene.event(1, creator, NOW + HOUR).await;
    let mut chunk = scene.notices.chunk();
    let first = chunk.rows();
    let mut people = Vec::new();
    let mut tx = scene.db.begin(Lane::Other).await.unwrap();
    for number in 0..first + 10 {
        let member = accounts::testing::insert(&mut tx, 100 + number as u128).await;
        tx.sql("insert into wishes (member_id, event_id, at) values ($1, $2, $3)")
            .bind(member)
            .bind(event)
            .bind(Time(1 + number))
            .run()
            .await
            .unwrap();
        people.push(member);
    }
    tx.commit().await.unwrap();
    scene.trigger(&Trigger::Wishers { event, at: NOW, notice: Notice::Changed }).await;
    assert!(scene.notices.deliver_some(&mut None, &mut chunk).await.unwrap(), "some are left");
    // Of those who were told, and of those who were not.
    let gone = people[first as usize + 4];
    for member in people[..20].iter().chain([&gone]) {
        scene.take_back(*member, event).await;
    }
    scene.deliver_all().await;
    assert_eq!(scene.counts().await, (1, 1, first + 9), "all but one, each once");
    assert_eq!(scene.told(gone).await, []);
}

both!(whoever_calls_off_an_event_of_their_own_knows);
async fn whoever_calls_off_an_event_of_their_own_knows(on: On) {
    let scene = Scene::new(on).await;
    let (creator, admin) = (scene.member(1).await, scene.member(2).await);
    let reason = "가마가 식었어요".to_owned();
    for (number, by) in [(1, creator), (2, admin)] {
        let event = scene.event(number, creator, NOW + HOUR).await;
        let mut tx = scene.db.begin(Lane::Other).await.unwrap();
        crate::events::call_off(&mut tx, event, None, Some(by), &reason, NOW).await.unwrap();
        tx.commit().await.unwrap();
        scene.deliver_all().await;
        let told = if by == admin { vec![Notice::Cancelled { reason: reason.clone() }] } else { Vec::new() };
        assert_eq!(scene.told(creator).await, told);
    }
}

both!(subscribers_hear_of_a_new_event_once);
async fn subscribers_hear_of_a_new_event_once(on: On) {
    const MANY: u128 = 450;
    let scene = Scene::new(on).await;
    let creator = scene.member(1).await;
    let [late, other, coming] = [scene.member(2).await, scene.member(3).await, scene.member(4).await];
    let event = scene.event(1, creator, NOW + HOUR).await;
    let mut tx = scene.db.begin(Lane::Other).await.unwrap();
    let category = "insert into category_subscriptions (member_id, category, at) values ($1, 'living', $2)";
    let keyword = "insert into keyword_subscriptions (member_id, key, keyword, run, at) values ($1, $2, $2, substr($2, 1, 2), $3)";
    for number in 0..MANY {
        let member = accounts::testing::insert(&mut tx, 100 + number).await;
        // Two thirds by the category, two thirds by keywords, and some of those by several.
        if number % 3 != 0 {
            tx.sql(category).bind(member).bind(NOW - SECOND).run().await.unwrap();
        }
        if number % 3 != 1 {
            for key in ["머그", "겨울머그", "원두", "빚은컵"] {
                tx.sql(keyword).bind(member).bind(key.to_owned()).bind(NOW - SECOND).run().await.unwrap();
            }
        }
    }
    tx.sql(category).bind(creator).bind(NOW - SECOND).run().await.unwrap();
    tx.sql(category).bind(late).bind(NOW + SECOND).run().await.unwrap();
    tx.sql(keyword).bind(other).bind("머그컵".to_owned()).bind(NOW - SECOND).run().await.unwrap();
    tx.sql(keyword).bind(coming).bind("찻잔".to_owned()).bind(NOW - SECOND).run().await.unwrap();
    tx.commit().await.unwrap();
    let published = Trigger::NewEvent { event, at: NOW, by: creator, before: None };
    // Twice, as if a node had stopped before it said so.
    for _ in 0..2 {
        scene.trigger(&published).await;
        let (one, two) = tokio::join!(scene.notices.deliver(), scene.notices.deliver());
        assert!(one.is_ok() && two.is_ok(), "{one:?} {two:?}");
        scene.deliver_all().await;
        assert_eq!(scene.counts().await, (1, 1, MANY as i64));
        for member in [creator, late, other, coming] {
            assert_eq!(scene.told(member).await, []);
        }
    }
    let first = MemberId(Uuid::from_u128(100));
    assert_eq!(scene.told(first).await, [Notice::NewEvent { opens_at: NOW + HOUR }]);
    // What comes into it before it opens is news to those who look for that, and to nobody else.
    let offer = model::Offer::Giveaway { prizes: Vec::new() };
    let before = Some(Described::new(Category::Living, "겨울 머그", "손으로 빚은 컵", &offer));
    scene.change("update events set title = '겨울 머그와 찻잔', created_at = $2 where id = $1", event, NOW).await;
    scene.trigger(&Trigger::NewEvent { event, at: NOW, by: creator, before }).await;
    scene.deliver_all().await;
    assert_eq!(scene.told(coming).await, [Notice::NewEvent { opens_at: NOW + HOUR }]);
    assert_eq!(scene.counts().await, (1, 1, MANY as i64 + 1));
    // Whoever subscribed since is told of what is stopped or called off as little as anybody.
    for (off, on) in [
        (
            "update events set suspended_at = $2 where id = $1",
            "update events set suspended_at = null, created_at = $2 where id = $1",
        ),
        (
            "update events set cancelled_at = $2 where id = $1",
            "update events set cancelled_at = null, created_at = $2 where id = $1",
        ),
    ] {
        scene.change(off, event, NOW).await;
        scene.trigger(&Trigger::NewEvent { event, at: NOW + HOUR, by: creator, before: None }).await;
        scene.deliver_all().await;
        assert_eq!(scene.told(late).await, []);
        scene.change(on, event, NOW).await;
    }
    // While it is open somebody may still be told; once it is over nobody needs to know any more who was.
    let off = scene.event(2, creator, NOW + DAY).await;
    for alerted in [event, off] {
        let noted = "insert into event_alerts (event_id, member_id) select $1, id from members where created_at < $2 on conflict do nothing";
        scene.change(noted, alerted, NOW).await;
    }
    scene.change("update events set cancelled_at = $2 where id = $1", off, NOW).await;
    let alerted = async |at| {
        scene.clock.set(at);
        scene.notices.forget_alerts().await.unwrap();
        let rows = scene.db.sql("select distinct event_id from event_alerts").all::<(EventId,)>();
        rows.await.unwrap().into_iter().map(|(event,)| event).collect::<Vec<_>>()
    };
    assert_eq!(alerted(NOW + HOUR + MINUTE).await, [event]);
    assert_eq!(alerted(NOW + 2 * HOUR).await, []);
}

both!(whoever_announces_an_event_hears_nothing_of_it_by_their_own_keyword);
async fn whoever_announces_an_event_hears_nothing_of_it_by_their_own_keyword(on: On) {
    let scene = Scene::new(on).await;
    let (creator, reader) = (scene.member(1).await, scene.member(2).await);
    let event = scene.event(1, creator, NOW + HOUR).await;
    let mut tx = scene.db.begin(Lane::Other).await.unwrap();
    for member in [creator, reader] {
        tx.sql("insert into keyword_subscriptions (member_id, key, keyword, run, at) values ($1, '머그', '머그', '머그', $2)")
            .bind(member)
            .bind(NOW - SECOND)
            .run()
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
    scene.trigger(&Trigger::NewEvent { event, at: NOW, by: creator, before: None }).await;
    scene.deliver_all().await;
    assert_eq!(scene.told(reader).await, [Notice::NewEvent { opens_at: NOW + HOUR }]);
    assert_eq!(scene.told(creator).await, []);
}

both!(what_cannot_be_told_of_rests_and_holds_up_nothing);
async fn what_cannot_be_told_of_rests_and_holds_up_nothing(on: On) {
    let scene = Scene::new(on).await;
    let (creator, member) = (scene.member(1).await, scene.member(2).await);
    let (broken, event) = (scene.event(1, creator, NOW + DAY).await, scene.event(2, creator, NOW + DAY + HOUR).await);
    scene.wish(member, event, NOW).await;
    // Of a sort that only a newer node reads.
    scene
        .change("update events set offer = '{\"kind\":\"weather\"}', created_at = $2 where id = $1", broken, NOW)
        .await;
    scene.trigger(&Trigger::NewEvent { event: broken, at: NOW, by: creator, before: None }).await;
    scene.clock.set(NOW + SECOND);
    scene.trigger(&Trigger::Edited { event }).await;
    assert!(scene.notices.deliver().await.is_err());
    assert_eq!(scene.told(member).await, [Notice::Changed]);
    // It rests, so that no run fails by it meanwhile, and is tried again.
    scene.trigger(&Trigger::Edited { event }).await;
    scene.notices.deliver().await.unwrap();
    assert_eq!(scene.told(member).await.len(), 2);
    scene.clock.set(NOW + MINUTE);
    assert!(scene.notices.deliver().await.is_err());
    scene
        .change(
            "update events set offer = '{\"kind\":\"giveaway\",\"prizes\":[]}', created_at = $2 where id = $1",
            broken,
            NOW,
        )
        .await;
    scene.clock.set(NOW + MINUTE * 2);
    scene.deliver_all().await;
}
