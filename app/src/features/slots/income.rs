//! `/admin/slots`: what came of hours by month.

#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{boot::lang, features::administration::AdminTabs, head, paths, texts::number};
use leptos::prelude::*;
use model::slots::Income;

/// Reads every month in which anything moved.
///
/// # Errors
/// As [`engine::slots::Slots::income`].
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<Vec<Income>> {
    Ok(asked.reader.engine.slots.income(&asked.reader.actor).await?)
}

/// The admin's table.
pub fn view(income: Vec<Income>) -> impl IntoView {
    let t = lang();
    head::title(t.income_of_hours());
    let empty = income.is_empty().then(|| view! { <p class="none">{t.no_income()}</p> });
    let rows = income
        .into_iter()
        .map(|Income { month, hours, paid, refunds }| {
            let kept = (paid - refunds).max(0) as u64;
            view! {
                <tr>
                    <th scope="row">{month.to_string()}</th>
                    <td>{number(hours)}</td>
                    <td>{t.in_won(paid as u64)}</td>
                    <td>{t.in_won(refunds as u64)}</td>
                    <td><b>{t.in_won(kept)}</b></td>
                </tr>
            }
        })
        .collect_view();
    let table = empty.is_none().then(|| {
        view! {
            <div class="wide" tabindex="0" role="region" aria-label=t.income_of_hours()><table class="ledger">
                <thead><tr>
                    <th scope="col">{t.month_column()}</th><th scope="col">{t.hours_column()}</th><th scope="col">{t.sales_column()}</th>
                    <th scope="col">{t.refunds()}</th><th scope="col">{t.income_column()}</th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table></div>
        }
    });
    view! {
        <section class="settlement">
            <AdminTabs page=paths::SLOT_INCOME />
            <h1>{t.income_of_hours()}</h1>
            <p class="note">{t.income_hint()}</p>
            {empty}
            {table}
        </section>
    }
}
