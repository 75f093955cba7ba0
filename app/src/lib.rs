//! The pages of 59초: rendered on the server, taken over by the browser.

#![recursion_limit = "512"]
#![allow(clippy::needless_pass_by_value)] // Components own their properties.

pub mod api;
pub mod boot;
#[cfg(feature = "hydrate")]
mod browser;
mod components;
#[cfg(feature = "ssr")]
mod document;
pub mod features;
pub mod forms;
pub mod head;
mod later;
mod live;
pub mod page;
pub mod paths;
pub mod texts;

#[cfg(feature = "hydrate")]
pub use browser::{load_anew, take_over};
pub use components::words;
#[cfg(feature = "ssr")]
pub use document::{ANEW, Document, Files, document};

use api::Changed;
use boot::Refused;
use components::{DemoStrip, Failed, Footer, Header, TermsStrip, ZoneNote};
use forms::{Toast, Toasts};
use later::{last, later};
use leptos::prelude::*;
use page::{Sent, Show};

/// Everything in a document's body.
#[component]
pub fn App(
    /// What the server found.
    sent: Sent,
    /// The page.
    show: Show,
) -> impl IntoView {
    let Sent { boot, read, .. } = sent;
    let t = boot.lang;
    let read = RwSignal::new(read);
    let changed = RwSignal::new(0);
    provide_context(Refused::of(&boot));
    provide_context(Toasts(RwSignal::new(boot.said.clone())));
    provide_context(Changed(changed));
    #[cfg(feature = "hydrate")]
    let here = boot.here.clone();
    provide_context(boot);
    let page = move || match read.get() {
        Ok(read) => show(&read),
        Err(error) => view! { <Failed error /> }.into_any(),
    };
    let main = move || {
        // Not sooner: what the server rendered is taken over with what it was rendered from.
        #[cfg(feature = "hydrate")]
        browser::read_again(here, changed, read);
        view! { <main id="content" tabindex="-1">{page}</main> }
    };
    view! {
        <a class="skip" href="#content">{t.skip()}</a>
        <DemoStrip />
        {last(|| view! { <Header /> })}
        <TermsStrip />
        <ZoneNote />
        {later(main)}
        {later(|| view! { <Footer /> })}
        <Toast />
    }
}
