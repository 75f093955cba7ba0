//! Giveaways: one's own result and entries, the creator's table.

mod entrants;
mod entries;
#[allow(missing_docs)] // The server macro makes public structs of the arguments.
pub mod functions;
mod result;
mod texts;

pub use entrants::EntrantsPage;
pub use entries::Entries;
pub use result::ResultPage;
