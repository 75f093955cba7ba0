//! Pictures: picked, cut and sent.

pub(super) mod paths;
mod picker;
mod texts;

pub use picker::{Part, Picked, PicturePicker};
