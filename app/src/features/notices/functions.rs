//! What the list of notices reads.

use crate::api::PageError;
#[cfg(feature = "ssr")]
use crate::api::{public, reader};
use leptos::prelude::*;
use model::{Cursor, Notices};
use server_fn::codec::GetUrl;

/// The reader's notices, from where a page goes on.
#[server(endpoint = "notices", input = GetUrl)]
pub async fn load_notices(before: Option<Cursor>) -> Result<Notices, PageError> {
    let reader = reader();
    reader.engine.notices.of(&reader.actor, before.as_ref()).await.map_err(public)
}
