//! What every page knows from its first byte: who reads it, in which language, and what became of the last form.

use crate::{forms::RefusedForm, texts::Lang};
use leptos::prelude::*;
#[cfg(feature = "ssr")]
use model::Error;
use model::{Mode, PictureId, Time};
use serde::{Deserialize, Serialize};

/// The signed-in reader.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Viewer {
    /// Their nickname.
    pub nickname: String,
    /// As the board shows it.
    pub board_name: String,
    /// Their picture.
    pub picture: Option<PictureId>,
    /// Shopper or creator.
    pub mode: Mode,
    /// Whether they have a creator profile.
    pub creator: bool,
    /// Whether they look after the site.
    pub admin: bool,
    /// Whether they are to accept another version of the terms or the privacy policy.
    pub terms_due: bool,
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
    /// In the order of the switch.
    pub const ALL: [Theme; 3] = [Theme::System, Theme::Light, Theme::Dark];

    /// The name in forms, cookies and the `data-theme` attribute.
    pub fn name(self) -> &'static str {
        match self {
            Theme::System => "system",
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }

    /// Which of the two a page may come in, as `color-scheme` has it: what a browser paints before the style sheet is there.
    #[cfg(feature = "ssr")]
    pub fn schemes(self) -> &'static str {
        match self {
            Theme::System => "light dark",
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }
}

/// What was typed into a form by somebody who had to sign in first: it goes on afterwards, when they say so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carried {
    /// Where the form goes to.
    pub to: String,
    /// Name and value of each field.
    pub typed: Vec<(String, String)>,
    /// The same as one text, for a hidden field.
    pub text: String,
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
    /// Whether visitors can be its admin.
    pub demo_admin: bool,
    /// Where the site is, such as `https://59.example`.
    pub origin: String,
    /// Server time when the page was made.
    pub now: Time,
    /// The page's address on this site, without a form that was sent there (see [`crate::paths::page_of`]).
    pub here: String,
    /// A form that was refused.
    pub refused: Option<RefusedForm>,
    /// A form that waits for its sender to sign in.
    pub carried: Option<Carried>,
    /// What was done a moment ago.
    pub said: Option<String>,
    /// In a messenger's built-in browser: the address that opens this page in the phone's own; empty where only its reader can.
    pub outside: Option<String>,
}

/// The page's [`Boot`].
pub fn boot() -> Boot {
    expect_context::<Boot>()
}

/// The page's address on this site.
pub fn here() -> String {
    boot().here
}

/// The page's language.
pub fn lang() -> Lang {
    // Asked for by every part of every card: nothing else of it is copied.
    with_context(|boot: &Boot| boot.lang).expect("every page has its `Boot`")
}

/// The page's refused form, for the form that it is about: shown once, since who goes elsewhere and comes back begins anew.
#[derive(Clone, Copy)]
pub struct Refused {
    form: StoredValue<Option<RefusedForm>>,
    #[cfg(feature = "ssr")]
    taken: StoredValue<bool>,
}

impl Refused {
    /// Of a page.
    pub fn of(boot: &Boot) -> Refused {
        Refused {
            form: StoredValue::new(boot.refused.clone()),
            #[cfg(feature = "ssr")]
            taken: StoredValue::new(false),
        }
    }

    /// What was refused of the form that is sent to `path`.
    pub fn take(self, path: &str, key: &str) -> Option<RefusedForm> {
        let is_it = |form: &mut RefusedForm| form.path == path && form.key == key;
        // The server may make a part of a page twice, and makes each page for one reader.
        #[cfg(feature = "ssr")]
        return self.form.get_value().filter(|form| is_it(&mut form.clone())).inspect(|_| self.taken.set_value(true));
        #[cfg(not(feature = "ssr"))]
        self.form.try_update_value(|refused| refused.take_if(is_it)).flatten()
    }

    /// Why something was refused that no form of the whole page took.
    #[cfg(feature = "ssr")]
    pub fn untaken(self) -> Option<Error> {
        let form = self.form.get_value().filter(|_| !self.taken.get_value())?;
        form.error
    }
}
