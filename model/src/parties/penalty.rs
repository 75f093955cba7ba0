//! Penalties: who did not come although others counted on them, and how they stand.

use super::PartyId;
use crate::{DAY, MemberId, Span, Time};
use serde::{Deserialize, Serialize};

/// How long a penalty counts.
pub const PENALTY_LASTS: Span = DAY.times(90);
/// From so many on nobody joins or makes another party.
const BLOCKED_FROM: u32 = 3;

/// What somebody was marked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "sql", derive(sqlx::Type), sqlx(type_name = "text", rename_all = "snake_case"))]
pub enum PenaltyKind {
    /// Did not come.
    NoShow,
    /// Left when the others counted on them.
    LateLeave,
    /// Led the party, and did not come.
    AbsentLeader,
}

/// What became of an appeal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "sql", derive(sqlx::Type), sqlx(type_name = "text", rename_all = "snake_case"))]
pub enum AppealState {
    /// There was none.
    None,
    /// An admin is to decide.
    Open,
    /// The penalty stays.
    Refused,
    /// The penalty was taken back: it counts no more.
    Granted,
}

/// A penalty as its member and admins see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Penalty {
    /// Of which party; each member has at most one of each.
    pub party: PartyId,
    /// What was to be bought.
    pub item: String,
    /// When the party met.
    pub met_at: Time,
    /// What for.
    pub kind: PenaltyKind,
    /// When it was given.
    pub at: Time,
    /// Whether it counts.
    pub counts: bool,
    /// What the member says against it.
    pub appeal: String,
    /// What became of that.
    pub state: AppealState,
    /// What the admin said to it.
    pub answer: String,
}

/// An appeal that an admin is to decide.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appeal {
    /// Who was marked.
    pub member: MemberId,
    /// What they are called.
    pub nickname: String,
    /// What for, and what they say.
    pub penalty: Penalty,
}

/// What others see beside a nickname, inside parties.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Badge {
    /// Nothing against them, and at least one party done: ⭐.
    Star,
    /// Blocked: 👻.
    Ghost,
}

/// How a member stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Penalties that count.
    pub penalties: u32,
    /// Whether they have done a party.
    pub done: bool,
}

impl Standing {
    /// Of the times of all penalties that were not taken back.
    pub fn of(penalties: &[Time], done: bool, now: Time) -> Standing {
        let counting = penalties.iter().filter(|at| counts(**at, now)).count();
        Standing { penalties: u32::try_from(counting).unwrap_or(u32::MAX), done }
    }

    /// Whether they may neither make nor join another party.
    pub fn is_blocked(self) -> bool {
        self.penalties >= BLOCKED_FROM
    }

    /// What stands beside the nickname.
    pub fn badge(self) -> Option<Badge> {
        match self.penalties {
            0 if self.done => Some(Badge::Star),
            count if count >= BLOCKED_FROM => Some(Badge::Ghost),
            _ => None,
        }
    }
}

/// Whether a penalty that was given at some time, and not taken back, counts.
pub fn counts(at: Time, now: Time) -> bool {
    now < at + PENALTY_LASTS
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn badges_follow_what_counts() {
        let standing = |penalties, done| Standing { penalties, done };
        let badges = |done| [0, 1, 2, 3, 4].map(|penalties| standing(penalties, done).badge());
        assert_eq!(badges(true), [Some(Badge::Star), None, None, Some(Badge::Ghost), Some(Badge::Ghost)]);
        assert_eq!(badges(false), [None, None, None, Some(Badge::Ghost), Some(Badge::Ghost)]);
        assert_eq!([2, 3].map(|penalties| standing(penalties, true).is_blocked()), [false, true]);
    }

    #[test]
    fn a_penalty_counts_for_ninety_days() {
        let at = Time(0);
        let just_before = Time(0) + PENALTY_LASTS - crate::MICROSECOND;
        assert_eq!([just_before, at + DAY.times(90)].map(|now| counts(at, now)), [true, false]);
    }

    proptest! {
        #[test]
        fn blocks_fall_by_themselves(days in proptest::collection::vec(0i64..400, 0..8), now in 0i64..500) {
            let penalties: Vec<_> = days.iter().map(|day| Time(0) + *day * DAY).collect();
            let now = Time(0) + now * DAY;
            let given: Vec<_> = penalties.iter().copied().filter(|at| *at <= now).collect();
            let standing = Standing::of(&given, true, now);
            let within = given.iter().filter(|at| now.since(**at) < PENALTY_LASTS).count();
            prop_assert_eq!(standing.penalties as usize, within);
            prop_assert_eq!(standing.is_blocked(), standing.badge() == Some(Badge::Ghost));
            let last = given.iter().max().copied().unwrap_or(now);
            prop_assert_eq!(Standing::of(&given, true, last + PENALTY_LASTS).penalties, 0);
        }
    }
}
