//! What the sandbox's approval page changes.

use crate::{
    api::PageError,
    forms::{Change, Done, Form, change},
};
#[cfg(feature = "ssr")]
use crate::{
    api::{Reader, reader},
    forms::Effect,
};
use leptos::prelude::*;
#[cfg(feature = "ssr")]
use model::{Error, SandboxChoice};

// Whoever pays by the QR code on another screen is not signed in here: who knows the payment's id may approve it.
change! { DecideSandbox: Anyone, pages: ["/sandbox/pay/:id"], fields: ["payment", "choice", "elsewhere"], said: sandbox_decided }

/// Approves a `payment` at the sandbox or does not, by its `choice`; `elsewhere` on another device than it is paid on.
#[server(endpoint = "decide-sandbox", protocol = Change, input_derive = ())]
pub async fn decide_sandbox(form: Form) -> Result<Done, PageError> {
    let Reader { engine, .. } = reader();
    let choice = SandboxChoice::named(form.text("choice")).ok_or(Error::NotFound)?;
    let to = engine.payments.decide(form.named("payment")?, choice, form.ticked("elsewhere")).await?;
    Ok(match to {
        Some(to) => Done::to(to).with(Effect::SayNothing),
        None => Done::here(),
    })
}
