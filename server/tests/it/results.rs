//! After the click: the winner's form and its deadline, passing on, taking out, sending, tables, notices.

use crate::support::{Person, Site, client, make_event};
use calamine::Reader as _;
use engine::accounts::Actor;
use engine::clock::Clock;
use model::{Came, ClaimState, DAY, EntryState, EventId, HOUR, Notice, Reason, SECOND, Time};
use testing::{On, both};

const START: Time = Time(1_795_258_800 * SECOND);

const FORM: &[(&str, &str)] = &[
    ("name", "=김수달"),
    ("phone", "010 1234 5678"),
    ("postcode", "04524"),
    ("address", "서울 중구 세종대로 110"),
    ("detail", "3층"),
    ("consent", "yes"),
    ("save", "yes"),
];

struct Party {
    site: Site,
    clock: Clock,
    creator: Person,
    event: EventId,
    people: Vec<Person>,
}

/// An open event with `capacity` prizes that `people` entered, in their order.
async fn party(on: On, capacity: u64, people: usize) -> Party {
    let clock = Clock::manual(START);
    let site = Site::with_clock(on, clock.clone()).await;
    let creator = site.creator().await;
    let event = make_event(&site.engine, creator.member, 0, capacity).await;
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
    async fn catch_up(&self) {
        let engine = &self.site.engine;
        engine.giveaways.catch_up(&engine.notices).await.unwrap();
        // What was passed on is decided by the turnstile's own task.
        for _ in 0..100 {
            let waiting: (i64,) =
                engine.db.sql("select count(*) from commands where done_at is null").one().await.unwrap();
            if waiting.0 == 0 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        engine.giveaways.catch_up(&engine.notices).await.unwrap();
    }

    async fn fill(&self, person: &Person) -> u16 {
        person.post(&format!("/events/{}/claim", self.event), FORM).await.status().as_u16()
    }

    async fn state(&self, person: &Person) -> EntryState {
        self.site.engine.turnstile.entry(self.event, person.member).await.unwrap().unwrap().state
    }

    async fn notices(&self, person: &Person) -> Vec<Notice> {
        let page = self.site.engine.notices.of(&Actor::host(person.member), None).await.unwrap();
        page.lines.rows.into_iter().map(|line| line.notice).collect()
    }

    async fn disqualify(&self, by: &Person, rank: u64) -> u16 {
        let path = format!("/events/{}/entries/{rank}/disqualify", self.event);
        by.post(&path, &[("reason", "같은 사람이 두 번 참여했어요")]).await.status().as_u16()
    }

    async fn sound(&self) {
        let (_, violations) = engine::turnstile::check(&self.site.engine.db).await.unwrap();
        assert_eq!(violations, []);
    }
}

both!(a_winner_says_once_where_the_prize_goes, "multi_thread");
async fn a_winner_says_once_where_the_prize_goes(on: On) {
    let party = party(on, 1, 3).await;
    let [winner, next, _] = party.people.as_slice() else { panic!() };
    assert_eq!(party.notices(winner).await, [Notice::Won { due_at: START + SECOND + 3 * DAY }]);
    assert!(party.notices(next).await.is_empty());
    // Without consent or with half of it missing nothing is taken, and what was typed is shown again.
    let answer = winner.post(&format!("/events/{}/claim", party.event), &[("name", "김수달")]).await;
    assert_eq!(answer.status(), 422);
    let page = answer.text().await.unwrap();
    assert!(page.contains("김수달") && page.contains("꼭 필요해요."));
    // Who stands by has no form, and nobody fills in another's.
    assert_eq!(party.fill(next).await, 403);
    let nobody =
        client().post(party.site.url(&format!("/events/{}/claim", party.event))).form(FORM).send().await.unwrap();
    assert!(nobody.headers()["location"].to_str().unwrap().starts_with("/sign-in"));
    assert_eq!(party.fill(winner).await, 303);
    assert_eq!(party.fill(winner).await, 409, "once");
    let claim = party.site.engine.giveaways.claim(&Actor::host(winner.member), party.event).await.unwrap().unwrap();
    assert_eq!((claim.state, claim.delivery.phone.as_str()), (ClaimState::Filled, "010-1234-5678"));
    party.clock.set(START + HOUR / 2);
    // Only the creator marks it sent, once.
    let sent = format!("/events/{}/entries/1/sent", party.event);
    assert_eq!(winner.post(&sent, &[]).await.status(), 403);
    assert_eq!(party.creator.post(&sent, &[]).await.status(), 303);
    assert_eq!(party.creator.post(&sent, &[]).await.status(), 409);
    party.catch_up().await;
    assert_eq!(party.notices(winner).await[0], Notice::Sent);
    // Thirty days later it is erased.
    let written = || async {
        party
            .site
            .engine
            .giveaways
            .claim(&Actor::host(winner.member), party.event)
            .await
            .unwrap()
            .unwrap()
            .delivery
            .name
    };
    party.clock.set(START + 29 * DAY);
    party.catch_up().await;
    assert_eq!(written().await, "=김수달");
    party.clock.set(START + 31 * DAY);
    party.catch_up().await;
    assert_eq!(written().await, "");
    party.sound().await;
}

both!(whoever_entered_finds_it_among_their_own_at_once, "multi_thread");
async fn whoever_entered_finds_it_among_their_own_at_once(on: On) {
    let party = party(on, 1, 1).await;
    // Of whom nothing is written down yet: they entered after the last look, and one of them won.
    let event = make_event(&party.site.engine, party.creator.member, 0, 1).await;
    let people = party.site.people(2).await;
    for person in &people {
        person.enter(event).await;
        // Twice: what was written ahead is written once.
        for _ in 0..2 {
            let page = person.get("/my").await.text().await.unwrap();
            assert!(page.contains(&format!("/events/{event}/result")));
        }
    }
    let entries = async |person: &Person| {
        let entries = party.site.engine.events.entries_of(&Actor::host(person.member), Came::All, None).await.unwrap();
        (entries.all, entries.won, entries.entries.rows[0].claim)
    };
    let offered = Some((ClaimState::Offered, party.clock.now() + 3 * DAY));
    assert_eq!(entries(&people[0]).await, (1, 1, offered), "with the deadline");
    assert_eq!(entries(&people[1]).await, (1, 0, None));
    // Everybody's are written as ever, and the winner is told.
    party.catch_up().await;
    assert_eq!(entries(&people[0]).await, (1, 1, offered));
    assert_eq!(party.notices(&people[0]).await.len(), 1);
    assert_eq!(entries(&people[1]).await, (1, 0, None));
    // Called off before anything was written down: nobody is offered anything, then or later.
    let event = make_event(&party.site.engine, party.creator.member, 0, 1).await;
    party.clock.set(party.clock.now() + SECOND);
    people[1].enter(event).await;
    party.site.engine.events.cancel(&Actor::host(party.creator.member), event, "오늘은 쉬어요").await.unwrap();
    people[1].get("/my").await;
    let withdrawn = (2, 1, Some((ClaimState::Withdrawn, party.clock.now() + 3 * DAY)));
    assert_eq!(entries(&people[1]).await, withdrawn);
    party.catch_up().await;
    assert_eq!(entries(&people[1]).await, withdrawn);
    party.sound().await;
}

both!(a_prize_nobody_claims_goes_from_hand_to_hand, "multi_thread");
async fn a_prize_nobody_claims_goes_from_hand_to_hand(on: On) {
    let party = party(on, 2, 4).await;
    let [first, second, third, fourth] = party.people.as_slice() else { panic!() };
    assert_eq!(party.fill(second).await, 303);
    // Reminded with a quarter of the time left; late by a microsecond is late, whether or not a job has run.
    party.clock.set(START + SECOND + 3 * DAY - 18 * HOUR);
    party.catch_up().await;
    assert_eq!(party.notices(first).await[0], Notice::FormDue { due_at: START + SECOND + 3 * DAY });
    party.clock.set(START + SECOND + 3 * DAY);
    assert_eq!(party.fill(first).await, 409);
    party.catch_up().await;
    assert_eq!(party.notices(first).await[0], Notice::Expired);
    assert_eq!((party.state(third).await, party.state(fourth).await), (EntryState::Won, EntryState::Standby));
    let due_at = START + SECOND + 4 * DAY;
    assert_eq!(party.notices(third).await, [Notice::Won { due_at }]);
    // The other winner's prize is what it was; the first's goes on once more, and then nobody stands by.
    assert_eq!(party.fill(second).await, 409);
    party.clock.set(due_at);
    party.catch_up().await;
    assert_eq!(party.state(fourth).await, EntryState::Won);
    assert_eq!(party.fill(fourth).await, 303);
    party.catch_up().await;
    let entries = party.site.engine.events.entries_of(&Actor::host(third.member), Came::All, None).await.unwrap();
    assert_eq!(entries.entries.rows[0].claim.unwrap().0, ClaimState::Expired);
    party.sound().await;
    // Nothing is left to claim: settled, and nothing changes any more.
    let view = party.site.engine.events.view(party.event, &Actor::Visitor).await.unwrap();
    assert_eq!(view.card.state, model::EventState::Settled);
    assert_eq!(party.disqualify(&party.creator, 2).await, 409);
}

both!(after_seven_days_a_prize_is_left_over, "multi_thread");
async fn after_seven_days_a_prize_is_left_over(on: On) {
    let party = party(on, 1, 2).await;
    party.clock.set(START + 8 * DAY);
    party.catch_up().await;
    assert_eq!(party.state(&party.people[1]).await, EntryState::Standby, "time is up");
    assert_eq!(party.fill(&party.people[1]).await, 403);
    party.sound().await;
}

both!(who_is_taken_out_loses_the_prize_and_everybody_reads_why, "multi_thread");
async fn who_is_taken_out_loses_the_prize_and_everybody_reads_why(on: On) {
    let party = party(on, 1, 3).await;
    let [first, second, _] = party.people.as_slice() else { panic!() };
    assert_eq!(party.disqualify(first, 2).await, 403, "only the creator");
    assert_eq!(party.disqualify(&party.creator, 9).await, 404);
    assert_eq!(party.fill(first).await, 303);
    let path = format!("/events/{}/entries/1/disqualify", party.event);
    assert_eq!(party.creator.post(&path, &[("reason", "")]).await.status(), 422);
    assert_eq!(party.disqualify(&party.creator, 1).await, 303);
    assert_eq!(party.disqualify(&party.creator, 1).await, 409, "once");
    party.catch_up().await;
    assert_eq!((party.state(first).await, party.state(second).await), (EntryState::Disqualified, EntryState::Won));
    let claim = party.site.engine.giveaways.claim(&Actor::host(first.member), party.event).await.unwrap().unwrap();
    assert_eq!((claim.state, claim.delivery.name.as_str()), (ClaimState::Withdrawn, ""), "what they wrote is erased");
    let board = party.site.engine.events.board(party.event, 1).await.unwrap();
    assert_eq!(board.entries[0].reason.as_deref(), Some("같은 사람이 두 번 참여했어요"));
    assert_eq!(first.press(&client(), party.event).await.unwrap().status(), 403);
    // Who stood by fills in the form; rank and time are theirs for ever.
    assert_eq!(party.fill(second).await, 303);
    party.sound().await;
}

both!(a_cancelled_event_takes_its_prizes_back_and_tells_everybody, "multi_thread");
async fn a_cancelled_event_takes_its_prizes_back_and_tells_everybody(on: On) {
    let party = party(on, 1, 3).await;
    assert_eq!(party.fill(&party.people[0]).await, 303);
    party.clock.set(START + HOUR / 2);
    let cancel = format!("/events/{}/cancel", party.event);
    assert_eq!(party.creator.post(&cancel, &[("reason", "머그가 깨졌어요")]).await.status(), 303);
    party.catch_up().await;
    for person in &party.people {
        assert_eq!(party.notices(person).await[0], Notice::Cancelled { reason: "머그가 깨졌어요".into() });
    }
    let claim =
        party.site.engine.giveaways.claim(&Actor::host(party.people[0].member), party.event).await.unwrap().unwrap();
    assert_eq!((claim.state, claim.delivery.name.as_str()), (ClaimState::Withdrawn, ""));
    assert_eq!(party.disqualify(&party.creator, 2).await, 409);
    party.clock.set(START + 9 * DAY);
    party.catch_up().await;
    assert_eq!(party.state(&party.people[1]).await, EntryState::Standby, "what is called off is not passed on");
    party.sound().await;
}

both!(the_creators_table_is_theirs_alone_and_opens_in_a_spreadsheet, "multi_thread");
async fn the_creators_table_is_theirs_alone_and_opens_in_a_spreadsheet(on: On) {
    let party = party(on, 2, 5).await;
    assert_eq!(party.fill(&party.people[0]).await, 303);
    assert_eq!(party.fill(&party.people[1]).await, 303);
    let table = |file: &str| format!("/events/{}/table/{file}", party.event);
    assert_eq!(party.people[0].get(&table("entrants.csv")).await.status(), 403);
    assert_eq!(client().get(party.site.url(&table("entrants.csv"))).send().await.unwrap().status(), 401);
    assert_eq!(party.creator.get(&table("entrants.pdf")).await.status(), 404);
    let csv = party.creator.get(&table("entrants.csv")).await.text().await.unwrap();
    assert!(csv.starts_with('\u{FEFF}'), "spreadsheet programs need the mark to read Korean");
    assert_eq!(csv.lines().count(), 6);
    assert!(csv.contains("'=김수달") && !csv.contains(",=김수달"), "no cell is a formula");
    let sheet = party.creator.get(&table("entrants.xlsx")).await.bytes().await.unwrap();
    let mut book: calamine::Xlsx<_> = calamine::open_workbook_from_rs(std::io::Cursor::new(sheet)).unwrap();
    let first = book.worksheet_range_at(0).unwrap().unwrap();
    let cells: Vec<String> = first.rows().flatten().map(ToString::to_string).collect();
    assert_eq!(first.height(), 6, "everybody, and the headings");
    assert!(
        cells.iter().any(|cell| cell == "=김수달" || cell == "'=김수달"),
        "Korean is intact, and text is text: {cells:?}"
    );
    assert!(book.worksheet_formula(&book.sheet_names()[0].clone()).unwrap().is_empty(), "no cell is a formula");
    // Both wrote the same phone.
    let page = party.creator.get(&format!("/creator/events/{}", party.event)).await.text().await.unwrap();
    assert!(page.contains("같은 연락처") && page.contains("=김수달"));
    let stranger = party.people[3].get(&format!("/creator/events/{}", party.event)).await;
    assert_eq!(stranger.status(), 403);
    assert!(!stranger.text().await.unwrap().contains("김수달"));
    // Finding: by rank, by the beginning of a nickname; in pages.
    let engine = &party.site.engine;
    let find = async |find: &str| {
        let query = model::EntrantsQuery { find: find.into(), ..Default::default() };
        engine.giveaways.entrants(&Actor::host(party.creator.member), party.event, &query, 100).await.unwrap()
    };
    assert_eq!(find("4").await.len(), 1);
    assert_eq!(find("수달").await.len(), 5);
    assert!(find("없는 이름").await.is_empty());
    let query = model::EntrantsQuery { backwards: true, after: Some(model::Cursor::of(&4)), ..Default::default() };
    let rows = engine.giveaways.entrants(&Actor::host(party.creator.member), party.event, &query, 2).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.rank).collect::<Vec<_>>(), [3, 2]);
}

both!(refused_clicks_are_counted_by_reason, "multi_thread");
async fn refused_clicks_are_counted_by_reason(on: On) {
    let party = party(on, 1, 2).await;
    let late = party.site.people(1).await.remove(0);
    assert_eq!(party.creator.press(&client(), party.event).await.unwrap().status(), 403);
    party.clock.set(START + 2 * HOUR);
    for _ in 0..3 {
        assert_eq!(late.press(&client(), party.event).await.unwrap().status(), 409);
    }
    let engine = &party.site.engine;
    let mut curves = engine.analytics.of(&Actor::host(party.creator.member), party.event).await.unwrap();
    // Written once a second by its own task.
    for _ in 0..100 {
        if curves.refused.len() == 2 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        curves = engine.analytics.of(&Actor::host(party.creator.member), party.event).await.unwrap();
    }
    let sum = |reason| -> u64 {
        curves.refused.iter().filter(|(of, _)| *of == reason).flat_map(|(_, points)| points).map(|(_, n)| n).sum()
    };
    assert_eq!((sum(Reason::Closed), sum(Reason::OwnEvent)), (3, 1));
    assert_eq!(curves.entries, [(1, 1), (2, 1)]);
    assert!(engine.analytics.of(&Actor::host(late.member), party.event).await.is_err(), "for the creator alone");
    let page = party.creator.get(&format!("/creator/events/{}", party.event)).await.text().await.unwrap();
    assert!(page.contains("거절된 클릭") && page.contains("<path d=\"M"));
}

both!(notices_are_read_and_deleted_by_their_member, "multi_thread");
async fn notices_are_read_and_deleted_by_their_member(on: On) {
    let party = party(on, 1, 2).await;
    let winner = &party.people[0];
    assert_eq!(party.site.engine.notices.unread(winner.member).await.unwrap(), 1);
    let page = winner.get("/notices").await.text().await.unwrap();
    assert!(page.contains("당첨됐어요") && page.contains("읽지 않은 알림 1개"));
    assert_eq!(winner.post("/notices/read", &[]).await.status(), 303);
    assert_eq!(party.site.engine.notices.unread(winner.member).await.unwrap(), 0);
    assert_eq!(winner.post("/notices/delete-read", &[]).await.status(), 303);
    assert!(party.notices(winner).await.is_empty());
    assert_eq!(client().post(party.site.url("/notices/read")).send().await.unwrap().status(), 401);
    let mine = winner.get("/my?came=won").await.text().await.unwrap();
    assert!(mine.contains("따끈한 겨울 머그") && mine.contains("전체 1"));
}

both!(entries_from_one_browser_are_shown_to_the_creator_alone, "multi_thread");
async fn entries_from_one_browser_are_shown_to_the_creator_alone(on: On) {
    let party = party(on, 2, 3).await;
    let [one, other, apart] = party.people.as_slice() else { panic!() };
    let members = &party.site.engine.accounts;
    for (person, visitor) in [(one, "a"), (other, "a"), (apart, "b"), (&party.creator, "b")] {
        members.seen_on(person.member, visitor).await.unwrap();
    }
    let entrants = || async {
        let query = model::EntrantsQuery::default();
        let rows = party
            .site
            .engine
            .giveaways
            .entrants(&Actor::host(party.creator.member), party.event, &query, 10)
            .await
            .unwrap();
        rows.iter().map(|row| row.same_device).collect::<Vec<_>>()
    };
    assert_eq!(entrants().await, [true, true, false], "the creator did not enter");
    let page = party.creator.get(&format!("/creator/events/{}", party.event)).await.text().await.unwrap();
    assert_eq!(page.matches("같은 기기").count(), 2);
    let board = one.get(&format!("/events/{}/board", party.event)).await.text().await.unwrap();
    assert!(!board.contains("같은 기기"));
    party.clock.set(START + 91 * DAY);
    members.forget_devices().await.unwrap();
    assert_eq!(entrants().await, [false; 3]);
}
