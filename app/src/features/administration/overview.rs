//! `/admin`: what waits for an admin, and how the site is.

use super::{AdminTabs, parts::head_of};
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{boot::lang, head, paths, texts::number};
use leptos::prelude::*;
use model::administration::{MembersQuery, MembersShown, Waiting};

/// Reads it.
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<Waiting> {
    Ok(asked.reader.engine.administration.waiting(&asked.reader.actor).await?)
}

/// The admin's first page.
pub fn view(waiting: Waiting) -> impl IntoView {
    let t = lang();
    head::title(t.admin());
    let row = |name: &'static str, count: u64, address: String| {
        let much = if count >= Waiting::MOST { t.admin_much(number(Waiting::MOST)) } else { number(count) };
        view! {
            <tr class:failing=count != 0>
                <th scope="row"><a href=address>{name}</a></th>
                <td data-label=t.admin_count()>{much}</td>
            </tr>
        }
    };
    let shown = |show: MembersShown| paths::members(&MembersQuery { show, ..MembersQuery::default() });
    let calm = |name: &'static str, count: u64, address: String| {
        view! { <tr><th scope="row"><a href=address>{name}</a></th><td data-label=t.admin_count()>{number(count)}</td></tr> }
    };
    let rows = view! {
        {row(t.reports(), waiting.lines, paths::REPORTS.to_owned())}
        {row(t.reported_reviews(), waiting.reviews, paths::REPORTED_REVIEWS.to_owned())}
        {row(t.appeals(), waiting.appeals, paths::APPEALS.to_owned())}
        {row(t.waiting_refunds(), waiting.refunds, paths::ADMIN_ORDERS.to_owned())}
        {row(t.waiting_jobs(), waiting.jobs, paths::JOBS.to_owned())}
        {row(t.waiting_triggers(), waiting.triggers, paths::JOBS.to_owned())}
        {calm(t.suspended_members(), waiting.suspended, shown(MembersShown::Suspended))}
        {calm(t.acting_admins(), waiting.admins, shown(MembersShown::Admins))}
    };
    let dead = waiting.dead_task.map(|name| view! { <p class="banner bad">{t.task_dead(name)}</p> });
    let writable = match waiting.writable {
        true => view! { <p>{t.database_writable()}</p> }.into_any(),
        false => view! { <p class="banner bad">{t.database_not_writable()}</p> }.into_any(),
    };
    view! {
        <section class="admin">
            <AdminTabs page=paths::ADMIN />
            <h1>{t.admin_overview()}</h1>
            <h2>{t.admin_waits()}</h2>
            <table class="short">{head_of(vec![t.admin_what(), t.admin_count()])}<tbody>{rows}</tbody></table>
            <h2>{t.admin_health()}</h2>
            {writable}
            {dead}
            <p>{t.tasks_run(waiting.tasks)}</p>
        </section>
    }
}
