//! `/admin/{page}`: what admins look after. One route, so that the pages share a file of code and the router knows one.

use super::{chat::ReportsPage, jobs::JobsPage};
use crate::{boot::lang, components::NotFound, paths};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

/// The page that the address names.
#[component]
pub fn AdminPage() -> impl IntoView {
    let params = use_params_map();
    let page = Memo::new(move |_| params.with(|params| params.get("page").unwrap_or_default()));
    move || match page.get().as_str() {
        "reports" => view! { <ReportsPage /> }.into_any(),
        "jobs" => view! { <JobsPage /> }.into_any(),
        _ => view! { <NotFound /> }.into_any(),
    }
}

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
    view! { <nav class="tabs" aria-label=t.admin()>{tab(paths::REPORTS, t.reports())}{tab(paths::JOBS, t.jobs())}</nav> }
}
