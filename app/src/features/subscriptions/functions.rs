//! What the reader subscribes to.

#[cfg(feature = "ssr")]
use crate::api::{Reader, reader};
use crate::{
    api::PageError,
    forms::{Change, Done, Form, change},
};
use leptos::prelude::*;
#[cfg(feature = "ssr")]
use model::Category;

change! { SaveCategories: Active, pages: ["/my/subscriptions"], fields: ["category"*], said: categories_saved }

/// Subscribes to the categories that are ticked, each a `category`, and to no others.
#[server(endpoint = "save-categories", protocol = Change, input_derive = ())]
pub async fn save_categories(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    let chosen: Vec<&str> = form.texts("category").collect();
    engine.subscriptions.set_categories(&actor, &chosen).await?;
    Ok(Done::here())
}

change! { AddCategory: Active, pages: ["/deals"], fields: ["category"], said: alert_noted }

/// Subscribes to a `category` beside the others.
#[server(endpoint = "add-category", protocol = Change, input_derive = ())]
pub async fn add_category(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    let category = Category::named(form.text("category")).ok_or(model::Error::Malformed)?;
    engine.subscriptions.set_category(&actor, category, true).await?;
    Ok(Done::here())
}

change! { AddKeyword: Active, pages: ["/my/subscriptions", "/search"], fields: ["keyword"], said: alert_noted }

/// Subscribes to a `keyword`.
#[server(endpoint = "add-keyword", protocol = Change, input_derive = ())]
pub async fn add_keyword(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    engine.subscriptions.add_keyword(&actor, form.text("keyword")).await?;
    Ok(Done::here())
}

change! { RemoveKeyword: Active, pages: ["/my/subscriptions"], fields: ["keyword"], said: keyword_removed }

/// Takes a `keyword` back.
#[server(endpoint = "remove-keyword", protocol = Change, input_derive = ())]
pub async fn remove_keyword(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    engine.subscriptions.remove_keyword(&actor, form.text("keyword")).await?;
    Ok(Done::here())
}
