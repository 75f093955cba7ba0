//! What happened at an event over time, for its creator.

use crate::{EntryError, Error, EventError};
use serde::{Deserialize, Serialize};

/// Why a click was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "sql", derive(sqlx::Type), sqlx(type_name = "text", rename_all = "snake_case"))]
#[allow(missing_docs)]
pub enum Reason {
    TooEarly,
    Full,
    Closed,
    Cancelled,
    OwnEvent,
    WrongCode,
    Disqualified,
    Suspended,
    Busy,
    EventSuspended,
}

impl Reason {
    /// In the order of every legend.
    pub const ALL: [Reason; 10] = [
        Reason::TooEarly,
        Reason::Full,
        Reason::Closed,
        Reason::Cancelled,
        Reason::OwnEvent,
        Reason::WrongCode,
        Reason::Disqualified,
        Reason::Suspended,
        Reason::Busy,
        Reason::EventSuspended,
    ];

    /// The reason that an error gives; `None` for those that say nothing of the event.
    pub fn of(error: &Error) -> Option<Reason> {
        Some(match error {
            Error::Entry(error) => match error {
                EntryError::TooEarly { .. } => Reason::TooEarly,
                EntryError::Full => Reason::Full,
                EntryError::Closed => Reason::Closed,
                EntryError::OwnEvent => Reason::OwnEvent,
                EntryError::WrongCode => Reason::WrongCode,
                EntryError::Disqualified => Reason::Disqualified,
                // What nobody's page sends says nothing of the event.
                EntryError::Quantity => return None,
            },
            Error::Event(EventError::Cancelled) => Reason::Cancelled,
            Error::Event(EventError::Suspended) => Reason::EventSuspended,
            Error::Suspended => Reason::Suspended,
            Error::Busy => Reason::Busy,
            _ => return None,
        })
    }
}

/// Points in time: seconds after the opening (before it, negative), and a count.
pub type Points = Vec<(i64, u64)>;

/// An event over time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Curves {
    /// How many seconds a point of `entries` stands for.
    pub width: i64,
    /// Accepted entries.
    pub entries: Points,
    /// People in the room; each count holds until the next.
    pub present: Points,
    /// Clicks refused within a second, by reason.
    pub refused: Vec<(Reason, Points)>,
}
