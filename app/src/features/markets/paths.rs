//! Addresses of markets and items.

use crate::paths::{examples, text, with};
use model::{Cursor, ItemId, MarketId};

/// The markets and items that the reader marked.
pub const FAVOURITES: &str = "/my/favourites";
/// For admins: lists of markets and items.
pub const MARKET_LISTS: &str = "/admin/markets";
/// For admins: items of the catalogue.
pub const ADMIN_ITEMS: &str = "/admin/items";

/// Items whose name begins as was typed.
pub fn items(find: &str) -> String {
    with("/items", &[("find", find)])
}

/// A market, from where the list of its parties goes on.
pub fn market(market: MarketId, after: Option<&Cursor>) -> String {
    let after = text(after);
    with(&format!("/markets/{market}"), &[("after", &after)])
}

/// The admin's markets from where a page goes on.
pub fn market_lists(before: &Cursor) -> String {
    with(MARKET_LISTS, &[("before", &before.to_string())])
}

/// For admins: a single market.
pub fn correct_market(market: MarketId) -> String {
    format!("{MARKET_LISTS}/{market}")
}

/// For admins: items from where a page goes on.
pub fn admin_items(before: &Cursor) -> String {
    with(ADMIN_ITEMS, &[("before", &before.to_string())])
}

/// For admins: a single item.
pub fn correct_item(item: ItemId) -> String {
    format!("{ADMIN_ITEMS}/{item}")
}

examples! {
    let item = ItemId(uuid::Uuid::nil());
    let id = MarketId(uuid::Uuid::nil());
    let page = Cursor::of(&7);
    pages: [
        market(id, Some(&page)),
        FAVOURITES,
        MARKET_LISTS,
        market_lists(&page),
        correct_market(id),
        ADMIN_ITEMS,
        admin_items(&page),
        correct_item(item),
    ];
    files: [items("올리브")];
}
