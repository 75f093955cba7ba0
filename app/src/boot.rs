//! What every page knows from its first byte: who reads it, in which language, and what a refused form said.

use crate::texts::Lang;
use leptos::prelude::*;
use model::{Error, FieldError, Mode, Time};
use serde::{Deserialize, Serialize};

/// The signed-in reader.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Viewer {
    /// Their nickname.
    pub nickname: String,
    /// As the board shows it.
    pub board_name: String,
    /// Shopper or creator.
    pub mode: Mode,
    /// Whether they have a creator profile.
    pub creator: bool,
    /// Whether they look after the site.
    pub admin: bool,
    /// Notices they have not read.
    pub unread: u64,
}

/// The switch between light and dark.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Theme {
    /// As the system says.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// The name in forms, cookies and the `data-theme` attribute.
    pub fn name(self) -> &'static str {
        match self {
            Theme::System => "system",
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }
}

/// A form that was refused: what was typed (never passwords) and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedForm {
    /// The page that shows it again.
    pub page: String,
    /// Why.
    pub error: Error,
    /// Name and value of each field, repeated names in order.
    pub typed: Vec<(String, String)>,
}

/// Sent with every page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Boot {
    /// Who reads.
    pub viewer: Option<Viewer>,
    /// In which language.
    pub lang: Lang,
    /// Light or dark.
    pub theme: Theme,
    /// Whether this is a demonstration.
    pub demo: bool,
    /// Where the site is, such as `https://59.example`.
    pub origin: String,
    /// Server time when the page was made.
    pub now: Time,
    /// A form that was refused.
    pub refused: Option<RefusedForm>,
}

/// The page's [`Boot`].
pub fn boot() -> Boot {
    expect_context::<Boot>()
}

/// The page's language.
pub fn lang() -> Lang {
    boot().lang
}

/// What a form page shows again after it was refused.
#[derive(Debug, Clone, Default)]
pub struct FormState {
    /// Why the form was refused.
    pub error: Option<Error>,
    typed: Vec<(String, String)>,
}

impl FormState {
    /// Of the form on `page`.
    pub fn of(page: &str) -> FormState {
        match boot().refused {
            Some(refused) if refused.page == page => FormState { error: Some(refused.error), typed: refused.typed },
            _ => FormState::default(),
        }
    }

    /// What was typed into a field.
    pub fn value(&self, name: &str) -> Option<String> {
        self.typed.iter().find(|(field, _)| field == name).map(|(_, value)| value.clone())
    }

    /// What was typed into every field of one name.
    pub fn values(&self, name: &str) -> Vec<String> {
        self.typed.iter().filter(|(field, _)| field == name).map(|(_, value)| value.clone()).collect()
    }

    /// Why a field was not taken.
    pub fn field(&self, name: &str) -> Option<FieldError> {
        match &self.error {
            Some(Error::Invalid { fields }) => fields.of(name).cloned(),
            _ => None,
        }
    }
}
