//! File or bytes to the 8-bit RGB that a person sees.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read as _, Seek};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use image::codecs::{bmp, gif, jpeg, png, tiff, webp};
use image::metadata::Orientation;
use image::{
    AnimationDecoder as _, ColorType, DynamicImage, ExtendedColorType, ImageDecoder, ImageError,
    Limits,
};

use crate::domain::{ImageSize, Meter, OnProgress, Stopped, go_on};

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
    open_while(path, &mut go_on)
}

/// The same, telling how much is read and decoded, and stopped from outside between.
///
/// A JPEG and what is lossy in a WebP are decoded in one step, which ends before it stops.
///
/// # Errors
/// As [`open`]; [`VisionError::Stopped`].
pub fn open_while(path: &Path, on_progress: OnProgress<'_>) -> Result<DecodedImage, VisionError> {
    if path.is_dir() {
        return Err(VisionError::Folder { path: path.to_owned() });
    }
    let meter = Meter::new(on_progress);
    let bytes = read_file(path, &meter);
    if meter.is_stopped() {
        return Err(VisionError::Stopped { path: path.to_owned() });
    }
    decode_metered(&bytes?, path, &meter)
}

fn read_file(path: &Path, meter: &Meter<'_>) -> Result<Vec<u8>, VisionError> {
    let unreadable = |source| VisionError::Unreadable { path: path.to_owned(), source };
    let file = File::open(path).map_err(unreadable)?;
    let length = file.metadata().map_err(unreadable)?.len().min(MAX_FILE_BYTES + 1);
    let file = meter.reader("reading", length, file).map_err(|stop| unreadable(stop.into()))?;
    let mut bytes = Vec::new();
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(VisionError::FileTooLong { path: path.to_owned(), limit: MAX_FILE_BYTES });
    }
    Ok(bytes)
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
    decode_metered(bytes, name, &Meter::new(&mut go_on))
}

fn decode_metered(
    bytes: &[u8],
    name: &Path,
    meter: &Meter<'_>,
) -> Result<DecodedImage, VisionError> {
    let format = recognize(bytes, name)?;
    // The decoders are not ours; should one panic on a hostile file, that is an error like others.
    let decoded = catch_unwind(AssertUnwindSafe(|| decode_as(format, bytes, name, meter)));
    // A decoder has words of its own for a reader that stopped.
    if meter.is_stopped() {
        return Err(VisionError::Stopped { path: name.to_owned() });
    }
    decoded.unwrap_or_else(|_| Err(VisionError::DecoderFailed { path: name.to_owned(), format }))
}

fn decode_as(
    format: PictureFormat,
    bytes: &[u8],
    name: &Path,
    meter: &Meter<'_>,
) -> Result<DecodedImage, VisionError> {
    let stopped = |Stopped| VisionError::Stopped { path: name.to_owned() };
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
    let Opened { mut decoder, is_animated } = open_decoder(format, bytes, meter).map_err(failed)?;
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
    if format == PictureFormat::Jpeg {
        // Its bytes are all read by now, and its decoder tells of no step.
        meter.begin("decoding", 0).map_err(stopped)?;
    }
    let mut picture = DynamicImage::from_decoder(decoder).map_err(failed)?;
    meter.begin("turning", 0).map_err(stopped)?;
    picture.apply_orientation(orientation);
    meter.begin("taking colors", 0).map_err(stopped)?;
    let size = ImageSize { width: picture.width(), height: picture.height() };
    let rgb = rgb_from(picture, &mut warnings);
    Ok(DecodedImage { rgb, size, format, orientation: orientation.to_exif(), warnings })
}

struct Opened<'a> {
    decoder: Box<dyn ImageDecoder + 'a>,
    is_animated: bool,
}

/// The bytes, counted as the decoder takes them.
fn counted<'a>(bytes: &'a [u8], meter: &'a Meter<'_>) -> io::Result<impl BufRead + Seek + 'a> {
    let reader = meter.reader("decoding", bytes.len() as u64, Cursor::new(bytes))?;
    Ok(BufReader::with_capacity(1 << 16, reader))
}

/// Reads the headers only.
fn open_decoder<'a>(
    format: PictureFormat,
    bytes: &'a [u8],
    meter: &'a Meter<'_>,
) -> Result<Opened<'a>, ImageError> {
    let reader = counted(bytes, meter)?;
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
            let is_animated = has_second_frame(bytes, decoder.dimensions(), meter);
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
fn has_second_frame(gif: &[u8], (width, height): (u32, u32), meter: &Meter<'_>) -> bool {
    if is_too_large(width, height) {
        return false; // refused anyway, and not to be decoded for this
    }
    let Some(mut decoder) = counted(gif, meter).ok().and_then(|gif| gif::GifDecoder::new(gif).ok())
    else {
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
