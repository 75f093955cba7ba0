//! Markets and items: lists that admins bring.

#[allow(missing_docs)] // The server macro makes public structs of the arguments.
pub mod functions;
pub mod lists;
mod texts;
