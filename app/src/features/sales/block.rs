//! What an event's page says of what is sold, and the button to wish for it: made on the server alone, as HTML that never
//! changes while the page is open. So a room loads no code for it.

use super::refunds::refund_table;
use crate::{
    features::{sellers::Imprint, wishes::functions::SetWish},
    forms::Declared,
    paths,
    texts::{Lang, number},
};
use engine::sales::Ready;
use leptos::prelude::*;
use model::{
    EventState, EventView, Kind, Offer, Time,
    sales::{WISHES_COUNTED, price_each},
    sellers::Business,
};

/// Writes both parts into what the page shows: `wishes` are how many wish for it, and whether the reader does; `ready` is what they
/// have done beforehand, when they are signed in; `business` is who sells it.
pub fn write(t: Lang, view: &mut EventView, wishes: (u64, bool), ready: Option<Ready>, business: Option<Business>) {
    let owner = Owner::new();
    owner.with(|| {
        view.offered = offered(t, view, wishes, ready).to_html();
        let imprint = business.map(|business| view! { <Imprint t business /> });
        view.terms = view! { {terms(t, &view.offer, view.now)}{imprint} }.to_html();
    });
    owner.cleanup();
}

/// What it costs, and the button to wish for it.
fn offered(t: Lang, view: &EventView, (count, wished): (u64, bool), ready: Option<Ready>) -> impl IntoView + use<> {
    let price = match &view.offer {
        Offer::Giveaway { .. } => None,
        Offer::Ticket { price, starts_at, limit, .. } => {
            let line = format!("{} · {}", t.day_and_time(*starts_at, view.now), t.at_most_ticket(*limit));
            Some((view! { <b>{t.price(*price)}</b> }.into_any(), format!("{} {line}", t.term_starts())))
        }
        offer @ Offer::Deal { list_price, discount, limit, .. } => {
            let off = (*discount > 0).then(|| view! { <em>{t.percent_off(*discount)}</em>" " });
            let was = (*discount > 0).then(|| {
                view! { " "<s><span class="visually-hidden">{t.list_price_was()}" "</span>{t.in_won(*list_price as u64)}</s> }
            });
            let line = format!("{} · {} {}", t.units_deal(offer.capacity()), t.term_limit(), t.at_most_deal(*limit));
            Some((view! { {off}<b>{t.price(price_each(offer))}</b>{was} }.into_any(), line))
        }
    };
    // Who has pressed is past it, and so is whoever sells.
    let choice = view.can_prepare().then(|| readiness(t, view, ready));
    let price = price.map(|(price, line)| view! { <p class="price">{price}</p><p class="sub">{line}</p>{choice} });
    let public = !matches!(view.card.state, EventState::Draft | EventState::Cancelled) || wished;
    let wish = public.then(|| {
        let action = format!("{}?do={}", paths::room(view.card.id), SetWish::DECLARATION.name());
        let more = if count >= WISHES_COUNTED { "+" } else { "" };
        let words = if wished { t.wished() } else { t.wish() };
        view! {
            <form class="wish" method="post" action=action>
                <input type="hidden" name="event" value=view.card.id.to_string() />
                <button name="wished" value=if wished { "no" } else { "yes" } aria-pressed=if wished { "true" } else { "false" }>
                    <span aria-hidden="true">{if wished { "♥" } else { "♡" }}</span>" "{words}
                    {(count > 0).then(|| view! { " "<small>{number(count)}{more}</small> })}
                </button>
            </form>
        }
    });
    view! { <div>{price}</div>{wish} }
}

/// What is to be done before the opening, each with its tick or the way there.
fn readiness(t: Lang, view: &EventView, ready: Option<Ready>) -> impl IntoView + use<> {
    let (id, kind) = (view.card.id, view.card.kind);
    let checkout = paths::checkout(id);
    let item = |done: bool, text: String, to: String| {
        let (mark, state) = if done { ("✓", t.is_done()) } else { ("·", t.is_to_do()) };
        view! { <li class:done=done><span aria-hidden="true">{mark}</span><span class="visually-hidden">{state}</span>" "<a href=to>{text}</a></li> }
    };
    let items = match ready {
        None => vec![item(false, t.sign_in_first().to_owned(), paths::sign_in(&paths::room(id)))],
        Some(Ready { wish, address }) => {
            let chosen = match wish {
                Some(wish) if kind == Kind::Ticket => t.tickets_chosen(u64::from(wish.quantity)),
                Some(wish) => t.pieces_chosen(u64::from(wish.quantity)),
                None => t.choose_units().to_owned(),
            };
            let mut items = vec![item(wish.is_some(), chosen, checkout.clone())];
            // Of one there are no fewer.
            if let Some(wish) = wish.filter(|wish| wish.quantity > 1) {
                let one = if kind == Kind::Ticket { t.count_tickets(1) } else { t.count_pieces(1) };
                let text = if wish.fewer { t.fewer_chosen(one) } else { t.fewer_not_chosen(one) };
                items.push(item(true, text, checkout.clone()));
            }
            if kind == Kind::Deal {
                let text = if address { t.address_known() } else { t.address_to_give() };
                items.push(item(address, text.to_owned(), checkout));
            }
            items
        }
    };
    view! { <ul class="ready" aria-label=t.readiness()>{items}</ul> }
}

/// What holds for what is sold: how it comes, where it is, how it is paid for and given back, what it looks like.
fn terms(t: Lang, offer: &Offer, now: Time) -> impl IntoView + use<> {
    match offer {
        Offer::Giveaway { .. } => ().into_any(),
        Offer::Deal { limit, delivery, checkout, details, .. } => {
            let minutes = t.checkout_minutes(checkout.minutes.unwrap_or(10).into());
            let pictures = details
                .iter()
                .enumerate()
                .map(|(i, source)| view! { <img src=source.clone() alt=t.detail_alt(i + 1) loading="lazy" width="1280" /> })
                .collect_view();
            let pictures = (!details.is_empty()).then(|| {
                view! { <section class="details"><h3>{t.in_detail()}</h3>{pictures}</section> }
            });
            view! {
                <dl class="terms-list">
                    <div><dt>{t.term_delivery()}</dt><dd>{delivery.clone()}</dd></div>
                    <div><dt>{t.term_limit()}</dt><dd>{t.at_most_deal(*limit)}</dd></div>
                    <div><dt>{t.term_checkout()}</dt><dd>{minutes}{at_once(t, checkout.at_once)}</dd></div>
                </dl>
                {pictures}
            }
            .into_any()
        }
        Offer::Ticket { place, address, starts_at, price, limit, checkout, refunds, .. } => {
            let minutes = match checkout.minutes {
                Some(minutes) => t.checkout_minutes(minutes.into()),
                None => t.checkout_midnight().to_owned(),
            };
            let paid = (*price > 0).then(|| {
                view! { <div><dt>{t.term_checkout()}</dt><dd>{minutes}{at_once(t, checkout.at_once)}</dd></div> }
            });
            view! {
                <dl class="terms-list">
                    <div><dt>{t.term_starts()}</dt><dd>{t.day_and_time(*starts_at, now)}</dd></div>
                    <div><dt>{t.term_place()}</dt><dd><b>{place.clone()}</b><br />{address.clone()}</dd></div>
                    <div><dt>{t.term_limit()}</dt><dd>{t.at_most_ticket(*limit)}</dd></div>
                    {paid}
                </dl>
                {(*price > 0).then(|| refund_table(t, *refunds))}
            }
            .into_any()
        }
    }
}

fn at_once(t: Lang, at_once: Option<u32>) -> Option<String> {
    at_once.map(|n| format!(" · {}", t.at_once_line(n.into())))
}
