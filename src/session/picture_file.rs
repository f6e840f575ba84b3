//! Pictures in a session: the pixels that were asked about as PNG, and a small one to find it by.

use std::{
    fs::File,
    io::{BufReader, Cursor},
    path::Path,
};

use super::{
    error::{Result, SessionError},
    write_whole,
};
use crate::domain::{ImageSize, Meter, Stopped};

/// A picture as it was asked about: upright, 8 bits, red, green and blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pixels<'a> {
    /// Pixels across and down.
    pub size: ImageSize,
    /// Samples, `[height, width, 3]`, row-major.
    pub rgb: &'a [u8],
}

/// A picture that was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptPicture {
    /// Pixels across and down.
    pub size: ImageSize,
    /// Samples, `[height, width, 3]`, row-major.
    pub rgb: Vec<u8>,
}

/// The longer side of a thumbnail, in pixels.
const THUMBNAIL_SIDE: u32 = 128;
/// What a kept picture may take in memory, in bytes: 100 megapixels, as many as are ever opened.
const MAX_BYTES: usize = 300_000_000;

/// Bytes between two looks at whether to go on.
const PIECE: usize = 1 << 18;

fn hashed(hash: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(hash, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

impl Pixels<'_> {
    /// A number that tells one picture from another (FNV-1a over size and samples).
    pub fn checksum(&self) -> u64 {
        hashed(self.hash_of_size(), self.rgb)
    }

    /// The same, telling how much was looked at, and stopped from outside between.
    ///
    /// # Errors
    /// [`Stopped`].
    pub fn checksum_while(&self, meter: &Meter<'_>) -> std::result::Result<u64, Stopped> {
        meter.begin("measuring", self.rgb.len() as u64)?;
        self.rgb.chunks(PIECE).try_fold(self.hash_of_size(), |hash, piece| {
            meter.add(piece.len() as u64)?;
            Ok(hashed(hash, piece))
        })
    }

    fn hash_of_size(&self) -> u64 {
        let size = [self.size.width.to_le_bytes(), self.size.height.to_le_bytes()];
        hashed(0xcbf2_9ce4_8422_2325, size.as_flattened())
    }

    /// The same picture with its longer side at most 128 pixels: each pixel the mean of those under
    /// it.
    fn thumbnail(&self) -> KeptPicture {
        let ImageSize { width, height } = self.size;
        let longer = width.max(height).max(1);
        let along = |side: u32| {
            let small = u64::from(side) * u64::from(THUMBNAIL_SIDE) / u64::from(longer);
            (small as u32).clamp(1, side.max(1))
        };
        let small = if longer <= THUMBNAIL_SIDE {
            self.size
        } else {
            ImageSize { width: along(width), height: along(height) }
        };
        let span = |i: u32, n: u32, side: u32| {
            let at = |i: u32| (u64::from(i) * u64::from(side) / u64::from(n)) as u32;
            at(i)..at(i + 1).max(at(i) + 1)
        };
        let mut rgb = Vec::with_capacity(small.width as usize * small.height as usize * 3);
        for y in 0..small.height {
            for x in 0..small.width {
                rgb.extend(self.mean(span(x, small.width, width), span(y, small.height, height)));
            }
        }
        KeptPicture { size: small, rgb }
    }

    fn mean(&self, columns: std::ops::Range<u32>, rows: std::ops::Range<u32>) -> [u8; 3] {
        let mut sums = [0_u64; 3];
        let n = columns.len() as u64 * rows.len() as u64;
        for y in rows {
            let start = (y as usize * self.size.width as usize + columns.start as usize) * 3;
            for pixel in self.rgb[start..][..columns.len() * 3].chunks_exact(3) {
                sums.iter_mut().zip(pixel).for_each(|(sum, sample)| *sum += u64::from(*sample));
            }
        }
        sums.map(|sum| (sum / n.max(1)) as u8)
    }
}

impl KeptPicture {
    /// The same, borrowed.
    pub fn pixels(&self) -> Pixels<'_> {
        Pixels { size: self.size, rgb: &self.rgb }
    }
}

/// Writes a picture as PNG.
pub(super) fn write_picture(path: &Path, picture: Pixels<'_>) -> Result<()> {
    let bytes = png_of(picture).map_err(|reason| SessionError::damaged(path, reason))?;
    write_whole(path, &bytes).map_err(SessionError::unwritable(path))
}

/// Writes a small version of a picture as PNG.
pub(super) fn write_thumbnail(path: &Path, picture: Pixels<'_>) -> Result<()> {
    write_picture(path, picture.thumbnail().pixels())
}

fn png_of(picture: Pixels<'_>) -> std::result::Result<Vec<u8>, png::EncodingError> {
    let mut bytes = Cursor::new(Vec::new());
    let mut encoder = png::Encoder::new(&mut bytes, picture.size.width, picture.size.height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(picture.rgb)?;
    writer.finish()?;
    Ok(bytes.into_inner())
}

/// Reads a picture that a session kept, or its thumbnail.
///
/// # Errors
/// [`SessionError`]: a file that is not there, is damaged, or is no picture of 8-bit colors.
pub fn read_picture(path: &Path) -> Result<KeptPicture> {
    let file = File::open(path).map_err(SessionError::unreadable(path))?;
    let limits = png::Limits { bytes: MAX_BYTES };
    let mut decoder = png::Decoder::new_with_limits(BufReader::new(file), limits);
    decoder.set_ignore_text_chunk(true);
    let damaged = |e: png::DecodingError| SessionError::damaged(path, e);
    let mut reader = decoder.read_info().map_err(damaged)?;
    let info = reader.info();
    let size = ImageSize { width: info.width, height: info.height };
    let is_rgb = (info.color_type, info.bit_depth) == (png::ColorType::Rgb, png::BitDepth::Eight);
    let n = (size.width as usize).checked_mul(size.height as usize).and_then(|n| n.checked_mul(3));
    let n = n.filter(|n| is_rgb && *n <= MAX_BYTES);
    let n = n.ok_or_else(|| SessionError::damaged(path, "it is no picture of 8-bit colors"))?;
    let mut rgb = vec![0; n];
    reader.next_frame(&mut rgb).map_err(damaged)?;
    reader.finish().map_err(damaged)?;
    Ok(KeptPicture { size, rgb })
}
