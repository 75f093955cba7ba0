//! Pictures: picked, cut and sent.

mod kept;
pub(super) mod paths;
mod picker;
mod texts;

pub use kept::kept_pictures;
pub use picker::{Part, Picked, PicturePicker};
