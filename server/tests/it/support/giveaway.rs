//! A giveaway that people entered, on a clock that is set by hand.

use super::{Person, START, Site, make_event};
use engine::{accounts::Actor, clock::Clock};
use model::{EntryState, EventId, MemberId, Notice, SECOND, Span};
use testing::On;

/// Where the prize goes, as a winner writes it.
pub const FORM: &[(&str, &str)] = &[
    ("name", "=김수달"),
    ("phone", "010 1234 5678"),
    ("postcode", "04524"),
    ("address", "서울 중구 세종대로 110"),
    ("detail", "3층"),
    ("consent", "yes"),
    ("save", "yes"),
];

/// An open event and those who entered it.
pub struct Party {
    pub site: Site,
    pub clock: Clock,
    pub creator: Person,
    pub event: EventId,
    pub people: Vec<Person>,
}

/// An open event with `capacity` prizes that `people` entered, in their order.
pub async fn party(on: On, capacity: u64, people: usize) -> Party {
    let clock = Clock::manual(START);
    let site = Site::with_clock(on, clock.clone()).await;
    let creator = site.creator().await;
    let event = make_event(&site.engine, creator.member, Span::ZERO, capacity).await;
    let people = site.people(people).await;
    for (i, person) in people.iter().enumerate() {
        clock.set(START + (i as i64 + 1) * SECOND);
        person.enter(event).await;
    }
    let party = Party { site, clock, creator, event, people };
    party.catch_up().await;
    party
}

impl Party {
    pub async fn catch_up(&self) {
        let engine = &self.site.engine;
        engine.giveaways.catch_up(&engine.notices).await.unwrap();
        self.site.decided().await;
        engine.giveaways.catch_up(&engine.notices).await.unwrap();
    }

    pub async fn fill(&self, person: &Person) -> u16 {
        let event = self.event.to_string();
        let form: Vec<_> = FORM.iter().copied().chain([("event", event.as_str())]).collect();
        person.change(&format!("/events/{event}/result"), "fill-claim", &form).await.status().as_u16()
    }

    pub async fn state(&self, person: &Person) -> EntryState {
        self.site.engine.turnstile.entry(self.event, person.member).await.unwrap().unwrap().state
    }

    pub async fn notices(&self, person: &Person) -> Vec<Notice> {
        let page = self.site.engine.notices.of(&Actor::host(person.member), None).await.unwrap();
        page.lines.rows.into_iter().map(|line| line.notice).collect()
    }

    pub async fn disqualify(&self, by: &Person, rank: u64) -> u16 {
        self.take_out(by, rank, "같은 사람이 두 번 참여했어요").await
    }

    pub async fn take_out(&self, by: &Person, rank: u64, reason: &str) -> u16 {
        let (event, rank) = (self.event.to_string(), rank.to_string());
        let form = [("event", event.as_str()), ("rank", &rank), ("reason", reason)];
        by.change(&format!("/creator/events/{event}"), "disqualify-entry", &form).await.status().as_u16()
    }

    pub async fn sound(&self) {
        let (_, violations) = engine::check(&self.site.engine.db).await.unwrap();
        assert_eq!(violations, []);
    }
}

/// An open event whose first `capacity` entrants won.
pub async fn entered(
    site: &Site,
    clock: &Clock,
    creator: MemberId,
    capacity: u64,
    people: usize,
) -> (EventId, Vec<MemberId>) {
    let event = make_event(&site.engine, creator, Span::ZERO, capacity).await;
    let opened = clock.now();
    let people = site.people(people).await;
    for (i, person) in people.iter().enumerate() {
        clock.set(opened + (i as i64 + 1) * SECOND);
        person.enter(event).await;
    }
    (event, people.into_iter().map(|person| person.member).collect())
}
