//! What a change came to.

use serde::{Deserialize, Serialize};

/// What is answered when a change was made. As JSON: `{}`, or `{"to":"/events/…"}`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// The page to go on to; `None` for the one that holds the form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// What the answer does beside that.
    #[cfg(feature = "ssr")]
    #[serde(skip)]
    pub effects: Vec<Effect>,
}

/// What the server does when it answers.
#[cfg(feature = "ssr")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Says nothing: what was asked for is still to be done on the page that follows.
    SayNothing,
    /// Gives the browser the cookie of a session that took the place of its own.
    SignIn(String),
    /// Takes the session's cookie away.
    SignOut,
    /// Shows something on the page that follows, once, which nobody can read again.
    Once(String),
    /// Has the browser remember a value under a name.
    Remember(&'static str, &'static str),
}

impl Done {
    /// Done, and the reader stays where they are.
    pub fn here() -> Done {
        Done::default()
    }

    /// Done, and the reader goes on to a page of this site.
    pub fn to(page: impl Into<String>) -> Done {
        Done {
            to: Some(page.into()),
            #[cfg(feature = "ssr")]
            effects: Vec::new(),
        }
    }

    /// The same with an effect of the answer.
    #[cfg(feature = "ssr")]
    #[must_use]
    pub fn with(mut self, effect: Effect) -> Done {
        self.effects.push(effect);
        self
    }
}
