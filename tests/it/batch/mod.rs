//! Batches: records that survive kills and shards, and what is made of them.

mod merging;
mod record;
mod running;
mod source;
mod tables;

use std::{
    fs,
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use aki_lens::{
    app::jobs::{
        Batch, BatchReport, ComputeDevice, ScenesRequest, Shard, Split, TaggerChoice, batch, scenes,
    },
    domain::{AttentionMode, TextRole},
    eval::batch::{BatchRow, RecordReader},
};
use tempfile::TempDir;

use crate::golden::golden_folder;

pub(crate) const MODES: [AttentionMode; 2] = [AttentionMode::ModalityMutual, AttentionMode::Causal];

/// A few scenes with their questions and their truth.
pub(crate) fn questions(n: usize) -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let data = questions_in(folder.path(), n);
    (folder, data)
}

/// The same in a folder of their own.
pub(crate) fn questions_in(folder: &Path, n: usize) -> PathBuf {
    let out = folder.join("scenes");
    let request = ScenesRequest { n, seed: 7, split: Split::Test, side: 96, out: out.clone() };
    scenes(&request, &mut |_| ControlFlow::Continue(())).unwrap();
    out.join("questions.tsv")
}

pub(crate) fn request(data: &Path, out: &Path) -> Batch {
    Batch {
        model: golden_folder().join("specimen/checkpoint").to_str().unwrap().to_owned(),
        modes: MODES.to_vec(),
        data: data.to_owned(),
        out: out.to_owned(),
        resume: false,
        shard: Shard::WHOLE,
        prompts: None,
        words: vec![TextRole::Question],
        max_new_tokens: 4,
        tagger: TaggerChoice::Brill,
        dtype: None,
    }
}

pub(crate) fn run(request: &Batch) -> anyhow::Result<BatchReport> {
    batch(request, ComputeDevice::cpu(), &mut |_| ControlFlow::Continue(()))
}

pub(crate) fn record_of(out: &Path) -> PathBuf {
    out.join("record.jsonl")
}

fn rows(record: &Path) -> Vec<BatchRow> {
    let mut reader = RecordReader::open(record).unwrap().unwrap();
    std::iter::from_fn(|| reader.next_row().unwrap()).collect()
}

/// Every file that a batch wrote but its record, by its path.
fn results(out: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for folder in ["", "tables", "figures"] {
        for entry in fs::read_dir(out.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let name = path.strip_prefix(out).unwrap().to_str().unwrap().to_owned();
                found.push((name, fs::read(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}
