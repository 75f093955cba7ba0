//! What pages show: read by the server, sent to the browser as it is.

use crate::{
    BoardRow, Category, Entry, EventDraft, EventId, EventState, Kind, MemberId, Moments, Offer, Page, RequestId,
    SaleCard, Time, Waitlist, live::ChatLine, parties::PartyCard,
};
use serde::{Deserialize, Serialize};

/// An event in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EventCard {
    /// Its id.
    pub id: EventId,
    /// Its title.
    pub title: String,
    /// Who runs it.
    pub creator: String,
    /// What it releases.
    pub kind: Kind,
    /// What it is about.
    pub category: Category,
    /// Address of the card picture.
    pub card: Option<String>,
    /// What decides its state.
    pub moments: Moments,
    /// Where it stood when this was read.
    pub state: EventState,
    /// Winners, seats or stock.
    pub capacity: u64,
    /// Accepted entries.
    pub total: u64,
    /// People in its room.
    pub present: u64,
}

/// Everything public about an event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EventView {
    /// What lists show.
    pub card: EventCard,
    /// One line about it.
    pub summary: String,
    /// HTML, sanitised.
    pub description: String,
    /// HTML of the page itself: what it costs, and the button to wish for it.
    pub offered: String,
    /// HTML of the page itself: what holds for what is sold.
    pub terms: String,
    /// Plain text.
    pub rules: String,
    /// Address of the banner picture.
    pub banner: Option<String>,
    /// What is released.
    pub offer: Offer,
    /// Whether a code must be typed.
    pub has_code: bool,
    /// Why it was called off.
    pub cancel_reason: Option<String>,
    /// Why it is stopped, while it is.
    pub suspension: Option<String>,
    /// Who runs it.
    pub host: MemberId,
    /// How often it was changed since it was published.
    pub revisions: u64,
    /// Whether the reader runs it.
    pub own: bool,
    /// Whether the reader, once signed in, has chosen beforehand all that there is to choose.
    pub prepared: bool,
    /// The reader's entry.
    pub mine: Option<Entry>,
    /// Which of the places that capacity counts it was given.
    pub place: Option<u64>,
    /// Who stands by.
    pub waitlist: Waitlist,
    /// The first ranks of the board, for its room.
    pub top: Vec<BoardRow>,
    /// Entries in each of the first seconds since the opening.
    pub pulse: Vec<u32>,
    /// The newest lines of chat, oldest first.
    pub chat: Vec<ChatLine>,
    /// For the chat form: a fresh id.
    pub request: RequestId,
    /// Server time when this was read.
    pub now: Time,
}

impl EventView {
    /// Whether there is something that its reader can still do beforehand: it can be entered, and they neither sell it nor are in.
    pub fn can_prepare(&self) -> bool {
        let can_be_entered = matches!(self.card.state, EventState::Scheduled | EventState::Open | EventState::Full);
        can_be_entered && !self.own && self.mine.is_none()
    }

    /// Whether somebody may have received what is sold here. Before it opens nobody has, and everybody is here: nothing more is read then.
    pub fn may_be_reviewed(&self) -> bool {
        self.card.kind != Kind::Giveaway && !matches!(self.card.state, EventState::Draft | EventState::Scheduled)
    }
}

/// What the form for an event starts with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EventStart {
    /// A fresh id, so that the form sent twice makes one event.
    pub request: RequestId,
    /// What may be changed.
    pub phase: Phase,
    /// What it releases.
    pub kind: Kind,
    /// Whether what costs something can be published here.
    pub may_sell: bool,
    /// When the creator has hours in which a deal may be open: those that are its own, and those without one.
    pub hours: Vec<(Time, Time)>,
    /// Whether a deal takes hours that it lacks by itself, because they cost nothing.
    pub hours_are_free: bool,
    /// The event being edited, or the one this is to be like.
    pub draft: Option<EventDraft>,
    /// The card picture it has.
    pub picture: Option<String>,
    /// An opening to propose: the next eight in the evening; of a deal, when hours begin that are booked.
    pub opens_at: Time,
    /// Server time when this was read.
    pub now: Time,
}

/// How far an event has come, for its form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// It is not there yet.
    New,
    /// Seen by its creator alone.
    Draft,
    /// Published, and not about to open: everything may be changed.
    Scheduled,
    /// It has opened, or is about to: only text, and capacity upwards.
    Opened,
}

/// Which of a creator's events a list holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "sql", derive(sqlx::Type), sqlx(type_name = "text", rename_all = "snake_case"))]
pub enum Stage {
    /// Every one.
    #[default]
    All,
    /// Not published.
    Drafts,
    /// Published, not yet open.
    Upcoming,
    /// Taking clicks.
    Live,
    /// Closed, with prizes still to be claimed, passed on or sent.
    Closed,
    /// Settled or cancelled.
    Over,
}

impl Stage {
    /// In the order of the menu.
    pub const ALL: [Stage; 6] = [Stage::All, Stage::Drafts, Stage::Upcoming, Stage::Live, Stage::Closed, Stage::Over];

    /// The name in addresses.
    pub fn name(self) -> &'static str {
        match self {
            Stage::All => "all",
            Stage::Drafts => "drafts",
            Stage::Upcoming => "upcoming",
            Stage::Live => "live",
            Stage::Closed => "closed",
            Stage::Over => "over",
        }
    }

    /// The stage of that name; else all.
    pub fn named(name: &str) -> Stage {
        Stage::ALL.into_iter().find(|stage| stage.name() == name).unwrap_or_default()
    }
}

/// A creator's own events.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct MyEvents {
    /// Newest first.
    pub events: Page<EventCard>,
    /// How many there are of each stage, in the order of [`Stage::ALL`].
    pub counts: Vec<u64>,
    /// Server time when this was read.
    pub now: Time,
}

/// A creator as everybody sees them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CreatorView {
    /// Their name.
    pub name: String,
    /// Plain text.
    pub introduction: String,
    /// Addresses.
    pub links: Vec<String>,
    /// What they published, newest first.
    pub events: Page<EventCard>,
    /// Server time when this was read.
    pub now: Time,
}

/// The home page.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Home {
    /// Opening next, soonest first.
    pub next: Vec<EventCard>,
    /// Taking clicks now, opened last first.
    pub open: Vec<EventCard>,
    /// Over, newest first.
    pub recent: Vec<EventCard>,
    /// Deals of today that are not over, in the order in which they open.
    pub deals: Vec<SaleCard>,
    /// Tickets for what begins next.
    pub tickets: Vec<SaleCard>,
    /// Where most people are right now, each with how many as those present.
    pub popular: Vec<SaleCard>,
    /// Open, and closing within a day, the first to close first.
    pub closing: Vec<SaleCard>,
    /// Parties around where the reader looks from.
    pub near: Near,
    /// What concerns the reader alone.
    pub mine: ForMe,
    /// Server time when this was read.
    pub now: Time,
}

/// What the home page has of the reader's neighbourhood.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub enum Near {
    /// The reader did not say from where they look.
    #[default]
    Nowhere,
    /// They did.
    Around {
        /// Within so many kilometres.
        km: u32,
        /// Those with shares left, nearest first.
        parties: Vec<PartyCard>,
    },
}

/// What the home page has for one member; nothing for a visitor.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ForMe {
    /// What is held for them until it is paid for, the first that ends first.
    pub turns: Vec<Turn>,
    /// The party of theirs that meets next.
    pub meeting: Option<PartyCard>,
    /// What they wish for that is open or to come, the first to open first.
    pub wishes: Vec<SaleCard>,
    /// What is new of what they subscribed to, the first to open first.
    pub new: Vec<SaleCard>,
}

impl ForMe {
    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.turns.is_empty() && self.meeting.is_none() && self.wishes.is_empty() && self.new.is_empty()
    }
}

/// Units of a sale that are held for somebody.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Turn {
    /// Of which sale.
    pub event: EventId,
    /// Its title.
    pub title: String,
    /// Until when they may be paid for.
    pub due_at: Time,
}
