//! Several nodes of one site: what people on one of them do, those on the others see.

use crate::support::{
    Cluster, Person, Site, client,
    history::{History, check},
    listening::{Listening, tell},
    make_event, request,
    socket::Page,
};
use engine::{accounts::Actor, clock::Clock, db::Db, demo::Demo, events::EventForm, turnstile::ClickAnswer};
use model::{
    DAY, Entry, EntryError, EventId, EventState, HOUR, MINUTE, MemberId, SECOND, Time,
    live::{Said, ToServer},
};
use std::{
    collections::HashMap,
    sync::{
        Arc, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use testing::{Stalls, eventually, run_for, soon};
use tokio::{task::JoinSet, time::sleep};

/// The same people, at another node.
fn at(site: &Site, people: &[Person]) -> Vec<Person> {
    people.iter().map(|person| Person { address: site.address, ..person.clone() }).collect()
}

/// Entries as the database has them.
async fn stored(site: &Site, event: EventId) -> HashMap<MemberId, Entry> {
    let handle = site.engine.turnstile.event(event).await.unwrap();
    let rows: Vec<(MemberId,)> =
        site.engine.db.sql("select member_id from entries where event_id = $1").bind(event).all().await.unwrap();
    rows.into_iter().map(|(member,)| (member, handle.ledger.entry(member).unwrap())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn people_on_different_nodes_are_in_one_room() {
    let cluster = Cluster::new();
    let (one, two) = (Site::node(&cluster).await, Site::node(&cluster).await);
    let creator = one.creator().await;
    let event = make_event(&one.engine, creator.member, SECOND, 3).await;
    let people = one.people(40).await;
    let mut here = Page::join(&one, Some(&people[0]), event).await;
    let mut there = Page::join(&two, Some(&people[1]), event).await;
    here.until(|page, _| page.room().present == 2).await;
    there.until(|page, _| page.room().present == 2).await;

    // They talk, both at once: everybody reads the same in the same order.
    for line in 0..3 {
        for page in [&mut here, &mut there] {
            page.send(&ToServer::Say { event, request: request(), text: format!("{line}") }).await;
        }
    }
    let lines = |page: &Page| -> Vec<(u64, String)> {
        let said = page.chat.iter().filter_map(|line| match &line.said {
            Said::Member { text, nickname, .. } => Some((line.number, format!("{nickname}: {text}"))),
            _ => None,
        });
        said.collect()
    };
    here.until(|page, _| lines(page).len() == 6).await;
    there.until(|page, _| lines(page).len() == 6).await;
    assert_eq!(lines(&here), lines(&there));
    assert!(lines(&here).windows(2).all(|pair| pair[0].0 < pair[1].0));

    if here.room().state != EventState::Open {
        here.until(|page, _| page.room().state == EventState::Open).await;
    }
    let history = History::default();
    let mut pressing = JoinSet::new();
    let (left, right) = (at(&one, &people), at(&two, &people));
    for (n, (left, right)) in left.into_iter().zip(right).enumerate() {
        let history = history.clone();
        pressing.spawn(async move {
            history.pressed(left.member);
            let (first, second) = if n % 2 == 0 { (left, right) } else { (right, left) };
            let (status, entry) = first.enter(event).await;
            history.told(first.member, entry);
            assert_eq!(status, 201);
            assert_eq!(second.enter(event).await, (200, entry), "a repeat, on whichever node");
        });
    }
    while let Some(pressed) = pressing.join_next().await {
        pressed.unwrap();
    }
    here.until(|page, _| page.room().total == 40).await;
    there.until(|page, _| page.room().total == 40).await;
    assert_eq!(here.room().top, there.room().top);
    assert_eq!(here.room().recent, there.room().recent);
    check(&history.so_far(), &stored(&one, event).await);
    check(&history.so_far(), &stored(&two, event).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_stops_hands_over_without_refusing_a_click() {
    let cluster = Cluster::new();
    let mut nodes = vec![Site::node(&cluster).await];
    let creator = nodes[0].creator().await;
    let event = make_event(&nodes[0].engine, creator.member, -SECOND, 10).await;
    let people = nodes[0].people(300).await;
    let history = History::default();
    // Each presses through the node that will live on.
    let survivor = Site::node(&cluster).await;
    let pressing = {
        let (history, people) = (history.clone(), at(&survivor, &people));
        tokio::spawn(async move {
            let client = client();
            for person in people {
                history.pressed(person.member);
                let answer = person.press(&client, event).await.unwrap();
                assert_eq!(answer.status(), 201);
                history.told(person.member, answer.json().await.unwrap());
            }
        })
    };
    for _ in 0..2 {
        sleep(Duration::from_millis(150)).await;
        let mut leaving = nodes.pop().unwrap();
        leaving.stop();
        nodes.push(Site::node(&cluster).await);
    }
    soon("everybody has pressed", pressing).await.unwrap();
    check(&history.so_far(), &stored(&survivor, event).await);
    let (_, violations) = engine::check(&survivor.engine.db).await.unwrap();
    assert!(violations.is_empty(), "{}", violations[0]);
}

/// What a newer program may do to the schema while older ones go on: it adds.
const NEWER: &str = "
    alter table events add column rating bigint;
    alter table entries add column source text;
    alter table tallies add column rejected bigint not null default 0;
    alter table claims add column carrier text;
    alter table members add column locale text not null default 'ko';
    alter table sessions add column place text;
    alter table shards add column moved_at bigint;
    alter table nodes add column version text;
    create table ratings (event_id uuid not null, member_id uuid not null, stars bigint not null, primary key (event_id, member_id));
    create index entries_by_member on entries (member_id);";

#[tokio::test(flavor = "multi_thread")]
async fn newer_nodes_take_the_place_of_older_ones_during_an_event_and_add_to_the_schema() {
    let cluster = Cluster::new();
    let mut nodes = vec![Site::node(&cluster).await, Site::node(&cluster).await];
    let creator = nodes[0].creator().await;
    let event = make_event(&nodes[0].engine, creator.member, -SECOND, 100).await;
    // More than press while the nodes are replaced.
    let people = nodes[0].people(3000).await;
    let history = History::default();
    // Who is there, as the balancer in front knows it: whoever refuses a connection is left out.
    let addresses = Arc::new(RwLock::new(vec![nodes[0].address, nodes[1].address]));
    let replaced = Arc::new(AtomicBool::new(false));
    let pressing = {
        let (history, addresses, replaced) = (history.clone(), addresses.clone(), replaced.clone());
        tokio::spawn(async move {
            let client = client();
            let mut at_newer_ones = 0;
            for (n, person) in people.into_iter().enumerate() {
                // Some press at the newer ones alone.
                at_newer_ones += usize::from(replaced.load(Ordering::Relaxed));
                if at_newer_ones > 50 {
                    return;
                }
                history.pressed(person.member);
                let there = addresses.read().unwrap().clone();
                let turns = there.iter().cycle().skip(n % 2).take(2);
                let mut answer = None;
                for address in turns {
                    let person = Person { address: *address, ..person.clone() };
                    if let Ok(said) = person.press(&client, event).await {
                        answer = Some(said);
                        break;
                    }
                }
                let answer = answer.expect("one of the nodes answers");
                let (status, said) = (answer.status(), answer.text().await.unwrap());
                assert_eq!(status, 201, "{said}");
                history.told(person.member, serde_json::from_str(&said).unwrap());
                sleep(Duration::from_millis(2)).await;
            }
            panic!("there were too few people");
        })
    };
    let schema = testing::newer_schema(NEWER).await;
    let config = cluster.config();
    let url = &config.database_url.as_ref().unwrap().0;
    for n in 0..2 {
        sleep(Duration::from_millis(400)).await;
        // The first brings the schema up to date while both of the older ones are at work.
        let db = Db::connect_by(url, &schema).await.unwrap();
        let newer = Site::node_on(&cluster, db, Clock::system()).await;
        sleep(Duration::from_millis(200)).await;
        addresses.write().unwrap()[n] = newer.address;
        nodes[n].stop();
        nodes.push(newer);
    }
    replaced.store(true, Ordering::Relaxed);
    soon("everybody has pressed", pressing).await.unwrap();
    let newer = &nodes[3];
    check(&history.so_far(), &stored(newer, event).await);
    let (_, violations) = engine::check(&newer.engine.db).await.unwrap();
    assert!(violations.is_empty(), "{}", violations[0]);
    let (columns,): (i64,) =
        newer.engine.db.sql("select count(rejected) from tallies where event_id = $1").bind(event).one().await.unwrap();
    assert_eq!(columns, 1);
    // An older one is told that it is too late for it.
    let late = config.database().await.err().unwrap().to_string();
    assert!(late.contains("newer than this program"), "{late}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_that_start_a_demonstration_at_once_make_one() {
    let cluster = Cluster::new();
    let (one, two) = (Site::node(&cluster).await, Site::node(&cluster).await);
    let (here, there) = tokio::join!(Demo::start(&one.engine, false), Demo::start(&two.engine, false));
    for demo in [here.unwrap(), there.unwrap()] {
        demo.completed().await;
    }
    // Both look again what is missing.
    run_for(Duration::from_secs(6)).await;
    let db = &one.engine.db;
    let openings: Vec<(Time,)> =
        db.sql("select opens_at from events where kind = 'giveaway' order by opens_at").all().await.unwrap();
    let now = one.engine.clock.now();
    let ahead: Vec<Time> = openings.iter().map(|(opens_at,)| *opens_at).filter(|opens_at| *opens_at > now).collect();
    assert_eq!((openings.len(), ahead.len()), (8 + 3, 3));
    assert!(ahead.windows(2).all(|pair| pair[1].since(pair[0]) == 3 * MINUTE), "{ahead:?}");
    let (people, entered): (i64, i64) =
        db.sql("select (select count(*) from members), (select count(*) from entries)").one().await.unwrap();
    assert_eq!(people, 2 + 4 + 240);
    assert!(entered > 1000, "{entered}");
    // What is sold, each of it once.
    let (all, kinds): (i64, i64) = db
        .sql("select count(*), count(distinct cast(opens_at as text) || title) from events where kind <> 'giveaway'")
        .one()
        .await
        .unwrap();
    assert!(all > 30 && all == kinds, "{all} {kinds}");
    // Parties in every state, of those that are over one each.
    let parties: Vec<(String, bool, i64)> = db
        .sql("select state, meets_to < $1, count(*) from parties group by 1, 2")
        .bind(now - model::DAY)
        .all()
        .await
        .unwrap();
    let count = |state: &str, over: bool| {
        let rows = parties.iter().filter(|(of, ended, _)| of == state && *ended == over);
        rows.map(|(.., count)| *count).sum::<i64>()
    };
    assert!(count("recruiting", false) > 5 && count("full", false) > 1, "{parties:?}");
    let over = count("full", true) + count("recruiting", true) + count("expired", true);
    assert_eq!((count("done", false), count("cancelled", false), over), (1, 1, 1), "{parties:?}");
    let (events, violations) = engine::check(db).await.unwrap();
    assert_eq!((events as i64, violations.len()), (8 + 3 + all, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_event_has_a_sequencer_however_nodes_come_and_go() {
    let cluster = Cluster::new();
    let mut nodes = Vec::new();
    // With three, shares are uneven: whoever has fewer than its share asks for more at every beat.
    for _ in 0..3 {
        nodes.push(Site::node(&cluster).await);
    }
    let creator = nodes[0].creator().await;
    let person = nodes[0].people(1).await.remove(0);
    let mut events = Vec::new();
    for _ in 0..48 {
        events.push(make_event(&nodes[0].engine, creator.member, -SECOND, 1).await);
    }
    run_for(Duration::from_secs(4)).await;
    nodes.push(Site::node(&cluster).await);
    run_for(Duration::from_secs(2)).await;
    let mut pressing = JoinSet::new();
    for (n, event) in events.into_iter().enumerate() {
        let person = Person { address: nodes[n % 4].address, ..person.clone() };
        pressing.spawn(async move { (n, person.press(&client(), event).await.unwrap().status().as_u16()) });
    }
    while let Some(pressed) = pressing.join_next().await {
        let (n, status) = pressed.unwrap();
        assert_eq!(status, 201, "nobody sequences event {n}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_whose_clock_stopped_keeps_no_event_from_the_others() {
    let cluster = Cluster::new();
    let one = Site::node(&cluster).await;
    // It begins with the time that all have, takes its share, and stays where it is.
    let db = cluster.config().database().await.unwrap();
    let _stopped = Site::node_on(&cluster, db, Clock::manual(Time(0))).await;
    let creator = one.creator().await;
    let person = one.people(1).await.remove(0);
    let mut events = Vec::new();
    for _ in 0..32 {
        events.push(make_event(&one.engine, creator.member, -SECOND, 1).await);
    }
    run_for(Duration::from_secs(6)).await;
    let mut pressing = JoinSet::new();
    for event in events {
        let person = person.clone();
        pressing.spawn(async move { person.press(&client(), event).await.unwrap().status().as_u16() });
    }
    while let Some(pressed) = pressing.join_next().await {
        assert_eq!(pressed.unwrap(), 201);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_no_record_reaches_every_node() {
    let cluster = Cluster::new();
    let nodes = [Site::node(&cluster).await, Site::node(&cluster).await];
    let creator = nodes[0].creator().await.member;
    // Other places, before anybody entered.
    let opens_at = nodes[0].engine.clock.now() + HOUR;
    let mut form = EventForm {
        title: "머그".into(),
        category: "living".into(),
        opens_at: opens_at.to_local(),
        closes_at: (opens_at + HOUR).to_local(),
        prizes: vec![("머그".into(), "goods".into(), "3".into())],
        ..EventForm::default()
    };
    let later = make_event(&nodes[0].engine, creator, HOUR, 3).await;
    let mut pages = Vec::new();
    for node in &nodes {
        pages.push(Page::join(node, None, later).await);
    }
    for places in [5, 4] {
        form.prizes[0].2 = places.to_string();
        nodes[0].engine.events.edit(&Actor::host(creator), later, &form, None, false).await.unwrap();
        for page in &mut pages {
            page.until(|page, _| page.room().capacity == places).await;
        }
        for node in &nodes {
            assert_eq!(node.engine.turnstile.event(later).await.unwrap().ledger.state().capacity, places);
        }
    }

    // That it is over, which one click found out: from then on every node refuses by itself.
    let over = make_event(&nodes[0].engine, creator, -2 * HOUR, 3).await;
    let person = nodes[0].people(1).await.remove(0);
    for node in &nodes {
        let here = Person { address: node.address, ..person.clone() };
        eventually("it is known to be over", async || {
            assert_eq!(here.press(&client(), over).await.unwrap().status(), 409);
            let handle = node.engine.turnstile.event(over).await.unwrap();
            handle.ledger.certain(person.member) == Some(ClickAnswer::Refused(EntryError::Closed.into()))
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_texts_alone_reaches_the_rooms_of_every_node() {
    let cluster = Cluster::new();
    let (one, two) = (Site::node(&cluster).await, Site::node(&cluster).await);
    let creator = one.creator().await.member;
    let event = make_event(&one.engine, creator, DAY, 3).await;
    let mut here = Page::join(&one, None, event).await;
    let mut there = Page::join(&two, None, event).await;
    let opens_at = one.engine.clock.now() + DAY;
    let mut form = EventForm {
        category: "living".into(),
        opens_at: opens_at.to_local(),
        closes_at: (opens_at + HOUR).to_local(),
        prizes: vec![("머그".into(), "goods".into(), "3".into())],
        ..EventForm::default()
    };
    for n in 1..=3 {
        form.title = format!("머그 {n}");
        one.engine.events.edit(&Actor::host(creator), event, &form, None, false).await.unwrap();
        let revised = here.room().revised.max(there.room().revised);
        here.until(|page, _| page.room().revised > revised).await;
        there.until(|page, _| page.room().revised > revised).await;
    }
    assert_eq!(here.room().revised, there.room().revised);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_called_off_while_nobody_sequenced_it_lets_nobody_in() {
    let cluster = Cluster::new();
    let one = Site::node(&cluster).await;
    let creator = one.creator().await;
    let event = make_event(&one.engine, creator.member, -SECOND, 5).await;
    let person = one.people(1).await.remove(0);
    // Known here as it was.
    one.engine.turnstile.event(event).await.unwrap();
    one.engine.turnstile.hand_over().await;
    one.engine.events.cancel(&Actor::host(creator.member), event, "몸이 아파요").await.unwrap();
    // As a page does: whoever is told to try again does.
    let pressing = tokio::spawn(async move {
        loop {
            match person.press(&client(), event).await.unwrap().status().as_u16() {
                503 => sleep(Duration::from_millis(20)).await,
                status => return status,
            }
        }
    });
    sleep(Duration::from_millis(500)).await;
    let _two = Site::node(&cluster).await;
    assert_eq!(soon("they are told", pressing).await.unwrap(), 409);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_told_by_one_node_that_they_are_in_is_known_to_the_other_soon() {
    let cluster = Cluster::new();
    let (one, two) = (Site::node(&cluster).await, Site::node(&cluster).await);
    let creator = one.creator().await;
    let event = make_event(&one.engine, creator.member, SECOND, 3).await;
    let people = one.people(41).await;
    eventually("it is open on both", async || {
        let mut open = true;
        for site in [&one, &two] {
            open &= site.engine.events.view(event, &Actor::Visitor).await.unwrap().card.state == EventState::Open;
        }
        open
    })
    .await;
    // The other node has the event in memory, so that it is told of entries and does not read them.
    assert_eq!(two.engine.turnstile.entry(event, people[0].member).await.unwrap(), None);
    for (n, person) in people[..40].iter().enumerate() {
        // Whichever of them sequences: pressed at one, asked for at the other at once.
        let (here, there) = if n % 2 == 0 { (&one, &two) } else { (&two, &one) };
        let person = Person { address: here.address, ..person.clone() };
        let (_, entry) = person.enter(event).await;
        let known = there.engine.turnstile.entry_soon(event, person.member).await.unwrap();
        assert_eq!(known.map(|known| known.rank), Some(entry.rank), "{n}");
    }
    // Nobody waits for long for who is not in.
    let (stalls, asked) = (Stalls::watch(), std::time::Instant::now());
    assert_eq!(two.engine.turnstile.entry_soon(event, people[40].member).await.unwrap(), None);
    assert!(stalls.ran_since(asked) < Duration::from_secs(5), "{:?}", asked.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_on_one_node_is_told_by_a_stream_of_another() {
    let cluster = Cluster::new();
    let (one, two) = (Site::node(&cluster).await, Site::node(&cluster).await);
    let creator = one.creator().await;
    let event = make_event(&one.engine, creator.member, -SECOND, 3).await;
    let people = one.people(2).await;
    for person in at(&one, &people) {
        assert_eq!(person.enter(event).await.0, 201);
    }
    // Whatever is told from now on is written by the first node.
    two.engine.jobs.leave().await;
    let there = at(&two, &people);
    let mut numbers = Vec::new();
    let mut listening = Listening::open(&there[0], Some("0")).await;
    for _ in 0..3 {
        tell(&one.engine, event, 1).await;
        numbers.push(listening.notice().await.number());
    }
    // Read at one node, the count is another at the other.
    assert_eq!(at(&one, &people)[0].call("read-notices", &[]).await, 200);
    let mut told = listening.next().await.unwrap();
    while told.event == "notice" {
        numbers.push(told.number());
        told = listening.next().await.unwrap();
    }
    // What they won was told as well.
    assert!(numbers.windows(2).all(|pair| pair[0] + 1 == pair[1]), "{numbers:?}");
    // A browser that goes on at the other node does so from where it was.
    let last: u64 = told.id.parse().unwrap();
    drop(listening);
    tell(&one.engine, event, 1).await;
    let mut elsewhere = Listening::open(&at(&one, &people)[0], Some(&last.to_string())).await;
    assert_eq!(elsewhere.notice().await.number(), last + 1);
    let (_, wrong) = engine::check_payments(&one.engine.db).await.unwrap();
    assert_eq!(wrong, Vec::<String>::new());
}
