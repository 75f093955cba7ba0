//! `/creator`: a creator's own events, their profile, and the page that everybody sees.

use super::functions;
use crate::{
    api,
    boot::{boot, lang},
    components::{EventCards, shown},
    forms::{ChangeForm, FormState},
    paths,
    texts::number,
};
use leptos::prelude::*;
use leptos_meta::{Meta, Title};
use leptos_router::hooks::{use_params_map, use_query_map};
use model::{CreatorView, Cursor, Error, MemberId, MyEvents, Page, Stage};

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

/// The creator's events.
#[component]
pub fn CreatorEvents() -> impl IntoView {
    let t = lang();
    let boot = boot();
    if !boot.viewer.as_ref().is_some_and(|viewer| viewer.creator) {
        return view! { <Title text=t.creator() /><Invitation /> }.into_any();
    }
    let query = use_query_map();
    let which = move || {
        query.with(|query| {
            let stage = query.get("stage").as_deref().map(Stage::named).unwrap_or_default();
            (stage, query.get("before").map(Cursor::from))
        })
    };
    let events = api::read(which, |(stage, before)| async move {
        functions::load_my_events(stage, before).await.map(|events| (stage, events))
    });
    let crowd = boot.demo.then(|| {
        view! {
            <ChangeForm state={FormState::of::<functions::SendCrowd>()} class="crowd">
                <input type="hidden" name="people" value="300" />
                <button class="btn small">{t.demo_crowd()}</button>
                <p class="note">{t.demo_crowd_hint()}</p>
            </ChangeForm>
        }
    });
    view! {
        <Title text=t.my_events() />
        <div class="head"><h1>{t.my_events()}</h1><a class="btn small go" href=paths::NEW_EVENT>{t.new_event()}</a></div>
        {crowd}
        {shown(events, |(stage, events)| view! { <Stages stage events /> }.into_any())}
    }
    .into_any()
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
    let more = next.map(|next| {
        let href = paths::creator_stage(stage, Some(&next));
        view! { <nav class="pages"><a class="btn small" href=href>{t.more()}</a></nav> }
    });
    view! {
        <nav class="tabs" aria-label=t.my_events()>{tabs}</nav>
        {empty}
        <ul class="cards"><EventCards events now own=true /></ul>
        {more}
    }
}

/// A creator as everybody sees them.
#[component]
pub fn CreatorPage() -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let which = move || {
        let id = params.with(|params| params.get("id").unwrap_or_default());
        (id, query.with(|query| query.get("before").map(Cursor::from)))
    };
    let creator = api::read(which, |(id, before)| async move {
        let member: MemberId = id.parse().map_err(|_| Error::NotFound)?;
        functions::load_creator(id, before).await.map(|creator| (member, creator))
    });
    shown(creator, |(id, creator)| view! { <PublicProfile id creator /> }.into_any())
}

#[component]
fn PublicProfile(id: MemberId, creator: CreatorView) -> impl IntoView {
    let t = lang();
    let CreatorView { name, introduction, links, events: Page { rows: events, next }, now } = creator;
    let links = links
        .into_iter()
        .map(|link| {
            let shown = link.trim_start_matches("https://").trim_start_matches("http://").to_owned();
            view! { <li><a href=link rel="external noopener nofollow ugc">{shown}</a></li> }
        })
        .collect_view();
    let empty = events.is_empty().then(|| view! { <p class="none">{t.nothing_next()}</p> });
    let more = next.map(|next| {
        let href = paths::creator(id, Some(&next));
        view! { <nav class="pages"><a class="btn small" href=href>{t.more()}</a></nav> }
    });
    view! {
        <Title text=name.clone() />
        <Meta name="description" content=introduction.clone() />
        <section class="creator-page">
            <p class="eyebrow">{t.creator()}</p>
            <h1>{name}</h1>
            <p class="lead">{introduction}</p>
            <ul class="links">{links}</ul>
            <h2>{t.their_events()}</h2>
            {empty}
            <ul class="cards"><EventCards events now /></ul>
            {more}
        </section>
    }
}
