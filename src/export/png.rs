//! Figures as pixels: the SVG, drawn with the bundled font at 300 dpi.

use std::sync::Arc;

use resvg::{
    tiny_skia::{Pixmap, Transform},
    usvg::{FontResolver, Options, Tree, fontdb::Database},
};

use crate::domain::Figure;

use super::{ExportError, PNG_DPI, PaperSize, figure_svg, font};

/// Meters in an inch.
const INCH_IN_METERS: f64 = 0.0254;

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
    let mut pixels = Pixmap::new(size.width(), size.height())
        .ok_or_else(|| refusal("it has no size that a picture can have"))?;
    resvg::render(&tree, Transform::identity(), &mut pixels.as_mut());
    // The paper is drawn, so every pixel is opaque.
    let rgb: Vec<u8> =
        pixels.pixels().iter().flat_map(|p| [p.red(), p.green(), p.blue()]).collect();

    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, size.width(), size.height());
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let per_meter = (f64::from(PNG_DPI) / INCH_IN_METERS).round() as u32;
    let unit = png::Unit::Meter;
    encoder.set_pixel_dims(Some(png::PixelDimensions { xppu: per_meter, yppu: per_meter, unit }));
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&rgb)?;
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
