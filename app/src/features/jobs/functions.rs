//! What the page of jobs reads and changes.

#[cfg(feature = "ssr")]
use crate::api::{Reader, reader};
use crate::{
    api::PageError,
    forms::{Change, Done, Form, change},
};
use leptos::prelude::*;
#[cfg(feature = "ssr")]
use model::{Error, Job};
use model::{JobLine, Time};
use server_fn::codec::GetUrl;

/// What happens by itself, and when it was read, for admins.
#[server(endpoint = "jobs", input = GetUrl)]
pub async fn load_jobs() -> Result<(Time, Vec<JobLine>), PageError> {
    let reader = reader();
    Ok(reader.engine.jobs.lines(&reader.actor).await?)
}

change! { RunJob: Admin, pages: ["/admin/:page"], said: job_asked }

/// Runs a job now, whenever it was due.
#[server(endpoint = "run-job", protocol = Change, input_derive = ())]
pub async fn run_job(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    let job = Job::named(form.text("job")).ok_or(Error::NotFound)?;
    engine.jobs.run_now(&actor, job).await?;
    Ok(Done::here())
}
