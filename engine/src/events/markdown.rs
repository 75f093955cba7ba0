//! Descriptions: Markdown to HTML that is safe to show. It is kept beside the text ([`Rendered`]), since rendering costs more
//! than everything else about showing a page.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

/// Blocks nested deeper than this are shown flat, so that no text can make the page pathologically deep.
const MAX_DEPTH: usize = 16;

/// How it is rendered: raised whenever the same text is to look different, and all of them are rendered anew.
pub const VERSION: u8 = 2;

/// A description as it is shown, with what tells whether it is still that.
pub struct Rendered {
    /// What is shown.
    pub html: String,
    /// Of the text, and of how it is rendered.
    pub of: Vec<u8>,
}

impl Rendered {
    /// Renders a description.
    pub fn new(markdown: &str) -> Rendered {
        Rendered { html: to_html(markdown), of: key(markdown) }
    }

    /// The same, unless it is not of this text.
    pub fn unless_other(self, markdown: &str) -> Rendered {
        if self.of == key(markdown) { self } else { Rendered::new(markdown) }
    }
}

/// What tells whether something was rendered from this text as it is done today.
pub fn key(markdown: &str) -> Vec<u8> {
    let hash = crate::ids::hash(&[b"59 description", markdown.as_bytes()]);
    [&[VERSION][..], &hash[..15]].concat()
}

/// Renders Markdown. Raw HTML is shown as text, links open only http(s) addresses and carry `nofollow`.
fn to_html(markdown: &str) -> String {
    let mut depth = 0usize;
    let events = Parser::new_ext(markdown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH).filter_map(
        |event| match event {
            Event::Html(text) | Event::InlineHtml(text) => Some(Event::Text(text)),
            Event::Start(Tag::BlockQuote(_) | Tag::List(_) | Tag::Item) => {
                depth += 1;
                (depth <= MAX_DEPTH).then_some(event)
            }
            Event::End(TagEnd::BlockQuote(_) | TagEnd::List(_) | TagEnd::Item) => {
                depth -= 1;
                (depth < MAX_DEPTH).then_some(event)
            }
            Event::Start(Tag::Heading { level, .. }) => Some(Event::Start(Tag::Heading {
                level: below(level),
                id: None,
                classes: Vec::new(),
                attrs: Vec::new(),
            })),
            Event::End(TagEnd::Heading(level)) => Some(Event::End(TagEnd::Heading(below(level)))),
            other => Some(other),
        },
    );
    let mut rendered = String::new();
    html::push_html(&mut rendered, events);
    ammonia::Builder::default()
        .url_schemes(["http", "https"].into())
        .link_rel(Some("noopener nofollow ugc"))
        .clean(&rendered)
        .to_string()
}

/// Its headings stand below those of the page, which has the title as its first and "about it" as a second.
fn below(level: HeadingLevel) -> HeadingLevel {
    match level {
        HeadingLevel::H1 => HeadingLevel::H3,
        HeadingLevel::H2 => HeadingLevel::H4,
        HeadingLevel::H3 => HeadingLevel::H5,
        HeadingLevel::H4 | HeadingLevel::H5 | HeadingLevel::H6 => HeadingLevel::H6,
    }
}

#[cfg(test)]
mod tests {
    use super::to_html;
    use proptest::prelude::*;
    use std::time::{Duration, Instant};

    #[test]
    fn markdown_is_rendered_and_scripts_are_not() {
        assert_eq!(to_html("**머그**").trim(), "<p><strong>머그</strong></p>");
        assert_eq!(to_html("# 머그\n## 크기").trim(), "<h3>머그</h3>\n<h4>크기</h4>");
        for attack in [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "[x](javascript:alert(1))",
            "<a href=javascript:x>y</a>",
        ] {
            let html = to_html(attack);
            assert!(!html.contains("<script") && !html.contains("<img") && !html.contains("href=\"java"), "{html}");
        }
    }

    #[test]
    fn a_bomb_of_nesting_stays_small_and_quick() {
        let started = Instant::now();
        for bomb in
            [">".repeat(20_000), "[".repeat(20_000), "*a ".repeat(6_000), "- ".repeat(10_000), "`".repeat(20_000)]
        {
            let html = to_html(&bomb);
            assert!(html.len() < 400_000);
        }
        assert!(started.elapsed() < Duration::from_secs(20));
    }

    proptest! {
        #[test]
        fn any_text_is_rendered_without_handlers(text in "\\PC{0,200}") {
            prop_assert!(!to_html(&text).contains("<script"));
        }
    }
}
