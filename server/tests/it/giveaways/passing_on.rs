//! Prizes that go to those who stand by.

use crate::support::socket::Page;
use crate::support::{
    ROUNDS, START, Site, client,
    giveaway::{entered, party},
};
use engine::{
    accounts::Actor,
    clock::Clock,
    db::Lane,
    turnstile::{Command, Unit, write_command},
};
use model::{Came, ClaimState, DAY, EntryState, HOUR, Notice, SECOND, Span, Time};
use testing::{On, both};
use tokio::task::JoinSet;

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
    // Whoever let it pass reads so wherever it is shown, and nobody sees more winners than places.
    assert_eq!(party.state(first).await, EntryState::Expired);
    let board = party.site.engine.events.board(party.event, 1).await.unwrap();
    let states: Vec<EntryState> = board.entries.iter().map(|row| row.state).collect();
    assert_eq!(states, [EntryState::Expired, EntryState::Won, EntryState::Won, EntryState::Standby]);
    let event = party.event;
    for page in [
        format!("/events/{event}"),
        format!("/events/{event}/result"),
        "/my".to_owned(),
        format!("/events/{event}/board"),
    ] {
        let shown = first.get(&page).await.text().await.unwrap();
        assert!(shown.contains("기한이 지났어요"), "{page}");
        assert!(!shown.contains("당첨이에요") && !shown.contains("받을 곳 적기"), "{page}");
    }
    let mine = party.site.engine.pages.my_entries(&Actor::host(first.member), Came::Won, None).await.unwrap();
    assert_eq!((mine.won, mine.entries.rows.len()), (0, 0));
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
    let entries = party.site.engine.pages.my_entries(&Actor::host(third.member), Came::All, None).await.unwrap();
    assert_eq!(entries.entries.rows[0].claim.unwrap().0, ClaimState::Expired);
    party.sound().await;
    // Nothing is left to claim: settled, and nothing changes any more.
    let view = party.site.engine.events.view(party.event, &Actor::Visitor).await.unwrap();
    assert_eq!(view.card.state, model::EventState::Settled);
    assert_eq!(party.disqualify(&party.creator, 2).await, 409);
}

both!(in_an_event_that_is_called_off_nobody_reads_that_they_won, "multi_thread");
async fn in_an_event_that_is_called_off_nobody_reads_that_they_won(on: On) {
    let party = party(on, 1, 3).await;
    let [first, second, _] = party.people.as_slice() else { panic!() };
    let (engine, event) = (&party.site.engine, party.event);
    engine.events.cancel(&Actor::host(party.creator.member), event, "재고가 없어요").await.unwrap();
    party.catch_up().await;
    let room = format!("/events/{event}");
    let pages =
        [room.clone(), format!("{room}/result"), format!("{room}/board"), format!("{room}/entries/1"), "/my".into()];
    for (who, page) in [first, second].into_iter().flat_map(|who| pages.iter().map(move |page| (who, page))) {
        let shown = who.get(page).await.text().await.unwrap();
        let (_, main) = shown.split_once("<main").unwrap();
        for word in [
            "당첨이에요",
            "받을 곳 적기",
            "class=\"won",
            "result won",
            "result standby",
            "대기 1번",
            ">대기<",
            ">당첨<",
        ] {
            assert!(!main.contains(word), "{page} says {word}");
        }
        assert!(main.contains("취소"), "{page}");
    }
    let mine = engine.pages.my_entries(&Actor::host(first.member), Came::All, None).await.unwrap();
    assert_eq!((mine.all, mine.won), (1, 0));
    party.sound().await;
}

both!(who_stands_by_is_told_how_many_stand_by_ahead_now, "multi_thread");
async fn who_stands_by_is_told_how_many_stand_by_ahead_now(on: On) {
    let party = party(on, 3, 6).await;
    let (engine, event) = (&party.site.engine, party.event);
    let last = &party.people[5];
    let mut page = Page::join(&party.site, Some(last), event).await;
    let number = |page: &Page| page.room().waitlist.number(6, page.room().capacity);
    let told = async || {
        let mut told = Vec::new();
        for page in [format!("/events/{event}"), format!("/events/{event}/result"), "/my".into()] {
            let shown = last.get(&page).await.text().await.unwrap();
            told.push((1..=6).find(|n| shown.contains(&format!("대기 {n}번"))));
        }
        told
    };
    assert_eq!((number(&page), told().await), (3, vec![Some(3); 3]));
    // One of those ahead is taken out, and then the first of them is given a prize. Everybody in the room sees it at once.
    assert_eq!(party.disqualify(&party.creator, 5).await, 303);
    page.until(|page, _| number(page) == 2).await;
    assert_eq!(told().await, vec![Some(2); 3]);
    assert_eq!(party.disqualify(&party.creator, 1).await, 303);
    page.until(|page, _| number(page) == 1).await;
    assert_eq!(told().await, vec![Some(1); 3]);
    // As whoever comes later, and a room that is read anew, is told.
    assert_eq!(number(&Page::join(&party.site, None, event).await), 1);
    let list = engine.giveaways.waitlist(event).await.unwrap();
    assert_eq!(list.number(6, 0), 1, "{list:?}");
}

both!(prizes_that_went_on_before_it_was_recorded_expire_too, "multi_thread");
async fn prizes_that_went_on_before_it_was_recorded_expire_too(on: On) {
    let party = party(on, 2, 4).await;
    let [first, _, third, _] = party.people.as_slice() else { panic!() };
    party.clock.set(START + 3 * DAY + 10 * SECOND);
    // As programs before version 3 did it.
    let mut tx = party.site.engine.db.begin(Lane::Other).await.unwrap();
    let expired = "update claims set state = 'expired', remind_at = null where event_id = $1 and rank = 1";
    tx.sql(expired).bind(party.event).run().await.unwrap();
    let unit = Unit { number: 1, first_at: Some(START + SECOND) };
    write_command(&mut tx, party.event, &Command::Reassign(unit), party.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    party.site.engine.turnstile.wake(party.event).await;
    party.site.decided().await;
    assert_eq!((party.state(first).await, party.state(third).await), (EntryState::Won, EntryState::Won));
    party.sound().await;
    // What such data needs is done by itself, and once.
    party.catch_up().await;
    assert_eq!((party.state(first).await, party.state(third).await), (EntryState::Expired, EntryState::Won));
    let won = "select count(*) from entries where event_id = $1 and state = 'won'";
    assert_eq!(party.site.count(won, party.event).await, 2);
    party.sound().await;
    let commands = "select count(*) from commands where event_id = $1";
    let before = party.site.count(commands, party.event).await;
    party.catch_up().await;
    assert_eq!(party.site.count(commands, party.event).await, before);
}

both!(after_seven_days_a_prize_is_left_over, "multi_thread");
async fn after_seven_days_a_prize_is_left_over(on: On) {
    let party = party(on, 1, 2).await;
    party.clock.set(START + 8 * DAY);
    party.catch_up().await;
    assert_eq!(party.state(&party.people[1]).await, EntryState::Standby, "time is up");
    assert_eq!(party.state(&party.people[0]).await, EntryState::Expired);
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
    assert_eq!(party.take_out(&party.creator, 1, "").await, 422);
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

both!(a_place_is_passed_on_once_whatever_ends_it, "multi_thread");
async fn a_place_is_passed_on_once_whatever_ends_it(on: On) {
    let clock = Clock::manual(START);
    let site = Site::with_clock(on, clock.clone()).await;
    let creator = site.creator().await.member;
    for round in 0..ROUNDS {
        let (event, _) = entered(&site, &clock, creator, 6, 14).await;
        let engine = site.engine.clone();
        engine.giveaways.catch_up(&engine.notices).await.unwrap();
        // All deadlines pass while the creator takes the same entries out.
        clock.set(clock.now() + 4 * DAY);
        let mut acting = JoinSet::new();
        for rank in (1..=6).rev() {
            let results = engine.giveaways.clone();
            acting.spawn(async move {
                results.disqualify(&Actor::host(creator), event, rank, "두 번 참여했어요").await.unwrap();
            });
        }
        for _ in 0..2 {
            let engine = engine.clone();
            acting.spawn(async move { engine.giveaways.catch_up(&engine.notices).await.unwrap() });
        }
        acting.join_all().await;
        site.decided().await;
        let held = "select count(*) from claims where event_id = $1 and state = 'offered'";
        assert_eq!(site.count(held, event).await, 6, "round {round}: every place went to one who stood by");
        let (_, violations) = engine::check(&engine.db).await.unwrap();
        assert_eq!(violations, []);
    }
}

/// On SQLite, where clicks wait for whatever is written.
#[tokio::test(flavor = "multi_thread")]
async fn events_are_settled_some_at_a_time_and_each_once() {
    const EVENTS: i64 = 25;
    let clock = Clock::manual(START);
    let site = Site::with_clock(On::Sqlite, clock.clone()).await;
    for _ in 0..EVENTS {
        site.event(Span::ZERO, 1).await;
    }
    let write = async |text: &'static str| {
        let mut tx = site.engine.db.begin(Lane::Other).await.unwrap();
        tx.sql(text).run().await.unwrap();
        tx.commit().await.unwrap();
    };
    let settled_by = async |at: Time| {
        let settled = site.engine.db.sql("select count(*) from events where settled_at <= $1").bind(at);
        settled.one::<(i64,)>().await.unwrap().0
    };
    // The last of them cannot be: those before it are, and it is told.
    write(
        "create trigger refuses before update of settled_at on events when new.id = (select max(id) from events)
         begin select raise(abort, 'refused'); end",
    )
    .await;
    let closed = START + 2 * HOUR;
    clock.set(closed);
    assert!(site.engine.giveaways.catch_up(&site.engine.notices).await.is_err());
    let before = settled_by(closed).await;
    assert!((10..EVENTS).contains(&before), "{before}");
    clock.set(closed + HOUR);
    write("drop trigger refuses").await;
    site.engine.giveaways.catch_up(&site.engine.notices).await.unwrap();
    assert_eq!(settled_by(closed + HOUR).await, EVENTS);
    assert!(settled_by(closed).await >= before, "none was settled again");
}
