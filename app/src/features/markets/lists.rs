//! `/admin/markets`: how many markets and items there are, and lists to take more from.

use super::functions::{ImportItems, ImportMarkets};
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::lang,
    features::administration::AdminTabs,
    forms::{ChangeForm, FormState},
    head, paths,
    texts::{Lang, number},
};
use leptos::prelude::*;
use model::{Error, FieldError};

/// Reads how many there are.
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<(u64, u64)> {
    Ok(asked.reader.engine.markets.counts(&asked.reader.actor).await?)
}

/// The admin's page.
pub fn view((markets, items): (u64, u64)) -> impl IntoView {
    let t = lang();
    head::title(t.markets_and_items());
    view! {
        <section class="notices">
            <AdminTabs page=paths::MARKET_LISTS />
            <h1>{t.markets_and_items()}</h1>
            <List form={FormState::of::<ImportMarkets>()} title=t.markets() count=markets columns="name,kind,address,latitude,longitude" />
            <List form={FormState::of::<ImportItems>()} title=t.items() count=items columns="category,name" />
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
        <h2>{title}" "{number(count)}</h2>
        <p class="note">{t.list_hint(columns)}</p>
        <ChangeForm state=form class="tools" upload=true>
            <input type="file" name="list" accept=".csv,text/csv" required=true aria-label=title />
            <button class="btn small">{t.take_list()}</button>
            {wrong}
        </ChangeForm>
    }
}

/// What is wrong with a list, by the name that the engine gives it: `csv`, `csv:1:name`, `csv:7:latitude`.
fn what_is_wrong(t: Lang, field: &str, error: &FieldError) -> String {
    let mut parts = field.splitn(3, ':').skip(1);
    let error = t.field_error(error);
    match (parts.next(), parts.next()) {
        (Some(line), Some(column)) => t.list_wrong(line, column, error),
        _ => error,
    }
}
