//! What is paid for one unit.

use crate::Offer;

/// Whole won for one of what is offered; nothing for what is given away. Of a discounted price the fraction of a won is left out,
/// in the buyer's favour.
pub fn price_each(offer: &Offer) -> i64 {
    match offer {
        Offer::Giveaway { .. } => 0,
        Offer::Ticket { price, .. } => *price,
        Offer::Deal { list_price, discount, .. } => {
            let left = 100_i64.saturating_sub(*discount).clamp(0, 100);
            // In more bits: a list price is never near their end, but this is also asked before it was checked.
            (i128::from(*list_price) * i128::from(left) / 100) as i64
        }
    }
}

/// Below so many whole won a price is rather a slip of the hand.
const SMALL: i64 = 100;
/// So much off is rather a digit that was forgotten, in percent.
const STEEP: i64 = 90;
/// More whole won in all are rather a digit too many.
const LARGE: i128 = 10_000_000_000;

/// Whether a price looks like a mistake, so that its writer is asked once more.
pub fn needs_confirming(offer: &Offer) -> bool {
    let price = price_each(offer);
    let steep = matches!(offer, Offer::Deal { discount, .. } if *discount >= STEEP);
    let small = !matches!(offer, Offer::Giveaway { .. }) && (1..SMALL).contains(&price);
    steep || small || i128::from(price) * i128::from(offer.capacity()) > LARGE
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Checkout, RefundFees, Time};
    use proptest::prelude::*;

    fn deal(list_price: i64, discount: i64, stock: u64) -> Offer {
        let (delivery, checkout, details) = (String::new(), Checkout::default(), Vec::new());
        Offer::Deal { list_price, discount, stock, limit: 1, delivery, checkout, details }
    }

    fn ticket(price: i64, seats: u64) -> Offer {
        Offer::Ticket {
            place: "극장".into(),
            address: "서울".into(),
            coordinates: None,
            starts_at: Time(0),
            seats,
            price,
            limit: 1,
            checkout: Checkout::default(),
            refunds: RefundFees::default(),
        }
    }

    #[test]
    fn fractions_of_a_won_are_left_out() {
        assert_eq!(price_each(&deal(27_000, 45, 1)), 14_850);
        assert_eq!(price_each(&deal(999, 33, 1)), 669, "669.33");
        assert_eq!(price_each(&deal(27_000, 0, 1)), 27_000);
        assert_eq!(price_each(&deal(i64::MAX, 0, 1)), i64::MAX);
        assert_eq!(price_each(&ticket(0, 10)), 0);
    }

    #[test]
    fn what_looks_like_a_mistake_is_asked_about() {
        assert!(!needs_confirming(&deal(27_000, 89, 300)));
        assert!(needs_confirming(&deal(27_000, 90, 300)));
        assert!(needs_confirming(&deal(120, 20, 10)) && !needs_confirming(&deal(125, 20, 10)));
        assert!(!needs_confirming(&deal(10_000, 0, 1_000_000)) && needs_confirming(&deal(10_001, 0, 1_000_000)));
        assert!(!needs_confirming(&ticket(0, 1_000_000)) && needs_confirming(&ticket(99, 1)));
    }

    proptest! {
        #[test]
        fn a_discount_never_costs_more(list in 1i64..=100_000_000, discount in 0i64..=99) {
            let price = price_each(&deal(list, discount, 1));
            prop_assert!(price <= list && price * 100 <= list * (100 - discount));
            prop_assert!((price + 1) * 100 > list * (100 - discount), "not a whole won too low");
        }
    }
}
