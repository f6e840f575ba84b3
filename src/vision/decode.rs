//! File or bytes to the 8-bit RGB that a person sees.

use std::fs::File;
use std::io::{Cursor, Read as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use image::codecs::{bmp, gif, jpeg, png, tiff, webp};
use image::metadata::Orientation;
use image::{
    AnimationDecoder as _, ColorType, DynamicImage, ExtendedColorType, ImageDecoder, ImageError,
    Limits,
};

use crate::domain::ImageSize;

use super::error::VisionError;
use super::format::{JpegFacts, PictureFormat, is_whole_webp, png_size, recognize};
use super::samples::rgb_from;

/// The longest file that is read, in bytes.
pub const MAX_FILE_BYTES: u64 = 512 << 20;

/// The most pixels a picture may have; more are refused before anything is decoded.
pub const MAX_PIXELS: u64 = 100_000_000;

/// The longest side a picture may have, in pixels (also the most that JPEG can say).
///
/// It bounds the memory of the resize, whose first pass keeps the picture's full height.
pub const MAX_SIDE: u32 = 65_535;

/// What the decoders may allocate, in bytes: 100 megapixels of 16-bit RGBA, and as much for their own use.
const MAX_DECODER_BYTES: u64 = 1600 << 20;

/// A picture as a person sees it: turned upright, 8 bits, red, green and blue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodedImage {
    /// Samples, `[height, width, 3]`, row-major, 0..=255 as stored (no color profile applied).
    pub rgb: Vec<u8>,
    /// Pixels across and down, after the orientation was applied.
    pub size: ImageSize,
    /// The format found in the file's content.
    pub format: PictureFormat,
    /// The EXIF orientation that was applied, 1..=8; 1 means the picture is shown as stored.
    pub orientation: u8,
    /// What of the file the model does not get to see, one sentence each.
    pub warnings: Vec<String>,
}

/// Reads the picture in a file.
///
/// # Errors
/// [`VisionError::Folder`], [`VisionError::Unreadable`] and [`VisionError::FileTooLong`] for the
/// file; the others as in [`decode`].
pub fn open(path: &Path) -> Result<DecodedImage, VisionError> {
    let unreadable = |source| VisionError::Unreadable { path: path.to_owned(), source };
    if path.is_dir() {
        return Err(VisionError::Folder { path: path.to_owned() });
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(VisionError::FileTooLong { path: path.to_owned(), limit: MAX_FILE_BYTES });
    }
    decode(&bytes, path)
}

/// Reads the picture in `bytes`; `name` is only for messages.
///
/// The result is Pillow's `convert("RGB")` after `ImageOps.exif_transpose`: alpha is dropped, not
/// composited; 16 bits are reduced to the high byte (for grey, too, where Pillow clips instead);
/// CMYK is inverted as Adobe writes it and multiplied out; of an animation, the first frame.
/// Lossy formats may differ by a few levels from Pillow, whose decoders are others.
///
/// # Errors
/// One [`VisionError`] per way in which the content is not such a picture. Sizes beyond
/// [`MAX_PIXELS`] or [`MAX_SIDE`] are refused before samples are allocated.
pub fn decode(bytes: &[u8], name: &Path) -> Result<DecodedImage, VisionError> {
    let format = recognize(bytes, name)?;
    // The decoders are not ours; should one panic on a hostile file, that is an error like others.
    catch_unwind(AssertUnwindSafe(|| decode_as(format, bytes, name)))
        .unwrap_or_else(|_| Err(VisionError::DecoderFailed { path: name.to_owned(), format }))
}

fn decode_as(
    format: PictureFormat,
    bytes: &[u8],
    name: &Path,
) -> Result<DecodedImage, VisionError> {
    let failed = |source| VisionError::of_decoder(source, format, name);
    let mut is_cmyk = false;
    if format == PictureFormat::Jpeg {
        let facts = JpegFacts::read(bytes);
        if !facts.is_complete {
            return Err(VisionError::Truncated { path: name.to_owned(), format });
        }
        is_cmyk = facts.n_components == 4;
    }
    if format == PictureFormat::WebP && !is_whole_webp(bytes) {
        return Err(VisionError::Truncated { path: name.to_owned(), format });
    }
    if format == PictureFormat::Png {
        // The PNG reader makes room for a row when it is opened, so its size is asked before.
        refuse_size(png_size(bytes).unwrap_or((1, 1)), name)?;
    }
    let Opened { mut decoder, is_animated } = open_decoder(format, bytes).map_err(failed)?;
    refuse_size(decoder.dimensions(), name)?;
    if matches!(decoder.color_type(), ColorType::Rgb32F | ColorType::Rgba32F) {
        return Err(VisionError::FloatSamples { path: name.to_owned(), format });
    }
    decoder.set_limits(limits()).map_err(failed)?;
    let stored = decoder.original_color_type();
    let mut warnings = Vec::new();
    if is_cmyk || matches!(stored, ExtendedColorType::Cmyk8 | ExtendedColorType::Cmyk16) {
        warnings.push("CMYK colors were converted without their color profile".to_owned());
    }
    if is_animated {
        warnings.push(format!("of this animated {format}, only the first frame is used"));
    }
    let orientation = orientation_of(&mut decoder);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(failed)?;
    picture.apply_orientation(orientation);
    let size = ImageSize { width: picture.width(), height: picture.height() };
    let rgb = rgb_from(picture, &mut warnings);
    Ok(DecodedImage { rgb, size, format, orientation: orientation.to_exif(), warnings })
}

struct Opened<'a> {
    decoder: Box<dyn ImageDecoder + 'a>,
    is_animated: bool,
}

/// Reads the headers only.
fn open_decoder(format: PictureFormat, bytes: &[u8]) -> Result<Opened<'_>, ImageError> {
    let reader = Cursor::new(bytes);
    let still = |decoder| Opened { decoder, is_animated: false };
    Ok(match format {
        PictureFormat::Png => {
            let decoder = png::PngDecoder::with_limits(reader, limits())?;
            let is_animated = decoder.is_apng()?;
            Opened { decoder: Box::new(decoder), is_animated }
        }
        PictureFormat::WebP => {
            let decoder = webp::WebPDecoder::new(reader)?;
            let is_animated = decoder.has_animation();
            Opened { decoder: Box::new(decoder), is_animated }
        }
        PictureFormat::Gif => {
            let decoder = gif::GifDecoder::new(reader)?;
            let is_animated = has_second_frame(bytes, decoder.dimensions());
            Opened { decoder: Box::new(decoder), is_animated }
        }
        PictureFormat::Jpeg => still(Box::new(jpeg::JpegDecoder::new(reader)?)),
        PictureFormat::Bmp => still(Box::new(bmp::BmpDecoder::new(reader)?)),
        PictureFormat::Tiff => still(Box::new(tiff::TiffDecoder::new(reader)?)),
    })
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_DECODER_BYTES);
    limits
}

fn refuse_size((width, height): (u32, u32), name: &Path) -> Result<(), VisionError> {
    let path = || name.to_owned();
    if width == 0 || height == 0 {
        return Err(VisionError::NoPixels { path: path(), width, height });
    }
    if is_too_large(width, height) {
        let (max_pixels, max_side) = (MAX_PIXELS, MAX_SIDE);
        return Err(VisionError::TooManyPixels {
            path: path(),
            width,
            height,
            max_pixels,
            max_side,
        });
    }
    Ok(())
}

fn is_too_large(width: u32, height: u32) -> bool {
    width.max(height) > MAX_SIDE || u64::from(width) * u64::from(height) > MAX_PIXELS
}

/// Whether a GIF goes on after its first frame; a damaged second frame counts.
fn has_second_frame(gif: &[u8], (width, height): (u32, u32)) -> bool {
    if is_too_large(width, height) {
        return false; // refused anyway, and not to be decoded for this
    }
    let Ok(mut decoder) = gif::GifDecoder::new(Cursor::new(gif)) else {
        return false;
    };
    decoder.set_limits(limits()).is_ok() && decoder.into_frames().nth(1).is_some()
}

/// The orientation that the file asks for; unreadable metadata asks for none.
fn orientation_of(decoder: &mut impl ImageDecoder) -> Orientation {
    let plain = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    if plain != Orientation::NoTransforms {
        return plain;
    }
    // Some writers of WebP and PNG keep the six bytes that introduce EXIF in a JPEG.
    let exif = decoder.exif_metadata().ok().flatten();
    exif.as_deref()
        .and_then(|exif| exif.strip_prefix(b"Exif\0\0"))
        .and_then(Orientation::from_exif_chunk)
        .unwrap_or(Orientation::NoTransforms)
}
