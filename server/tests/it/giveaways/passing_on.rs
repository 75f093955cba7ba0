//! Prizes that go to those who stand by.

use crate::support::{
    ROUNDS, START, Site, client,
    giveaway::{entered, party},
};
use engine::{accounts::Actor, clock::Clock};
use model::{Came, ClaimState, DAY, EntryState, HOUR, Notice, SECOND};
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
