//! Pictures: picked, cut and sent.

mod picker;
mod texts;

pub use picker::{Part, Picked, PicturePicker};
