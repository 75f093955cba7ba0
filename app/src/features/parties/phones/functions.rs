//! What the page of a member's phone changes.

#[cfg(feature = "ssr")]
use crate::api::{Reader, reader};
use crate::{
    api::PageError,
    forms::{Change, Done, Form, change},
};
use leptos::prelude::*;

change! { AskPhoneCode: Active, pages: ["/my/phone"], fields: ["phone", "lang"], said: phone_asked }

/// Sends a code to the number `phone`, in the language `lang`.
#[server(endpoint = "ask-phone-code", protocol = Change, input_derive = ())]
pub async fn ask_phone_code(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, address, .. } = reader();
    let address = address.ok_or(model::Error::Malformed)?;
    engine.parties.ask_phone_code(&actor, form.text("phone"), form.text("lang"), address).await?;
    Ok(Done::here())
}

change! { ConfirmPhone: Active, pages: ["/my/phone"], fields: ["code"], said: phone_confirmed }

/// Confirms the number that the `code` was sent to.
#[server(endpoint = "confirm-phone", protocol = Change, input_derive = ())]
pub async fn confirm_phone(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    engine.parties.confirm_phone(&actor, form.text("code")).await?;
    Ok(Done::here())
}

change! { ForgetPhone: Active, pages: ["/my/phone"], fields: [], said: phone_forgotten }

/// Gives the number up.
#[server(endpoint = "forget-phone", protocol = Change, input_derive = ())]
pub async fn forget_phone(_form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    engine.parties.forget_phone(&actor).await?;
    Ok(Done::here())
}
