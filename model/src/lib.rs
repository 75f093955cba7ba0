//! The typed model of 59초 that server and browser share: ids, time, rules, states, errors and live messages.
//!
//! Nothing here does I/O, reads a clock or draws a random number, so every rule can be tested by properties and runs
//! unchanged in the browser.

#![warn(clippy::missing_errors_doc)]

mod accounts;
pub mod addresses;
pub mod administration;
mod analytics;
pub mod channels;
mod chat;
pub mod drawing;
mod entry;
mod error;
mod events;
mod giveaways;
mod id;
mod jobs;
mod line;
pub mod live;
pub mod markets;
pub mod notices;
mod page;
pub mod parties;
pub mod paths;
pub mod payments;
mod pictures;
pub mod popular;
pub mod programs;
pub mod reviews;
pub mod sales;
pub mod search;
pub mod sellers;
pub mod slots;
pub mod subscriptions;
pub mod text;
mod time;
pub mod webhooks;
pub mod wire;

pub use accounts::{AccountError, MemberId, Mode, Right, Role, devices, leaving, nickname, profile, terms, ways};
pub use addresses::{AddressBook, AddressError, AddressId};
pub use analytics::{Curves, Points, Reason};
pub use chat::{ChatError, LineId, Moderation, MutedMember, Report};
pub use entry::{BOARD_PAGE, BoardPage, BoardRow, Due, Entry, EntryError, EntryState, Waitlist, Wish};
pub use error::{Error, FieldError, FormErrors};
pub use events::{
    Category, Checkout, Coordinates, CreatorView, Edit, EventCard, EventDraft, EventError, EventId, EventStart,
    EventState, EventView, ForMe, Home, Kind, Moments, MyEvents, Near, Offer, Phase, Prize, PrizeKind, RefundFees,
    Revision, SaleRules, Stage, Turn, revision,
};
pub use giveaways::{
    Came, Claim, ClaimState, Delivery, Entrant, EntrantPrize, Entrants, EntrantsQuery, GiveawayError, MyEntries,
    MyEntry, claim,
};
pub use id::RequestId;
pub use jobs::{Job, JobLine};
pub use line::{LineFlow, LinePlace, Minutes, Recent};
pub use markets::{
    District, Favourites, Item, ItemCategory, ItemDraft, ItemId, Market, MarketDraft, MarketError, MarketId, MarketKind,
};
pub use notices::{Notice, NoticeLine, Notices};
pub use page::{Cursor, Key, MAX_PAGE, Page};
pub use parties::{PartyDraft, PartyError, PartyId, PartyState, PhoneError};
pub use payments::{
    Decline, PayWay, PaymentError, PaymentId, PaymentState, PaymentStep, PaymentView, RefundId, RefundState,
    RefundStep, SandboxChoice, SandboxId, SandboxState, SandboxView, Won,
};
pub use pictures::{Crop, PictureId};
pub use reviews::{ReviewError, ReviewId};
pub use sales::{
    Deals, DealsQuery, OrderId, OrderNumber, OrderState, SaleCard, SaleError, TicketId, Tickets, TicketsQuery, Wishes,
};
pub use sellers::SellerError;
pub use slots::SlotError;
pub use subscriptions::{SubscriptionError, Subscriptions};
pub use time::{Civil, DAY, HOUR, MICROSECOND, MILLISECOND, MINUTE, SECOND, Span, Time};
