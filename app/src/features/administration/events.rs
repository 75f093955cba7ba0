//! `/admin/events`: everybody's events, stopping one for a while, and calling one off.

use super::{
    AdminTabs,
    functions::{CallOffEvent, ReadmitEvent, SuspendEvent},
    parts::{events_table, listed_tabs, reason_form},
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
    administration::{EventRow, EventStage, Listed},
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
        events_table(rows, tools).into_any()
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

/// What can be done about an event: stopping it or letting it go on, and calling it off.
fn tools(event: &EventRow) -> AnyView {
    let (t, id) = (lang(), event.id);
    let which = || ("event", id.to_string());
    // Beside the other form of the same event.
    let stops = format!("{id}-stop");
    let stopping = if event.suspension.is_some() && event.stage != EventStage::Cancelled {
        let form = FormState::keyed::<ReadmitEvent>(stops);
        Some(reason_form(form, which(), t.readmit_event(), t.admin_reason_hint()))
    } else {
        event.stage.can_be_suspended().then(|| {
            let form = FormState::keyed::<SuspendEvent>(stops);
            reason_form(form, which(), t.suspend_event(), t.suspend_event_hint())
        })
    };
    let calling_off = event.stage.can_be_called_off().then(|| {
        let form = FormState::keyed::<CallOffEvent>(id);
        reason_form(form, which(), t.call_off_event(), t.call_off_hint())
    });
    view! { {stopping}{calling_off} }.into_any()
}
