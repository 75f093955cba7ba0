//! What kind of file an upload is, by its first bytes: a JPEG, PNG or WebP, or one whose sender is told what to do.

use model::FieldError;

/// Brands of files that hold HEIF or AVIF pictures (ISO/IEC 23008-12).
const HEIF: [&[u8; 4]; 11] =
    [b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"mif2", b"msf1", b"avif", b"avis"];

/// What decoding an upload takes beside the picture itself, in bytes a pixel.
///
/// # Errors
/// [`FieldError::Heif`] and [`FieldError::Cmyk`] for pictures whose sender is told what to do about it, [`FieldError::NotAPicture`]
/// for anything else that is neither JPEG, PNG nor WebP.
pub(super) fn taken(bytes: &[u8]) -> Result<u64, FieldError> {
    match bytes {
        [0xFF, 0xD8, ..] => {
            let frame = frame(bytes);
            // Four colours are those of printing.
            if frame.colours == 4 {
                return Err(FieldError::Cmyk);
            }
            // A progressive JPEG comes in passes over all of it, and what they refine is kept, two bytes for each colour
            // (ITU-T T.81).
            Ok(if frame.in_passes { 2 * u64::from(frame.colours) } else { 0 })
        }
        [0x89, b'P', b'N', b'G', ..] => Ok(0),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', rest @ ..] => {
            // Frames are drawn on a canvas, which is as large as the picture; so is the frame.
            let animated = matches!(rest, [b'V', b'P', b'8', b'X', _, _, _, _, flags, ..] if flags & 2 != 0);
            Ok(if animated { 8 } else { 0 })
        }
        [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] if HEIF.iter().any(|heif| brand.starts_with(*heif)) => {
            Err(FieldError::Heif)
        }
        _ => Err(FieldError::NotAPicture),
    }
}

/// What a JPEG's frame says.
#[derive(Default, Debug, PartialEq, Eq)]
struct Frame {
    in_passes: bool,
    colours: u8,
}

/// The frame of a JPEG; of none for what has none that can be found.
fn frame(bytes: &[u8]) -> Frame {
    let mut rest = bytes.get(2..).unwrap_or_default();
    // Segments, each with its length, until the one of the frame.
    while let [0xFF, marker, high, low, ..] = rest {
        match marker {
            // Fill bytes, and markers without a length.
            0xFF => rest = &rest[1..],
            0x01 | 0xD0..=0xD8 => rest = &rest[2..],
            0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF => {
                let colours = rest.get(9).copied().unwrap_or_default();
                return Frame { in_passes: matches!(marker, 0xC2 | 0xC6 | 0xCA | 0xCE), colours };
            }
            // The pixels.
            0xD9 | 0xDA => break,
            _ => rest = rest.get(2 + usize::from(u16::from_be_bytes([*high, *low]))..).unwrap_or_default(),
        }
    }
    Frame::default()
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(taken(&jpeg_head(0xC0, 10, 10, 3)), Ok(0));
        assert_eq!(taken(&jpeg_head(0xC2, 10, 10, 3)), Ok(6));
        assert_eq!(taken(&jpeg_head(0xC2, 10, 10, 1)), Ok(2));
        for head in 0..64 {
            // Whatever is cut off.
            let whole = jpeg_head(0xC2, 10, 10, 3);
            let _ = taken(&whole[..whole.len().min(head)]);
        }
    }

    #[test]
    fn other_pictures_are_told_apart() {
        let begins = |head: &[u8]| taken(&[head, &[0; 64]].concat());
        for brand in ["heic", "heix", "mif1", "msf1", "avif"] {
            assert_eq!(begins(format!("\0\0\0\u{18}ftyp{brand}").as_bytes()), Err(FieldError::Heif), "{brand}");
        }
        for frame in [0xC0, 0xC2] {
            assert_eq!(taken(&jpeg_head(frame, 10, 10, 4)), Err(FieldError::Cmyk));
        }
        let others: [&[u8]; 8] =
            [b"GIF89a", b"BM", b"II*\0", b"%PDF-1.7", b"<svg xmlns", b"<?xml ", b"\0\0\0\x20ftypisom", b"8BPS"];
        for other in others {
            assert_eq!(begins(other), Err(FieldError::NotAPicture));
        }
        assert_eq!(begins(b"RIFF\0\0\0\0WEBPVP8X\x0A\0\0\0\x02"), Ok(8));
        assert_eq!(begins(b"RIFF\0\0\0\0WEBPVP8L"), Ok(0));
        assert_eq!(begins(b"RIFF\0\0\0\0WAVE"), Err(FieldError::NotAPicture));
    }
}
