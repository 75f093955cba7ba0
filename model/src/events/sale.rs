//! The rules of a sale, as far as they follow from what is offered: price, limits, how long units are held, when it ends.

use super::{Kind, Offer};
use crate::{DAY, HOUR, MINUTE, Span, Time, sales::price_each};

/// How long a deal's units are held unless its creator says otherwise (product.md, O2).
const DEAL_HOLD: Span = MINUTE.times(10);
/// The least that a ticket is held until midnight (product.md, O2).
const TICKET_HOLD: Span = HOUR;

/// What the turnstile goes by in a sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SaleRules {
    /// A deal or a ticket.
    pub kind: Kind,
    /// Whole won each; 0 is free, and then nothing is to be paid.
    pub price: i64,
    /// How many units one person may take.
    pub limit: u32,
    /// How long units are held for whoever pays; `None`: until midnight in Korea, and at least an hour.
    pub hold: Option<Span>,
    /// How many may pay at the same time; `None`: all who have units.
    pub at_once: Option<u32>,
    /// The last moment at which units are offered: whoever still waits then gets nothing. A deal's holds that were given before it last
    /// as long as any other; no ticket is held past its event's start, which is this moment.
    pub ends_at: Time,
}

impl SaleRules {
    /// The rules of an offer whose event closes at `closes_at`; `None` when nothing is sold.
    pub fn of(offer: &Offer, closes_at: Time) -> Option<SaleRules> {
        let (limit, checkout) = match offer {
            Offer::Giveaway { .. } => return None,
            Offer::Deal { limit, checkout, .. } | Offer::Ticket { limit, checkout, .. } => (limit, checkout),
        };
        let minutes = checkout.minutes.map(|minutes| i64::from(minutes.max(1)) * MINUTE);
        let (hold, ends_at) = match offer {
            Offer::Ticket { starts_at, .. } => (minutes, *starts_at),
            _ => {
                let hold = minutes.unwrap_or(DEAL_HOLD);
                (Some(hold), closes_at + hold)
            }
        };
        Some(SaleRules {
            kind: offer.kind(),
            price: price_each(offer),
            limit: u32::try_from(*limit).unwrap_or(u32::MAX).max(1),
            hold,
            // Nobody waits until midnight for somebody else's checkout.
            at_once: checkout.at_once.filter(|_| minutes.is_some()).map(|at_once| at_once.max(1)),
            ends_at,
        })
    }

    /// Until when units that are put into checkout at `now` are held.
    pub fn due_at(&self, now: Time) -> Time {
        let due_at = match self.hold {
            Some(hold) => now + hold,
            None => midnight_after(now).max(now + TICKET_HOLD),
        };
        match self.kind {
            Kind::Ticket => due_at.min(self.ends_at),
            _ => due_at,
        }
    }

    /// How many may stand by at the same time.
    pub fn standby(&self, capacity: u64) -> u64 {
        self.kind.standby(capacity)
    }
}

/// The midnight in Korea that comes after `now`.
fn midnight_after(now: Time) -> Time {
    now.midnight() + DAY
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Checkout, RefundFees, SECOND};
    use proptest::prelude::*;

    fn deal(list_price: i64, discount: i64, checkout: Checkout) -> Offer {
        Offer::Deal { list_price, discount, stock: 10, limit: 2, delivery: String::new(), checkout, details: vec![] }
    }

    fn ticket(starts_at: Time, checkout: Checkout) -> Offer {
        Offer::Ticket {
            place: String::new(),
            address: String::new(),
            coordinates: None,
            starts_at,
            seats: 10,
            price: 12_000,
            limit: 4,
            checkout,
            refunds: RefundFees::default(),
        }
    }

    fn korea(text: &str) -> Time {
        Time::parse_local(text).unwrap()
    }

    #[test]
    fn a_price_is_rounded_down_to_the_won() {
        let price = |list_price, discount| {
            SaleRules::of(&deal(list_price, discount, Checkout::default()), Time(0)).unwrap().price
        };
        assert_eq!(price(29_999, 45), 16_499, "16,499.45");
        assert_eq!([price(27_000, 0), price(27_000, 100), price(1, 99)], [27_000, 0, 0]);
        assert_eq!(price(i64::MAX, 50), i64::MAX / 2);
    }

    #[test]
    fn a_deal_holds_for_ten_minutes_or_as_long_as_its_creator_says_and_offers_until_one_hold_after_its_closing() {
        let closes_at = korea("2026-11-26T21:00");
        let usual = SaleRules::of(&deal(1000, 0, Checkout::default()), closes_at).unwrap();
        let five = Checkout { minutes: Some(5), at_once: Some(3) };
        let five = SaleRules::of(&deal(1000, 0, five), closes_at).unwrap();
        assert_eq!((usual.ends_at, five.ends_at), (closes_at + 10 * MINUTE, closes_at + 5 * MINUTE));
        assert_eq!((usual.at_once, five.at_once), (None, Some(3)));
        let before = closes_at - MINUTE;
        assert_eq!((usual.due_at(before), five.due_at(before)), (before + 10 * MINUTE, before + 5 * MINUTE));
        // Whoever is next gets the same time, however late (product.md, O4).
        let late = closes_at + 3 * MINUTE;
        assert_eq!((usual.due_at(late), five.due_at(late)), (late + 10 * MINUTE, late + 5 * MINUTE));
    }

    #[test]
    fn a_ticket_is_held_until_midnight_at_least_an_hour_and_never_past_its_start() {
        let starts_at = korea("2026-11-28T19:00");
        let rules = SaleRules::of(&ticket(starts_at, Checkout::default()), korea("2026-11-27T12:00")).unwrap();
        let due_at = |now: &str| rules.due_at(korea(now)).to_local();
        assert_eq!(due_at("2026-11-26T09:00:00"), "2026-11-27T00:00:00");
        assert_eq!(due_at("2026-11-26T23:30:00"), "2026-11-27T00:30:00");
        assert_eq!(due_at("2026-11-27T00:00:00"), "2026-11-28T00:00:00");
        assert_eq!(due_at("2026-11-28T18:30:00"), "2026-11-28T19:00:00");
        // A limit on checkouts needs holds in minutes.
        let unlimited = Checkout { minutes: None, at_once: Some(3) };
        assert_eq!(SaleRules::of(&ticket(starts_at, unlimited), starts_at).unwrap().at_once, None);
        let limited = Checkout { minutes: Some(7), at_once: Some(3) };
        let limited = SaleRules::of(&ticket(starts_at, limited), starts_at).unwrap();
        assert_eq!((limited.at_once, limited.due_at(Time(0))), (Some(3), Time(0) + 7 * MINUTE));
        assert_eq!(SaleRules::of(&Offer::Giveaway { prizes: vec![] }, Time(0)), None);
    }

    proptest! {
        #[test]
        fn no_ticket_is_held_past_its_start_and_a_deal_always_as_long(at in 0i64..400_000, minutes in proptest::option::of(0u32..90), is_ticket: bool) {
            let checkout = Checkout { minutes, at_once: None };
            let (now, closes_at) = (Time(0) + at * SECOND, Time(0) + 300_000 * SECOND);
            let offer = if is_ticket { ticket(closes_at + DAY, checkout) } else { deal(1, 0, checkout) };
            let rules = SaleRules::of(&offer, closes_at).unwrap();
            let due_at = rules.due_at(now);
            match rules.hold.filter(|_| !is_ticket) {
                Some(hold) => prop_assert_eq!(due_at, now + hold),
                None => prop_assert!(due_at <= rules.ends_at),
            }
            prop_assert!(due_at > now || now >= rules.ends_at);
            if is_ticket && minutes.is_none() && now + HOUR <= rules.ends_at {
                prop_assert!(due_at >= now + HOUR);
            }
        }
    }
}
