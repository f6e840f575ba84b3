//! Values over two named axes, as a figure: regions and words, layers and heads.

use serde::{Deserialize, Serialize};

use super::{CaptionField, FigureError};

/// The parts of a [`MatrixFigure`], before they are checked against each other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MatrixParts {
    /// Above the plot, if anything.
    pub title: Option<String>,
    /// What the rows are.
    pub row_label: String,
    /// What the columns are.
    pub column_label: String,
    /// Names of the rows, top to bottom.
    pub rows: Vec<String>,
    /// Names of the columns, left to right.
    pub columns: Vec<String>,
    /// Row by row; `None` where there is no value, or where the mask alone decides it. Shape
    /// `[rows, columns]`.
    pub values: Vec<Option<f64>>,
    /// What a value is.
    pub value_label: String,
    /// The value that says nothing and from which colors part (1 for lift); `None` for values that
    /// start at 0.
    pub center: Option<f64>,
    /// Everything a reader must know to repeat the figure.
    pub caption: Vec<CaptionField>,
    /// Warnings that belong to the figure wherever it goes.
    pub notes: Vec<String>,
}

/// A matrix: at least one row and one column, at most 256, one value or none in each place, all
/// numbers finite.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "MatrixParts", into = "MatrixParts")]
pub struct MatrixFigure(MatrixParts);

impl MatrixFigure {
    /// As many rows, and as many columns, as still have a place on a page.
    pub const MOST: usize = 256;

    /// Checks that the parts fit each other.
    ///
    /// # Errors
    /// [`FigureError`]: too few or too many rows or columns, not one value a place, a number that is
    /// not finite.
    pub fn new(parts: MatrixParts) -> Result<Self, FigureError> {
        let (n_rows, n_columns) = (parts.rows.len(), parts.columns.len());
        for (what, found) in [("rows", n_rows), ("columns", n_columns)] {
            if !(1..=Self::MOST).contains(&found) {
                return Err(FigureError::Sides { what, found, most: Self::MOST });
            }
        }
        let (found, expected) = (parts.values.len(), n_rows * n_columns);
        if found != expected {
            return Err(FigureError::Cells { found, expected });
        }
        if let Some(i) = parts.values.iter().position(|v| v.is_some_and(|v| !v.is_finite())) {
            let (row, column) = (i / n_columns, i % n_columns);
            let (row, column) = (parts.rows[row].clone(), parts.columns[column].clone());
            return Err(FigureError::CellNotFinite { row, column });
        }
        if parts.center.is_some_and(|center| !center.is_finite()) {
            return Err(FigureError::Reference);
        }
        Ok(Self(parts))
    }

    /// What it is made of.
    pub fn parts(&self) -> &MatrixParts {
        &self.0
    }

    /// The value in a row and a column, if there is one.
    ///
    /// # Panics
    /// Where there is no such place.
    pub fn value(&self, row: usize, column: usize) -> Option<f64> {
        let n_columns = self.0.columns.len();
        assert!(column < n_columns, "there is no column {column}: there are {n_columns}");
        self.0.values[row * n_columns + column]
    }

    /// Whether colors part from a value in the middle.
    pub fn is_diverging(&self) -> bool {
        self.0.center.is_some()
    }
}

impl TryFrom<MatrixParts> for MatrixFigure {
    type Error = FigureError;

    fn try_from(parts: MatrixParts) -> Result<Self, FigureError> {
        Self::new(parts)
    }
}

impl From<MatrixFigure> for MatrixParts {
    fn from(figure: MatrixFigure) -> Self {
        figure.0
    }
}
