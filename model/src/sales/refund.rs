//! What giving back costs (product.md, O4).

use super::{GivingBack, OrderState};
use crate::{Offer, RefundFees, Time};

impl RefundFees {
    /// Percent of the price that giving a ticket back at `now` costs, when the doors open at `starts_at`: by whole days in Korea,
    /// as people count them ("until 10 days before").
    pub fn percent(&self, now: Time, starts_at: Time) -> u8 {
        let days = starts_at.day() - now.day();
        let step = match days {
            10.. => 0,
            7.. => 1,
            3.. => 2,
            1.. => 3,
            _ => 4,
        };
        self.0[step].min(100)
    }
}

/// What giving back `units` of an order gives and costs at `now`, by the terms it was bought by; `None` when it cannot be given back
/// any more. `price` is won for each unit.
pub fn giving_back(terms: &Offer, state: OrderState, units: u32, price: i64, now: Time) -> Option<GivingBack> {
    let paid = price.checked_mul(i64::from(units))?;
    let percent = match terms {
        // Freely until the seller is about to send it.
        Offer::Deal { .. } => (state == OrderState::Paid).then_some(0)?,
        Offer::Ticket { refunds, starts_at, .. } => {
            let open = state.is_paid() && now < *starts_at;
            open.then(|| refunds.percent(now, *starts_at)).filter(|percent| *percent < 100 || price == 0)?
        }
        Offer::Giveaway { .. } => return None,
    };
    // What is left over by rounding is the buyer's.
    let fee = paid * i64::from(percent) / 100;
    Some(GivingBack { units, refund: paid - fee, fee })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Checkout, DAY, MICROSECOND};
    use proptest::prelude::*;

    fn ticket(starts_at: Time, refunds: RefundFees) -> Offer {
        let (place, address) = (String::new(), String::new());
        let checkout = Checkout::default();
        Offer::Ticket { place, address, coordinates: None, starts_at, seats: 1, price: 0, limit: 1, checkout, refunds }
    }

    #[test]
    fn the_usual_table_is_that_of_the_rules() {
        let starts_at = Time(1_795_622_400_000_000);
        let fees = RefundFees::default();
        for (days, percent) in [(12, 0), (10, 0), (9, 10), (7, 10), (6, 20), (3, 20), (2, 30), (1, 30), (0, 100)] {
            assert_eq!(fees.percent(starts_at - DAY.times(days), starts_at), percent, "{days} days before");
        }
    }

    #[test]
    fn a_step_lasts_until_midnight_in_korea() {
        let starts_at = Time(1_795_622_400_000_000);
        let fees = RefundFees::default();
        for (step, days) in [10, 7, 3, 1].into_iter().enumerate() {
            let end = starts_at.midnight() - DAY.times(days - 1);
            assert_eq!(fees.percent(end - MICROSECOND, starts_at), fees.0[step], "{days}");
            assert_eq!(fees.percent(end, starts_at), fees.0[step + 1], "{days}");
        }
    }

    proptest! {
        #[test]
        fn nobody_gets_back_more_than_they_paid_nor_less_as_the_table_says(
            price in 0i64..10_000_000, units in 1u32..100, before in -20i64..20, fees: [u8; 5],
        ) {
            let starts_at = Time(1_795_622_400_000_000);
            let now = starts_at - DAY.times(before);
            let fees = RefundFees(fees.map(|fee| fee % 101));
            let offer = ticket(starts_at, fees);
            if let Some(back) = giving_back(&offer, OrderState::Paid, units, price, now) {
                prop_assert!(before > 0);
                prop_assert_eq!(back.refund + back.fee, price * i64::from(units));
                prop_assert!(back.refund >= 0 && back.fee >= 0);
                // Piece by piece is never kinder to the seller than all at once.
                let each = giving_back(&offer, OrderState::Paid, 1, price, now).unwrap();
                prop_assert!(each.fee * i64::from(units) <= back.fee);
            }
        }

        #[test]
        fn giving_back_later_never_costs_less(first in 0i64..30 * 86_400, second in 0i64..30 * 86_400) {
            let starts_at = Time(1_795_622_400_000_000);
            let fees = RefundFees::default();
            let at = |seconds: i64| fees.percent(starts_at - crate::SECOND.times(seconds), starts_at);
            let (early, late) = (first.max(second), first.min(second));
            prop_assert!(at(early) <= at(late));
        }
    }
}
