//! `/admin/parties`: everybody's parties, and calling one off.

use super::{
    AdminTabs,
    functions::CancelAnyParty,
    parts::{listed_tabs, parties_table, reason_form},
};
#[cfg(feature = "ssr")]
use crate::{
    api::Reader,
    page::{Asked, Read},
};
use crate::{boot::lang, components::next_page, forms::FormState, head, paths};
use leptos::prelude::*;
use model::{
    Page,
    administration::{Listed, PartyRow},
};

/// Reads those that are asked for.
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<(Page<PartyRow>, Listed)> {
    let Reader { engine, actor, .. } = &asked.reader;
    let listed = asked.query("show").map(Listed::named).unwrap_or_default();
    let parties = engine.administration.parties(actor, listed, asked.cursor("after").as_ref()).await?;
    Ok((parties, listed))
}

/// The admin's list.
pub fn view((Page { rows, next }, listed): (Page<PartyRow>, Listed)) -> impl IntoView {
    let t = lang();
    head::title(t.admin_parties());
    let tabs = listed_tabs(paths::ADMIN_PARTIES, t.admin_parties(), Some(listed));
    let more = next_page(next.map(|next| paths::admin_listed(paths::ADMIN_PARTIES, listed, Some(&next))));
    let table = if rows.is_empty() {
        view! { <p class="none">{t.no_party_here()}</p> }.into_any()
    } else {
        parties_table(rows, cancel).into_any()
    };
    view! {
        <section class="admin">
            <AdminTabs page=paths::ADMIN_PARTIES />
            <h1>{t.admin_parties()}</h1>
            {tabs}
            {table}
            {more}
        </section>
    }
}

/// Calling a party off, while that can be done.
fn cancel(party: &PartyRow) -> AnyView {
    if !party.to_come {
        return ().into_any();
    }
    let (t, form) = (lang(), FormState::keyed::<CancelAnyParty>(party.id));
    reason_form(form, ("party", party.id.to_string()), t.cancel_any_party(), t.cancel_any_party_hint())
}
