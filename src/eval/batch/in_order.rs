//! Rows that are computed side by side, written in the one order of a record as soon as all before
//! them are.

use std::collections::{BTreeMap, VecDeque};

use super::{BatchError, BatchRow, RecordWriter};

/// Takes rows of several pictures and writes those of the first that is not finished.
#[derive(Debug)]
pub(super) struct InOrder<'a> {
    record: &'a mut RecordWriter,
    /// The picture whose rows are written as they come.
    head: usize,
    waiting: BTreeMap<usize, Waiting>,
    failed: Option<BatchError>,
}

#[derive(Debug, Default)]
struct Waiting {
    rows: VecDeque<BatchRow>,
    is_finished: bool,
}

impl<'a> InOrder<'a> {
    /// Pictures are counted from 0 on.
    pub(super) fn new(record: &'a mut RecordWriter) -> Self {
        Self { record, head: 0, waiting: BTreeMap::new(), failed: None }
    }

    /// The next row of a picture. What cannot be written is told by [`result`](Self::result).
    pub(super) fn push(&mut self, picture: usize, row: BatchRow) {
        self.waiting.entry(picture).or_default().rows.push_back(row);
        self.write();
    }

    /// No row of a picture comes any more. A picture that was stopped is never finished, so nothing
    /// behind it is written.
    pub(super) fn finish(&mut self, picture: usize) {
        self.waiting.entry(picture).or_default().is_finished = true;
        self.write();
        if self.failed.is_none() {
            self.failed = self.record.sync().err();
        }
    }

    /// Whether the disk took everything so far.
    pub(super) fn is_well(&self) -> bool {
        self.failed.is_none()
    }

    /// What the disk said.
    ///
    /// # Errors
    /// [`BatchError::Write`].
    pub(super) fn result(self) -> Result<(), BatchError> {
        self.failed.map_or(Ok(()), Err)
    }

    fn write(&mut self) {
        while let Some(waiting) = self.waiting.get_mut(&self.head) {
            while let Some(row) = waiting.rows.pop_front().filter(|_| self.failed.is_none()) {
                self.failed = self.record.push(&row).err();
            }
            if !waiting.is_finished {
                return;
            }
            self.waiting.remove(&self.head);
            self.head += 1;
        }
    }
}
