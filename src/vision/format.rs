//! Which format a file has, by its content; the name's extension is never asked.

use std::fmt;
use std::path::Path;

use image::ImageFormat;

use super::error::VisionError;

/// The formats that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PictureFormat {
    /// Portable Network Graphics, 1 to 16 bits.
    Png,
    /// JPEG: grey, color, CMYK and YCCK; sequential and progressive.
    Jpeg,
    /// WebP, lossy and lossless.
    WebP,
    /// Windows bitmap.
    Bmp,
    /// TIFF and `BigTIFF` without palette, first page.
    Tiff,
    /// Graphics Interchange Format.
    Gif,
}

impl fmt::Display for PictureFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
            Self::WebP => "WebP",
            Self::Bmp => "BMP",
            Self::Tiff => "TIFF",
            Self::Gif => "GIF",
        })
    }
}

/// The format of `bytes`, or an error that names the format where it is known but not read.
pub(super) fn recognize(bytes: &[u8], name: &Path) -> Result<PictureFormat, VisionError> {
    if bytes.is_empty() {
        return Err(VisionError::Empty { path: name.to_owned() });
    }
    let unsupported =
        |format| Err(VisionError::UnsupportedFormat { path: name.to_owned(), format });
    match image::guess_format(bytes) {
        Ok(ImageFormat::Png) => Ok(PictureFormat::Png),
        Ok(ImageFormat::Jpeg) => Ok(PictureFormat::Jpeg),
        Ok(ImageFormat::WebP) => Ok(PictureFormat::WebP),
        Ok(ImageFormat::Bmp) => Ok(PictureFormat::Bmp),
        Ok(ImageFormat::Tiff) => Ok(PictureFormat::Tiff),
        Ok(ImageFormat::Gif) => Ok(PictureFormat::Gif),
        Ok(ImageFormat::Ico) => unsupported("ICO"),
        Ok(ImageFormat::Hdr) => unsupported("Radiance HDR"),
        Ok(ImageFormat::OpenExr) => unsupported("OpenEXR"),
        Ok(ImageFormat::Dds) => unsupported("DDS"),
        Ok(ImageFormat::Qoi) => unsupported("QOI"),
        Ok(ImageFormat::Farbfeld) => unsupported("farbfeld"),
        Ok(ImageFormat::Pnm) if bytes.get(2).is_some_and(u8::is_ascii_whitespace) => {
            unsupported("PNM")
        }
        _ if bytes.starts_with(b"II+\0") || bytes.starts_with(b"MM\0+") => Ok(PictureFormat::Tiff),
        _ => match name_of_foreign(bytes) {
            Some(format) => unsupported(format),
            None => Err(VisionError::NotAPicture { path: name.to_owned() }),
        },
    }
}

/// Formats that people have and that are not read, by their first bytes.
fn name_of_foreign(bytes: &[u8]) -> Option<&'static str> {
    if bytes.get(4..8) == Some(b"ftyp") {
        return match bytes.get(8..12)? {
            b"avif" | b"avis" => Some("AVIF"),
            b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"mif1" | b"msf1" => {
                Some("HEIC")
            }
            b"crx " => Some("Canon raw (CR3)"),
            _ => Some("video (MP4)"),
        };
    }
    const SIGNATURES: &[(&[u8], &str)] = &[
        (b"\0\0\0\x0cJXL ", "JPEG XL"),
        (b"\xff\x0a", "JPEG XL"),
        (b"\0\0\0\x0cjP  ", "JPEG 2000"),
        (b"\xff\x4f\xff\x51", "JPEG 2000"),
        (b"8BPS", "Photoshop (PSD)"),
        (b"%PDF", "PDF"),
        (b"<svg", "SVG"),
    ];
    let known = SIGNATURES.iter().find(|(signature, _)| bytes.starts_with(signature));
    if let Some((_, format)) = known {
        return Some(format);
    }
    let head = &bytes[..bytes.len().min(1024)];
    let is_svg = head.starts_with(b"<?xml") && head.windows(4).any(|part| part == b"<svg");
    is_svg.then_some("SVG")
}

/// Width and height as the header chunk, which must come first, has them.
pub(super) fn png_size(png: &[u8]) -> Option<(u32, u32)> {
    let number = |at: usize| {
        let four = png.get(at..at + 4)?.try_into().ok()?;
        Some(u32::from_be_bytes(four))
    };
    Some((number(16)?, number(20)?))
}

/// Whether a WebP is as long as its header says; its decoder does not tell a short one from a bad one.
pub(super) fn is_whole_webp(webp: &[u8]) -> bool {
    let claimed =
        webp.get(4..8).and_then(|four| four.try_into().ok()).map_or(0, u32::from_le_bytes);
    webp.len() as u64 >= u64::from(claimed) + 8
}

/// What a walk over a JPEG's segments tells, without decoding anything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct JpegFacts {
    /// Whether the end marker is there. Decoders fill in grey where it is not; a person should know.
    pub(super) is_complete: bool,
    /// Color components of the frame: 1 grey, 3 color, 4 CMYK or YCCK.
    pub(super) n_components: u8,
}

impl JpegFacts {
    /// Walks from marker to marker; bytes between segments (coded samples) are passed over.
    ///
    /// # Source
    /// ITU-T T.81, B.1.1: a marker is 0xFF and a code; 0x00 after 0xFF is a stuffed data byte.
    pub(super) fn read(bytes: &[u8]) -> Self {
        let mut facts = Self::default();
        let mut rest = bytes;
        while let Some(at) = rest.iter().position(|&byte| byte == 0xff) {
            rest = &rest[at + 1..];
            let Some(&code) = rest.first() else { break };
            match code {
                0xff => {} // a fill byte: the next one may be the marker's code
                0x00 | 0x01 | 0xd0..=0xd8 => rest = &rest[1..],
                0xd9 => {
                    facts.is_complete = true;
                    break;
                }
                _ => {
                    // Frame headers are 0xC0..=0xCF without DHT (C4), JPG (C8) and DAC (CC).
                    if matches!(code, 0xc0..=0xcf) && !matches!(code, 0xc4 | 0xc8 | 0xcc) {
                        facts.n_components = rest.get(8).copied().unwrap_or(0);
                    }
                    let Some(&[high, low]) = rest.get(1..3) else {
                        break;
                    };
                    let len = usize::from(u16::from_be_bytes([high, low]));
                    rest = rest.get(1 + len..).unwrap_or(&[]);
                }
            }
        }
        facts
    }
}
