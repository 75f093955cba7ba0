//! What everybody pays.

/// Won that are shared out: the same for each share, and what cannot be divided is the leader's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Split {
    /// Whole won for a share.
    pub each: i64,
    /// Whole won that the leader pays besides.
    pub rest: i64,
}

impl Split {
    /// Of so many won among so many shares; none are not shared out.
    pub fn of(total: i64, shares: u32) -> Split {
        let shares = i64::from(shares.max(1));
        Split { each: total / shares, rest: total % shares }
    }

    /// Whole won for who has so many shares.
    pub fn amount(self, shares: u32, leader: bool) -> i64 {
        self.each * i64::from(shares) + if leader { self.rest } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_rest_is_the_leaders() {
        let split = Split::of(10_000, 3);
        assert_eq!([true, false, false].map(|leader| split.amount(1, leader)), [3_334, 3_333, 3_333]);
        let split = Split::of(10_001, 3);
        assert_eq!([split.amount(2, true), split.amount(1, false)], [6_668, 3_333]);
        assert_eq!(Split::of(100, 0), Split { each: 100, rest: 0 });
    }

    proptest! {
        #[test]
        fn exactly_the_price_is_paid(total in 0i64..=100_000_000, shares in proptest::collection::vec(1u32..5, 1..20)) {
            let split = Split::of(total, shares.iter().sum());
            let paid: Vec<_> = shares.iter().enumerate().map(|(i, shares)| split.amount(*shares, i == 0)).collect();
            prop_assert_eq!(paid.iter().sum::<i64>(), total);
            prop_assert!(split.rest >= 0 && split.rest < i64::from(shares.iter().sum::<u32>()));
            let fair = paid.iter().zip(&shares).all(|(paid, shares)| *paid >= split.each * i64::from(*shares));
            prop_assert!(fair && paid.iter().zip(&shares).skip(1).all(|(paid, shares)| *paid == split.each * i64::from(*shares)));
        }
    }
}
