//! Entries and the board that shows them.

use crate::{Span, Time, error::codes, wire::both_ways};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::num::NonZeroI64;

/// How many ranks a board page holds; pages begin at 1, 101, 201, …
pub const BOARD_PAGE: u64 = 100;

codes! {
    /// Why a click becomes no entry.
    pub enum EntryError {
        /// The click came before the opening.
        TooEarly {
            /// How much was missing.
            early: Span,
        } = "too_early", 425;
        /// Capacity and standby are both given away.
        Full = "full", 409;
        /// The click came after the event had closed.
        Closed = "closed", 409;
        /// Nobody enters their own event.
        OwnEvent = "own_event", 403;
        /// The creator took this member out of the event.
        Disqualified = "disqualified", 403;
        /// The event asks for a code and this is not it.
        WrongCode = "wrong_code", 422;
        /// Less than one unit, or more than one person may take.
        Quantity = "quantity", 422;
    }
}

/// What became of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "sql", derive(sqlx::Type), sqlx(type_name = "text", rename_all = "snake_case"))]
pub enum EntryState {
    /// Within capacity.
    Won,
    /// Behind capacity, served in rank order when capacity returns.
    Standby,
    /// Behind standby: on the board, without a claim. Of a sale: still stood by when it ended.
    Lost,
    /// Taken out by the creator with a reason that stays visible.
    Disqualified,
    /// What it was given was not claimed, or not paid for, in time.
    Expired,
    /// Of a sale: its units are theirs, and they wait to be let into checkout.
    Given,
    /// Of a sale: its units are held until a deadline while they are paid for.
    Checkout,
    /// Of a sale: its units are theirs for good.
    Paid,
    /// Of a sale: gave their units or their place in the line back.
    Left,
    /// Of a sale: everything that was paid for was given back.
    Refunded,
}

/// How many units a press asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Wish {
    /// As many, at least 1.
    pub quantity: u32,
    /// Whether fewer would do when there are not so many.
    pub fewer: bool,
}

impl Default for Wish {
    fn default() -> Wish {
        Wish { quantity: 1, fewer: false }
    }
}

impl Wish {
    /// Goes on when one person may take so many.
    ///
    /// # Errors
    /// [`EntryError::Quantity`].
    pub fn check(self, limit: u32) -> Result<Wish, EntryError> {
        if (1..=limit).contains(&self.quantity) { Ok(self) } else { Err(EntryError::Quantity) }
    }

    /// No more than one person may take: the limit may have been another when it was chosen.
    pub fn at_most(self, limit: u32) -> Wish {
        Wish { quantity: self.quantity.min(limit), ..self }
    }

    /// The fewest units it would take.
    pub fn least(self) -> u32 {
        if self.fewer { 1 } else { self.quantity }
    }
}

/// A deadline, or none, in the room of a number: ledgers hold millions of entries. As JSON it is the time or `null`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Due(Option<NonZeroI64>);

impl Due {
    /// No deadline.
    pub const NONE: Due = Due(None);

    /// A deadline; the beginning of 1970 stands for none.
    pub fn at(time: Time) -> Due {
        Due(NonZeroI64::new(time.0))
    }

    /// When it is.
    pub fn time(self) -> Option<Time> {
        self.0.map(|at| Time(at.get()))
    }

    fn is_none(&self) -> bool {
        self.0.is_none()
    }
}

impl From<Option<Time>> for Due {
    fn from(time: Option<Time>) -> Due {
        time.map_or(Due::NONE, Due::at)
    }
}

impl Serialize for Due {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.time().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Due {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Due, D::Error> {
        Option::<Time>::deserialize(deserializer).map(Due::from)
    }
}

both_ways! {
    /// One member's accepted click on one event.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct Entry {
        /// Place in the event's one sequence, from 1 without gaps.
        pub rank: u64,
        /// Server time of the click; strictly increasing with rank.
        #[json(rename = "entered_at_us")]
        pub entered_at: Time,
        /// How long after the opening.
        #[json(rename = "since_open_us")]
        pub since_open: Span,
        /// What became of it.
        pub state: EntryState,
        /// How many units of what is released it asks for.
        #[json(default = "one")]
        pub quantity: u32,
        /// Of a sale: whether fewer would do. JSON says it only when they would.
        #[json(default, skip_serializing_if = "is_no")]
        pub fewer: bool,
        /// Of a sale: whether its member had entered before and left, or let time run out: there is no third time.
        #[json(default, skip_serializing_if = "is_no")]
        pub again: bool,
        /// Of a sale: how many units are theirs at the moment, held or paid for. JSON says it only when there are any.
        #[json(default, skip_serializing_if = "is_zero")]
        pub units: u32,
        /// Of a sale: until when its units are held in checkout.
        #[json(rename = "due_at_us", default, skip_serializing_if = "Due::is_none")]
        pub due: Due,
    }
}

impl Entry {
    /// An entry that asks for one unit, with nothing that only sales have.
    pub const fn of_one(rank: u64, entered_at: Time, since_open: Span, state: EntryState) -> Entry {
        Entry { rank, entered_at, since_open, state, quantity: 1, fewer: false, again: false, units: 0, due: Due::NONE }
    }

    /// Until when its units are held in checkout.
    pub fn due_at(&self) -> Option<Time> {
        self.due.time()
    }

    /// What it asks for.
    pub fn wish(&self) -> Wish {
        Wish { quantity: self.quantity, fewer: self.fewer }
    }

    /// Of a sale: whether its member may join once more, at the end, while the sale runs.
    pub fn may_join_again(&self) -> bool {
        matches!(self.state, EntryState::Left | EntryState::Expired) && !self.again
    }
}

fn one() -> u32 {
    1
}

fn is_zero(units: &u32) -> bool {
    *units == 0
}

fn is_no(answer: &bool) -> bool {
    !*answer
}

both_ways! {
    /// An entry as everyone sees it.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct BoardRow {
        /// Place in the event's one sequence.
        pub rank: u64,
        /// The member's nickname, or its masked form when they chose so.
        pub nickname: String,
        /// How long after the opening.
        #[json(rename = "since_open_us")]
        pub since_open: Span,
        /// What became of it.
        pub state: EntryState,
        /// Why it was taken out.
        #[json(default, skip_serializing_if = "Option::is_none")]
        pub reason: Option<String>,
    }
}

/// Up to [`BOARD_PAGE`] consecutive ranks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BoardPage {
    /// How many entries the event has in all.
    pub total: u64,
    /// In rank order.
    pub entries: Vec<BoardRow>,
}

impl BoardPage {
    /// The first rank of the page on which `rank` stands.
    pub fn first_of(rank: u64) -> u64 {
        rank.saturating_sub(1) / BOARD_PAGE * BOARD_PAGE + 1
    }
}

/// Who stands by, as far as it takes to say how many are ahead: everybody behind a rank, but for those who left.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waitlist {
    /// Nobody up to this rank stands by any more.
    pub after: u64,
    /// Ranks behind it that were given what they stood by for, or left; in order.
    pub left: Vec<u64>,
}

impl Waitlist {
    /// Which one of those who stand by `rank` is, from 1; nobody up to `capacity` stands by.
    pub fn number(&self, rank: u64, capacity: u64) -> u64 {
        let after = self.after.max(capacity);
        let before = |rank: u64| self.left.partition_point(|left| *left < rank);
        let left = before(rank).saturating_sub(before(after + 1));
        rank.saturating_sub(after).saturating_sub(left as u64).max(1)
    }

    /// Something became of an entry.
    pub fn mark(&mut self, rank: u64, state: EntryState, capacity: u64) {
        if matches!(state, EntryState::Standby | EntryState::Lost) {
            return;
        }
        self.after = self.after.max(capacity);
        if let Err(place) = self.left.binary_search(&rank) {
            self.left.insert(place, rank);
        }
        // Those who stand by are served by rank: what left is mostly what comes first.
        let mut first = self.left.partition_point(|left| *left <= self.after);
        while self.left.get(first) == Some(&(self.after + 1)) {
            self.after += 1;
            first += 1;
        }
        self.left.drain(..first);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        /// Against counting those who stand by, whoever leaves and however capacity rises.
        #[test]
        fn those_who_stand_by_ahead_are_counted(steps in proptest::collection::vec((0..3u8, 1..40u64), 0..60)) {
            let (mut capacity, total) = (5u64, 40);
            let mut standing: BTreeSet<u64> = (capacity + 1..=total).collect();
            let mut list = Waitlist { after: capacity, left: Vec::new() };
            for (step, rank) in steps {
                match step {
                    // A place returns, and goes to the first; or one is taken out, wherever.
                    0 => if let Some(first) = standing.pop_first() {
                        list.mark(first, EntryState::Won, capacity);
                    },
                    1 => {
                        standing.remove(&rank);
                        list.mark(rank, EntryState::Disqualified, capacity);
                    }
                    // There are more places: as many are served.
                    _ => {
                        let more = (rank % 3).min(total - capacity);
                        for _ in 0..more {
                            if let Some(first) = standing.pop_first() {
                                list.mark(first, EntryState::Won, capacity);
                            }
                        }
                        capacity += more;
                    }
                }
                for (i, rank) in standing.iter().enumerate() {
                    prop_assert_eq!(list.number(*rank, capacity), i as u64 + 1, "{:?} {}", list, rank);
                }
            }
        }
    }

    /// Of a large giveaway nothing is kept of those who were served.
    #[test]
    fn a_waitlist_stays_small() {
        let mut list = Waitlist { after: 100_000, left: Vec::new() };
        list.mark(150_000, EntryState::Disqualified, 100_000);
        (100_001..=140_000).for_each(|rank| list.mark(rank, EntryState::Won, 100_000));
        assert_eq!(list, Waitlist { after: 140_000, left: vec![150_000] });
        assert_eq!([140_001, 150_001, 200_000].map(|rank| list.number(rank, 100_000)), [1, 10_000, 59_999]);
    }

    #[test]
    fn an_entry_says_how_many_it_asks_for_and_one_of_before_asked_for_one() {
        let entry = Entry::of_one(1, Time(5), Span::from_micros(3), EntryState::Won);
        let json = r#"{"rank":1,"entered_at_us":5,"since_open_us":3,"state":"won","quantity":1}"#;
        assert_eq!(serde_json::to_string(&entry).unwrap(), json);
        assert_eq!(serde_json::from_str::<Entry>(json).unwrap(), entry);
        assert_eq!(serde_json::from_str::<Entry>(&json.replace(",\"quantity\":1", "")).unwrap(), entry);
        let two = Entry { quantity: 2, ..entry };
        let json = serde_json::to_string(&two).unwrap();
        assert!(json.ends_with(r#""quantity":2}"#), "{json}");
        assert_eq!(serde_json::from_str::<Entry>(&json).unwrap(), two);
    }

    #[test]
    fn an_entry_of_a_sale_says_what_it_has_and_until_when() {
        let entry = Entry {
            quantity: 3,
            fewer: true,
            units: 2,
            due: Due::at(Time(9)),
            ..Entry::of_one(1, Time(5), Span::from_micros(3), EntryState::Checkout)
        };
        let json = r#"{"rank":1,"entered_at_us":5,"since_open_us":3,"state":"checkout","quantity":3,"fewer":true,"units":2,"due_at_us":9}"#;
        assert_eq!(serde_json::to_string(&entry).unwrap(), json);
        assert_eq!(serde_json::from_str::<Entry>(json).unwrap(), entry);
        assert_eq!(crate::wire::decode(&crate::wire::encode(&entry)), Some(entry));
        assert!(size_of::<Entry>() <= 48, "{} bytes: ledgers hold millions", size_of::<Entry>());
    }

    #[test]
    fn nobody_asks_for_nothing_or_for_more_than_one_person_may_take() {
        for (quantity, good) in [(0, false), (1, true), (3, true), (4, false), (u32::MAX, false)] {
            let wish = Wish { quantity, fewer: true };
            assert_eq!(wish.check(3), if good { Ok(wish) } else { Err(EntryError::Quantity) });
            assert_eq!(wish.at_most(3), Wish { quantity: quantity.min(3), ..wish });
        }
        assert_eq!((Wish { quantity: 3, fewer: true }.least(), Wish { quantity: 3, fewer: false }.least()), (1, 3));
    }
}
