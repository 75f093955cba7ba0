//! Addresses of chat: in an event's room, on pages of its own, and what of it was reported.

use crate::paths::{examples, with};
use model::{Cursor, EventId};

/// For admins: reported lines.
pub const REPORTS: &str = "/admin/reports";

/// The chat in an event's room.
pub fn chat(event: EventId) -> String {
    format!("/events/{event}#chat")
}

/// A page of an event's chat, from where its lines go on.
pub fn older_chat(event: EventId, before: &Cursor) -> String {
    format!("/events/{event}/messages?before={before}")
}

/// Lines of an event's chat, from where they go on.
pub fn chat_before(event: EventId, before: &Cursor) -> String {
    format!("/events/{event}/chat?before={before}")
}

/// For whoever looks after an event's chat: who may not speak there.
pub fn muted(event: EventId) -> String {
    format!("/creator/events/{event}/muted")
}

/// The same from where a page goes on.
pub fn more_muted(event: EventId, before: &Cursor) -> String {
    with(&muted(event), &[("before", &before.to_string())])
}

/// The admin's reported lines from where a page goes on.
pub fn reports(after: &Cursor) -> String {
    with(REPORTS, &[("after", &after.to_string())])
}

examples! {
    let event = EventId(uuid::Uuid::nil());
    let page = Cursor::of(&7);
    pages: [
        chat(event),
        older_chat(event, &page),
        muted(event),
        more_muted(event, &page),
        REPORTS,
        reports(&page),
    ];
    files: [chat_before(event, &page)];
}
