//! Attention plans: order, rope positions and mask of one run. Every mask is made here.

use std::{collections::BTreeSet, fmt, ops::Range, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{Grid, Segment, SequenceLayout, SequenceOrder};

/// Which positions of the prompt may attend to which, beyond what came before them.
///
/// # Source
/// AKI (arXiv 2503.02597): causal, Eq. 5, Eq. 6, Fig. 10. Mixed attention: Show-o. Concentric
/// causal attention: Xing et al., `NeurIPS` 2024. Text-first: the T&I order of DOT.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum AttentionMode {
    /// Each position sees itself and what came before.
    Causal,
    /// The latents also see the question segment (Eq. 5).
    ModalityMutual,
    /// The latents also see the first `ceil(P %)` of the question segment (Fig. 10).
    Sparsity(u8),
    /// Every pair of different modality in the prompt is open (Eq. 6).
    Generalised,
    /// The latents also see each other.
    Mixed,
    /// Latents stand in concentric rings, for the mask and for rope positions.
    Concentric,
    /// Causal, with the question before the picture.
    TextFirst,
}

impl AttentionMode {
    /// The order of picture and question that this mode asks for.
    pub fn order(self) -> SequenceOrder {
        match self {
            Self::TextFirst => SequenceOrder::TextFirst,
            _ => SequenceOrder::ImageFirst,
        }
    }
}

impl fmt::Display for AttentionMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Causal => f.write_str("causal"),
            Self::ModalityMutual => f.write_str("mma"),
            Self::Sparsity(percent) => write!(f, "sparsity{percent}"),
            Self::Generalised => f.write_str("generalised"),
            Self::Mixed => f.write_str("mixed"),
            Self::Concentric => f.write_str("cca"),
            Self::TextFirst => f.write_str("text_first"),
        }
    }
}

impl FromStr for AttentionMode {
    type Err = PlanError;

    fn from_str(name: &str) -> Result<Self, PlanError> {
        let unknown = || PlanError::UnknownMode { found: name.to_owned() };
        match name {
            "causal" => Ok(Self::Causal),
            "mma" => Ok(Self::ModalityMutual),
            "generalised" => Ok(Self::Generalised),
            "mixed" => Ok(Self::Mixed),
            "cca" => Ok(Self::Concentric),
            "text_first" => Ok(Self::TextFirst),
            _ => {
                let digits = name.strip_prefix("sparsity").ok_or_else(unknown)?;
                let percent =
                    digits.parse::<u8>().ok().filter(|p| *p <= 100).ok_or_else(unknown)?;
                Ok(Self::Sparsity(percent))
            }
        }
    }
}

impl From<AttentionMode> for String {
    fn from(mode: AttentionMode) -> Self {
        mode.to_string()
    }
}

impl TryFrom<String> for AttentionMode {
    type Error = PlanError;

    fn try_from(name: String) -> Result<Self, PlanError> {
        name.parse()
    }
}

/// What the positions of a prompt may attend to; `true` means "may attend".
///
/// # Shapes
/// `[T, T]`, queries by keys, row-major.
#[derive(Clone, PartialEq, Eq)]
pub struct AttentionMask {
    len: usize,
    allowed: Vec<bool>,
}

impl AttentionMask {
    /// Each position sees itself and what came before.
    pub fn causal(len: usize) -> Self {
        let allowed = (0..len * len).map(|i| i % len <= i / len).collect();
        Self { len, allowed }
    }

    /// Several texts behind one beginning: `beginning` positions that all of them share, then each
    /// one's own, blind to those of the others.
    ///
    /// `allows(text, query, key)` is asked for positions within one text, counted from its own
    /// beginning.
    pub(crate) fn side_by_side(
        beginning: usize,
        lens: &[usize],
        allows: impl Fn(usize, usize, usize) -> bool,
    ) -> Self {
        // The text that a position belongs to (none for the beginning), and its place there.
        let own = lens.iter().enumerate().flat_map(|(text, len)| {
            (beginning..(*len).max(beginning)).map(move |place| (Some(text), place))
        });
        let places: Vec<_> = (0..beginning).map(|place| (None, place)).chain(own).collect();
        let mut mask = Self { len: places.len(), allowed: vec![false; places.len().pow(2)] };
        for (query, (of_query, query_place)) in places.iter().enumerate() {
            for (key, (of_key, key_place)) in places.iter().enumerate() {
                let is_seen = of_key.is_none() || of_key == of_query;
                if is_seen && allows(of_query.unwrap_or(0), *query_place, *key_place) {
                    mask.open(query, key);
                }
            }
        }
        mask
    }

    /// A mask as it was written down, row by row; `None` unless there are `len` rows of `len`.
    pub fn from_entries(len: usize, allowed: Vec<bool>) -> Option<Self> {
        (len.checked_mul(len) == Some(allowed.len())).then_some(Self { len, allowed })
    }

    /// Number of positions, which is the number of rows and of columns.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no position.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether `query` may attend to `key`.
    ///
    /// # Panics
    /// When either lies outside the mask.
    pub fn allows(&self, query: usize, key: usize) -> bool {
        assert!(query < self.len && key < self.len, "({query}, {key}) lies outside the mask");
        self.allowed[query * self.len + key]
    }

    /// All entries, row by row.
    pub fn entries(&self) -> &[bool] {
        &self.allowed
    }

    fn open(&mut self, query: usize, key: usize) {
        self.allowed[query * self.len + key] = true;
    }

    fn block(&mut self, query: usize, key: usize) {
        self.allowed[query * self.len + key] = false;
    }

    fn open_rectangle(&mut self, queries: Range<usize>, keys: Range<usize>) {
        for query in queries {
            for key in keys.clone() {
                self.open(query, key);
            }
        }
    }
}

/// A picture of the mask: `#` may attend, `.` may not.
impl fmt::Display for AttentionMask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for row in self.allowed.chunks(self.len.max(1)) {
            let line: String = row.iter().map(|open| if *open { '#' } else { '.' }).collect();
            writeln!(f, "{line}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for AttentionMask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AttentionMask [{0}, {0}]", self.len)
    }
}

/// Attention taken away: the rows may not attend to the columns, in a window of layers.
///
/// Blocked before the softmax. Rows beyond the prompt are generated tokens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnockOut {
    /// Positions that lose sight.
    pub queries: BTreeSet<usize>,
    /// Positions that are no longer seen.
    pub keys: BTreeSet<usize>,
    /// Decoder layers in which this holds.
    pub layers: Range<usize>,
}

/// Order, rope positions and mask of one run.
#[derive(Clone, Debug, PartialEq)]
pub struct AttentionPlan {
    /// The mode this plan was made for; its knock-outs come on top.
    pub mode: AttentionMode,
    /// What may attend to what while the prompt is read.
    pub mask: AttentionMask,
    /// The number given to RoPE at each position of the prompt. Shape `[T]`.
    pub rope_positions: Vec<u32>,
    /// The number given to RoPE at the first generated token.
    pub next_rope_position: u32,
    knock_outs: Vec<KnockOut>,
}

impl AttentionPlan {
    /// The plan of a mode over a prompt's layout.
    ///
    /// # Errors
    /// [`PlanError::NotSquare`] where concentric rings are asked of a number of latents that is
    /// not a square.
    ///
    /// # Source
    /// `mask_and_positions` in the parity reference, tested entry by entry.
    pub fn new(mode: AttentionMode, layout: &SequenceLayout) -> Result<Self, PlanError> {
        let len = layout.len();
        let image = layout.image();
        let question = layout.get(Segment::Question).unwrap_or(image.end..image.end);
        let mut plan = Self {
            mode,
            mask: AttentionMask::causal(len),
            rope_positions: (0..len as u32).collect(),
            next_rope_position: len as u32,
            knock_outs: Vec::new(),
        };
        match mode {
            AttentionMode::Causal | AttentionMode::TextFirst => {}
            AttentionMode::ModalityMutual => plan.mask.open_rectangle(image, question),
            AttentionMode::Sparsity(percent) => {
                let n_open = (question.len() * usize::from(percent)).div_ceil(100);
                plan.mask.open_rectangle(image, question.start..question.start + n_open);
            }
            AttentionMode::Mixed => plan.mask.open_rectangle(image.clone(), image),
            AttentionMode::Generalised => {
                plan.mask.open_rectangle(image.clone(), 0..image.start);
                plan.mask.open_rectangle(image.clone(), image.end..len);
                plan.mask.open_rectangle(0..image.start, image.clone());
                plan.mask.open_rectangle(image.end..len, image);
            }
            AttentionMode::Concentric => plan.set_rings(&image)?,
        }
        Ok(plan)
    }

    /// Latents see the rings outside their own and their own; the ring is their rope position.
    fn set_rings(&mut self, image: &Range<usize>) -> Result<(), PlanError> {
        let (rings, n_rings) = concentric_rings(image.len())?;
        for (i, query_ring) in rings.iter().enumerate() {
            for (j, key_ring) in rings.iter().enumerate() {
                if key_ring <= query_ring {
                    self.mask.open(image.start + i, image.start + j);
                } else {
                    self.mask.block(image.start + i, image.start + j);
                }
            }
        }
        let start = image.start as u32;
        for (position, rope) in self.rope_positions.iter_mut().enumerate() {
            if image.contains(&position) {
                *rope = start + rings[position - image.start];
            } else if position >= image.end {
                *rope = start + n_rings + (position - image.end) as u32;
            }
        }
        self.next_rope_position = start + n_rings + (self.mask.len() - image.end) as u32;
        Ok(())
    }

    /// The same plan with attention taken away.
    ///
    /// # Errors
    /// [`PlanError::NothingLeft`] when a query would be left without any key: a softmax over
    /// nothing has no value.
    pub fn without(mut self, knock_out: KnockOut) -> Result<Self, PlanError> {
        let layers = knock_out.layers.clone();
        self.knock_outs.push(knock_out);
        for layer in layers {
            let mask = self.mask_of_layer(layer);
            let mut rows = mask.entries().chunks(mask.len().max(1));
            if let Some(query) = rows.position(|row| !row.contains(&true)) {
                return Err(PlanError::NothingLeft { query, layer });
            }
        }
        Ok(self)
    }

    /// A plan as it was written down, whatever its mode means by now; `None` where there is not one
    /// rope position a row of the mask.
    pub fn from_kept(
        mode: AttentionMode,
        mask: AttentionMask,
        rope_positions: Vec<u32>,
        next_rope_position: u32,
        knock_outs: Vec<KnockOut>,
    ) -> Option<Self> {
        let fits = rope_positions.len() == mask.len();
        fits.then_some(Self { mode, mask, rope_positions, next_rope_position, knock_outs })
    }

    /// How many positions from the beginning hold the first `end` and everything that reaches them:
    /// none of these may attend to what comes after.
    pub fn reach(&self, end: usize) -> usize {
        let (mut checked, mut reach) = (0, end.min(self.mask.len));
        while checked < reach {
            let last = (reach..self.mask.len).rev().find(|key| self.mask.allows(checked, *key));
            reach = last.map_or(reach, |key| key + 1);
            checked += 1;
        }
        reach
    }

    /// The plan of the first `len` positions alone.
    ///
    /// # Panics
    /// When the prompt has fewer.
    #[must_use]
    pub fn prefix(&self, len: usize) -> Self {
        let rows = self.mask.allowed.chunks(self.mask.len.max(1)).take(len);
        let allowed = rows.flat_map(|row| row[..len].iter().copied()).collect();
        Self {
            mask: AttentionMask { len, allowed },
            rope_positions: self.rope_positions[..len].to_vec(),
            ..self.clone()
        }
    }

    /// What was taken away, in the order it was.
    pub fn knock_outs(&self) -> &[KnockOut] {
        &self.knock_outs
    }

    /// Whether every layer has the same mask.
    pub fn is_same_in_all_layers(&self) -> bool {
        self.knock_outs.is_empty()
    }

    /// The mask of one decoder layer, knock-outs applied.
    pub fn mask_of_layer(&self, layer: usize) -> AttentionMask {
        let mut mask = self.mask.clone();
        for knock_out in self.knock_outs.iter().filter(|k| k.layers.contains(&layer)) {
            for &query in knock_out.queries.range(..mask.len) {
                for &key in knock_out.keys.range(..mask.len) {
                    mask.block(query, key);
                }
            }
        }
        mask
    }

    /// The keys a generated token at `query` may not see in a layer; almost always none.
    pub fn blocked_while_decoding(&self, query: usize, layer: usize) -> BTreeSet<usize> {
        self.knock_outs
            .iter()
            .filter(|k| k.layers.contains(&layer) && k.queries.contains(&query))
            .flat_map(|k| k.keys.range(..query).copied())
            .collect()
    }
}

/// Ring of each latent counted from the border of its square, and the number of rings.
///
/// The square is an ordering of the latents, not a place in the picture.
fn concentric_rings(n_latents: usize) -> Result<(Vec<u32>, u32), PlanError> {
    let square = Grid::square(n_latents).ok_or(PlanError::NotSquare { n_latents })?;
    let side = square.rows;
    let from_border = |i: usize| i.min(side - 1 - i);
    let rings = (0..n_latents)
        .map(|latent| from_border(latent / side).min(from_border(latent % side)) as u32)
        .collect();
    Ok((rings, side.div_ceil(2) as u32))
}

/// What is wrong with an asked-for plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// No mode has this name.
    #[error(
        "unknown attention mode \"{found}\": choose causal, mma, sparsity0 to sparsity100, \
         generalised, mixed, cca or text_first"
    )]
    UnknownMode {
        /// What was asked for.
        found: String,
    },
    /// Concentric rings need a square.
    #[error("cca arranges the latents in a square, and {n_latents} is not a square number")]
    NotSquare {
        /// How many latents the model has.
        n_latents: usize,
    },
    /// A knock-out would leave a row without keys.
    #[error("the knock-out leaves position {query} nothing to attend to in layer {layer}")]
    NothingLeft {
        /// The position.
        query: usize,
        /// The decoder layer.
        layer: usize,
    },
}
