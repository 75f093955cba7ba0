//! A page: where it is, what it reads before it is shown, and how it is shown.
//!
//! ```text
//! server    GET its address ─► read ─► the document, with what was read in it (`Sent`)
//! browser   Sent ─► its code is loaded ─► the same view takes the document over
//!           after a change: GET its address as bytes ─► the view anew
//! ```
//!
//! Going to another page loads it: there is no router in the browser, and a page's code is a file of its own.

use crate::{boot::Boot, components::NotFound};
use leptos::prelude::*;
use model::{Error, wire};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// The media type of what our own code reads, in the form of [`wire`]. It names the sources of this build (`app/build.rs`): a page
/// that is open while another version is deployed is told so when it reads again, and loads anew, whatever changed.
pub const KIND: &str = concat!("application/x-fiftynine-page-", env!("PAGE_SOURCES"));

/// Makes a page's view of what was read for it, in the form of [`wire`].
pub type Show = fn(&[u8]) -> AnyView;

/// What the browser finds in a document beside what is shown: enough to take it over.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Sent {
    /// What every page knows.
    pub boot: Boot,
    /// The page's name in the table of [`crate::features`]; empty when there is none at this address.
    pub page: String,
    /// What was read for it, in the form of [`wire`], or why there is nothing.
    pub read: Result<Vec<u8>, Error>,
}

/// The view of what was read.
pub fn shown<T: DeserializeOwned, V: IntoView>(read: &[u8], view: fn(T) -> V) -> AnyView {
    match wire::decode(read) {
        Some(read) => view(read).into_any(),
        // Written by another version.
        None => {
            #[cfg(feature = "hydrate")]
            crate::load_anew();
            ().into_any()
        }
    }
}

/// The view where no page is.
pub fn nothing(_: &[u8]) -> AnyView {
    view! { <NotFound /> }.into_any()
}

#[cfg(feature = "ssr")]
mod server {
    use super::Show;
    use crate::{
        api::{PageError, Reader},
        texts::Lang,
    };
    use model::{Cursor, Error, wire};
    use serde::Serialize;
    use std::{pin::Pin, str::FromStr};

    /// A page of the site.
    pub struct Page {
        /// Its name.
        pub name: &'static str,
        /// The file that its code is in; of what every page loads it is [`SHARED`].
        pub file: &'static str,
        /// Where it is; `:name` stands for any one part.
        pub patterns: &'static [&'static str],
        /// Reads what it shows.
        pub read: fn(Asked, Format) -> Reading,
        /// Shows it.
        pub show: Show,
    }

    /// The file of code that every page loads.
    pub const SHARED: &str = "shared";

    /// What is read for a page, under way.
    pub type Reading = Pin<Box<dyn Future<Output = Read<Vec<u8>>> + Send>>;

    /// What a page reads, or why it cannot be shown.
    pub type Read<T> = Result<T, PageError>;

    /// In which form it is wanted.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Format {
        /// For our own code.
        Wire,
        /// For programs.
        Json,
    }

    impl Format {
        /// Writes what was read.
        ///
        /// # Errors
        /// [`Error::Internal`] for what JSON cannot express.
        pub fn write(self, read: &impl Serialize) -> Read<Vec<u8>> {
            match self {
                Format::Wire => Ok(wire::encode(read)),
                Format::Json => serde_json::to_vec(read).map_err(|_| Error::Internal.into()),
            }
        }
    }

    /// Who asks for a page, and for which.
    pub struct Asked {
        /// Who asks, and what answers.
        pub reader: Reader,
        /// In which language.
        pub lang: Lang,
        params: Vec<(&'static str, String)>,
        query: Vec<(String, String)>,
    }

    impl Asked {
        /// What stands in the address in the place of a name.
        ///
        /// # Errors
        /// [`Error::NotFound`] when it is nothing of this kind.
        pub fn named<T: FromStr>(&self, name: &str) -> Read<T> {
            let value = self.params.iter().find(|(param, _)| *param == name);
            value.and_then(|(_, value)| value.parse().ok()).ok_or_else(|| Error::NotFound.into())
        }

        /// What stands in the address's query.
        pub fn query(&self, name: &str) -> Option<&str> {
            self.query.iter().find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.as_str())
        }

        /// From where a list goes on.
        pub fn cursor(&self, name: &str) -> Option<Cursor> {
            self.query(name).map(|cursor| cursor.to_owned().into())
        }
    }

    /// Whether a path fits a pattern, and what stands in the place of its names.
    pub fn fits(pattern: &'static str, path: &str) -> Option<Vec<(&'static str, String)>> {
        let (mut pattern, mut path) = (pattern.split('/'), path.split('/'));
        let mut params = Vec::new();
        loop {
            match (pattern.next(), path.next()) {
                (None, None) => return Some(params),
                (Some(part), Some(there)) => match part.strip_prefix(':') {
                    Some(name) if !there.is_empty() => params.push((name, there.to_owned())),
                    None if part == there => {}
                    _ => return None,
                },
                _ => return None,
            }
        }
    }

    /// The page at a path, as `reader` asks for it.
    pub fn find(reader: Reader, lang: Lang, path: &str, query: &str) -> Option<(&'static Page, Asked)> {
        let (page, params) = crate::features::PAGES.iter().find_map(|page| {
            page.patterns.iter().find_map(|pattern| fits(pattern, path)).map(|params| (page, params))
        })?;
        let query = serde_urlencoded::from_str(query).unwrap_or_default();
        Some((page, Asked { reader, lang, params, query }))
    }
}

#[cfg(feature = "ssr")]
pub use server::{Asked, Format, Page, Read, Reading, SHARED, find, fits};
