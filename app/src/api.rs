//! How pages read from the server. The functions themselves are beside the pages, in [`crate::features`].

use leptos::{
    prelude::*,
    server::codee::{Decoder, Encoder},
    server_fn::codec::JsonEncoding,
};
use model::Error;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use server_fn::error::{FromServerFnError, ServerFnErrorErr};

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

    fn from_server_fn_error(_: ServerFnErrorErr) -> Self {
        PageError(Error::Busy)
    }
}

/// JSON on its way from the server's page to the browser, read from bytes as server functions and the live socket read
/// theirs: the code that reads a type is there once.
pub struct Json;

impl<T: Serialize> Encoder<T> for Json {
    type Error = serde_json::Error;
    type Encoded = String;

    fn encode(value: &T) -> Result<String, serde_json::Error> {
        serde_json::to_string(value)
    }
}

impl<T: DeserializeOwned> Decoder<T> for Json {
    type Error = serde_json::Error;
    type Encoded = str;

    fn decode(text: &str) -> Result<T, serde_json::Error> {
        serde_json::from_slice(text.as_bytes())
    }
}

/// What a page reads before it is sent, and again whenever `source` changes.
pub fn read<S, T, F>(
    source: impl Fn() -> S + Send + Sync + 'static,
    fetch: impl Fn(S) -> F + Send + Sync + 'static,
) -> Resource<T, Json>
where
    S: PartialEq + Clone + Send + Sync + 'static,
    T: Serialize + DeserializeOwned + Send + Sync + 'static,
    F: Future<Output = T> + Send + 'static,
{
    Resource::new_with_options(source, fetch, true)
}

/// What server functions find in their context.
#[cfg(feature = "ssr")]
#[derive(Clone)]
pub struct Reader {
    /// Everything the server does.
    pub engine: engine::Engine,
    /// Who asks.
    pub actor: engine::accounts::Actor,
}

/// Who asks, and what answers.
#[cfg(feature = "ssr")]
pub(crate) fn reader() -> Reader {
    expect_context::<Reader>()
}

/// What a browser may know of an error.
#[cfg(feature = "ssr")]
pub(crate) fn public(error: engine::Error) -> PageError {
    PageError(error.public())
}
