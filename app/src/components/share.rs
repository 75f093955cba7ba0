//! Passing an address on: to copy, or by the phone's own sheet.

use super::words;
use crate::boot::{boot, lang};
use leptos::prelude::*;

/// An address to pass on.
#[component]
pub fn Share(
    /// Path of the page.
    path: String,
    /// What it is called.
    title: String,
) -> impl IntoView {
    let t = lang();
    let address = StoredValue::new(format!("{}{path}", boot().origin));
    let title = StoredValue::new(title);
    let copied = RwSignal::new(false);
    let share = move |_| {
        #[cfg(feature = "hydrate")]
        leptos::task::spawn_local(async move {
            if let Some(true) = browser::share(&address.get_value(), &title.get_value()).await {
                copied.try_set(true);
            }
        });
        #[cfg(not(feature = "hydrate"))]
        let _ = title;
    };
    view! {
        <div class="share">
            <label class="visually-hidden" for="share-address">{t.share_address()}</label>
            <input id="share-address" readonly value=address.get_value() />
            <button type="button" class="btn small" on:click=share>{t.share()}</button>
            <p class="note" role="status" inner_html=words(move || if copied.get() { t.copied() } else { "" }) />
        </div>
    }
}

#[cfg(feature = "hydrate")]
mod browser {
    use js_sys::{Function, Object, Promise, Reflect};
    use wasm_bindgen::{JsCast, JsValue};

    fn method(of: &JsValue, name: &str) -> Option<Function> {
        Reflect::get(of, &name.into()).ok()?.dyn_into().ok()
    }

    /// By the phone's own sheet where there is one, else copied; whether it was copied.
    pub async fn share(address: &str, title: &str) -> Option<bool> {
        let navigator: JsValue = web_sys::window()?.navigator().into();
        if let Some(sheet) = method(&navigator, "share") {
            let what = Object::new();
            Reflect::set(&what, &"url".into(), &address.into()).ok()?;
            Reflect::set(&what, &"title".into(), &title.into()).ok()?;
            let shared: Promise = sheet.call1(&navigator, &what).ok()?.dyn_into().ok()?;
            // Whoever closes the sheet wants nothing more.
            let _ = wasm_bindgen_futures::JsFuture::from(shared).await;
            return Some(false);
        }
        let clipboard = Reflect::get(&navigator, &"clipboard".into()).ok()?;
        let written: Promise =
            method(&clipboard, "writeText")?.call1(&clipboard, &address.into()).ok()?.dyn_into().ok()?;
        wasm_bindgen_futures::JsFuture::from(written).await.ok()?;
        Some(true)
    }
}
