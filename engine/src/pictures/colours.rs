//! Colours as everybody's screen knows them: pictures may bring a profile that says what their numbers mean (ICC), and what is
//! shown of them brings none.

use image::RgbImage;
use moxcms::{ColorProfile, DataColorSpace, Layout, Transform8BitExecutor, TransformOptions};
use std::sync::Arc;

/// From a picture's own colours to sRGB.
pub(super) struct Colours {
    transform: Arc<Transform8BitExecutor>,
    grey: bool,
}

impl Colours {
    /// By a profile; `None` for one that cannot be read or is not for such a picture, as browsers have it.
    pub fn of(profile: &[u8], coloured: bool) -> Option<Colours> {
        let profile = ColorProfile::new_from_slice(profile).ok()?;
        let (layout, grey) = match profile.color_space {
            DataColorSpace::Rgb if coloured => (Layout::Rgb, false),
            DataColorSpace::Gray if !coloured => (Layout::Gray, true),
            _ => return None,
        };
        let srgb = ColorProfile::new_srgb();
        let transform = profile.create_transform_8bit(layout, &srgb, Layout::Rgb, TransformOptions::default()).ok()?;
        Some(Colours { transform, grey })
    }

    /// Converts what is shown: a few pixels of many.
    pub fn convert(&self, picture: &mut RgbImage) {
        let from: Vec<u8> = match self.grey {
            true => picture.pixels().map(|pixel| pixel.0[0]).collect(),
            false => picture.as_raw().clone(),
        };
        if let Err(error) = self.transform.transform(&from, picture) {
            tracing::warn!(%error, "a picture keeps its own colours");
        }
    }
}
