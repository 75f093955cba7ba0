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

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        PageError(match error {
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => Error::Malformed,
            _ => Error::Busy,
        })
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

/// Raised when something was changed: what the page shows is read again.
#[derive(Clone, Copy)]
pub struct Changed(pub RwSignal<u32>);

/// What a page reads before it is sent, again whenever `source` changes, and when the reader changed something.
pub fn read<S, T, F>(
    source: impl Fn() -> S + Send + Sync + 'static,
    fetch: impl Fn(S) -> F + Send + Sync + 'static,
) -> Resource<T, Json>
where
    S: PartialEq + Clone + Send + Sync + 'static,
    T: Serialize + DeserializeOwned + Send + Sync + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let changed = expect_context::<Changed>().0;
    Resource::new_with_options(move || (source(), changed.get()), move |(source, _)| fetch(source), true)
}

/// The same for a page that is kept up to date by other means, and that reading again would disturb.
pub fn read_once<S, T, F>(
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

/// What server functions find in their context.
#[cfg(feature = "ssr")]
#[derive(Clone)]
pub struct Reader {
    /// Everything the server does.
    pub engine: engine::Engine,
    /// Who asks.
    pub actor: engine::accounts::Actor,
    /// What their browser holds of it.
    pub token: Option<engine::accounts::SessionToken>,
    /// The demonstration, on a demonstration instance.
    pub demo: Option<engine::demo::Demo>,
}

/// Who asks, and what answers.
#[cfg(feature = "ssr")]
pub(crate) fn reader() -> Reader {
    expect_context::<Reader>()
}
