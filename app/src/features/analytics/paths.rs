//! Addresses of an event over time.

use crate::paths::examples;
use model::EventId;

/// One of the reader's own events as it goes.
pub fn pulse(event: EventId) -> String {
    format!("/events/{event}/pulse")
}

examples! {
    files: [pulse(EventId(uuid::Uuid::nil()))];
}
