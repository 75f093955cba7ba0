use super::*;
use crate::HOUR;
use proptest::prelude::*;
use uuid::Uuid;

const START: Time = Time(1_795_258_800_000_000);
const MOST: u32 = 2;
const PRICE: Won = Won(20_000);

/// A booking as the engine keeps it.
#[derive(Debug, Clone)]
struct Booking {
    seller: MemberId,
    hours: BTreeSet<Hour>,
    state: BookingState,
    held_until: Time,
    paying: bool,
    paid: i64,
    back: i64,
}

/// What may happen, in any order.
#[derive(Debug, Clone)]
enum Step {
    Book(u8, BTreeSet<i64>),
    Approve(usize),
    Take(usize),
    Decline(usize, bool),
    GiveUp(usize),
    GiveBack(usize, usize),
    Tidy,
    Wait(i64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0u8..4, proptest::collection::btree_set(0i64..30, 1..4)).prop_map(|(who, hours)| Step::Book(who, hours)),
        3 => (0usize..20).prop_map(Step::Approve),
        3 => (0usize..20).prop_map(Step::Take),
        1 => (0usize..20, any::<bool>()).prop_map(|(which, retry)| Step::Decline(which, retry)),
        1 => (0usize..20).prop_map(Step::GiveUp),
        2 => (0usize..20, 0usize..4).prop_map(|(which, hour)| Step::GiveBack(which, hour)),
        1 => Just(Step::Tidy),
        2 => (1i64..20).prop_map(Step::Wait),
    ]
}

fn member(number: u8) -> MemberId {
    MemberId(Uuid::from_u128(number.into()))
}

fn end(booking: &mut Booking) {
    if let Some(state) = booking.state.after(BookingStep::Ended) {
        booking.state = state;
        booking.hours.clear();
    }
}

/// Ends what is overdue, which whoever books does first.
fn tidy(bookings: &mut [Booking], now: Time) {
    for booking in bookings.iter_mut().filter(|booking| booking.state == BookingState::Held) {
        if is_overdue(booking.held_until, booking.paying, now) {
            end(booking);
        }
    }
}

/// Everything that has a place: an hour is taken for as long as its booking was not ended, whatever the time is.
fn taken(bookings: &[Booking]) -> Vec<(Hour, MemberId)> {
    bookings.iter().flat_map(|booking| booking.hours.iter().map(|hour| (*hour, booking.seller))).collect()
}

fn make(bookings: &mut Vec<Booking>, step: &Step, now: Time) -> Result<(), SlotError> {
    let count = bookings.len();
    let at = |which: usize| which.checked_rem(count).ok_or(SlotError::Over);
    match step {
        Step::Book(who, hours) => {
            tidy(bookings, now);
            let seller = member(*who);
            let hours = wished(hours.iter().map(|hour| Hour::of(START + *hour * HOUR)), now)?;
            fits(seller, &hours, &taken(bookings), MOST)?;
            if bookings.iter().any(|booking| booking.seller == seller && booking.state == BookingState::Held) {
                return Err(SlotError::Unpaid);
            }
            let held_until = now + HELD_FOR;
            let state = BookingState::Held;
            bookings.push(Booking { seller, hours, state, held_until, paying: false, paid: 0, back: 0 });
        }
        Step::Approve(which) => {
            let booking = &mut bookings[at(*which)?];
            let open = booking.state == BookingState::Held && !booking.paying && booking.held_until > now;
            booking.paying |= open;
        }
        Step::Take(which) => {
            let booking = &mut bookings[at(*which)?];
            if booking.paying {
                booking.state = booking.state.after(BookingStep::Paid).unwrap_or(booking.state);
                (booking.paying, booking.paid) = (false, PRICE.0 * booking.hours.len() as i64);
            }
        }
        Step::Decline(which, retry) => {
            let booking = &mut bookings[at(*which)?];
            if std::mem::take(&mut booking.paying) && !retry {
                end(booking);
            }
        }
        Step::GiveUp(which) => {
            let booking = &mut bookings[at(*which)?];
            if booking.state == BookingState::Held && !booking.paying {
                end(booking);
            }
        }
        Step::GiveBack(which, hour) => {
            let booking = &mut bookings[at(*which)?];
            let hour = booking.hours.iter().nth(*hour).copied().ok_or(SlotError::Over)?;
            if booking.state != BookingState::Booked || !may_give_back(hour, PRICE, now) {
                return Err(SlotError::TooLate);
            }
            booking.hours.remove(&hour);
            booking.back += PRICE.0;
        }
        Step::Tidy => tidy(bookings, now),
        Step::Wait(_) => {}
    }
    Ok(())
}

proptest! {
    /// Whatever happens in whichever order, no hour has more deals than the limit, nobody has two places in one, nobody has an hour
    /// for nothing, and money is where its hours are.
    #[test]
    fn no_hour_is_promised_more_often_than_there_is_room(steps in proptest::collection::vec(step(), 0..120)) {
        let (mut bookings, mut now) = (Vec::new(), START);
        for step in steps {
            if let Step::Wait(minutes) = step {
                now = now + minutes * MINUTE;
            }
            let before = bookings.clone();
            if let (Err(error), Step::Book(..)) = (make(&mut bookings, &step, now), &step) {
                let mut tidied = before;
                tidy(&mut tidied, now);
                prop_assert_eq!(taken(&tidied), taken(&bookings), "{:?} changed something", error);
            }
            let all = taken(&bookings);
            for (hour, seller) in &all {
                prop_assert!(all.iter().filter(|(other, _)| other == hour).count() <= MOST as usize, "{hour} has too many");
                prop_assert_eq!(all.iter().filter(|(other, whose)| (other, whose) == (hour, seller)).count(), 1);
            }
            for booking in &bookings {
                if booking.state == BookingState::Booked {
                    prop_assert_eq!(booking.paid - booking.back, PRICE.0 * booking.hours.len() as i64);
                } else {
                    prop_assert_eq!(booking.paid, 0);
                }
            }
        }
        // Nothing is set aside for ever.
        for booking in &mut bookings {
            booking.paying = false;
        }
        tidy(&mut bookings, now + HELD_FOR);
        prop_assert!(bookings.iter().all(|booking| booking.state != BookingState::Held));
    }

    #[test]
    fn a_moment_lies_in_one_hour_and_hours_survive_text(at in 0i64..4_000_000_000_000_000) {
        let hour = Hour::of(Time(at));
        prop_assert!(hour.start() <= Time(at) && Time(at) < hour.end());
        prop_assert_eq!(hour.start().civil().minute, 0);
        prop_assert_eq!(hour.to_string().parse::<Hour>(), Ok(hour));
        prop_assert_eq!(hour.next().start(), hour.end());
    }

    #[test]
    fn a_deal_lies_within_its_hours_and_needs_each_of_them(at in 0i64..4_000_000_000_000_000, lasts in 1i64..(8 * DAY.micros())) {
        let (opens, closes) = (Time(at), Time(at) + Span::from_micros(lasts));
        let hours: BTreeSet<Hour> = hours_of(opens, closes).collect();
        let runs = runs(&hours);
        prop_assert_eq!(runs.len(), 1, "without a gap");
        prop_assert!(runs[0].0 <= opens && closes <= runs[0].1);
        prop_assert!(opens < runs[0].0 + HOUR && runs[0].1 - HOUR < closes, "and none too many");
    }

    #[test]
    fn what_is_given_back_for_money_begins_a_day_later(ahead in -100i64..200, minutes in 0i64..60) {
        let (hour, now) = (Hour::of(START), START - ahead * HOUR + minutes * MINUTE);
        prop_assert_eq!(may_give_back(hour, PRICE, now), hour.start() - now >= DAY);
        prop_assert_eq!(may_give_back(hour, Won::ZERO, now), now < hour.start());
    }
}

#[test]
fn what_cannot_be_booked_says_why() {
    let hours = |hours: std::ops::Range<i64>| hours.map(|hour| Hour::of(START + hour * HOUR)).collect::<Vec<_>>();
    let now = START + 30 * MINUTE;
    assert_eq!(wished(hours(0..0), now), Err(SlotError::NoHours));
    assert_eq!(wished(hours(0..25), now), Err(SlotError::TooMany));
    assert_eq!(wished(hours(0..24), now).map(|hours| hours.len()), Ok(24), "the rest of one that has begun, too");
    assert_eq!(wished(hours(-1..1), now), Err(SlotError::Past));
    assert_eq!(wished(hours(372 * 24 + 1..372 * 24 + 2), now), Err(SlotError::TooFar));
    assert_eq!(wished([hours(1..3), hours(2..4)].concat(), now).map(|hours| hours.len()), Ok(3), "each once");
    for text in ["2026-11-27T20:30", "2026-11-27T20:00:01", "2026-11-27", "soon", ""] {
        assert_eq!(text.parse::<Hour>(), Err(SlotError::NotWhole), "{text}");
    }
    let (one, two) = (member(1), member(2));
    let wish: BTreeSet<Hour> = hours(1..3).into_iter().collect();
    let taken = [(hours(2..3)[0], two)];
    assert_eq!(fits(one, &wish, &taken, 1), Err(SlotError::Full));
    assert_eq!(fits(one, &wish, &taken, 2), Ok(()));
    assert_eq!(fits(two, &wish, &taken, 2), Err(SlotError::Own));
    assert_eq!(runs(&[hours(1..3), hours(4..5)].concat().into_iter().collect()).len(), 2);
}

#[test]
fn a_day_is_shown_of_the_week_that_was_asked_for() {
    let page = |day: Option<Time>, monday: Time| SlotsPage {
        query: SlotsQuery { day, ..SlotsQuery::default() },
        terms: Terms::default(),
        monday,
        week: Vec::new(),
        unpaid: None,
        own: crate::Page::default(),
        may_sell: true,
        open: true,
        sandbox: true,
        request: crate::RequestId(Uuid::nil()),
        now: START,
    };
    let (today, monday) = (START.midnight(), START.midnight() - 2 * DAY);
    assert_eq!(page(None, monday).day(), today);
    assert_eq!(page(Some(monday + DAY), monday).day(), monday + DAY);
    assert_eq!(page(None, monday + 7 * DAY).day(), monday + 7 * DAY);
    assert_eq!(SlotsQuery::of(Some("2026-02-30"), None, None), Err(crate::Error::NotFound));
}
