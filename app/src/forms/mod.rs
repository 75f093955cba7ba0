//! One way to change anything: a server function, called by the one form component.
//!
//! ```text
//! <ChangeForm> ─ with scripts ──► POST /api/<name>            200 and JSON: the page stays, says so, and is read again
//!              └ without ───────► POST <its page>?do=<name>   303 to where to go on, or the page again with what was typed
//! ```
//!
//! A function is declared once: `#[server(protocol = Change, …)]` makes it, [`change!`] says who may call it, from which
//! pages, which fields it reads, and what is said when it is done. Everything else follows from that: there is no route to add,
//! and its description for programs is made from it, with what its fields mean ([`Meaning`]).

mod component;
mod count;
mod done;
mod fields;
mod form;
#[cfg(feature = "ssr")]
mod meaning;
#[cfg(feature = "ssr")]
mod server;
mod state;
#[cfg(feature = "hydrate")]
mod submit;

pub use component::{ChangeForm, Toast};
pub use count::{first, over};
pub use done::Done;
#[cfg(feature = "ssr")]
pub use done::Effect;
pub use fields::{Area, Field, FormError, Tick};
pub use form::Form;
#[cfg(feature = "ssr")]
pub use meaning::Meaning;
#[cfg(feature = "ssr")]
pub use server::{Outcome, Registered};
pub use state::{FormState, RefusedForm, Toasts};

use crate::texts::Lang;
use model::Right;

/// The largest text of a form, in bytes.
pub const TEXT_LIMIT: usize = 128 << 10;
/// Files from which a list is chosen that somebody brings.
pub(crate) const LISTS: &str = ".xlsx,.csv,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet,text/csv";

/// What is said of a server function that changes something, beside what it does.
#[cfg_attr(feature = "ssr", derive(Debug))]
pub struct Declaration {
    /// Its fixed address, `/api/` and its name.
    pub path: &'static str,
    /// Who may call it: asked before anything of the form is read.
    pub right: Right,
    /// The largest files of its form, in bytes.
    pub files: usize,
    /// Patterns of the pages that hold its form, as the router writes them; none for what is on every page.
    pub pages: &'static [&'static str],
    /// What it reads of its form, and after that what its helpers read.
    #[cfg(feature = "ssr")]
    pub reads: &'static [&'static [FormField]],
    /// What is said when it is done.
    pub said: fn(Lang) -> &'static str,
    /// Whether it changes what every page knows (see [`Boot`](crate::boot::Boot)): then a page is loaded as a whole.
    pub whole: bool,
}

impl Declaration {
    /// The name in addresses.
    pub fn name(&self) -> &'static str {
        self.path.trim_start_matches("/api/")
    }
}

/// A field of a form, as the function declares it that reads it. Only the server knows of it.
#[cfg(feature = "ssr")]
#[derive(Debug)]
pub struct FormField {
    /// Its name.
    pub name: &'static str,
    /// Whether there may be several of it.
    pub many: bool,
    /// Whether it is a file.
    pub file: bool,
}

/// A server function that was declared by [`change!`].
pub trait Declared {
    /// What was declared.
    const DECLARATION: &'static Declaration;
}

/// The protocol of server functions that change something: a [`Form`] goes in, [`Done`] comes out.
pub struct Change;

/// Fields of a form: `form_fields!["text", "kept"*, "receipt" file, "pictures"* file]`. Of a name with `*` there may be several.
#[cfg(feature = "ssr")]
macro_rules! form_fields {
    ($($name:literal $(* $(@ $many:tt)?)? $(file $(@ $file:tt)?)?),*) => {
        &[$($crate::forms::FormField {
            name: $name,
            many: $crate::forms::form_fields!(@is $($($many)? so)?),
            file: $crate::forms::form_fields!(@is $($($file)? so)?),
        }),*]
    };
    (@is) => { false };
    (@is so) => { true };
}
#[cfg(feature = "ssr")]
pub(crate) use form_fields;

/// Declares a server function that changes something; without it the function does not compile.
///
/// ```ignore
/// change! { FillClaim: Active, pages: ["/events/:id/result"], fields: ["event", "consent"] + DELIVERY, said: claim_taken }
/// ```
/// Its fields are all that it reads, written as `form_fields!` takes them; after `+` stand those that helpers of several functions
/// read. After it may follow `, files: 10 << 20` and `, whole` (see [`Declaration::whole`]).
macro_rules! change {
    (
        $function:ident: $right:ident, pages: [$($page:literal),*], fields: [$($fields:tt)*] $(+ $more:ident)*, said: $said:ident
        $(, files: $files:expr)? $(, whole $(@ $whole:tt)?)?
    ) => {
        impl $crate::forms::Declared for $function {
            const DECLARATION: &'static $crate::forms::Declaration = &$crate::forms::Declaration {
                path: <$function as server_fn::ServerFn>::PATH,
                right: model::Right::$right,
                files: 0 $(+ $files)?,
                pages: &[$($page),*],
                #[cfg(feature = "ssr")]
                reads: &[$crate::forms::form_fields![$($fields)*], $($more),*],
                said: $crate::texts::Lang::$said,
                whole: change!(@whole $($($whole)? whole)?),
            };
        }

        #[cfg(feature = "ssr")]
        server_fn::inventory::submit! {
            $crate::forms::Registered(<$function as $crate::forms::Declared>::DECLARATION)
        }
    };
    (@whole) => { false };
    (@whole whole) => { true };
}
pub(crate) use change;

#[cfg(not(feature = "ssr"))]
mod client {
    //! Nobody calls these functions from the browser by hand: the form component sends what is in the page.

    use super::{Change, Declared, Done, Form};
    use crate::api::PageError;
    use model::Error;
    use server_fn::{Protocol, client::Client, server::Server};

    impl<F, C, S> Protocol<F, Done, C, S, PageError> for Change
    where
        F: Declared + From<Form> + Send,
        C: Client<PageError>,
        S: Server<PageError>,
    {
        const METHOD: http::Method = http::Method::POST;

        async fn run_server<B, R>(_: S::Request, _: B) -> Result<S::Response, PageError>
        where
            B: Fn(F) -> R + Send,
            R: Future<Output = Result<Done, PageError>> + Send,
        {
            Err(PageError(Error::Internal))
        }

        async fn run_client(_: &str, _: F) -> Result<Done, PageError> {
            Err(PageError(Error::Internal))
        }
    }
}
