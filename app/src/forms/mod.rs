//! One way to change anything: a server function, called by the one form component.
//!
//! ```text
//! <ChangeForm> ─ with scripts ──► POST /api/<name>            200 and JSON: the page stays, says so, and is read again
//!              └ without ───────► POST <its page>?do=<name>   303 to where to go on, or the page again with what was typed
//! ```
//!
//! A function is declared once: `#[server(protocol = Change, …)]` makes it, [`change!`] says who may call it, from which
//! pages, and what is said when it is done. Everything else follows from that: there is no route to add.

mod component;
mod count;
mod done;
mod fields;
mod form;
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
pub use server::{Outcome, Registered};
pub use state::{FormState, RefusedForm, Toasts};

use crate::texts::Lang;
use model::Right;

/// The largest text of a form, in bytes.
pub const TEXT_LIMIT: usize = 128 << 10;

/// What is said of a server function that changes something, beside what it does.
pub struct Declaration {
    /// Its fixed address, `/api/` and its name.
    pub path: &'static str,
    /// Who may call it: asked before anything of the form is read.
    pub right: Right,
    /// The largest files of its form, in bytes.
    pub files: usize,
    /// Patterns of the pages that hold its form, as the router writes them; none for what is on every page.
    pub pages: &'static [&'static str],
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

/// A server function that was declared by [`change!`].
pub trait Declared {
    /// What was declared.
    const DECLARATION: &'static Declaration;
}

/// The protocol of server functions that change something: a [`Form`] goes in, [`Done`] comes out.
pub struct Change;

/// Declares a server function that changes something; without it the function does not compile.
///
/// ```ignore
/// change! { FillClaim: Active, pages: ["/events/:id/result"], said: claim_taken }
/// ```
/// After it may follow `, whole` (see [`Declaration::whole`]) and `, files: 10 << 20`.
macro_rules! change {
    ($function:ident: $right:ident, pages: [$($page:literal),*], said: $said:ident $(, files: $files:expr)? $(, whole $(@ $whole:tt)?)?) => {
        impl $crate::forms::Declared for $function {
            const DECLARATION: &'static $crate::forms::Declaration = &$crate::forms::Declaration {
                path: <$function as server_fn::ServerFn>::PATH,
                right: model::Right::$right,
                files: 0 $(+ $files)?,
                pages: &[$($page),*],
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
