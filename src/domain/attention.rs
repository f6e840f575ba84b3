//! What was recorded: attention patterns, by site.

use std::{collections::BTreeMap, fmt, ops::Range};

use half::{f16, slice::HalfFloatSliceExt as _};
use serde::{Deserialize, Serialize};

/// A stack of layers with attention.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tower {
    /// SigLIP over patches.
    Vision,
    /// Perceiver resampler: latents over patches, then latents.
    Resampler,
    /// The language model over the prompt and the answer.
    Decoder,
}

/// A place where a pattern can be recorded. Written `decoder.7.pattern`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AttentionSite {
    /// The stack.
    pub tower: Tower,
    /// The layer in it, from 0.
    pub layer: usize,
}

impl fmt::Display for AttentionSite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tower = match self.tower {
            Tower::Vision => "vision",
            Tower::Resampler => "resampler",
            Tower::Decoder => "decoder",
        };
        write!(f, "{tower}.{}.pattern", self.layer)
    }
}

/// How recorded weights are kept in memory and on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// As computed.
    F32,
    /// Rounded to half precision: rows then sum to 1 within about 1e-3.
    F16,
}

impl Precision {
    /// Bytes per weight.
    pub fn bytes(self) -> u64 {
        match self {
            Self::F32 => 4,
            Self::F16 => 2,
        }
    }
}

/// Recorded weights at the precision that was asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum Weights {
    /// As computed.
    F32(Vec<f32>),
    /// Rounded to half precision.
    F16(Vec<f16>),
}

impl Weights {
    /// Keeps `values` at a precision.
    pub fn new(values: Vec<f32>, precision: Precision) -> Self {
        match precision {
            Precision::F32 => Self::F32(values),
            Precision::F16 => Self::F16(values.into_iter().map(f16::from_f32).collect()),
        }
    }

    /// One weight.
    ///
    /// # Panics
    /// When `index` lies outside.
    pub fn get(&self, index: usize) -> f32 {
        match self {
            Self::F32(values) => values[index],
            Self::F16(values) => values[index].to_f32(),
        }
    }

    /// A stretch of weights; those in half precision are widened into `buffer`.
    ///
    /// # Panics
    /// When `range` lies outside.
    pub fn stretch<'a>(&'a self, range: Range<usize>, buffer: &'a mut Vec<f32>) -> &'a [f32] {
        match self {
            Self::F32(values) => &values[range],
            Self::F16(values) => {
                let values = &values[range];
                buffer.resize(values.len(), 0.0);
                values.convert_to_f32_slice(buffer);
                buffer
            }
        }
    }

    /// How many weights there are.
    pub fn len(&self) -> usize {
        match self {
            Self::F32(values) => values.len(),
            Self::F16(values) => values.len(),
        }
    }

    /// Whether nothing was kept.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How they are kept.
    pub fn precision(&self) -> Precision {
        match self {
            Self::F32(_) => Precision::F32,
            Self::F16(_) => Precision::F16,
        }
    }

    /// Bytes in memory.
    pub fn bytes(&self) -> u64 {
        match self {
            Self::F32(values) => values.len() as u64 * 4,
            Self::F16(values) => values.len() as u64 * 2,
        }
    }
}

/// A rectangle of one site's pattern: attention weights after the softmax.
///
/// # Shapes
/// `weights`: `[heads, queries, keys]`, row-major, over the listed heads.
#[derive(Clone, Debug, PartialEq)]
pub struct AttentionPattern {
    /// The query heads that were kept, ascending.
    pub heads: Vec<usize>,
    /// The rows that were kept.
    pub queries: Range<usize>,
    /// The columns that were kept.
    pub keys: Range<usize>,
    /// The weights.
    pub weights: Weights,
}

impl AttentionPattern {
    /// The weight that a head's query pays to a key, if it was kept.
    pub fn get(&self, head: usize, query: usize, key: usize) -> Option<f32> {
        let start = self.start_of_row(head, query)?;
        self.keys.contains(&key).then(|| self.weights.get(start + (key - self.keys.start)))
    }

    /// Where the weights of one kept head and query begin, counted in `weights`; `None` for what was
    /// not kept. Its keys follow one after the other.
    pub fn start_of_row(&self, head: usize, query: usize) -> Option<usize> {
        let head_idx = self.heads.binary_search(&head).ok()?;
        let row = self.queries.contains(&query).then(|| query - self.queries.start)?;
        Some((head_idx * self.queries.len() + row) * self.keys.len())
    }
}

/// All patterns of one run, as far as its [`RecordSpec`](super::RecordSpec) asked for them.
///
/// A site may hold several rectangles: blocks of the prompt, and one row for each generated token.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AttentionTrace {
    /// The rectangles of each site, in the order they were recorded.
    pub patterns: BTreeMap<AttentionSite, Vec<AttentionPattern>>,
}

impl AttentionTrace {
    /// Appends a rectangle to a site.
    pub fn push(&mut self, site: AttentionSite, pattern: AttentionPattern) {
        self.patterns.entry(site).or_default().push(pattern);
    }

    /// The weight at one place, if any rectangle holds it.
    pub fn get(&self, site: AttentionSite, head: usize, query: usize, key: usize) -> Option<f32> {
        self.patterns.get(&site)?.iter().find_map(|p| p.get(head, query, key))
    }

    /// Bytes the kept weights take in memory.
    pub fn bytes(&self) -> u64 {
        self.patterns.values().flatten().map(|p| p.weights.bytes()).sum()
    }
}
