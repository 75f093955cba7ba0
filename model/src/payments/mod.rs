//! Payments and refunds as written state machines: which step may follow which, and nothing of how it is carried out.
//!
//! ```text
//! preparing ─► prepared ─► approved ─► confirming ─► paid
//!     │            │           │           │  ▲  └──► declined
//!     │            │           │           ▼  │ asked again
//!     │            │           │         unknown ──► looked up: paid, declined, or cancelled after ten minutes
//!     └────────────┴───────────┴──► declined, cancelled
//!
//! owed ─► refunding ─► refunded
//!             ▼  ▲ asked again
//!           unknown ──► looked up: refunded
//! ```

mod sandbox;
mod way;

pub use way::PayWay;

pub use sandbox::{SandboxChoice, SandboxId, SandboxState, SandboxView};

use crate::{MINUTE, SECOND, Span, Time, error::codes, id::ids};
use serde::{Deserialize, Serialize};

/// How long a customer has to approve a payment.
pub const APPROVE_WITHIN: Span = MINUTE.times(15);
/// How long a payment whose outcome is unknown is looked up, from when it was approved. Then it is cancelled at its provider.
pub const LOOK_UP_FOR: Span = MINUTE.times(10);
/// The shortest and the longest pause between two looks at a payment, and the longest one between two at a refund.
const FIRST_PAUSE: Span = SECOND.times(2);
const LONGEST_PAUSE: Span = SECOND.times(30);
const LONGEST_REFUND_PAUSE: Span = MINUTE.times(30);

ids! {
    /// A payment.
    PaymentId
    /// A refund.
    RefundId
}

codes! {
    /// Why something cannot be paid for or given back.
    pub enum PaymentError {
        /// Nobody who takes payments is configured.
        NoProvider = "no_provider", 503;
        /// The provider does not take this payment.
        Refused = "payment_refused", 409;
        /// The payment is over.
        Over = "payment_over", 409;
        /// More would be given back than was paid.
        TooMuch = "refund_too_much", 409;
    }
}

/// Whole won. Sums and differences are checked: money neither wraps nor saturates.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "sql", derive(sqlx::Type), sqlx(transparent))]
pub struct Won(pub i64);

impl Won {
    /// Nothing.
    pub const ZERO: Won = Won(0);

    /// Both together; `None` when that is too much to count.
    pub fn plus(self, other: Won) -> Option<Won> {
        self.0.checked_add(other.0).map(Won)
    }

    /// What is left without `other`; `None` when that is less than nothing.
    pub fn minus(self, other: Won) -> Option<Won> {
        self.0.checked_sub(other.0).filter(|left| *left >= 0).map(Won)
    }

    /// So many of it, as pieces of one price; `None` when that is too much to count.
    pub fn times(self, count: u32) -> Option<Won> {
        self.0.checked_mul(count.into()).map(Won)
    }
}

/// Where a payment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "sql", derive(sqlx::Type), sqlx(type_name = "text", rename_all = "snake_case"))]
pub enum PaymentState {
    /// The provider is being told of it.
    Preparing,
    /// The customer is asked for their approval.
    Prepared,
    /// The customer approved, and what is paid for waits for it.
    Approved,
    /// The provider is being asked to take the money.
    Confirming,
    /// It was asked, and nobody knows yet whether it did.
    Unknown,
    /// The money was taken.
    Paid,
    /// No money was taken, or another amount that goes back.
    Declined,
    /// It is over without an answer; whatever was taken of it goes back.
    Cancelled,
}

/// What may happen to a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PaymentStep {
    /// The provider says where to approve it.
    Prepared,
    /// The customer approved it.
    Approved,
    /// The provider is asked to take the money.
    Asked,
    /// It took the money.
    Paid,
    /// It did not.
    Declined,
    /// It may have.
    Unknown,
    /// Nobody waits for it any longer.
    Cancelled,
}

impl PaymentStep {
    /// Every step.
    pub const ALL: [PaymentStep; 7] = [
        PaymentStep::Prepared,
        PaymentStep::Approved,
        PaymentStep::Asked,
        PaymentStep::Paid,
        PaymentStep::Declined,
        PaymentStep::Unknown,
        PaymentStep::Cancelled,
    ];
}

impl PaymentState {
    /// Every state.
    pub const ALL: [PaymentState; 8] = [
        PaymentState::Preparing,
        PaymentState::Prepared,
        PaymentState::Approved,
        PaymentState::Confirming,
        PaymentState::Unknown,
        PaymentState::Paid,
        PaymentState::Declined,
        PaymentState::Cancelled,
    ];

    /// Where a step leads from here; `None` where it cannot happen.
    pub fn after(self, step: PaymentStep) -> Option<PaymentState> {
        use PaymentState as State;
        match (self, step) {
            (State::Preparing, PaymentStep::Prepared) => Some(State::Prepared),
            (State::Prepared, PaymentStep::Approved) => Some(State::Approved),
            (State::Approved | State::Unknown, PaymentStep::Asked) => Some(State::Confirming),
            (State::Confirming, PaymentStep::Unknown) => Some(State::Unknown),
            // What a look-up found to be taken need not have been asked for by us.
            (State::Approved | State::Confirming | State::Unknown, PaymentStep::Paid) => Some(State::Paid),
            (from, PaymentStep::Declined) if from.is_open() => Some(State::Declined),
            (from, PaymentStep::Cancelled) if from.is_open() => Some(State::Cancelled),
            _ => None,
        }
    }

    /// Whether something is still to happen.
    pub fn is_open(self) -> bool {
        !matches!(self, PaymentState::Paid | PaymentState::Declined | PaymentState::Cancelled)
    }
}

/// Why a payment came to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "sql", derive(sqlx::Type), sqlx(type_name = "text", rename_all = "snake_case"))]
pub enum Decline {
    /// The customer did not want to.
    Customer,
    /// The customer did not approve in time.
    Expired,
    /// The provider, or whoever is behind it, says no.
    Refused,
    /// Another amount than ours was approved, or ours has changed.
    Amount,
    /// What was to be paid for is not the customer's any more.
    Gone,
    /// The provider did not answer for too long.
    Unanswered,
}

/// Where a refund stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "sql", derive(sqlx::Type), sqlx(type_name = "text", rename_all = "snake_case"))]
pub enum RefundState {
    /// It is to be given back.
    Owed,
    /// The provider is being asked to.
    Refunding,
    /// It was asked, and nobody knows yet whether it did.
    Unknown,
    /// It was given back.
    Refunded,
}

/// What may happen to a refund.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RefundStep {
    /// The provider is asked to give the money back.
    Asked,
    /// It may have.
    Unknown,
    /// It did.
    Refunded,
}

impl RefundState {
    /// Where a step leads from here; `None` where it cannot happen.
    pub fn after(self, step: RefundStep) -> Option<RefundState> {
        match (self, step) {
            (RefundState::Owed | RefundState::Unknown, RefundStep::Asked) => Some(RefundState::Refunding),
            (RefundState::Refunding, RefundStep::Unknown) => Some(RefundState::Unknown),
            (RefundState::Refunding | RefundState::Unknown, RefundStep::Refunded) => Some(RefundState::Refunded),
            _ => None,
        }
    }

    /// Whether something is still to happen.
    pub fn is_open(self) -> bool {
        self != RefundState::Refunded
    }
}

/// When a payment that was approved at `approved_at` is looked up again: soon at first, and for the last time when its time is
/// over. `None` when that was.
pub fn look_up_again(approved_at: Time, now: Time) -> Option<Time> {
    let last = approved_at + LOOK_UP_FOR;
    (now < last).then(|| last.min(now + pause(approved_at, now, LONGEST_PAUSE)))
}

/// When a refund owed since `owed_at` is looked at again: until it is done.
pub fn refund_again(owed_at: Time, now: Time) -> Time {
    now + pause(owed_at, now, LONGEST_REFUND_PAUSE)
}

/// A quarter of the time that has passed.
fn pause(since: Time, now: Time, longest: Span) -> Span {
    (now.since(since) / 4).max(FIRST_PAUSE).min(longest)
}

/// A payment as whoever pays sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentView {
    /// Which.
    pub id: PaymentId,
    /// Where it stands.
    pub state: PaymentState,
    /// What is paid.
    pub amount: Won,
    /// What of it goes back, or has.
    pub refunded: Won,
    /// Why it came to nothing.
    pub decline: Option<Decline>,
    /// Where the customer approves it, while that is asked for.
    pub link: Option<String>,
    /// Until when they can.
    pub expires_at: Time,
    /// Whether no money moves, because the provider is the sandbox.
    pub sandbox: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{prelude::*, sample::select};
    use std::collections::HashSet;

    /// Every state that is reached from the first.
    fn reached() -> HashSet<PaymentState> {
        let (mut reached, mut next) = (HashSet::new(), vec![PaymentState::Preparing]);
        while let Some(state) = next.pop() {
            if reached.insert(state) {
                next.extend(PaymentStep::ALL.into_iter().filter_map(|step| state.after(step)));
            }
        }
        reached
    }

    #[test]
    fn every_state_is_reached_and_every_open_one_can_end() {
        assert_eq!(reached(), PaymentState::ALL.into());
        for state in PaymentState::ALL {
            let ends = [PaymentStep::Declined, PaymentStep::Cancelled].map(|step| state.after(step).is_some());
            assert_eq!(ends, [state.is_open(); 2], "{state:?}");
        }
    }

    proptest! {
        #[test]
        fn a_payment_ends_once_and_is_paid_only_after_it_was_approved(steps in proptest::collection::vec(select(&PaymentStep::ALL), 0..40)) {
            let (mut state, mut approved, mut ended) = (PaymentState::Preparing, false, None);
            for step in steps {
                let Some(next) = state.after(step) else { continue };
                prop_assert!(ended.is_none(), "{:?} went on to {:?}", state, next);
                approved |= next == PaymentState::Approved;
                if matches!(next, PaymentState::Confirming | PaymentState::Unknown | PaymentState::Paid) {
                    prop_assert!(approved, "{:?} without an approval", next);
                }
                ended = (!next.is_open()).then_some(next);
                state = next;
            }
        }

        #[test]
        fn a_refund_ends_once_and_only_after_it_was_asked_for(
            steps in proptest::collection::vec(select(&[RefundStep::Asked, RefundStep::Unknown, RefundStep::Refunded]), 0..40),
        ) {
            let (mut state, mut asked) = (RefundState::Owed, false);
            for step in steps {
                let Some(next) = state.after(step) else { continue };
                prop_assert!(state.is_open());
                asked |= next == RefundState::Refunding;
                prop_assert!(asked);
                state = next;
            }
        }

        #[test]
        fn look_ups_end_after_ten_minutes_and_not_before(approved_at in 0i64..1_000_000_000_000, late in 0i64..5_000_000) {
            let approved_at = Time(approved_at);
            let (mut now, mut looks) = (approved_at, 0);
            while let Some(next) = look_up_again(approved_at, now) {
                prop_assert!(next > now && next <= approved_at + LOOK_UP_FOR);
                // However late a look is.
                (now, looks) = (next + Span::from_micros(late), looks + 1);
            }
            prop_assert!(now >= approved_at + LOOK_UP_FOR);
            prop_assert!((15..60).contains(&looks), "{} looks", looks);
        }

        #[test]
        fn money_is_counted_or_refused(a: i64, b: i64, count: u32) {
            let sum = i128::from(a) + i128::from(b);
            prop_assert_eq!(Won(a).plus(Won(b)).map(|sum| i128::from(sum.0)), i64::try_from(sum).ok().map(i128::from));
            let left = i128::from(a) - i128::from(b);
            prop_assert_eq!(Won(a).minus(Won(b)).is_some(), left >= 0 && i64::try_from(left).is_ok());
            let product = i128::from(a) * i128::from(count);
            prop_assert_eq!(Won(a).times(count).is_some(), i64::try_from(product).is_ok());
        }
    }
}
