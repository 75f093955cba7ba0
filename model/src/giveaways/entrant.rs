//! Entrants as the creator of their event sees them.

use crate::{ClaimState, Cursor, Curves, Delivery, EntryState, EventCard, Page, Span, Time};
use serde::{Deserialize, Serialize};

/// Which entrants a table holds, and in which order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntrantsQuery {
    /// Only who was given a prize.
    #[serde(default)]
    pub winners: bool,
    /// Last rank first.
    #[serde(default)]
    pub backwards: bool,
    /// A rank, or how a nickname begins.
    #[serde(default)]
    pub find: String,
    /// Where to go on.
    #[serde(default)]
    pub after: Option<Cursor>,
}

/// One entrant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entrant {
    /// Place in the event's sequence.
    pub rank: u64,
    /// Their nickname; none once the member is erased.
    pub nickname: Option<String>,
    /// Server time of their click.
    pub entered_at: Time,
    /// How long after the opening.
    #[serde(rename = "since_open_us")]
    pub since_open: Span,
    /// What became of the entry.
    pub state: EntryState,
    /// Why it was taken out.
    pub reason: Option<String>,
    /// Another entrant of this event signed in on the same browser.
    pub same_device: bool,
    /// They won, and another member who signed in on the same browser won at another event of this creator.
    pub same_device_elsewhere: bool,
    /// The prize they were given.
    pub prize: Option<EntrantPrize>,
}

/// A prize as its creator sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntrantPrize {
    /// Its name.
    pub name: String,
    /// What became of it.
    pub state: ClaimState,
    /// Until when it may be claimed.
    pub due_at: Time,
    /// What the winner wrote, until it is erased.
    pub delivery: Option<Delivery>,
    /// Another winner of this event wrote the same phone or address.
    pub alike: bool,
    /// Another member who won at another event of this creator wrote the same phone or address.
    pub alike_elsewhere: bool,
}

/// A page of a creator's table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entrants {
    /// The event.
    pub event: EventCard,
    /// In the order asked for.
    pub entrants: Page<Entrant>,
    /// Prizes by what became of them: offered, filled, sent.
    pub counts: (u64, u64, u64),
    /// The event over time, on the first page.
    pub curves: Option<Curves>,
}
