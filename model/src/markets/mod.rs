//! Markets, where goods are sold in bulk, and the items that neighbours buy there together.

mod distance;
mod grid;

pub use distance::{at_offset, distance, offset};
pub use grid::{CELLS_AT_ONCE, Cell, REGIONS_AT_ONCE, cells_within, regions_within};

use crate::{Coordinates, FieldError, FormErrors, Page, error::codes, text};
use serde::{Deserialize, Serialize};

crate::id::ids! {
    /// An offline store.
    MarketId
    /// A good of the catalogue.
    ItemId
}

codes! {
    /// Why a market is not added.
    pub enum MarketError {
        /// One that is called so is there.
        Near = "market_near", 409;
        /// Its address alone does not say where it is.
        Unclear = "place_unclear", 422;
        /// They have added as many as one may in a day.
        EnoughToday = "markets_enough", 429;
        /// An admin hid the one that is called so there.
        Hidden = "market_hidden", 409;
    }
}

/// Declares kinds with their names in the database, in forms and in addresses.
macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident { $($variant:ident = $name:literal, $korean:literal;)+ })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[cfg_attr(feature = "sql", derive(sqlx::Type), sqlx(type_name = "text", rename_all = "snake_case"))]
        #[allow(missing_docs)]
        pub enum $kind {
            $($variant),+
        }

        impl $kind {
            /// In the order of every menu.
            pub const ALL: &[$kind] = &[$($kind::$variant),+];

            /// The name in forms and addresses.
            pub fn name(self) -> &'static str {
                match self {
                    $($kind::$variant => $name),+
                }
            }

            /// What lists that people bring call it.
            pub fn korean(self) -> &'static str {
                match self {
                    $($kind::$variant => $korean),+
                }
            }

            /// The kind of that name, in either writing.
            pub fn named(name: &str) -> Option<$kind> {
                let name = name.trim();
                $kind::ALL.iter().copied().find(|kind| kind.name() == name || kind.korean() == name)
            }
        }
    )*};
}

kinds! {
    /// What sort of store a market is.
    MarketKind {
        Warehouse = "warehouse", "창고형 매장";
        Hypermarket = "hypermarket", "대형마트";
        Supermarket = "supermarket", "슈퍼마켓";
        Traditional = "traditional", "전통시장";
        Wholesale = "wholesale", "도매시장";
        Other = "other", "기타";
    }

    /// On which shelf an item stands.
    ItemCategory {
        Grains = "grains", "쌀·잡곡";
        Vegetables = "vegetables", "채소";
        Fruit = "fruit", "과일";
        Meat = "meat", "정육";
        Seafood = "seafood", "수산";
        Dairy = "dairy", "유제품·달걀";
        Frozen = "frozen", "냉동";
        Ready = "ready", "간편식";
        Noodles = "noodles", "면·통조림";
        Sauces = "sauces", "양념·기름";
        Drinks = "drinks", "음료";
        Snacks = "snacks", "과자·간식";
        Household = "household", "생활용품";
        Hygiene = "hygiene", "위생·세면";
        Pets = "pets", "반려동물";
        Other = "other", "기타";
    }
}

/// A market.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Market {
    /// Which.
    pub id: MarketId,
    /// What it is called, 1 to 50 characters.
    pub name: String,
    /// What sort of store it is.
    pub kind: MarketKind,
    /// Its road address, 1 to 120 characters.
    pub address: String,
    /// Where it is.
    pub at: Coordinates,
    /// Whether it was made up for a demonstration.
    pub demonstration: bool,
}

/// A good of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Which.
    pub id: ItemId,
    /// On which shelf it stands.
    pub category: ItemCategory,
    /// What it is called, 1 to 60 characters.
    pub name: String,
}

/// A district, by its middle.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct District {
    /// What it is called.
    pub name: String,
    /// Its middle.
    pub at: Coordinates,
}

/// Where something is that somebody looked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// Its address, as it is written officially; of a district what it is called.
    pub address: String,
    /// Where it is.
    pub at: Coordinates,
    /// Whether that is the very place, or the middle of the district or the street around it.
    pub exact: bool,
}

/// How far a map reaches from its middle to either side, in kilometres.
pub const MAP_KM: u32 = 8;

/// What is drawn around a place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AreaMap {
    /// The middle of the map.
    pub centre: Coordinates,
    /// Districts on it and around it.
    pub districts: Vec<District>,
    /// Markets on it, nearest to the middle first.
    pub markets: Vec<Market>,
}

/// A market as it is typed in, or stands in a list that somebody brings.
#[derive(Debug, Clone, PartialEq)]
pub struct MarketDraft {
    /// What it is called.
    pub name: String,
    /// What sort of store it is.
    pub kind: MarketKind,
    /// Its road address.
    pub address: String,
    /// Where it is.
    pub at: Coordinates,
}

/// An item as it stands in a list that somebody brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemDraft {
    /// On which shelf it stands.
    pub category: ItemCategory,
    /// What it is called.
    pub name: String,
}

impl MarketDraft {
    /// From what was typed, field by field; what is wrong is noted under `name`, `kind`, `address`, `latitude` and `longitude`.
    pub fn typed(typed: [&str; 5], errors: &mut FormErrors) -> Option<MarketDraft> {
        let [name, kind, address, latitude, longitude] = typed;
        let name = errors.check("name", text::line(name, 1, 50));
        let kind = errors.check("kind", named(kind, MarketKind::named));
        let address = errors.check("address", text::line(address, 1, 120));
        let latitude = errors.check("latitude", degrees(latitude, 90));
        let longitude = errors.check("longitude", degrees(longitude, 180));
        let at = Coordinates { latitude: latitude?, longitude: longitude? };
        Some(MarketDraft { name: name?, kind: kind?, address: address?, at })
    }
}

impl ItemDraft {
    /// From what was typed; what is wrong is noted under `category` and `name`.
    pub fn typed(typed: [&str; 2], errors: &mut FormErrors) -> Option<ItemDraft> {
        let [category, name] = typed;
        let category = errors.check("category", named(category, ItemCategory::named));
        let name = errors.check("name", text::line(name, 1, 60));
        Some(ItemDraft { category: category?, name: name? })
    }
}

fn named<T>(name: &str, of: fn(&str) -> Option<T>) -> Result<T, FieldError> {
    if name.trim().is_empty() { Err(FieldError::Required) } else { of(name).ok_or(FieldError::Invalid) }
}

/// Degrees north or east: at most `most` in either direction.
///
/// # Errors
/// [`FieldError::Required`], [`FieldError::Invalid`] for what is no number, [`FieldError::OutOfRange`].
pub fn degrees(typed: &str, most: i64) -> Result<f64, FieldError> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Err(FieldError::Required);
    }
    let degrees: f64 = typed.parse().map_err(|_| FieldError::Invalid)?;
    match degrees.abs() <= most as f64 {
        true => Ok(degrees),
        // Neither is "infinity" one.
        false if degrees.is_nan() => Err(FieldError::Invalid),
        false => Err(FieldError::OutOfRange { min: -most, max: most }),
    }
}

/// What a member has marked.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Favourites {
    /// Markets, marked last first.
    pub markets: Vec<Market>,
    /// Items, marked last first.
    pub items: Vec<Item>,
}

/// Markets near a place, with how many metres away each is, nearest first.
pub type NearMarkets = Page<(Market, u32)>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_place_is_refused_by_field() {
        let mut errors = FormErrors::default();
        let typed = ["한마음마트 성수점", "대형마트", "서울 성동구 성수이로 1", "37.5446", "127.0559"];
        let draft = MarketDraft::typed(typed, &mut errors).unwrap();
        assert_eq!((draft.kind, draft.at.longitude), (MarketKind::Hypermarket, 127.0559));
        assert_eq!(errors, FormErrors::default());
        assert_eq!(MarketDraft::typed(["", "궁궐", "\u{200B}", "90.5", "동쪽"], &mut errors), None);
        let wrong = [
            ("name", FieldError::Required),
            ("kind", FieldError::Invalid),
            ("address", FieldError::Required),
            ("latitude", FieldError::OutOfRange { min: -90, max: 90 }),
            ("longitude", FieldError::Invalid),
        ];
        assert_eq!(errors.0, wrong.map(|(field, error)| (field.to_owned(), error)));
        for (typed, error) in [("", FieldError::Required), ("NaN", FieldError::Invalid), ("1,5", FieldError::Invalid)] {
            assert_eq!(degrees(typed, 180), Err(error));
        }
        assert_eq!(degrees("inf", 180), Err(FieldError::OutOfRange { min: -180, max: 180 }));
        assert_eq!([degrees("-180", 180), degrees(" 180 ", 180)], [Ok(-180.0), Ok(180.0)]);
    }

    #[test]
    fn kinds_have_two_names() {
        for kind in MarketKind::ALL {
            assert_eq!([kind.name(), kind.korean()].map(MarketKind::named), [Some(*kind); 2]);
        }
        for category in ItemCategory::ALL {
            assert_eq!([category.name(), category.korean()].map(ItemCategory::named), [Some(*category); 2]);
        }
        assert_eq!(ItemCategory::named("Grains"), None);
    }
}
