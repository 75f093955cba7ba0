//! Neighbours who buy together: parties around a place, a party's page, the form for a new one, the reader's own, and
//! the phone that comes before the first.

pub mod appeals;
mod card;
mod chat;
#[allow(missing_docs)] // The server macro makes public structs of the arguments.
pub mod functions;
mod item_field;
pub mod look;
mod map;
pub mod mine;
mod name;
pub mod nearby;
pub mod new;
pub mod party;
pub(super) mod paths;
pub mod phones;
mod terms;
mod texts;

pub(super) use card::{Card, away};
