//! What the page of jobs reads.

use crate::api::PageError;
#[cfg(feature = "ssr")]
use crate::api::{public, reader};
use leptos::prelude::*;
use model::{JobLine, Time};
use server_fn::codec::GetUrl;

/// What happens by itself, and when it was read, for admins.
#[server(endpoint = "jobs", input = GetUrl)]
pub async fn load_jobs() -> Result<(Time, Vec<JobLine>), PageError> {
    let reader = reader();
    reader.engine.jobs.lines(&reader.actor).await.map_err(public)
}
