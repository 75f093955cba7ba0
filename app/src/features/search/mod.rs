//! The search: its page, and the box that suggests while one types.

mod field;
pub mod page;
pub(super) mod paths;
mod ranked;
mod recent;
mod texts;

pub use field::SearchField;
pub use ranked::Ranked;
