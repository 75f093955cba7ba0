//! Pictures: picked, cut and sent.

mod kept;
mod picker;
mod texts;

pub use kept::kept_pictures;
pub use picker::{Part, Picked, PicturePicker};
