//! What the page of creators' servers changes.

use crate::{
    api::PageError,
    forms::{Change, Done, Form, change},
};
#[cfg(feature = "ssr")]
use crate::{
    api::{Reader, reader},
    forms::Effect,
    paths,
};
use leptos::prelude::*;

change! { AddWebhook: Creator, pages: ["/creator/webhooks"], fields: ["request", "url", "kind"*], said: webhook_added, whole }

/// Tells a server at `url` from now on, of each `kind`; the secret of it is shown once. The same `request` twice is one.
#[server(endpoint = "add-webhook", protocol = Change, input_derive = ())]
pub async fn add_webhook(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    let kinds: Vec<&str> = form.texts("kind").collect();
    let request = form.named("request").map_err(|_| model::Error::Malformed)?;
    let secret = engine.webhooks.add(&actor, request, form.text("url"), &kinds).await?;
    let done = Done::to(paths::WEBHOOKS);
    Ok(match secret {
        Some(secret) => done.with(Effect::Once(secret)),
        None => done,
    })
}

change! { RemoveWebhook: Creator, pages: ["/creator/webhooks"], fields: ["endpoint"], said: webhook_removed }

/// Tells an `endpoint` no more.
#[server(endpoint = "remove-webhook", protocol = Change, input_derive = ())]
pub async fn remove_webhook(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    engine.webhooks.remove(&actor, form.named("endpoint")?).await?;
    Ok(Done::here())
}

change! { ResumeWebhook: Creator, pages: ["/creator/webhooks"], fields: ["endpoint"], said: webhook_resumed }

/// Tells an `endpoint` again that was switched off.
#[server(endpoint = "resume-webhook", protocol = Change, input_derive = ())]
pub async fn resume_webhook(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    engine.webhooks.resume(&actor, form.named("endpoint")?).await?;
    Ok(Done::here())
}

change! { ResendWebhook: Creator, pages: ["/creator/webhooks"], fields: ["delivery"], said: webhook_resent }

/// Sends a `delivery` again.
#[server(endpoint = "resend-webhook", protocol = Change, input_derive = ())]
pub async fn resend_webhook(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    engine.webhooks.send_again(&actor, form.named("delivery")?).await?;
    Ok(Done::here())
}
