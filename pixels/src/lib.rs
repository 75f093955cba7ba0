//! What is done to every pixel of a picture. The library for pictures is made of generic code, which is compiled with whoever calls it: with
//! the engine, which is not optimised for tests, it took seconds for each picture. What may be a picture, and of which size, is said there.

use image::{
    DynamicImage, GenericImageView, ImageDecoder, ImageFormat, ImageReader, ImageResult, Limits, Rgb, RgbImage, Rgba,
    codecs::png::{CompressionType, FilterType as RowFilter, PngEncoder},
    imageops::{self, FilterType},
};
use std::io::Cursor;

/// What decodes an upload within limits, whatever its name says that it is.
///
/// # Errors
/// For what is no picture.
pub fn decoder(bytes: Vec<u8>, limits: Limits) -> ImageResult<Box<dyn ImageDecoder>> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format()?;
    reader.limits(limits);
    Ok(Box::new(reader.into_decoder()?))
}

/// A picture without transparency: what is behind it is white.
pub fn on_white(picture: DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| {
        let Rgba([r, g, b, alpha]) = picture.get_pixel(x, y);
        let alpha = u32::from(alpha);
        Rgb([r, g, b].map(|value| ((u32::from(value) * alpha + 255 * (255 - alpha) + 127) / 255) as u8))
    })
}

/// A part of a picture, from the left and from the top, so wide and so high, in another size.
pub fn resized_part(picture: &RgbImage, (x, y, w, h): (u32, u32, u32, u32), width: u32, height: u32) -> RgbImage {
    let part = imageops::crop_imm(picture, x, y, w, h);
    imageops::resize(&*part, width, height, FilterType::Triangle)
}

/// All of a picture in another size.
pub fn resized(picture: &RgbImage, width: u32, height: u32) -> RgbImage {
    imageops::resize(picture, width, height, FilterType::Triangle)
}

/// A picture as JPEG.
///
/// # Errors
/// When it is too large for one.
pub fn jpeg(picture: &RgbImage) -> ImageResult<Vec<u8>> {
    let mut out = Cursor::new(Vec::new());
    picture.write_to(&mut out, ImageFormat::Jpeg)?;
    Ok(out.into_inner())
}

/// A drawing as PNG, packed as well as may be.
///
/// # Errors
/// When it is too large for one.
pub fn png(picture: &RgbImage) -> ImageResult<Vec<u8>> {
    let mut out = Vec::new();
    let encoder = PngEncoder::new_with_quality(&mut out, CompressionType::Default, RowFilter::Adaptive);
    picture.write_with_encoder(encoder)?;
    Ok(out)
}
