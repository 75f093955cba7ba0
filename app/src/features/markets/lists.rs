//! `/admin/markets`: the markets, how many of them and of items there are, and lists to take more from.

use super::functions::{ImportItems, ImportMarkets};
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::lang,
    components::next_page,
    features::administration::AdminTabs,
    forms::{ChangeForm, FormState, LISTS},
    head, paths,
    texts::{Lang, number},
};
use leptos::prelude::*;
use model::{Error, FieldError, Market, Page};

/// The most rows of a list.
const ROWS: u64 = 5_000;

/// What the page shows: how many markets and items there are, and markets with whether they are hidden.
type Shown = ((u64, u64), Page<(Market, bool)>);

/// Reads them.
///
/// # Errors
/// As [`engine::markets::Markets::newest`].
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<Shown> {
    let (markets, actor) = (&asked.reader.engine.markets, &asked.reader.actor);
    Ok((markets.counts(actor).await?, markets.newest(actor, asked.cursor("before").as_ref()).await?))
}

/// The admin's page.
pub fn view(((markets, items), Page { rows, next }): Shown) -> impl IntoView {
    let t = lang();
    head::title(t.markets_and_items());
    let more = next_page(next.map(|next| paths::market_lists(&next)));
    let rows = rows
        .into_iter()
        .map(|(market, hidden)| {
            let change = paths::correct_market(market.id);
            let made_up = market.demonstration.then(|| view! { <span class="chip">{t.demonstration()}</span> });
            let is_hidden = hidden.then(|| view! { <span class="chip off">{t.market_is_hidden()}</span> });
            // What is hidden has no page of its own.
            let page = if hidden { change.clone() } else { paths::market(market.id, None) };
            view! {
                <tr>
                    <th scope="row"><a href=page>{market.name}</a>" "{made_up}{is_hidden}</th>
                    <td>{t.market_kind(market.kind)}</td>
                    <td>{market.address}</td>
                    <td>{format!("{:.4}, {:.4}", market.at.latitude, market.at.longitude)}</td>
                    <td><a class="link" href=change>{t.change_market()}</a></td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <section class="notices parties lists">
            <AdminTabs page=paths::MARKET_LISTS />
            <h1>{t.markets_and_items()}</h1>
            <div class="halves">
            <List form={FormState::of::<ImportMarkets>()} title=t.markets() count=markets columns="name,kind,address,latitude,longitude" />
            <List form={FormState::of::<ImportItems>()} title=t.items() count=items columns="category,name" />
            </div>
            <h2>{t.newest_markets()}</h2>
            <table>
                <thead><tr><th scope="col">{t.market_name()}</th><th scope="col">{t.market_sort()}</th><th scope="col">{t.market_address()}</th><th scope="col">{t.market_place()}</th><th scope="col"><span class="visually-hidden">{t.correct_market()}</span></th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
            {more}
        </section>
    }
}

/// One of the lists.
#[component]
fn List(
    form: FormState,
    title: &'static str,
    count: u64,
    /// Its headings.
    columns: &'static str,
) -> impl IntoView {
    let t = lang();
    let wrong = move || {
        let Some(Error::Invalid { fields }) = form.error.get() else { return None };
        let rows = fields.0.into_iter().map(|(field, error)| view! { <li>{what_is_wrong(t, &field, &error)}</li> });
        Some(view! { <ul class="bad">{rows.collect_view()}</ul> })
    };
    view! {
        <div>
        <h2>{title}" "{number(count)}</h2>
        <p class="note">{t.list_hint(columns)}</p>
        <ChangeForm state=form class="tools" upload=true>
            <input type="file" name="list" accept=LISTS required=true aria-label=title />
            <button class="btn small">{t.take_list()}</button>
            {wrong}
        </ChangeForm>
        </div>
    }
}

/// What is wrong with a list, by the name that the engine gives it: `csv`, `csv:7`, `csv:1:name`, `csv:7:latitude`.
fn what_is_wrong(t: Lang, field: &str, error: &FieldError) -> String {
    let mut parts = field.splitn(3, ':').skip(1);
    match (parts.next(), parts.next()) {
        (Some(line), Some(column)) => t.list_wrong(line, column, t.field_error(error)),
        _ => t.list_error(field, error, ROWS),
    }
}
