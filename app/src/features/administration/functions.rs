//! What admins change.

#[cfg(feature = "ssr")]
use crate::api::{Reader, reader};
use crate::{
    api::PageError,
    forms::{Change, Done, Form, change},
};
use leptos::prelude::*;

change! { SuspendMember: Admin, pages: ["/admin/members"], said: member_suspended }

/// Suspends a member, named by email, nickname or id in `who`, with a `reason`.
#[server(endpoint = "suspend-member", protocol = Change, input_derive = ())]
pub async fn suspend_member(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    engine.administration.suspend(&actor, form.text("who"), form.text("reason")).await?;
    Ok(Done::here())
}

change! { RestoreMember: Admin, pages: ["/admin/members"], said: member_restored }

/// Lets a suspended member act again; fields as in [`suspend_member`].
#[server(endpoint = "restore-member", protocol = Change, input_derive = ())]
pub async fn restore_member(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    engine.administration.restore(&actor, form.text("who"), form.text("reason")).await?;
    Ok(Done::here())
}

change! { CallOffEvent: Admin, pages: ["/admin/members"], said: event_called_off }

/// Calls off anybody's `event`, with a `reason`.
#[server(endpoint = "call-off-event", protocol = Change, input_derive = ())]
pub async fn call_off_event(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    engine.administration.call_off(&actor, form.named("event")?, form.text("reason")).await?;
    Ok(Done::here())
}
