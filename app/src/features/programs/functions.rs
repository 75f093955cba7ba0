//! What the page of tokens changes.

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
#[cfg(feature = "ssr")]
use model::Error;

change! { CreateToken: Active, pages: ["/my/tokens"], fields: ["request", "name", "scope"*, "days", "password"], said: token_made, whole }

/// Makes a token of a `name`, for each `scope`, for so many `days`, for whoever says their `password` once more; it is shown once. The
/// same `request` twice is one.
#[server(endpoint = "create-token", protocol = Change, input_derive = ())]
pub async fn create_token(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, address, .. } = reader();
    let address = address.ok_or(Error::Malformed)?;
    let scopes: Vec<&str> = form.texts("scope").collect();
    let request = form.named("request").map_err(|_| Error::Malformed)?;
    let proof = (form.text("password"), address);
    let token = engine.programs.create(&actor, request, form.text("name"), &scopes, form.text("days"), proof).await?;
    let done = Done::to(paths::TOKENS);
    Ok(match token {
        Some(token) => done.with(Effect::Once(token)),
        None => done,
    })
}

change! { RevokeToken: SignedIn, pages: ["/my/tokens"], fields: ["token"], said: token_revoked }

/// Takes a `token` of the reader's back.
#[server(endpoint = "revoke-token", protocol = Change, input_derive = ())]
pub async fn revoke_token(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    engine.programs.revoke(&actor, form.named("token")?).await?;
    Ok(Done::here())
}
