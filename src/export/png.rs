//! Figures as pixels: the SVG, drawn with the bundled font at 300 dpi.

use std::sync::Arc;

use resvg::{
    tiny_skia::{Color, ColorU8, Pixmap, Transform},
    usvg::{FontResolver, Options, Tree, fontdb::Database},
};

use crate::domain::Figure;

use super::{ExportError, PNG_DPI, PaperSize, figure_svg, font};

/// Meters in an inch.
const INCH_IN_METERS: f64 = 0.0254;

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
    let svg = figure_svg(figure, size)?;
    let tree = Tree::from_str(&svg, &options()).map_err(refusal)?;
    let size = tree.size().to_int_size();
    let mut canvas = Canvas::blank(size.width(), size.height())?;
    canvas.draw_tree(&tree);
    canvas.encode()
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
    pub(super) fn draw(&mut self, svg: &str) -> Result<(), ExportError> {
        let tree = Tree::from_str(svg, &options()).map_err(refusal)?;
        self.draw_tree(&tree);
        Ok(())
    }

    fn draw_tree(&mut self, tree: &Tree) {
        resvg::render(tree, Transform::identity(), &mut self.0.as_mut());
    }

    /// The pixels as PNG, [`PNG_DPI`] of them an inch.
    pub(super) fn encode(self) -> Result<Vec<u8>, ExportError> {
        let (width, height) = (self.0.width(), self.0.height());
        // Everything is drawn on white, so every pixel is opaque.
        let rgb: Vec<u8> =
            self.0.pixels().iter().flat_map(|p| [p.red(), p.green(), p.blue()]).collect();
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
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&rgb)?;
        writer.finish()?;
        Ok(bytes)
    }
}

/// Samples as PNG, for an SVG to hold.
pub(super) fn encode_plain(
    [width, height]: [u32; 2],
    samples: &[u8],
    color: png::ColorType,
) -> Result<Vec<u8>, ExportError> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(color);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(samples)?;
    writer.finish()?;
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
