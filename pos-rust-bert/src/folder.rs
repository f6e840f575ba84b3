//! The files of a model folder, checked before rust-bert reads them: it panics where a file is not
//! what it expects.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
};

use rust_bert::mobilebert::MobileBertConfig;
use serde::Deserialize;

use crate::TaggerError;

/// `model.safetensors` first: it holds numbers only, while `rust_model.ot` is a libtorch archive.
const WEIGHTS: [&str; 2] = ["model.safetensors", "rust_model.ot"];
/// Two markers and a few tokens between them.
const MIN_POSITIONS: i64 = 8;

/// A model folder that is complete, and whose configuration makes sense.
#[derive(Debug)]
pub(crate) struct Folder {
    pub(crate) config: PathBuf,
    pub(crate) vocabulary: PathBuf,
    pub(crate) weights: PathBuf,
    /// Label names by number.
    pub(crate) labels: Vec<String>,
    /// Positions, the two markers included.
    pub(crate) positions: usize,
}

#[derive(Deserialize)]
struct Kind {
    model_type: Option<String>,
}

impl Folder {
    pub(crate) fn open(folder: &Path) -> Result<Self, TaggerError> {
        if !folder.is_dir() {
            return Err(TaggerError::NoFolder { path: folder.to_owned() });
        }
        let no_file = |missing| TaggerError::NoFile { missing, path: folder.to_owned() };
        let file = |name| Some(folder.join(name)).filter(|path| path.is_file());
        let config = file("config.json").ok_or_else(|| no_file("config.json"))?;
        let vocabulary = file("vocab.txt").ok_or_else(|| no_file("vocab.txt"))?;
        let weights = WEIGHTS.into_iter().find_map(file);
        let weights = weights.ok_or_else(|| no_file("model.safetensors or rust_model.ot"))?;

        let parsed = parse(&config)?;
        let found = parsed.max_position_embeddings;
        let positions = usize::try_from(found).ok().filter(|_| found >= MIN_POSITIONS);
        let positions =
            positions.ok_or_else(|| TaggerError::Positions { found, path: config.clone() })?;
        let labels = labels(parsed.id2label.unwrap_or_default());
        let labels = labels.ok_or_else(|| TaggerError::Labels { path: config.clone() })?;
        check_vocabulary(&vocabulary, parsed.vocab_size)?;
        Ok(Self { config, vocabulary, weights, labels, positions })
    }
}

fn parse(path: &Path) -> Result<MobileBertConfig, TaggerError> {
    let bytes = read(path)?;
    let malformed = |source| TaggerError::Config { path: path.to_owned(), source };
    let kind: Kind = serde_json::from_slice(&bytes).map_err(malformed)?;
    match kind.model_type {
        Some(found) if found != "mobilebert" => {
            Err(TaggerError::OtherModel { found, path: path.to_owned() })
        }
        _ => serde_json::from_slice(&bytes).map_err(malformed),
    }
}

/// The names in the order of their numbers; nothing where a number from 0 on is missing.
fn labels(mut id2label: HashMap<i64, String>) -> Option<Vec<String>> {
    let numbers = 0..i64::try_from(id2label.len()).ok()?;
    let labels: Option<Vec<_>> = numbers.map(|number| id2label.remove(&number)).collect();
    labels.filter(|labels| !labels.is_empty())
}

fn check_vocabulary(path: &Path, expected: i64) -> Result<(), TaggerError> {
    let found = String::from_utf8_lossy(&read(path)?).lines().count();
    if i64::try_from(found).is_ok_and(|found| found <= expected) {
        return Ok(());
    }
    Err(TaggerError::Vocabulary { expected, found, path: path.to_owned() })
}

fn read(path: &Path) -> Result<Vec<u8>, TaggerError> {
    fs::read(path).map_err(|source| TaggerError::Unreadable { path: path.to_owned(), source })
}
