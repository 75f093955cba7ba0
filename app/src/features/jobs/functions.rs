//! What the page of jobs changes.

#[cfg(feature = "ssr")]
use crate::api::{Reader, reader};
use crate::{
    api::PageError,
    forms::{Change, Done, Form, change},
};
use leptos::prelude::*;
#[cfg(feature = "ssr")]
use model::{Error, Job};

change! { RunJob: Admin, pages: ["/admin/jobs"], fields: ["job"], said: job_asked }

/// Runs a job now, whenever it was due.
#[server(endpoint = "run-job", protocol = Change, input_derive = ())]
pub async fn run_job(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    let job = Job::named(form.text("job")).ok_or(Error::NotFound)?;
    engine.jobs.run_now(&actor, job).await?;
    Ok(Done::here())
}
