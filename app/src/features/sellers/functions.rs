//! What pages of sellers change.

#[cfg(feature = "ssr")]
use crate::api::{Reader, reader};
#[cfg(feature = "ssr")]
use crate::features::sales::orders::state_named;
use crate::{
    api::PageError,
    forms::{Change, Done, Form, change},
};
use leptos::prelude::*;
#[cfg(feature = "ssr")]
use model::sellers::{BusinessForm, Next, ShipmentDraft};

/// The largest list, in bytes: a hundred thousand orders as they are exported, with long addresses.
const LIST: usize = 30 << 20;

change! { SaveBusiness: Creator, pages: ["/creator/business"], fields: ["number", "company", "representative", "opened", "address", "mail_order", "email", "phone"], said: business_checked }

/// Has the business checked that the creator sells as, and keeps it.
#[server(endpoint = "save-business", protocol = Change, input_derive = ())]
pub async fn save_business(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    let typed = BusinessForm {
        number: form.text("number"),
        company: form.text("company"),
        representative: form.text("representative"),
        opened: form.text("opened"),
        address: form.text("address"),
        mail_order: form.text("mail_order"),
        email: form.text("email"),
        phone: form.text("phone"),
    };
    engine.sellers.save_business(&actor, &typed).await?;
    Ok(Done::here())
}

change! { PrepareOrder: Creator, pages: ["/creator/events/:id/orders"], fields: ["order"], said: order_noted }

/// Says that an order is about to be sent.
#[server(endpoint = "prepare-order", protocol = Change, input_derive = ())]
pub async fn prepare_order(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    engine.sales.say_of_order(&actor, form.named("order")?, Next::Prepare, None).await?;
    Ok(Done::here())
}

change! { ShipOrder: Creator, pages: ["/creator/events/:id/orders"], fields: ["order", "carrier", "tracking"], said: order_noted }

/// Says how an order was sent.
#[server(endpoint = "ship-order", protocol = Change, input_derive = ())]
pub async fn ship_order(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    let order = form.named("order")?;
    let shipment = ShipmentDraft::check(form.text("carrier"), form.text("tracking"));
    let shipment = shipment.map_err(|fields| model::Error::Invalid { fields })?;
    engine.sales.say_of_order(&actor, order, Next::Ship, Some(&shipment)).await?;
    Ok(Done::here())
}

change! { DeliverOrder: Creator, pages: ["/creator/events/:id/orders"], fields: ["order"], said: order_noted }

/// Says that an order has arrived.
#[server(endpoint = "deliver-order", protocol = Change, input_derive = ())]
pub async fn deliver_order(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    engine.sales.say_of_order(&actor, form.named("order")?, Next::Deliver, None).await?;
    Ok(Done::here())
}

change! { ImportShipments: Creator, pages: ["/creator/events/:id/orders"], fields: ["event", "list" file], said: shipments_taken, files: LIST }

/// Takes the orders of a sale as they were exported, `list`, with carriers and numbers filled in.
#[server(endpoint = "import-shipments", protocol = Change, input_derive = ())]
pub async fn import_shipments(form: Form) -> Result<Done, PageError> {
    let mut form = form;
    let Reader { engine, actor, .. } = reader();
    let list = form.file("list").unwrap_or_default();
    engine.sales.import_shipments(&actor, form.named("event")?, list, state_named).await?;
    Ok(Done::here())
}

change! { CallOrderOff: Creator, pages: ["/creator/events/:id/orders"], fields: ["order", "reason"], said: order_called_off }

/// Calls one order off, with a `reason`.
#[server(endpoint = "call-order-off", protocol = Change, input_derive = ())]
pub async fn call_order_off(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    engine.sales.call_order_off(&actor, form.named("order")?, form.text("reason")).await?;
    Ok(Done::here())
}

change! { CallOrdersOff: Creator, pages: ["/creator/events/:id/orders"], fields: ["event", "request", "reason"], said: orders_being_called_off }

/// Calls all orders of a sale off that are not sent, with a `reason`.
#[server(endpoint = "call-orders-off", protocol = Change, input_derive = ())]
pub async fn call_orders_off(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    let (event, request) = (form.named("event")?, form.named("request")?);
    engine.sales.call_orders_off(&actor, event, form.text("reason"), request).await?;
    Ok(Done::here())
}

change! { AnswerReturn: Creator, pages: ["/creator/events/:id/orders"], fields: ["return", "accept", "answer"], said: return_answered }

/// Says whether something may be sent back.
#[server(endpoint = "answer-return", protocol = Change, input_derive = ())]
pub async fn answer_return(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    let accept = match form.text("accept") {
        "yes" => true,
        "no" => false,
        _ => return Err(model::Error::Malformed.into()),
    };
    engine.sales.answer_return(&actor, form.named("return")?, accept, form.text("answer")).await?;
    Ok(Done::here())
}

change! { ReceiveReturn: Creator, pages: ["/creator/events/:id/orders"], fields: ["return"], said: return_noted }

/// Says that what was sent back is there.
#[server(endpoint = "receive-return", protocol = Change, input_derive = ())]
pub async fn receive_return(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    engine.sales.receive_return(&actor, form.named("return")?).await?;
    Ok(Done::here())
}
