//! Uploads decoded within limits, cropped and resized, and written anew, so that no metadata survives.

use super::SIZES;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, imageops::FilterType};
use model::{Crop, FieldError};
use std::io::Cursor;

/// The widest and highest picture decoded, in pixels.
const MAX_SIDE: u32 = 8192;
/// The most memory that decoding one picture may take, in bytes.
const MAX_MEMORY: u64 = 256 << 20;

/// Both sizes as JPEG.
pub(super) fn resize(bytes: Vec<u8>, crop: Crop) -> Result<Vec<Vec<u8>>, FieldError> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(|_| FieldError::NotAPicture)?;
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height, limits.max_alloc) =
        (Some(MAX_SIDE), Some(MAX_SIDE), Some(MAX_MEMORY));
    reader.limits(limits.clone());
    let refuse = |error| match error {
        image::ImageError::Limits(_) => FieldError::TooLarge,
        _ => FieldError::NotAPicture,
    };
    let mut decoder = reader.into_decoder().map_err(refuse)?;
    let (width, height) = decoder.dimensions();
    if width > MAX_SIDE || height > MAX_SIDE || decoder.total_bytes() > MAX_MEMORY {
        return Err(FieldError::TooLarge);
    }
    decoder.set_limits(limits).map_err(refuse)?;
    // Cameras write which side is up beside the pixels, and that is not kept.
    let orientation = decoder.orientation().map_err(refuse)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(refuse)?;
    picture.apply_orientation(orientation);
    let write = |(_, width, height): &(&str, u32, u32)| {
        // Cropped first: scaled first, a picture of one row would grow to gigabytes.
        let (x, y, w, h) = crop.part(picture.width(), picture.height(), *width, *height);
        let fitted = picture.crop_imm(x, y, w, h).resize_exact(*width, *height, FilterType::Triangle);
        let mut out = Cursor::new(Vec::new());
        let rgb = DynamicImage::ImageRgb8(fitted.into_rgb8());
        rgb.write_to(&mut out, ImageFormat::Jpeg).map_err(|_| FieldError::NotAPicture)?;
        Ok(out.into_inner())
    };
    SIZES.iter().map(write).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut out = Cursor::new(Vec::new());
        DynamicImage::new_rgb8(width, height).write_to(&mut out, ImageFormat::Png).unwrap();
        out.into_inner()
    }

    #[test]
    fn a_picture_comes_in_two_sizes() {
        let made = resize(png(300, 200), Crop::default()).unwrap();
        let sizes: Vec<_> =
            made.iter().map(|b| image::load_from_memory(b).map(|p| (p.width(), p.height())).unwrap()).collect();
        assert_eq!(sizes, [(1280, 720), (640, 640)]);
    }

    #[test]
    fn a_bomb_is_refused_before_it_is_decoded() {
        // A header that promises 60,000 by 60,000 pixels: ten gigabytes.
        let mut bomb = png(8, 8);
        bomb[16..20].copy_from_slice(&60_000u32.to_be_bytes());
        bomb[20..24].copy_from_slice(&60_000u32.to_be_bytes());
        let crc = crc32(&bomb[12..29]);
        bomb[29..33].copy_from_slice(&crc.to_be_bytes());
        assert_eq!(resize(bomb, Crop::default()), Err(FieldError::TooLarge));
    }

    #[test]
    fn a_picture_of_one_row_stays_small() {
        for (width, height) in [(8192, 1), (1, 8192), (1, 1)] {
            assert_eq!(resize(png(width, height), Crop::default()).unwrap().len(), 2, "{width} x {height}");
        }
    }

    /// CRC-32 of PNG chunks (ISO 3309).
    fn crc32(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0u32, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |c, _| if c & 1 == 1 { c >> 1 ^ 0xEDB8_8320 } else { c >> 1 })
        })
    }

    proptest! {
        #[test]
        fn what_is_no_picture_is_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            prop_assert_eq!(resize(bytes, Crop::default()), Err(FieldError::NotAPicture));
        }
    }
}
