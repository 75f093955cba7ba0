//! `/orders/{number}/receipt`: what was bought and paid, to print.

use super::{
    order::count,
    parts::{parts_back, state_name},
};
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{boot::lang, head, paths};
use leptos::prelude::*;
use model::sales::OrderView;

/// Reads one of the reader's orders that was paid for.
///
/// # Errors
/// As [`engine::sales::Sales::order`]; [`model::Error::NotFound`] for what was never paid.
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<OrderView> {
    let order = asked.reader.engine.sales.order(&asked.reader.actor, &asked.named("number")?).await?;
    if order.line.state.was_paid() { Ok(order) } else { Err(model::Error::NotFound.into()) }
}

/// The receipt.
pub fn view(order: OrderView) -> impl IntoView {
    let t = lang();
    let line = order.line;
    let number = line.number.as_ref().map(ToString::to_string).unwrap_or_default();
    head::title(format!("{} {number}", t.receipt()));
    let row = |(words, won): (&'static str, i64)| view! { <tr><th scope="row">{words}</th><td>{format!("−{}", t.in_won(won as u64))}</td></tr> };
    let back = (line.refunded > 0).then(|| {
        view! {
            {parts_back(t, line.refunded, order.refund_arrived).map(row).collect_view()}
            <tr><th scope="row">{t.kept()}</th><td>{t.in_won((line.amount - line.refunded) as u64)}</td></tr>
        }
    });
    view! {
        <section class="narrow receipt">
            <h1>{t.receipt()}</h1>
            <table>
                <tbody>
                    <tr><th scope="row">{t.order()}</th><td>{number}</td></tr>
                    <tr><th scope="row">{t.ordered_at()}</th><td>{t.moment(line.at)}</td></tr>
                    <tr><th scope="row">{t.what()}</th><td>{line.title.clone()}</td></tr>
                    <tr><th scope="row">{count(line.kind, line.units)}</th><td>{t.in_won(order.price as u64)}</td></tr>
                    <tr><th scope="row">{t.sum()}</th><td><b>{t.in_won(line.amount as u64)}</b></td></tr>
                    {back}
                    <tr><th scope="row">{t.sold_by()}</th><td>{order.seller}</td></tr>
                    <tr><th scope="row">{t.state()}</th><td>{state_name(t, line.state)}</td></tr>
                </tbody>
            </table>
            <p class="note">{t.receipt_hint()}</p>
            <p class="aside">{line.number.map(|number| view! { <a href=paths::order(&number)>{t.order()}</a> })}</p>
        </section>
    }
}
