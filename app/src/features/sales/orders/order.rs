//! `/orders/{number}`: one of the reader's orders, with what happened to it, its tickets, and giving it back.

use super::{
    functions::{AskReturn, ConfirmArrival, GiveBack},
    parts::{History, MoneyBack, state_name},
    tickets::TicketCard,
};
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::lang,
    components::OpenOutside,
    forms::{ChangeForm, Field, FormState},
    head, paths,
};
use leptos::prelude::*;
use model::{
    Kind, OrderId,
    reviews::{ReviewsQuery, reviewable_from},
    sales::{GivingBack, OrderState, OrderView, TicketState, TicketView},
    sellers::{ReturnState, Shipment},
};

/// Reads one of the reader's orders, with an id for what they may send.
///
/// # Errors
/// As [`engine::sales::Sales::order`].
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<(OrderView, model::RequestId)> {
    let engine = &asked.reader.engine;
    let order = engine.sales.order(&asked.reader.actor, &asked.named("number")?).await?;
    Ok((order, model::RequestId(engine::ids::new_id(engine.clock.now()))))
}

/// The order's page.
pub fn view((order, request): (OrderView, model::RequestId)) -> impl IntoView {
    let t = lang();
    let line = order.line.clone();
    let number = line.number.as_ref().map(ToString::to_string).unwrap_or_default();
    head::title(format!("{} {number}", t.order()));
    let pay = (line.state == OrderState::AwaitingPayment && line.due_at > order.now).then(|| {
        view! { <a class="btn go" href=paths::checkout(line.event)>{t.go_pay()}</a> }
    });
    let receipt = line.state.was_paid().then(|| {
        line.number
            .as_ref()
            .map(|number| view! { <a class="btn small ghost" href=paths::receipt(number)>{t.receipt()}</a> })
    });
    let to = order.delivery.clone();
    let goes = (!to.name.is_empty()).then(|| {
        view! { <div><dt>{t.receiver()}</dt><dd>{format!("{} · {} {} {}", to.name, to.phone, to.address, to.detail)}</dd></div> }
    });
    let tickets = order.tickets.iter().cloned().map(|ticket| view! { <TicketCard ticket /> }).collect_view();
    let tickets = (!order.tickets.is_empty()).then(
        || view! { <section class="tickets"><h2>{t.my_tickets()}</h2><OpenOutside /><ul>{tickets}</ul></section> },
    );
    let sent = order.shipment.clone().map(|shipment| view! { <Sent shipment order=order.id /> });
    let returning = order.returning.clone().map(|wish| {
        let words = match wish.state {
            ReturnState::Asked => t.return_asked_wait(),
            ReturnState::Accepted => t.return_is_accepted(),
            ReturnState::Refused => t.return_is_refused(),
            ReturnState::Received => t.return_is_received(),
        };
        view! { <p class="banner" role="status">{words}" "{wish.answer}</p> }
    });
    let send_back = (order.returnable > 0).then(|| view! { <SendBack order=order.clone() request /> });
    let returnable = !order.giving_back.is_empty();
    let over =
        |ticket: &TicketView| ticket.state == TicketState::Valid && order.now >= reviewable_from(ticket.starts_at);
    let arrived = order.shipment.as_ref().is_some_and(|shipment| shipment.delivered_at.is_some());
    let review = (arrived || order.tickets.iter().any(over)).then(|| {
        let to = paths::reviews(line.event, &ReviewsQuery::default());
        view! { <a class="btn small" href=to>{t.write_review()}</a> }
    });
    let give_back = returnable.then(|| view! { <GivingBackForm order=order.clone() request /> });
    view! {
        <section class="narrow order">
            <p class="eyebrow">{number}</p>
            <h1><a href=paths::room(line.event)>{line.title.clone()}</a></h1>
            <p class="state"><b class="chip">{state_name(t, line.state)}</b></p>
            {pay}
            <dl class="sum">
                <div><dt>{count(line.kind, line.units)}</dt><dd>{t.in_won(order.price as u64)}</dd></div>
                <div><dt>{t.sum()}</dt><dd><b>{t.in_won(line.amount as u64)}</b></dd></div>
                <MoneyBack refunded=line.refunded arrived=order.refund_arrived />
                <div><dt>{t.sold_by()}</dt><dd>{order.seller.clone()}</dd></div>
                {goes}
            </dl>
            {receipt}
            {review}
            {sent}
            {returning}
            {tickets}
            {give_back}
            {send_back}
            <History steps=order.history.clone() />
            <p class="aside"><a href=paths::MY_ORDERS>{t.my_orders()}</a></p>
        </section>
    }
}

/// How many of its kind: "2개", "2장".
pub fn count(kind: Kind, units: u32) -> String {
    let t = lang();
    if kind == Kind::Ticket { t.count_tickets(units.into()) } else { t.count_pieces(units.into()) }
}

/// How it was sent; once it is there, whoever bought it may say so.
#[component]
fn Sent(shipment: Shipment, order: OrderId) -> impl IntoView {
    let t = lang();
    let form = FormState::of::<ConfirmArrival>();
    let arrived = shipment.delivered_at.map(|at| format!(" · {} {}", t.order_delivered(), t.moment(at)));
    let confirm = shipment.delivered_at.is_none().then(|| {
        view! {
            <ChangeForm state=form>
                <input type="hidden" name="order" value=order.to_string() />
                <button class="btn small">{t.confirm_arrival()}</button>
            </ChangeForm>
        }
    });
    view! {
        <dl class="sum">
            <div><dt>{t.shipment()}</dt><dd>{t.carrier(shipment.carrier)}" "<b translate="no">{shipment.tracking.clone()}</b>{arrived}</dd></div>
        </dl>
        {confirm}
    }
}

/// How many the buyer wishes to send back, and why.
#[component]
fn SendBack(order: OrderView, request: model::RequestId) -> impl IntoView {
    let t = lang();
    let form = FormState::of::<AskReturn>();
    let options = (1..=order.returnable)
        .rev()
        .map(|units| view! { <option value=units.to_string()>{t.goes_back(count(order.line.kind, units), (order.price * i64::from(units)) as u64)}</option> })
        .collect_view();
    view! {
        <details class="leave" open=form.was_refused()>
            <summary>{t.send_back()}</summary>
            <ChangeForm state=form>
                <input type="hidden" name="order" value=order.id.to_string() />
                <input type="hidden" name="request" value=request.to_string() />
                <label for="return-units">{t.how_many()}</label>
                <select id="return-units" name="units">{options}</select>
                <Field form name="reason" label=t.return_reason() required=true maxlength=200 />
                <p class="note">{t.send_back_hint()}</p>
                <button class="btn small">{t.send_back()}</button>
            </ChangeForm>
        </details>
    }
}

/// How many go back, each with what that gives and costs.
#[component]
fn GivingBackForm(order: OrderView, request: model::RequestId) -> impl IntoView {
    let t = lang();
    let form = FormState::of::<GiveBack>();
    let kind = order.line.kind;
    let option = |back: &GivingBack| {
        let (units, refund) = (count(kind, back.units), back.refund as u64);
        let words = match back.fee {
            _ if order.price == 0 => units,
            0 => t.goes_back(units, refund),
            fee => t.goes_back_fee(units, refund, fee as u64),
        };
        view! { <option value=back.units.to_string()>{words}</option> }
    };
    let options = order.giving_back.iter().rev().map(option).collect_view();
    let title = if kind == Kind::Ticket { t.give_back_tickets() } else { t.cancel_order() };
    view! {
        <details class="leave" open=form.was_refused()>
            <summary>{title}</summary>
            <ChangeForm state=form>
                <input type="hidden" name="order" value=order.id.to_string() />
                <input type="hidden" name="request" value=request.to_string() />
                // The fee is no more than it was then.
                <input type="hidden" name="seen" value=order.now.0.to_string() />
                <label for="units">{t.how_many()}</label>
                <select id="units" name="units">{options}</select>
                <p class="note">{t.goes_on()}</p>
                <button class="btn small">{title}</button>
            </ChangeForm>
        </details>
    }
}
