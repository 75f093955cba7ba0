//! Addresses of the search.

use crate::paths::{examples, text, with};
use model::search::{FoundKind, FoundState, SearchQuery};

/// The search.
pub const SEARCH: &str = "/search";

/// What is found by a query.
pub fn search(query: &SearchQuery) -> String {
    let (kind, state) = (query.kind.map_or("", FoundKind::name), query.state.map_or("", FoundState::name));
    with(SEARCH, &[("q", &query.text), ("kind", kind), ("state", state), ("after", &text(query.after.as_ref()))])
}

/// What may be meant by what is being typed.
pub fn suggestions(typed: &str) -> String {
    with("/api/suggest", &[("q", typed)])
}

examples! {
    let page = Some(model::Cursor::of(&7));
    pages: [SEARCH, search(&SearchQuery { text: "/a?b#c".into(), after: page, ..SearchQuery::default() })];
    files: [suggestions("올리브")];
}
