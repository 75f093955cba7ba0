//! What hearts change.

#[cfg(feature = "ssr")]
use crate::api::{Reader, reader};
use crate::{
    api::PageError,
    forms::{Change, Done, Form, change},
};
use leptos::prelude::*;

change! { SetWish: Active, pages: ["/", "/deals", "/tickets", "/my/wishes", "/my/subscriptions", "/events/:id"], fields: ["event", "wished"], said: wish_noted }

/// Notes that the reader wishes for an event, or no longer does.
#[server(endpoint = "set-wish", protocol = Change, input_derive = ())]
pub async fn set_wish(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    engine.wishes.set(&actor, form.named("event")?, form.text("wished") != "no").await?;
    Ok(Done::here())
}
