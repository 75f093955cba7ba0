//! `/events/{id}/changes`: what was changed of an event since it was published.

#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{boot::lang, components::prizes_text, head, paths};
use leptos::prelude::*;
use model::{Edit, EventCard, Page, Revision};

/// Reads what was changed of an event.
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<(EventCard, Page<Revision>)> {
    let (id, reader) = (asked.named("id")?, &asked.reader);
    let card = reader.engine.events.view(id, &reader.actor).await?.card;
    let before = asked.cursor("before");
    Ok((card, reader.engine.events.revisions(id, before.as_ref()).await?))
}

/// The page of changes.
pub fn view((event, revisions): (EventCard, Page<Revision>)) -> impl IntoView {
    let t = lang();
    head::title(format!("{} · {}", t.changes(), event.title));
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
