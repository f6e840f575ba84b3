//! The map of every layer and head, side by side.

use serde::Serialize;

use crate::domain::{CaptionField, Colormap, Grid, Meter};

use super::{
    ExportError,
    cells::{CellField, Key, Stretch},
    colorbar::ColorScale,
    paper::{Color, WHITE},
};

/// Layers by heads, a map each.
#[derive(Clone, Debug)]
pub struct HeadMapsFigure {
    /// Numbers of the layers, top to bottom.
    pub layers: Vec<usize>,
    /// Numbers of the heads, left to right.
    pub heads: Vec<usize>,
    /// The patches of each map.
    pub patches: Grid,
    /// Layer by layer and in it head by head, the values of the patches row by row; `NaN` where the
    /// reading has none. Shape `[layers * heads][patches]`.
    pub values: Vec<Vec<f64>>,
    /// Whether colors mean the same in all maps; otherwise each goes from its least to its largest.
    pub shared_scale: bool,
    /// The colors.
    pub colormap: Colormap,
    /// What a value is.
    pub value_label: String,
    /// Everything a reader must know to repeat the figure.
    pub caption: Vec<CaptionField>,
    /// Warnings that belong to it.
    pub notes: Vec<String>,
}

/// The maps as SVG.
///
/// # Errors
/// [`ExportError::Overlay`]: values that do not fit the layers, heads and patches; what the drawing
/// crates refuse.
pub fn head_maps_svg(figure: &HeadMapsFigure, meter: &Meter<'_>) -> Result<String, ExportError> {
    figure.field()?.svg(meter)
}

/// The maps as PNG, [`PNG_DPI`](super::PNG_DPI) pixels an inch.
///
/// # Errors
/// As [`head_maps_svg`], and [`ExportError::TooManyPixels`].
pub fn head_maps_png(figure: &HeadMapsFigure, meter: &Meter<'_>) -> Result<Vec<u8>, ExportError> {
    figure.field()?.png(meter)
}

#[derive(Serialize)]
struct PatchRow {
    layer: usize,
    head: usize,
    row: usize,
    col: usize,
    value: Option<f64>,
}

/// The maps as CSV, one line a patch of a head; a value that the reading does not have is empty.
///
/// # Errors
/// As [`head_maps_svg`]; [`ExportError::Csv`] if the writer fails.
pub fn head_maps_csv(figure: &HeadMapsFigure) -> Result<String, ExportError> {
    figure.check()?;
    let mut writer = csv::Writer::from_writer(Vec::new());
    for (layer, head, values) in figure.maps() {
        for (i, value) in values.iter().enumerate() {
            let (row, col) = (i / figure.patches.cols, i % figure.patches.cols);
            let value = Some(*value).filter(|value| !value.is_nan());
            writer.serialize(PatchRow { layer, head, row, col, value })?;
        }
    }
    super::table::text_of(writer)
}

#[derive(Serialize)]
struct MapsJson<'a> {
    version: u32,
    figure: &'static str,
    value_label: &'a str,
    patch_rows: usize,
    patch_cols: usize,
    maps: Vec<MapJson<'a>>,
    caption: &'a [CaptionField],
    notes: &'a [String],
}

#[derive(Serialize)]
struct MapJson<'a> {
    layer: usize,
    head: usize,
    /// Row by row; `null` where the reading has no value.
    values: &'a [f64],
}

/// The maps as JSON, each map's values row by row.
///
/// # Errors
/// As [`head_maps_svg`]; [`ExportError::Json`] if the writer fails.
pub fn head_maps_json(figure: &HeadMapsFigure) -> Result<String, ExportError> {
    figure.check()?;
    let maps = figure.maps().map(|(layer, head, values)| MapJson { layer, head, values });
    let json = MapsJson {
        version: 1,
        figure: "head_maps",
        value_label: &figure.value_label,
        patch_rows: figure.patches.rows,
        patch_cols: figure.patches.cols,
        maps: maps.collect(),
        caption: &figure.caption,
        notes: &figure.notes,
    };
    let mut text = serde_json::to_string_pretty(&json)?;
    text.push('\n');
    Ok(text)
}

impl HeadMapsFigure {
    /// Each map with its layer and head.
    fn maps(&self) -> impl Iterator<Item = (usize, usize, &[f64])> {
        let places = self.layers.iter().flat_map(|l| self.heads.iter().map(move |h| (*l, *h)));
        places.zip(&self.values).map(|((layer, head), values)| (layer, head, values.as_slice()))
    }

    fn check(&self) -> Result<(), ExportError> {
        let (n_maps, n_patches) = (self.layers.len() * self.heads.len(), self.patches.len());
        let is_whole = self.values.iter().all(|values| values.len() == n_patches);
        if n_maps == 0 || n_patches == 0 || self.values.len() != n_maps || !is_whole {
            let (layers, heads, n) = (self.layers.len(), self.heads.len(), self.values.len());
            return Err(ExportError::Overlay {
                reason: format!(
                    "{n} maps do not fit {layers} layers by {heads} heads of {n_patches} patches"
                ),
            });
        }
        Ok(())
    }

    fn field(&self) -> Result<CellField, ExportError> {
        self.check()?;
        let all = self.values.iter().flatten().copied().filter(|value| value.is_finite());
        let shared = ColorScale::over(all, self.colormap);
        let scale_of = |values: &[f64]| {
            if self.shared_scale {
                return shared;
            }
            ColorScale::over(values.iter().copied().filter(|v| v.is_finite()), self.colormap)
        };
        let scales: Vec<ColorScale> = self.values.iter().map(|values| scale_of(values)).collect();
        let Grid { rows, cols } = self.patches;
        let columns = self.heads.len() * cols;
        let color = |i: usize| {
            let (y, x) = (i / columns, i % columns);
            let map = y / rows * self.heads.len() + x / cols;
            let value = self.values[map][y % rows * cols + x % cols];
            let Color(red, green, blue) = WHITE;
            if value.is_finite() { scales[map].rgb(value) } else { [red, green, blue] }
        };
        let stretches = |letter: char, numbers: &[usize], len: usize| {
            let stretch = |(i, number): (usize, &usize)| Stretch {
                name: format!("{letter}{number}"),
                cells: i * len..(i + 1) * len,
            };
            numbers.iter().enumerate().map(stretch).collect()
        };
        let mut notes = self.notes.clone();
        if !self.shared_scale {
            notes
                .push("Each map has its own scale, from 0 to its largest value: colors of two heads do not compare.".to_owned());
        }
        if self.values.iter().flatten().any(|value| value.is_nan()) {
            notes.push("Patches without color have no value under this reading.".to_owned());
        }
        Ok(CellField {
            axes: "rows: decoder layers, from 0\u{a0}\u{b7} columns: query heads".to_owned(),
            columns,
            colors: (0..columns * rows * self.layers.len()).map(color).collect(),
            left: stretches('L', &self.layers, rows),
            top: stretches('H', &self.heads, cols),
            line: WHITE,
            key: match self.shared_scale {
                true => Key::Scale(shared, self.value_label.clone()),
                false => Key::None,
            },
            caption: self.caption.clone(),
            notes,
        })
    }
}
