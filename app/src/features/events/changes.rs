//! `/events/{id}/changes`: what was changed of an event since it was published.

use super::functions;
use crate::{
    api,
    boot::lang,
    components::{prizes_text, shown},
    paths,
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use model::{Cursor, Edit, EventCard, Page, Revision};

/// The page of changes.
#[component]
pub fn ChangesPage() -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let which = move || {
        let id = params.with(|params| params.get("id").unwrap_or_default());
        (id, query.with(|query| query.get("before").map(Cursor::from)))
    };
    let changes = api::read(which, |(id, before)| functions::load_changes(id, before));
    shown(changes, |(event, revisions)| view! { <Changes event revisions /> }.into_any())
}

#[component]
fn Changes(event: EventCard, revisions: Page<Revision>) -> impl IntoView {
    let t = lang();
    let Page { rows: revisions, next } = revisions;
    let more = next.map(|next| {
        let href = paths::older_changes(event.id, &next);
        view! { <nav class="pages"><a class="btn small" href=href>{t.more()}</a></nav> }
    });
    let empty = revisions.is_empty().then(|| view! { <p class="none">{t.no_changes()}</p> });
    let rows = revisions
        .into_iter()
        .map(|Revision { at, edit }| {
            let (field, before_and_after) = told(edit);
            let texts = before_and_after.map(|(from, to)| {
                view! { <p class="from"><del>{from}</del></p><p class="to"><ins>{to}</ins></p> }
            });
            view! { <li><p><b>{field}</b>" "<small>{t.moment(at)}</small></p>{texts}</li> }
        })
        .collect_view();
    view! {
        <Title text=format!("{} · {}", t.changes(), event.title) />
        <section class="narrow changes">
            <p class="eyebrow">{t.changes()}</p>
            <h1><a href=paths::room(event.id)>{event.title}</a></h1>
            <p class="sub">{t.changes_hint()}</p>
            {empty}
            <ol>{rows}</ol>
            {more}
        </section>
    }
}

/// A field's name, and what it was and is.
fn told(edit: Edit) -> (&'static str, Option<(String, String)>) {
    let t = lang();
    match edit {
        Edit::Title { from, to } => (t.field_title(), Some((from, to))),
        Edit::Summary { from, to } => (t.field_summary(), Some((from, to))),
        Edit::Description { from, to } => (t.field_description(), Some((from, to))),
        Edit::Rules { from, to } => (t.field_rules(), Some((from, to))),
        Edit::Category { from, to } => {
            (t.field_category(), Some((t.category(from).to_owned(), t.category(to).to_owned())))
        }
        Edit::Opening { from, to } => (t.field_opens(), Some((t.moment(from), t.moment(to)))),
        Edit::Closing { from, to } => (t.field_closes(), Some((t.moment(from), t.moment(to)))),
        Edit::Offer { from, to } => (t.prizes(), Some((prizes_text(&from), prizes_text(&to)))),
        Edit::EntryCode => (t.entry_code(), None),
        Edit::Picture => (t.field_picture(), None),
    }
}
