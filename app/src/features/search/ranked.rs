//! Events in few words: where many people are right now, and what closes soon.

use crate::{boot::lang, paths};
use leptos::prelude::*;
use model::{HOUR, MINUTE, SaleCard, Time};

/// Events in few words, with how many people are at them or wait in their line, or how long they are open; left out when there are none.
#[component]
pub fn Ranked(
    /// Its heading.
    title: &'static str,
    /// In order.
    cards: Vec<SaleCard>,
    /// Server time when they were read.
    now: Time,
    /// Whether it matters how long they are open.
    closing: bool,
) -> impl IntoView {
    let t = lang();
    (!cards.is_empty()).then(|| {
        let row = |sale: SaleCard| {
            let left = sale.event.moments.closes_at - now;
            let note = match closing {
                true if left >= HOUR => t.time_left(t.about_hours(left / HOUR)),
                true => t.time_left(t.about_minutes((left / MINUTE).max(1))),
                false if sale.waiting > 0 => t.search_line(sale.waiting),
                false => t.search_people(sale.event.present),
            };
            view! { <li><a href=paths::room(sale.event.id)><span>{sale.event.title}</span><small>{note}</small></a></li> }
        };
        let rows = cards.into_iter().map(row).collect_view();
        view! { <section><h2>{title}</h2><ol class="ranked" class:plain=closing>{rows}</ol></section> }
    })
}
