//! A room as its readers see it.

use super::{super::Registry, *};
use crate::{
    feed::{Observer, Update},
    turnstile::Decided,
};
use model::{Entry, Kind, MemberId, Moments};

pub fn rules(event: u128) -> EventRules {
    let moments = Moments {
        published_at: Some(Time(0)),
        opens_at: Time(1000),
        closes_at: Time(2000),
        cancelled_at: None,
        settled_at: None,
        suspended_at: None,
    };
    EventRules {
        event: EventId(uuid::Uuid::from_u128(event)),
        creator: MemberId(uuid::Uuid::nil()),
        kind: Kind::Giveaway,
        sale: None,
        capacity: 2,
        moments,
        entry_code: None,
        revisions: 0,
    }
}

pub fn room() -> (Registry, Arc<Room>) {
    let rooms = Registry::default();
    let room = rooms.open(&rules(0), None);
    (rooms, room)
}

pub fn standing(total: u64) -> LedgerState {
    LedgerState {
        total,
        capacity: 2,
        last_at: Time(0),
        next_sequence: total,
        closed: false,
        cancelled: false,
        full: false,
        sale: None,
    }
}

pub fn nothing() -> Contents {
    let waitlist = Waitlist::default();
    Contents { top: vec![], recent: vec![], pulse: vec![], waitlist, chat_last: 0, chat: vec![] }
}

pub fn load(room: &Room, standing: LedgerState, contents: Contents) {
    let loading = Loading { room, _turn: room.loading.try_lock().unwrap() };
    loading.begin_anew();
    loading.load(standing, contents);
}

pub fn commit(rooms: &Registry, ranks: std::ops::RangeInclusive<u64>) {
    let entries = ranks.clone().map(|rank| Decided {
        member: MemberId(uuid::Uuid::from_u128(rank.into())),
        nickname: "수달".into(),
        entry: Entry::of_one(rank, Time(1000 + rank as i64), Span::from_micros(rank as i64), EntryState::Won),
        salt: [0; 16],
    });
    let batch = Batch { entries: entries.collect(), ..Batch::default() };
    let total = *ranks.end();
    rooms.update(EventId(uuid::Uuid::nil()), Update::Committed(&batch, standing(total)));
}

fn read(view: &mut Option<Snapshot>, published: &Published) {
    for frame in published.since(view.as_ref().map(|room| room.version)) {
        match model::wire::decode(&frame).unwrap() {
            ToBrowser::Snapshot(room) => *view = Some(room),
            ToBrowser::Change(change) => assert!(view.as_mut().unwrap().apply(change)),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn fast_and_slow_readers_see_the_same() {
    let (rooms, room) = room();
    commit(&rooms, 1..=3);
    load(&room, standing(2), nothing());
    let (mut fast, mut slow) = (None, None);
    room.tick(Time(0));
    read(&mut slow, &room.published());
    for step in 0..100u64 {
        commit(&rooms, 4 + step * 3..=6 + step * 3);
        room.tick(Time(1000));
        read(&mut fast, &room.published());
        if step % 40 == 39 {
            read(&mut slow, &room.published());
        }
    }
    read(&mut slow, &room.published());
    assert_eq!(fast, slow);
    let seen = fast.unwrap();
    assert_eq!((seen.total, seen.state), (303, EventState::Full));
    assert_eq!(seen.top.iter().map(|row| row.rank).collect::<Vec<_>>(), (3..=TOP).collect::<Vec<_>>());
    assert_eq!(seen.recent.last().unwrap().rank, 303);
}

#[test]
fn people_are_counted_not_tabs() {
    let (_, room) = room();
    load(&room, standing(0), nothing());
    let first = room.enter(7);
    let second = room.enter(7);
    let other = room.enter(8);
    assert_eq!(room.present(), 2);
    drop(second);
    assert_eq!(room.present(), 2);
    drop(first);
    drop(other);
    assert_eq!(room.present(), 2, "perhaps they only reload the page");
    (0..50).for_each(|_| drop(room.tick(Time(0))));
    assert_eq!(room.present(), 0);
}

#[test]
fn who_comes_and_goes_is_no_news_and_a_crowd_that_comes_is_told_now_and_then() {
    let (_, room) = room();
    load(&room, standing(0), nothing());
    room.tick(Time(0));
    let version = || room.published().version;
    let before = version();
    for _ in 0..200 {
        drop(room.enter(7));
        room.tick(Time(0));
    }
    assert_eq!(version(), before + 1, "somebody came");
    let mut crowd: Vec<Stay> = Vec::new();
    for person in 0..200 {
        crowd.push(room.enter(100 + person));
        room.tick(Time(0));
    }
    assert!((15..=25).contains(&(version() - before)), "{} versions", version() - before);
    (0..10).for_each(|_| drop(room.tick(Time(0))));
    assert_eq!(room.published().state.present, room.present());
}

#[test]
fn a_room_that_is_opened_again_knows_that_its_event_was_cancelled() {
    let (_, room) = room();
    load(&room, LedgerState { cancelled: true, ..standing(0) }, nothing());
    room.tick(Time(0));
    assert_eq!(room.published().state.state, EventState::Cancelled);
}

#[test]
fn states_are_announced_once() {
    let (rooms, room) = room();
    load(&room, standing(0), nothing());
    let _stay = room.enter(1);
    assert_eq!(room.tick(Time(0)), [], "how a room is found is no news");
    assert_eq!(room.tick(Time(1000)), [EventState::Open]);
    assert_eq!(room.tick(Time(1001)), []);
    commit(&rooms, 1..=2);
    assert_eq!(room.tick(Time(1002)), [EventState::Full]);
    assert_eq!(room.tick(Time(2000)), [EventState::Closed]);
}

#[test]
fn a_room_shows_that_its_event_is_stopped_and_says_in_its_chat_only_that_it_opened() {
    let (_, room) = room();
    load(&room, standing(0), nothing());
    let shown = |room: &Room| room.published().state.state;
    let revise = |suspended_at: Option<Time>| {
        let stopped = rules(0);
        room.revised(&EventRules { moments: Moments { suspended_at, ..stopped.moments }, ..stopped }, standing(0));
    };
    room.tick(Time(0));
    revise(Some(Time(1)));
    assert_eq!((room.tick(Time(1)), shown(&room)), (vec![], EventState::Suspended));
    assert_eq!((room.tick(Time(1000)), shown(&room)), (vec![], EventState::Suspended), "its opening passes");
    revise(None);
    assert_eq!((room.tick(Time(1001)), shown(&room)), (vec![EventState::Open], EventState::Open));
    revise(Some(Time(1002)));
    assert_eq!((room.tick(Time(1002)), shown(&room)), (vec![], EventState::Suspended));
}
