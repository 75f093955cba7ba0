//! The winner's form, and what becomes of it.

use crate::rights::{cases, reads};
use crate::support::{
    Person, ROUNDS, START, Site, client,
    giveaway::{FORM, entered, party},
    make_event,
};
use engine::{Error, accounts::Actor, clock::Clock, giveaways::WinnerForm};
use model::{Came, ClaimState, DAY, Delivery, EntryState, GiveawayError, HOUR, Notice, SECOND, Span};
use std::sync::Arc;
use testing::{On, both, eventually};
use tokio::task::JoinSet;

reads! {
    "/events/{event}/result" => 401, 200;
    "/creator/events/{event}" => 401, 403;
}

cases! {
    "fill-claim", [("name", "수달")] => 403;
    "send-prize", [("rank", "1")] => 403;
    "disqualify-entry", [("rank", "1"), ("reason", "싫어요")] => 403;
}

both!(a_winner_says_once_where_the_prize_goes, "multi_thread");
async fn a_winner_says_once_where_the_prize_goes(on: On) {
    let party = party(on, 1, 3).await;
    let [winner, next, _] = party.people.as_slice() else { panic!() };
    assert_eq!(party.notices(winner).await, [Notice::Won { due_at: START + SECOND + 3 * DAY }]);
    assert!(party.notices(next).await.is_empty());
    // Without consent or with half of it missing nothing is taken, and what was typed is shown again.
    let answer = winner
        .change(
            &format!("/events/{}/result", party.event),
            "fill-claim",
            &[("event", &party.event.to_string()), ("name", "김수달")],
        )
        .await;
    assert_eq!(answer.status(), 422);
    let page = answer.text().await.unwrap();
    assert!(page.contains("김수달") && page.contains("꼭 필요해요."));
    // Who stands by has no form, and nobody fills in another's.
    assert_eq!(party.fill(next).await, 403);
    let form = client().post(party.site.url(&format!("/events/{}/result?do=fill-claim", party.event))).form(FORM);
    let nobody = form.header("accept", "text/html").send().await.unwrap();
    assert_eq!(nobody.status(), 307, "with what was typed");
    assert!(nobody.headers()["location"].to_str().unwrap().starts_with("/sign-in"));
    assert_eq!(party.fill(winner).await, 303);
    assert_eq!(party.fill(winner).await, 409, "once");
    let claim = party.site.engine.giveaways.claim(&Actor::host(winner.member), party.event).await.unwrap().unwrap();
    assert_eq!((claim.state, claim.delivery.phone.as_str()), (ClaimState::Filled, "010-1234-5678"));
    party.clock.set(START + HOUR / 2);
    // Only the creator marks it sent, once.
    let (page, event) = (format!("/creator/events/{}", party.event), party.event.to_string());
    let prize = [("event", event.as_str()), ("rank", "1")];
    assert_eq!(winner.change(&page, "send-prize", &prize).await.status(), 403);
    assert_eq!(party.creator.change(&page, "send-prize", &prize).await.status(), 303);
    assert_eq!(party.creator.change(&page, "send-prize", &prize).await.status(), 409);
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

both!(what_was_erased_stands_in_no_file_of_the_database, "multi_thread");
async fn what_was_erased_stands_in_no_file_of_the_database(on: On) {
    let party = party(on, 2, 2).await;
    let [sent, kept] = party.people.as_slice() else { panic!() };
    assert_eq!((party.fill(sent).await, party.fill(kept).await), (303, 303));
    let (page, event) = (format!("/creator/events/{}", party.event), party.event.to_string());
    let prize = [("event", event.as_str()), ("rank", "1")];
    assert_eq!(party.creator.change(&page, "send-prize", &prize).await.status(), 303);
    let [phone, address] = ["010-1234-5678", "세종대로 110"];
    assert!(party.site.stands(phone).await && party.site.stands(address).await, "as long as it is needed");
    let given = async || {
        let claim = party.site.engine.giveaways.claim(&Actor::host(kept.member), party.event).await;
        claim.unwrap().unwrap().delivery.phone
    };
    party.clock.set(START + 89 * DAY);
    party.catch_up().await;
    assert_eq!(given().await, phone);
    // The other prize was never sent, and both put it into their own address books, which are theirs to empty.
    party.clock.set(START + 91 * DAY);
    party.catch_up().await;
    assert_eq!(given().await, "");
    for person in [sent, kept] {
        let host = Actor::host(person.member);
        let book = party.site.engine.addresses.book(&host).await.unwrap();
        assert_eq!(book.addresses.len(), 1);
        // Their sessions are long over.
        party.site.engine.addresses.delete(&host, book.addresses[0].id).await.unwrap();
    }
    // A transaction that ran beside it may have kept it in a file of PostgreSQL until the next time.
    eventually("nothing is left behind", async || {
        party.catch_up().await;
        party.site.engine.addresses.erase().await.unwrap();
        !party.site.stands(phone).await && !party.site.stands(address).await
    })
    .await;
    party.sound().await;
}

both!(whoever_entered_finds_it_among_their_own_at_once, "multi_thread");
async fn whoever_entered_finds_it_among_their_own_at_once(on: On) {
    let party = party(on, 1, 1).await;
    // Of whom nothing is written down yet: they entered after the last look, and one of them won.
    let event = make_event(&party.site.engine, party.creator.member, Span::ZERO, 1).await;
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
        let entries = party.site.engine.pages.my_entries(&Actor::host(person.member), Came::All, None).await.unwrap();
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
    let event = make_event(&party.site.engine, party.creator.member, Span::ZERO, 1).await;
    party.clock.set(party.clock.now() + SECOND);
    people[1].enter(event).await;
    party.site.engine.events.cancel(&Actor::host(party.creator.member), event, "오늘은 쉬어요").await.unwrap();
    people[1].get("/my").await;
    let withdrawn = (2, 0, Some((ClaimState::Withdrawn, party.clock.now() + 3 * DAY)));
    assert_eq!(entries(&people[1]).await, withdrawn);
    party.catch_up().await;
    assert_eq!(entries(&people[1]).await, withdrawn);
    party.sound().await;
}

both!(a_cancelled_event_takes_its_prizes_back_and_tells_everybody, "multi_thread");
async fn a_cancelled_event_takes_its_prizes_back_and_tells_everybody(on: On) {
    let party = party(on, 1, 3).await;
    assert_eq!(party.fill(&party.people[0]).await, 303);
    party.clock.set(START + HOUR / 2);
    let (page, event) = (format!("/events/{}", party.event), party.event.to_string());
    let form = [("event", event.as_str()), ("reason", "머그가 깨졌어요")];
    assert_eq!(party.creator.change(&page, "cancel-event", &form).await.status(), 303);
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

fn form() -> WinnerForm {
    let delivery = Delivery {
        name: "김수달".into(),
        phone: "010-1234-5678".into(),
        postcode: "04524".into(),
        address: "서울 중구 세종대로 110".into(),
        detail: "3층".into(),
    };
    WinnerForm { delivery, consent: true, save: false }
}

both!(what_is_called_off_leaves_no_claim_and_no_address, "multi_thread");
async fn what_is_called_off_leaves_no_claim_and_no_address(on: On) {
    let clock = Clock::manual(START);
    let site = Site::with_clock(on, clock.clone()).await;
    let creator = site.creator().await.member;
    for round in 0..ROUNDS as u64 {
        let (event, people) = entered(&site, &clock, creator, 12, 12).await;
        let engine = Arc::new(site.engine.clone());
        let mut acting = JoinSet::new();
        for (i, member) in people.into_iter().enumerate() {
            let engine = engine.clone();
            acting.spawn(async move {
                tokio::time::sleep(std::time::Duration::from_micros(i as u64 * 200)).await;
                match engine.giveaways.fill(&Actor::host(member), event, &form()).await {
                    Ok(())
                    | Err(Error::Refused(model::Error::Forbidden | model::Error::Giveaway(GiveawayError::TooLate))) => {
                    }
                    Err(other) => panic!("{other:?}"),
                }
            });
        }
        let calling_off = engine.clone();
        acting.spawn(async move {
            tokio::time::sleep(std::time::Duration::from_micros(round * 400)).await;
            calling_off.events.cancel(&Actor::host(creator), event, "머그가 깨졌어요").await.unwrap();
        });
        let following = engine.clone();
        acting.spawn(async move { following.giveaways.catch_up(&following.notices).await.unwrap() });
        acting.join_all().await;
        let held = "select count(*) from claims where event_id = $1 and state in ('offered', 'filled')";
        assert_eq!(site.count(held, event).await, 0, "round {round}");
        assert_eq!(site.count("select count(*) from deliveries where event_id = $1", event).await, 0);
    }
}
