//! `/creator`: a creator's own events.

use super::functions;
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::{boot, lang},
    components::{EventCards, next_page},
    forms::{ChangeForm, FormState},
    head, paths,
    texts::number,
};
use leptos::prelude::*;
use model::{MyEvents, Page, Stage};

/// Reads the creator's events of a stage; nothing for whoever is none.
///
/// # Errors
/// As [`engine::events::Events::of_creator`].
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<Option<(Stage, MyEvents)>> {
    let reader = &asked.reader;
    if !reader.actor.signed_in().is_ok_and(|session| session.creator) {
        return Ok(None);
    }
    let stage = asked.query("stage").map(Stage::named).unwrap_or_default();
    let before = asked.cursor("before");
    let events = reader.engine.events.of_creator(&reader.actor, stage, before.as_ref()).await?;
    Ok(Some((stage, events)))
}

/// The creator's events.
pub fn view(own: Option<(Stage, MyEvents)>) -> impl IntoView {
    let t = lang();
    let Some((stage, events)) = own else {
        head::title(t.creator());
        return view! { <Invitation /> }.into_any();
    };
    head::title(t.my_events());
    let crowd = boot().demo.then(|| {
        view! {
            <ChangeForm state={FormState::of::<functions::SendCrowd>()} class="crowd">
                <input type="hidden" name="people" value="300" />
                <button class="btn small">{t.demo_crowd()}</button>
                <p class="note">{t.demo_crowd_hint()}</p>
            </ChangeForm>
        }
    });
    view! {
        <div class="head"><h1>{t.my_events()}</h1><a class="btn small go" href=paths::NEW_EVENT>{t.new_event()}</a></div>
        <nav class="shortcuts" aria-label=t.creator()>
            <a href=paths::SLOTS>{t.slots()}</a>
            <a href=paths::SALES>{t.sales_and_settlement()}</a>
            <a href=paths::BUSINESS>{t.business()}</a>
            <a href=paths::WEBHOOKS>{t.webhooks()}</a>
            <a href=paths::CREATOR_PROFILE>{t.profile_title()}</a>
        </nav>
        {crowd}
        <Stages stage events />
    }
    .into_any()
}

/// For whoever is no creator yet: how to become one.
#[component]
pub fn Invitation() -> impl IntoView {
    let t = lang();
    view! {
        <section class="empty">
            <h1>{t.creator_only()}</h1>
            <p>{t.no_events_hint()}</p>
            <a class="btn go" href=paths::CREATOR_PROFILE>{t.become_creator()}</a>
        </section>
    }
}

#[component]
fn Stages(stage: Stage, events: MyEvents) -> impl IntoView {
    let t = lang();
    let MyEvents { events: Page { rows: events, next }, counts, now } = events;
    let tabs = Stage::ALL
        .into_iter()
        .zip(counts)
        .filter(|(one, count)| *count > 0 || *one == stage || *one == Stage::All)
        .map(|(one, count)| {
            let on = (one == stage).then_some("true");
            view! { <a class="tab" href=paths::creator_stage(one, None) aria-current=on>{t.stage(one)}" "{number(count)}</a> }
        })
        .collect_view();
    let empty = events
        .is_empty()
        .then(|| view! { <section class="empty"><p>{t.no_events()}</p><p>{t.no_events_hint()}</p></section> });
    let more = next_page(next.map(|next| paths::creator_stage(stage, Some(&next))));
    view! {
        <nav class="tabs" aria-label=t.my_events()>{tabs}</nav>
        {empty}
        <ul class="cards"><EventCards events now own=true /></ul>
        {more}
    }
}
