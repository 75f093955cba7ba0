//! Which part of a picture is shown: chosen in the browser, cut by the server, the same rule for both.

use serde::{Deserialize, Serialize};

crate::id::ids! {
    /// An uploaded picture.
    PictureId
}

/// A part of a picture, whatever shape it is cut to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Crop {
    /// Where the part stands between left (0) and right (100).
    pub x: u32,
    /// Between top (0) and bottom (100).
    pub y: u32,
    /// How many times smaller than it could be, in percent: 100 to 400.
    pub zoom: u32,
}

impl Default for Crop {
    fn default() -> Crop {
        Crop { x: 50, y: 50, zoom: 100 }
    }
}

impl Crop {
    /// The largest zoom.
    pub const ZOOM: u32 = 400;

    /// From what the form's sliders say; as large as it could be around the middle for whatever is missing.
    pub fn of(x: &str, y: &str, zoom: &str) -> Crop {
        let whole = Crop::default();
        let number = |text: &str, default: u32, least, most| text.trim().parse().unwrap_or(default).clamp(least, most);
        Crop {
            x: number(x, whole.x, 0, 100),
            y: number(y, whole.y, 0, 100),
            zoom: number(zoom, whole.zoom, 100, Crop::ZOOM),
        }
    }

    /// The part of a picture of `width` by `height` pixels with the shape `to_width` to `to_height`: x, y, width, height.
    pub fn part(self, width: u32, height: u32, to_width: u32, to_height: u32) -> (u32, u32, u32, u32) {
        let [w, h, tw, th] = [width, height, to_width, to_height].map(u64::from);
        let (cut_w, cut_h) = if w * th > h * tw { (h * tw / th, h) } else { (w, w * th / tw) };
        let [cut_w, cut_h] = [cut_w, cut_h].map(|side| (side * 100 / u64::from(self.zoom.max(100))).max(1) as u32);
        let at = |side: u32, cut: u32, percent: u32| (side.saturating_sub(cut)) * percent.min(100) / 100;
        (at(width, cut_w, self.x), at(height, cut_h, self.y), cut_w, cut_h)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_part_lies_within_the_picture(
            width in 1u32..9000, height in 1u32..9000, x in 0u32..=100, y in 0u32..=100, zoom in 100u32..=400,
            to_width in 1u32..2000, to_height in 1u32..2000,
        ) {
            let (left, top, w, h) = Crop { x, y, zoom }.part(width, height, to_width, to_height);
            prop_assert!(w > 0 && h > 0 && left + w <= width && top + h <= height);
        }
    }

    #[test]
    fn nonsense_from_sliders_is_the_whole_middle() {
        assert_eq!(Crop::of("", "x", "-3"), Crop::default());
        assert_eq!(Crop::of("0", "900", "99999"), Crop { x: 0, y: 100, zoom: 400 });
        assert_eq!(Crop::default().part(1600, 900, 1, 1), (350, 0, 900, 900));
        assert_eq!(Crop { x: 0, y: 0, zoom: 200 }.part(1600, 900, 16, 9), (0, 0, 800, 450));
    }
}
