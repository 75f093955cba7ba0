//! `/my/orders`: the reader's orders, newest first.

use super::{order::count, parts::state_name};
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{boot::lang, components::next_page, head, paths};
use leptos::prelude::*;
use model::{
    Page,
    sales::{MyOrders, OrderLine, OrderState},
};

/// Reads the reader's orders.
///
/// # Errors
/// As [`engine::pages::Pages::my_orders`].
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<MyOrders> {
    let before = asked.cursor("before");
    Ok(asked.reader.engine.pages.my_orders(&asked.reader.actor, before.as_ref()).await?)
}

/// The list of orders.
pub fn view(MyOrders { orders: Page { rows, next }, now }: MyOrders) -> impl IntoView {
    let t = lang();
    head::title(t.my_orders());
    let empty = rows.is_empty().then(|| {
        view! { <section class="empty"><p>{t.no_orders()}</p><a class="btn small" href=paths::HOME>{t.home()}</a></section> }
    });
    let row = |line: OrderLine| {
        let open = line.state == OrderState::AwaitingPayment && line.due_at > now;
        let to = match &line.number {
            Some(number) if !open => paths::order(number),
            _ => paths::checkout(line.event),
        };
        let due = open.then(|| view! { <em class="chip live">{t.held_until(line.due_at.clock())}</em> });
        view! {
            <li>
                <a href=to>
                    <strong>{line.title.clone()}</strong>
                    <span>{count(line.kind, line.units)}" · "{t.in_won(line.amount as u64)}</span>
                    <small>{state_name(t, line.state)}" · "{t.moment(line.at)}</small>
                    {due}
                </a>
            </li>
        }
    };
    let rows = rows.into_iter().map(row).collect_view();
    let more = next_page(next.map(|next| paths::my_orders(&next)));
    view! { <section class="narrow orders"><h1>{t.my_orders()}</h1>{empty}<ul>{rows}</ul>{more}</section> }
}
