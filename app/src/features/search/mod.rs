//! The search: its page, and the box that suggests while one types.

mod field;
pub mod page;
mod ranked;
mod recent;
mod texts;

pub use field::SearchField;
pub use ranked::Ranked;
