//! `/admin/orders`: an order by its number, and money that did not arrive.

use super::{AdminTabs, parts::head_of};
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{boot::lang, components::next_page, head, paths};
use leptos::prelude::*;
use model::{OrderNumber, Page, administration::RefundRow};

/// What the page shows: refunds, what was looked for, and the order of that number.
type Shown = (Page<RefundRow>, String, Option<OrderNumber>);

/// Reads what waits.
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<Shown> {
    let (engine, actor) = (&asked.reader.engine, &asked.reader.actor);
    let refunds = engine.administration.refunds(actor, asked.cursor("after").as_ref()).await?;
    let find = asked.query("find").unwrap_or_default().trim().to_owned();
    let found = model::text::key(&find).to_uppercase().parse().ok();
    Ok((refunds, find, found))
}

/// The admin's page.
pub fn view((Page { rows, next }, find, found): Shown) -> impl IntoView {
    let t = lang();
    head::title(t.admin_orders());
    let wrong = !find.is_empty() && found.is_none();
    let found = found.map(|number| {
        view! { <p class="banner" role="status"><a href=paths::admin_order(&number)>{number.to_string()}</a></p> }
    });
    let wrong = wrong.then(|| view! { <p class="banner bad" role="alert">{t.find_order_hint()}</p> });
    let more = next_page(next.map(|next| paths::admin_refunds(&next)));
    let table = if rows.is_empty() {
        view! { <p class="none">{t.no_refunds_wait()}</p> }.into_any()
    } else {
        let rows = rows
            .into_iter()
            .map(|row| {
                let order = match row.order {
                    Some(number) => view! { <a href=paths::admin_order(&number)>{number.to_string()}</a> }.into_any(),
                    None => row.payment.to_string().into_any(),
                };
                view! {
                    <tr>
                        <th scope="row">{order}</th>
                        <td data-label=t.event_title()>{row.title}</td>
                        <td data-label=t.order_amount()>{t.in_won(row.amount.max(0) as u64)}</td>
                        <td data-label=t.refund_provider()>{t.provider(&row.provider)}</td>
                        <td data-label=t.refund_owed()>{t.moment(row.owed_at)}</td>
                    </tr>
                }
            })
            .collect_view();
        let head =
            head_of(vec![t.order_number(), t.event_title(), t.order_amount(), t.refund_provider(), t.refund_owed()]);
        view! { <table>{head}<tbody>{rows}</tbody></table> }.into_any()
    };
    view! {
        <section class="admin">
            <AdminTabs page=paths::ADMIN_ORDERS />
            <h1>{t.admin_orders()}</h1>
            <form method="get" action=paths::ADMIN_ORDERS role="search" class="tools">
                <input name="find" type="search" aria-label=t.find_order() placeholder=t.find_order() value=find />
                <button class="btn small">{t.find()}</button>
            </form>
            {wrong}
            {found}
            <h2>{t.refunds_wait()}</h2>
            <p class="note">{t.refunds_wait_hint()}</p>
            {table}
            {more}
        </section>
    }
}
