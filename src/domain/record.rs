//! What to record, said before the run, with its bytes.

use std::{ops::Range, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{AttentionSite, Precision, Segment, SequenceLayout, Tower};

/// A choice among things numbered from 0.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// All of them.
    All,
    /// None of them.
    None,
    /// These, ascending.
    Only(Vec<usize>),
}

impl Choice {
    /// Whether number `idx` is chosen.
    pub fn contains(&self, idx: usize) -> bool {
        match self {
            Self::All => true,
            Self::None => false,
            Self::Only(chosen) => chosen.contains(&idx),
        }
    }

    /// The chosen numbers below `n`, ascending.
    pub fn among(&self, n: usize) -> Vec<usize> {
        (0..n).filter(|idx| self.contains(*idx)).collect()
    }
}

impl FromStr for Choice {
    type Err = String;

    /// Reads `all`, or numbers and ranges: `0,2-3`.
    fn from_str(text: &str) -> Result<Self, String> {
        if text == "all" {
            return Ok(Self::All);
        }
        let wrong =
            || format!("write all, or numbers from 0 and ranges, as in 0,2-3; not \"{text}\"");
        let mut chosen = Vec::new();
        for part in text.split(',') {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let number = |text: &str| text.trim().parse::<u16>().ok().ok_or_else(wrong);
            let (first, last) = (number(first)?, number(last)?);
            if first > last {
                return Err(wrong());
            }
            chosen.extend((first..=last).map(usize::from));
        }
        chosen.sort_unstable();
        chosen.dedup();
        Ok(Self::Only(chosen))
    }
}

/// A rectangle of a pattern: these rows, these columns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// Rows; cut where the pattern ends.
    pub queries: Range<usize>,
    /// Columns; cut where the pattern ends.
    pub keys: Range<usize>,
}

impl Block {
    /// The whole pattern, however large it is.
    pub const ALL: Self = Self { queries: 0..usize::MAX, keys: 0..usize::MAX };

    /// The part of this rectangle that lies inside another.
    #[must_use]
    pub fn within(&self, queries: Range<usize>, keys: Range<usize>) -> Self {
        let cut = |a: &Range<usize>, b: Range<usize>| {
            let start = a.start.max(b.start);
            start..a.end.min(b.end).max(start)
        };
        Self { queries: cut(&self.queries, queries), keys: cut(&self.keys, keys) }
    }

    /// Number of weights a head.
    pub fn area(&self) -> u64 {
        self.queries.len() as u64 * self.keys.len() as u64
    }
}

/// What to keep of one tower.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TowerSpec {
    /// The layers.
    pub layers: Choice,
    /// The query heads.
    pub heads: Choice,
    /// The rectangles of each pattern; they must not overlap.
    pub blocks: Vec<Block>,
}

impl TowerSpec {
    /// Nothing.
    pub fn none() -> Self {
        Self { layers: Choice::None, heads: Choice::None, blocks: Vec::new() }
    }

    /// Everything.
    pub fn all() -> Self {
        Self { layers: Choice::All, heads: Choice::All, blocks: vec![Block::ALL] }
    }
}

/// Layers, heads and pattern size of one tower.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TowerShape {
    /// Number of layers.
    pub n_layers: usize,
    /// Number of query heads.
    pub n_heads: usize,
    /// Rows of a pattern (of the decoder: positions of the prompt).
    pub queries: usize,
    /// Columns of a pattern (of the decoder: positions of the prompt).
    pub keys: usize,
}

/// The shapes that a run's patterns will have, known before it starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceShapes {
    /// Patches over patches.
    pub vision: TowerShape,
    /// Latents over patches, then latents.
    pub resampler: TowerShape,
    /// Positions of the prompt over themselves.
    pub decoder: TowerShape,
    /// Generated tokens that can be fed back, each of which adds one row to every decoder pattern.
    pub n_generated: usize,
}

/// Which patterns a run keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordSpec {
    /// Of the vision tower.
    pub vision: TowerSpec,
    /// Of the resampler.
    pub resampler: TowerSpec,
    /// Of the decoder, while it reads the prompt.
    pub decoder: TowerSpec,
    /// Whether to keep the whole row of each generated token, for the decoder's layers and heads.
    pub generated_rows: bool,
    /// How the weights are kept.
    pub precision: Precision,
}

/// Above this many bytes the default recording is kept in half precision.
const F32_BUDGET: u64 = 100_000_000;

impl RecordSpec {
    /// Nothing at all.
    pub fn nothing() -> Self {
        Self {
            vision: TowerSpec::none(),
            resampler: TowerSpec::none(),
            decoder: TowerSpec::none(),
            generated_rows: false,
            precision: Precision::F32,
        }
    }

    /// Every pattern of every tower, as computed.
    pub fn everything() -> Self {
        Self {
            vision: TowerSpec::all(),
            resampler: TowerSpec::all(),
            decoder: TowerSpec::all(),
            generated_rows: true,
            precision: Precision::F32,
        }
    }

    /// What the maps between picture and words need: image x text and text x image of the
    /// prompt, the rows of generated tokens (and the row that chose the first of them), and the
    /// resampler's weights; all layers and heads. Half precision where `f32` would take more
    /// than 100 MB.
    pub fn picture_and_words(layout: &SequenceLayout, shapes: &TraceShapes) -> Self {
        let image = layout.image();
        let len = layout.len();
        let before_last = len.saturating_sub(1);
        let blocks = [
            (image.clone(), 0..image.start),
            (image.clone(), image.end..len),
            (0..image.start, image.clone()),
            (image.end..before_last, image),
            (before_last..len, 0..len),
        ];
        let is_recordable = |b: &Block| b.area() > 0;
        let blocks = blocks.map(|(queries, keys)| Block { queries, keys });
        let mut spec = Self {
            vision: TowerSpec::none(),
            resampler: TowerSpec::all(),
            decoder: TowerSpec {
                layers: Choice::All,
                heads: Choice::All,
                blocks: blocks.into_iter().filter(is_recordable).collect(),
            },
            generated_rows: true,
            precision: Precision::F32,
        };
        if layout.get(Segment::Image).is_none() {
            spec.decoder.blocks = vec![Block::ALL];
        }
        if spec.bytes(shapes) > F32_BUDGET {
            spec.precision = Precision::F16;
        }
        spec
    }

    /// Whether anything of a site is to be kept.
    pub fn wants(&self, site: AttentionSite) -> bool {
        let tower = self.tower(site.tower);
        let rows =
            !tower.blocks.is_empty() || (site.tower == Tower::Decoder && self.generated_rows);
        rows && tower.layers.contains(site.layer) && tower.heads != Choice::None
    }

    /// What to keep of a tower.
    pub fn tower(&self, tower: Tower) -> &TowerSpec {
        match tower {
            Tower::Vision => &self.vision,
            Tower::Resampler => &self.resampler,
            Tower::Decoder => &self.decoder,
        }
    }

    /// Bytes that the kept weights will take, at most: exact when as many tokens are generated
    /// as `shapes` allow for.
    pub fn bytes(&self, shapes: &TraceShapes) -> u64 {
        let towers = [
            (&self.vision, &shapes.vision),
            (&self.resampler, &shapes.resampler),
            (&self.decoder, &shapes.decoder),
        ];
        let prompt: u64 = towers.iter().map(|(spec, shape)| weights_kept(spec, shape)).sum();
        let mut rows = 0;
        if self.generated_rows {
            let (prompt_len, n) = (shapes.decoder.keys as u64, shapes.n_generated as u64);
            // The row of generated token i (from 0) sees the prompt, i earlier tokens and itself.
            let keys = n * prompt_len + n * (n + 1) / 2;
            rows = keys * sites_kept(&self.decoder, &shapes.decoder);
        }
        (prompt + rows) * self.precision.bytes()
    }
}

fn sites_kept(spec: &TowerSpec, shape: &TowerShape) -> u64 {
    let n_layers = spec.layers.among(shape.n_layers).len() as u64;
    n_layers * spec.heads.among(shape.n_heads).len() as u64
}

fn weights_kept(spec: &TowerSpec, shape: &TowerShape) -> u64 {
    let area: u64 =
        spec.blocks.iter().map(|b| b.within(0..shape.queries, 0..shape.keys).area()).sum();
    area * sites_kept(spec, shape)
}
