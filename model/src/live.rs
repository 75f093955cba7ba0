//! Messages of the live channel, `GET /live?v=…`: one WebSocket per page that carries every room on it.
//!
//! Binary frames, each one message as [`wire`](crate::wire) encodes it; the address carries its [`VERSION`](crate::wire::VERSION),
//! and a page of any other version gets [`OUTDATED`]. The browser joins rooms and gets a [`Snapshot`] of each, then
//! numbered [`Change`]s. A page that is too slow for the changes gets another snapshot. Chat is never conflated: lines are numbered,
//! gaps are read over HTTP.

mod held;

pub use held::{Weigh, has_room, lighten, take_in};

use crate::{
    BoardRow, Entry, EntryState, Error, EventId, EventState, LinePlace, Minutes, Moderation, PartyId, PictureId,
    RequestId, Time, Waitlist, Wish, parties::PartyLine,
};
use serde::{Deserialize, Serialize};

/// The one frame, binary, for a page whose code is too old for this server, before it is closed: reload. It never changes, and
/// pages of version 1 know it as JSON.
pub const OUTDATED: &[u8] = b"\"outdated\"";
/// The first ranks travel to everybody as they fill; the rest is read page by page.
pub const TOP: u64 = 50;
/// How many of the newest ranks travel with each change.
pub const RECENT: usize = 5;
/// Seconds since the opening whose entries are counted for everybody to see.
pub const PULSE: usize = 60;
/// How many lines of chat a joiner gets.
pub const CHAT_ON_ARRIVAL: usize = 50;
/// The largest frame a browser may send, in bytes.
pub const MAX_FRAME: usize = 4096;

/// A person in a room: a member or a visitor, however many tabs they have open.
pub type Person = u128;

/// From the browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ToServer {
    /// Enter a room; with the chat line last seen when coming back.
    Join {
        /// Whose room.
        event: EventId,
        /// Number of the last chat line seen, 0 at first.
        chat_seen: u64,
    },
    /// Leave a room.
    Leave {
        /// Whose room.
        event: EventId,
    },
    /// Press the button.
    Enter {
        /// Of which event.
        event: EventId,
        /// The entry code, when the event has one.
        code: Option<String>,
        /// How many units, unless what was chosen beforehand is meant.
        wish: Option<Wish>,
    },
    /// Say something in a room.
    Say {
        /// In whose room.
        event: EventId,
        /// The same for every repeat, so that a line sent twice is said once.
        request: RequestId,
        /// 1 to 300 characters.
        text: String,
    },
    /// Do something about a line of chat.
    Moderate {
        /// In whose room.
        event: EventId,
        /// Which line.
        number: u64,
        /// What.
        what: Moderation,
    },
    /// Measure the clock's offset and the way's length.
    Ping {
        /// The sender's own clock, returned as it is.
        sent: i64,
    },
    /// Follow what members of a party say to one another; one party, [`ToServer::FollowUnread`] or [`ToServer::FollowLine`] at a
    /// time.
    FollowParty {
        /// Which.
        party: PartyId,
        /// Number of the last line seen, 0 for none.
        seen: u64,
        /// How often it had been changed when the sender's page was read.
        changes: u64,
    },
    /// Note that lines of a party's chat were read.
    ReadParty {
        /// Which.
        party: PartyId,
        /// Up to which line.
        number: u64,
    },
    /// Follow how many lines are unread in the sender's parties.
    FollowUnread,
    /// Follow where the sender stands in the line of a sale.
    FollowLine {
        /// Which.
        event: EventId,
        /// Whether the sender's page says that units are theirs already.
        given: bool,
    },
}

/// From the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ToBrowser {
    /// Answers [`ToServer::Ping`].
    Pong {
        /// As it was sent.
        sent: i64,
        /// Server time when it was answered.
        at: Time,
    },
    /// A room as it is.
    Snapshot(Snapshot),
    /// What changed in a room.
    Change(Change),
    /// The receiver's own entry: the answer to a click, or on arrival.
    Entered {
        /// Of which event.
        event: EventId,
        /// Rank, time, state.
        entry: Entry,
    },
    /// A request was refused; nothing changed.
    Refused {
        /// The event it was about.
        event: EventId,
        /// The chat line it was about.
        request: Option<RequestId>,
        /// Why.
        error: Error,
    },
    /// Lines of chat in order.
    Chat {
        /// Whose room.
        event: EventId,
        /// Oldest first.
        lines: Vec<ChatLine>,
    },
    /// Lines of a party's chat in order.
    PartyLines {
        /// Which.
        party: PartyId,
        /// Oldest first.
        lines: Vec<PartyLine>,
    },
    /// How many lines are unread in each of the receiver's parties, the newest of them.
    PartiesUnread {
        /// Which, and how many.
        unread: Vec<(PartyId, u64)>,
    },
    /// A party is another than when the receiver's page was read: somebody came or left, it was called off, it is over.
    PartyChanged {
        /// Which.
        party: PartyId,
    },
    /// Where the receiver stands in the line of a sale: at first, and whenever that is another, once a second.
    Line {
        /// Of which.
        event: EventId,
        /// Their place; `None` when they do not wait any more as their page says.
        place: Option<LinePlace>,
        /// About how long it takes, when that is known.
        minutes: Option<Minutes>,
    },
}

/// A room at one version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Whose room.
    pub event: EventId,
    /// Counts the changes of the room.
    pub version: u64,
    /// Where the event stands.
    pub state: EventState,
    /// Accepted entries.
    pub total: u64,
    /// People in the room, each once.
    pub present: u64,
    /// Winners, seats or stock.
    pub capacity: u64,
    /// The opening second; it may still move until ten minutes before.
    pub opens_at: Time,
    /// The closing second.
    pub closes_at: Time,
    /// The first ranks, up to [`TOP`].
    pub top: Vec<BoardRow>,
    /// The newest ranks behind the top, up to [`RECENT`].
    pub recent: Vec<BoardRow>,
    /// Entries in each of the first [`PULSE`] seconds since the opening, as far as there were any.
    pub pulse: Vec<u32>,
    /// Lines of chat hidden since the room was opened, the last [`CHAT_ON_ARRIVAL`].
    pub hidden: Vec<u64>,
    /// How often the event was changed since it was published.
    pub revised: u64,
    /// Who stands by.
    pub waitlist: Waitlist,
}

/// What differs from the version before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Whose room.
    pub event: EventId,
    /// The version this leads to; it fits onto `version - 1` alone.
    pub version: u64,
    /// Where the event stands.
    pub state: EventState,
    /// Accepted entries.
    pub total: u64,
    /// People in the room, each once.
    pub present: u64,
    /// New ranks among the first [`TOP`].
    pub top: Vec<BoardRow>,
    /// New ranks behind the top, the last [`RECENT`] of them.
    pub recent: Vec<BoardRow>,
    /// Seconds since the opening in which entries were added, with how many there are now.
    pub pulse: Vec<(u8, u32)>,
    /// Lines of chat that were hidden.
    pub hidden: Vec<u64>,
    /// Ranks of before with what became of them: given a place, or taken out.
    pub marks: Vec<(u64, EntryState)>,
}

/// A line of chat, or one that the room itself says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatLine {
    /// Number within the room, from 1 without gaps.
    pub number: u64,
    /// When it was said.
    pub at: Time,
    /// Who said what.
    pub said: Said,
}

/// Who said what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// A person.
    Member {
        /// Their nickname then.
        nickname: String,
        /// Their picture then; nodes of before say nothing of it.
        picture: Option<PictureId>,
        /// Whether they run this event.
        creator: bool,
        /// Plain text.
        text: String,
    },
    /// A person, and it was hidden.
    Hidden,
    /// The room: it opened, capacity is given, it closed, it was cancelled.
    Room {
        /// What happened.
        state: EventState,
    },
}

impl Snapshot {
    /// Applies a change. `false` when it does not fit and the room must be read anew.
    #[must_use]
    pub fn apply(&mut self, change: Change) -> bool {
        if change.event != self.event || change.version != self.version + 1 {
            return false;
        }
        self.version = change.version;
        self.state = change.state;
        self.total = change.total;
        self.present = change.present;
        self.top.extend(change.top);
        self.recent.extend(change.recent);
        self.recent.drain(..self.recent.len().saturating_sub(RECENT));
        for (second, count) in change.pulse {
            let second = usize::from(second).min(PULSE - 1);
            self.pulse.resize(self.pulse.len().max(second + 1), 0);
            self.pulse[second] = count;
        }
        self.hidden.extend(change.hidden);
        self.hidden.drain(..self.hidden.len().saturating_sub(CHAT_ON_ARRIVAL));
        for (rank, state) in change.marks {
            self.waitlist.mark(rank, state, self.capacity);
            for row in self.top.iter_mut().chain(&mut self.recent).filter(|row| row.rank == rank) {
                row.state = state;
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn malformed_frames_are_refused_not_feared(bytes: Vec<u8>) {
            if let Some(message) = wire::decode::<ToServer>(&bytes) {
                prop_assert_eq!(wire::decode(&wire::encode(&message)), Some(message));
            }
            let _ = wire::decode::<ToBrowser>(&bytes);
        }
    }

    #[test]
    fn what_is_outdated_is_no_other_message() {
        assert_eq!(wire::decode::<ToBrowser>(OUTDATED), None);
        assert_eq!(serde_json::from_slice::<String>(OUTDATED).unwrap(), "outdated");
    }

    #[test]
    fn a_gap_is_noticed() {
        let event = EventId(uuid::Uuid::nil());
        let mut room = Snapshot {
            event,
            version: 3,
            state: EventState::Scheduled,
            total: 0,
            present: 1,
            capacity: 10,
            opens_at: Time(0),
            closes_at: Time(1),
            top: vec![],
            recent: vec![],
            pulse: vec![],
            hidden: vec![],
            revised: 0,
            waitlist: Waitlist::default(),
        };
        let change = |version| Change {
            event,
            version,
            state: EventState::Open,
            total: 1,
            present: 2,
            top: vec![],
            recent: vec![],
            marks: vec![],
            pulse: vec![(3, 1)],
            hidden: vec![],
        };
        assert!(!room.clone().apply(change(5)));
        assert!(!room.clone().apply(change(3)));
        assert!(room.apply(change(4)));
        assert_eq!((room.version, room.total, room.state), (4, 1, EventState::Open));
        assert_eq!(room.pulse, [0, 0, 0, 1]);
    }
}
