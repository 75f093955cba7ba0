//! The typed model of 59초 that server and browser share: ids, time, rules, states, errors and live messages.
//!
//! Nothing here does I/O, reads a clock or draws a random number, so every rule can be tested by properties and runs
//! unchanged in the browser.

mod accounts;
mod analytics;
mod chat;
mod entry;
mod error;
mod events;
mod giveaways;
mod id;
mod jobs;
pub mod live;
mod notices;
mod page;
mod pictures;
pub mod text;
mod time;
pub mod wire;

pub use accounts::{AccountError, MemberId, Mode, Right, Role, nickname};
pub use analytics::{Curves, Points, Reason};
pub use chat::{ChatError, LineId, Moderation, MutedMember, Report};
pub use entry::{BOARD_PAGE, BoardPage, BoardRow, Entry, EntryError, EntryState, Waitlist};
pub use error::{Error, FieldError, FormErrors};
pub use events::{
    Category, Checkout, Coordinates, CreatorView, Edit, EventCard, EventDraft, EventError, EventId, EventStart,
    EventState, EventView, Home, Kind, Moments, MyEvents, Offer, Phase, Prize, PrizeKind, RefundFees, Revision, Stage,
    revision,
};
pub use giveaways::{
    Came, Claim, ClaimState, Delivery, Entrant, EntrantPrize, Entrants, EntrantsQuery, GiveawayError, MyEntries,
    MyEntry, claim,
};
pub use id::RequestId;
pub use jobs::{Job, JobLine};
pub use notices::{Notice, NoticeLine, Notices};
pub use page::{Cursor, Key, MAX_PAGE, Page};
pub use pictures::{Crop, PictureId};
pub use time::{Civil, DAY, HOUR, MICROSECOND, MILLISECOND, MINUTE, SECOND, Span, Time};
