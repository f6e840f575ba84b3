//! A question of a benchmark, whatever file it comes from.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::cell::Cell;

/// A picture's bytes, as a file would hold them.
#[derive(Clone, Debug)]
pub struct RowPicture {
    /// Names the picture within its file: rows of one picture have the same.
    pub key: String,
    /// PNG, JPEG, WebP, GIF or whatever else it is.
    pub bytes: Arc<Vec<u8>>,
}

impl RowPicture {
    /// SHA-256 of the bytes: equal pictures have the same, wherever they stand.
    pub fn sha256(&self) -> [u8; 32] {
        Sha256::digest(&*self.bytes).into()
    }
}

/// One question with its pictures.
#[derive(Clone, Debug)]
pub struct BenchmarkRow {
    /// The row in its file, from 1.
    pub number: usize,
    /// Its index; the row's number from 0 where the file has none.
    pub index: String,
    /// The pictures, in the order of the file; at least one.
    pub pictures: Vec<RowPicture>,
    /// The question, as it stands there.
    pub question: String,
    /// What stands before the question.
    pub hint: Option<String>,
    /// The options that are asked, by letter; letters may have gaps.
    pub options: Vec<(char, String)>,
    /// The whole text to ask, where the file has one (CV-Bench).
    pub prompt: Option<String>,
    /// The expected answer.
    pub answer: Option<String>,
    /// Column `category`.
    pub category: Option<String>,
    /// Column `l2-category`.
    pub l2_category: Option<String>,
    /// Column `split`.
    pub split: Option<String>,
    /// Every column but the picture's, in order: what a prediction file repeats.
    pub cells: Vec<(Arc<str>, Cell)>,
}

impl BenchmarkRow {
    /// A cell by its column's name.
    pub fn cell(&self, column: &str) -> Option<&Cell> {
        self.cells.iter().find(|(name, _)| &**name == column).map(|(_, cell)| cell)
    }
}

impl BenchmarkRow {
    /// A row with nothing but an index, to be filled.
    pub(super) fn empty(index: String) -> Self {
        Self {
            number: 0,
            index,
            pictures: Vec::new(),
            question: String::new(),
            hint: None,
            options: Vec::new(),
            prompt: None,
            answer: None,
            category: None,
            l2_category: None,
            split: None,
            cells: Vec::new(),
        }
    }
}
