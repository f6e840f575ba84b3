//! A picture from the clipboard.

use std::{fmt, sync::Arc};

use anyhow::{Result, ensure};

use super::picture::Picture;
use crate::{
    domain::{ImageSize, Meter, OnProgress, Stopped},
    vision::{DecodedImage, MAX_PIXELS, MAX_SIDE, PictureFormat},
};

/// Pixels as a clipboard has them: red, green, blue and alpha of 8 bits, colors times alpha.
#[derive(Clone)]
pub struct PastedPicture {
    /// Pixels across and down.
    pub size: ImageSize,
    /// `[height, width, 4]`; shared, so that handing a large picture on costs nothing.
    pub rgba: Arc<dyn AsRef<[u8]> + Send + Sync>,
}

impl fmt::Debug for PastedPicture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PastedPicture").field("size", &self.size).finish_non_exhaustive()
    }
}

impl PastedPicture {
    /// The picture, as a file of it would be read: alpha is dropped, not composited.
    ///
    /// # Errors
    /// More pixels than a picture may have; samples that are not those of its size; `stopped`.
    pub(super) fn picture(&self, on_progress: OnProgress<'_>) -> Result<Picture> {
        let ImageSize { width, height } = self.size;
        let (pixels, samples) = (u64::from(width) * u64::from(height), self.rgba.as_ref().as_ref());
        ensure!(
            pixels <= MAX_PIXELS && width.max(height) <= MAX_SIDE,
            "the pasted picture is too large ({width} x {height}; at most {MAX_PIXELS} pixels and \
             {MAX_SIDE} a side), copy a smaller part of it"
        );
        ensure!(
            pixels > 0 && samples.len() as u64 == 4 * pixels,
            "the clipboard holds {} samples for a picture of {width} x {height}; copy it again",
            samples.len()
        );
        let image = DecodedImage {
            rgb: opaque(samples, &Meter::new(&mut *on_progress))?,
            size: self.size,
            format: PictureFormat::Png,
            orientation: 1,
            warnings: Vec::new(),
        };
        Ok(Picture::new_while("pasted picture".to_owned(), None, image, on_progress)?)
    }
}

/// Samples between two looks at whether to go on.
const PIECE: usize = 1 << 18;

/// Colors without their alpha, `[height, width, 3]`, of samples `[height, width, 4]`.
fn opaque(rgba: &[u8], meter: &Meter<'_>) -> Result<Vec<u8>, Stopped> {
    // A color is stored times its alpha over 255, rounded.
    let color = |value: u8, alpha: u8| match alpha {
        0 => 0,
        u8::MAX => value,
        alpha => {
            ((u32::from(value) * 255 + u32::from(alpha) / 2) / u32::from(alpha)).min(255) as u8
        }
    };
    meter.begin("taking colors", rgba.len() as u64)?;
    let mut rgb = Vec::with_capacity(rgba.len() / 4 * 3);
    for piece in rgba.chunks(PIECE) {
        let (pixels, _) = piece.as_chunks::<4>();
        rgb.extend(pixels.iter().flat_map(|[r, g, b, a]| [*r, *g, *b].map(|v| color(v, *a))));
        meter.add(piece.len() as u64)?;
    }
    Ok(rgb)
}
