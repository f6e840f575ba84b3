//! What a knock-out takes away, as a person says it: rows, columns, layers.

use std::{collections::BTreeSet, fmt, ops::Range, str::FromStr};

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};

use super::{
    question_words::{QuestionWords, find_word},
    subject::Subject,
};
use crate::{
    analysis::{Projection, Projector},
    domain::{Bucket, Choice, Coverage, KnockOut, Prompt, RegionSet, Segment},
};

/// Positions of a sequence by what they are for: the rows or the columns of a knock-out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Part {
    /// All latents of the picture.
    Image,
    /// Some latents, by number.
    Latents(Choice),
    /// The latents that saw mostly a region of this name.
    Region(String),
    /// The question segment, template tokens included: what modality-mutual attention opens.
    Question,
    /// From where the answer is written: the template tokens that open it, and its own tokens.
    Answer,
    /// A word of the question, as in `word:light`, or `word:light#2` for its second occurrence.
    Word(String),
    /// The words of a bucket.
    Bucket(Bucket),
}

impl FromStr for Part {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (kind, name) = text.split_once(':').map_or((text, None), |(k, n)| (k, Some(n)));
        let unknown = || {
            format!(
                "unknown part \"{text}\": write image, latents:0,2-3, region:NAME, question, answer, \
                 word:WORD or bucket:BUCKET"
            )
        };
        match (kind, name.filter(|name| !name.is_empty())) {
            ("image" | "latents", None) => Ok(Self::Image),
            ("question", None) => Ok(Self::Question),
            ("answer", None) => Ok(Self::Answer),
            ("latents", Some(numbers)) => Ok(Self::Latents(numbers.parse()?)),
            ("region", Some(name)) => Ok(Self::Region(name.to_owned())),
            ("word", Some(word)) => Ok(Self::Word(word.to_owned())),
            ("bucket", Some(bucket)) => bucket
                .parse()
                .map(Self::Bucket)
                .map_err(|e: crate::domain::BucketError| e.to_string()),
            _ => Err(unknown()),
        }
    }
}

impl TryFrom<String> for Part {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Part> for String {
    fn from(part: Part) -> Self {
        part.to_string()
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Image => f.write_str("image"),
            Self::Latents(Choice::Only(latents)) => {
                let numbers: Vec<String> = latents.iter().map(usize::to_string).collect();
                write!(f, "latents:{}", numbers.join(","))
            }
            Self::Latents(_) => f.write_str("latents"),
            Self::Region(name) => write!(f, "region:{name}"),
            Self::Question => f.write_str("question"),
            Self::Answer => f.write_str("answer"),
            Self::Word(word) => write!(f, "word:{word}"),
            Self::Bucket(bucket) => write!(f, "bucket:{bucket}"),
        }
    }
}

/// The regions of a picture, as parts that can be knocked out.
#[derive(Clone, Debug)]
pub(super) struct RegionParts {
    /// Their names, in order.
    pub names: Vec<String>,
    /// For each, the part of each latent's placed mass that lies in it. Shape `[regions][L]`.
    shares: Vec<Vec<f64>>,
    /// A latent belongs to a region where at least this part of its placed mass lies inside.
    pub threshold: f64,
}

impl RegionParts {
    /// Follows the latents of a subject's picture into its regions.
    pub(super) fn of(
        subject: &Subject<'_>,
        set: &RegionSet,
        coverage: &Coverage,
        threshold: f64,
    ) -> Result<Self> {
        let projector =
            Projector::new(&subject.run, Projection::Composed).context("no latent has a region")?;
        let placed: Vec<f64> = projector.latents().iter().map(|place| place.placed).collect();
        let shares = |i| -> Result<Vec<f64>> {
            let inside = projector.part_in_region(coverage.of_region(i))?;
            let parts = inside.iter().zip(&placed);
            let share = |(inside, placed): (&f64, &f64)| {
                if *placed > 0.0 { inside / placed } else { 0.0 }
            };
            Ok(parts.map(share).collect())
        };
        Ok(Self {
            names: set.regions().iter().map(crate::domain::Region::name).collect(),
            shares: (0..set.regions().len()).map(shares).collect::<Result<_>>()?,
            threshold,
        })
    }

    /// The latents of a region, by number.
    ///
    /// # Errors
    /// No region of that name, or none of its latents passes the threshold.
    pub(super) fn latents(&self, name: &str) -> Result<Vec<usize>> {
        let Some(i) = self.names.iter().position(|known| known == name) else {
            bail!("no region \"{name}\"; there are: {}", self.names.join(", "));
        };
        let shares = &self.shares[i];
        let inside = |latent: &usize| shares[*latent] >= self.threshold;
        let latents: Vec<usize> = (0..shares.len()).filter(inside).collect();
        if latents.is_empty() {
            let most = shares.iter().copied().fold(0.0, f64::max);
            bail!(
                "no latent saw mostly \"{name}\": the most that one has inside is {most:.2}, and \
                 {:.2} is asked for; lower --region-share",
                self.threshold
            );
        }
        Ok(latents)
    }
}

/// Where parts are looked up: a prompt, its words, and the picture's regions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Places<'a> {
    /// The prompt.
    pub prompt: &'a Prompt,
    /// The question's words.
    pub words: &'a QuestionWords,
    /// The picture's regions, where they are known.
    pub regions: Option<&'a RegionParts>,
    /// Tokens that may be written after the prompt.
    pub n_written: usize,
}

impl Places<'_> {
    /// The positions of a part as rows: of the question, without the prompt's last position, which
    /// chooses the answer's first token and so is the answer's.
    ///
    /// # Errors
    /// A part that this prompt does not have.
    pub(super) fn rows(&self, part: &Part) -> Result<BTreeSet<usize>> {
        let mut rows = self.columns(part)?;
        if *part == Part::Question {
            rows.remove(&(self.prompt.layout.len() - 1));
        }
        Ok(rows)
    }

    /// The positions of a part as columns.
    ///
    /// # Errors
    /// A part that this prompt does not have.
    pub(super) fn columns(&self, part: &Part) -> Result<BTreeSet<usize>> {
        let layout = &self.prompt.layout;
        let (image, len) = (layout.image(), layout.len());
        let question = layout.get(Segment::Question).unwrap_or(0..0);
        let of_latents = |latents: Vec<usize>| -> BTreeSet<usize> {
            latents.into_iter().map(|latent| image.start + latent).collect()
        };
        let alignment = &self.words.alignment;
        let found = match part {
            Part::Image => image.clone().collect(),
            Part::Latents(choice) => {
                if let Choice::Only(latents) = choice
                    && let Some(latent) = latents.iter().find(|l| **l >= image.len())
                {
                    bail!("there is no latent {latent}: the picture has {}", image.len());
                }
                of_latents(choice.among(image.len()))
            }
            Part::Region(name) => match self.regions {
                Some(regions) => of_latents(regions.latents(name)?),
                None => bail!("region:{name} needs the picture's regions: --regions or --box"),
            },
            Part::Question => question.collect(),
            Part::Answer => {
                let cue = layout.get(Segment::Cue).unwrap_or(len - 1..len);
                cue.chain(len - 1..len + self.n_written).collect()
            }
            Part::Word(word) => {
                let found = find_word(&self.words.words, word)?;
                found.iter().flat_map(|i| alignment.positions_of_word(*i)).collect()
            }
            Part::Bucket(bucket) => {
                alignment.positions_in(*bucket).filter(|p| question.contains(p)).collect()
            }
        };
        if found.is_empty() {
            bail!("{part} is nothing: this prompt has no such position");
        }
        Ok(found)
    }
}

/// Rows by columns in a window of layers as knock-outs: one for each run of neighboring layers.
///
/// # Errors
/// A layer that the decoder does not have.
pub(super) fn knock_outs(
    subject: &Subject<'_>,
    queries: &BTreeSet<usize>,
    keys: &BTreeSet<usize>,
    layers: &[usize],
) -> Result<Vec<KnockOut>> {
    let n_layers = subject.n_layers();
    if let Some(layer) = layers.iter().find(|layer| **layer >= n_layers) {
        bail!("there is no decoder layer {layer}: this model has {n_layers}, from 0");
    }
    let mut windows: Vec<Range<usize>> = Vec::new();
    for &layer in layers {
        match windows.last_mut() {
            Some(window) if window.end == layer => window.end += 1,
            _ => windows.push(layer..layer + 1),
        }
    }
    let knock_out = |layers| KnockOut { queries: queries.clone(), keys: keys.clone(), layers };
    Ok(windows.into_iter().map(knock_out).collect())
}

/// How many pairs of row and column a knock-out closes that the mask leaves open, in the prompt and
/// the answer as it was given. A token that was written saw all before it; the last was never read.
pub(super) fn n_open(
    subject: &Subject<'_>,
    queries: &BTreeSet<usize>,
    keys: &BTreeSet<usize>,
) -> usize {
    let mask = &subject.run.plan.mask;
    let end = mask.len() + subject.run.answer_ids.len().saturating_sub(1);
    let is_open = |query: usize, key: usize| match query < mask.len() && key < mask.len() {
        true => mask.allows(query, key),
        false => key <= query,
    };
    let of_row = |query: &usize| keys.iter().filter(|key| is_open(*query, **key)).count();
    queries.range(..end).map(of_row).sum()
}
