//! What pages of orders share.

use crate::{boot::lang, texts::Lang};
use leptos::prelude::*;
use model::{
    Span,
    sales::{By, OrderEvent, OrderState, OrderStep},
};

/// How much time is left: "09:31".
pub fn left(span: Span) -> String {
    let seconds = span.max(Span::ZERO).begun_seconds();
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    let clock = format!("{minutes:02}:{:02}", seconds % 60);
    if hours > 0 { format!("{hours}:{clock}") } else { clock }
}

/// The name of an order's state.
pub fn state_name(t: Lang, state: OrderState) -> &'static str {
    match state {
        OrderState::AwaitingPayment => t.order_awaiting(),
        OrderState::Paid => t.order_paid(),
        OrderState::Preparing => t.order_preparing(),
        OrderState::Shipped => t.order_shipped(),
        OrderState::Delivered => t.order_delivered(),
        OrderState::Cancelled => t.order_cancelled(),
        OrderState::Refunded => t.order_refunded(),
    }
}

/// The state of a name in either language.
#[cfg(feature = "ssr")]
pub fn state_named(name: &str) -> Option<OrderState> {
    use OrderState::{AwaitingPayment, Cancelled, Delivered, Paid, Preparing, Refunded, Shipped};
    let all = [AwaitingPayment, Paid, Preparing, Shipped, Delivered, Cancelled, Refunded];
    let is_it = |state: &OrderState| Lang::ALL.iter().any(|t| state_name(*t, *state).eq_ignore_ascii_case(name.trim()));
    all.into_iter().find(is_it)
}

fn by_name(t: Lang, by: By) -> &'static str {
    match by {
        By::Buyer => t.by_buyer(),
        By::Seller => t.by_seller(),
        By::Site => t.by_site(),
    }
}

fn step_words(t: Lang, by: By, what: &OrderEvent) -> String {
    match what {
        OrderEvent::Held { due_at } => t.step_held(t.moment(*due_at)),
        OrderEvent::Paid => t.step_paid().into(),
        OrderEvent::Free => t.step_free().into(),
        OrderEvent::Expired => t.step_expired().into(),
        OrderEvent::Left => t.step_left().into(),
        OrderEvent::Declined => t.step_declined().into(),
        OrderEvent::CalledOff => t.step_called_off().into(),
        // An admin did.
        OrderEvent::CalledOffFor { reason } if by == By::Site => t.step_refunded_by_site(reason),
        OrderEvent::CalledOffFor { reason } => t.step_called_off_for(reason),
        OrderEvent::Preparing => t.order_preparing().into(),
        OrderEvent::Shipped { carrier, tracking } => t.step_shipped(t.carrier(*carrier), tracking),
        OrderEvent::Delivered => t.order_delivered().into(),
        OrderEvent::ReturnAsked { units, reason } => t.step_return_asked(u64::from(*units), reason),
        OrderEvent::ReturnAccepted { answer } => t.step_return_accepted(answer),
        OrderEvent::ReturnRefused { answer } => t.step_return_refused(answer),
        OrderEvent::GivenBack { units, refund, fee: 0 } => t.step_given_back(u64::from(*units), *refund as u64),
        OrderEvent::GivenBack { units, refund, fee } => {
            t.step_given_back_fee(u64::from(*units), *refund as u64, *fee as u64)
        }
        OrderEvent::Refunded { amount } => t.step_refunded(*amount as u64),
    }
}

/// What was given back of an order, in words and won: what has arrived, and what is on its way.
pub fn parts_back(t: Lang, refunded: i64, arrived: i64) -> impl Iterator<Item = (&'static str, i64)> {
    [(t.refunded(), arrived), (t.refund_coming(), refunded - arrived)].into_iter().filter(|(_, won)| *won > 0)
}

/// The same for a list of sums.
#[component]
pub fn MoneyBack(
    /// All of it, in won.
    refunded: i64,
    /// What has arrived.
    arrived: i64,
) -> impl IntoView {
    let t = lang();
    let row = |(words, won): (&'static str, i64)| view! { <div><dt>{words}</dt><dd>{t.in_won(won as u64)}</dd></div> };
    parts_back(t, refunded, arrived).map(row).collect_view()
}

/// What happened to an order, oldest first.
#[component]
pub fn History(
    /// Its steps.
    steps: Vec<OrderStep>,
) -> impl IntoView {
    let t = lang();
    let line = |OrderStep { at, by, what }: OrderStep| {
        view! { <li><small>{t.moment(at)}" · "{by_name(t, by)}</small><span>{step_words(t, by, &what)}</span></li> }
    };
    view! {
        <section class="history">
            <h2>{t.history()}</h2>
            <ol>{steps.into_iter().map(line).collect_view()}</ol>
        </section>
    }
}
