//! `/creator`: a creator's events, the form for a new one, the profile.

use crate::{
    api,
    boot::{FormState, boot, lang},
    components::{Area, EventCards, Failed, Field, FormError, Skeleton, opens_text},
    texts::number,
};
use leptos::{html, prelude::*};
use leptos_meta::Title;
use model::{Category, Error, MINUTE, NewEvent, Time};

/// For whoever is no creator yet: how to become one.
#[component]
fn Invitation() -> impl IntoView {
    let t = lang();
    view! {
        <section class="empty">
            <h1>{t.creator_only()}</h1>
            <p>{t.no_events_hint()}</p>
            <a class="btn go" href="/creator/profile">{t.become_creator()}</a>
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
    let events = api::read(|| (), |()| api::load_my_events());
    let crowd = boot.demo.then(|| {
        view! {
            <form class="crowd" method="post" action="/demo/crowd">
                <input type="hidden" name="people" value="300" />
                <button class="btn small">{t.demo_crowd()}</button>
                <p class="note">{t.demo_crowd_hint()}</p>
            </form>
        }
    });
    view! {
        <Title text=t.my_events() />
        <div class="head"><h1>{t.my_events()}</h1><a class="btn small go" href="/creator/new">{t.new_event()}</a></div>
        {crowd}
        <Suspense fallback=|| view! { <Skeleton /> }>
            {move || Suspend::new(async move {
                match events.await {
                    Ok(events) if events.is_empty() => {
                        view! { <section class="empty"><p>{t.no_events()}</p><p>{t.no_events_hint()}</p></section> }.into_any()
                    }
                    Ok(events) => view! { <ul class="cards"><EventCards events now=boot.now /></ul> }.into_any(),
                    Err(error) => view! { <Failed error=error.0 /> }.into_any(),
                }
            })}
        </Suspense>
    }
    .into_any()
}

/// The form for a new event.
#[component]
pub fn NewEventPage() -> impl IntoView {
    let t = lang();
    let start = api::read(|| (), |()| api::load_new_event());
    view! {
        <Title text=t.new_event() />
        <Suspense fallback=|| view! { <Skeleton /> }>
            {move || Suspend::new(async move {
                match start.await {
                    Ok(start) => view! { <NewEventForm start /> }.into_any(),
                    Err(error) if matches!(error.0, Error::SignedOut | Error::Forbidden) => view! { <Invitation /> }.into_any(),
                    Err(error) => view! { <Failed error=error.0 /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

/// Prize rows shown at first; without scripts these are all there are.
const ROWS: usize = 3;
/// Prize rows at most.
const MAX_ROWS: usize = 10;

#[component]
fn NewEventForm(start: NewEvent) -> impl IntoView {
    let t = lang();
    let form = FormState::of("/creator/new");
    let again = form.error.is_some().then(|| t.picture_again());
    let text = |name: &str| RwSignal::new(form.value(name).unwrap_or_default());
    let (title, summary) = (text("title"), text("summary"));
    let opens = RwSignal::new(form.value("opens_at").unwrap_or_else(|| start.opens_at.to_local()));
    let closes = form.value("closes_at").unwrap_or_else(|| (start.opens_at + 10 * MINUTE).to_local());
    let request = form.value("request").unwrap_or_else(|| start.request.to_string());
    let chosen = form.value("category");
    let categories = Category::ALL
        .map(|category| {
            let selected = chosen.as_deref() == Some(category.name());
            view! { <option value=category.name() selected=selected>{t.category(category)}</option> }
        })
        .collect_view();
    let (names, kinds, winners) = (form.values("prize_name"), form.values("prize_kind"), form.values("prize_winners"));
    let rows = RwSignal::new(names.len().clamp(ROWS, MAX_ROWS));
    let counts = RwSignal::new(winners.clone());
    let prizes_error = form.field("prizes").map(|error| view! { <p class="note bad">{t.field_error(&error)}</p> });
    let picture_error = form.field("picture").map(|error| view! { <p class="note bad">{t.field_error(&error)}</p> });
    let picture = RwSignal::new(None::<String>);
    let capacity = move || {
        counts.with(|counts| counts.iter().filter_map(|n| n.trim().replace(',', "").parse::<u64>().ok()).sum::<u64>())
    };
    let count = move |i: usize, value: String| {
        counts.update(|counts| {
            if counts.len() <= i {
                counts.resize(i + 1, String::new());
            }
            counts[i] = value;
        });
    };
    // What was typed or picked before the browser's code had loaded.
    let picture_input = NodeRef::<html::Input>::new();
    Effect::new(move |_| {
        if let Some(input) = picture_input.get() {
            picture.set(picked(&input));
        }
    });
    let prize_row = move |i: usize| {
        let winners_input = NodeRef::<html::Input>::new();
        Effect::new(move |_| {
            if let Some(input) = winners_input.get() {
                count(i, input.value());
            }
        });
        let coupon = kinds.get(i).is_some_and(|kind| kind == "coupon");
        view! {
            <div class="prize">
                <span class="place">{t.prize_number(i + 1)}</span>
                <input name="prize_name" aria-label=t.prize_name() placeholder=t.prize_name() maxlength="60"
                    value=names.get(i).cloned().unwrap_or_default() />
                <select name="prize_kind" aria-label=t.prize_kind()>
                    <option value="goods" selected=!coupon>{t.prize_goods()}</option>
                    <option value="coupon" selected=coupon>{t.prize_coupon()}</option>
                </select>
                <input node_ref=winners_input name="prize_winners" aria-label=t.prize_winners() placeholder=t.prize_winners() inputmode="numeric"
                    value=winners.get(i).cloned().unwrap_or_default()
                    on:input=move |event| count(i, event_target_value(&event)) />
            </div>
        }
    };
    view! {
        <div class="create">
            <form method="post" action="/creator/new" enctype="multipart/form-data">
                <h1>{t.new_event()}</h1>
                <FormError form=form.clone() />
                <input type="hidden" name="request" value=request />
                <Field form=form.clone() name="title" label=t.field_title() hint=t.title_hint() required=true maxlength=80 typed=title />
                <Field form=form.clone() name="summary" label=t.field_summary() maxlength=120 typed=summary />
                <div class="field">
                    <label for="category">{t.field_category()}</label>
                    <select id="category" name="category">{categories}</select>
                </div>
                <fieldset>
                    <legend>{t.prizes()}</legend>
                    <For each=move || 0..rows.get() key=|i| *i children=prize_row />
                    {prizes_error}
                    <button type="button" class="link" class:hidden=move || { rows.get() >= MAX_ROWS }
                        on:click=move |_| rows.update(|n| *n += 1)>"+ "{t.prize_add()}</button>
                </fieldset>
                <div class="two">
                    <Field form=form.clone() name="opens_at" label=t.field_opens() kind="datetime-local" required=true
                        value=start.opens_at.to_local() typed=opens />
                    <Field form=form.clone() name="closes_at" label=t.field_closes() kind="datetime-local" required=true value=closes />
                </div>
                <div class="field">
                    <label for="picture">{t.field_picture()}</label>
                    <input node_ref=picture_input id="picture" type="file" name="picture" accept="image/jpeg,image/png,image/webp"
                        on:change=move |_| picture.set(picture_input.get_untracked().and_then(|input| picked(&input))) />
                    {picture_error}
                    <p class="note">{again}" "{t.picture_hint()}</p>
                </div>
                <Area form=form.clone() name="description" label=t.field_description() hint=t.description_hint() rows=6 />
                <Area form=form.clone() name="rules" label=t.field_rules() rows=3 />
                <Field form name="entry_code" label=t.field_code() hint=t.field_code_hint() maxlength=20 />
                <button class="btn go">{t.publish()}</button>
                <p class="note">{t.publish_hint()}</p>
            </form>
            <aside class="preview" aria-label=t.preview()>
                <h2>{t.preview()}</h2>
                <div class="card">
                    <span class="pic">
                        {move || match picture.get() {
                            Some(source) => view! { <img src=source alt="" /> }.into_any(),
                            None => view! { <span class="nopic">{t.giveaway()}</span> }.into_any(),
                        }}
                        <em class="chip">{t.state_scheduled()}</em>
                    </span>
                    <strong>{move || Some(title.get()).filter(|t| !t.trim().is_empty()).unwrap_or_else(|| t.preview_title().to_owned())}</strong>
                    <small>{move || summary.get()}</small>
                    <small>{move || Time::parse_local(&opens.get()).map(|at| opens_text(at, start.opens_at))}</small>
                    <small>{move || t.places(number(capacity()))}</small>
                </div>
            </aside>
        </div>
    }
}

/// An address under which the page itself can show the picture that was picked.
fn picked(input: &web_sys::HtmlInputElement) -> Option<String> {
    let file = input.files()?.get(0)?;
    web_sys::Url::create_object_url_with_blob(&file).ok()
}

/// The creator profile.
#[component]
pub fn CreatorProfile() -> impl IntoView {
    let t = lang();
    let form = StoredValue::new(FormState::of("/creator/profile"));
    let boot = boot();
    if boot.viewer.is_none() {
        return view! {
            <Title text=t.profile_title() />
            <section class="empty">
                <h1>{t.profile_title()}</h1>
                <p>{t.error_signed_out()}</p>
                <a class="btn go" href="/sign-in?next=/creator/profile" rel="external">{t.sign_in()}</a>
            </section>
        }
        .into_any();
    }
    let profile = api::read(|| (), |()| api::load_profile());
    view! {
        <Title text=t.profile_title() />
        <section class="narrow">
            <h1>{t.profile_title()}</h1>
            <p class="sub">{t.profile_hint()}</p>
            <Suspense fallback=|| view! { <Skeleton /> }>
                {move || Suspend::new(async move {
                    let (name, introduction, links) = profile.await.unwrap_or_default();
                    let form = form.get_value();
                    view! {
                        <form method="post" action="/creator/profile">
                            <FormError form=form.clone() />
                            <Field form=form.clone() name="name" label=t.profile_name() required=true maxlength=50 value=name />
                            <Area form=form.clone() name="introduction" label=t.profile_introduction() value=introduction />
                            <Area form name="links" label=t.profile_links() rows=3 value=links />
                            <button class="btn go">{t.save()}</button>
                        </form>
                    }
                })}
            </Suspense>
        </section>
    }
    .into_any()
}
