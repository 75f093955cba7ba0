//! `/events/{id}/changes`: what was changed of an event since it was published.

#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::{boot, lang},
    components::{next_page, prizes_text},
    head, paths,
};
use leptos::prelude::*;
use model::{Checkout, Edit, EventCard, Kind, Offer, Page, Revision, sales::price_each};

/// Reads what was changed of an event.
///
/// # Errors
/// As [`engine::events::Events::view`] and [`engine::events::Events::revisions`].
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<(EventCard, Page<Revision>)> {
    let (id, reader) = (asked.named("id")?, &asked.reader);
    let card = reader.engine.events.view(id, &reader.actor).await?.card;
    let before = asked.cursor("before");
    Ok((card, reader.engine.events.revisions(id, before.as_ref()).await?))
}

/// The page of changes.
pub fn view((event, revisions): (EventCard, Page<Revision>)) -> impl IntoView {
    let t = lang();
    head::title(format!("{} · {}", t.changes(), event.title));
    let Page { rows: revisions, next } = revisions;
    let more = next_page(next.map(|next| paths::older_changes(event.id, &next)));
    let empty = revisions.is_empty().then(|| view! { <p class="none">{t.no_changes()}</p> });
    let rows = revisions
        .into_iter()
        .map(|Revision { at, edit }| {
            let (field, before_and_after) = told(edit);
            let texts = before_and_after.map(|(from, to)| {
                view! { <p class="from"><del>{from}</del></p><p class="to"><ins>{to}</ins></p> }
            });
            view! { <li><p><b>{field}</b>" "<small>{t.moment(at)}</small></p>{texts}</li> }
        })
        .collect_view();
    view! {
        <section class="narrow changes">
            <p class="eyebrow">{t.changes()}</p>
            <h1><a href=paths::room(event.id)>{event.title}</a></h1>
            <p class="sub">{t.changes_hint()}</p>
            {empty}
            <ol>{rows}</ol>
            {more}
        </section>
    }
}

/// What is released, in a line.
fn offer_text(offer: &Offer) -> String {
    let t = lang();
    let checkout = |checkout: &Checkout| {
        let minutes = checkout.minutes.map(|minutes| format!(" · {}", t.checkout_minutes(minutes.into())));
        let at_once = checkout.at_once.map(|n| format!(" · {}", t.at_once_line(n.into())));
        format!("{}{}", minutes.unwrap_or_default(), at_once.unwrap_or_default())
    };
    match offer {
        Offer::Giveaway { .. } => prizes_text(offer),
        Offer::Deal { list_price, discount, stock, limit, delivery, checkout: paid, details } => {
            let (was, price) = (t.price(*list_price), t.price(price_each(offer)));
            let (units, limit) = (t.units_deal(*stock), t.at_most_deal(*limit));
            let pictures = format!("{} {}", t.field_details(), details.len());
            format!(
                "{was} −{discount}% {price} · {units} · {} {limit} · {delivery}{} · {pictures}",
                t.term_limit(),
                checkout(paid)
            )
        }
        Offer::Ticket { place, address, coordinates, starts_at, seats, price, limit, checkout: paid, refunds } => {
            let at = coordinates.map(|at| format!(" ({}, {})", at.latitude, at.longitude)).unwrap_or_default();
            let (units, limit) = (t.units_ticket(*seats), t.at_most_ticket(*limit));
            let fees = refunds.0.map(|fee| format!("{fee}%")).join(" ");
            format!(
                "{place}, {address}{at} · {} · {} · {units} · {} {limit}{} · {} {fees}",
                t.day_and_time(*starts_at, boot().now),
                t.price(*price),
                t.term_limit(),
                checkout(paid),
                t.refund_table()
            )
        }
    }
}

/// A field's name, and what it was and is.
fn told(edit: Edit) -> (&'static str, Option<(String, String)>) {
    let t = lang();
    match edit {
        Edit::Title { from, to } => (t.field_title(), Some((from, to))),
        Edit::Summary { from, to } => (t.field_summary(), Some((from, to))),
        Edit::Description { from, to } => (t.field_description(), Some((from, to))),
        Edit::Rules { from, to } => (t.field_rules(), Some((from, to))),
        Edit::Category { from, to } => {
            (t.field_category(), Some((t.category(from).to_owned(), t.category(to).to_owned())))
        }
        Edit::Opening { from, to } => (t.field_opens(), Some((t.moment(from), t.moment(to)))),
        Edit::Closing { from, to } => (t.field_closes(), Some((t.moment(from), t.moment(to)))),
        Edit::Offer { from, to } => {
            let name = if from.kind() == Kind::Giveaway { t.prizes() } else { t.offer_changed() };
            (name, Some((offer_text(&from), offer_text(&to))))
        }
        Edit::EntryCode => (t.entry_code(), None),
        Edit::Picture => (t.field_picture(), None),
        Edit::Suspended { reason } => (t.event_suspended(), Some((String::new(), reason))),
        Edit::Readmitted => (t.event_readmitted(), None),
    }
}
