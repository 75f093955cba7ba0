//! Deals and tickets in lists.

use crate::rights::reads;
use crate::support::{START, Site, client, draft, make_event, request};
use engine::{accounts::Actor, clock::Clock, db::Lane, events::Pictures};
use model::{
    Category, Checkout, Cursor, DAY, DealsQuery, Error, EventDraft, EventId, HOUR, MILLISECOND, MINUTE, MemberId,
    Offer, Page, RefundFees, SaleCard, Span, TicketsQuery, Time,
};
use std::collections::BTreeSet;
use testing::{On, both};

reads! {
    "/deals" => 200, 200;
    "/tickets" => 200, 200;
}

/// A deal of two mugs, open for so long.
pub fn deal(opens_at: Time, lasts: Span, category: Category) -> EventDraft {
    let offer = Offer::Deal {
        list_price: 27_000,
        discount: 45,
        stock: 2,
        limit: 1,
        delivery: "이틀 안에".into(),
        checkout: Checkout::default(),
        details: Vec::new(),
    };
    EventDraft { opens_at, closes_at: opens_at + lasts, category, offer, ..draft(opens_at, 1) }
}

fn ticket(starts_at: Time, price: i64) -> EventDraft {
    let offer = Offer::Ticket {
        place: "만권책방".into(),
        address: "서울".into(),
        coordinates: None,
        starts_at,
        seats: 40,
        price,
        limit: 2,
        checkout: Checkout::default(),
        refunds: RefundFees::default(),
    };
    EventDraft { closes_at: starts_at, offer, category: Category::Culture, ..draft(starts_at - 3 * DAY, 1) }
}

/// Makes an event of a draft, and announces it.
pub async fn make(site: &Site, creator: MemberId, draft: EventDraft) -> EventId {
    let creator = Actor::host(creator);
    site.engine.events.create(&creator, request(), draft, Pictures::default()).await.unwrap()
}

fn ids(cards: &[SaleCard]) -> Vec<EventId> {
    cards.iter().map(|sale| sale.event.id).collect()
}

both!(deals_stand_where_they_are_open);
async fn deals_stand_where_they_are_open(on: On) {
    // Ten in the morning in Korea.
    let now = Time::from_civil(2026, 11, 26, 10, 0, 0).unwrap();
    let clock = Clock::manual(now);
    let site = Site::with_clock(on, clock.clone()).await;
    let creator = site.creator().await.member;
    let day = now - 10 * HOUR;
    let (food, pets) = (Category::Food, Category::Pets);
    let over = make(&site, creator, deal(now - 3 * HOUR, HOUR, food)).await;
    let yesterday = make(&site, creator, deal(now - 23 * HOUR, HOUR, pets)).await;
    let long = make(&site, creator, deal(now - 2 * DAY, 4 * DAY, pets)).await;
    let open = make(&site, creator, deal(now - HOUR, 2 * HOUR, food)).await;
    let evening = make(&site, creator, deal(now + 10 * HOUR, HOUR, food)).await;
    let midnight = make(&site, creator, deal(day + DAY, HOUR, food)).await;
    // None of these is a deal that anybody sees.
    make_event(&site.engine, creator, MINUTE, 1).await;
    make(&site, creator, ticket(now + 5 * DAY, 0)).await;
    let gone = make(&site, creator, deal(now + HOUR, HOUR, food)).await;
    site.engine.events.cancel(&Actor::host(creator), gone, "가마가 식었어요").await.unwrap();
    let hidden = deal(now + HOUR, HOUR, food);
    site.engine.events.create_draft(&Actor::host(creator), request(), hidden, Pictures::default()).await.unwrap();
    let deals = async |query| site.engine.events.deals(&Actor::Visitor, query).await.unwrap();

    let today = deals(DealsQuery::default()).await;
    assert_eq!(ids(&today.cards.rows), [long, open, evening], "what is open, then what opens");
    assert_eq!(ids(&today.over), [over]);
    let first = &today.cards.rows[0];
    assert_eq!(
        (first.price, first.list_price, first.discount, first.left, first.wished),
        (14_850, 27_000, 45, 2, false)
    );
    let tomorrow = deals(DealsQuery { day: Some(day + DAY), ..DealsQuery::default() }).await;
    assert_eq!((ids(&tomorrow.cards.rows), tomorrow.over.len()), (vec![long, midnight], 0));
    let before = deals(DealsQuery { day: Some(day - DAY), ..DealsQuery::default() }).await;
    assert_eq!(ids(&before.cards.rows), [long, yesterday]);
    let ended = deals(DealsQuery { ended: true, ..DealsQuery::default() }).await;
    assert_eq!(ids(&ended.cards.rows), [over, yesterday], "newest first");
    let of_pets = deals(DealsQuery { ended: true, category: Some(pets), ..DealsQuery::default() }).await;
    assert_eq!(ids(&of_pets.cards.rows), [yesterday]);
    let of_food = deals(DealsQuery { category: Some(food), ..DealsQuery::default() }).await;
    assert_eq!((ids(&of_food.cards.rows), ids(&of_food.over)), (vec![open, evening], vec![over]));
    // What is being paid for is not sold yet; what was sold out says so, and the page has all of it without scripts.
    for person in site.people(2).await {
        person.enter(open).await;
    }
    let page = async || client().get(site.url("/deals")).send().await.unwrap().text().await.unwrap();
    let held = page().await;
    assert!(held.contains("2개 결제 중") && !held.contains("class=\"pic sold\""), "{held}");
    let mut tx = site.engine.db.begin(Lane::Other).await.unwrap();
    tx.sql("update tallies set sold = held, held = 0 where event_id = $1").bind(open).run().await.unwrap();
    tx.commit().await.unwrap();
    let page = page().await;
    assert!(
        page.contains("14,850원") && page.contains("모두 나갔어요") && page.contains("class=\"pic sold\""),
        "{page}"
    );
    assert!(page.contains("/deals?day=2026-11-27") && page.contains("20:00"));
    for wrong in
        ["/deals?day=never", "/deals?category=weapons", "/deals?after=7", "/tickets?after=x", "/my/wishes?before=7"]
    {
        let asked = site.people(1).await.remove(0);
        assert_eq!(asked.get(wrong).await.status(), 404, "{wrong}");
    }
}

both!(tickets_stand_in_the_order_in_which_they_begin);
async fn tickets_stand_in_the_order_in_which_they_begin(on: On) {
    let clock = Clock::manual(START);
    let site = Site::with_clock(on, clock.clone()).await;
    let creator = site.creator().await.member;
    let later = make(&site, creator, ticket(START + 9 * DAY, 35_000)).await;
    let sooner = make(&site, creator, ticket(START + 2 * DAY, 0)).await;
    let past = make(&site, creator, ticket(START - DAY, 0)).await;
    let tickets = async |query| site.engine.events.tickets(&Actor::Visitor, query).await.unwrap().cards.rows;
    let next = tickets(TicketsQuery::default()).await;
    assert_eq!(ids(&next), [sooner, later]);
    assert_eq!(next[0].held, Some(("만권책방".into(), START + 2 * DAY)));
    assert_eq!(ids(&tickets(TicketsQuery { past: true, ..TicketsQuery::default() }).await), [past]);
    assert_eq!(tickets(TicketsQuery { category: Some(Category::Pets), ..TicketsQuery::default() }).await, []);
    let page = client().get(site.url("/tickets")).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("무료") && page.contains("35,000원") && page.contains("만권책방"));
    // Moved by its creator, it stands where it belongs.
    let mut tx = site.engine.db.begin(Lane::Other).await.unwrap();
    let (at,): (Option<Time>,) = tx.sql("select starts_at from events where id = $1").bind(later).one().await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(at, Some(START + 9 * DAY));
}

both!(what_is_gone_says_how_quickly_it_went);
async fn what_is_gone_says_how_quickly_it_went(on: On) {
    let now = Time::from_civil(2026, 11, 26, 10, 0, 0).unwrap();
    let site = Site::with_clock(on, Clock::manual(now)).await;
    let creator = site.creator().await.member;
    let opens_at = now - 4_250 * MILLISECOND;
    let mut show = EventDraft { opens_at, ..ticket(now + DAY, 0) };
    if let Offer::Ticket { seats, .. } = &mut show.offer {
        *seats = 2;
    }
    let sold = make(&site, creator, deal(opens_at, HOUR, Category::Food)).await;
    let booked = make(&site, creator, show).await;
    let people = site.people(2).await;
    let (_, first) = people[0].enter(sold).await;
    people[0].enter(booked).await;
    let events = &site.engine.events;
    let deals = async || events.deals(&Actor::Visitor, DealsQuery::default()).await.unwrap().cards.rows;
    let tickets = async || events.tickets(&Actor::Visitor, TicketsQuery::default()).await.unwrap().cards.rows;
    assert_eq!((deals().await[0].gone_in, tickets().await[0].gone_in), (None, None), "one of each is left");
    let (_, last_of_it) = people[1].enter(sold).await;
    let (_, last_seat) = people[1].enter(booked).await;
    assert!(first.since_open < last_of_it.since_open);
    let (went, full) = (Some(last_of_it.since_open), Some(last_seat.since_open));
    assert_eq!((deals().await[0].gone_in, tickets().await[0].gone_in), (went, full));
    // Where one wishes for it as well, which is read apart.
    let mut tx = site.engine.db.begin(Lane::Other).await.unwrap();
    let wish = "insert into wishes (member_id, event_id, at) values ($1, $2, $3)";
    tx.sql(wish).bind(people[0].member).bind(sold).bind(now).run().await.unwrap();
    tx.commit().await.unwrap();
    let wishes = events.wishes_of(&Actor::host(people[0].member), None).await.unwrap();
    assert_eq!(wishes.cards.rows.iter().map(|sale| sale.gone_in).collect::<Vec<_>>(), [went]);

    let page = async |path: &str| client().get(site.url(path)).send().await.unwrap().text().await.unwrap();
    // Seats without a price are theirs at once; what is being paid for may come back.
    let (shows, held) = (page("/tickets").await, page("/deals").await);
    assert!(shows.contains("4.2초 만에 매진됐어요"), "{shows}");
    assert!(held.contains("2개 결제 중") && !held.contains("초 만에"), "{held}");
    let mut tx = site.engine.db.begin(Lane::Other).await.unwrap();
    tx.sql("update tallies set sold = held, held = 0 where event_id = $1").bind(sold).run().await.unwrap();
    tx.commit().await.unwrap();
    let gone = page("/deals").await;
    assert!(gone.contains("4.2초 만에 모두 나갔어요"), "{gone}");
}

/// Every row of a list, read page by page.
async fn walk(read: impl AsyncFn(Option<Cursor>) -> Page<SaleCard>) -> Vec<EventId> {
    let (mut rows, mut cursor) = (Vec::new(), None);
    loop {
        let page = read(cursor).await;
        assert!(page.rows.len() <= 30);
        rows.extend(ids(&page.rows));
        let Some(next) = page.next else { return rows };
        cursor = Some(next);
    }
}

both!(shelves_are_read_page_by_page);
async fn shelves_are_read_page_by_page(on: On) {
    const ROWS: usize = 70;
    let now = Time::from_civil(2026, 11, 26, 10, 0, 0).unwrap();
    let site = Site::with_clock(on, Clock::manual(now)).await;
    let (creator, reader) = (site.creator().await.member, site.people(1).await.remove(0));
    let (mut deals, mut ended, mut tickets) = (Vec::new(), Vec::new(), Vec::new());
    for n in 0..ROWS {
        // Two moments for all of them, and pages end within both.
        let shift = HOUR * i64::from(n < ROWS / 2);
        deals.push(make(&site, creator, deal(now + HOUR + shift, HOUR, Category::Food)).await);
        ended.push(make(&site, creator, deal(now - 9 * HOUR + shift, HOUR, Category::Food)).await);
        tickets.push(make(&site, creator, ticket(now + 5 * DAY + shift, 0)).await);
    }
    let (events, who) = (&site.engine.events, Actor::host(reader.member));
    let all = |found: Vec<EventId>, made: &[EventId]| {
        assert_eq!(found.len(), ROWS);
        assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), made.iter().copied().collect::<BTreeSet<_>>());
    };
    for category in [None, Some(Category::Food)] {
        let query = |after, ended| DealsQuery { after, ended, category, day: None };
        all(walk(async |after| events.deals(&who, query(after, false)).await.unwrap().cards).await, &deals);
        all(walk(async |after| events.deals(&who, query(after, true)).await.unwrap().cards).await, &ended);
    }
    for category in [None, Some(Category::Culture)] {
        let query = |after| TicketsQuery { after, category, past: false };
        all(walk(async |after| events.tickets(&who, query(after)).await.unwrap().cards).await, &tickets);
    }
    // Wished for at the same moment, by this clock.
    for event in &deals {
        // Without the limit that holds back whoever does so by hand.
        let mut tx = site.engine.db.begin(Lane::Other).await.unwrap();
        let wish = "insert into wishes (member_id, event_id, at) values ($1, $2, $3)";
        tx.sql(wish).bind(reader.member).bind(*event).bind(now).run().await.unwrap();
        tx.commit().await.unwrap();
    }
    all(walk(async |after| events.wishes_of(&who, after.as_ref()).await.unwrap().cards).await, &deals);
    let foreign = Cursor::of(&7);
    let refused = events.wishes_of(&who, Some(&foreign)).await.unwrap_err().public();
    assert_eq!(refused, Error::NotFound);
}
