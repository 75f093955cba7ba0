//! A whole hour.

use super::SlotError;
use crate::{HOUR, Time};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A whole hour, by its beginning; Korea's are everybody's. In forms and addresses as `2026-11-27T20:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "sql", derive(sqlx::Type), sqlx(transparent))]
pub struct Hour(Time);

impl Hour {
    /// The one in which a moment lies.
    pub fn of(at: Time) -> Hour {
        Hour(at - crate::Span::from_micros(at.0.rem_euclid(HOUR.micros())))
    }

    /// When it begins.
    pub fn start(self) -> Time {
        self.0
    }

    /// When it ends.
    pub fn end(self) -> Time {
        self.0 + HOUR
    }

    /// The one that follows.
    #[must_use]
    pub fn next(self) -> Hour {
        Hour(self.end())
    }
}

impl fmt::Display for Hour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_local()[..16])
    }
}

impl FromStr for Hour {
    type Err = SlotError;

    /// # Errors
    /// [`SlotError::NotWhole`] for what is no time, or within an hour.
    fn from_str(text: &str) -> Result<Hour, SlotError> {
        let at = Time::parse_local(text).ok_or(SlotError::NotWhole)?;
        Some(Hour::of(at)).filter(|hour| hour.start() == at).ok_or(SlotError::NotWhole)
    }
}
