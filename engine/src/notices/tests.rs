use super::{writing::insert, *};
use crate::{
    accounts,
    cluster::{self, Topic},
    tasks::Tasks,
};
use model::{DAY, ItemId, MINUTE, MarketId, PartyId, SECOND};
use std::collections::{BTreeSet, HashMap};
use testing::{On, Place, both};
use uuid::Uuid;

mod unread;

/// A member who entered an event of the same number.
async fn entrant(db: &Db, number: u128) -> (EventId, MemberId) {
    let event = EventId(Uuid::from_u128(100 + number));
    let mut tx = db.begin(Lane::Other).await.unwrap();
    let member = accounts::testing::insert(&mut tx, number).await;
    tx.sql("insert into entries (event_id, rank, member_id, entered_at, state, salt) values ($1, 1, $2, 0, 'won', $3)")
        .bind(event)
        .bind(member)
        .bind(vec![0u8])
        .run()
        .await
        .unwrap();
    tx.commit().await.unwrap();
    (event, member)
}

async fn write(db: &Db, trigger: &Trigger, at: i64) {
    let mut tx = db.begin(Lane::Other).await.unwrap();
    outbox::write(&mut tx, trigger, Time(at)).await.unwrap();
    tx.commit().await.unwrap();
}

async fn change(db: &Db, text: &'static str) {
    let mut tx = db.begin(Lane::Other).await.unwrap();
    tx.sql(text).run().await.unwrap();
    tx.commit().await.unwrap();
}

/// A deal, and who sells it.
async fn sale(db: &Db) -> (EventId, MemberId) {
    let (event, seller) = entrant(db, 7).await;
    let mut tx = db.begin(Lane::Other).await.unwrap();
    tx.sql(
        "insert into events (id, request_id, creator_id, kind, title, summary, description, category, opens_at, closes_at, rules,
            offer, capacity, created_at)
         values ($1, $1, $2, 'deal', '머그', '', '', 'living', 0, 1, '', '{}', 1, 0)",
    )
    .bind(event)
    .bind(seller)
    .run()
    .await
    .unwrap();
    tx.commit().await.unwrap();
    (event, seller)
}

both!(a_seller_is_told_of_a_rush_once);
async fn a_seller_is_told_of_a_rush_once(on: On) {
    let place = Place::new(on);
    let db = Db::at(&place).await;
    let notices = Notices::new(db.clone(), Clock::manual(Time(1000)));
    let (event, seller) = sale(&db).await;
    let sold = |count| Trigger::Seller { event, news: SaleNews::Orders { count } };
    // More than are taken at once, of two kinds, among others.
    for at in 0..2 * ALIKE + 50 {
        write(&db, &sold(1), at).await;
    }
    write(&db, &sold(40), 7).await;
    write(&db, &Trigger::Seller { event, news: SaleNews::SoldOut }, 8).await;
    // Two nodes at once.
    let (one, two) = tokio::join!(notices.deliver(), notices.deliver());
    assert!(one.is_ok() && two.is_ok(), "{one:?} {two:?}");
    let told = async || {
        let rows = db.sql("select notice from notices where member_id = $1 order by notice").bind(seller);
        let rows: Vec<(String,)> = rows.all().await.unwrap();
        rows.into_iter().map(|(text,)| serde_json::from_str::<Notice>(&text).unwrap()).collect::<Vec<_>>()
    };
    let orders = |told: Vec<Notice>| {
        told.into_iter()
            .filter_map(|notice| match notice {
                Notice::Sale { news: SaleNews::Orders { count } } => Some(count),
                _ => None,
            })
            .collect::<Vec<_>>()
    };
    let all = 2 * ALIKE as u64 + 90;
    assert_eq!(orders(told().await).iter().sum::<u64>(), all);
    if on == On::Sqlite {
        assert_eq!(told().await.len(), 2, "one of the orders, and one that it is sold out");
    }
    // What was read stays as it was.
    change(&db, "update notices set read_at = 1").await;
    write(&db, &sold(1), 9).await;
    notices.deliver().await.unwrap();
    let mut counts = orders(told().await);
    counts.sort_unstable();
    assert_eq!((counts[0], counts.iter().sum::<u64>()), (1, all + 1));
    assert!(!db.sql("select 1 from outbox where done_at is null").exists().await.unwrap());
}

both!(what_a_newer_node_triggers_waits_for_it_and_holds_up_nothing);
async fn what_a_newer_node_triggers_waits_for_it_and_holds_up_nothing(on: On) {
    let place = Place::new(on);
    let db = Db::at(&place).await;
    let notices = Notices::new(db.clone(), Clock::manual(Time(1000)));
    let mut people = Vec::new();
    for number in 1..=4 {
        let (event, member) = entrant(&db, number).await;
        write(&db, &Trigger::Changed { event }, number as i64).await;
        people.push(member);
    }
    // A version to come, and a kind to come under a version that is known.
    change(&db, "update outbox set version = 5 where created_at = 2").await;
    change(&db, "update outbox set cause = replace(cause, 'changed', 'moved') where created_at = 3").await;
    let unread = async || {
        let mut counts = Vec::new();
        for member in &people {
            counts.push(notices.unread(*member).await.unwrap());
        }
        counts
    };
    let waiting = async || {
        let rows = db.sql("select created_at, told from outbox where done_at is null order by created_at");
        rows.all::<(i64, i64)>().await.unwrap()
    };
    for _ in 0..2 {
        notices.deliver().await.unwrap();
        assert_eq!(unread().await, [1, 0, 0, 1], "what came after them is delivered, once");
        assert_eq!(waiting().await, [(2, 0), (3, 0)], "they are left as they were");
    }
    let newer = Notices { outbox: Outbox::newer(db.clone()), ..notices.clone() };
    newer.deliver().await.unwrap();
    assert_eq!(unread().await, [1, 1, 0, 1], "the newer node takes what it knows");
    change(&db, "update outbox set cause = replace(cause, 'moved', 'changed')").await;
    newer.deliver().await.unwrap();
    assert_eq!((unread().await, waiting().await), (vec![1, 1, 1, 1], vec![]));
    // Nodes of before, which tell it otherwise, leave that an event was changed.
    let (event, _) = entrant(&db, 5).await;
    write(&db, &Trigger::Edited { event }, 5).await;
    let version = db.sql("select version from outbox where done_at is null").one::<(i64,)>();
    assert_eq!(version.await.unwrap(), (4,));
}

both!(what_was_told_is_forgotten_after_a_week_and_what_waits_is_not);
async fn what_was_told_is_forgotten_after_a_week_and_what_waits_is_not(on: On) {
    let place = Place::new(on);
    let db = Db::at(&place).await;
    let clock = Clock::manual(Time(1000));
    let notices = Notices::new(db.clone(), clock.clone());
    let (event, _) = entrant(&db, 1).await;
    for at in [1, 2] {
        write(&db, &Trigger::Changed { event }, at).await;
    }
    change(&db, "update outbox set version = 5 where created_at = 2").await;
    notices.deliver().await.unwrap();
    let left = async || {
        notices.forget_told().await.unwrap();
        let rows = db.sql("select created_at from outbox order by created_at").all::<(i64,)>();
        rows.await.unwrap().into_iter().map(|(at,)| at).collect::<Vec<_>>()
    };
    clock.set(Time(1000) + 7 * DAY - SECOND);
    assert_eq!(left().await, [1, 2]);
    let now = Time(1000) + 7 * DAY + SECOND;
    clock.set(now);
    write(&db, &Trigger::Changed { event }, now.0).await;
    notices.deliver().await.unwrap();
    assert_eq!(left().await, [2, now.0]);
}

/// A site of its own with this many members, and what a party tells any of them.
async fn members(db: &Db, count: u128) -> Vec<MemberId> {
    let mut members = Vec::new();
    for number in 1..=count {
        members.push(entrant(db, 1000 + number).await.1);
    }
    members
}

async fn tell(db: &Db, told: &[MemberId], notice: &Notice) {
    let mut tx = db.begin(Lane::Other).await.unwrap();
    for member in told {
        write_of_party(&mut tx, *member, notice, Time(1000)).await.unwrap();
    }
    tx.commit().await.unwrap();
}

fn actor(member: MemberId) -> Actor {
    Actor::host(member)
}

async fn numbers(db: &Db, member: MemberId) -> Vec<i64> {
    let rows = db.sql("select number from notices where member_id = $1 order by number").bind(member);
    rows.all::<(i64,)>().await.unwrap().into_iter().map(|(number,)| number).collect()
}

async fn is_sound(db: &Db) {
    assert_eq!(check(db).await.unwrap(), Vec::<String>::new());
}

both!(numbers_have_no_gaps_and_counts_are_exact_whoever_writes_at_once, "multi_thread");
async fn numbers_have_no_gaps_and_counts_are_exact_whoever_writes_at_once(on: On) {
    let place = Place::new(on);
    let db = Db::at(&place).await;
    let notices = Notices::new(db.clone(), Clock::manual(Time(1000)));
    let members = members(&db, 3).await;
    // Told in every order by transactions that are at work at once, some of which come to nothing.
    let mut writing = tokio::task::JoinSet::new();
    for round in 0..24 {
        let (db, mut told) = (db.clone(), members.clone());
        told.rotate_left(round % 3);
        writing.spawn(async move {
            let mut tx = db.begin(Lane::Other).await.unwrap();
            for member in told.iter().chain(&told[..1]) {
                write_of_party(&mut tx, *member, &Notice::Changed, Time(1000 + round as i64)).await.unwrap();
            }
            if round % 4 == 3 {
                drop(tx);
            } else {
                tx.commit().await.unwrap();
            }
        });
    }
    let reading = async {
        for _ in 0..6 {
            notices.read_all(&actor(members[0])).await.unwrap();
            notices.delete_read(&actor(members[0])).await.unwrap();
        }
    };
    let written = async {
        while let Some(written) = writing.join_next().await {
            written.unwrap();
        }
    };
    tokio::join!(reading, written);
    is_sound(&db).await;
    let given: Vec<(i64,)> = db.sql("select last from notice_counts order by member_id").all().await.unwrap();
    assert_eq!(given.iter().map(|(last,)| last).sum::<i64>(), 18 * 4);
    for (nth, member) in members.iter().enumerate().skip(1) {
        let numbers = numbers(&db, *member).await;
        assert_eq!(numbers, (1..=given[nth].0).collect::<Vec<_>>(), "none is missing, none is there twice");
        assert_eq!(notices.unread(*member).await.unwrap(), numbers.len() as u64);
    }
    // One after the other, and what is counted follows.
    let list = notices.of(&actor(members[1]), None).await.unwrap();
    notices.open(&actor(members[1]), list.lines.rows[0].id).await.unwrap();
    notices.open(&actor(members[1]), list.lines.rows[0].id).await.unwrap();
    notices.delete(&actor(members[1]), list.lines.rows[1].id).await.unwrap();
    assert_eq!(notices.unread(members[1]).await.unwrap(), list.unread - 2);
    for id in [list.lines.rows[1].id, list.lines.rows[2].id] {
        let refused = notices.delete(&actor(members[2]), id).await;
        assert!(matches!(refused, Err(Error::Refused(model::Error::NotFound))), "another's, or gone: {refused:?}");
        let refused = notices.open(&actor(members[2]), id).await;
        assert!(matches!(refused, Err(Error::Refused(model::Error::NotFound))), "{refused:?}");
    }
    is_sound(&db).await;
    change(&db, "update notice_counts set unread = unread + 1").await;
    assert_eq!(check(&db).await.unwrap().len(), 3, "what is wrong is found");
}

both!(what_a_transaction_tells_is_kept_as_it_was_said_and_numbered_in_its_order);
async fn what_a_transaction_tells_is_kept_as_it_was_said_and_numbered_in_its_order(on: On) {
    let place = Place::new(on);
    let db = Db::at(&place).await;
    let members = members(&db, 3).await;
    let notice = |nth: usize| Notice::Cancelled {
        reason: format!("{nth} \"따옴표\" \\ '하나' \u{1f} [👩‍👩‍👧] {{}}")
    };
    let event = |nth: usize| nth.is_multiple_of(2).then_some(EventId(Uuid::from_u128(nth as u128)));
    let mut tx = db.begin(Lane::Other).await.unwrap();
    for nth in 0..12 {
        // The later is of an earlier moment, as a clock that is set right may say.
        insert(&mut tx, members[nth % 3], &notice(nth), event(nth), Time(1000 - nth as i64)).unwrap();
    }
    tx.commit().await.unwrap();
    for (first, member) in members.iter().enumerate() {
        let rows = db.sql("select number, at, notice, event_id from notices where member_id = $1 order by number");
        let rows: Vec<(i64, i64, String, Option<EventId>)> = rows.bind(*member).all().await.unwrap();
        let read = |(number, at, text, event): (i64, i64, String, Option<EventId>)| {
            (number, at, serde_json::from_str::<Notice>(&text).unwrap(), event)
        };
        let said =
            (first..12).step_by(3).zip(1..).map(|(nth, number)| (number, 1000 - nth as i64, notice(nth), event(nth)));
        assert_eq!(rows.into_iter().map(read).collect::<Vec<_>>(), said.collect::<Vec<_>>());
    }
    is_sound(&db).await;
}

/// SQLite has no nodes of before beside it.
#[tokio::test]
async fn a_node_of_before_writes_without_numbers_and_is_counted() {
    let place = Place::new(On::Postgres);
    let db = Db::at(&place).await;
    let notices = Notices::new(db.clone(), Clock::manual(Time(1000)));
    let member = members(&db, 1).await[0];
    tell(&db, &[member], &Notice::Changed).await;
    for at in 1i64..=2 {
        let mut tx = db.begin(Lane::Other).await.unwrap();
        tx.sql("insert into notices (member_id, at, id, notice) values ($1, $2, $3, '{\"kind\":\"changed\"}')")
            .bind(member)
            .bind(2000 + at)
            .bind(Uuid::from_u128(at as u128))
            .run()
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }
    tell(&db, &[member], &Notice::Changed).await;
    assert_eq!((numbers(&db, member).await, notices.unread(member).await.unwrap()), (vec![1, 2, 3, 4], 4));
    change(&db, "update notices set read_at = 1 where number > 2").await;
    change(&db, "delete from notices where number in (1, 3)").await;
    assert_eq!(notices.unread(member).await.unwrap(), 1);
    is_sound(&db).await;
}

both!(who_does_not_wish_to_be_told_is_not);
async fn who_does_not_wish_to_be_told_is_not(on: On) {
    let place = Place::new(on);
    let db = Db::at(&place).await;
    let notices = Notices::new(db.clone(), Clock::manual(Time(1000)));
    let members = members(&db, 2).await;
    let settings = notices.settings(&actor(members[0])).await.unwrap();
    assert!(settings.kinds.iter().all(|(kind, is_on)| *is_on == kind.on_at_first()));
    let chosen = [Kind::OpensInHalfDay, Kind::Turns].into();
    notices.set(&actor(members[0]), &chosen).await.unwrap();
    let settings = notices.settings(&actor(members[0])).await.unwrap();
    let on: BTreeSet<Kind> = settings.kinds.into_iter().filter(|(_, is_on)| *is_on).map(|(kind, _)| kind).collect();
    assert_eq!(on, chosen);
    let turn = Notice::YourTurn { due_at: Time(5) };
    for notice in [&Notice::Changed, &turn] {
        tell(&db, &members, notice).await;
    }
    assert_eq!(numbers(&db, members[0]).await, [1], "no number is lost by what was not told");
    assert_eq!(numbers(&db, members[1]).await, [1, 2], "what another chose concerns nobody else");
    // What a newer node knows stays as it is, and everything can be had back.
    change(&db, "insert into notice_settings (member_id, kind, is_on) select id, 'weather', false from members").await;
    notices.set(&actor(members[0]), &Kind::ALL.into_iter().filter(|kind| kind.on_at_first()).collect()).await.unwrap();
    let kept: Vec<(String,)> =
        db.sql("select kind from notice_settings where member_id = $1").bind(members[0]).all().await.unwrap();
    assert_eq!(kept, [("weather".to_owned(),)]);
    tell(&db, &members, &Notice::Changed).await;
    assert_eq!(numbers(&db, members[0]).await, [1, 2]);
    assert!(matches!(notices.settings(&Actor::Visitor).await, Err(Error::Refused(model::Error::SignedOut))));
    is_sound(&db).await;
}

both!(what_counts_on_stands_still_for_who_does_not_wish_to_be_told);
async fn what_counts_on_stands_still_for_who_does_not_wish_to_be_told(on: On) {
    let place = Place::new(on);
    let db = Db::at(&place).await;
    let notices = Notices::new(db.clone(), Clock::manual(Time(1000)));
    let (event, seller) = sale(&db).await;
    // A sale, and lines of a party, each of which is told in one notice until that is read.
    let told = async |lines: u64| {
        write(&db, &Trigger::Seller { event, news: SaleNews::Orders { count: 1 } }, 1).await;
        notices.deliver().await.unwrap();
        let mut tx = db.begin(Lane::Other).await.unwrap();
        tell_of_chat(&mut tx, seller, PartyId(Uuid::from_u128(5)), "쌀", lines, Time(2000)).await.unwrap();
        tx.commit().await.unwrap();
        let rows = db.sql("select number, notice from notices where member_id = $1 order by number").bind(seller);
        let rows: Vec<(i64, String)> = rows.all().await.unwrap();
        rows.into_iter()
            .map(|(number, text)| match serde_json::from_str(&text).unwrap() {
                Notice::Sale { news: SaleNews::Orders { count } } => (number, count),
                Notice::PartyChat { lines, .. } => (number, lines),
                other => panic!("{other:?}"),
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(told(1).await, [(1, 1), (2, 1)]);
    assert_eq!(told(2).await, [(3, 2), (4, 2)]);
    let wished = |off: &[Kind]| {
        Kind::ALL.into_iter().filter(|kind| kind.on_at_first() && !off.contains(kind)).collect::<BTreeSet<_>>()
    };
    notices.set(&actor(seller), &wished(&[Kind::Selling, Kind::PartyChat])).await.unwrap();
    assert_eq!(told(3).await, [(3, 2), (4, 2)], "no number, and so no news");
    assert!(!db.sql("select 1 from outbox where done_at is null").exists().await.unwrap());
    // Switched on again, what came meanwhile of the sale was not wished for; of a chat all is said that was not read.
    notices.set(&actor(seller), &wished(&[])).await.unwrap();
    assert_eq!(told(4).await, [(5, 3), (6, 4)]);
    is_sound(&db).await;
}

/// An event with many entrants, each of whom is a member.
async fn crowd(db: &Db, event: EventId, people: i64) {
    let mut tx = db.begin(Lane::Other).await.unwrap();
    for rank in 1..=people {
        let member = accounts::testing::insert(&mut tx, 1_000_000 + rank as u128).await;
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
}

both!(a_small_audience_behind_a_large_one_is_told_soon, "multi_thread");
async fn a_small_audience_behind_a_large_one_is_told_soon(on: On) {
    const PEOPLE: i64 = 3_000;
    let place = Place::new(on);
    let db = Db::at(&place).await;
    let notices = Notices::new(db.clone(), Clock::manual(Time(1000)));
    let large = EventId(Uuid::from_u128(77));
    crowd(&db, large, PEOPLE).await;
    write(&db, &Trigger::Changed { event: large }, 1).await;
    let (small, one) = entrant(&db, 2).await;
    write(&db, &Trigger::Changed { event: small }, 2).await;
    let told = async || {
        let (count,): (i64,) =
            db.sql("select count(*) from notices where event_id = $1").bind(large).one().await.unwrap();
        count
    };
    let mut chunk = notices.chunk();
    let first = chunk.rows();
    assert!(notices.deliver_some(&mut None, &mut chunk).await.unwrap(), "more is left of the large one");
    assert_eq!((told().await, notices.unread(one).await.unwrap()), (first, 1), "each had its turn");
    // One that comes meanwhile has its turn with the next piece, or the next few where they are kept together.
    let second = chunk.rows() * if on == On::Sqlite { TOGETHER / chunk.rows() } else { 1 };
    write(&db, &Trigger::Changed { event: small }, 3).await;
    assert!(notices.deliver_some(&mut None, &mut chunk).await.unwrap());
    assert_eq!((told().await, notices.unread(one).await.unwrap()), (first + second, 2));
    // Two nodes at once: everybody is told once.
    let (here, there) = (notices.clone(), notices.clone());
    let (here, there) = tokio::join!(here.deliver(), there.deliver());
    assert!(here.is_ok() && there.is_ok(), "{here:?} {there:?}");
    notices.deliver().await.unwrap();
    let twice = db.sql("select 1 from notices where event_id = $1 group by member_id having count(*) <> 1").bind(large);
    assert!(!twice.exists().await.unwrap());
    assert_eq!((told().await, notices.unread(one).await.unwrap()), (PEOPLE, 2));
    is_sound(&db).await;
}

#[tokio::test]
async fn the_first_are_told_alone_and_those_behind_them_a_few_pieces_with_each_commit() {
    const PEOPLE: i64 = 3_000;
    let place = Place::new(On::Sqlite);
    let db = Db::at(&place).await;
    let notices = Notices::new(db.clone(), Clock::manual(Time(1000)));
    let event = EventId(Uuid::from_u128(77));
    crowd(&db, event, PEOPLE).await;
    write(&db, &Trigger::Edited { event }, 1).await;
    let (committed, mut commits) = tokio::sync::mpsc::unbounded_channel();
    db.tell(move |news| {
        let _ = committed.send(news.members.len());
    });
    let told = async || {
        let count = db.sql("select count(*) from notices where event_id = $1").bind(event);
        count.one::<(i64,)>().await.unwrap().0
    };
    let (mut failed, mut chunk) = (None, notices.chunk());
    let first = chunk.rows();
    assert!(notices.deliver_some(&mut failed, &mut chunk).await.unwrap());
    assert_eq!((told().await, commits.recv().await), (first, Some(first as usize)));
    // As the first of several pieces says that it is kept, all of them are; each was a transaction of its own.
    let second = chunk.rows();
    let seen = async {
        let piece = commits.recv().await;
        (piece, told().await)
    };
    let (left, (piece, seen)) = tokio::join!(notices.deliver_some(&mut failed, &mut chunk), seen);
    assert!(left.unwrap());
    assert_eq!((piece, seen), (Some(second as usize), told().await));
    assert!(seen > first + second, "{seen} of {first} and pieces of {second}");
    notices.deliver().await.unwrap();
    assert_eq!(told().await, PEOPLE);
    is_sound(&db).await;
}

#[tokio::test]
async fn a_piece_that_fails_takes_none_along_that_is_kept_with_it() {
    const PEOPLE: i64 = 1_500;
    let place = Place::new(On::Sqlite);
    let db = Db::at(&place).await;
    let clock = Clock::manual(Time(1000));
    let notices = Notices::new(db.clone(), clock.clone());
    let event = EventId(Uuid::from_u128(77));
    crowd(&db, event, PEOPLE).await;
    write(&db, &Trigger::Changed { event }, 1).await;
    let (mut failed, mut chunk) = (None, notices.chunk());
    assert!(notices.deliver_some(&mut failed, &mut chunk).await.unwrap() && failed.is_none());
    let (first, many) = (CHUNK.start(), chunk.rows());
    // The second of those that are kept together has somebody whom nothing can be told.
    let mut tx = db.begin(Lane::Other).await.unwrap();
    tx.sql("create table deaf (member_id blob primary key)").run().await.unwrap();
    tx.sql("insert into deaf (member_id) select member_id from entries where event_id = $1 and rank = $2")
        .bind(event)
        .bind(first + many + 1)
        .run()
        .await
        .unwrap();
    tx.sql(
        "create trigger deaf_ear before insert on notices when new.member_id in (select member_id from deaf)
         begin select raise(abort, 'nobody hears'); end",
    )
    .run()
    .await
    .unwrap();
    tx.commit().await.unwrap();
    assert!(TOGETHER >= 2 * many, "pieces of {many} are kept alone");
    notices.deliver_some(&mut failed, &mut chunk).await.unwrap();
    assert!(failed.take().is_some_and(|error| error.to_string().contains("nobody hears")));
    let told = async || {
        let told =
            "select count(*), count(distinct member_id), coalesce(max(number), 0) from notices where event_id = $1";
        db.sql(told).bind(event).one::<(i64, i64, i64)>().await.unwrap()
    };
    assert_eq!(
        told().await,
        (first + many, first + many, 1),
        "the piece before it was kept, what is behind it was not"
    );
    // It rests, and goes on where it was.
    notices.deliver().await.unwrap();
    assert_eq!(told().await.0, first + many);
    change(&db, "drop trigger deaf_ear").await;
    clock.set(Time(1000) + MINUTE);
    notices.deliver().await.unwrap();
    assert_eq!(told().await, (PEOPLE, PEOPLE, 1));
    is_sound(&db).await;
}

both!(everybody_is_told_once_wherever_telling_them_is_cut_short, "multi_thread");
async fn everybody_is_told_once_wherever_telling_them_is_cut_short(on: On) {
    const PEOPLE: i64 = 700;
    let place = Place::new(on);
    let db = Db::at(&place).await;
    let event = EventId(Uuid::from_u128(77));
    crowd(&db, event, PEOPLE).await;
    write(&db, &Trigger::Edited { event }, 1).await;
    // Again and again a program begins that ends before it is done, each a little later.
    let mut cut = 0;
    while db.sql("select 1 from outbox where done_at is null").exists().await.unwrap() {
        cut += 1 + cut / 8;
        let notices = Notices::new(db.clone(), Clock::manual(Time(1000 + cut)));
        let _ = tokio::time::timeout(std::time::Duration::from_millis(cut as u64), notices.deliver()).await;
    }
    let told = "select count(*), count(distinct member_id), max(number) from notices where event_id = $1";
    let told: (i64, i64, i64) = db.sql(told).bind(event).one().await.unwrap();
    assert_eq!(told, (PEOPLE, PEOPLE, 1), "after {cut} programs");
    is_sound(&db).await;
}

/// What is told now, as numbers: of a notice its own, else nothing.
async fn told(following: &mut Following) -> (Vec<u64>, Option<Told>) {
    let told = following.read().await.unwrap();
    let of_notice = |told: &Told| match &told.news {
        News::Notice { number, .. } => Some(*number),
        News::Unread | News::Reset => None,
    };
    (told.iter().filter_map(of_notice).collect(), told.into_iter().last())
}

both!(who_follows_goes_on_from_their_number);
async fn who_follows_goes_on_from_their_number(on: On) {
    let place = Place::new(on);
    let db = Db::at(&place).await;
    let notices = Notices::new(db.clone(), Clock::manual(Time(1000)));
    let members = members(&db, 2).await;
    let me = actor(members[0]);
    assert!(notices.follow(&Actor::Visitor, After::Now).is_err());
    let mut following = notices.follow(&me, After::Now).unwrap();
    following.woken().await;
    let at_first = Told { number: 0, unread: 0, news: News::Unread };
    assert_eq!(told(&mut following).await, (vec![], Some(at_first)), "from where to go on");
    assert_eq!(told(&mut following).await, (vec![], None));
    tell(&db, &members, &Notice::Changed).await;
    testing::soon("they are woken", following.woken()).await;
    tell(&db, &members[..1], &Notice::Expired).await;
    // The one that woke them, and then the other.
    let (numbers, last) = told(&mut following).await;
    assert_eq!((numbers, last.map(|told| (told.number, told.unread))), (vec![1], Some((1, 1))));
    testing::soon("they are woken", following.woken()).await;
    let (numbers, last) = told(&mut following).await;
    assert_eq!((numbers, last.map(|told| (told.number, told.unread))), (vec![2], Some((2, 2))));
    // From anywhere that can be replayed.
    for seen in 0..=2 {
        let mut another = notices.follow(&me, After::Number(seen)).unwrap();
        assert_eq!(told(&mut another).await.0, (seen + 1..=2).collect::<Vec<_>>());
        assert_eq!(told(&mut another).await, (vec![], None), "nothing twice");
    }
    // From a number that was never given, and from nowhere.
    for after in [After::Number(3), After::Number(u64::MAX), After::Unknown] {
        let mut another = notices.follow(&me, after).unwrap();
        let reset = Told { number: 2, unread: 2, news: News::Reset };
        assert_eq!(told(&mut another).await, (vec![], Some(reset)), "{after:?}");
    }
    // Read elsewhere.
    notices.read_all(&me).await.unwrap();
    testing::soon("they are woken", following.woken()).await;
    let read = Told { number: 2, unread: 0, news: News::Unread };
    assert_eq!(told(&mut following).await, (vec![], Some(read)));
    // Written and deleted before anybody looked: nothing to tell, and nothing to go back to.
    tell(&db, &members[..1], &Notice::Sent).await;
    let list = notices.of(&me, None).await.unwrap();
    let newest = list.lines.rows.iter().max_by_key(|line| line.number).unwrap();
    notices.delete(&me, newest.id).await.unwrap();
    let (numbers, last) = told(&mut following).await;
    assert_eq!((numbers, last.map(|told| told.number)), (vec![], Some(3)));
    // More than is replayed.
    for _ in 0..=REPLAYED {
        tell(&db, &members[..1], &Notice::Changed).await;
    }
    let (numbers, last) = told(&mut following).await;
    assert_eq!((numbers, last.map(|told| told.news)), (vec![], Some(News::Reset)));
    let mut another = notices.follow(&me, After::Number(4)).unwrap();
    assert_eq!(told(&mut another).await.0.len() as u64, REPLAYED);
}

/// How often was read for those who follow.
fn reads(notices: &Notices) -> u64 {
    notices.reader.reads.load(std::sync::atomic::Ordering::Relaxed)
}

both!(what_many_are_told_is_handed_to_those_who_follow_and_not_read_for_them);
async fn what_many_are_told_is_handed_to_those_who_follow_and_not_read_for_them(on: On) {
    const PEOPLE: i64 = 5;
    let place = Place::new(on);
    let db = Db::at(&place).await;
    let notices = Notices::new(db.clone(), Clock::manual(Time(1000)));
    let (event, creator) = entrant(&db, 7).await;
    let mut tx = db.begin(Lane::Other).await.unwrap();
    tx.sql(
        "insert into events (id, request_id, creator_id, kind, title, summary, description, category, opens_at, closes_at, rules,
            offer, capacity, created_at)
         values ($1, $1, $2, 'giveaway', '\"겨울\" 머그 🦦', '', '', 'living', 0, 1, '', '{}', 1, 0)",
    )
    .bind(event)
    .bind(creator)
    .run()
    .await
    .unwrap();
    tx.sql("delete from entries").run().await.unwrap();
    tx.commit().await.unwrap();
    crowd(&db, event, PEOPLE).await;
    let members: Vec<_> = (1..=PEOPLE).map(|rank| MemberId(Uuid::from_u128(1_000_000 + rank as u128))).collect();
    let mut followings: Vec<_> =
        members.iter().map(|member| notices.follow(&actor(*member), After::Now).unwrap()).collect();
    for following in &mut followings {
        testing::soon("it begins", following.woken()).await;
        assert!(told(following).await.0.is_empty());
    }
    let before = reads(&notices);
    let reason = "\"따옴표\" \\ '하나' \u{1f} 👩‍👩‍👧";
    write(&db, &Trigger::CalledOff { event, reason: reason.into(), by: None }, 1).await;
    write(&db, &Trigger::Changed { event }, 2).await;
    notices.deliver().await.unwrap();
    let mut shared: Vec<Arc<Saying>> = Vec::new();
    for (following, member) in followings.iter_mut().zip(&members) {
        let mut handed = Vec::new();
        for _ in 0..2 {
            testing::soon("they are woken", following.woken()).await;
            handed.extend(following.read().await.unwrap());
        }
        assert_eq!(reads(&notices), before, "nothing was read");
        let said: Vec<_> = handed.iter().map(|told| (told.number, told.unread)).collect();
        assert_eq!(said, [(1, 1), (2, 2)]);
        // It is what is stored.
        let stored = notices.of(&actor(*member), None).await.unwrap().lines.rows;
        for told in &handed {
            match &told.news {
                News::Notice { id, number, said } => {
                    let line = said.line(*id, *number);
                    assert!(stored.contains(&line), "{line:?} in {stored:?}");
                    shared.push(said.clone());
                }
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(stored.len(), 2);
    }
    assert!(shared.iter().enumerate().all(|(nth, said)| Arc::ptr_eq(said, &shared[nth % 2])), "read once for all");
    // Where one was lost on the way, what is missing is read, in its order; and nothing is told twice.
    let following = &mut followings[0];
    for _ in 0..3 {
        tell(&db, &members, &Notice::Expired).await;
        testing::soon("they are woken", following.woken()).await;
    }
    assert_eq!(told(following).await.0, [3, 4, 5]);
    assert_eq!(reads(&notices), before + 1);
    // What came before is not told again, as when it was read before its wake was heard.
    let late = &mut followings[1];
    assert_eq!(told(late).await.0, [3, 4, 5]);
    for _ in 0..3 {
        testing::soon("they are woken", late.woken()).await;
        assert_eq!(told(late).await, (vec![], None));
    }
    is_sound(&db).await;
}

#[tokio::test]
async fn what_one_node_tells_is_handed_to_those_who_follow_on_another() {
    let place = Place::new(On::Sqlite);
    let db = Db::at(&place).await;
    let members = members(&db, 1).await;
    let (redis, tasks) = (cluster::testing::shared().await, Tasks::surviving());
    let node = || {
        let bus = Bus::redis(redis.clone(), &tasks);
        (Notices::on(db.clone(), Clock::manual(Time(1000)), bus.clone()), bus)
    };
    let ((_, here), (there, _)) = (node(), node());
    db.tell(teller(here, Arc::default()));
    let mut following = there.follow(&actor(members[0]), After::Now).unwrap();
    testing::soon("it begins", following.woken()).await;
    assert!(told(&mut following).await.0.is_empty());
    tell(&db, &members, &Notice::Expired).await;
    testing::soon("they are woken", following.woken()).await;
    assert_eq!((told(&mut following).await.0, reads(&there)), (vec![1], 1));
}

#[tokio::test]
async fn a_node_is_sent_only_what_those_who_follow_there_need() {
    let place = Place::new(On::Sqlite);
    let db = Db::at(&place).await;
    let members = members(&db, 2).await;
    let (redis, tasks) = (cluster::testing::shared().await, Tasks::surviving());
    let node = || Notices::on(db.clone(), Clock::manual(Time(1000)), Bus::redis(redis.clone(), &tasks));
    let (one, two) = (node(), node());
    // How many nodes are sent what either of them is told.
    let nodes = async || {
        let mut counts = [0; 2];
        for (count, member) in counts.iter_mut().zip(&members) {
            let channel = redis.keys().channel(Topic::Notices(*member));
            let answer: HashMap<String, u64> =
                redis::cmd("PUBSUB").arg("NUMSUB").arg(&channel).query_async(&mut redis.clone()).await.unwrap();
            *count = answer[&channel];
        }
        counts
    };
    assert_eq!(nodes().await, [0, 0]);
    let here = one.follow(&actor(members[0]), After::Now).unwrap();
    let again = one.follow(&actor(members[0]), After::Now).unwrap();
    testing::eventually("one node is sent one member's, once", async || nodes().await == [1, 0]).await;
    let there = two.follow(&actor(members[1]), After::Now).unwrap();
    testing::eventually("each is sent its own", async || nodes().await == [1, 1]).await;
    drop((here, there));
    testing::eventually("what nobody needs there is sent no more", async || nodes().await == [1, 0]).await;
    drop(again);
    testing::eventually("nothing is sent", async || nodes().await == [0, 0]).await;
}

both!(who_comes_back_after_many_notices_is_read_for_with_few_others);
async fn who_comes_back_after_many_notices_is_read_for_with_few_others(on: On) {
    const EACH: u64 = 50;
    let place = Place::new(on);
    let db = Db::at(&place).await;
    let notices = Notices::new(db.clone(), Clock::manual(Time(1000)));
    let members = members(&db, 30).await;
    for _ in 0..EACH {
        tell(&db, &members, &Notice::Changed).await;
    }
    let follow = |member: &MemberId| notices.follow(&actor(*member), After::Number(0)).unwrap();
    let mut followings: Vec<Following> = members.iter().map(follow).collect();
    let mut all: Vec<_> = followings.iter_mut().map(|following| Box::pin(told(following))).collect();
    // All of them ask before anybody reads.
    let turn = notices.reader.turn.lock().await;
    for asking in &mut all {
        assert!(futures::poll!(asking).is_pending());
    }
    drop(turn);
    for (numbers, _) in testing::soon("everybody is told", futures::future::join_all(all)).await {
        assert_eq!(numbers, (1..=EACH).collect::<Vec<_>>());
    }
    assert_eq!(reads(&notices), 2, "20 of them, then 10");
}

both!(who_is_woken_at_once_is_read_for_together);
async fn who_is_woken_at_once_is_read_for_together(on: On) {
    const PEOPLE: i64 = 600;
    let place = Place::new(on);
    let db = Db::at(&place).await;
    let notices = Notices::new(db.clone(), Clock::manual(Time(1000)));
    crowd(&db, EventId(Uuid::from_u128(77)), PEOPLE).await;
    let members: Vec<_> = (1..=PEOPLE).map(|rank| MemberId(Uuid::from_u128(1_000_000 + rank as u128))).collect();
    // Two of each, from numbers of their own: of none, of one or of two notices.
    let follow = |after| members.iter().map(move |member| (*member, After::Number(after)));
    tell(&db, &members, &Notice::Changed).await;
    for thinned in [2, 3] {
        let some: Vec<_> = members.iter().copied().step_by(thinned).collect();
        tell(&db, &some, &Notice::Expired).await;
    }
    let mut followings: Vec<Following> =
        follow(0).chain(follow(1)).map(|(member, after)| notices.follow(&actor(member), after).unwrap()).collect();
    let all = futures::future::join_all(followings.iter_mut().map(told)).await;
    for (nth, (numbers, _)) in all.into_iter().enumerate() {
        let (rank, seen) = (nth % members.len(), (nth / members.len()) as u64);
        let last = 1 + u64::from(rank % 2 == 0) + u64::from(rank % 3 == 0);
        assert_eq!(numbers, (seen + 1..=last).collect::<Vec<_>>(), "{nth} hears their own");
    }
    let reads = reads(&notices);
    assert!((1..=20).contains(&reads), "{reads} reads for {}", 2 * members.len());
    // Whoever reads for others goes away.
    tell(&db, &members[..2], &Notice::Changed).await;
    let [one, another, ..] = &mut followings[..] else { unreachable!() };
    let (mut reading, mut waiting) = (Box::pin(told(one)), Box::pin(told(another)));
    let turn = notices.reader.turn.lock().await;
    assert!(futures::poll!(&mut reading).is_pending() && futures::poll!(&mut waiting).is_pending());
    drop(turn);
    let went_away = futures::poll!(&mut reading).is_pending();
    drop(reading);
    assert_eq!(testing::soon("another reads", waiting).await.0.len(), 1);
    assert_eq!(told(&mut followings[0]).await.0.len(), usize::from(went_away), "nothing is lost");
}

both!(who_favours_an_item_far_away_costs_a_party_nothing);
async fn who_favours_an_item_far_away_costs_a_party_nothing(on: On) {
    let place = Place::new(on);
    let db = Db::at(&place).await;
    let notices = Notices::new(db.clone(), Clock::manual(Time(1_000_000)));
    let (market, item) = (MarketId(Uuid::from_u128(1)), ItemId(Uuid::from_u128(2)));
    let mut chunk = notices.chunk();
    // As many as are told at once.
    let far = chunk.rows();
    let mut tx = db.begin(Lane::Other).await.unwrap();
    // Beside the date line, over which some of the homes around it are.
    tx.sql(
        "insert into markets (id, name, key, kind, address, latitude, longitude, cell, demonstration, created_at)
         values ($1, '섬마트', 'island', 'mart', '', 37.5, 179.95, 0, false, 0)",
    )
    .bind(market)
    .run()
    .await
    .unwrap();
    tx.sql(
        "insert into items (id, category, name, key, initials, created_at) values ($1, 'food', '쌀', '쌀', 'ㅆ', 0)",
    )
    .bind(item)
    .run()
    .await
    .unwrap();
    let mut people = Vec::new();
    for number in 0..far + 20 {
        let member = accounts::testing::insert(&mut tx, 1_000 + number as u128).await;
        people.push(member);
        // The first to favour it, and most, live far away. Of some the home was known before.
        let near = [(37.5, 179.95), (37.589, 179.95), (37.411, 179.95), (37.5, -179.95), (37.5, 179.85)];
        let (latitude, longitude) = if number < far { (35.1, 129.0) } else { near[number as usize % 5] };
        let is_known = number % 2 == 0;
        for step in [is_known, !is_known] {
            if step {
                let home = tx.sql("insert into homes (member_id, latitude, longitude, at) values ($1, $2, $3, 0)");
                home.bind(member).bind(latitude).bind(longitude).run().await.unwrap();
            } else {
                let favour = tx.sql("insert into favourite_items (member_id, item_id, at) values ($1, $2, $3)");
                favour.bind(member).bind(item).bind(1 + number).run().await.unwrap();
            }
        }
    }
    let (moved, forgot) = (people[far as usize], people[far as usize + 1]);
    let moves = tx.sql("update homes set latitude = 38.5 where member_id = $1").bind(moved);
    moves.run().await.unwrap();
    tx.sql("delete from homes where member_id = $1").bind(forgot).run().await.unwrap();
    tx.commit().await.unwrap();
    let (by, at, notice) = (people[far as usize + 2], Time(900_000), Notice::Changed);
    write(&db, &Trigger::FavouredItem { item, market, by, at, notice }, 900_000).await;
    assert!(!notices.deliver_some(&mut None, &mut chunk).await.unwrap(), "one piece is enough");
    let told = db.sql("select member_id from notices order by member_id").all::<(MemberId,)>().await.unwrap();
    let told: Vec<MemberId> = told.into_iter().map(|(member,)| member).collect();
    assert_eq!(told, people[far as usize + 3..]);
}
