//! The names of files that are given out.

use axum::http::HeaderValue;
use std::fmt::Write;

/// `Content-Disposition` with a name (RFC 6266): as it is, percent-encoded (RFC 8187), and for programs that cannot read that its
/// ASCII letters. `how` is `attachment`, or `inline` for what is shown as well.
pub fn named(how: &str, name: &str) -> HeaderValue {
    let mut plain = String::new();
    let mut coded = String::new();
    for c in name.chars() {
        let safe = c.is_ascii_alphanumeric() || "-._".contains(c);
        // Nothing twice where letters were left out.
        if safe && !(c == '-' && plain.ends_with('-')) {
            plain.push(c);
        }
        if safe {
            coded.push(c);
        } else {
            let mut bytes = [0; 4];
            for byte in c.encode_utf8(&mut bytes).bytes() {
                let _ = write!(coded, "%{byte:02X}");
            }
        }
    }
    let plain = plain.replace("-.", ".");
    HeaderValue::from_str(&format!("{how}; filename=\"{plain}\"; filename*=UTF-8''{coded}"))
        .unwrap_or_else(|_| HeaderValue::from_static("attachment"))
}
