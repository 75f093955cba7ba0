//! What a member shows of themselves.

use crate::{DAY, PictureId, Span, Time};
use serde::{Deserialize, Serialize};

/// How far apart a nickname is changed: whoever is known by one is found again.
pub const NICKNAME_KEPT: Span = DAY.times(30);

/// A member's own profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnProfile {
    /// What they are called.
    pub nickname: String,
    /// When that was changed last.
    pub changed_at: Option<Time>,
    /// Their picture.
    pub picture: Option<PictureId>,
    /// When this was read.
    pub now: Time,
}

impl OwnProfile {
    /// From when the nickname may be changed again, while it may not.
    pub fn kept_until(&self) -> Option<Time> {
        nickname_kept_until(self.changed_at, self.now)
    }
}

/// Until when a nickname stays as it is that was changed then; `None` when it may be changed.
pub fn nickname_kept_until(changed_at: Option<Time>, now: Time) -> Option<Time> {
    changed_at.map(|at| at + NICKNAME_KEPT).filter(|until| now < *until)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MICROSECOND;

    #[test]
    fn a_nickname_is_kept_for_thirty_days() {
        let at = Time(1_000);
        assert_eq!(nickname_kept_until(None, at), None, "the first change is free");
        assert_eq!(nickname_kept_until(Some(at), at), Some(at + NICKNAME_KEPT));
        assert_eq!(nickname_kept_until(Some(at), at + NICKNAME_KEPT - MICROSECOND), Some(at + NICKNAME_KEPT));
        assert_eq!(nickname_kept_until(Some(at), at + NICKNAME_KEPT), None);
    }
}
