//! `/my/tickets`: the reader's tickets, the next first, each with its code; and those that are over.

#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::{boot, lang},
    components::{OpenOutside, next_page},
    head, paths,
};
use leptos::prelude::*;
use model::{
    Page,
    sales::{MyTickets, TicketState, TicketView},
};

/// Reads the reader's tickets.
///
/// # Errors
/// As [`engine::sales::Sales::my_tickets`].
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<MyTickets> {
    let (past, after) = (asked.query("show") == Some("past"), asked.cursor("after"));
    Ok(asked.reader.engine.sales.my_tickets(&asked.reader.actor, past, after.as_ref()).await?)
}

/// The list of tickets.
pub fn view(MyTickets { past, tickets: Page { rows, next }, .. }: MyTickets) -> impl IntoView {
    let t = lang();
    head::title(t.my_tickets());
    let empty = rows.is_empty().then(|| {
        let text = if past { t.no_tickets_past() } else { t.no_own_tickets() };
        view! { <section class="empty"><p>{text}</p><a class="btn small" href=paths::HOME>{t.home()}</a></section> }
    });
    let outside = (!rows.is_empty()).then(|| view! { <OpenOutside /> });
    let rows = rows.into_iter().map(|ticket| view! { <TicketCard ticket /> }).collect_view();
    let more = next_page(next.map(|next| paths::my_tickets(past, Some(&next))));
    let tab = |shows: bool, name: &'static str| {
        let href = paths::my_tickets(shows, None);
        view! { <a class="tab" href=href aria-current=(past == shows).then_some("true")>{name}</a> }
    };
    view! {
        <section class="narrow tickets">
            <h1>{t.my_tickets()}</h1>
            <nav class="tabs" aria-label=t.my_tickets()>{tab(false, t.tickets_upcoming())}{tab(true, t.tickets_past())}</nav>
            {empty}{outside}<ul>{rows}</ul>{more}
        </section>
    }
}

/// One ticket: what, when, where, and its code to show.
#[component]
pub fn TicketCard(
    /// Which.
    ticket: TicketView,
) -> impl IntoView {
    let t = lang();
    let valid = ticket.state == TicketState::Valid;
    let code = valid.then(|| {
        view! {
            <img class="code" src=paths::ticket_qr(ticket.id) width="180" height="180" loading="lazy" alt=t.ticket_code() />
            <code translate="no">{ticket.id.to_string()}</code>
            <a class="btn small ghost" href=paths::ticket_calendar(ticket.id)>{t.to_calendar()}</a>
        }
    });
    let given_back = (!valid).then(|| view! { <em class="chip over">{t.ticket_given_back()}</em> });
    let (place, address) = ticket.place.clone();
    let order = ticket.order.clone().map(|number| view! { <a href=paths::order(&number)>{number.to_string()}</a> });
    view! {
        <li class="ticket">
            <strong><a href=paths::room(ticket.event)>{ticket.title.clone()}</a></strong>
            <span>{t.day_and_time(ticket.starts_at, boot().now)}</span>
            <span>{place}" "<small>{address}</small></span>
            <small>{t.ticket_number(u64::from(ticket.number))}" · "{order}</small>
            {given_back}
            {code}
        </li>
    }
}
