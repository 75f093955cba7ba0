//! The typed model of 59초 that server and browser share: ids, time, rules, states, errors and live messages.
//!
//! Nothing here does I/O, reads a clock or draws a random number, so every rule can be tested by properties and runs
//! unchanged in the browser.

pub mod claim;
mod crop;
mod curve;
mod entrant;
mod entry;
mod error;
mod event;
pub mod fields;
mod id;
mod job;
pub mod live;
mod member;
mod moderation;
pub mod nickname;
mod notice;
pub mod revision;
mod time;
mod view;

pub use claim::{Came, Claim, ClaimState, Delivery, MyEntries, MyEntry};
pub use crop::Crop;
pub use curve::{Curves, Points, Reason};
pub use entrant::{ENTRANTS_PAGE, Entrant, EntrantPrize, Entrants, EntrantsQuery};
pub use entry::{BOARD_PAGE, BoardPage, BoardRow, Entry, EntryState};
pub use error::{Error, FieldError, FormErrors};
pub use event::{Category, Coordinates, EventDraft, EventState, Kind, Moments, Offer, Prize, PrizeKind};
pub use id::{EventId, LineId, MemberId, PictureId, RequestId};
pub use job::{Job, JobLine};
pub use member::{Mode, Role};
pub use moderation::{Moderation, Report};
pub use notice::{Notice, NoticeLine, Notices};
pub use revision::{Edit, Revision};
pub use time::{Civil, DAY, HOUR, MILLISECOND, MINUTE, SECOND, Time};
pub use view::{CreatorView, EventCard, EventStart, EventView, Home, MyEvents, Phase, Stage};
