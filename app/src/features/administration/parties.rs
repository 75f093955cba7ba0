//! `/admin/parties`: everybody's parties, and calling one off.

use super::{AdminTabs, functions::CancelAnyParty, parts::parties_table};
#[cfg(feature = "ssr")]
use crate::{
    api::Reader,
    page::{Asked, Read},
};
use crate::{
    boot::lang,
    forms::{ChangeForm, Field, FormState},
    head, paths,
};
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
    let tabs = Listed::ALL
        .into_iter()
        .map(|one| {
            let on = (one == listed).then_some("true");
            view! { <a class="tab" href=paths::admin_listed(paths::ADMIN_PARTIES, one, None) aria-current=on>{t.listed(one)}</a> }
        })
        .collect_view();
    let more = next.map(|next| {
        let address = paths::admin_listed(paths::ADMIN_PARTIES, listed, Some(&next));
        view! { <nav class="pages"><a class="btn small" href=address>{t.more()}</a></nav> }
    });
    let table = if rows.is_empty() {
        view! { <p class="none">{t.no_party_here()}</p> }.into_any()
    } else {
        parties_table(rows, cancel).into_any()
    };
    view! {
        <section class="admin">
            <AdminTabs page=paths::ADMIN_PARTIES />
            <h1>{t.admin_parties()}</h1>
            <nav class="tabs" aria-label=t.admin_parties()>{tabs}</nav>
            {table}
            {more}
        </section>
    }
}

/// Calling a party off, while it is to come.
fn cancel(party: &PartyRow) -> AnyView {
    let t = lang();
    if !party.state.is_open() {
        return ().into_any();
    }
    let form = FormState::keyed::<CancelAnyParty>(party.id);
    let id = party.id.to_string();
    view! {
        <details class="danger" open=form.was_refused()>
            <summary>{t.cancel_any_party()}</summary>
            <ChangeForm state=form>
                <input type="hidden" name="party" value=id />
                <Field form name="reason" label=t.admin_reason() hint=t.cancel_any_party_hint() required=true maxlength=200 />
                <button class="btn small">{t.cancel_any_party()}</button>
            </ChangeForm>
        </details>
    }
    .into_any()
}
