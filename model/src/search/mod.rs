//! The search: how what is typed is compared with what is there ([`readings`], [`title_grams`]), what is marked of a result ([`marked`]),
//! and what pages show. Rules alone; the index is the engine's.

mod fold;
mod keyboard;
mod marks;
mod words;

pub use fold::fold;
pub use keyboard::{to_hangul, to_latin};
pub use marks::{Piece, excerpt, marked, marked_typing, typed_in};
pub use words::{MAX_QUERY, Reading, Word, initial_grams, readings, text_grams, title_grams, title_key};

use crate::{
    Cursor, Error, EventId, Item, ItemId, Kind, Market, MarketId, MemberId, Page, PartyId, SaleCard, Time,
    parties::PartyCard,
};
use serde::{Deserialize, Serialize};

/// What sort of thing is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FoundKind {
    /// A giveaway.
    Giveaway,
    /// A time deal.
    Deal,
    /// A ticket.
    Ticket,
    /// A party of neighbours.
    Party,
    /// A creator.
    Creator,
    /// A market.
    Market,
    /// An item of the catalogue.
    Item,
}

impl FoundKind {
    /// In the order of the menu.
    pub const ALL: [FoundKind; 7] = [
        FoundKind::Deal,
        FoundKind::Ticket,
        FoundKind::Giveaway,
        FoundKind::Party,
        FoundKind::Creator,
        FoundKind::Market,
        FoundKind::Item,
    ];

    /// The name in addresses.
    pub fn name(self) -> &'static str {
        match self {
            FoundKind::Giveaway => "giveaway",
            FoundKind::Deal => "deal",
            FoundKind::Ticket => "ticket",
            FoundKind::Party => "party",
            FoundKind::Creator => "creator",
            FoundKind::Market => "market",
            FoundKind::Item => "item",
        }
    }

    /// The kind of that name.
    pub fn named(name: &str) -> Option<FoundKind> {
        FoundKind::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// What an event of a kind is found as.
    pub fn of(kind: Kind) -> FoundKind {
        match kind {
            Kind::Giveaway => FoundKind::Giveaway,
            Kind::Deal => FoundKind::Deal,
            Kind::Ticket => FoundKind::Ticket,
        }
    }
}

/// Where something stands by its times. Creators, markets and items have none, and are found by none of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FoundState {
    /// Open by now.
    Open,
    /// Not open yet.
    Soon,
    /// Over.
    Over,
}

impl FoundState {
    /// In the order of the menu.
    pub const ALL: [FoundState; 3] = [FoundState::Open, FoundState::Soon, FoundState::Over];

    /// The name in addresses.
    pub fn name(self) -> &'static str {
        match self {
            FoundState::Open => "open",
            FoundState::Soon => "soon",
            FoundState::Over => "over",
        }
    }

    /// The state of that name.
    pub fn named(name: &str) -> Option<FoundState> {
        FoundState::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// What is looked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchQuery {
    /// As it was typed, at most [`MAX_QUERY`] characters.
    pub text: String,
    /// Of one kind alone.
    pub kind: Option<FoundKind>,
    /// What stands so by now.
    pub state: Option<FoundState>,
    /// From where the results go on.
    pub after: Option<Cursor>,
}

impl SearchQuery {
    /// From what stands in an address. Of a longer text the beginning is read.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a kind or a state that there is not.
    pub fn of(text: Option<&str>, kind: Option<&str>, state: Option<&str>) -> Result<SearchQuery, Error> {
        let text = text.unwrap_or_default().chars().take(MAX_QUERY).collect();
        let kind = kind.map(|name| FoundKind::named(name).ok_or(Error::NotFound)).transpose()?;
        let state = state.map(|name| FoundState::named(name).ok_or(Error::NotFound)).transpose()?;
        Ok(SearchQuery { text, kind, state, after: None })
    }
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
// A page has twenty of them.
#[allow(clippy::large_enum_variant)]
pub enum Thing {
    /// An event.
    Event(SaleCard),
    /// A party.
    Party(PartyCard),
    /// A creator.
    Creator(MemberId),
    /// A market.
    Market(Market),
    /// An item.
    Item(Item),
}

/// A result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// What it is.
    pub thing: Thing,
    /// What it is called.
    pub title: Vec<Piece>,
    /// A line of what is said of it.
    pub text: Vec<Piece>,
}

/// The page of the search.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SearchPage {
    /// What was asked for.
    pub query: SearchQuery,
    /// What it was read as, where nothing was found as it was typed.
    pub instead: Option<String>,
    /// The results, in order.
    pub found: Page<Found>,
    /// Terms that many looked for lately.
    pub terms: Vec<String>,
    /// Where nothing is looked for or found: what many people are at right now.
    pub popular: Vec<SaleCard>,
    /// And what closes within a day.
    pub closing: Vec<SaleCard>,
    /// Whether the index is still being made: then only titles are looked through.
    pub making: bool,
    /// Server time when this was read.
    pub now: Time,
}

/// Where a suggestion leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lead {
    /// To what is found by its words.
    Search,
    /// To an event.
    Event(EventId),
    /// To a party.
    Party(PartyId),
    /// To a creator.
    Creator(MemberId),
    /// To a market.
    Market(MarketId),
    /// To parties that buy an item.
    Item(ItemId),
}

/// Where something that is suggested stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stands {
    /// It is to open.
    Soon {
        /// When.
        opens_at: Time,
        /// Server time when this was read.
        now: Time,
    },
    /// A giveaway that is open.
    Entered {
        /// How many entered.
        total: u64,
        /// How many places it has.
        capacity: u64,
    },
    /// A sale that is open.
    Left {
        /// How many are left.
        left: u64,
        /// How many are set aside while they are paid for.
        paying: u64,
    },
    /// It is over.
    Over,
    /// A party that is to meet.
    Meets {
        /// When.
        from: Time,
        /// Server time when this was read.
        now: Time,
    },
}

/// Something that may be meant by what was typed so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suggestion {
    /// What it is called.
    pub title: Vec<Piece>,
    /// What sort of thing; none for words that others looked for.
    pub kind: Option<FoundKind>,
    /// Where it stands, unless it is always there.
    pub stands: Option<Stands>,
    /// Where it leads.
    pub lead: Lead,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_say_what_is_looked_for() {
        let query = SearchQuery::of(Some("수달"), Some("deal"), Some("open")).unwrap();
        assert_eq!((query.kind, query.state), (Some(FoundKind::Deal), Some(FoundState::Open)));
        assert_eq!(SearchQuery::of(None, None, None), Ok(SearchQuery::default()));
        assert_eq!(SearchQuery::of(None, Some("weapon"), None), Err(Error::NotFound));
        assert_eq!(SearchQuery::of(None, None, Some("never")), Err(Error::NotFound));
        assert_eq!(SearchQuery::of(Some(&"가".repeat(999)), None, None).unwrap().text.chars().count(), MAX_QUERY);
        assert!(FoundKind::ALL.into_iter().all(|kind| FoundKind::named(kind.name()) == Some(kind)));
    }
}
