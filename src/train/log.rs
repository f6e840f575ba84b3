//! What a training tells while it runs, and the file it leaves.

use std::{fmt::Write as _, fs, path::Path};

use serde::Serialize;

use super::error::{Result, TrainError};
use crate::session::write_whole;

/// One line of the log.
#[derive(Clone, Debug, Serialize)]
pub struct LogRow {
    /// Steps done.
    pub step: usize,
    /// "train" or "validation".
    pub split: &'static str,
    /// What was measured: `loss`, `accuracy`, or `accuracy.<kind of question>`.
    pub name: String,
    /// Its value; accuracies lie in 0..=1.
    pub value: f64,
}

/// Where a training stands.
#[derive(Clone, Debug)]
pub enum TrainProgress {
    /// Scenes are drawn and encoded before the first step.
    Preparing {
        /// Scenes so far.
        done: usize,
        /// Scenes in all.
        of: usize,
    },
    /// A step was made.
    Step {
        /// Steps so far.
        done: usize,
        /// Steps in all.
        of: usize,
        /// A running mean of the loss.
        loss: f64,
        /// A running mean of the share of right answers, 0..=1.
        accuracy: f64,
    },
    /// Unseen scenes were looked at.
    Validated {
        /// Steps so far.
        done: usize,
        /// Everything that was measured.
        measured: Vec<(String, f64)>,
    },
}

/// The log of a stage, kept whole in memory and written with every checkpoint.
#[derive(Debug, Default)]
pub(super) struct Log {
    rows: Vec<LogRow>,
}

impl Log {
    pub(super) fn push(&mut self, step: usize, split: &'static str, name: &str, value: f64) {
        self.rows.push(LogRow { step, split, name: name.to_owned(), value });
    }

    /// The last value of a name.
    pub(super) fn last(&self, name: &str) -> Option<f64> {
        self.rows.iter().rev().find(|row| row.name == name).map(|row| row.value)
    }

    /// Reads the rows up to a step; none where there is no file.
    pub(super) fn open(path: &Path, up_to: usize) -> Self {
        let text = fs::read_to_string(path).unwrap_or_default();
        let row = |line: &str| {
            let mut cells = line.split(',');
            let step = cells.next()?.parse().ok().filter(|step| *step <= up_to)?;
            let split = match cells.next()? {
                "train" => "train",
                _ => "validation",
            };
            Some(LogRow {
                step,
                split,
                name: cells.next()?.to_owned(),
                value: cells.next()?.parse().ok()?,
            })
        };
        Self { rows: text.lines().filter_map(row).collect() }
    }

    /// Writes `step,split,name,value`.
    pub(super) fn write(&self, path: &Path) -> Result<()> {
        let mut text = String::from("step,split,name,value\n");
        for LogRow { step, split, name, value } in &self.rows {
            writeln!(text, "{step},{split},{name},{value:.6}").ok(); // a String takes everything
        }
        write_whole(path, text.as_bytes()).map_err(TrainError::file("write", path))
    }
}
