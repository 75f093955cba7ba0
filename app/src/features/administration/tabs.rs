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
    let tab = |address: &'static str, text: &'static str| {
        view! { <a class="tab" href=address aria-current=(address == page).then_some("page")>{text}</a> }
    };
    view! { <nav class="tabs" aria-label=t.admin()>{tab(paths::REPORTS, t.reports())}{tab(paths::REPORTED_REVIEWS, t.reported_reviews())}{tab(paths::APPEALS, t.appeals())}{tab(paths::MARKET_LISTS, t.markets_and_items())}{tab(paths::SLOT_INCOME, t.income_of_hours())}{tab(paths::JOBS, t.jobs())}{tab(paths::MEMBERS, t.members_and_events())}</nav> }
}
