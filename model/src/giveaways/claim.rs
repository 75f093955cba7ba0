//! Claims: a prize given to one entry, and the days its holder has to ask for it.
//!
//! A winner has three days. Who lets them pass loses the prize to the first who stands by, who has one day; and so on, for
//! seven days in all, after which the prize counts as unclaimed. Only that one prize moves: others' never change.

use crate::{DAY, Entry, EventCard, FormErrors, Page, PrizeKind, Span, Time, text};
use serde::{Deserialize, Serialize};

/// How long the first holder has.
pub const FIRST: Span = DAY.times(3);
/// How long everyone after has.
pub const AGAIN: Span = DAY;
/// How long a prize goes from hand to hand.
pub const IN_ALL: Span = DAY.times(7);
/// How long what a winner wrote is kept after the prize was marked sent.
pub const KEPT: Span = DAY.times(30);
/// How long it is kept at most after it was given, whatever became of the prize.
pub const KEPT_AT_MOST: Span = DAY.times(90);

/// Until when a winner may claim what they won at `given_at`.
pub fn due_first(given_at: Time) -> Time {
    given_at + FIRST
}

/// Until when who stood by may claim what was passed on at `now` and first given at `first_at`; `None` when time is up.
pub fn due_again(first_at: Time, now: Time) -> Option<Time> {
    let end = first_at + IN_ALL;
    (now < end).then(|| end.min(now + AGAIN))
}

/// When a holder who has not claimed is reminded: with a quarter of the time left.
pub fn remind_at(given_at: Time, due_at: Time) -> Time {
    due_at - due_at.since(given_at) / 4
}

/// What became of a prize in one pair of hands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "sql", derive(sqlx::Type), sqlx(type_name = "text", rename_all = "snake_case"))]
pub enum ClaimState {
    /// The form is to be filled in.
    Offered,
    /// The form is with the creator.
    Filled,
    /// The creator marked it sent.
    Sent,
    /// The deadline passed.
    Expired,
    /// Taken back: disqualified, or the event was called off.
    Withdrawn,
}

/// Where a prize goes. Only what its kind needs is asked for and kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "sql", derive(sqlx::FromRow))]
pub struct Delivery {
    /// Who receives it, 2 to 30 characters.
    pub name: String,
    /// `010-0000-0000`.
    pub phone: String,
    /// Five digits; goods only.
    pub postcode: String,
    /// Road address; goods only.
    pub address: String,
    /// Flat, floor; goods only.
    pub detail: String,
}

impl Delivery {
    /// Checks what a winner of a prize of `kind` typed.
    ///
    /// # Errors
    /// What is wrong with each field.
    pub fn check(typed: &Delivery, kind: PrizeKind) -> Result<Delivery, FormErrors> {
        let mut errors = FormErrors::default();
        let name = errors.check("name", text::line(&typed.name, 2, 30)).unwrap_or_default();
        let phone = errors.check("phone", text::phone(&typed.phone)).unwrap_or_default();
        let mut delivery = Delivery { name, phone, ..Delivery::default() };
        if kind == PrizeKind::Goods {
            delivery.postcode = errors.check("postcode", text::postcode(&typed.postcode)).unwrap_or_default();
            delivery.address = errors.check("address", text::line(&typed.address, 5, 100)).unwrap_or_default();
            delivery.detail = errors.check("detail", text::line(&typed.detail, 0, 100)).unwrap_or_default();
        }
        if errors.0.is_empty() { Ok(delivery) } else { Err(errors) }
    }
}

/// A winner's own prize.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Which prize, from 1.
    pub place: usize,
    /// Its name.
    pub prize: String,
    /// How it reaches them.
    pub kind: PrizeKind,
    /// What became of it.
    pub state: ClaimState,
    /// Until when it may be claimed.
    pub due_at: Time,
    /// What they wrote; nothing yet while the form is due.
    pub delivery: Delivery,
}

/// One of a member's entries, in their list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MyEntry {
    /// Which event.
    pub event: EventCard,
    /// Rank, time, state.
    pub entry: Entry,
    /// The prize, when there is one.
    pub claim: Option<(ClaimState, Time)>,
    /// Which one of those who stand by it is, while it does.
    pub standby: Option<u64>,
}

/// Which of a member's entries a list holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Came {
    /// Every one.
    #[default]
    All,
    /// To a prize.
    Won,
    /// To none, or not yet.
    Lost,
}

impl Came {
    /// The name in addresses.
    pub fn name(self) -> &'static str {
        match self {
            Came::All => "all",
            Came::Won => "won",
            Came::Lost => "lost",
        }
    }

    /// The list of that name; else all.
    pub fn named(name: &str) -> Came {
        [Came::Won, Came::Lost].into_iter().find(|came| came.name() == name).unwrap_or_default()
    }
}

/// A member's entries with their counts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct MyEntries {
    /// Newest first.
    pub entries: Page<MyEntry>,
    /// How many there are in all.
    pub all: u64,
    /// How many won.
    pub won: u64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MICROSECOND;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_prize_never_stays_longer_than_seven_days(first in 0i64..1_000, waits in proptest::collection::vec(0..3 * DAY.micros(), 1..12)) {
            let first_at = Time(first);
            let mut now = due_first(first_at);
            for wait in waits {
                now = now + Span::from_micros(wait);
                match due_again(first_at, now) {
                    Some(due) => {
                        prop_assert!(due > now && due <= first_at + IN_ALL && due.since(now) <= AGAIN);
                        let reminded = remind_at(now, due);
                        prop_assert!(reminded > now - MICROSECOND && reminded <= due);
                        now = due;
                    }
                    None => prop_assert!(now >= first_at + IN_ALL),
                }
            }
        }
    }

    #[test]
    fn only_what_is_needed_is_kept() {
        let typed = Delivery {
            name: " 김수달 ".into(),
            phone: "01012345678".into(),
            postcode: "04524".into(),
            address: "서울 중구 세종대로 110".into(),
            detail: String::new(),
        };
        let coupon = Delivery::check(&typed, PrizeKind::Coupon).unwrap();
        assert_eq!((coupon.name.as_str(), coupon.phone.as_str()), ("김수달", "010-1234-5678"));
        assert_eq!(coupon.address, "");
        assert_eq!(Delivery::check(&typed, PrizeKind::Goods).unwrap().postcode, "04524");
        let none = Delivery::check(&Delivery::default(), PrizeKind::Goods).unwrap_err();
        assert_eq!(none.0.len(), 4);
    }
}
