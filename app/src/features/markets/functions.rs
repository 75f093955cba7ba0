//! What members and admins change of markets and items.

#[cfg(feature = "ssr")]
use crate::api::{Reader, reader};
use crate::{
    api::PageError,
    forms::{Change, Done, Form, change},
};
use leptos::prelude::*;

/// The largest list, in bytes.
const LIST: usize = 2 << 20;

change! { AddMarket: Active, pages: ["/parties/new", "/parties/where"], said: market_added }

/// Adds a market, by its address or by a place: the page that sent it shows it.
#[server(endpoint = "add-market", protocol = Change, input_derive = ())]
pub async fn add_market(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    let typed = ["name", "kind", "address", "latitude", "longitude"].map(|field| form.text(field));
    engine.markets.add(&actor, typed).await?;
    Ok(Done::here())
}

change! { ImportMarkets: Admin, pages: ["/admin/markets"], said: list_taken, files: LIST }

/// Takes a list of markets, `list`.
#[server(endpoint = "import-markets", protocol = Change, input_derive = ())]
pub async fn import_markets(form: Form) -> Result<Done, PageError> {
    let mut form = form;
    let Reader { engine, actor, .. } = reader();
    engine.markets.import_markets(&actor, &form.file("list").unwrap_or_default()).await?;
    Ok(Done::here())
}

change! { ImportItems: Admin, pages: ["/admin/markets"], said: list_taken, files: LIST }

/// Takes a list of items, `list`.
#[server(endpoint = "import-items", protocol = Change, input_derive = ())]
pub async fn import_items(form: Form) -> Result<Done, PageError> {
    let mut form = form;
    let Reader { engine, actor, .. } = reader();
    engine.markets.import_items(&actor, &form.file("list").unwrap_or_default()).await?;
    Ok(Done::here())
}

change! { SetFavourite: Active, pages: ["/markets/:id", "/parties/:id", "/my/favourites", "/my/subscriptions"], said: favourites_changed }

/// Marks a market, `market`, or an item, `item`, or no longer does.
#[server(endpoint = "set-favourite", protocol = Change, input_derive = ())]
pub async fn set_favourite(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    let marked = form.text("marked") != "no";
    if form.text("market").is_empty() {
        engine.markets.set_favourite_item(&actor, form.named("item")?, marked).await?;
    } else {
        engine.markets.set_favourite_market(&actor, form.named("market")?, marked).await?;
    }
    Ok(Done::here())
}
