//! `/admin/audit`: what admins and creators did to others.

use super::{AdminTabs, parts::audit_table};
#[cfg(feature = "ssr")]
use crate::{
    api::Reader,
    page::{Asked, Read},
};
use crate::{boot::lang, components::next_page, head, paths};
use leptos::prelude::*;
use model::{
    Page,
    administration::{AuditAction, AuditLine, AuditQuery},
};

/// Reads those that are asked for.
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<(Page<AuditLine>, AuditQuery)> {
    let Reader { engine, actor, .. } = &asked.reader;
    // Who may not see it is told so, whatever they ask for.
    actor.admin()?;
    let query = AuditQuery {
        by: asked.query("by").and_then(|by| by.parse().ok()),
        member: asked.query("member").and_then(|member| member.parse().ok()),
        action: asked.query("action").and_then(AuditAction::named),
        before: asked.cursor("before"),
    };
    let lines = engine.administration.log(actor, &query).await?;
    Ok((lines, query))
}

/// The log.
pub fn view((Page { rows, next }, query): (Page<AuditLine>, AuditQuery)) -> impl IntoView {
    let t = lang();
    head::title(t.audit());
    let options = AuditAction::ALL
        .iter()
        .map(|action| {
            let selected = query.action == Some(*action);
            view! { <option value=action.name() selected=selected>{t.audit_action(*action)}</option> }
        })
        .collect_view();
    let hidden = [("by", query.by), ("member", query.member)]
        .into_iter()
        .filter_map(|(name, member)| Some((name, member?)))
        .map(|(name, member)| view! { <input type="hidden" name=name value=member.to_string() /> })
        .collect_view();
    let all = (query.by.is_some() || query.member.is_some())
        .then(|| view! { <a class="link" href=paths::AUDIT>{t.audit_of_all()}</a> });
    let more = next_page(next.map(|next| paths::audit(&AuditQuery { before: Some(next), ..query.clone() })));
    let table = if rows.is_empty() {
        view! { <p class="none">{t.audit_empty()}</p> }.into_any()
    } else {
        audit_table(rows).into_any()
    };
    view! {
        <section class="admin">
            <AdminTabs page=paths::AUDIT />
            <h1>{t.audit()}</h1>
            <p class="note">{t.audit_hint()}</p>
            <form method="get" action=paths::AUDIT class="tools">
                {hidden}
                <select name="action" aria-label=t.audit_what()>
                    <option value="">{t.audit_all()}</option>
                    {options}
                </select>
                <button class="btn small">{t.find()}</button>
                {all}
            </form>
            {table}
            {more}
        </section>
    }
}
