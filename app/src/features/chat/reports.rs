//! `/admin/reports`: lines of chat that members reported.

use super::functions;
use crate::features::administration::{AdminTabs, DaysChoice, DecideReports};
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::lang,
    components::next_page,
    forms::{ChangeForm, Field, FormState},
    head, paths,
};
use leptos::prelude::*;
use model::{Page, Report, administration::MembersQuery};

/// A reported line, and what was said around it: number, nickname and text of each line.
type Reported = (Report, Vec<(u64, String, String)>);

/// Reads what was reported, each with what was said around it.
///
/// # Errors
/// As [`engine::chat::Chat::reports`].
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<Page<Reported>> {
    let (chat, actor) = (&asked.reader.engine.chat, &asked.reader.actor);
    let Page { rows, next } = chat.reports(actor, asked.cursor("after").as_ref()).await?;
    let mut reports = Vec::with_capacity(rows.len());
    for report in rows {
        let around = chat.around(actor, report.event, report.number).await?;
        reports.push((report, around));
    }
    Ok(Page { rows: reports, next })
}

/// The admin's list.
pub fn view(Page { rows: reports, next }: Page<Reported>) -> impl IntoView {
    let t = lang();
    head::title(t.reports());
    let empty = reports.is_empty().then(|| view! { <p class="none">{t.no_reports()}</p> });
    let more = next_page(next.map(|next| paths::reports(&next)));
    let rows = reports
        .into_iter()
        .map(|(report, around)| {
            let said = around
                .into_iter()
                .map(|(number, nickname, text)| {
                    let this = (number == report.number).then_some("true");
                    view! { <li aria-current=this><b>{nickname}</b>" "{text}</li> }
                })
                .collect_view();
            let author = paths::members(&MembersQuery { find: report.nickname.clone(), ..MembersQuery::default() });
            let (event, line) = (report.event.to_string(), report.number.to_string());
            let key = format!("{event}-{line}");
            let form = FormState::keyed::<functions::ModerateLine>(&key);
            let decide = FormState::keyed::<DecideReports>(&key);
            let (of_event, of_line) = (event.clone(), line.clone());
            let all = (report.of_author > 1).then(|| {
                view! { <label class="consent"><input type="checkbox" name="all" value="yes" />{t.reports_of_author(report.of_author)}</label> }
            });
            view! {
                <li>
                    <a href=paths::chat(report.event)>{report.title}</a>
                    <p><b><a href=author>{report.nickname}</a></b>" "{report.text}</p>
                    <small>{t.reported(report.reports)}" · "{t.moment(report.first_at)}</small>
                    <details><summary>{t.report_context()}</summary><ul>{said}</ul></details>
                    <ChangeForm state=form class="tools">
                        <input type="hidden" name="event" value=event />
                        <input type="hidden" name="line" value=line />
                        {all}
                        <button class="btn small" name="what" value="hide">{t.hide_line()}</button>
                        <button class="btn small" name="what" value="mute">{t.mute_member()}</button>
                        <button class="btn small ghost" name="what" value="dismiss">{t.dismiss_report()}</button>
                        <a class="link" href=paths::muted(report.event)>{t.muted()}</a>
                    </ChangeForm>
                    <details class="danger" open=decide.was_refused()>
                        <summary>{t.decide_author()}</summary>
                        <ChangeForm state=decide>
                            <p class="note">{t.decide_hint()}</p>
                            <input type="hidden" name="event" value=of_event />
                            <input type="hidden" name="line" value=of_line />
                            <Field form=decide name="reason" label=t.admin_reason() required=true maxlength=200 />
                            <DaysChoice form=decide id=format!("{key}-days") />
                            <button class="btn small" name="what" value="warn">{t.warn_member()}</button>
                            <button class="btn small" name="what" value="suspend">{t.suspend_member()}</button>
                        </ChangeForm>
                    </details>
                </li>
            }
        })
        .collect_view();
    view! { <section class="notices"><AdminTabs page=paths::REPORTS /><h1>{t.reports()}</h1>{empty}<ul>{rows}</ul>{more}</section> }
}
