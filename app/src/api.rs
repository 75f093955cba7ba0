//! How pages read from the server: a page's own reading is beside it (see [`crate::page`]), and a page that is open reads on
//! by an address.

use leptos::prelude::*;
use model::Error;
use serde::{Deserialize, Serialize};
use server_fn::{
    codec::JsonEncoding,
    error::{FromServerFnError, ServerFnErrorErr},
};

/// [`model::Error`] on its way through a server function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageError(pub Error);

impl std::fmt::Display for PageError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl FromServerFnError for PageError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        PageError(match error {
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => Error::Malformed,
            _ => Error::Busy,
        })
    }
}

/// Raised when something was changed: what the page shows is read again.
#[derive(Clone, Copy)]
pub struct Changed(pub RwSignal<u32>);

#[cfg(feature = "hydrate")]
mod browser {
    use crate::page;
    use js_sys::Uint8Array;
    use model::{Error, wire};
    use serde::de::DeserializeOwned;
    use wasm_bindgen::{JsCast, JsValue};
    use wasm_bindgen_futures::JsFuture;
    use web_sys::{Headers, RequestInit, Response, window};

    /// Reads what is at an address of the site, in the form of [`wire`].
    ///
    /// # Errors
    /// As [`bytes`]; [`Error::Busy`] for what is not of that form.
    pub async fn fetch<T: DeserializeOwned>(address: &str) -> Result<T, Error> {
        wire::decode(&bytes(address).await?).ok_or(Error::Busy)
    }

    /// The same as it is sent.
    ///
    /// # Errors
    /// [`Error::SignedOut`], [`Error::Forbidden`], [`Error::NotFound`] as it answers; [`Error::Busy`] when it does not, or otherwise.
    pub async fn bytes(address: &str) -> Result<Vec<u8>, Error> {
        let response = ask(address).await.map_err(|_| Error::Busy)?;
        match response.status() {
            200 => {}
            401 => return Err(Error::SignedOut),
            403 => return Err(Error::Forbidden),
            404 => return Err(Error::NotFound),
            // Another version of the site answers by now.
            406 => {
                crate::load_anew();
                return Err(Error::Busy);
            }
            _ => return Err(Error::Busy),
        }
        let body = async { JsFuture::from(response.array_buffer()?).await };
        let body: JsValue = body.await.map_err(|_| Error::Busy)?;
        Ok(Uint8Array::new(&body).to_vec())
    }

    async fn ask(address: &str) -> Result<Response, JsValue> {
        let headers = Headers::new()?;
        headers.set("accept", page::KIND)?;
        let how = RequestInit::new();
        how.set_headers(&headers);
        let window = window().ok_or(JsValue::NULL)?;
        JsFuture::from(window.fetch_with_str_and_init(address, &how)).await?.dyn_into()
    }
}

#[cfg(feature = "hydrate")]
pub use browser::{bytes, fetch};

#[cfg(feature = "ssr")]
impl From<engine::Error> for PageError {
    fn from(error: engine::Error) -> Self {
        PageError(error.public())
    }
}

impl From<Error> for PageError {
    fn from(error: Error) -> Self {
        PageError(error)
    }
}

/// Who asks, and what answers: what server functions find in their context.
#[cfg(feature = "ssr")]
#[derive(Clone)]
pub struct Reader {
    /// Everything the server does.
    pub engine: engine::Engine,
    /// Who asks.
    pub actor: engine::accounts::Actor,
    /// What their browser holds of it.
    pub token: Option<engine::accounts::SessionToken>,
    /// By which they wait who came from Kakao and are nobody here yet.
    pub newcomer: Option<String>,
    /// What is shown on this page and on no other one.
    pub once: Option<String>,
    /// Where from, for what is limited by that; nothing where a page is shown again with what was refused.
    pub address: Option<std::net::IpAddr>,
    /// The demonstration, on a demonstration instance.
    pub demo: Option<engine::demo::Demo>,
}

#[cfg(feature = "ssr")]
impl Reader {
    /// Who looks for something: the member, or whoever is at the address.
    pub fn searcher(&self) -> engine::limits::Searcher {
        use engine::limits::Searcher;
        let unknown = std::net::Ipv4Addr::UNSPECIFIED.into();
        self.actor.member().map_or(Searcher::Address(self.address.unwrap_or(unknown)), Searcher::Member)
    }
}

/// Who asks, and what answers.
#[cfg(feature = "ssr")]
pub(crate) fn reader() -> Reader {
    expect_context::<Reader>()
}
