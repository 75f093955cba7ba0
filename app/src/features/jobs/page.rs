//! `/admin/jobs`: what happens by itself, and how it went.

use super::functions;
use crate::features::administration::AdminTabs;
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::lang,
    forms::{ChangeForm, FormState},
    head, paths,
    texts::{Lang, number, seconds_ms},
};
use leptos::prelude::*;
use model::{Job, JobLine, MINUTE, SECOND, Span, Time};

/// Reads when the table was read, and what happens by itself.
///
/// # Errors
/// As [`engine::jobs::Jobs::lines`].
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<(Time, Vec<JobLine>)> {
    Ok(asked.reader.engine.jobs.lines(&asked.reader.actor).await?)
}

/// The admin's table.
pub fn view((now, jobs): (Time, Vec<JobLine>)) -> impl IntoView {
    let t = lang();
    head::title(t.jobs());
    let rows = jobs.into_iter().map(|line| view! { <Row now line /> }).collect_view();
    view! {
        <section class="jobs">
            <AdminTabs page=paths::JOBS />
            <h1>{t.jobs()}</h1>
            <p class="note">{t.jobs_hint()}</p>
            <table>
                <thead>
                    <tr>
                        <th scope="col">{t.job()}</th>
                        <th scope="col">{t.job_every()}</th>
                        <th scope="col">{t.job_last()}</th>
                        <th scope="col">{t.job_took()}</th>
                        <th scope="col">{t.job_next()}</th>
                        <th scope="col">{t.job_failures()}</th>
                        <th scope="col"><span class="visually-hidden">{t.job_run()}</span></th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </section>
    }
}

#[component]
fn Row(now: Time, line: JobLine) -> impl IntoView {
    let t = lang();
    let JobLine { job, held, due_at, started_at, took, failures, failed } = line;
    let last = started_at.map_or_else(|| "–".into(), |at| t.ago(t.duration(now.since(at))));
    let took = took.map_or_else(|| "–".into(), |took| t.seconds(seconds_ms(took)));
    let next = match due_at.since(now) {
        _ if held => t.job_held().into(),
        wait if wait <= Span::ZERO => t.job_soon().into(),
        wait => t.in_time(t.duration(wait)),
    };
    let failed = failed.map(|(at, error)| {
        view! { <p class="note">{t.ago(t.duration(now.since(at)))}": "<code>{error}</code></p> }
    });
    view! {
        <tr class:failing=failures != 0>
            <th scope="row">{purpose(t, job)}" "<code>{job.name()}</code></th>
            <td data-label=t.job_every()>{period(t, job.every().into())}</td>
            <td data-label=t.job_last()>{last}</td>
            <td data-label=t.job_took()>{took}</td>
            <td data-label=t.job_next()>{next}</td>
            <td data-label=t.job_failures()>{number(failures)}{failed}</td>
            <td>
                <ChangeForm state={FormState::keyed::<functions::RunJob>(job.name())}>
                    <input type="hidden" name="job" value=job.name() />
                    <button class="btn small" aria-label=format!("{}: {}", t.job_run(), purpose(t, job))>{t.job_run()}</button>
                </ChangeForm>
            </td>
        </tr>
    }
}

/// "10분", or with fractions of a second.
fn period(t: Lang, every: Span) -> String {
    match every {
        _ if every >= MINUTE => t.minutes(every / MINUTE),
        _ if every >= SECOND => t.seconds(every / SECOND),
        _ => t.seconds(seconds_ms(every)),
    }
}

/// What a job is for.
pub fn purpose(t: Lang, job: Job) -> &'static str {
    match job {
        Job::Project => t.job_project(),
        Job::Expire => t.job_expire(),
        Job::Remind => t.job_remind(),
        Job::Deliver => t.job_deliver(),
        Job::Send => t.job_send(),
        Job::Letters => t.job_letters(),
        Job::Settle => t.job_settle(),
        Job::Erase => t.job_erase(),
        Job::Sessions => t.job_sessions(),
        Job::Devices => t.job_devices(),
        Job::Payments => t.job_payments(),
        Job::Sales => t.job_sales(),
        Job::Slots => t.job_slots(),
        Job::Parties => t.job_parties(),
        Job::Soon => t.job_reminders(),
        Job::Items => t.job_items(),
        Job::Webhooks => t.job_webhooks(),
    }
}
