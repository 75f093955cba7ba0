//! What a page says of itself in its head.

use app::head::inert;

#[test]
fn nothing_that_people_write_ends_the_element() {
    let written = serde_json::json!({ "name": "</script><script>alert(1)</script><!-- & \u{2028}\"수달\"" });
    let json = inert(&written.to_string());
    assert!(!json.contains(['<', '>', '&', '\u{2028}']), "{json}");
    assert_eq!(serde_json::from_str::<serde_json::Value>(&json).unwrap(), written);
}
