//! Files within a messenger's built-in browser, which often saves none.

use crate::boot::{boot, lang};
use leptos::prelude::*;

/// Where a page has files to save: how to open it outside of a messenger's built-in browser, for whoever reads it there.
#[component]
pub fn OpenOutside() -> impl IntoView {
    let t = lang();
    boot().outside.map(|address| {
        let way = if address.is_empty() {
            view! { {t.outside_by_hand()} }.into_any()
        } else {
            view! { <a href=address>{t.outside_open()}</a> }.into_any()
        };
        view! { <p class="banner outside">{t.outside_why()}" "{way}</p> }
    })
}
