//! How many characters people count in what they type, before the server says so.

/// How many there are, when there are more than `max`. The browser splits them; one that cannot leaves it to the server, whose word
/// counts (`model::text::length`).
#[cfg(feature = "hydrate")]
pub fn over(text: &str, max: u64) -> Option<u64> {
    use js_sys::{Array, Intl, Object, Reflect, global};
    use wasm_bindgen::JsValue;

    let seen = model::text::counted(text);
    // No character is less than one scalar value: mostly nothing is to be split.
    if seen.chars().count() as u64 <= max {
        return None;
    }
    let there = |of: &JsValue, name: &str| Reflect::get(of, &name.into()).ok().filter(|it| !it.is_undefined());
    there(&there(&global(), "Intl")?, "Segmenter")?;
    let segments = Intl::Segmenter::new(&Array::new(), &Object::new()).segment(&seen);
    let count = Array::from(&segments).length().into();
    (count > max).then_some(count)
}

/// The server says so itself.
#[cfg(not(feature = "hydrate"))]
pub fn over(_: &str, _: u64) -> Option<u64> {
    None
}
