//! What changes how the reader is told outside the site.

#[cfg(feature = "ssr")]
use crate::api::{Reader, reader};
use crate::{
    api::PageError,
    forms::{Change, Done, Form, change},
};
use leptos::prelude::*;

change! { AddPushEndpoint: SignedIn, pages: ["/notices/delivery"], fields: ["endpoint", "p256dh", "auth", "label", "old", "lang"], said: device_added }

/// Tells the reader in this browser: called by the script of the page, and by the service worker when the browser's address changed.
#[server(endpoint = "add-push-endpoint", protocol = Change, input_derive = ())]
pub async fn add_push_endpoint(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, token, .. } = reader();
    let new = engine::channels::NewEndpoint {
        url: form.text("endpoint"),
        public: form.text("p256dh"),
        secret: form.text("auth"),
        label: form.text("label"),
        old: form.text("old"),
        lang: form.lang(),
        session: token,
    };
    engine.channels.add_endpoint(&actor, &new).await?;
    Ok(Done::here())
}

change! { RemovePushEndpoint: SignedIn, pages: ["/notices/delivery"], fields: ["endpoint", "device"], said: device_removed }

/// Tells the reader in a browser no more: in a `device` of the list, or at an `endpoint`.
#[server(endpoint = "remove-push-endpoint", protocol = Change, input_derive = ())]
pub async fn remove_push_endpoint(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    match form.text("endpoint") {
        "" => engine.channels.remove_device(&actor, form.named("device")?).await?,
        endpoint => engine.channels.remove_endpoint(&actor, endpoint).await?,
    }
    Ok(Done::here())
}

change! { SetMailNotices: Active, pages: ["/notices/delivery"], fields: ["on", "lang"], said: mail_set }

/// Asks the reader by mail whether they wish for mail, or sends none any more.
#[server(endpoint = "set-mail-notices", protocol = Change, input_derive = ())]
pub async fn set_mail_notices(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    engine.channels.set_mail(&actor, form.ticked("on"), form.lang()).await?;
    Ok(Done::here())
}
