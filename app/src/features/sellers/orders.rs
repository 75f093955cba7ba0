//! `/creator/events/{id}/orders`: the orders of a creator's own sale: sending them, what is sent back, calling them off.

use super::functions::{
    AnswerReturn, CallOrderOff, CallOrdersOff, DeliverOrder, ImportShipments, PrepareOrder, ReceiveReturn, ShipOrder,
};
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::lang,
    components::{OpenOutside, next_page},
    features::sales::orders::state_name,
    forms::{ChangeForm, Field, FormState, LISTS},
    head, paths,
    texts::{Lang, number},
};
use leptos::prelude::*;
use model::{
    Error, EventId, FieldError, Kind, OrderState, Page, RequestId,
    sellers::{Carrier, ORDER_COLUMNS, Return, ReturnState, SellerOrder, SellerOrders, Show},
};

/// The most rows of a list.
const ROWS: u64 = 100_000;

/// Reads orders of a creator's own sale, with an id for what they may send.
///
/// # Errors
/// As [`engine::pages::Pages::seller_orders`].
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<(SellerOrders, RequestId)> {
    let event = asked.named("id")?;
    let show = asked.query("show").map(Show::named).unwrap_or_default();
    let query = model::sellers::OrdersQuery { show, after: asked.cursor("after") };
    let engine = &asked.reader.engine;
    let orders = engine.pages.seller_orders(event, &asked.reader.actor, &query).await?;
    Ok((orders, RequestId(engine::ids::new_id(engine.clock.now()))))
}

/// The page of the orders.
pub fn view((orders, request): (SellerOrders, RequestId)) -> impl IntoView {
    let t = lang();
    let SellerOrders { event, show, orders: Page { rows, next }, counts, calling_off, now: _ } = orders;
    head::title(format!("{} · {}", t.sold_orders(), event.title));
    let (id, sent) = (event.id, event.kind == Kind::Deal);
    let tabs = Show::ALL
        .into_iter()
        .filter(|one| sent || *one == Show::All || *one == show)
        .map(|one| {
            let count = match one {
                Show::ToShip => Some(counts[0]),
                Show::Shipped => Some(counts[1]),
                Show::Returns => Some(counts[2]),
                Show::Delivered | Show::All => None,
            };
            let on = (one == show).then_some("true");
            view! { <a class="tab" href=paths::sold_orders(id, one, None) aria-current=on>{show_name(t, one)}{count.map(|count| format!(" {}", number(count)))}</a> }
        })
        .collect_view();
    let more = next_page(next.map(|next| paths::sold_orders(id, show, Some(&next))));
    let empty = rows.is_empty().then(|| view! { <p class="none">{t.no_sold_orders()}</p> });
    let table = (!rows.is_empty()).then(|| {
        let rows = rows.into_iter().map(|order| view! { <Line order sent /> }).collect_view();
        view! {
            <table class="rows">
                <thead>
                    <tr>
                        <th scope="col">{t.order()}</th><th scope="col">{t.name_column()}</th><th scope="col">{t.sum()}</th>
                        <th scope="col">{t.state()}</th><th scope="col">{t.what_is_to_do()}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        }
    });
    let being = calling_off.then(|| view! { <p class="banner" role="status">{t.calling_off_now()}</p> });
    let list = sent.then(|| view! { <Import event=id /> });
    let all = (counts[0] > 0 && !calling_off).then(|| view! { <CallAllOff event=id count=counts[0] request /> });
    view! {
        <section class="entrants sold">
            <p class="eyebrow"><a href=paths::SALES>{t.sales_and_settlement()}</a></p>
            <h1><a href=paths::room(id)>{event.title}</a></h1>
            {being}
            <div class="tools">
                <nav class="tabs" aria-label=t.sold_orders()>{tabs}<a class="tab" href=paths::sale_curves(id)>{t.sale_curves()}</a></nav>
                <a class="btn small" href=paths::orders_table(id, "xlsx") download="">{t.as_xlsx()}</a>
                <a class="btn small" href=paths::orders_table(id, "csv") download="">{t.as_csv()}</a>
            </div>
            <OpenOutside />
            {list}
            {empty}
            {table}
            {more}
            {all}
        </section>
    }
}

fn show_name(t: Lang, show: Show) -> &'static str {
    match show {
        Show::ToShip => t.show_to_ship(),
        Show::Shipped => t.order_shipped(),
        Show::Delivered => t.order_delivered(),
        Show::Returns => t.show_returns(),
        Show::All => t.show_all(),
    }
}

/// One order, with what can be said of it.
#[component]
fn Line(
    order: SellerOrder,
    /// Whether it is sent at all.
    sent: bool,
) -> impl IntoView {
    let t = lang();
    let id = order.id;
    let which = move || view! { <input type="hidden" name="order" value=id.to_string() /> };
    let name = order.number.as_ref().map_or_else(|| "…".to_owned(), ToString::to_string);
    let left = order.units - order.units_back;
    let units = if order.units_back > 0 {
        t.units_left(u64::from(left), u64::from(order.units))
    } else {
        t.units_sold(u64::from(left))
    };
    let refunded = (order.refunded > 0).then(|| format!(" · {} {}", t.refunded(), t.in_won(order.refunded as u64)));
    let goes = order.delivery.as_ref().map(|to| {
        view! { <p class="delivery">{format!("{} · {} · {} {} {}", to.name, to.phone, to.postcode, to.address, to.detail)}</p> }
    });
    let way = order.shipment.as_ref().map(|shipment| {
        view! { <p class="delivery">{t.carrier(shipment.carrier)}" "<b translate="no">{shipment.tracking.clone()}</b></p> }
    });
    let (to_ship, shipped) =
        (matches!(order.state, OrderState::Paid | OrderState::Preparing), order.state == OrderState::Shipped);
    let prepare = (sent && order.state == OrderState::Paid).then(|| {
        view! {
            <ChangeForm state={FormState::keyed::<PrepareOrder>(order.rank)}>
                {which()}
                <button class="btn small">{t.order_preparing()}</button>
            </ChangeForm>
        }
    });
    let ship = (sent && (to_ship || shipped)).then(|| view! { <Ship order=order.clone() /> });
    let deliver = shipped.then(|| {
        view! {
            <ChangeForm state={FormState::keyed::<DeliverOrder>(order.rank)}>
                {which()}
                <button class="btn small">{t.order_delivered()}</button>
            </ChangeForm>
        }
    });
    let off = to_ship.then(|| {
        let form = FormState::keyed::<CallOrderOff>(order.rank);
        view! {
            <details class="danger" open=form.was_refused()>
                <summary>{t.call_order_off()}</summary>
                <ChangeForm state=form>
                    {which()}
                    <Field form name="reason" label=t.call_off_reason() required=true maxlength=200 />
                    <button class="btn small">{t.call_order_off()}</button>
                </ChangeForm>
            </details>
        }
    });
    let returning = order.returning.clone().map(|wish| view! { <Wish wish /> });
    view! {
        <tr>
            <th scope="row" class="r" translate="no">{name}</th>
            <td class="n">{order.nickname.unwrap_or_else(|| "***".into())}</td>
            <td class="t">{units}" · "{t.in_won(order.amount as u64)}{refunded}</td>
            <td class="s">{state_name(t, order.state)}</td>
            <td class="m"><div class="more-of-it">{goes}{way}{returning}{prepare}{ship}{deliver}{off}</div></td>
        </tr>
    }
}

/// How it is sent; afterwards, the right number.
#[component]
fn Ship(order: SellerOrder) -> impl IntoView {
    let t = lang();
    let form = FormState::keyed::<ShipOrder>(order.rank);
    let sent = order.shipment.clone();
    let chosen = form.value("carrier").or(sent.as_ref().map(|shipment| shipment.carrier.names()[0].to_owned()));
    let options = Carrier::ALL
        .map(|carrier| {
            let name = carrier.names()[0];
            view! { <option value=name selected=chosen.as_deref() == Some(name)>{t.carrier(carrier)}</option> }
        })
        .collect_view();
    let tracking = sent.as_ref().map(|shipment| shipment.tracking.clone()).unwrap_or_default();
    let words = if sent.is_some() { t.correct_shipment() } else { t.mark_shipped() };
    view! {
        <ChangeForm state=form class="ship">
            <input type="hidden" name="order" value=order.id.to_string() />
            <select name="carrier" aria-label=t.carrier_label()>{options}</select>
            <Field form name="tracking" label=t.tracking() inputmode="text" value=tracking />
            <button class="btn small go">{words}</button>
        </ChangeForm>
    }
}

/// What a buyer wishes to send back.
#[component]
fn Wish(wish: Return) -> impl IntoView {
    let t = lang();
    let id = wish.id.to_string();
    let forms = match wish.state {
        ReturnState::Asked => {
            let form = FormState::keyed::<AnswerReturn>(&id);
            view! {
                <ChangeForm state=form>
                    <input type="hidden" name="return" value=id.clone() />
                    <Field form name="answer" label=t.return_answer() hint=t.return_answer_hint() required=true maxlength=300 />
                    <div class="tools">
                        <button class="btn small go" name="accept" value="yes">{t.accept_return()}</button>
                        <button class="btn small" name="accept" value="no">{t.refuse_return()}</button>
                    </div>
                </ChangeForm>
            }
            .into_any()
        }
        ReturnState::Accepted => view! {
            <ChangeForm state={FormState::keyed::<ReceiveReturn>(&id)}>
                <input type="hidden" name="return" value=id.clone() />
                <button class="btn small go">{t.return_is_here()}</button>
                <p class="note">{t.return_is_here_hint()}</p>
            </ChangeForm>
        }
        .into_any(),
        ReturnState::Refused | ReturnState::Received => ().into_any(),
    };
    let state = match wish.state {
        ReturnState::Asked => t.return_state_asked(),
        ReturnState::Accepted => t.return_state_accepted(),
        ReturnState::Refused => t.return_state_refused(),
        ReturnState::Received => t.return_state_received(),
    };
    view! {
        <p class="prize-line"><b>{state}</b>" "<span>{t.units_sold(u64::from(wish.units))}" · "{wish.reason}</span>" "<small>{wish.answer}</small></p>
        {forms}
    }
}

/// The list that was exported, with what was filled in.
#[component]
fn Import(event: EventId) -> impl IntoView {
    let t = lang();
    let form = FormState::of::<ImportShipments>();
    let wrong = move || {
        let Some(Error::Invalid { fields }) = form.error.get() else { return None };
        let rows = fields.0.into_iter().map(|(field, error)| view! { <li>{what_is_wrong(t, &field, &error)}</li> });
        Some(view! { <ul class="bad">{rows.collect_view()}</ul> })
    };
    view! {
        <details class="import" open=form.error.get_untracked().is_some()>
            <summary>{t.import_shipments()}</summary>
            <p class="note">{t.import_shipments_hint()}</p>
            <ChangeForm state=form class="tools" upload=true>
                <input type="hidden" name="event" value=event.to_string() />
                <input type="file" name="list" accept=LISTS required=true aria-label=t.import_shipments() />
                <button class="btn small">{t.take_shipments()}</button>
                {wrong}
            </ChangeForm>
        </details>
    }
}

/// What is wrong with a list, by the name that the engine gives it: `csv`, `csv:1:Carrier`, `csv:7:tracking`.
fn what_is_wrong(t: Lang, field: &str, error: &FieldError) -> String {
    let mut parts = field.splitn(3, ':').skip(1);
    let (Some(line), Some(column)) = (parts.next(), parts.next()) else { return t.list_error(field, error, ROWS) };
    if line == "1" {
        return t.line_wrong(line, heading(t, column), t.no_such_column());
    }
    let (column, error) = match (column, error) {
        ("number", FieldError::Invalid) => (t.order(), t.not_of_this_sale().to_owned()),
        ("number", FieldError::Taken) => (t.order(), t.twice_in_list().to_owned()),
        ("state", _) => (t.state(), t.error_not_to_ship().to_owned()),
        ("word", _) => (t.state(), t.no_such_state().to_owned()),
        ("carrier", error) => (t.carrier_label(), t.field_error(error)),
        ("tracking", error) => (t.tracking(), t.field_error(error)),
        (other, error) => (other, t.field_error(error)),
    };
    t.line_wrong(line, column, error)
}

/// A heading, by its English name, as the list has it that was exported by who reads this.
fn heading(t: Lang, english: &str) -> &str {
    let read = [ORDER_COLUMNS[0], ORDER_COLUMNS[1], ORDER_COLUMNS[2], ORDER_COLUMNS[3]];
    let korean = read.into_iter().find(|(name, _)| *name == english).filter(|_| t == Lang::Ko);
    korean.map_or(english, |(_, korean)| korean)
}

/// All that are not sent yet.
#[component]
fn CallAllOff(event: EventId, count: u64, request: RequestId) -> impl IntoView {
    let t = lang();
    let form = FormState::of::<CallOrdersOff>();
    view! {
        <details class="danger" open=form.was_refused()>
            <summary>{t.call_orders_off(count)}</summary>
            <ChangeForm state=form>
                <input type="hidden" name="event" value=event.to_string() />
                <input type="hidden" name="request" value=request.to_string() />
                <Field form name="reason" label=t.call_off_reason() required=true maxlength=200 />
                <p class="note">{t.call_orders_off_hint()}</p>
                <button class="btn small">{t.call_orders_off(count)}</button>
            </ChangeForm>
        </details>
    }
}
