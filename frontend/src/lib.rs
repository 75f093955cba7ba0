//! The browser's entry point: takes over the page that the server rendered.

#![recursion_limit = "512"]

use wasm_bindgen::prelude::wasm_bindgen;

/// Called once the browser's code has loaded.
#[wasm_bindgen]
pub fn hydrate() {
    std::panic::set_hook(Box::new(|panic| {
        console_error_panic_hook::hook(panic);
        // A part of the code could not be loaded, because a newer version was deployed or the network went, or it failed:
        // nothing on this page answers any more.
        app::load_anew();
    }));
    app::take_over();
}
