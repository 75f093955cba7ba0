//! The fields of a party's terms, in the form for a new one and in that for changing it.

use crate::{
    boot::lang,
    forms::{Area, Field, FormState},
};
use leptos::prelude::*;
use model::parties::PartyView;

/// Quantity, price, shares, meeting and note.
#[component]
pub(super) fn Terms(
    /// The form.
    form: FormState,
    /// What they start with; of a party that there is.
    #[prop(optional)]
    party: Option<PartyView>,
) -> impl IntoView {
    let t = lang();
    let start = |of: fn(&PartyView) -> String| party.as_ref().map(of).unwrap_or_default();
    let own = |party: &PartyView| {
        party.members.iter().find(|line| line.leader).map_or(String::new(), |line| line.shares.to_string())
    };
    // A box that is not ticked is not sent: of a form that came back, what is missing was not.
    let checked = match form.value("quantity") {
        Some(_) => form.value("automatic").is_some(),
        None => party.as_ref().is_none_or(|party| party.automatic),
    };
    let or = |value: String, otherwise: &str| if value.is_empty() { otherwise.to_owned() } else { value };
    view! {
        <Field form name="quantity" label=t.party_quantity() inputmode="numeric" required=true value=start(|party| party.quantity.to_string()) />
        <Field form name="unit" label=t.party_unit() hint=t.party_unit_hint() required=true maxlength=20 value=start(|party| party.unit.clone()) />
        <Field form name="total" label=t.party_total() inputmode="numeric" required=true value=start(|party| party.total.to_string()) />
        <Field form name="wanted" label=t.party_wanted() hint=t.party_wanted_hint() inputmode="numeric" required=true value=or(start(|party| party.card.wanted.to_string()), "3") />
        <Field form name="own" label=t.party_own() inputmode="numeric" value=or(start(own), "1") />
        <Field form name="least" label=t.party_least() hint=t.party_least_hint() inputmode="numeric" value=or(start(|party| party.least.to_string()), "2") />
        <Field form name="from" label=t.party_from() kind="datetime-local" required=true value=start(|party| party.card.meets.from.to_local()) />
        <Field form name="to" label=t.party_to() kind="datetime-local" required=true value=start(|party| party.card.meets.to.to_local()) />
        <Area form name="note" label=t.party_note() value=start(|party| party.note.clone()) />
        <label class="consent"><input type="checkbox" name="automatic" value="yes" checked=checked /><span>{t.party_automatic()}</span></label>
        <p class="note">{t.party_rule()}</p>
    }
}
