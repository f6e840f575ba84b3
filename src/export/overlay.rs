//! Maps over their picture as a figure: SVG, PNG, CSV and JSON.
//!
//! The picture's pixels stay whole: each is one pixel of the PNG, or in a small picture a square of
//! several.

use std::path::Path;

use serde::Serialize;

use crate::domain::{
    CaptionField, Colormap, Heatmap, ImageFit, ImageSize, Meter, RegionSet, ValueScale, go_on,
};

use super::{
    ExportError, font, overlay_layout, overlay_pixels,
    write::{check_folder, ending, write_whole},
};

/// How a map looks on its picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OverlayStyle {
    /// The colors.
    pub colormap: Colormap,
    /// How much of the picture they cover, from 0 (nothing) to 1 (all).
    pub opacity: f64,
    /// Values between the middles of patches instead of patches as they are; the figure says so.
    pub smooth: bool,
    /// Whether colors mean the same in all panels; otherwise each has its own bar, and the figure
    /// says so.
    pub shared_scale: bool,
    /// The numbers between which colors run, for all panels; `None` for 0 to the largest value.
    pub scale: Option<ValueScale>,
    /// Whether values that say little let the picture through, as in the window.
    pub fades: bool,
}

impl Default for OverlayStyle {
    fn default() -> Self {
        Self {
            colormap: Colormap::Viridis,
            opacity: 0.6,
            smooth: false,
            shared_scale: true,
            scale: None,
            fades: false,
        }
    }
}

impl OverlayStyle {
    /// Which colors, and how much of the picture they cover: what a caption says of them.
    pub fn covering(&self) -> String {
        let Self { colormap, opacity, fades, .. } = self;
        let text = format!("{colormap}, covering the picture to {:.0} %", 100.0 * opacity);
        match (fades, colormap.is_diverging()) {
            (false, _) => text,
            (true, false) => format!("{text}, small values less"),
            (true, true) => format!("{text}, values near the middle less"),
        }
    }

    /// Whether one bar holds for all panels.
    pub(super) fn has_one_scale(&self) -> bool {
        self.shared_scale || self.scale.is_some()
    }
}

/// The picture once, with a map over it or without.
#[derive(Clone, Debug, PartialEq)]
pub struct OverlayPanel {
    /// Names the map: what of the attention it shows, of which word or token.
    pub title: String,
    /// What only this panel needs to be read.
    pub note: Option<String>,
    /// The map; `None` for the picture alone.
    pub map: Option<Heatmap>,
}

/// Panels of one picture beside each other, and what a reader must know.
#[derive(Clone, Debug)]
pub struct OverlayFigure<'a> {
    /// The picture as shown, `[height, width, 3]`.
    pub rgb: &'a [u8],
    /// Its size, and how it was brought to the model's square.
    pub fit: ImageFit,
    /// The panels, from left to right.
    pub panels: Vec<OverlayPanel>,
    /// Outlines over every panel.
    pub regions: Option<&'a RegionSet>,
    /// What a color's number is.
    pub value_label: String,
    /// How it looks.
    pub style: OverlayStyle,
    /// Everything a reader must know to repeat the figure.
    pub caption: Vec<CaptionField>,
    /// Warnings that belong to the figure wherever it goes.
    pub notes: Vec<String>,
}

impl OverlayFigure<'_> {
    /// As many panels as still read as one figure.
    pub const MAX_PANELS: usize = 32;

    /// Refuses what cannot be drawn.
    pub(super) fn check(&self) -> Result<(), ExportError> {
        let refuse = |reason: String| Err(ExportError::Overlay { reason });
        let ImageSize { width, height } = self.fit.image;
        let expected = 3 * u64::from(width) * u64::from(height);
        if expected == 0 || self.rgb.len() as u64 != expected {
            let found = self.rgb.len();
            return refuse(format!(
                "a picture of {width} x {height} has {expected} samples, not {found}"
            ));
        }
        let n = self.panels.len();
        if !(1..=Self::MAX_PANELS).contains(&n) {
            return refuse(format!("a figure shows 1 to {} panels, not {n}", Self::MAX_PANELS));
        }
        if !(0.0..=1.0).contains(&self.style.opacity) {
            return refuse(format!("opacity goes from 0 to 1 and is {}", self.style.opacity));
        }
        if let Some(ValueScale { low, high }) = self.style.scale
            && !(low.is_finite() && high.is_finite() && low < high)
        {
            return refuse(format!(
                "a scale goes from a number to a larger one, not {low} to {high}"
            ));
        }
        if self.regions.is_some_and(|set| set.image() != self.fit.image) {
            return refuse("the regions are of a picture of another size".to_owned());
        }
        for OverlayPanel { title, map, .. } in &self.panels {
            let Some(map) = map else { continue };
            let (found, expected) = (map.values.len(), map.patches.len());
            if found != expected || expected == 0 {
                return refuse(format!("\"{title}\" has {found} values for {expected} patches"));
            }
            if let Some(at) = map.values.iter().position(|value| value.is_infinite()) {
                let (row, col) = (at / map.patches.cols, at % map.patches.cols);
                return refuse(format!(
                    "\"{title}\" has {} in row {row}, column {col}, which is no number to draw",
                    map.values[at]
                ));
            }
        }
        Ok(())
    }
}

/// A figure as SVG: picture and smooth maps as embedded PNG, patches, outlines and texts as such.
///
/// # Errors
/// [`ExportError`]: parts that do not fit each other, or what the drawing crates refuse.
pub fn overlay_svg(figure: &OverlayFigure<'_>) -> Result<String, ExportError> {
    svg(figure, &Meter::new(&mut go_on))
}

/// The same, stopped from outside between two rows of pixels.
pub(super) fn svg(figure: &OverlayFigure<'_>, meter: &Meter<'_>) -> Result<String, ExportError> {
    figure.check()?;
    // Texts are measured with it.
    font::register()?;
    overlay_pixels::svg(figure, &overlay_layout::lay_out(figure), meter)
}

/// A figure as PNG, [`PNG_DPI`](super::PNG_DPI) pixels an inch, and saying so.
///
/// # Errors
/// As [`overlay_svg`], and [`ExportError::TooManyPixels`].
pub fn overlay_png(figure: &OverlayFigure<'_>) -> Result<Vec<u8>, ExportError> {
    png(figure, &Meter::new(&mut go_on))
}

/// The same, stopped from outside between two rows of pixels.
pub(super) fn png(figure: &OverlayFigure<'_>, meter: &Meter<'_>) -> Result<Vec<u8>, ExportError> {
    figure.check()?;
    // Texts are measured with it.
    font::register()?;
    overlay_pixels::png(figure, &overlay_layout::lay_out(figure), meter)
}

#[derive(Serialize)]
struct PatchRow<'a> {
    panel: &'a str,
    map: String,
    reading: String,
    row: usize,
    col: usize,
    left: f64,
    top: f64,
    right: f64,
    bottom: f64,
    value: f64,
}

/// The numbers of a figure as CSV, one line a patch, its edges in pixels of the picture as shown.
///
/// # Errors
/// [`ExportError`]: parts that do not fit each other, or a writer that fails.
pub fn overlay_csv(figure: &OverlayFigure<'_>) -> Result<String, ExportError> {
    figure.check()?;
    let mut writer = csv::Writer::from_writer(Vec::new());
    for panel in &figure.panels {
        let Some(map) = &panel.map else { continue };
        let [across, down] = figure.fit.patch_edges(map.patches);
        for (i, value) in map.values.iter().enumerate() {
            let (row, col) = (i / map.patches.cols, i % map.patches.cols);
            writer.serialize(PatchRow {
                panel: &panel.title,
                map: map.kind.to_string(),
                reading: map.reading.to_string(),
                row,
                col,
                left: across[col],
                top: down[row],
                right: across[col + 1],
                bottom: down[row + 1],
                value: *value,
            })?;
        }
    }
    super::table::text_of(writer)
}

#[derive(Serialize)]
struct OverlayJson<'a> {
    version: u32,
    figure: &'static str,
    value_label: &'a str,
    panels: Vec<PanelJson<'a>>,
    caption: &'a [CaptionField],
    notes: &'a [String],
}

#[derive(Serialize)]
struct PanelJson<'a> {
    title: &'a str,
    note: Option<&'a str>,
    map: Option<MapJson<'a>>,
}

#[derive(Serialize)]
struct MapJson<'a> {
    #[serde(flatten)]
    map: &'a Heatmap,
    /// Edges of columns and of rows, in pixels of the picture as shown.
    across: Vec<f64>,
    down: Vec<f64>,
}

/// The numbers of a figure as JSON: each map as it is, with the edges of its patches in pixels of the
/// picture as shown; a patch without a value is `null`.
///
/// # Errors
/// [`ExportError`]: parts that do not fit each other, or a writer that fails.
pub fn overlay_json(figure: &OverlayFigure<'_>) -> Result<String, ExportError> {
    figure.check()?;
    let panels = figure.panels.iter().map(|panel| PanelJson {
        title: &panel.title,
        note: panel.note.as_deref(),
        map: panel.map.as_ref().map(|map| {
            let [across, down] = figure.fit.patch_edges(map.patches);
            MapJson { map, across, down }
        }),
    });
    let json = OverlayJson {
        version: 1,
        figure: "map",
        value_label: &figure.value_label,
        panels: panels.collect(),
        caption: &figure.caption,
        notes: &figure.notes,
    };
    let mut text = serde_json::to_string_pretty(&json)?;
    text.push('\n');
    Ok(text)
}

/// Refuses a file whose ending names no format or whose folder is not there, before a model is loaded
/// for it.
///
/// # Errors
/// [`ExportError::UnknownOverlayFormat`], [`ExportError::NoFolder`].
pub fn check_overlay_format(path: &Path) -> Result<(), ExportError> {
    match ending(path).as_deref() {
        Some("svg" | "png" | "csv" | "json") => check_folder(path),
        _ => Err(ExportError::UnknownOverlayFormat { path: path.to_owned() }),
    }
}

/// Writes a figure in the format that the file's ending names: `svg`, `png`, `csv` or `json`.
///
/// The file appears whole or not at all.
///
/// # Errors
/// [`ExportError`]: an ending that is none of these, parts that do not fit each other, a place that
/// cannot be written to.
pub fn write_overlay(figure: &OverlayFigure<'_>, path: &Path) -> Result<(), ExportError> {
    write_overlay_while(figure, path, &Meter::new(&mut go_on))
}

/// The same, telling how far it is, and stopped from outside between.
///
/// # Errors
/// As [`write_overlay`]; [`ExportError::Stopped`], and then what was at that place is still there.
pub fn write_overlay_while(
    figure: &OverlayFigure<'_>,
    path: &Path,
    meter: &Meter<'_>,
) -> Result<(), ExportError> {
    meter.begin("drawing", 0)?;
    let bytes = match ending(path).as_deref() {
        Some("svg") => svg(figure, meter)?.into_bytes(),
        Some("png") => png(figure, meter)?,
        Some("csv") => overlay_csv(figure)?.into_bytes(),
        Some("json") => overlay_json(figure)?.into_bytes(),
        _ => return Err(ExportError::UnknownOverlayFormat { path: path.to_owned() }),
    };
    write_whole(path, &bytes, meter)
}
