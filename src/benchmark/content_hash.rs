//! Whether two files ask the same.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use super::{error::RowFault, row::BenchmarkRow};

/// SHA-256 over all that is asked, row by row: cells, pictures and faults, whatever the kind of the
/// file and wherever its pictures lie.
#[derive(Clone, Debug, Default)]
pub struct ContentHash(Sha256);

impl ContentHash {
    /// Takes in the next row.
    pub fn add(&mut self, row: &Result<BenchmarkRow, RowFault>) {
        match row {
            Ok(row) => {
                self.text("row");
                self.text(&row.index);
                self.text(&row.question);
                for (name, cell) in &row.cells {
                    self.text(name);
                    self.text(&cell.present().unwrap_or_default());
                }
                for picture in &row.pictures {
                    self.0.update(picture.sha256());
                }
            }
            Err(fault) => {
                self.text("fault");
                self.text(fault.index.as_deref().unwrap_or_default());
                self.text(&fault.reason);
            }
        }
    }

    /// As 16 hexadecimal digits, the first of the 64.
    pub fn finish(self) -> String {
        let mut digits = String::with_capacity(16);
        for byte in &self.0.finalize()[..8] {
            // Writing to a text cannot fail.
            write!(digits, "{byte:02x}").ok();
        }
        digits
    }

    /// Its length first, so that no two lists of texts are the same bytes.
    fn text(&mut self, text: &str) {
        self.0.update((text.len() as u64).to_le_bytes());
        self.0.update(text.as_bytes());
    }
}
