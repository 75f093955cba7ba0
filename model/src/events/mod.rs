//! Events: what is released, when, to how many, and in which state it is.

pub mod revision;
mod sale;
mod view;

pub use revision::{Edit, Revision};
pub use sale::SaleRules;
pub use view::{CreatorView, EventCard, EventStart, EventView, ForMe, Home, MyEvents, Near, Phase, Stage, Turn};

use crate::{EntryState, Time, error::codes, wire::both_ways};
use serde::{Deserialize, Serialize};

crate::id::ids! {
    /// An event: anything released at an instant.
    EventId
}

codes! {
    /// Why nothing can be done about an event.
    pub enum EventError {
        /// It was called off.
        Cancelled = "cancelled", 409;
        /// It is over, and nothing about it can change any more.
        Settled = "settled", 409;
        /// Whoever looks after the site stopped it for a while.
        Suspended = "event_suspended", 409;
    }
}

/// What an event releases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "sql", derive(sqlx::Type), sqlx(type_name = "text", rename_all = "snake_case"))]
pub enum Kind {
    /// Prizes for the first.
    Giveaway,
    /// Rights of entry to a place.
    Ticket,
    /// Goods at a discount.
    Deal,
}

impl Kind {
    /// In the order of every menu.
    pub const ALL: [Kind; 3] = [Kind::Giveaway, Kind::Deal, Kind::Ticket];

    /// The name in forms and addresses.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Giveaway => "giveaway",
            Kind::Ticket => "ticket",
            Kind::Deal => "deal",
        }
    }

    /// The kind of that name.
    pub fn named(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// What an event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "sql", derive(sqlx::Type), sqlx(type_name = "text", rename_all = "snake_case"))]
#[allow(missing_docs)]
pub enum Category {
    Fashion,
    Beauty,
    Food,
    Appliances,
    Sports,
    Living,
    Pets,
    Travel,
    Culture,
    Other,
}

impl Category {
    /// In the order of every menu.
    pub const ALL: [Category; 10] = [
        Category::Fashion,
        Category::Beauty,
        Category::Food,
        Category::Appliances,
        Category::Sports,
        Category::Living,
        Category::Pets,
        Category::Travel,
        Category::Culture,
        Category::Other,
    ];

    /// The name in forms and addresses.
    pub fn name(self) -> &'static str {
        match self {
            Category::Fashion => "fashion",
            Category::Beauty => "beauty",
            Category::Food => "food",
            Category::Appliances => "appliances",
            Category::Sports => "sports",
            Category::Living => "living",
            Category::Pets => "pets",
            Category::Travel => "travel",
            Category::Culture => "culture",
            Category::Other => "other",
        }
    }

    /// What people call it, who may look for it by that; nothing for what has no name of its own.
    pub fn korean(self) -> Option<&'static str> {
        match self {
            Category::Fashion => Some("패션"),
            Category::Beauty => Some("뷰티"),
            Category::Food => Some("식품"),
            Category::Appliances => Some("가전"),
            Category::Sports => Some("스포츠"),
            Category::Living => Some("생활"),
            Category::Pets => Some("반려동물"),
            Category::Travel => Some("여행"),
            Category::Culture => Some("공연·전시·축제"),
            Category::Other => None,
        }
    }

    /// The category of that name.
    pub fn named(name: &str) -> Option<Category> {
        Category::ALL.into_iter().find(|category| category.name() == name)
    }
}

/// How a prize reaches its winner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PrizeKind {
    /// Sent to an address.
    Goods,
    /// Sent to a phone.
    Coupon,
}

/// One step of a giveaway's prizes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prize {
    /// What it is, 1 to 60 characters.
    pub name: String,
    /// How it reaches its winner.
    pub kind: PrizeKind,
    /// How many win it.
    pub winners: u64,
}

/// A place on Earth (WGS 84).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Coordinates {
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
}

/// How what is sold is paid for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkout {
    /// How long units are held for whoever pays; `None`: as usual for the kind, which is 10 minutes for a deal, and for a
    /// ticket until midnight in Korea, at least 60 minutes.
    pub minutes: Option<u32>,
    /// How many may pay at the same time; `None`: all who have units. Needs `minutes`.
    pub at_once: Option<u32>,
}

/// What giving a ticket back costs, in percent of its price, by how long before its start it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundFees(
    /// Until 10 days before, until 7, until 3, until the day before, and from then on.
    pub [u8; 5],
);

impl Default for RefundFees {
    /// The usual table (product.md, O4); a creator may only make it kinder.
    fn default() -> Self {
        RefundFees([0, 10, 20, 30, 100])
    }
}

both_ways! {
    json(tag = "kind", rename_all = "snake_case")
    /// What is released and to how many, by kind.
    #[derive(Debug, Clone, PartialEq)]
    pub enum Offer {
        /// Prizes in rank order.
        Giveaway {
            /// First prize first.
            prizes: Vec<Prize>,
        },
        /// Rights of entry to a place.
        Ticket {
            /// Name of the place.
            place: String,
            /// Its road address.
            address: String,
            /// Where it is, when known.
            coordinates: Option<Coordinates>,
            /// When the doors open.
            starts_at: Time,
            /// How many there are.
            seats: u64,
            /// Whole won each; 0 is free.
            price: i64,
            /// How many one person may take.
            limit: u64,
            /// How long and how many at once may pay.
            #[json(default)]
            checkout: Checkout,
            /// What giving a ticket back costs.
            #[json(default)]
            refunds: RefundFees,
        },
        /// Goods at a discount.
        Deal {
            /// Whole won before the discount.
            list_price: i64,
            /// Percent taken off.
            discount: i64,
            /// How many there are.
            stock: u64,
            /// How many one person may take.
            limit: u64,
            /// When and how it is delivered.
            delivery: String,
            /// How long and how many at once may pay.
            #[json(default)]
            checkout: Checkout,
            /// Addresses of pictures that show it in detail, the first on top.
            #[json(default)]
            details: Vec<String>,
        },
    }
}

impl Offer {
    /// Which kind of event this makes.
    pub fn kind(&self) -> Kind {
        match self {
            Offer::Giveaway { .. } => Kind::Giveaway,
            Offer::Ticket { .. } => Kind::Ticket,
            Offer::Deal { .. } => Kind::Deal,
        }
    }

    /// Winners, seats or stock.
    pub fn capacity(&self) -> u64 {
        match self {
            Offer::Giveaway { prizes } => prizes.iter().map(|prize| prize.winners).sum(),
            Offer::Ticket { seats, .. } => *seats,
            Offer::Deal { stock, .. } => *stock,
        }
    }

    /// Whether this gives everything that `before` gave, place by place, and perhaps more behind it.
    pub fn extends(&self, before: &Offer) -> bool {
        match (before, self) {
            (Offer::Giveaway { prizes: old }, Offer::Giveaway { prizes: new }) => {
                let Some((last, others)) = old.split_last() else { return true };
                let grown = |prize: &Prize| {
                    (&prize.name, prize.kind) == (&last.name, last.kind) && prize.winners >= last.winners
                };
                new.starts_with(others) && new.get(others.len()).is_some_and(grown)
            }
            (Offer::Ticket { seats: old, .. }, Offer::Ticket { seats: new, .. }) => {
                let mut same = self.clone();
                if let Offer::Ticket { seats, .. } = &mut same {
                    *seats = *old;
                }
                same == *before && new >= old
            }
            (Offer::Deal { stock: old, .. }, Offer::Deal { stock: new, .. }) => {
                let mut same = self.clone();
                if let Offer::Deal { stock, .. } = &mut same {
                    *stock = *old;
                }
                same == *before && new >= old
            }
            _ => false,
        }
    }

    /// The prize that `rank` wins, with its place among the prizes from 1.
    pub fn prize(&self, rank: u64) -> Option<(usize, &Prize)> {
        let Offer::Giveaway { prizes } = self else { return None };
        let mut first = 1;
        prizes.iter().enumerate().find_map(|(i, prize)| {
            let hit = rank >= first && rank < first + prize.winners;
            first += prize.winners;
            hit.then_some((i + 1, prize))
        })
    }
}

impl Kind {
    /// How many entries behind `capacity` may stand by.
    pub fn standby(self, capacity: u64) -> u64 {
        match self {
            Kind::Giveaway => capacity,
            Kind::Ticket | Kind::Deal => capacity.saturating_mul(2),
        }
    }

    /// What a click becomes at `rank` where nothing is sold: behind standby everybody is ranked still. `None` for sales, whose
    /// clicks ask for units.
    pub fn state_of(self, rank: u64, capacity: u64) -> Option<EntryState> {
        match self {
            Kind::Ticket | Kind::Deal => None,
            Kind::Giveaway if rank <= capacity => Some(EntryState::Won),
            Kind::Giveaway if rank <= capacity.saturating_add(self.standby(capacity)) => Some(EntryState::Standby),
            Kind::Giveaway => Some(EntryState::Lost),
        }
    }
}

/// Where an event stands. Derived from [`Moments`] and counts, never stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventState {
    /// Seen by its creator alone.
    Draft,
    /// Published, not yet open.
    Scheduled,
    /// Takes clicks, capacity is left.
    Open,
    /// Takes clicks, capacity is given.
    Full,
    /// Takes no more clicks.
    Closed,
    /// Nothing left to claim, pay or pass on.
    Settled,
    /// Called off.
    Cancelled,
    /// Stopped for a while by whoever looks after the site: nobody finds it or enters it.
    Suspended,
}

/// The moments that decide an event's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moments {
    /// When its creator made it public; `None` is a draft.
    pub published_at: Option<Time>,
    /// The opening second.
    pub opens_at: Time,
    /// From then on no click is taken.
    pub closes_at: Time,
    /// When it was called off.
    pub cancelled_at: Option<Time>,
    /// When nothing was left to do.
    pub settled_at: Option<Time>,
    /// Since when it is stopped by whoever looks after the site.
    pub suspended_at: Option<Time>,
}

impl Moments {
    /// The state at `now` with so much of `capacity` taken: entries, or units where they are sold.
    pub fn state(&self, now: Time, taken: u64, capacity: u64) -> EventState {
        if self.cancelled_at.is_some() {
            EventState::Cancelled
        } else if self.published_at.is_none() {
            EventState::Draft
        } else if self.suspended_at.is_some() {
            EventState::Suspended
        } else if self.settled_at.is_some() {
            EventState::Settled
        } else if now < self.opens_at {
            EventState::Scheduled
        } else if now >= self.closes_at {
            EventState::Closed
        } else if taken >= capacity {
            EventState::Full
        } else {
            EventState::Open
        }
    }
}

/// What a creator writes into the form for an event, already checked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EventDraft {
    /// 2 to 80 characters.
    pub title: String,
    /// At most 120 characters.
    pub summary: String,
    /// Markdown, at most 20,000 characters.
    pub description: String,
    /// What it is about.
    pub category: Category,
    /// The opening second.
    pub opens_at: Time,
    /// After the opening.
    pub closes_at: Time,
    /// What everyone must type to enter, when there is one.
    pub entry_code: Option<String>,
    /// Plain text, at most 2,000 characters.
    pub rules: String,
    /// What is released.
    pub offer: Offer,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn exactly_capacity_ranks_win(capacity in 1u64..200, clicks in 0u64..1000) {
            let kind = Kind::Giveaway;
            let places: Vec<_> = (1..=clicks).map(|rank| kind.state_of(rank, capacity)).collect();
            let count = |state| places.iter().filter(|place| **place == state).count() as u64;
            prop_assert_eq!(count(Some(EntryState::Won)), capacity.min(clicks));
            prop_assert_eq!(
                count(Some(EntryState::Standby)),
                kind.standby(capacity).min(clicks.saturating_sub(capacity))
            );
            prop_assert_eq!(count(None), 0);
        }

        #[test]
        fn states_follow_one_another(
            published: Option<bool>, opens in 0i64..100, lasts in 1i64..100, entries in 0u64..5, capacity in 1u64..5,
        ) {
            let moments = Moments {
                published_at: published.map(|_| Time(0)),
                opens_at: Time(opens),
                closes_at: Time(opens + lasts),
                cancelled_at: None,
                settled_at: None,
                suspended_at: None,
            };
            let mut last = 0;
            for now in 0..250 {
                let order = match moments.state(Time(now), entries, capacity) {
                    EventState::Draft => { prop_assert!(published.is_none()); 0 }
                    EventState::Scheduled => { prop_assert!(now < opens); 0 }
                    EventState::Open => { prop_assert!(entries < capacity); 1 }
                    EventState::Full => { prop_assert!(entries >= capacity); 1 }
                    EventState::Closed => { prop_assert!(now >= opens + lasts); 2 }
                    other => { prop_assert!(false, "{:?}", other); 9 }
                };
                prop_assert!(order >= last);
                last = order;
                // Stopped, whatever else it is, but for what was called off or that nobody sees anyway.
                let stopped = Moments { suspended_at: Some(Time(1)), settled_at: Some(Time(2)), ..moments };
                let is = if published.is_some() { EventState::Suspended } else { EventState::Draft };
                prop_assert_eq!(stopped.state(Time(now), entries, capacity), is);
                let called_off = Moments { cancelled_at: Some(Time(3)), ..stopped };
                prop_assert_eq!(called_off.state(Time(now), entries, capacity), EventState::Cancelled);
            }
        }

        #[test]
        fn every_winner_has_one_prize(winners in proptest::collection::vec(1u64..20, 1..6)) {
            let prizes: Vec<_> = winners
                .iter()
                .map(|&winners| Prize { name: "머그".into(), kind: PrizeKind::Goods, winners })
                .collect();
            let offer = Offer::Giveaway { prizes };
            for (i, &n) in winners.iter().enumerate() {
                let mine = (1..=offer.capacity()).filter(|&rank| offer.prize(rank).map(|p| p.0) == Some(i + 1)).count();
                prop_assert_eq!(mine as u64, n);
            }
            prop_assert!(offer.prize(0).is_none() && offer.prize(offer.capacity() + 1).is_none());
        }

        #[test]
        fn what_extends_an_offer_changes_nobodys_prize(
            old in proptest::collection::vec(1u64..4, 1..4), new in proptest::collection::vec(1u64..4, 1..5),
        ) {
            let prize = |(i, &winners): (usize, &u64)| Prize { name: i.to_string(), kind: PrizeKind::Goods, winners };
            let [old, new] = [old, new].map(|all| Offer::Giveaway { prizes: all.iter().enumerate().map(prize).collect() });
            let kept = (1..=old.capacity()).all(|place| {
                let [old, new] = [&old, &new].map(|offer| offer.prize(place).map(|(number, prize)| (number, prize.name.clone())));
                old == new
            });
            prop_assert_eq!(new.extends(&old), kept);
        }
    }

    #[test]
    fn offers_are_stored_by_kind() {
        let offer = Offer::Deal {
            list_price: 29_000,
            discount: 45,
            stock: 300,
            limit: 2,
            delivery: "2일 안에".into(),
            checkout: Checkout { minutes: Some(5), at_once: None },
            details: vec![],
        };
        let json = serde_json::to_string(&offer).unwrap();
        assert!(json.starts_with(r#"{"kind":"deal","list_price":29000"#), "{json}");
        assert_eq!(serde_json::from_str::<Offer>(&json).unwrap(), offer);
        assert_eq!((offer.kind(), offer.capacity()), (Kind::Deal, 300));
    }
}
