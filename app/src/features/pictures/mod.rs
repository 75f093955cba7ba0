//! Pictures: picked, cut and sent.

mod picker;

pub use picker::{Part, Picked, PicturePicker};
