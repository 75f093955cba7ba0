//! The pages of 59초: rendered on the server, taken over by the browser.

#![recursion_limit = "512"]
#![allow(clippy::needless_pass_by_value)] // Components own their properties.

pub mod api;
pub mod boot;
mod components;
pub mod features;
pub mod forms;
mod live;
pub mod paths;
pub mod texts;

use api::Changed;
use boot::{Boot, Refused, boot};
use components::{BottomTabs, DemoStrip, Header};
use features::Routes;
use forms::{Toast, Toasts};
use leptos::prelude::*;
#[cfg(feature = "ssr")]
use leptos_meta::MetaTags;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::Router;

/// The HTML around the application.
#[cfg(feature = "ssr")]
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let boot = boot();
    view! {
        <!DOCTYPE html>
        <html lang=boot.lang.code() data-theme=boot.theme.name()>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
                <meta name="color-scheme" content="light dark" />
                <meta name="description" content=boot.lang.tagline() />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <link rel="stylesheet" href="/pkg/fiftynine.css" />
                <HydrationScripts options />
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

/// Everything between header and bottom tabs.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    let shared = SharedValue::<Boot, api::Json>::new_with_encoding(expect_context_on_server);
    let boot = shared.into_inner();
    provide_context(Refused::of(&boot));
    provide_context(Toasts(RwSignal::new(boot.said.clone())));
    provide_context(boot);
    provide_context(Changed(RwSignal::new(0)));
    let t = boot::lang();
    view! {
        <Title text=t.site() formatter=|title: String| if title == "59초" { title } else { format!("{title} · 59초") } />
        <Router>
            <a class="skip" href="#content" rel="external">{t.skip()}</a>
            <DemoStrip />
            <Header />
            <main id="content" tabindex="-1">
                <Routes />
            </main>
            <BottomTabs />
            <Toast />
        </Router>
    }
}

/// Loads the page anew, unless that was done a moment ago and did not help. Without it the page is still there, and its
/// forms work as they do without scripts.
#[cfg(feature = "hydrate")]
pub fn load_anew() {
    /// Milliseconds within which a second failure is left alone.
    const MOMENT: i64 = 30_000;
    const KEY: &str = "loaded-anew-at";
    let Some(window) = web_sys::window() else { return };
    let Ok(Some(kept)) = window.session_storage() else { return };
    let last = kept.get_item(KEY).ok().flatten().and_then(|at| at.parse::<i64>().ok());
    // Whole milliseconds: reading and writing fractions would be more code than everything here.
    let now = js_sys::Date::now() as i64;
    if last.is_none_or(|last| now - last > MOMENT) && kept.set_item(KEY, &now.to_string()).is_ok() {
        let _ = window.location().reload();
    }
}

/// On the server the request's own [`Boot`]; the browser reads what the server wrote and never calls this.
fn expect_context_on_server() -> Boot {
    expect_context::<Boot>()
}
