//! Markets and items: a market's page, one that a member adds, what the reader marked of them, and lists that admins bring.

mod add;
pub mod correct;
pub mod correct_item;
mod favourite;
pub mod favourites;
#[allow(missing_docs)] // The server macro makes public structs of the arguments.
pub mod functions;
pub mod items;
pub mod lists;
pub mod market;
pub(super) mod paths;
mod texts;

pub use add::AddAMarket;
pub use favourite::{Favourite, Marked};
pub use functions::AddMarket;
