//! The way out of a messenger's built-in browser, where files are often not saved.

use axum::http::{HeaderMap, header};

/// What built-in browsers call themselves, besides those that have a way out of their own.
const BUILT_IN: [&str; 6] = ["NAVER(inapp", "DaumApps", "Instagram", "FBAN/", "FBAV/", "; wv)"];

/// The address that opens a page in the phone's own browser, for a reader in a built-in one; empty where there is only its menu.
/// `None` in every other browser.
pub fn address(headers: &HeaderMap, origin: &str, here: &str) -> Option<String> {
    let browser = headers.get(header::USER_AGENT)?.to_str().ok()?;
    let page = format!("{origin}{here}");
    if browser.contains("KAKAOTALK") {
        return Some(format!("kakaotalk://web/openExternal?url={}", encoded(&page)));
    }
    // As LINE's documentation has it: it looks for this in every address.
    if browser.contains(" Line/") {
        let and = if here.contains('?') { '&' } else { '?' };
        return Some(format!("{page}{and}openExternalBrowser=1"));
    }
    if !BUILT_IN.iter().any(|name| browser.contains(name)) {
        return None;
    }
    let (scheme, place) = page.split_once("://")?;
    // Android asks its apps who opens the address.
    let intent = || format!("intent://{place}#Intent;scheme={scheme};action=android.intent.action.VIEW;end");
    Some(if browser.contains("Android") { intent() } else { String::new() })
}

/// Percent-encoded but for what RFC 3986 leaves unreserved.
fn encoded(text: &str) -> String {
    let one = |byte: u8| match byte {
        b'-' | b'.' | b'_' | b'~' => (byte as char).to_string(),
        byte if byte.is_ascii_alphanumeric() => (byte as char).to_string(),
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(one).collect()
}
