//! How the browser takes a document over.

use crate::{
    App, api, features,
    page::{self, Sent},
};
use js_sys::Promise;
use leptos::prelude::*;
use model::{Error, wire};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Element, Event};

/// The id of the element that holds [`Sent`].
pub const SENT: &str = "sent";

/// Loads the page's code and takes the document over, a step at a time: a slow phone answers in between.
pub fn take_over() {
    // Leptos's own tasks begin with the page.
    wasm_bindgen_futures::spawn_local(async {
        pause().await;
        // While another version is deployed, the document may be of one and the code of the other.
        let sent =
            document().get_element_by_id(SENT).filter(|sent| sent.get_attribute("type").as_deref() == Some(page::KIND));
        let Some(sent) = sent.and_then(|sent| read(&sent.text_content()?)) else { return load_anew() };
        let show = features::load(&sent.page).await;
        pause().await;
        if let Some(body) = document().body() {
            undo_translation(&body);
        }
        leptos::mount::hydrate_body(move || view! { <App sent show /> });
    });
}

/// Lets the browser do what waits before whatever follows.
async fn pause() {
    let waits = Promise::new(&mut |resolve, _| drop(window().set_timeout_with_callback(&resolve)));
    drop(JsFuture::from(waits).await);
}

/// Takes back what a browser's translator did within an element before it is taken over: it puts `font` elements, of which we
/// have none, in the place of texts, and nothing would be found where it was. What it does afterwards does no harm (see
/// [`words`](crate::components::words)).
pub fn undo_translation(within: &Element) {
    // Outer ones come first, and with them goes what is in them.
    while let Ok(Some(font)) = within.query_selector("font") {
        let text = document().create_text_node(&font.text_content().unwrap_or_default());
        if font.replace_with_with_node_1(&text).is_err() {
            return;
        }
    }
}

/// Reads base64, which the browser itself knows.
fn read(text: &str) -> Option<Sent> {
    let binary = window().atob(text).ok()?;
    let bytes: Vec<u8> = binary.chars().map(|byte| byte as u8).collect();
    wire::decode(&bytes)
}

/// Reads a page again whenever something was changed.
pub fn read_again(here: String, changed: RwSignal<u32>, read: RwSignal<Result<Vec<u8>, Error>>) {
    Effect::new(move |_| {
        if changed.get() == 0 {
            return;
        }
        let here = here.clone();
        leptos::task::spawn_local(async move {
            let newer = api::bytes(&here).await;
            // What is lost on the way is on the page as it was.
            if newer != Err(Error::Busy) {
                read.set(newer);
            }
        });
    });
}

/// Has the script in the document's head (`anew.js`) load the page anew. Until then it is still there, and its forms work as they do
/// without scripts.
pub fn load_anew() {
    if let (Some(window), Ok(outdated)) = (web_sys::window(), Event::new("outdated")) {
        let _ = window.dispatch_event(&outdated);
    }
}
