//! The pixels of a figure with maps: pictures and patches, under everything that is drawn.

use std::fmt::Write as _;

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::domain::{Grid, Heatmap, ImageSize, Meter};

use super::{
    ExportError,
    heat::{Heat, Shade, mixed},
    overlay::{OverlayFigure, OverlayStyle},
    overlay_layout::{OverlayLayout, PIXEL},
    paper::Tenths,
    png::{Canvas, encode_plain},
    svg::{PAPER, drawing_svg},
};

/// A panel's map in its place, where it shows colors.
fn heat<'a>(
    figure: &'a OverlayFigure<'_>,
    layout: &OverlayLayout,
    panel: usize,
) -> Option<Heat<'a>> {
    let map = figure.panels[panel].map.as_ref().filter(|map| !map.by_construction)?;
    let (scale, OverlayStyle { smooth, fades, .. }) = (layout.scales[panel], figure.style);
    Some(Heat { map, fit: figure.fit, scale, smooth, fades })
}

/// The figure as pixels.
pub(super) fn png(
    figure: &OverlayFigure<'_>,
    layout: &OverlayLayout,
    meter: &Meter<'_>,
) -> Result<Vec<u8>, ExportError> {
    let OverlayLayout { drawing, corners, zoom, .. } = layout;
    let mut canvas = Canvas::blank(pixels(drawing.width), pixels(drawing.height))?;
    let n_rows = figure.fit.image.height * zoom;
    meter.begin("coloring", corners.len() as u64 * u64::from(n_rows))?;
    for (panel, corner) in corners.iter().enumerate() {
        let [left, top] = corner.map(pixels);
        let mut heat_rows = heat(figure, layout, panel).map(|heat| heat.pixels(*zoom));
        for y in 0..n_rows {
            let mut row = picture_row(figure, y / zoom, *zoom);
            let colors = heat_rows.as_mut().and_then(Iterator::next).unwrap_or_default();
            for (under, over) in row.iter_mut().zip(colors) {
                if let Some(Shade { rgb, cover }) = over {
                    *under = mixed(*under, rgb, figure.style.opacity * cover);
                }
            }
            canvas.set_row([left, top + y], &row);
            meter.add(1)?;
        }
    }
    canvas.draw(&drawing_svg(drawing, "")?, meter)?;
    canvas.encode(meter)
}

/// A row of the picture, each pixel `zoom` times.
fn picture_row(figure: &OverlayFigure<'_>, y: u32, zoom: u32) -> Vec<[u8; 3]> {
    let width = figure.fit.image.width as usize;
    let row = &figure.rgb[3 * width * y as usize..][..3 * width];
    let (pixels, _) = row.as_chunks::<3>();
    pixels.iter().flat_map(|pixel| std::iter::repeat_n(*pixel, zoom as usize)).collect()
}

/// Corners and sizes of the drawing lie on whole pixels.
fn pixels(tenths: Tenths) -> u32 {
    (f64::from(tenths) / PIXEL).round() as u32
}

/// The figure as SVG.
pub(super) fn svg(
    figure: &OverlayFigure<'_>,
    layout: &OverlayLayout,
    meter: &Meter<'_>,
) -> Result<String, ExportError> {
    let ImageSize { width, height } = figure.fit.image;
    let unit = PIXEL * f64::from(layout.zoom);
    let mut under = PAPER.to_owned();
    let picture = encode_plain([width, height], figure.rgb, png::ColorType::Rgb, meter)?;
    let picture = STANDARD.encode(picture);
    for (panel, [left, top]) in layout.corners.iter().enumerate() {
        // One unit is a pixel of the picture from here on.
        writeln!(under, "<g transform=\"translate({left} {top}) scale({unit})\">")?;
        // The picture is stored once; later panels show the same.
        if panel == 0 {
            image(&mut under, "id=\"picture\"", [width, height], &picture)?;
        } else {
            writeln!(under, "<use {XLINK} xlink:href=\"#picture\"/>")?;
        }
        if let Some(heat) = heat(figure, layout, panel) {
            let opacity = format!("opacity=\"{}\"", figure.style.opacity);
            match figure.style.smooth {
                true => smooth_map(&mut under, &heat, (layout.zoom, &opacity), meter)?,
                false => patches(&mut under, &heat, &opacity)?,
            }
        }
        under.push_str("</g>\n");
    }
    drawing_svg(&layout.drawing, &under)
}

const XLINK: &str = "xmlns:xlink=\"http://www.w3.org/1999/xlink\"";

fn image(
    into: &mut String,
    attributes: &str,
    [width, height]: [u32; 2],
    base64: &str,
) -> std::fmt::Result {
    writeln!(
        into,
        "<image {attributes} width=\"{width}\" height=\"{height}\" preserveAspectRatio=\"none\" \
         style=\"image-rendering:pixelated\" {XLINK} xlink:href=\"data:image/png;base64,{base64}\"/>"
    )
}

/// One rectangle a patch; without antialiasing, so that no seam shows between them.
fn patches(into: &mut String, heat: &Heat<'_>, opacity: &str) -> std::fmt::Result {
    let Heatmap { patches: Grid { cols, .. }, values, .. } = heat.map;
    let [across, down] = heat.fit.patch_edges(heat.map.patches);
    writeln!(into, "<g {opacity} shape-rendering=\"crispEdges\">")?;
    for (i, value) in values.iter().enumerate().filter(|(_, value)| !value.is_nan()) {
        let (row, col) = (i / cols, i % cols);
        let [x, y] = [across[col], down[row]];
        let [width, height] = [across[col + 1] - x, down[row + 1] - y];
        let Shade { rgb: [red, green, blue], cover } = heat.shade(*value);
        let part = if heat.fades { format!(" fill-opacity=\"{cover:.4}\"") } else { String::new() };
        writeln!(
            into,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" \
             fill=\"#{red:02X}{green:02X}{blue:02X}\"{part}/>"
        )?;
    }
    into.push_str("</g>\n");
    Ok(())
}

fn smooth_map(
    into: &mut String,
    heat: &Heat<'_>,
    (zoom, opacity): (u32, &str),
    meter: &Meter<'_>,
) -> Result<(), ExportError> {
    let ImageSize { width, height } = heat.fit.image;
    let sample = |pixel: Option<Shade>| {
        let Some(Shade { rgb: [red, green, blue], cover }) = pixel else { return [0; 4] };
        [red, green, blue, (f64::from(u8::MAX) * cover).round() as u8]
    };
    let rgba: Vec<u8> = heat.pixels(zoom).flatten().flat_map(sample).collect();
    let size = [width * zoom, height * zoom];
    let bytes = encode_plain(size, &rgba, png::ColorType::Rgba, meter)?;
    image(into, opacity, [width, height], &STANDARD.encode(bytes))?;
    Ok(())
}
