//! Events as their creators run them.

mod creating;
mod editing;
pub mod selling;
mod sharing;
