//! The browser's entry point: takes over the page that the server rendered.

#![recursion_limit = "512"]

use wasm_bindgen::prelude::wasm_bindgen;

/// Room for what splits the browser's code. It lays what is constant (texts, above all) out anew, for each file apart and aligned, and
/// puts all of it into the file that every page loads when that needs a byte more than the linker reserved. Nothing uses this, so it
/// gets into no file.
#[used]
static ROOM_FOR_SPLITTING: [u8; 16 << 10] = [1; 16 << 10];

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
