//! Uploads decoded within limits, cropped and resized, and written anew, so that no metadata survives.

use super::SIZES;
use image::{
    DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, RgbImage,
    imageops::{self, FilterType},
};
use model::{Crop, FieldError};
use std::io::Cursor;

/// The most pixels of a picture that is decoded: what a camera of 24 megapixels makes, and a little more.
const MAX_PIXELS: u64 = 25_000_000;
/// The longest side: nobody's picture is one row of pixels.
const MAX_SIDE: u32 = 50_000;
/// The most pixels of a picture in detail, across and down: as wide as a page on a sharp screen, and high enough for one with
/// a text in it.
const DETAIL: (u32, u32) = (1280, 4000);
/// The most memory that decoding one picture may take, in bytes.
const MAX_MEMORY: u64 = 240 << 20;

/// Both sizes as JPEG.
pub(super) fn resize(bytes: Vec<u8>, crop: Crop) -> Result<Vec<Vec<u8>>, FieldError> {
    let picture = decode(bytes)?;
    let write = |(_, width, height): &(&str, u32, u32)| {
        // Cropped first: scaled first, a picture of one row would grow to gigabytes.
        let (x, y, w, h) = crop.part(picture.width(), picture.height(), *width, *height);
        let part = imageops::crop_imm(&picture, x, y, w, h);
        jpeg(&imageops::resize(&*part, *width, *height, FilterType::Triangle))
    };
    SIZES.iter().map(write).collect()
}

/// The whole picture as JPEG, scaled down where it is wider or higher than a page shows.
pub(super) fn whole(bytes: Vec<u8>) -> Result<Vec<u8>, FieldError> {
    let picture = decode(bytes)?;
    let (width, height) = picture.dimensions();
    let (w, h) = fitted(width, height);
    if (w, h) == (width, height) {
        return jpeg(&picture);
    }
    jpeg(&imageops::resize(&picture, w, h, FilterType::Triangle))
}

/// The size of a picture that is no larger than [`DETAIL`], in its own shape.
fn fitted(width: u32, height: u32) -> (u32, u32) {
    let [w, h, most_w, most_h] = [width, height, DETAIL.0, DETAIL.1].map(u64::from);
    // What is too wide for its height is cut to the width, and the other way round.
    let (w, h) = match (w > most_w, h > most_h) {
        (false, false) => (w, h),
        _ if w * most_h > h * most_w => (most_w, h * most_w / w),
        _ => (w * most_h / h, most_h),
    };
    (w.max(1) as u32, h.max(1) as u32)
}

fn jpeg(picture: &RgbImage) -> Result<Vec<u8>, FieldError> {
    let mut out = Cursor::new(Vec::new());
    picture.write_to(&mut out, ImageFormat::Jpeg).map_err(|_| FieldError::NotAPicture)?;
    Ok(out.into_inner())
}

/// The pixels of an upload, the right side up.
fn decode(bytes: Vec<u8>) -> Result<RgbImage, FieldError> {
    let beside = beside(&bytes);
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
    let pixels = u64::from(width) * u64::from(height);
    if width.max(height) > MAX_SIDE || pixels > MAX_PIXELS || decoder.total_bytes() + pixels * beside > MAX_MEMORY {
        return Err(FieldError::TooLarge);
    }
    decoder.set_limits(limits).map_err(refuse)?;
    // Cameras write which side is up beside the pixels, and that is not kept.
    let orientation = decoder.orientation().map_err(refuse)?;
    let picture = DynamicImage::from_decoder(decoder).map_err(refuse)?;
    // Before anything is copied: what was decoded may have eight bytes a pixel.
    let mut picture = DynamicImage::ImageRgb8(picture.into_rgb8());
    picture.apply_orientation(orientation);
    Ok(picture.into_rgb8())
}

/// What decoding takes beside the picture itself, in bytes a pixel: a progressive JPEG comes in passes over all of it, and what
/// they refine is kept, two bytes for each of up to four colours (ITU-T T.81).
fn beside(bytes: &[u8]) -> u64 {
    /// Markers that begin a frame which comes in passes.
    const PROGRESSIVE: [u8; 4] = [0xC2, 0xC6, 0xCA, 0xCE];
    let Some(mut rest) = bytes.strip_prefix(&[0xFF, 0xD8]) else { return 0 };
    // Segments, each with its length, until the one of the frame.
    while let [0xFF, marker, high, low, ..] = rest {
        if PROGRESSIVE.contains(marker) {
            let colours = rest.get(9).copied().unwrap_or(4);
            return 2 * u64::from(colours.clamp(1, 4));
        }
        match marker {
            // Fill bytes, and markers without a length.
            0xFF => rest = &rest[1..],
            0x01 | 0xD0..=0xD8 => rest = &rest[2..],
            // The frame, or the pixels.
            0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF | 0xD9 | 0xDA => return 0,
            _ => rest = rest.get(2 + usize::from(u16::from_be_bytes([*high, *low]))..).unwrap_or_default(),
        }
    }
    0
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
    fn a_picture_in_detail_keeps_its_shape() {
        assert_eq!(fitted(640, 480), (640, 480), "nothing is made larger");
        assert_eq!(fitted(2560, 1000), (1280, 500));
        assert_eq!(fitted(1280, 8000), (640, 4000));
        assert_eq!((fitted(50_000, 1), fitted(1, 50_000)), ((1280, 1), (1, 4000)));
        let made = image::load_from_memory(&whole(png(2000, 300)).unwrap()).unwrap();
        assert_eq!((made.width(), made.height()), (1280, 192));
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

    /// The beginning of a JPEG of this size, sequential or progressive, with so many colours.
    fn jpeg_head(frame: u8, width: u16, height: u16, colours: u8) -> Vec<u8> {
        // An application's segment before the frame, as cameras write.
        let mut bytes = vec![0xFF, 0xD8, 0xFF, 0xE0, 0, 6, 1, 2, 3, 4, 0xFF, frame, 0, 8 + 3 * colours, 8];
        bytes.extend(height.to_be_bytes());
        bytes.extend(width.to_be_bytes());
        bytes.push(colours);
        (1..=colours).for_each(|colour| bytes.extend([colour, 0x11, 0]));
        // The first scan, without anything in it.
        bytes.extend([0xFF, 0xDA, 0, 6 + 2 * colours, colours]);
        (1..=colours).for_each(|colour| bytes.extend([colour, 0]));
        bytes.extend([0, if frame == 0xC2 { 0 } else { 63 }, 0]);
        bytes
    }

    #[test]
    fn a_jpeg_that_comes_in_passes_is_counted_with_what_they_keep() {
        assert_eq!(beside(&jpeg_head(0xC0, 10, 10, 3)), 0);
        assert_eq!(beside(&jpeg_head(0xC2, 10, 10, 3)), 6);
        assert_eq!(beside(&jpeg_head(0xC2, 10, 10, 1)), 2);
        assert_eq!(beside(&png(10, 10)), 0);
        assert_eq!(beside(&jpeg_head(0xC2, 10, 10, 4)), 8);
        for head in 0..64 {
            // Whatever is cut off.
            let whole = jpeg_head(0xC2, 10, 10, 3);
            beside(&whole[..whole.len().min(head)]);
        }
    }

    #[test]
    fn pixels_count_and_sides_hardly_do() {
        // A JPEG whose head promises 64 megapixels, below 8,192 a side.
        let mut out = Cursor::new(Vec::new());
        DynamicImage::new_rgb8(8, 8).write_to(&mut out, ImageFormat::Jpeg).unwrap();
        let mut bytes = out.into_inner();
        let frame = bytes.windows(2).position(|marker| marker == [0xFF, 0xC0]).unwrap();
        bytes[frame + 5..frame + 7].copy_from_slice(&8000u16.to_be_bytes());
        bytes[frame + 7..frame + 9].copy_from_slice(&8000u16.to_be_bytes());
        assert_eq!(resize(bytes, Crop::default()), Err(FieldError::TooLarge));
        assert_eq!(resize(png(12_000, 20), Crop::default()).unwrap().len(), 2, "a panorama is scaled");
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
