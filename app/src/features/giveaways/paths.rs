//! Addresses of giveaways: one's own result, and the creator's table.

use crate::paths::{examples, text, with};
use model::{EntrantsQuery, EventId};

/// What the reader's own click came to.
pub fn result(event: EventId) -> String {
    format!("/events/{event}/result")
}

/// The creator's table of entrants as a file; `form` is `csv` or `xlsx`.
pub fn table(event: EventId, form: &str) -> String {
    format!("/events/{event}/table/entrants.{form}")
}

/// The creator's own event: who entered, and where their prizes go.
pub fn creator_event(event: EventId) -> String {
    format!("/creator/events/{event}")
}

/// The entrants that a query asks for.
pub fn entrants(event: EventId, query: &EntrantsQuery) -> String {
    let show = if query.winners { "winners" } else { "all" };
    let order = if query.backwards { "last" } else { "first" };
    let after = text(query.after.as_ref());
    with(&creator_event(event), &[("show", show), ("order", order), ("find", &query.find), ("after", &after)])
}

examples! {
    let event = EventId(uuid::Uuid::nil());
    let page = model::Cursor::of(&7);
    pages: [
        result(event),
        creator_event(event),
        entrants(event, &EntrantsQuery { find: "/a?b#c".into(), after: Some(page), ..EntrantsQuery::default() }),
    ];
    files: [table(event, "csv")];
}
