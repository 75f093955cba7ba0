//! From one page of `/admin/…` to the others.

use crate::{boot::lang, paths};
use leptos::prelude::*;

/// From one of them to the others.
#[component]
pub fn AdminTabs(
    /// Address of the page that is shown.
    page: &'static str,
) -> impl IntoView {
    let t = lang();
    let tabs = [
        (paths::ADMIN, t.admin_overview()),
        (paths::REPORTS, t.reports()),
        (paths::REPORTED_REVIEWS, t.reported_reviews()),
        (paths::APPEALS, t.appeals()),
        (paths::MEMBERS, t.admin_members()),
        (paths::ADMIN_EVENTS, t.admin_events()),
        (paths::ADMIN_ORDERS, t.admin_orders()),
        (paths::ADMIN_PARTIES, t.admin_parties()),
        (paths::MARKET_LISTS, t.markets_and_items()),
        (paths::ADMIN_ITEMS, t.items()),
        (paths::SLOT_INCOME, t.income_of_hours()),
        (paths::JOBS, t.jobs()),
        (paths::AUDIT, t.audit()),
    ];
    let tabs = tabs
        .into_iter()
        .map(|(address, text)| {
            let current = (address == page).then_some("page");
            view! { <a class="tab" href=address aria-current=current>{text}</a> }
        })
        .collect_view();
    view! { <nav class="tabs" aria-label=t.admin()>{tabs}</nav> }
}
