//! `/admin/events`: everybody's events, and calling one off.

use super::{
    AdminTabs,
    functions::CallOffEvent,
    parts::{call_off_form, events_table, listed_tabs},
};
#[cfg(feature = "ssr")]
use crate::{
    api::Reader,
    page::{Asked, Read},
};
use crate::{boot::lang, components::next_page, forms::FormState, head, paths};
use leptos::prelude::*;
use model::{
    Page,
    administration::{EventRow, Listed},
};

/// What the page shows: events, which, and what was looked for.
type Shown = (Page<EventRow>, Listed, String);

/// Reads those that are asked for.
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<Shown> {
    let Reader { engine, actor, .. } = &asked.reader;
    let (listed, find) = (asked.query("show").map(Listed::named).unwrap_or_default(), asked.query("find"));
    // An id, or the address that ends in it.
    let id = find
        .map(|find| find.trim().trim_end_matches('/').rsplit('/').next().unwrap_or_default().parse::<model::EventId>());
    let events = match id {
        // It names nothing.
        Some(Err(_)) => {
            actor.admin()?;
            Page::default()
        }
        id => {
            let id = id.and_then(Result::ok);
            engine.administration.events(actor, listed, id, asked.cursor("after").as_ref()).await?
        }
    };
    let find = find.unwrap_or_default().to_owned();
    Ok((events, listed, find))
}

/// The admin's list.
pub fn view((Page { rows, next }, listed, find): Shown) -> impl IntoView {
    let t = lang();
    head::title(t.admin_events());
    let tabs = listed_tabs(paths::ADMIN_EVENTS, t.admin_events(), find.is_empty().then_some(listed));
    let more = next_page(next.map(|next| paths::admin_listed(paths::ADMIN_EVENTS, listed, Some(&next))));
    let table = if rows.is_empty() {
        view! { <p class="none">{t.no_event_here()}</p> }.into_any()
    } else {
        events_table(rows, call_off).into_any()
    };
    view! {
        <section class="admin">
            <AdminTabs page=paths::ADMIN_EVENTS />
            <h1>{t.admin_events()}</h1>
            <form method="get" action=paths::ADMIN_EVENTS role="search" class="tools">
                <input name="find" type="search" aria-label=t.find_event() placeholder=t.find_event() value=find />
                <button class="btn small">{t.find()}</button>
            </form>
            {tabs}
            {table}
            {more}
        </section>
    }
}

/// Calling an event off, while that can be done.
fn call_off(event: &EventRow) -> AnyView {
    if !event.stage.can_be_called_off() {
        return ().into_any();
    }
    let (t, form) = (lang(), FormState::keyed::<CallOffEvent>(event.id));
    call_off_form(form, ("event", event.id.to_string()), t.call_off_event(), t.call_off_hint())
}
