//! The form for an event, with its live preview.

use super::{
    functions,
    sale::{Confirm, Deal, Details, MoreUnits, Ticket, Typed},
};
use crate::{
    boot::{boot, lang},
    components::{kind_name, opens_text, words},
    features::pictures::{Part, Picked, PicturePicker},
    forms::{Area, ChangeForm, Field, FormState},
    paths,
};
use leptos::{html, prelude::*};
use model::{Category, DAY, EventDraft, EventStart, HOUR, Kind, MINUTE, Offer, Phase, Prize, PrizeKind, Time};

/// Prize rows shown at first; without scripts these are all there are.
const ROWS: usize = 3;
/// Prize rows at most.
const MAX_ROWS: usize = 10;

/// The form for an event that is made or changed.
#[component]
pub fn EventForm(
    /// What it starts with.
    start: EventStart,
    /// Above it.
    title: &'static str,
    /// The event that is changed.
    #[prop(optional, into)]
    event: Option<String>,
    /// The event that this is to be like.
    #[prop(optional_no_strip)]
    like: Option<String>,
) -> impl IntoView {
    let t = lang();
    let form = match event {
        Some(_) => FormState::of::<functions::EditEvent>(),
        None => FormState::of::<functions::CreateEvent>(),
    };
    let opened = start.phase == Phase::Opened;
    let draft = start.draft.clone();
    // What was typed, else what the event is.
    let value = |name: &str, of: fn(&EventDraft) -> String| form.value(name).or_else(|| draft.as_ref().map(of));
    let text = |name: &str, of: fn(&EventDraft) -> String| RwSignal::new(value(name, of).unwrap_or_default());
    let (name, summary) = (text("title", |d| d.title.clone()), text("summary", |d| d.summary.clone()));
    let opens_at = value("opens_at", |d| d.opens_at.to_local()).unwrap_or_else(|| start.opens_at.to_local());
    let closes_at = value("closes_at", |d| d.closes_at.to_local());
    // What was typed is shown again in the form that it was typed into.
    let typed_kind = form.value("kind").and_then(|name| Kind::named(&name));
    let kind = typed_kind.filter(|_| start.phase == Phase::New).unwrap_or(start.kind);
    let usual = match kind {
        Kind::Giveaway => 10 * MINUTE,
        Kind::Deal => 2 * HOUR,
        Kind::Ticket => DAY,
    };
    // Of booked hours that are proposed, all that follow each other.
    let booked =
        start.hours.iter().find(|(from, _)| *from == start.opens_at).map(|(from, until)| (*until).min(*from + 7 * DAY));
    let closes_at = closes_at.unwrap_or_else(|| booked.unwrap_or(start.opens_at + usual).to_local());
    let opens = RwSignal::new(opens_at);
    let counted = RwSignal::new(Vec::new());
    let request = form.value("request").unwrap_or_else(|| start.request.to_string());
    let picked = Picked::new(start.picture.clone());
    let again = form.error.get_untracked().is_some().then(|| t.picture_again());
    let offer = draft.as_ref().map(|draft| draft.offer.clone()).filter(|offer| offer.kind() == kind);
    let typed = Typed::new(form, offer.as_ref());
    let what = match (opened, kind) {
        (true, Kind::Giveaway) => view! { <Opened form draft=draft.clone() counted /> }.into_any(),
        (true, _) => view! { <MoreUnits form kind typed /> }.into_any(),
        (false, _) => {
            let offer = offer.clone();
            let hours =
                (kind == Kind::Deal).then(|| view! { <Hours hours=start.hours.clone() free=start.hours_are_free /> });
            let closes_hint = if kind == Kind::Deal { t.deal_closes_hint() } else { "" };
            let sold = match kind {
                Kind::Giveaway => view! { <Prizes form draft=draft.clone() counted /> }.into_any(),
                Kind::Deal => view! { <Deal form offer typed /> }.into_any(),
                Kind::Ticket => view! { <Ticket form offer typed /> }.into_any(),
            };
            view! {
                <CategoryField form chosen=draft.as_ref().map(|draft| draft.category) />
                {sold}
                <div class="two">
                    <Field form name="opens_at" label=t.field_opens() kind="datetime-local" required=true
                        value=opens.get_untracked() typed=opens />
                    <Field form name="closes_at" label=t.field_closes() hint=closes_hint kind="datetime-local" required=true value=closes_at />
                </div>
                {hours}
            }
            .into_any()
        }
    };
    // What it is stays, once there is something.
    let kinds = (start.phase == Phase::New && draft.is_none()).then(|| {
        let tab = |other: Kind| {
            let on = (other == kind).then_some("page");
            view! { <a class="tab" href=paths::new_event(other) aria-current=on>{kind_name(other)}</a> }
        };
        view! { <nav class="tabs" aria-label=t.kind_of_event()>{Kind::ALL.map(tab).collect_view()}</nav> }
    });
    let closed = (kind != Kind::Giveaway && !start.may_sell).then(|| {
        view! { <p class="banner" role="note">{t.error_business_needed()}" "<a href=paths::BUSINESS>{t.to_business()}</a></p> }
    });
    let details = match &offer {
        Some(Offer::Deal { details, .. }) => details.clone(),
        _ => Vec::new(),
    };
    let details = (kind == Kind::Deal && !opened).then(|| view! { <Details form pictures=details /> });
    let title_hint = if kind == Kind::Giveaway { t.title_hint() } else { t.title_hint_sale() };
    let code = (!opened).then(|| {
        let value = value("entry_code", |d| d.entry_code.clone().unwrap_or_default()).unwrap_or_default();
        view! { <Field form name="entry_code" label=t.field_code() hint=t.field_code_hint() maxlength=20 value /> }
    });
    let description = value("description", |d| d.description.clone()).unwrap_or_default();
    let rules = value("rules", |d| d.rules.clone()).unwrap_or_default();
    let public = !matches!(start.phase, Phase::New | Phase::Draft);
    let (save, hint) = match start.phase {
        Phase::New | Phase::Draft => (t.publish(), t.publish_hint()),
        Phase::Scheduled => (t.save(), t.edit_hint()),
        Phase::Opened if kind != Kind::Giveaway => (t.save(), t.edit_opened_sale_hint()),
        Phase::Opened => (t.save(), t.edit_opened_hint()),
    };
    let capacity = move || match kind {
        Kind::Giveaway => t.places(counted.with(|counts| counts.iter().sum::<u64>())),
        Kind::Deal => t.units_deal(typed.units()),
        Kind::Ticket => t.units_ticket(typed.units()),
    };
    let like = form.value("like").or(like);
    let like = like.map(|like| view! { <input type="hidden" name="like" value=like /> });
    view! {
        <div class="create">
            <ChangeForm state=form upload=true>
                <h1>{title}</h1>
                {kinds}
                {closed}
                <input type="hidden" name="kind" value=kind.name() />
                <input type="hidden" name="request" value=request />
                {event.map(|event| view! { <input type="hidden" name="event" value=event /> })}
                {like}
                <Field form name="title" label=t.field_title() hint=title_hint required=true maxlength=80
                    value=name.get_untracked() typed=name />
                <Field form name="summary" label=t.field_summary() maxlength=120 value=summary.get_untracked() typed=summary />
                {what}
                <Area form name="description" label=t.field_description() hint=t.description_hint() rows=6 value=description />
                <Area form name="rules" label=t.field_rules() rows=3 value=rules />
                {code}
                // Last: what stands before it is read although a picture may be too large.
                {(!opened).then(|| view! { <PicturePicker picked form again /> })}
                {details}
                <Confirm form />
                <button class="btn go" name="save" value="publish">{save}</button>
                {(!public).then(|| view! { <button class="btn" name="save" value="draft" formnovalidate>{t.save_draft()}</button><p class="note">{t.draft_hint()}</p> })}
                <progress class:hidden=move || form.sent.get().is_none() max="100" aria-label=t.uploading()
                    value=move || form.sent.get().unwrap_or_default().to_string()></progress>
                <p class="note">{hint}</p>
            </ChangeForm>
            <aside class="preview" aria-label=t.preview()>
                <h2>{t.preview()}</h2>
                <div class="card">
                    <span class="pic">
                        {move || match picked.part(640, 640) {
                            Some((source, part, size)) => view! { <Part source part size /> }.into_any(),
                            None => view! { <span class="nopic">{kind_name(kind)}</span> }.into_any(),
                        }}
                        <em class="chip">{t.state_scheduled()}</em>
                    </span>
                    <strong inner_html=words(move || Some(name.get()).filter(|t| !t.trim().is_empty()).unwrap_or_else(|| t.preview_title().to_owned())) />
                    {move || typed.price(kind)}
                    <small inner_html=words(move || summary.get()) />
                    <small inner_html=words(move || Time::parse_local(&opens.get()).map(|at| opens_text(at, start.now)).unwrap_or_default()) />
                    <small inner_html=words(capacity) />
                </div>
            </aside>
        </div>
    }
}

/// The hours that the creator has for a deal, and where to book others.
#[component]
fn Hours(hours: Vec<(Time, Time)>, free: bool) -> impl IntoView {
    /// As many as one reads.
    const SHOWN: usize = 8;
    let (t, now) = (lang(), boot().now);
    let words = match (hours.is_empty(), free) {
        (false, _) => {
            let shown: Vec<String> = hours.iter().take(SHOWN).map(|run| t.hours(*run, now)).collect();
            t.hours_you_have(shown.join(", "))
        }
        (true, true) => t.hours_taken_by_deal().to_owned(),
        (true, false) => t.hours_you_lack().to_owned(),
    };
    view! { <p class="booked-hours">{words}" "<a href=paths::SLOTS>{t.slots()}</a></p> }
}

#[component]
fn CategoryField(form: FormState, chosen: Option<Category>) -> impl IntoView {
    let t = lang();
    let chosen = form.value("category").and_then(|name| Category::named(&name)).or(chosen);
    let options = Category::ALL
        .map(|category| {
            view! { <option value=category.name() selected=chosen == Some(category)>{t.category(category)}</option> }
        })
        .collect_view();
    view! {
        <div class="field">
            <label for="category">{t.field_category()}</label>
            <select id="category" name="category">{options}</select>
        </div>
    }
}

/// Reads a number of winners as it is typed.
fn winners_typed(text: &str) -> u64 {
    text.trim().replace(',', "").parse().unwrap_or_default()
}

#[component]
fn Prizes(form: FormState, draft: Option<EventDraft>, counted: RwSignal<Vec<u64>>) -> impl IntoView {
    let t = lang();
    let (mut names, mut kinds) = (form.values("prize_name"), form.values("prize_kind"));
    let mut winners = form.values("prize_winners");
    if let (true, Some(EventDraft { offer: Offer::Giveaway { prizes }, .. })) = (names.is_empty(), draft) {
        for Prize { name, kind, winners: count } in prizes {
            names.push(name);
            kinds.push(if kind == PrizeKind::Coupon { "coupon".to_owned() } else { "goods".to_owned() });
            // A draft may not say yet.
            winners.push(if count > 0 { count.to_string() } else { String::new() });
        }
    }
    let rows = RwSignal::new(names.len().clamp(ROWS, MAX_ROWS));
    counted.set(winners.iter().map(|count| winners_typed(count)).collect());
    let count = move |i: usize, value: &str| {
        counted.update(|counts| {
            counts.resize(counts.len().max(i + 1), 0);
            counts[i] = winners_typed(value);
        });
    };
    let row = move |i: usize| {
        let winners_input = NodeRef::<html::Input>::new();
        // What was typed before the browser's code had loaded.
        Effect::new(move |_| {
            if let Some(input) = winners_input.get() {
                count(i, &input.value());
            }
        });
        let coupon = kinds.get(i).is_some_and(|kind| kind == "coupon");
        // The same field of another prize is told from it.
        let label = |what: &str| format!("{} · {what}", t.prize_number(i + 1));
        view! {
            <div class="prize">
                <span class="place">{t.prize_number(i + 1)}</span>
                <input name="prize_name" aria-label=label(t.prize_name()) placeholder=t.prize_name()
                    value=names.get(i).cloned().unwrap_or_default() />
                <select name="prize_kind" aria-label=label(t.prize_kind())>
                    <option value="goods" selected=!coupon>{t.prize_goods()}</option>
                    <option value="coupon" selected=coupon>{t.prize_coupon()}</option>
                </select>
                <input node_ref=winners_input name="prize_winners" aria-label=label(t.prize_winners()) placeholder=t.prize_winners() inputmode="numeric"
                    value=winners.get(i).cloned().unwrap_or_default()
                    on:input=move |event| count(i, &event_target_value(&event)) />
            </div>
        }
    };
    let described = move || form.field("prizes").map(|_| "prizes-error");
    let error = move || {
        form.field("prizes").map(|error| view! { <p class="note bad" id="prizes-error">{t.field_error(&error)}</p> })
    };
    view! {
        <fieldset aria-describedby=described>
            <legend>{t.prizes()}</legend>
            <For each=move || 0..rows.get() key=|i| *i children=row />
            {error}
            <button type="button" class="link" class:hidden=move || { rows.get() >= MAX_ROWS }
                on:click=move |_| rows.update(|n| *n += 1)>"+ "{t.prize_add()}</button>
        </fieldset>
    }
}

/// What may still be given once the event has opened: more of the last prize.
#[component]
fn Opened(form: FormState, draft: Option<EventDraft>, counted: RwSignal<Vec<u64>>) -> impl IntoView {
    let t = lang();
    let Some(EventDraft { offer: Offer::Giveaway { prizes }, .. }) = draft else { return ().into_any() };
    counted.set(prizes.iter().map(|prize| prize.winners).collect());
    let last = prizes.last().map(|prize| (t.last_winners(prizes.len(), &prize.name), prize.winners.to_string()));
    let (label, winners) = last.unwrap_or_default();
    view! {
        <Field form name="last_winners" label hint=t.last_winners_hint() inputmode="numeric"
            value=winners />
    }
    .into_any()
}
