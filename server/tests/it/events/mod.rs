//! Events as their creators run them.

mod creating;
mod editing;
mod selling;
mod sharing;
