//! Buttons beside what is shown: to hear of what is new of it.

use super::functions::{AddCategory, AddKeyword};
use crate::{
    boot::{boot, lang},
    forms::{ChangeForm, FormState},
};
use leptos::prelude::*;
use model::{Category, subscriptions::KEYWORD_LENGTH};

/// Subscribes to a category; nothing for visitors.
#[component]
pub fn AlertOfCategory(
    /// Which.
    category: Category,
) -> impl IntoView {
    let t = lang();
    boot().viewer.is_some().then(|| {
        view! {
            <ChangeForm state={FormState::of::<AddCategory>()} class="alert">
                <input type="hidden" name="category" value=category.name() />
                <button class="btn small ghost">{t.alert_of_category(t.category(category))}</button>
            </ChangeForm>
        }
    })
}

/// Subscribes to what was looked for; nothing for visitors, and for what is no keyword by its length.
#[component]
pub fn AlertOfKeyword(
    /// As it was typed.
    typed: String,
) -> impl IntoView {
    let t = lang();
    let (min, max) = KEYWORD_LENGTH;
    let fits = (min..=max).contains(&(typed.chars().count() as u64));
    (fits && boot().viewer.is_some()).then(|| {
        view! {
            <ChangeForm state={FormState::of::<AddKeyword>()} class="alert">
                <input type="hidden" name="keyword" value=typed.clone() />
                <button class="btn small ghost">{t.alert_of_keyword(typed)}</button>
            </ChangeForm>
        }
    })
}
