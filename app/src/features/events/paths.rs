//! Addresses of events: a creator's own, their forms, and what everybody sees of an event and of who runs it.

use crate::paths::{examples, text, with};
use model::{Cursor, EventId, Kind, MemberId, Stage};

/// A creator's own events.
pub const CREATOR_EVENTS: &str = "/creator";
/// The form for a new event.
pub const NEW_EVENT: &str = "/creator/new";

/// The form for a new event of a kind.
pub fn new_event(kind: Kind) -> String {
    with(NEW_EVENT, &[("kind", kind.name())])
}

/// What was changed of an event.
pub fn changes(event: EventId) -> String {
    format!("/events/{event}/changes")
}

/// What was changed of it before.
pub fn older_changes(event: EventId, next: &Cursor) -> String {
    format!("/events/{event}/changes?before={next}")
}

/// An event to pass on.
pub fn share(event: EventId) -> String {
    format!("/events/{event}/share")
}

/// An event's address as a QR code; `form` is `svg` or `png`.
pub fn qr(event: EventId, form: &str) -> String {
    format!("/events/{event}/qr.{form}")
}

/// The form for changing an event.
pub fn edit_event(event: EventId) -> String {
    format!("/creator/events/{event}/edit")
}

/// The form for an event like another.
pub fn event_like(event: EventId) -> String {
    format!("{NEW_EVENT}?like={event}")
}

/// A creator's own events of a stage, from where a page goes on.
pub fn creator_stage(stage: Stage, before: Option<&Cursor>) -> String {
    let before = text(before);
    with(CREATOR_EVENTS, &[("stage", stage.name()), ("before", &before)])
}

/// A creator as everybody sees them, with their events from where a page goes on.
pub fn creator(member: MemberId, before: Option<&Cursor>) -> String {
    let before = text(before);
    with(&format!("/creators/{member}"), &[("before", &before)])
}

examples! {
    let event = EventId(uuid::Uuid::nil());
    let page = Cursor::of(&7);
    pages: [
        CREATOR_EVENTS,
        creator_stage(Stage::Live, Some(&page)),
        NEW_EVENT,
        new_event(Kind::Deal),
        event_like(event),
        edit_event(event),
        changes(event),
        older_changes(event, &page),
        share(event),
        creator(MemberId(uuid::Uuid::nil()), Some(&page)),
    ];
    files: [qr(event, "svg")];
}
