//! Numbers in rows and columns, with their intervals, before anyone writes them down.

use serde::{Deserialize, Serialize};

use super::Interval;

/// A table whose first column names its rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ResultTable {
    /// What is measured, and of what: one line.
    pub title: String,
    /// Above the names of the rows.
    pub corner: String,
    /// Names of the columns.
    pub columns: Vec<String>,
    /// One a row.
    pub rows: Vec<TableRow>,
    /// What must be known to read it: coverage, intervals, readings.
    pub notes: Vec<String>,
}

/// A row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TableRow {
    /// Its name.
    pub name: String,
    /// One a column.
    pub cells: Vec<TableCell>,
}

/// A place of a table.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TableCell {
    /// Not defined here.
    Nothing,
    /// Zero, because a mask leaves no other value.
    ByConstruction,
    /// How many.
    Count(usize),
    /// A measured value.
    Value {
        /// The value.
        value: f64,
        /// Its 95 % interval, if it has one.
        interval: Option<Interval>,
        /// Digits after the point, where people read it.
        digits: usize,
    },
}
