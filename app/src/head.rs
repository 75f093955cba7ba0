//! What a page says of itself in the document's head: written once, on the server, where the page is made.

use model::{EventId, Span};

/// A page's title, before the name of the site.
pub fn title(text: impl Into<String>) {
    #[cfg(feature = "ssr")]
    server::update(|head| head.title = Some(text.into()));
    #[cfg(not(feature = "ssr"))]
    let _ = text.into();
}

/// What other sites show when the page's address is posted there (Open Graph).
pub struct Preview<'a> {
    /// What it is called.
    pub title: &'a str,
    /// A line about it.
    pub description: &'a str,
    /// Path of the banner of the event that it is about, when that has one.
    pub banner: Option<&'a str>,
    /// The event that it is about: where there is no banner, a picture is drawn of it.
    pub event: EventId,
    /// Path of the page.
    pub path: &'a str,
}

/// Says what other sites show of the page.
pub fn preview(preview: &Preview<'_>) {
    #[cfg(feature = "ssr")]
    server::update(|head| {
        head.description = Some(preview.description.to_owned()).filter(|text| !text.trim().is_empty());
        // Only of pictures that were uploaded it is known what they are.
        let banner = preview.banner.filter(|banner| banner.starts_with("/pictures/"));
        head.preview = Some(server::About {
            title: preview.title.to_owned(),
            banner: banner.map(str::to_owned),
            event: preview.event,
            path: preview.path.to_owned(),
        });
    });
    #[cfg(not(feature = "ssr"))]
    let _ = preview;
}

/// A line about the page, for search engines.
pub fn description(text: &str) {
    #[cfg(feature = "ssr")]
    server::update(|head| head.description = Some(text.to_owned()).filter(|text| !text.trim().is_empty()));
    #[cfg(not(feature = "ssr"))]
    let _ = text;
}

/// Has browsers without scripts load the page anew after so many whole seconds.
pub fn refresh(after: Span) {
    #[cfg(feature = "ssr")]
    server::update(|head| head.refresh = Some(after));
    #[cfg(not(feature = "ssr"))]
    let _ = after;
}

/// What the page is about, for programs (JSON-LD).
#[cfg(feature = "ssr")]
pub fn structured(about: &serde_json::Value) {
    server::update(|head| head.structured = Some(inert(&about.to_string())));
}

/// JSON of which nothing ends the element that it stands in, whatever people wrote into it.
#[cfg(feature = "ssr")]
pub fn inert(json: &str) -> String {
    let mut inert = String::with_capacity(json.len());
    for letter in json.chars() {
        match letter {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => inert.push_str(&format!("\\u{:04x}", u32::from(letter))),
            other => inert.push(other),
        }
    }
    inert
}

#[cfg(feature = "ssr")]
pub use server::Head;

#[cfg(feature = "ssr")]
mod server {
    use crate::{paths, texts::Lang};
    use engine::pictures::{BANNER, DRAWN};
    use leptos::{html, nonce::use_nonce, prelude::*};
    use model::{EventId, SECOND, Span};
    use std::sync::{Arc, Mutex, PoisonError};

    /// What the page said.
    #[derive(Clone, Default)]
    pub struct Head(Arc<Mutex<Said>>);

    #[derive(Clone, Default)]
    pub(super) struct Said {
        pub(super) title: Option<String>,
        pub(super) description: Option<String>,
        pub(super) preview: Option<About>,
        pub(super) refresh: Option<Span>,
        pub(super) structured: Option<String>,
    }

    /// A [`Preview`](super::Preview), kept.
    #[derive(Clone)]
    pub(super) struct About {
        pub(super) title: String,
        pub(super) banner: Option<String>,
        pub(super) event: EventId,
        pub(super) path: String,
    }

    pub(super) fn update(say: impl FnOnce(&mut Said)) {
        if let Some(Head(said)) = use_context::<Head>() {
            say(&mut said.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }

    impl Head {
        /// The elements that say so, of a page whose one address is `canonical`, when there is such a page.
        pub fn view(&self, lang: Lang, origin: &str, canonical: Option<&str>) -> impl IntoView + use<> {
            let Said { title, description, preview, refresh, structured } =
                self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let site = lang.site();
            let title = match title {
                Some(title) if title != site => format!("{title} · {site}"),
                _ => site.to_owned(),
            };
            // One description, and never an empty one.
            let description = description.unwrap_or_else(|| lang.tagline().to_owned());
            let (name, event, banner, path) = match preview {
                Some(About { title, banner, event, path }) => (title, Some(event), banner, path),
                None => (title.clone(), None, None, String::new()),
            };
            let (picture, (width, height)) = match banner {
                Some(banner) => (banner, BANNER),
                None => (paths::preview(event, lang), DRAWN),
            };
            let property =
                |name: &'static str, content: String| html::meta().attr("property", name).attr("content", content);
            let locale = match lang {
                Lang::Ko => "ko_KR",
                Lang::En => "en_GB",
            };
            let canonical = canonical.map(|path| format!("{origin}{path}"));
            let canonical = canonical.map(|address| view! { <link rel="canonical" href=address /> });
            view! {
                <title>{title}</title>
                <meta name="description" content=description.clone() />
                {property("og:site_name", site.to_owned())}
                {property("og:type", "website".to_owned())}
                {property("og:locale", locale.to_owned())}
                {property("og:title", name.clone())}
                {property("og:description", description)}
                {property("og:image", format!("{origin}{picture}"))}
                {property("og:image:width", width.to_string())}
                {property("og:image:height", height.to_string())}
                {property("og:image:alt", name)}
                <meta name="twitter:card" content="summary_large_image" />
                {canonical}
                {structured.map(|json| view! { <script type="application/ld+json" nonce=use_nonce() inner_html=json></script> })}
                {(!path.is_empty()).then(|| property("og:url", format!("{origin}{path}")))}
                {refresh.map(|after| (after / SECOND).to_string()).map(|seconds| view! { <noscript><meta http-equiv="refresh" content=seconds /></noscript> })}
            }
        }
    }
}
