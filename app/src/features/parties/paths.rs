//! Addresses of parties of neighbours, and with them that of the reader's phone.

pub use super::phones::paths::*;

use crate::paths::{examples, text, with};
use model::{Coordinates, Cursor, ItemCategory, ItemId, PartyId, parties::NearbyQuery};

/// Parties of neighbours, around home.
pub const PARTIES: &str = "/parties";
/// The form for a new party.
pub const NEW_PARTY: &str = "/parties/new";
/// The reader's parties.
pub const MY_PARTIES: &str = "/my/parties";
/// Where to say from where one looks.
pub const WHERE: &str = "/parties/where";
/// For admins: what members say against their penalties.
pub const APPEALS: &str = "/admin/appeals";

/// The parties that a query asks for; around the reader's home without saying where that is.
pub fn parties(query: &NearbyQuery, home: bool) -> String {
    let at = |degrees: f64| if home { String::new() } else { degrees.to_string() };
    let (latitude, longitude) = (at(query.around.latitude), at(query.around.longitude));
    let (km, after) = (query.km.to_string(), text(query.after.as_ref()));
    let category = query.category.map_or("", ItemCategory::name);
    let item = query.item.map(|item| item.to_string()).unwrap_or_default();
    let market = query.market.map(|market| market.to_string()).unwrap_or_default();
    let open = if query.open { "yes" } else { "" };
    with(
        PARTIES,
        &[
            ("lat", &latitude),
            ("lng", &longitude),
            ("km", &km),
            ("item", &item),
            ("category", category),
            ("market", &market),
            ("open", open),
            ("after", &after),
        ],
    )
}

/// Parties around a place.
pub fn parties_around(at: Coordinates) -> String {
    with(PARTIES, &[("lat", &at.latitude.to_string()), ("lng", &at.longitude.to_string())])
}

/// Parties that buy an item, around home.
pub fn parties_of(item: ItemId) -> String {
    with(PARTIES, &[("item", &item.to_string())])
}

/// A map around a place, to say from where one looks.
pub fn look_around(at: Coordinates) -> String {
    with(WHERE, &[("lat", &at.latitude.to_string()), ("lng", &at.longitude.to_string())])
}

/// The form for a new party that buys an item.
pub fn new_party_of(item: ItemId) -> String {
    with(NEW_PARTY, &[("item", &item.to_string())])
}

/// A party.
pub fn party(party: PartyId) -> String {
    format!("/parties/{party}")
}

/// A party that its leader would have buy another item.
pub fn party_with(id: PartyId, item: ItemId) -> String {
    with(&party(id), &[("item", &item.to_string())])
}

/// The picture of a party's receipt, for its members.
pub fn party_receipt(party: PartyId) -> String {
    format!("/parties/{party}/receipt.jpg")
}

/// A party with what was said in it before, from where its lines go on.
pub fn older_party_lines(party: PartyId, before: &Cursor) -> String {
    format!("/parties/{party}?before={before}#chat")
}

/// The reader's parties, from where a page goes on.
pub fn my_parties(before: &Cursor) -> String {
    with(MY_PARTIES, &[("before", &before.to_string())])
}

/// The admin's appeals from where a page goes on.
pub fn appeals(after: &Cursor) -> String {
    with(APPEALS, &[("after", &after.to_string())])
}

/// That page of appeals with what was said in a party before, from where its lines go on.
pub fn appeal_lines(after: Option<&Cursor>, party: PartyId, before: &Cursor) -> String {
    with(APPEALS, &[("after", &text(after)), ("chat", &party.to_string()), ("before", &before.to_string())])
}

examples! {
    let at = Coordinates { latitude: 37.5, longitude: 127.0 };
    let near = NearbyQuery { around: at, km: 3, item: None, category: None, market: None, open: false, after: None };
    let id = PartyId(uuid::Uuid::nil());
    let item = ItemId(uuid::Uuid::nil());
    let page = Cursor::of(&7);
    pages: [
        PARTIES,
        parties(&near, false),
        parties_around(at),
        parties_of(item),
        WHERE,
        look_around(at),
        NEW_PARTY,
        new_party_of(item),
        party(id),
        party_with(id, item),
        older_party_lines(id, &page),
        MY_PARTIES,
        my_parties(&page),
        APPEALS,
        appeals(&page),
        appeal_lines(Some(&page), id, &page),
    ];
    files: [party_receipt(id)];
}
