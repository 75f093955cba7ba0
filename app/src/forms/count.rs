//! How many characters people count in what they type, before the server says so; and the one that a name begins with.

#[cfg(feature = "hydrate")]
use js_sys::{Array, Intl, Object, Reflect, global};
#[cfg(feature = "hydrate")]
use wasm_bindgen::JsValue;

/// How many there are, when there are more than `max`. The browser splits them; one that cannot leaves it to the server, whose word
/// counts (`model::text::length`).
#[cfg(feature = "hydrate")]
pub fn over(text: &str, max: u64) -> Option<u64> {
    let seen = model::text::counted(text);
    // No character is less than one scalar value: mostly nothing is to be split.
    if seen.chars().count() as u64 <= max {
        return None;
    }
    let count = split(&seen)?.length().into();
    (count > max).then_some(count)
}

/// The server says so itself.
#[cfg(not(feature = "hydrate"))]
pub fn over(_: &str, _: u64) -> Option<u64> {
    None
}

/// The character that a name begins with, as people see it.
#[cfg(feature = "hydrate")]
pub fn first(name: &str) -> String {
    let mut letters = name.chars();
    let letter = letters.next().map(String::from).unwrap_or_default();
    // What begins a character of its own: mostly nothing is to be split.
    let begins = |next: char| next.is_ascii() || ('가'..='힣').contains(&next);
    if letters.next().is_none_or(begins) {
        return letter;
    }
    let seen = || Reflect::get(&split(name)?.get(0), &"segment".into()).ok()?.as_string();
    seen().unwrap_or(letter)
}

/// The same on the server, which needs nobody for it.
#[cfg(not(feature = "hydrate"))]
pub fn first(name: &str) -> String {
    model::nickname::initial(name).to_owned()
}

/// A text as the browser splits it into characters, where it can.
#[cfg(feature = "hydrate")]
fn split(text: &str) -> Option<Array> {
    let there = |of: &JsValue, name: &str| Reflect::get(of, &name.into()).ok().filter(|it| !it.is_undefined());
    there(&there(&global(), "Intl")?, "Segmenter")?;
    Some(Array::from(&Intl::Segmenter::new(&Array::new(), &Object::new()).segment(text)))
}
