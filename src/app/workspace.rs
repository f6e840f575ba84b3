//! What a person arranges: the question, what is chosen, how it is shown. The part that undo moves.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use serde::{Deserialize, Serialize};

use super::batch_choice::BatchChoice;
use super::knockout_form::KnockoutForm;
use crate::{
    analysis::{EntityReading, Projection, SinkRule},
    domain::{AttentionMode, BucketEdits, Choice, Colormap, MapKind, Reading, TokenRow},
    model::DeviceChoice,
};

/// A run of this window, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(pub usize);

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "run {}", self.0 + 1)
    }
}

/// What a map is of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// Nothing chosen.
    #[default]
    Nothing,
    /// Words of the question, by index.
    Words(BTreeSet<usize>),
    /// Tokens of the answer, by number from 0.
    Answer(BTreeSet<usize>),
    /// Latents of the picture, by number from 0.
    Latents(BTreeSet<usize>),
}

impl Subject {
    /// One word.
    pub fn word(word_idx: usize) -> Self {
        Self::Words(BTreeSet::from([word_idx]))
    }

    /// One token of the answer.
    pub fn token(token: usize) -> Self {
        Self::Answer(BTreeSet::from([token]))
    }

    /// One latent.
    pub fn latent(latent: usize) -> Self {
        Self::Latents(BTreeSet::from([latent]))
    }

    /// Whether a word is part of it.
    pub fn has_word(&self, word_idx: usize) -> bool {
        matches!(self, Self::Words(words) if words.contains(&word_idx))
    }

    /// Whether a token is part of it.
    pub fn has_token(&self, token: usize) -> bool {
        matches!(self, Self::Answer(tokens) if tokens.contains(&token))
    }

    /// Whether a latent is part of it.
    pub fn has_latent(&self, latent: usize) -> bool {
        matches!(self, Self::Latents(latents) if latents.contains(&latent))
    }

    /// This with another added, or taken away where it was there; another kind replaces it.
    #[must_use]
    pub fn toggled(&self, other: &Self) -> Self {
        let toggle = |here: &BTreeSet<usize>, there: &BTreeSet<usize>| {
            here.symmetric_difference(there).copied().collect::<BTreeSet<usize>>()
        };
        let joined = match (self, other) {
            (Self::Words(a), Self::Words(b)) => Self::Words(toggle(a, b)),
            (Self::Answer(a), Self::Answer(b)) => Self::Answer(toggle(a, b)),
            (Self::Latents(a), Self::Latents(b)) => Self::Latents(toggle(a, b)),
            _ => other.clone(),
        };
        match joined {
            Self::Words(set) | Self::Answer(set) | Self::Latents(set) if set.is_empty() => {
                Self::Nothing
            }
            kept => kept,
        }
    }
}

/// What is chosen, for every panel alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Selection {
    /// The run that is looked at. In files, runs have names.
    #[serde(skip)]
    pub run: Option<RunId>,
    /// What the map is of.
    pub subject: Subject,
    /// Decoder layers.
    pub layers: Choice,
    /// Query heads.
    pub heads: Choice,
    /// A region, by its place in the list.
    pub region: Option<usize>,
    /// A patch of the picture, row by row, where no region is chosen.
    pub patch: Option<usize>,
}

impl Selection {
    /// Chooses a place of the picture: a region, else a patch. One that is chosen already is let go of.
    #[must_use]
    pub fn at_place(&self, region: Option<usize>, patch: Option<usize>) -> Self {
        let patch = patch.filter(|_| region.is_none());
        let is_chosen = (self.region, self.patch) == (region, patch);
        let (region, patch) = if is_chosen { (None, None) } else { (region, patch) };
        Self { region, patch, ..self.clone() }
    }
}

impl Default for Selection {
    fn default() -> Self {
        Self {
            run: None,
            subject: Subject::Nothing,
            layers: Choice::All,
            heads: Choice::All,
            region: None,
            patch: None,
        }
    }
}

/// How maps share a scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MapScale {
    /// From the least to the largest value of the map itself.
    Own,
    /// From 0 to the largest value of the maps of all words, or of all tokens of the answer.
    Shared,
}

/// Whether a map is drawn as patches or as a field through their middles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Texels {
    /// One square a patch, as computed.
    Patches,
    /// Colors run between the patches' middles.
    Smooth,
}

/// How things are shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct ViewChoice {
    /// The map of a word: `ReadBy` or `LooksAt`.
    pub word_map: MapKind,
    /// The row of an answer's token.
    pub token_row: TokenRow,
    /// How attention is read.
    pub reading: Reading,
    /// How regions by words are read; as maps are where it says nothing.
    pub region_reading: Option<EntityReading>,
    /// Which colors a map has.
    pub colormap: Colormap,
    /// How strongly a map covers the picture, 0 to 1.
    pub opacity: f32,
    /// How maps share a scale.
    pub scale: MapScale,
    /// Whether colors run between the middles of patches.
    pub texels: Texels,
    /// Whether the borders of patches are drawn.
    pub has_patch_grid: bool,
    /// Whether regions are drawn.
    pub has_regions: bool,
    /// Whether the tokens of the template stand among the words.
    pub has_template: bool,
    /// How latents are carried back to the picture.
    pub projection: Projection,
    /// From how many times uniform attention a position counts as a sink.
    pub sink_threshold: f64,
    /// Whether maps leave sinks out.
    pub without_sinks: bool,
}

impl Default for ViewChoice {
    fn default() -> Self {
        Self {
            word_map: MapKind::LooksAt,
            token_row: TokenRow::WhileChoosing,
            reading: Reading::Share,
            region_reading: None,
            colormap: Colormap::Viridis,
            opacity: 0.85,
            scale: MapScale::Own,
            texels: Texels::Patches,
            has_patch_grid: false,
            has_regions: true,
            has_template: false,
            projection: Projection::default(),
            sink_threshold: SinkRule::default().times_uniform,
            without_sinks: false,
        }
    }
}

impl ViewChoice {
    /// How regions by words are read. A share has no counterpart there, since it divides by all that a
    /// row pays to the picture, and is read as lift.
    pub fn reading_of_regions(&self) -> EntityReading {
        self.region_reading.unwrap_or(match self.reading {
            Reading::Mass => EntityReading::Mass,
            Reading::Share | Reading::Lift => EntityReading::Lift,
        })
    }

    /// The kind of map that a subject has.
    pub fn map_kind(&self, subject: &Subject) -> MapKind {
        match subject {
            Subject::Answer(_) => MapKind::AnsweredFrom(self.token_row),
            Subject::Latents(_) => MapKind::MadeFrom,
            _ => self.word_map,
        }
    }
}

/// Everything a person arranges. Undo and redo move between values of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Workspace {
    /// The question as typed.
    pub question: String,
    /// A model folder or name; `None` for the embedded one that goes with the mode.
    pub model: Option<String>,
    /// The attention mode of the next run.
    pub mode: AttentionMode,
    /// The device of the next run.
    pub device: DeviceChoice,
    /// Tokens to write at most.
    pub max_new_tokens: usize,
    /// What is chosen.
    pub selection: Selection,
    /// The run beside it.
    #[serde(skip)]
    pub beside: Option<RunId>,
    /// How things are shown.
    pub view: ViewChoice,
    /// What is to be knocked out.
    pub knockout: KnockoutForm,
    /// Corrected buckets of each run's question.
    #[serde(skip)]
    pub edits: BTreeMap<RunId, BucketEdits>,
    /// What is looked at of the open batch; no session holds a batch.
    #[serde(skip)]
    pub batch: BatchChoice,
}

impl Default for Workspace {
    fn default() -> Self {
        Self {
            question: String::new(),
            model: None,
            mode: AttentionMode::ModalityMutual,
            device: DeviceChoice::Best,
            max_new_tokens: 40,
            selection: Selection::default(),
            beside: None,
            view: ViewChoice::default(),
            knockout: KnockoutForm::default(),
            edits: BTreeMap::new(),
            batch: BatchChoice::default(),
        }
    }
}

impl Workspace {
    /// The corrected buckets of a run's question.
    pub fn edits_of(&self, run: RunId) -> BucketEdits {
        self.edits.get(&run).cloned().unwrap_or_default()
    }
}
