//! Uploads decoded within limits, cropped and resized, and written anew, so that no metadata survives.

use super::{colours::Colours, kind};
use image::{DynamicImage, ImageDecoder, Limits, RgbImage};
use model::{Crop, FieldError};

/// The most pixels of a picture that is decoded: what a camera of 24 megapixels makes, and a little more.
const MAX_PIXELS: u64 = 25_000_000;
/// The longest side: nobody's picture is one row of pixels.
const MAX_SIDE: u32 = 50_000;
/// The most pixels of a picture in detail, across and down: as wide as a page on a sharp screen, and high enough for one with
/// a text in it.
const DETAIL: (u32, u32) = (1280, 4000);
/// The most memory that decoding one picture may take, in bytes.
const MAX_MEMORY: u64 = 240 << 20;

/// Every size as JPEG.
pub(super) fn cut(bytes: Vec<u8>, crop: Crop, sizes: &[(&str, u32, u32)]) -> Result<Vec<Vec<u8>>, FieldError> {
    let (picture, colours) = decode(bytes)?;
    let write = |(_, width, height): &(&str, u32, u32)| {
        // Cropped first: scaled first, a picture of one row would grow to gigabytes.
        let part = crop.part(picture.width(), picture.height(), *width, *height);
        jpeg(pixels::resized_part(&picture, part, *width, *height), colours.as_ref())
    };
    sizes.iter().map(write).collect()
}

/// The whole picture as JPEG, scaled down where it is wider or higher than a page shows.
pub(super) fn whole(bytes: Vec<u8>) -> Result<Vec<u8>, FieldError> {
    let (picture, colours) = decode(bytes)?;
    let (width, height) = picture.dimensions();
    let (w, h) = fitted(width, height);
    if (w, h) == (width, height) {
        return jpeg(picture, colours.as_ref());
    }
    jpeg(pixels::resized(&picture, w, h), colours.as_ref())
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

/// As JPEG, in the colours of screens.
fn jpeg(mut picture: RgbImage, colours: Option<&Colours>) -> Result<Vec<u8>, FieldError> {
    if let Some(colours) = colours {
        colours.convert(&mut picture);
    }
    pixels::jpeg(&picture).map_err(|_| FieldError::NotAPicture)
}

/// The pixels of an upload, the right side up, and what their colours mean unless it is what screens take them for.
fn decode(bytes: Vec<u8>) -> Result<(RgbImage, Option<Colours>), FieldError> {
    let beside = kind::taken(&bytes)?;
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height, limits.max_alloc) =
        (Some(MAX_SIDE), Some(MAX_SIDE), Some(MAX_MEMORY));
    let refuse = |error| match error {
        image::ImageError::Limits(_) => FieldError::TooLarge,
        _ => FieldError::NotAPicture,
    };
    let mut decoder = pixels::decoder(bytes, limits.clone()).map_err(refuse)?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    if width.max(height) > MAX_SIDE || pixels > MAX_PIXELS || decoder.total_bytes() + pixels * beside > MAX_MEMORY {
        return Err(FieldError::TooLarge);
    }
    decoder.set_limits(limits).map_err(refuse)?;
    // Cameras write which side is up beside the pixels, and that is not kept.
    let orientation = decoder.orientation().map_err(refuse)?;
    // A profile that cannot be read is none, as in browsers.
    let profile = decoder.icc_profile().ok().flatten();
    let picture = DynamicImage::from_decoder(decoder).map_err(refuse)?;
    let colours = profile.and_then(|profile| Colours::of(&profile, picture.color().has_color()));
    // Before anything is copied: what was decoded may have eight bytes a pixel.
    let mut picture = DynamicImage::ImageRgb8(pixels::on_white(picture));
    picture.apply_orientation(orientation);
    Ok((picture.into_rgb8(), colours))
}

#[cfg(test)]
mod tests {
    use super::super::{FACES, SIZES};
    use super::*;
    use image::{
        ExtendedColorType, ImageEncoder, ImageFormat, Rgb, Rgba,
        codecs::{jpeg::JpegEncoder, png::PngEncoder, webp::WebPEncoder},
    };
    use moxcms::ColorProfile;
    use proptest::prelude::*;
    use std::io::Cursor;

    fn resize(bytes: Vec<u8>, crop: Crop) -> Result<Vec<Vec<u8>>, FieldError> {
        cut(bytes, crop, &SIZES)
    }

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
    fn a_face_is_a_square() {
        let made = cut(png(300, 200), Crop::default(), &FACES).unwrap();
        let sizes: Vec<_> =
            made.iter().map(|b| image::load_from_memory(b).map(|p| (p.width(), p.height())).unwrap()).collect();
        assert_eq!(sizes, [(384, 384), (96, 96)]);
    }

    fn has(bytes: &[u8], what: &[u8]) -> bool {
        bytes.windows(what.len()).any(|part| part == what)
    }

    #[test]
    fn no_picture_has_what_the_camera_wrote() {
        let mut as_png = png(40, 30);
        // Where it was taken, in a chunk of its own before the end.
        let (data, at) = (b"eXIfGPS 37.5665N 126.9780E", as_png.len() - 12);
        let chunk = [&(data.len() as u32 - 4).to_be_bytes()[..], data, &crc(data).to_be_bytes()].concat();
        as_png.splice(at..at, chunk);
        // A TIFF header, the tag that leads to what a satellite said (CIPA DC-008), and there the day.
        let exif = [
            &b"II*\0\x08\0\0\0\x01\0\x25\x88\x04\0\x01\0\0\0\x1a\0\0\0\0\0\0\0"[..],
            b"\x01\0\x1d\0\x02\0\x0b\0\0\0\x2c\0\0\0\0\0\0\0",
            b"2026:11:28\0",
        ];
        let mut as_jpeg = Vec::new();
        let mut encoder = JpegEncoder::new_with_quality(&mut as_jpeg, 95);
        encoder.set_exif_metadata(exif.concat()).unwrap();
        encoder.write_image(&[128; 3 * 64 * 36], 64, 36, ExtendedColorType::Rgb8).unwrap();
        for (upload, written) in [(as_png, &b"GPS 37.5665N"[..]), (as_jpeg, &b"2026:11:28"[..])] {
            assert!(has(&upload, written));
            let mut made = vec![whole(upload.clone()).unwrap()];
            for sizes in [&SIZES[..], &FACES[..]] {
                made.extend(cut(upload.clone(), Crop::default(), sizes).unwrap());
            }
            assert!(made.len() > 4);
            for picture in made {
                assert!(![written, b"Exif", b"eXIf"].iter().any(|what| has(&picture, what)));
            }
        }
    }

    /// The checksum of a chunk of PNG.
    fn crc(data: &[u8]) -> u32 {
        !data.iter().fold(u32::MAX, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 })
        })
    }

    /// The banner made of an upload.
    fn banner(upload: Vec<u8>) -> RgbImage {
        image::load_from_memory(&cut(upload, Crop::default(), &SIZES[..1]).unwrap()[0]).unwrap().into_rgb8()
    }

    /// Whether a pixel has about this colour: JPEG does not keep it to the last digit.
    fn is(picture: &RgbImage, x: u32, y: u32, colour: [u8; 3]) -> bool {
        picture.get_pixel(x, y).0.iter().zip(colour).all(|(is, expected)| is.abs_diff(expected) < 8)
    }

    const RED: Rgb<u8> = Rgb([220, 30, 20]);
    const BLUE: Rgb<u8> = Rgb([20, 30, 220]);

    fn encoded<P: image::Pixel<Subpixel = u8> + image::PixelWithColorType>(
        picture: &image::ImageBuffer<P, Vec<u8>>,
        with: impl FnOnce(&mut PngEncoder<&mut Vec<u8>>),
    ) -> Vec<u8> {
        let mut out = Vec::new();
        let mut encoder = PngEncoder::new(&mut out);
        with(&mut encoder);
        encoder.write_image(picture.as_raw(), picture.width(), picture.height(), P::COLOR_TYPE).unwrap();
        out
    }

    #[test]
    fn what_is_transparent_is_white() {
        let hidden = image::RgbaImage::from_pixel(64, 36, Rgba([0, 0, 0, 0]));
        assert!(is(&banner(encoded(&hidden, |_| {})), 640, 360, [255; 3]));
        let half = image::RgbaImage::from_pixel(64, 36, Rgba([0, 0, 0, 128]));
        assert!(is(&banner(encoded(&half, |_| {})), 640, 360, [127; 3]));
        let grey = image::GrayAlphaImage::from_pixel(64, 36, image::LumaA([0, 0]));
        assert!(is(&banner(encoded(&grey, |_| {})), 640, 360, [255; 3]));
        let mut deep = Cursor::new(Vec::new());
        let picture = image::ImageBuffer::from_pixel(64, 36, Rgba([65535u16, 0, 0, 0]));
        DynamicImage::ImageRgba16(picture).write_to(&mut deep, ImageFormat::Png).unwrap();
        assert!(is(&banner(deep.into_inner()), 640, 360, [255; 3]));
    }

    #[test]
    fn colours_are_those_of_their_profile() {
        // Of a screen whose red is green.
        let mut swapped = ColorProfile::new_srgb();
        (swapped.red_colorant, swapped.green_colorant, swapped.cicp) =
            (swapped.green_colorant, swapped.red_colorant, None);
        let icc = swapped.encode().unwrap();
        let picture = RgbImage::from_pixel(64, 36, RED);
        let as_png = encoded(&picture, |encoder| encoder.set_icc_profile(icc.clone()).unwrap());
        let mut as_jpeg = Vec::new();
        let mut encoder = JpegEncoder::new_with_quality(&mut as_jpeg, 95);
        encoder.set_icc_profile(icc.clone()).unwrap();
        encoder.write_image(picture.as_raw(), 64, 36, ExtendedColorType::Rgb8).unwrap();
        let mut as_webp = Vec::new();
        let mut encoder = WebPEncoder::new_lossless(&mut as_webp);
        encoder.set_icc_profile(icc.clone()).unwrap();
        encoder.write_image(picture.as_raw(), 64, 36, ExtendedColorType::Rgb8).unwrap();
        for upload in [as_png, as_jpeg, as_webp] {
            let made = banner(upload);
            assert!(is(&made, 640, 360, [30, 220, 20]), "{:?}", made.get_pixel(640, 360));
        }
        // A real one: what a phone's P3 red is in sRGB.
        let p3 = ColorProfile::new_display_p3().encode().unwrap();
        let made = banner(encoded(&RgbImage::from_pixel(64, 36, Rgb([180, 80, 60])), |encoder| {
            encoder.set_icc_profile(p3).unwrap();
        }));
        assert!(is(&made, 640, 360, [194, 72, 52]), "{:?}", made.get_pixel(640, 360));
        // A grey one, of light as it is measured.
        let linear = ColorProfile::new_gray_with_gamma(1.0).encode().unwrap();
        let grey = image::GrayImage::from_pixel(64, 36, image::Luma([55]));
        let made = banner(encoded(&grey, |encoder| encoder.set_icc_profile(linear.clone()).unwrap()));
        assert!(is(&made, 640, 360, [128; 3]), "{:?}", made.get_pixel(640, 360));
        // One that is not for such a picture, and one that is none, are passed over.
        for profile in [linear, icc[..200].to_vec(), b"not a profile".to_vec()] {
            let made = banner(encoded(&picture, |encoder| encoder.set_icc_profile(profile).unwrap()));
            assert!(is(&made, 640, 360, RED.0), "{:?}", made.get_pixel(640, 360));
        }
    }

    #[test]
    fn which_side_is_up_is_what_the_camera_says() {
        let picture = RgbImage::from_fn(90, 160, |_, y| if y < 80 { RED } else { BLUE });
        // A TIFF header and the one tag (CIPA DC-008): turn it right by a quarter.
        let mut exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0".to_vec();
        exif.extend([0; 4]);
        let mut out = Vec::new();
        let mut encoder = JpegEncoder::new_with_quality(&mut out, 95);
        encoder.set_exif_metadata(exif).unwrap();
        encoder.write_image(picture.as_raw(), 90, 160, ExtendedColorType::Rgb8).unwrap();
        let made = banner(out);
        assert!(is(&made, 320, 360, BLUE.0) && is(&made, 960, 360, RED.0), "what was above is on the right");
    }

    #[test]
    fn of_what_moves_the_first_frame_is_shown() {
        let chunk = |name: &[u8; 4], data: &[u8]| {
            let mut bytes = [&name[..], &(data.len() as u32).to_le_bytes(), data].concat();
            bytes.resize(bytes.len().next_multiple_of(2), 0);
            bytes
        };
        let u24 = |number: u32| number.to_le_bytes()[..3].to_vec();
        let frame = |colour: Rgb<u8>| {
            let mut still = Vec::new();
            let picture = RgbImage::from_pixel(64, 36, colour);
            WebPEncoder::new_lossless(&mut still).encode(picture.as_raw(), 64, 36, ExtendedColorType::Rgb8).unwrap();
            chunk(b"ANMF", &[u24(0), u24(0), u24(63), u24(35), u24(40), vec![0], still[12..].to_vec()].concat())
        };
        let head = [vec![2, 0, 0, 0], u24(63), u24(35)].concat();
        let webp = [b"WEBP".to_vec(), chunk(b"VP8X", &head), chunk(b"ANIM", &[0; 6]), frame(RED), frame(BLUE)].concat();
        assert!(is(&banner(chunk(b"RIFF", &webp)), 640, 360, RED.0));

        let (first, second) = (RgbImage::from_pixel(64, 36, RED), RgbImage::from_pixel(64, 36, BLUE));
        let [first, second] = [first, second].map(|picture| encoded(&picture, |_| {}));
        let part = |name: &[u8; 4], data: &[u8]| {
            let named = [&name[..], data].concat();
            [&(data.len() as u32).to_be_bytes()[..], &named, &crc32(&named).to_be_bytes()].concat()
        };
        let control = |number: u32| {
            let mut data = [number, 64, 36, 0, 0].map(u32::to_be_bytes).concat();
            data.extend([0, 1, 0, 10, 0, 0]);
            part(b"fcTL", &data)
        };
        // What stands between the head, of 33 bytes, and the end, of 12.
        let (pixels, moved) = (&first[33..first.len() - 12], &second[33..second.len() - 12]);
        let next = part(b"fdAT", &[&2u32.to_be_bytes()[..], &moved[8..moved.len() - 4]].concat());
        let apng = [
            &first[..33],
            &part(b"acTL", &[0, 0, 0, 2, 0, 0, 0, 0]),
            &control(0),
            pixels,
            &control(1),
            &next,
            &first[first.len() - 12..],
        ];
        assert!(is(&banner(apng.concat()), 640, 360, RED.0));
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
