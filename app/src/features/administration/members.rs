//! `/admin/members`: members, and who is looked for among them.

use super::{AdminTabs, parts::head_of};
#[cfg(feature = "ssr")]
use crate::{
    api::Reader,
    page::{Asked, Read},
};
use crate::{boot::lang, components::next_page, head, paths, texts::Lang};
use leptos::prelude::*;
use model::{
    Page, Role,
    administration::{MemberLine, MembersQuery, MembersShown},
};

/// Reads those that are asked for.
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<(Page<MemberLine>, MembersQuery)> {
    let query = MembersQuery {
        show: asked.query("show").map(MembersShown::named).unwrap_or_default(),
        find: asked.query("find").unwrap_or_default().to_owned(),
        before: asked.cursor("before"),
    };
    let Reader { engine, actor, .. } = &asked.reader;
    let members = engine.administration.members(actor, &query).await?;
    Ok((members, query))
}

/// How a member stands, in words.
pub(super) fn state_of(t: Lang, line: &MemberLine) -> String {
    match (line.suspended_at, line.suspended_until) {
        (None, _) => t.member_ok().to_owned(),
        (Some(_), None) => t.member_is_suspended().to_owned(),
        (Some(_), Some(until)) => t.suspended_until(t.moment(until)),
    }
}

/// What a member may do, in a word.
pub(super) fn role_of(t: Lang, line: &MemberLine) -> &'static str {
    match line.role {
        Role::Admin => t.role_admin(),
        Role::Member if line.creator => t.role_creator(),
        Role::Member => t.role_member(),
    }
}

/// The admin's list.
pub fn view((Page { rows, next }, query): (Page<MemberLine>, MembersQuery)) -> impl IntoView {
    let t = lang();
    head::title(t.admin_members());
    let looking = !query.find.is_empty();
    let tabs = MembersShown::ALL
        .into_iter()
        .map(|show| {
            let on = (!looking && show == query.show).then_some("true");
            let address = paths::members(&MembersQuery { show, ..MembersQuery::default() });
            view! { <a class="tab" href=address aria-current=on>{t.members_shown(show)}</a> }
        })
        .collect_view();
    let more = next_page(next.map(|next| paths::members(&MembersQuery { before: Some(next), ..query.clone() })));
    let none = if looking { t.nobody_here() } else { t.no_member_listed() };
    let empty = rows.is_empty().then(|| view! { <p class="none">{none}</p> });
    let table = (!rows.is_empty()).then(|| {
        let rows = rows
            .into_iter()
            .map(|line| {
                let (state, role) = (state_of(t, &line), role_of(t, &line));
                view! {
                    <tr class:failing=line.suspended_at.is_some()>
                        <th scope="row"><a href=paths::admin_member(line.id)>{line.nickname}</a></th>
                        <td data-label=t.member_role()>{role}</td>
                        <td data-label=t.account_state()>{state}</td>
                        <td data-label=t.member_since()>{t.moment(line.created_at)}</td>
                    </tr>
                }
            })
            .collect_view();
        let head = head_of(vec![t.admin_members(), t.member_role(), t.account_state(), t.member_since()]);
        view! { <table>{head}<tbody>{rows}</tbody></table> }
    });
    view! {
        <section class="admin">
            <AdminTabs page=paths::MEMBERS />
            <h1>{t.admin_members()}</h1>
            <form method="get" action=paths::MEMBERS role="search" class="tools">
                <input name="find" type="search" aria-label=t.find_member() aria-describedby="find-member" placeholder=t.find_member() value=query.find />
                <button class="btn small">{t.find()}</button>
            </form>
            <p class="note" id="find-member">{t.find_member_hint()}</p>
            <nav class="tabs" aria-label=t.admin_members()>{tabs}</nav>
            {empty}
            {table}
            {more}
        </section>
    }
}
