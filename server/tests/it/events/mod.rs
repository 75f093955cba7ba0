//! Events as their creators run them.

mod creating;
mod editing;
mod sharing;
