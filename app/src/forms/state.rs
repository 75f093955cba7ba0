//! A form's state: what was typed, why it was refused, whether it is on its way.

use super::{Declaration, Declared};
use crate::boot::Refused;
use leptos::prelude::*;
use model::{Error, FieldError};
use serde::{Deserialize, Serialize};

/// A form that was refused without scripts: what was typed (never passwords) and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedForm {
    /// Address of the function, or of the plain form, that refused it.
    pub path: String,
    /// Which of the page's forms of this function.
    pub key: String,
    /// Why; `None` for what was typed before somebody signed in.
    pub error: Option<Error>,
    /// Name and value of each field, repeated names in order.
    pub typed: Vec<(String, String)>,
}

/// A form, as everything within it sees it.
#[derive(Clone, Copy)]
pub struct FormState {
    /// The function that it calls; `None` for a plain form.
    pub(super) declaration: Option<&'static Declaration>,
    pub(super) key: StoredValue<String>,
    typed: StoredValue<Vec<(String, String)>>,
    /// Why it was refused.
    pub error: RwSignal<Option<Error>>,
    /// Percent of it that was sent, while it is on its way.
    pub sent: RwSignal<Option<u32>>,
    /// Whether the page is read again once it is done.
    #[cfg_attr(not(feature = "hydrate"), allow(dead_code))]
    pub(super) read_again: bool,
}

impl FormState {
    /// The one form of a function on its page.
    pub fn of<F: Declared>() -> FormState {
        FormState::keyed::<F>(String::new())
    }

    /// One of several forms of a function on a page, each with a key of its own.
    pub fn keyed<F: Declared>(key: impl ToString) -> FormState {
        FormState::new(F::DECLARATION.path, Some(F::DECLARATION), key.to_string())
    }

    /// A plain form that is sent to `path`.
    pub fn plain(path: &str) -> FormState {
        FormState::new(path, None, String::new())
    }

    fn new(path: &str, declaration: Option<&'static Declaration>, key: String) -> FormState {
        let refused = use_context::<Refused>().and_then(|refused| refused.take(path, &key));
        let (error, typed) = refused.map(|form| (form.error, form.typed)).unwrap_or_default();
        FormState {
            declaration,
            key: StoredValue::new(key),
            typed: StoredValue::new(typed),
            error: RwSignal::new(error),
            sent: RwSignal::new(None),
            read_again: true,
        }
    }

    /// The same for what is shown by the form's own component: the page stays as it is, and whoever goes on by keyboard where
    /// they are.
    #[must_use]
    pub fn by_itself(self) -> FormState {
        FormState { read_again: false, ..self }
    }

    /// The id of a field in the document: those of forms with a key are apart from each other's.
    pub(super) fn id(self, name: &str) -> String {
        self.key.with_value(|key| if key.is_empty() { name.to_owned() } else { format!("{key}-{name}") })
    }

    /// What was typed into a field when the page was made.
    pub fn value(self, name: &str) -> Option<String> {
        self.values(name).into_iter().next()
    }

    /// What was typed into every field of one name.
    pub fn values(self, name: &str) -> Vec<String> {
        self.typed.with_value(|typed| {
            typed.iter().filter(|(field, _)| field == name).map(|(_, value)| value.clone()).collect()
        })
    }

    /// Whether a field is the first of those that were not taken when the page was made.
    pub(super) fn is_first_wrong(self, name: &str) -> bool {
        self.error.with_untracked(|error| match error {
            Some(Error::Invalid { fields }) => fields.0.first().is_some_and(|(field, _)| field == name),
            _ => false,
        })
    }

    /// Whether it was refused when the page was made: without scripts it came back like this, and what hides it is to be open.
    pub fn was_refused(self) -> bool {
        self.error.with_untracked(Option::is_some)
    }

    /// Why a field was not taken.
    pub fn field(self, name: &str) -> Option<FieldError> {
        self.error.with(|error| match error {
            Some(Error::Invalid { fields }) => fields.of(name).cloned(),
            _ => None,
        })
    }
}

/// What is said when something is done.
#[derive(Clone, Copy)]
pub struct Toasts(pub RwSignal<Option<String>>);
