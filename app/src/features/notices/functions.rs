//! What the list of notices reads and changes.

#[cfg(feature = "ssr")]
use super::page::said;
use crate::{
    api::PageError,
    forms::{Change, Done, Form, change},
};
#[cfg(feature = "ssr")]
use crate::{
    api::{Reader, reader},
    forms::Effect,
    paths,
    texts::Lang,
};
use leptos::prelude::*;
#[cfg(feature = "ssr")]
use model::notices::Kind;
#[cfg(feature = "ssr")]
use std::collections::BTreeSet;

change! { ReadNotices: SignedIn, pages: ["/notices"], fields: [], said: notices_read, whole }

/// Marks everything as read.
#[server(endpoint = "read-notices", protocol = Change, input_derive = ())]
pub async fn read_notices(form: Form) -> Result<Done, PageError> {
    let _ = form;
    let Reader { engine, actor, .. } = reader();
    engine.notices.read_all(&actor).await?;
    Ok(Done::here())
}

change! { DeleteReadNotices: SignedIn, pages: ["/notices"], fields: [], said: notices_deleted }

/// Deletes what was read.
#[server(endpoint = "delete-read-notices", protocol = Change, input_derive = ())]
pub async fn delete_read_notices(form: Form) -> Result<Done, PageError> {
    let _ = form;
    let Reader { engine, actor, .. } = reader();
    engine.notices.delete_read(&actor).await?;
    Ok(Done::here())
}

change! { OpenNotice: SignedIn, pages: ["/notices"], fields: ["notice"], said: notice_opened }

/// Marks one as read and leads to what it tells of.
#[server(endpoint = "open-notice", protocol = Change, input_derive = ())]
pub async fn open_notice(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    let line = engine.notices.open(&actor, form.named("notice")?).await?;
    // Wherever it leads, that is the same in every language.
    let (_, address) = said(Lang::Ko, &line);
    Ok(Done::to(address.unwrap_or_else(|| paths::NOTICES.to_owned())).with(Effect::SayNothing))
}

change! { DeleteNotice: SignedIn, pages: ["/notices"], fields: ["notice"], said: notice_deleted }

/// Deletes one.
#[server(endpoint = "delete-notice", protocol = Change, input_derive = ())]
pub async fn delete_notice(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    engine.notices.delete(&actor, form.named("notice")?).await?;
    Ok(Done::here())
}

change! { SetNotices: SignedIn, pages: ["/notices/settings"], fields: ["on"*], said: saved }

/// Chooses what one is told of.
#[server(endpoint = "set-notices", protocol = Change, input_derive = ())]
pub async fn set_notices(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    let on = form.texts("on").map(str::parse::<Kind>).collect::<Result<BTreeSet<Kind>, _>>()?;
    engine.notices.set(&actor, &on).await?;
    Ok(Done::here())
}
