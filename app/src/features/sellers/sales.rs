//! `/creator/sales`: what a creator sold, and what comes of it by month.

#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::lang,
    components::{OpenOutside, next_page},
    head, paths,
    texts::number,
};
use leptos::prelude::*;
use model::{
    Kind, Page,
    sellers::{EventSales, SalesPage, Show, Statement},
};

/// Reads what the creator sold.
///
/// # Errors
/// As [`engine::pages::Pages::sales`].
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<SalesPage> {
    let before = asked.cursor("before");
    Ok(asked.reader.engine.pages.sales(&asked.reader.actor, before.as_ref()).await?)
}

/// The seller's page.
pub fn view(sales: SalesPage) -> impl IntoView {
    let t = lang();
    head::title(t.sales_and_settlement());
    let SalesPage { statements, events: Page { rows, next }, practice, now: _ } = sales;
    let practice = practice.then(|| view! { <p class="banner" role="note">{t.no_money_moves()}</p> });
    let this_month = statements.first().map(|month| {
        view! {
            <dl class="figures">
                <div><dt>{t.month_sales(month.month)}</dt><dd>{won(month.sales)}</dd></div>
                <div><dt>{t.refunds()}</dt><dd>{won(month.refunds)}</dd></div>
                <div><dt>{t.to_pay_out()}</dt><dd class="won">{won(month.to_pay_out)}</dd></div>
            </dl>
        }
    });
    let none = statements.is_empty().then(|| view! { <p class="none">{t.no_statements()}</p> });
    let files = (!statements.is_empty()).then(|| {
        view! {
            <p class="tools">
                <a class="btn small" href=paths::statements("xlsx") download="">{t.as_xlsx()}</a>
                <a class="btn small" href=paths::statements("csv") download="">{t.as_csv()}</a>
            </p>
            <OpenOutside />
        }
    });
    let table = (!statements.is_empty()).then(|| {
        let rows = statements.iter().map(|statement| view! { <MonthRow statement=statement.clone() /> }).collect_view();
        view! {
            <div class="wide" tabindex="0" role="region" aria-label=t.settlement()><table class="ledger">
                <thead><tr>
                    <th scope="col">{t.month_column()}</th><th scope="col">{t.orders_column()}</th><th scope="col">{t.sales_column()}</th>
                    <th scope="col">{t.refunds()}</th><th scope="col">{t.fee_column()}</th><th scope="col">{t.to_pay_out()}</th>
                    <th scope="col">{t.paid_out()}</th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table></div>
        }
    });
    let empty = rows.is_empty().then(|| {
        view! { <section class="empty"><p>{t.nothing_sold()}</p><a class="btn small" href=paths::new_event(Kind::Deal)>{t.new_deal()}</a></section> }
    });
    let rows = rows.into_iter().map(|sold| view! { <Sold sold /> }).collect_view();
    let more = next_page(next.map(|next| paths::sales(&next)));
    view! {
        <section class="settlement">
            <div class="head"><h1>{t.sales_and_settlement()}</h1><a class="btn small ghost" href=paths::BUSINESS>{t.business()}</a></div>
            {practice}
            {this_month}
            <h2>{t.settlement()}</h2>
            <p class="note">{t.settlement_hint()}</p>
            {files}
            {none}
            {table}
            <h2>{t.by_sale()}</h2>
            {empty}
            <ul class="sold-list">{rows}</ul>
            {more}
        </section>
    }
}

/// Won, also fewer than none.
fn won(amount: i64) -> String {
    let t = lang();
    let shown = t.in_won(amount.unsigned_abs());
    if amount < 0 { format!("−{shown}") } else { shown }
}

#[component]
fn MonthRow(statement: Statement) -> impl IntoView {
    let t = lang();
    let carried = (statement.carried < 0).then(|| view! { <small>{t.carried(won(statement.carried))}</small> });
    let open = (!statement.closed).then(|| view! { <small>{t.month_goes_on()}</small> });
    view! {
        <tr>
            <th scope="row">{statement.month.to_string()}" "{open}</th>
            <td>{number(statement.orders)}</td>
            <td>{won(statement.sales)}</td>
            <td>{won(statement.refunds)}</td>
            <td>{won(statement.fee)}</td>
            <td><b>{won(statement.to_pay_out)}</b>" "{carried}</td>
            <td>{won(statement.paid_out)}</td>
        </tr>
    }
}

/// What one sale came to.
#[component]
fn Sold(sold: EventSales) -> impl IntoView {
    let t = lang();
    let id = sold.event.id;
    let refunds = (sold.refunds > 0).then(|| format!(" · {} {}", t.refunds(), won(sold.refunds)));
    let to_ship = (sold.to_ship > 0).then(|| view! { <em class="chip live">{t.to_ship_count(sold.to_ship)}</em> });
    let returns = (sold.returns > 0).then(|| {
        view! { <a class="chip live" href=paths::sold_orders(id, Show::Returns, None)>{t.returns_count(sold.returns)}</a> }
    });
    let show = if sold.event.kind == Kind::Deal { Show::ToShip } else { Show::All };
    view! {
        <li>
            <a href=paths::sold_orders(id, show, None)>
                <strong>{sold.event.title}</strong>
                <span>{t.orders_and_units(sold.orders, sold.units)}" · "{won(sold.sales)}{refunds}</span>
                <small>{t.moment(sold.event.moments.opens_at)}</small>
                {to_ship}
            </a>
            {returns}
        </li>
    }
}
