//! `/admin/events`: everybody's events, and calling one off.

use super::{AdminTabs, functions::CallOffEvent, parts::events_table};
#[cfg(feature = "ssr")]
use crate::{
    api::Reader,
    page::{Asked, Read},
};
use crate::{
    boot::lang,
    forms::{ChangeForm, Field, FormState},
    head, paths,
};
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
    let tabs = Listed::ALL
        .into_iter()
        .map(|one| {
            let on = (find.is_empty() && one == listed).then_some("true");
            view! { <a class="tab" href=paths::admin_listed(paths::ADMIN_EVENTS, one, None) aria-current=on>{t.listed(one)}</a> }
        })
        .collect_view();
    let more = next.map(|next| {
        let address = paths::admin_listed(paths::ADMIN_EVENTS, listed, Some(&next));
        view! { <nav class="pages"><a class="btn small" href=address>{t.more()}</a></nav> }
    });
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
            <nav class="tabs" aria-label=t.admin_events()>{tabs}</nav>
            {table}
            {more}
        </section>
    }
}

/// Calling an event off, while that can be done.
fn call_off(event: &EventRow) -> AnyView {
    let t = lang();
    if !event.stage.can_be_called_off() {
        return ().into_any();
    }
    let form = FormState::keyed::<CallOffEvent>(event.id);
    let id = event.id.to_string();
    view! {
        <details class="danger" open=form.was_refused()>
            <summary>{t.call_off_event()}</summary>
            <ChangeForm state=form>
                <input type="hidden" name="event" value=id />
                <Field form name="reason" label=t.admin_reason() hint=t.call_off_hint() required=true maxlength=200 />
                <button class="btn small">{t.call_off_event()}</button>
            </ChangeForm>
        </details>
    }
    .into_any()
}
