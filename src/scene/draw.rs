//! From a scene to its picture, and to the pixels that each thing has in it.

use resvg::tiny_skia::{Pixmap, PremultipliedColorU8};

use super::{kind::Kind, paint::Canvas, sprite::Sprite, tabletop::Scene};

/// Marks a pixel that shows no thing, or no plate.
pub const NOTHING: u8 = 255;

/// A scene as pixels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawing {
    /// Pixels along each side.
    pub side: u32,
    /// Red, green and blue, pixel by pixel, row by row.
    pub rgb: Vec<u8>,
    /// For each pixel the index of the thing that it shows, or [`NOTHING`].
    ///
    /// A pixel shows a thing where the thing's icon covers half of it or more and nothing lies
    /// before it.
    pub owner: Vec<u8>,
    /// For each pixel the index of the thing whose plate it shows, or [`NOTHING`].
    pub plate_owner: Vec<u8>,
}

pub(super) fn draw<'a>(scene: &Scene, side: u32, sprite: impl Fn(Kind) -> &'a Sprite) -> Drawing {
    let mut canvas = Canvas::new(side as usize);
    scene.background.fill(side as usize, &mut canvas.rgb);
    for (index, thing) in scene.things.iter().enumerate() {
        let sprite = sprite(thing.kind);
        if let Some(color) = thing.plate {
            canvas.paint_plate(thing, color, index as u8);
        }
        canvas.paint_shadow(thing, sprite);
        canvas.paint_icon(thing, sprite, index as u8);
    }
    let mut rgb = Vec::with_capacity(3 * canvas.rgb.len());
    for pixel in &canvas.rgb {
        // The cast ends at 0 and at 255.
        rgb.extend(pixel.map(|part| (part * 255.0 + 0.5) as u8));
    }
    Drawing { side, rgb, owner: canvas.owner, plate_owner: canvas.plate_owner }
}

impl Drawing {
    /// The picture as a PNG file's bytes; `None` for a picture without pixels.
    pub fn png(&self) -> Option<Vec<u8>> {
        let mut pixmap = Pixmap::new(self.side, self.side)?;
        for (pixel, rgb) in pixmap.pixels_mut().iter_mut().zip(self.rgb.chunks_exact(3)) {
            *pixel = PremultipliedColorU8::from_rgba(rgb[0], rgb[1], rgb[2], 255)?;
        }
        pixmap.encode_png().ok()
    }
}
