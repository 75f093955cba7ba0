//! Text that changes while its page is open.

use app::words;
use leptos::{attr::IntoAttributeValue, tachys::html::element::InnerHtmlValue};

#[test]
fn words_are_no_markup() {
    let text = words(|| "<b>&amp;\"빵\"</b>").into_attribute_value();
    let mut html = String::new();
    text().to_html(&mut html);
    assert_eq!(html, "&lt;b&gt;&amp;amp;\"빵\"&lt;/b&gt;");
}
