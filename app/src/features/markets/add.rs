//! The form by which a member adds a market.

use super::functions::AddMarket;
use crate::{
    boot::lang,
    forms::{ChangeForm, Field, FormState},
};
use leptos::prelude::*;
use model::MarketKind;

/// The form, folded away until it is wanted.
#[component]
pub fn AddAMarket() -> impl IntoView {
    let t = lang();
    let form = FormState::of::<AddMarket>();
    let chosen = form.value("kind");
    let kinds = MarketKind::ALL
        .iter()
        .map(|kind| {
            let selected = chosen.as_deref() == Some(kind.name());
            view! { <option value=kind.name() selected=selected>{t.market_kind(*kind)}</option> }
        })
        .collect_view();
    view! {
        <details open=form.error.with_untracked(Option::is_some)>
            <summary>{t.add_market()}</summary>
            <p class="note">{t.add_market_hint()}</p>
            <ChangeForm state=form class="claim">
                <Field form name="name" label=t.market_name() required=true maxlength=50 />
                <div class="choice">
                    <label for="kind">{t.market_sort()}</label>
                    <select id="kind" name="kind">{kinds}</select>
                </div>
                <Field form name="address" label=t.market_road() required=true maxlength=120 />
                <Field form name="latitude" label=t.market_latitude() inputmode="decimal" />
                <Field form name="longitude" label=t.market_longitude() inputmode="decimal" />
                <button class="btn small">{t.add()}</button>
            </ChangeForm>
        </details>
    }
}
