//! The choice of whoever pays.

use crate::boot::lang;
#[cfg(feature = "ssr")]
use crate::{
    api::PageError,
    forms::{Form, FormField, form_fields},
};
use leptos::prelude::*;
use model::PayWay;

/// The field that [`way`] reads.
#[cfg(feature = "ssr")]
pub(crate) const WAY: &[FormField] = form_fields!["by"];

/// The way that was chosen; where there is one alone nobody was asked.
///
/// # Errors
/// For a name that no way has.
#[cfg(feature = "ssr")]
pub(crate) fn way(form: &Form) -> Result<Option<PayWay>, PageError> {
    let name = Some(form.text("by")).filter(|name| !name.is_empty());
    Ok(name.map(|name| PayWay::named(name).ok_or(model::Error::Malformed)).transpose()?)
}

/// Through whom to pay, where there is a choice: the one used last is chosen already.
#[component]
pub fn Ways(ways: Vec<PayWay>) -> impl IntoView {
    let t = lang();
    let choices = |ways: Vec<PayWay>| {
        ways.into_iter()
            .enumerate()
            .map(|(place, way)| {
                view! {
                    <label class="consent">
                        <input type="radio" name="by" value=way.name() checked={place == 0} />
                        <span>{t.way(way)}</span>
                    </label>
                }
            })
            .collect_view()
    };
    (ways.len() > 1).then(|| {
        view! {
            <fieldset class="ways">
                <legend>{t.pay_with()}</legend>
                {choices(ways)}
            </fieldset>
        }
    })
}
