//! From a page of a list to the next one.

use crate::boot::lang;
use leptos::prelude::*;

/// A link to where the list goes on, when it does.
pub fn next_page(href: Option<String>) -> impl IntoView {
    let t = lang();
    href.map(|href| view! { <nav class="pages"><a class="btn small" href=href>{t.more()}</a></nav> })
}
