//! Figures as pixels: the SVG, drawn with the bundled font at 300 dpi.

use std::{io::Write, sync::Arc};

use resvg::{
    tiny_skia::{Color, ColorU8, Pixmap, Transform},
    usvg::{FontResolver, Options, Tree, fontdb::Database},
};

use crate::domain::{Figure, Meter, go_on};

use super::{ExportError, PNG_DPI, PaperSize, figure_svg, font};

/// Meters in an inch.
const INCH_IN_METERS: f64 = 0.0254;

/// Bytes of coded pixels that are put into the file together.
const PIECE: usize = 1 << 20;

/// More pixels than this are not drawn: they would take more than a gigabyte.
pub(super) const MOST_PIXELS: u64 = 200_000_000;

/// A figure as PNG: red, green and blue on white, [`PNG_DPI`] pixels an inch, and saying so.
///
/// Characters that the bundled font lacks are looked for in the system's fonts; only then does the
/// picture depend on the machine.
///
/// # Errors
/// [`ExportError`]: an impossible size, or what the drawing crates refuse.
pub fn figure_png(figure: &Figure, size: PaperSize) -> Result<Vec<u8>, ExportError> {
    figure_pixels(figure, size, &Meter::new(&mut go_on))
}

/// The same, stopped from outside before it is painted and between two rows.
pub(super) fn figure_pixels(
    figure: &Figure,
    size: PaperSize,
    meter: &Meter<'_>,
) -> Result<Vec<u8>, ExportError> {
    let svg = figure_svg(figure, size)?;
    let tree = Tree::from_str(&svg, &options()).map_err(refusal)?;
    let size = tree.size().to_int_size();
    let mut canvas = Canvas::blank(size.width(), size.height())?;
    meter.begin("painting", 0)?;
    canvas.draw_tree(&tree);
    canvas.encode(meter)
}

/// Pixels, white at first, all of them opaque.
pub(super) struct Canvas(Pixmap);

impl Canvas {
    /// A white one.
    pub(super) fn blank(width: u32, height: u32) -> Result<Self, ExportError> {
        if u64::from(width) * u64::from(height) > MOST_PIXELS {
            return Err(ExportError::TooManyPixels { width, height });
        }
        let mut pixels = Pixmap::new(width, height)
            .ok_or_else(|| refusal("it has no size that a picture can have"))?;
        pixels.fill(Color::WHITE);
        Ok(Self(pixels))
    }

    /// Puts colors beside each other, from a place to the right; what lies outside is cut off.
    pub(super) fn set_row(&mut self, [left, top]: [u32; 2], colors: &[[u8; 3]]) {
        let (width, height) = (self.0.width(), self.0.height());
        if left >= width || top >= height {
            return;
        }
        let from = (top * width + left) as usize;
        let room = (width - left) as usize;
        for (pixel, [red, green, blue]) in
            self.0.pixels_mut()[from..].iter_mut().take(room).zip(colors)
        {
            *pixel = ColorU8::from_rgba(*red, *green, *blue, u8::MAX).premultiply();
        }
    }

    /// Draws an SVG over what is there.
    pub(super) fn draw(&mut self, svg: &str, meter: &Meter<'_>) -> Result<(), ExportError> {
        meter.begin("painting", 0)?;
        let tree = Tree::from_str(svg, &options()).map_err(refusal)?;
        self.draw_tree(&tree);
        Ok(())
    }

    fn draw_tree(&mut self, tree: &Tree) {
        resvg::render(tree, Transform::identity(), &mut self.0.as_mut());
    }

    /// The pixels as PNG, [`PNG_DPI`] of them an inch.
    pub(super) fn encode(self, meter: &Meter<'_>) -> Result<Vec<u8>, ExportError> {
        let (width, height) = (self.0.width(), self.0.height());
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, width, height);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        let per_meter = (f64::from(PNG_DPI) / INCH_IN_METERS).round() as u32;
        let unit = png::Unit::Meter;
        encoder.set_pixel_dims(Some(png::PixelDimensions {
            xppu: per_meter,
            yppu: per_meter,
            unit,
        }));
        // Everything is drawn on white, so every pixel is opaque.
        let rows = self.0.pixels().chunks(width as usize);
        let rows = rows.map(|row| row.iter().flat_map(|p| [p.red(), p.green(), p.blue()]));
        encode_rows(encoder, rows.map(Iterator::collect::<Vec<u8>>), height, meter)?;
        Ok(bytes)
    }
}

/// Writes the samples of one row after the other.
fn encode_rows(
    encoder: png::Encoder<'_, impl Write>,
    rows: impl Iterator<Item = impl AsRef<[u8]>>,
    height: u32,
    meter: &Meter<'_>,
) -> Result<(), ExportError> {
    meter.begin("encoding", u64::from(height))?;
    let mut writer = encoder.write_header()?;
    let mut stream = writer.stream_writer_with_size(PIECE)?;
    for row in rows {
        stream.write_all(row.as_ref()).map_err(png::EncodingError::from)?;
        meter.add(1)?;
    }
    stream.finish()?;
    writer.finish()?;
    Ok(())
}

/// Samples as PNG, for an SVG to hold.
pub(super) fn encode_plain(
    [width, height]: [u32; 2],
    samples: &[u8],
    color: png::ColorType,
    meter: &Meter<'_>,
) -> Result<Vec<u8>, ExportError> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(color);
    encoder.set_depth(png::BitDepth::Eight);
    let rows = samples.chunks((color.samples() * width as usize).max(1));
    encode_rows(encoder, rows, height, meter)?;
    Ok(bytes)
}

fn options() -> Options<'static> {
    let mut fonts = Database::new();
    fonts.load_font_data(font::BYTES.to_vec());
    let bundled = FontResolver::default_fallback_selector();
    let with_system = FontResolver::default_fallback_selector();
    let select_fallback: resvg::usvg::FallbackSelectionFn<'static> =
        Box::new(move |c, tried, fonts: &mut Arc<Database>| {
            bundled(c, tried, fonts).or_else(|| {
                if fonts.len() == 1 {
                    Arc::make_mut(fonts).load_system_fonts();
                }
                with_system(c, tried, fonts)
            })
        });
    Options {
        dpi: PNG_DPI as f32,
        font_family: font::NAME.to_owned(),
        fontdb: Arc::new(fonts),
        font_resolver: FontResolver { select_fallback, ..FontResolver::default() },
        ..Options::default()
    }
}

fn refusal(reason: impl std::fmt::Display) -> ExportError {
    ExportError::Raster { reason: reason.to_string() }
}
