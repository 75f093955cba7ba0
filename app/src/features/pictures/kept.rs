//! Pictures that a form had before, each to keep or to leave out.

use crate::{boot::lang, forms::FormState};
use leptos::prelude::*;

/// A box for each of them, in the form's field `name`: what was typed says which are kept, once anything was.
pub fn kept_pictures(form: FormState, name: &'static str, addresses: Vec<String>) -> impl IntoView {
    let t = lang();
    let typed = form.value("request").map(|_| form.values(name));
    addresses
        .into_iter()
        .enumerate()
        .map(|(i, source)| {
            let checked = typed.as_ref().is_none_or(|typed| typed.contains(&source));
            view! {
                <label>
                    <img src=source.clone() alt="" width="96" height="96" loading="lazy" />
                    <input type="checkbox" name=name value=source checked=checked aria-label=t.keep_picture(i + 1) />
                </label>
            }
        })
        .collect_view()
}
