//! What is changed about the chat.

#[cfg(feature = "ssr")]
use crate::api::{Reader, reader};
#[cfg(feature = "ssr")]
use crate::paths;
use crate::{
    api::PageError,
    forms::{Change, Done, Form, change},
};
use leptos::prelude::*;
#[cfg(feature = "ssr")]
use model::{EventId, Moderation};

change! { Say: Active, pages: ["/events/:id"], fields: ["event", "request", "text"], said: chat_said }

/// Says a line, for browsers without the live socket.
#[server(endpoint = "say", protocol = Change, input_derive = ())]
pub async fn say(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    let event: EventId = form.named("event")?;
    let request = form.named("request").map_err(|_| model::Error::Malformed)?;
    engine.chat.say(&actor, event, request, form.text("text")).await?;
    Ok(Done::to(paths::chat(event)))
}

change! { ModerateLine: Active, pages: ["/events/:id", "/admin/reports"], fields: ["what", "event", "line", "all"], said: line_looked_at }

/// Hides a line, mutes its author, reports it, finds it harmless; or does so with every reported line of its author.
#[server(endpoint = "moderate-line", protocol = Change, input_derive = ())]
pub async fn moderate_line(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    let what = Moderation::named(form.text("what")).ok_or(model::Error::Malformed)?;
    let (event, line) = (form.named("event")?, form.named("line")?);
    match form.ticked("all") {
        true => engine.chat.moderate_all(&actor, event, line, what).await?,
        false => engine.chat.moderate(&actor, event, line, what).await?,
    }
    Ok(Done::here())
}

change! { UnmuteMember: Active, pages: ["/creator/events/:id/muted"], fields: ["event", "member"], said: unmuted }

/// Lets a member speak again.
#[server(endpoint = "unmute-member", protocol = Change, input_derive = ())]
pub async fn unmute_member(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    engine.chat.unmute(&actor, form.named("event")?, form.named("member")?).await?;
    Ok(Done::here())
}
