//! Leptos, under its own name for all of our crates, and in the browser with another way to erase the type of a view.
//!
//! A view whose type is erased carries a function for each thing that may be done with it, used or not, and each of them is
//! compiled for each type. Waiting while a document is taken over (`hydrate_async`) is most of that code, and no page of ours
//! ever waits: its code and what it shows are there before it begins. What `view!` erases is therefore wrapped in `AtOnce`,
//! which can only be taken over at once.

pub use leptos_itself::*;

/// What every module of ours uses.
pub mod prelude {
    #[cfg(feature = "hydrate")]
    pub use crate::at_once::{IntoAny, IntoMaybeErased};
    pub use leptos_itself::prelude::*;
}

#[cfg(feature = "hydrate")]
mod at_once;
