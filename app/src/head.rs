//! What a page says of itself in the document's head: written once, on the server, where the page is made.

use model::Span;

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
    /// Path of a picture of it.
    pub picture: Option<&'a str>,
    /// Path of the page.
    pub path: &'a str,
}

/// Says what other sites show of the page.
pub fn preview(preview: &Preview<'_>) {
    #[cfg(feature = "ssr")]
    server::update(|head| {
        head.description = Some(preview.description.to_owned()).filter(|text| !text.trim().is_empty());
        head.preview = Some((preview.title.to_owned(), preview.picture.map(str::to_owned), preview.path.to_owned()));
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

#[cfg(feature = "ssr")]
pub use server::Head;

#[cfg(feature = "ssr")]
mod server {
    use crate::texts::Lang;
    use leptos::{html, prelude::*};
    use model::{SECOND, Span};
    use std::sync::{Arc, Mutex, PoisonError};

    /// What the page said.
    #[derive(Clone, Default)]
    pub struct Head(Arc<Mutex<Said>>);

    #[derive(Clone, Default)]
    pub(super) struct Said {
        pub(super) title: Option<String>,
        pub(super) description: Option<String>,
        /// Title, path of a picture, path of the page.
        pub(super) preview: Option<(String, Option<String>, String)>,
        pub(super) refresh: Option<Span>,
    }

    pub(super) fn update(say: impl FnOnce(&mut Said)) {
        if let Some(Head(said)) = use_context::<Head>() {
            say(&mut said.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }

    impl Head {
        /// The elements that say so.
        pub fn view(&self, lang: Lang, origin: &str) -> impl IntoView + use<> {
            let Said { title, description, preview, refresh } =
                self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let site = lang.site();
            let title = match title {
                Some(title) if title != site => format!("{title} · {site}"),
                _ => site.to_owned(),
            };
            // One description, and never an empty one.
            let description = description.unwrap_or_else(|| lang.tagline().to_owned());
            let (name, picture, path) = preview.unwrap_or_else(|| (title.clone(), None, String::new()));
            let property =
                |name: &'static str, content: String| html::meta().attr("property", name).attr("content", content);
            let locale = match lang {
                Lang::Ko => "ko_KR",
                Lang::En => "en_GB",
            };
            view! {
                <title>{title}</title>
                <meta name="description" content=description.clone() />
                {property("og:site_name", site.to_owned())}
                {property("og:type", "website".to_owned())}
                {property("og:locale", locale.to_owned())}
                {property("og:title", name)}
                {property("og:description", description)}
                {picture.map(|picture| property("og:image", format!("{origin}{picture}")))}
                {(!path.is_empty()).then(|| property("og:url", format!("{origin}{path}")))}
                {refresh.map(|after| (after / SECOND).to_string()).map(|seconds| view! { <noscript><meta http-equiv="refresh" content=seconds /></noscript> })}
            }
        }
    }
}
