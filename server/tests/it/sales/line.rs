//! The line under load, over HTTP: many leave it while as many join.

use super::{Scene, Site, deal};
use crate::support::{Cluster, Person, client, draft, request, socket::Page};
use engine::{accounts::Actor, events::Pictures};
use futures::{StreamExt, future::join_all, stream};
use model::{
    Checkout, Entry, EntryState, EventDraft, EventId, LinePlace, Offer, SECOND,
    live::{ToBrowser, ToServer},
    sales::SaleView,
};
use reqwest::{Client, header};
use std::{
    net::SocketAddr,
    sync::atomic::{AtomicBool, Ordering},
};
use testing::{On, eventually, eventually_some};

const STOCK: u64 = 200;
const AT_ONCE: u32 = 50;
const FIRST: usize = 400;
/// As many leave, and as many join meanwhile.
const MANY: usize = 200;
/// Requests at the same time.
const TOGETHER: usize = 100;

/// What it asks for, at any of these nodes.
struct Line<'a> {
    client: Client,
    nodes: &'a [Site],
    event: EventId,
}

impl Line<'_> {
    fn address(&self, nth: usize) -> SocketAddr {
        self.nodes[nth % self.nodes.len()].address
    }

    async fn press(&self, nth: usize, person: &Person) -> Entry {
        let person = Person { address: self.address(nth), ..person.clone() };
        let answer = person.press(&self.client, self.event).await.unwrap();
        assert_eq!(answer.status(), 201);
        answer.json().await.unwrap()
    }

    /// Leaves, once it is their turn: a site that is busy asks to be asked again.
    async fn leave(&self, nth: usize, person: &Person) -> u16 {
        eventually_some("it is their turn", async || {
            let sent = self.client.post(format!("http://{}/api/leave-line", self.address(nth)));
            let sent = sent.form(&[("event", self.event.to_string())]).header(header::COOKIE, person.cookie());
            let status = sent.send().await.unwrap().status().as_u16();
            (status != 503).then_some(status)
        })
        .await
    }

    /// Where somebody stands, as their checkout page says.
    async fn standing(&self, nth: usize, person: &Person) -> SaleView {
        let page = self.client.get(format!("http://{}/events/{}/checkout", self.address(nth), self.event));
        let page = page.header(header::COOKIE, person.cookie()).header(header::ACCEPT, "application/json");
        page.send().await.unwrap().json().await.unwrap()
    }
}

async fn many_leave_while_as_many_join(nodes: &[Site]) {
    let engine = &nodes[0].engine;
    let seller = nodes[0].creator().await;
    let Offer::Deal { list_price, discount, limit, delivery, details, .. } = deal(STOCK, 1, None) else { panic!() };
    let checkout = Checkout { minutes: Some(30), at_once: Some(AT_ONCE) };
    let offer = Offer::Deal { list_price, discount, stock: STOCK, limit, delivery, checkout, details };
    let draft = EventDraft { offer, ..draft(engine.clock.now() - SECOND, 1) };
    let event = engine.events.create(&Actor::host(seller.member), request(), draft, Pictures::default()).await.unwrap();
    let line = &Line { client: client(), nodes, event };

    let mut people = nodes[0].people(FIRST + MANY).await;
    let new = people.split_off(FIRST);
    let presses = people.into_iter().enumerate().map(|(nth, person)| async move {
        let entry = line.press(nth, &person).await;
        (entry.rank, person)
    });
    let mut first: Vec<(u64, Person)> = stream::iter(presses).buffer_unordered(TOGETHER).collect().await;
    first.sort_unstable_by_key(|(rank, _)| *rank);

    // Every other one leaves: from checkout, from those who wait to be let in, and from those who stand by.
    let (leaving, mut staying): (Vec<_>, Vec<_>) = first.into_iter().partition(|(rank, _)| rank % 2 == 0);
    assert_eq!(leaving.len(), MANY);
    let over = AtomicBool::new(false);
    let watched = &staying[FIRST - MANY - 1].1;
    let watching = async |node: usize| {
        // Nobody is ever put behind whom they were ahead of.
        let mut numbers = vec![u64::MAX];
        while !over.load(Ordering::Relaxed) {
            let place = line.standing(node, watched).await.place.expect("they still wait");
            assert!(place.number <= *numbers.last().unwrap(), "{place:?} after {numbers:?}");
            numbers.push(place.number);
        }
        numbers.len()
    };
    let leave = stream::iter(leaving.iter().enumerate()).map(|(nth, (_, person))| line.leave(nth, person));
    let join = stream::iter(new.into_iter().enumerate()).map(|(nth, person)| async move {
        let entry = line.press(nth + 1, &person).await;
        (entry.rank, person)
    });
    let both = async {
        let both = tokio::join!(
            leave.buffer_unordered(TOGETHER).collect::<Vec<u16>>(),
            join.buffer_unordered(TOGETHER).collect::<Vec<_>>()
        );
        over.store(true, Ordering::Relaxed);
        both
    };
    let ((left, joined), looks) = tokio::join!(both, join_all((0..nodes.len()).map(watching)));
    assert!(left.iter().all(|status| *status == 200), "{left:?}");
    assert!(looks.iter().all(|looks| *looks > 2), "{looks:?}");
    staying.extend(joined);
    staying.sort_unstable_by_key(|(rank, _)| *rank);
    assert_eq!(staying.last().unwrap().0, (FIRST + MANY) as u64);

    // Everybody who is left has moved up: what is sold is held by the first two hundred of them, each of whom has one.
    let holding = STOCK as usize;
    for node in nodes {
        eventually("what became free is somebody's", async || {
            let last = &staying[holding - 1].1;
            let entry = node.engine.turnstile.entry(event, last.member).await.unwrap().unwrap();
            entry.state == EntryState::Given
        })
        .await;
    }
    let looks = staying.iter().enumerate().map(|(nth, (rank, person))| async move {
        let view = line.standing(nth, person).await;
        (nth, *rank, view)
    });
    let mut looks = stream::iter(looks).buffer_unordered(TOGETHER);
    let mut seen = 0;
    while let Some((nth, rank, view)) = looks.next().await {
        let entry = view.entry.unwrap();
        let state = match nth {
            nth if nth < AT_ONCE as usize => EntryState::Checkout,
            nth if nth < holding => EntryState::Given,
            _ => EntryState::Standby,
        };
        assert_eq!((entry.rank, entry.state, u64::from(entry.units)), (rank, state, u64::from(nth < holding)));
        let place = view.place.map(|place| (place.number, place.ahead, place.ahead_units));
        let ahead = nth.checked_sub(AT_ONCE as usize).map(|ahead| ahead as u64);
        let expected = ahead.map(|ahead| (ahead + 1, ahead, nth.saturating_sub(holding) as u64));
        assert_eq!(place, expected, "of rank {rank}, who is number {nth} of all who are left");
        seen += 1;
    }
    assert_eq!(seen, FIRST);
    let again = join_all(leaving.iter().take(20).enumerate().map(|(nth, (_, person))| line.leave(nth, person))).await;
    assert_eq!(again, [409; 20], "once");

    // Each unit was offered to one at a time: so many times as it came back.
    nodes[0].decided().await;
    assert_eq!(engine::check(&engine.db).await.unwrap().1, []);
    let sums: (i64, i64, i64) =
        engine.db.sql("select capacity, sold, held from tallies where event_id = $1").bind(event).one().await.unwrap();
    assert_eq!(sums, (STOCK as i64, 0, STOCK as i64));
    engine.giveaways.catch_up(&engine.notices).await.unwrap();
    let orders = "select count(*) from orders where event_id = $1 and state = 'awaiting_payment'";
    assert_eq!(
        nodes[0].count(orders, event).await,
        i64::from(AT_ONCE),
        "an order for each who was let in, and for nobody twice"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_leave_the_line_while_two_hundred_join_at_one_process() {
    many_leave_while_as_many_join(&[Site::start(On::Sqlite).await]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_leave_the_line_while_two_hundred_join_at_two_nodes() {
    let cluster = Cluster::new();
    many_leave_while_as_many_join(&[Site::node(&cluster).await, Site::node(&cluster).await]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_waits_is_told_of_each_step_without_asking() {
    let scene = Scene::new(On::Sqlite).await;
    let event = scene.sale(deal(1, 1, None)).await;
    let people = scene.site.people(3).await;
    for person in &people {
        scene.press(person, event, 1, false).await.unwrap();
    }
    let mut page = Page::open(&scene.site, Some(&people[2])).await;
    let told = async |page: &mut Page| match page.next().await {
        Some(ToBrowser::Line { event: of, place, .. }) if of == event => place,
        other => panic!("{other:?}"),
    };
    page.send(&ToServer::FollowLine { event, given: false }).await;
    assert_eq!(told(&mut page).await, Some(LinePlace { number: 2, ahead: 1, ahead_units: 1 }));
    // Who was ahead leaves, and then whoever has what there is.
    for (leaves, place) in [(1, Some(LinePlace { number: 1, ahead: 0, ahead_units: 0 })), (0, None)] {
        scene.call(&people[leaves], "leave-line", &[("event", &event.to_string())]).await.unwrap();
        assert_eq!(told(&mut page).await, place);
    }
    assert_eq!(scene.entry(&people[2], event).await.state, EntryState::Checkout);
    // Whoever waits for nothing is told so at once.
    page.send(&ToServer::FollowLine { event, given: true }).await;
    assert_eq!(told(&mut page).await, None);
    // What the database does not answer is asked again with the next step, and refused to nobody.
    scene.alter("alter table events rename to events_away").await;
    page.send(&ToServer::FollowLine { event: EventId(uuid::Uuid::nil()), given: false }).await;
    page.send(&ToServer::Ping { sent: 59 }).await;
    let answer = page.next().await;
    scene.alter("alter table events_away rename to events").await;
    assert!(matches!(answer, Some(ToBrowser::Pong { .. })), "{answer:?}");
    let answer = page.next().await;
    assert!(matches!(answer, Some(ToBrowser::Refused { error: model::Error::NotFound, .. })), "{answer:?}");
}
