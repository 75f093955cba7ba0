//! What many do at the same instant, where one would decide by what another is changing.

use crate::support::{Site, draft, make_event, request};
use engine::accounts::Actor;
use engine::{
    Error,
    accounts::SignUp,
    clock::Clock,
    events::{EventForm, Pictures},
    giveaways::WinnerForm,
};
use model::{DAY, Delivery, EventId, FieldError, HOUR, MemberId, SECOND, Time};
use std::{net::IpAddr, sync::Arc};
use testing::{On, both};
use tokio::task::JoinSet;

const START: Time = Time(1_795_258_800 * SECOND);

/// How often each is tried: a race is not lost every time.
const ROUNDS: usize = 8;

both!(an_email_and_a_nickname_are_taken_once, "multi_thread");
async fn an_email_and_a_nickname_are_taken_once(on: On) {
    let site = Site::start(on).await;
    for round in 0..ROUNDS {
        let mut signing_up = JoinSet::new();
        for person in 0..8 {
            let members = site.engine.accounts.clone();
            let form = SignUp {
                // The same email for all of them, or the same nickname.
                email: if round % 2 == 0 {
                    format!("a{round}@test.example")
                } else {
                    format!("b{round}.{person}@test.example")
                },
                nickname: if round % 2 == 1 { format!("수달{round}") } else { format!("해달{round}{person}") },
                password: "비가 오는 날엔 수달".into(),
                terms: true,
                adult: true,
                marketing: false,
            };
            let address = IpAddr::from([10, 0, round as u8, person]);
            signing_up.spawn(async move { members.sign_up(form, "test", address).await });
        }
        let mut signed_up = 0;
        for done in signing_up.join_all().await {
            match done {
                Ok(_) => signed_up += 1,
                Err(Error::Refused(model::Error::Invalid { fields })) => {
                    let field = if round % 2 == 0 { "email" } else { "nickname" };
                    assert_eq!(fields.0, [(field.to_owned(), FieldError::Taken)]);
                }
                Err(other) => panic!("{other}"),
            }
        }
        assert_eq!(signed_up, 1);
    }
}

both!(a_form_sent_many_times_at_once_creates_once, "multi_thread");
async fn a_form_sent_many_times_at_once_creates_once(on: On) {
    let site = Site::start(on).await;
    let creator = site.creator().await.member;
    for _ in 0..ROUNDS {
        let (request, opens_at) = (request(), site.engine.clock.now() + HOUR);
        let mut creating = JoinSet::new();
        for _ in 0..8 {
            let events = site.engine.events.clone();
            let made = async move {
                events.create(&Actor::host(creator), request, draft(opens_at, 3), Pictures::default()).await
            };
            creating.spawn(made);
        }
        let mut made: Vec<EventId> = creating.join_all().await.into_iter().map(Result::unwrap).collect();
        made.dedup();
        assert_eq!(made.len(), 1);
    }
}

both!(changes_made_at_once_are_all_kept_in_a_row, "multi_thread");
async fn changes_made_at_once_are_all_kept_in_a_row(on: On) {
    let site = Site::with_clock(on, Clock::manual(START)).await;
    let creator = site.creator().await.member;
    let event = make_event(&site.engine, creator, DAY, 3).await;
    let mut changing = JoinSet::new();
    for n in 0..16 {
        let events = site.engine.events.clone();
        let form = EventForm {
            title: format!("머그 {n}"),
            category: "living".into(),
            opens_at: (START + DAY).to_local(),
            closes_at: (START + DAY + HOUR).to_local(),
            prizes: vec![("머그".into(), "goods".into(), "3".into())],
            ..EventForm::default()
        };
        changing.spawn(async move { events.edit(&Actor::host(creator), event, &form, None, false).await });
    }
    changing.join_all().await.into_iter().for_each(|done| done.unwrap());
    // Each says what it found: the one before.
    let mut told = site.engine.events.revisions(event).await.unwrap();
    told.reverse();
    let titles: Vec<(String, String)> = told
        .into_iter()
        .filter_map(|revision| match revision.edit {
            model::Edit::Title { from, to } => Some((from, to)),
            _ => None,
        })
        .collect();
    assert_eq!(titles.len(), 16);
    assert!(titles.windows(2).all(|pair| pair[0].1 == pair[1].0), "{titles:?}");
    assert_eq!(site.engine.events.view(event, &Actor::Visitor).await.unwrap().card.title, titles[15].1);
}

/// An open event whose first `capacity` entrants won.
async fn entered(
    site: &Site,
    clock: &Clock,
    creator: MemberId,
    capacity: u64,
    people: usize,
) -> (EventId, Vec<MemberId>) {
    let event = make_event(&site.engine, creator, 0, capacity).await;
    let opened = clock.now();
    let people = site.people(people).await;
    for (i, person) in people.iter().enumerate() {
        clock.set(opened + (i as i64 + 1) * SECOND);
        person.enter(event).await;
    }
    (event, people.into_iter().map(|person| person.member).collect())
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

async fn count(site: &Site, text: &'static str, event: EventId) -> i64 {
    site.engine.db.sql(text).bind(event).one::<(i64,)>().await.unwrap().0
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
                    Ok(()) | Err(Error::Refused(model::Error::Forbidden | model::Error::TooLate)) => {}
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
        assert_eq!(count(&site, held, event).await, 0, "round {round}");
        assert_eq!(count(&site, "select count(*) from deliveries where event_id = $1", event).await, 0);
    }
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
                results.disqualify(&Actor::host(creator), event, rank, "두 번 참여했어요").await.unwrap()
            });
        }
        for _ in 0..2 {
            let engine = engine.clone();
            acting.spawn(async move { engine.giveaways.catch_up(&engine.notices).await.unwrap() });
        }
        acting.join_all().await;
        let waiting = "select count(*) from commands where event_id = $1 and done_at is null";
        for _ in 0..200 {
            if count(&site, waiting, event).await == 0 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        let held = "select count(*) from claims where event_id = $1 and state = 'offered'";
        assert_eq!(count(&site, held, event).await, 6, "round {round}: every place went to one who stood by");
        let (_, violations) = engine::check(&engine.db).await.unwrap();
        assert_eq!(violations, []);
    }
}
