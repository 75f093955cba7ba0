//! The search: its page, and the box that suggests while one types.

mod field;
pub mod page;
mod recent;
mod texts;

pub use field::SearchField;
