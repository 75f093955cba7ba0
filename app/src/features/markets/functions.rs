//! What members and admins change of markets and items.

#[cfg(feature = "ssr")]
use crate::api::{Reader, reader};
#[cfg(feature = "ssr")]
use crate::paths;
use crate::{
    api::PageError,
    forms::{Change, Done, Form, change},
};
use leptos::prelude::*;

/// The largest list, in bytes.
const LIST: usize = 2 << 20;

change! { AddMarket: Active, pages: ["/parties/new", "/parties/where"], fields: ["name", "kind", "address", "latitude", "longitude"], said: market_added }

/// Adds a market, by its address or by a place: the page that sent it shows it.
#[server(endpoint = "add-market", protocol = Change, input_derive = ())]
pub async fn add_market(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    let typed = ["name", "kind", "address", "latitude", "longitude"].map(|field| form.text(field));
    engine.markets.add(&actor, typed).await?;
    Ok(Done::here())
}

change! { ImportMarkets: Admin, pages: ["/admin/markets"], fields: ["list" file], said: list_taken, files: LIST }

/// Takes a list of markets, `list`.
#[server(endpoint = "import-markets", protocol = Change, input_derive = ())]
pub async fn import_markets(form: Form) -> Result<Done, PageError> {
    let mut form = form;
    let Reader { engine, actor, .. } = reader();
    engine.markets.import_markets(&actor, &form.file("list").unwrap_or_default()).await?;
    Ok(Done::here())
}

change! { ImportItems: Admin, pages: ["/admin/markets"], fields: ["list" file], said: list_taken, files: LIST }

/// Takes a list of items, `list`.
#[server(endpoint = "import-items", protocol = Change, input_derive = ())]
pub async fn import_items(form: Form) -> Result<Done, PageError> {
    let mut form = form;
    let Reader { engine, actor, .. } = reader();
    engine.markets.import_items(&actor, &form.file("list").unwrap_or_default()).await?;
    Ok(Done::here())
}

change! { CorrectMarket: Admin, pages: ["/admin/markets/:id"], fields: ["market", "name", "kind", "address", "latitude", "longitude", "reason"], said: market_corrected }

/// Corrects a `market`; fields as in [`add_market`], with a `reason`.
#[server(endpoint = "correct-market", protocol = Change, input_derive = ())]
pub async fn correct_market(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    let typed = ["name", "kind", "address", "latitude", "longitude"].map(|field| form.text(field));
    engine.markets.correct(&actor, form.named("market")?, typed, form.text("reason")).await?;
    Ok(Done::here())
}

change! { MergeMarket: Admin, pages: ["/admin/markets/:id"], fields: ["market", "into", "reason"], said: markets_merged }

/// Says that a `market` is the same as another, `into`, with a `reason`: the page of that one follows.
#[server(endpoint = "merge-market", protocol = Change, input_derive = ())]
pub async fn merge_market(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    let into = form.named("into")?;
    engine.markets.merge(&actor, form.named("market")?, into, form.text("reason")).await?;
    Ok(Done::to(paths::correct_market(into)))
}

change! { HideMarket: Admin, pages: ["/admin/markets/:id"], fields: ["market", "hidden", "reason"], said: market_hidden_or_shown }

/// Hides a `market`, or shows it again (`hidden` is `no`), with a `reason`.
#[server(endpoint = "hide-market", protocol = Change, input_derive = ())]
pub async fn hide_market(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    let hidden = form.text("hidden") != "no";
    engine.markets.set_hidden(&actor, form.named("market")?, hidden, form.text("reason")).await?;
    Ok(Done::here())
}

change! { CorrectItem: Admin, pages: ["/admin/items/:id"], fields: ["item", "category", "name", "reason"], said: item_corrected }

/// Corrects an `item`: `category` and `name`, with a `reason`.
#[server(endpoint = "correct-item", protocol = Change, input_derive = ())]
pub async fn correct_item(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    let typed = ["category", "name"].map(|field| form.text(field));
    engine.markets.correct_item(&actor, form.named("item")?, typed, form.text("reason")).await?;
    Ok(Done::here())
}

change! { SetFavourite: Active, pages: ["/markets/:id", "/parties/:id", "/my/favourites", "/my/subscriptions"], fields: ["market", "item", "marked"], said: favourites_changed }

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
