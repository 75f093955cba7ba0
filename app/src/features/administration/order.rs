//! `/admin/orders/{number}`: an order with what happened to it, and giving it back.

use super::{AdminTabs, functions::RefundOrder, parts::member_link};
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::lang,
    features::sales::orders::{History, MoneyBack, state_name},
    forms::{ChangeForm, Field, FormState},
    head, paths,
};
use leptos::prelude::*;
use model::{RequestId, administration::OrderDetails};

/// Reads it, which is noted, with an id for what may be sent.
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<(OrderDetails, RequestId)> {
    let (engine, actor) = (&asked.reader.engine, &asked.reader.actor);
    // Who may not see it is told so, whether or not there is such an order.
    actor.admin()?;
    let order = engine.sales.order_for_admin(actor, &asked.named("number")?).await?;
    Ok((order, RequestId(engine::ids::new_id(engine.clock.now()))))
}

/// The order's page.
pub fn view((details, request): (OrderDetails, RequestId)) -> impl IntoView {
    let t = lang();
    let OrderDetails { order, buyer, buyer_name, refundable } = details;
    let line = order.line;
    let number = line.number.as_ref().map(ToString::to_string).unwrap_or_default();
    head::title(format!("{} {number}", t.order_number()));
    let buyer = match buyer_name {
        Some(name) => member_link(buyer, name).into_any(),
        None => t.audit_gone().into_any(),
    };
    let to = order.delivery;
    let goes = (!to.name.is_empty()).then(|| {
        // A ticket goes nowhere.
        let place = format!("{} {} {}", to.postcode, to.address, to.detail);
        let parts = [to.name.as_str(), to.phone.as_str(), place.trim()];
        let to = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ");
        view! { <div><dt>{t.receiver()}</dt><dd translate="no">{to}</dd></div> }
    });
    let (form, of_order) = (FormState::of::<RefundOrder>(), number.clone());
    let refund = refundable.then(|| {
        view! {
            <h2>{t.refund_order()}</h2>
            <ChangeForm state=form>
                <input type="hidden" name="number" value=of_order />
                <input type="hidden" name="request" value=request.to_string() />
                <Field form name="reason" label=t.admin_reason() hint=t.refund_order_hint() required=true maxlength=200 />
                <button class="btn">{t.refund_order()}</button>
            </ChangeForm>
        }
    });
    view! {
        <section class="admin order">
            <AdminTabs page=paths::ADMIN_ORDERS />
            <p class="eyebrow">{number}</p>
            <h1><a href=paths::room(line.event)>{line.title}</a></h1>
            <p class="note">{t.look_is_noted()}</p>
            <p class="state"><b class="chip">{state_name(t, line.state)}</b></p>
            <dl class="sum">
                <div><dt>{t.order_buyer()}</dt><dd>{buyer}</dd></div>
                <div><dt>{t.sum()}</dt><dd><b>{t.in_won(line.amount.max(0) as u64)}</b></dd></div>
                <MoneyBack refunded=line.refunded arrived=order.refund_arrived />
                <div><dt>{t.sold_by()}</dt><dd>{order.seller}</dd></div>
                <div><dt>{t.order_made()}</dt><dd>{t.moment(line.at)}</dd></div>
                {goes}
            </dl>
            <History steps=order.history />
            {refund}
        </section>
    }
}
