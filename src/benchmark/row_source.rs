//! Rows in the order of their file, and again from where one stood.

use std::io;

use super::{error::RowFault, row::BenchmarkRow};

/// Where a row stands in its file, so that it can be read again without those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowPlace {
    /// The row, from 1, the header not counted.
    pub number: usize,
    /// A byte of the file, or whatever else the kind of file goes by.
    pub(super) at: u64,
}

/// The rows of one kind of file.
pub(super) trait RowSource: Iterator<Item = Result<BenchmarkRow, RowFault>> {
    /// Where the next row stands.
    fn place(&mut self) -> io::Result<RowPlace>;

    /// Makes the row at a place the next one.
    fn go_to(&mut self, place: RowPlace) -> io::Result<()>;

    /// Whether [`go_to`](Self::go_to) also goes back.
    fn goes_back(&self) -> bool {
        true
    }
}

/// The rows of a file; a row that is wrong is a fault, and the next one follows.
pub struct BenchmarkRows(pub(super) Box<dyn RowSource + Send>);

impl BenchmarkRows {
    /// Where the next row stands.
    ///
    /// # Errors
    /// What the disk says.
    pub fn place(&mut self) -> io::Result<RowPlace> {
        self.0.place()
    }

    /// Makes the row at a place the next one.
    ///
    /// # Errors
    /// What the disk says; a place behind, where rows can only be read [onwards](Self::goes_back).
    pub fn go_to(&mut self, place: RowPlace) -> io::Result<()> {
        self.0.go_to(place)
    }

    /// Whether rows can be read in any order; those of a Parquet file come in pages and cannot.
    pub fn goes_back(&self) -> bool {
        self.0.goes_back()
    }
}

impl std::fmt::Debug for BenchmarkRows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BenchmarkRows")
    }
}

impl Iterator for BenchmarkRows {
    type Item = Result<BenchmarkRow, RowFault>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next()
    }
}
