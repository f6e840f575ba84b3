//! The data behind a figure: as a table for spreadsheets, and as JSON that gives the figure back.

use serde::{Deserialize, Serialize};

use crate::domain::{BarFigure, CurveFigure, Figure, MatrixFigure};

use super::ExportError;

/// The version of the JSON.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Versioned<F> {
    version: u32,
    #[serde(flatten)]
    figure: F,
}

/// The figure as JSON: `{"version": 1, "figure": "bars", ..}`, every number as it is.
///
/// # Errors
/// [`ExportError::Json`] if the writer fails.
pub fn figure_json(figure: &Figure) -> Result<String, ExportError> {
    let versioned = Versioned { version: VERSION, figure };
    let mut json = serde_json::to_string_pretty(&versioned)?;
    json.push('\n');
    Ok(json)
}

/// The figure that a JSON holds.
///
/// # Errors
/// [`ExportError::Json`] for something else, or for parts that do not fit each other;
/// [`ExportError::Version`] for the JSON of a later program.
pub fn figure_from_json(json: &str) -> Result<Figure, ExportError> {
    #[derive(Deserialize)]
    struct Version {
        version: u32,
    }
    let Version { version: found } = serde_json::from_str(json)?;
    if found != VERSION {
        return Err(ExportError::Version { found, known: VERSION });
    }
    Ok(serde_json::from_str::<Versioned<Figure>>(json)?.figure)
}

/// The figure's numbers as CSV with a heading, one line a bar, a point or a place; what is not known is empty.
///
/// Numbers have as many digits as give the same number when read.
///
/// # Errors
/// [`ExportError::Csv`] if the writer fails.
pub fn figure_csv(figure: &Figure) -> Result<String, ExportError> {
    match figure {
        Figure::Bars(figure) => bars_csv(figure),
        Figure::Curves(figure) => curves_csv(figure),
        Figure::Matrix(figure) => matrix_csv(figure),
    }
}

#[derive(Serialize)]
struct BarRow<'a> {
    group: &'a str,
    category: &'a str,
    is_control: bool,
    value: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    pooled: Option<f64>,
    n: usize,
    by_construction: bool,
}

fn bars_csv(figure: &BarFigure) -> Result<String, ExportError> {
    let parts = figure.parts();
    let mut writer = csv::Writer::from_writer(Vec::new());
    for group in &parts.groups {
        for (bar, category) in group.bars.iter().zip(&parts.categories) {
            writer.serialize(BarRow {
                group: &group.name,
                category: &category.name,
                is_control: category.is_control,
                value: bar.value,
                low: bar.interval.map(|i| i.low),
                high: bar.interval.map(|i| i.high),
                pooled: bar.pooled,
                n: bar.n,
                by_construction: bar.by_construction,
            })?;
        }
    }
    text_of(writer)
}

#[derive(Serialize)]
struct PointRow<'a> {
    curve: &'a str,
    x: f64,
    y: f64,
    low: Option<f64>,
    high: Option<f64>,
}

fn curves_csv(figure: &CurveFigure) -> Result<String, ExportError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for curve in &figure.parts().curves {
        for (i, [x, y]) in curve.points.iter().enumerate() {
            let interval = curve.intervals.get(i);
            let (low, high) = (interval.map(|i| i.low), interval.map(|i| i.high));
            writer.serialize(PointRow { curve: &curve.name, x: *x, y: *y, low, high })?;
        }
    }
    text_of(writer)
}

#[derive(Serialize)]
struct PlaceRow<'a> {
    row: &'a str,
    column: &'a str,
    value: Option<f64>,
}

fn matrix_csv(figure: &MatrixFigure) -> Result<String, ExportError> {
    let parts = figure.parts();
    let mut writer = csv::Writer::from_writer(Vec::new());
    let places = parts.rows.iter().flat_map(|row| parts.columns.iter().map(move |c| (row, c)));
    for ((row, column), value) in places.zip(&parts.values) {
        writer.serialize(PlaceRow { row, column, value: *value })?;
    }
    text_of(writer)
}

/// What a table's writer wrote.
pub(super) fn text_of(writer: csv::Writer<Vec<u8>>) -> Result<String, ExportError> {
    let bytes = writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
