//! `/creator/events/{id}`: who entered, who won, and where their prizes go.

use super::functions;
#[cfg(feature = "ssr")]
use crate::{
    api::Reader,
    page::{Asked, Read},
};
use crate::{
    boot::lang,
    components::{OpenOutside, next_page, state_class},
    features::analytics::Dashboard,
    forms::{ChangeForm, Field, FormState},
    head, paths,
    texts::{number, seconds_ms},
};
use leptos::prelude::*;
use model::{
    ClaimState, Cursor, Entrant, Entrants, EntrantsQuery, EntryState, EventId, EventState, Kind, Page, sellers::Show,
};

/// Reads who entered one of the reader's own events.
///
/// # Errors
/// As [`engine::giveaways::Giveaways::entrants_page`].
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<(Entrants, EntrantsQuery)> {
    let id = asked.named("id")?;
    let query = EntrantsQuery {
        winners: asked.query("show") == Some("winners"),
        backwards: asked.query("order") == Some("last"),
        find: asked.query("find").unwrap_or_default().to_owned(),
        after: asked.cursor("after"),
    };
    let Reader { engine, actor, .. } = &asked.reader;
    let entrants = engine.giveaways.entrants_page(actor, id, &query).await?;
    let counts = engine.giveaways.counts(actor, id).await?;
    let mut event = engine.events.view(id, actor).await?.card;
    event.present = engine.rooms.present(id);
    let first = query.after.is_none() && query.find.trim().is_empty() && !query.winners;
    let curves = if first { Some(engine.analytics.of(actor, id).await?) } else { None };
    Ok((Entrants { event, entrants, counts, curves }, query))
}

/// The page of a creator's own event.
pub fn view((entrants, query): (Entrants, EntrantsQuery)) -> impl IntoView {
    let t = lang();
    let Entrants { event, entrants: Page { rows, next }, counts: (offered, filled, sent), curves } = entrants;
    head::title(format!("{} · {}", t.entrants(), event.title));
    let plots = curves.map(|curves| view! { <Dashboard event=event.clone() curves /> });
    let id = event.id;
    let page = paths::creator_event(id);
    let address = move |winners: bool, backwards: bool, after: Option<Cursor>| {
        paths::entrants(id, &EntrantsQuery { winners, backwards, find: String::new(), after })
    };
    let tab = |on: bool, href: String, text: &'static str| {
        view! { <a class="tab" href=href aria-current=on.then_some("true")>{text}</a> }
    };
    let (winners, backwards) = (query.winners, query.backwards);
    let tabs = view! {
        {tab(!winners, address(false, backwards, None), t.entrants())}
        {tab(winners, address(true, backwards, None), t.winners())}
        {tab(!backwards, address(winners, false, None), t.first_first())}
        {tab(backwards, address(winners, true, None), t.last_first())}
    };
    let more = next_page(next.map(|next| address(winners, backwards, Some(next))));
    let over = is_over(event.state);
    let empty = rows.is_empty().then(|| view! { <p class="none">{t.nobody_found()}</p> });
    let table = (!rows.is_empty()).then(|| {
        let rows = rows.into_iter().map(|row| view! { <EntrantRow row event=id state=event.state /> }).collect_view();
        view! {
            <table class="rows">
                <thead>
                    <tr>
                        <th scope="col">{t.rank_column()}</th><th scope="col">{t.name_column()}</th>
                        <th scope="col">{t.time_column()}</th><th scope="col">{t.result_column()}</th><th scope="col">{t.prizes()}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        }
    });
    view! {
        <section class="entrants">
            <p class="eyebrow"><span class=state_class(event.state)>{t.event_state(event.state)}</span>" "{t.entered_of(event.total, event.capacity)}</p>
            <h1><a href=paths::room(id)>{event.title}</a></h1>
            <p class="sub">{t.prizes_counts(offered, filled, sent)}</p>
            <p class="tools">
                {(!over).then(|| view! { <a class="btn small ghost" href=paths::edit_event(id)>{t.edit()}</a> })}
                {(event.kind != Kind::Giveaway).then(|| view! { <a class="btn small ghost" href=paths::sold_orders(id, Show::ToShip, None)>{t.sold_orders()}</a> })}
                <a class="btn small ghost" href=paths::event_like(id)>{t.duplicate()}</a>
                <a class="btn small ghost" href=paths::share(id)>{t.share()}</a>
                <a class="btn small ghost" href=paths::muted(id)>{t.chat_moderation()}</a>
            </p>
            {plots}
            <div class="tools">
                <nav class="tabs" aria-label=t.entrants()>{tabs}</nav>
                <form method="get" action=page role="search">
                    <input name="find" type="search" aria-label=t.find_entrant() placeholder=t.find_entrant() value=query.find />
                    <button class="btn small">{t.find()}</button>
                </form>
                // Under the names that they come with.
                <a class="btn small" href=paths::table(id, "xlsx") download="">{t.as_xlsx()}</a>
                <a class="btn small" href=paths::table(id, "csv") download="">{t.as_csv()}</a>
            </div>
            <OpenOutside />
            {empty}
            {table}
            {more}
        </section>
    }
}

/// Whether nobody is taken out of an event in this state any more.
fn is_over(state: EventState) -> bool {
    matches!(state, EventState::Settled | EventState::Cancelled)
}

#[component]
fn EntrantRow(row: Entrant, event: EventId, state: EventState) -> impl IntoView {
    let t = lang();
    let rank = row.rank;
    let over = is_over(state);
    // Which entry it is, for both of its forms.
    let which = move || view! { <input type="hidden" name="event" value=event.to_string() /><input type="hidden" name="rank" value=rank.to_string() /> };
    let can_send = row.prize.as_ref().is_some_and(|prize| prize.state == ClaimState::Filled);
    let was_sent = row.prize.as_ref().is_some_and(|prize| prize.state == ClaimState::Sent);
    let prize = row.prize.map(|prize| {
        let until = (prize.state == ClaimState::Offered).then(|| format!(" ~{}", t.moment(prize.due_at)));
        let alike = prize.alike.then(|| view! { <span class="chip off">{t.alike()}</span> });
        let elsewhere = prize.alike_elsewhere.then(|| view! { <span class="chip off">{t.alike_elsewhere()}</span> });
        let delivery = prize.delivery.map(|d| {
            view! { <p class="delivery">{format!("{} · {} · {} {} {}", d.name, d.phone, d.postcode, d.address, d.detail)}</p> }
        });
        view! { <p class="prize-line"><b>{prize.name}</b>" "<span>{t.claim_state(prize.state)}{until}</span>" "{alike}{elsewhere}</p>{delivery} }
    });
    let send = can_send.then(|| {
        view! {
            <ChangeForm state={FormState::keyed::<functions::SendPrize>(rank)}>
                {which()}
                <button class="btn small go">{t.mark_sent()}</button>
            </ChangeForm>
        }
    });
    let out = (row.state != EntryState::Disqualified && !over && !was_sent).then(|| {
        let form = FormState::keyed::<functions::DisqualifyEntry>(rank);
        view! {
            <details class="danger" open=form.was_refused()>
                <summary>{t.disqualify()}</summary>
                <ChangeForm state=form>
                    {which()}
                    <Field form name="reason" label=t.disqualify_reason() hint=t.disqualify_hint() required=true />
                    <button class="btn small">{t.disqualify()}</button>
                </ChangeForm>
            </details>
        }
    });
    let reason = row.reason.map(|reason| view! { <p class="note">{reason}</p> });
    let same = row.same_device.then(|| view! { <span class="chip off">{t.same_device()}</span> });
    let elsewhere =
        row.same_device_elsewhere.then(|| view! { <span class="chip off">{t.same_device_elsewhere()}</span> });
    view! {
        <tr class:won=row.state == EntryState::Won && state != EventState::Cancelled>
            <th scope="row" class="r">{number(rank)}</th>
            <td class="n">{row.nickname.unwrap_or_else(|| "***".into())}</td>
            <td class="t">{t.after(seconds_ms(row.since_open))}</td>
            <td class="s">{t.entry_in(row.state, state)}</td>
            <td class="m"><div class="more-of-it">{prize}{same}{elsewhere}{reason}{send}{out}</div></td>
        </tr>
    }
}
