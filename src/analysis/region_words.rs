//! From a region of the picture to words: the maps, read the other way.

use serde::{Deserialize, Serialize};

use crate::domain::{MapKind, Reading, Run};

use super::{
    AnalysisError, MapRequest, Projector, block::ascending, map_caption::Read,
    map_request::question_positions, mean_block::MeanBlock,
};

/// What one word (or token of the answer) has to do with a region.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct WordWeight {
    /// The position of the prompt, or the token of the answer, as it was asked for.
    pub position: usize,
    /// Its reading; `None` where it is not defined, where the mask closes it, and of excluded sinks.
    pub value: Option<f64>,
    /// Whether the mask closes it: nothing was paid because nothing could be.
    pub by_construction: bool,
}

/// Mass between words and a region, with what uniform attention would have there.
///
/// # Shapes
/// each `[positions]`
#[derive(Debug)]
pub(super) struct RegionMass {
    pub(super) mass: Vec<f64>,
    pub(super) expected: Vec<f64>,
    /// Of each row's mass on the block that is read; `None` where it paid nothing.
    pub(super) share: Vec<Option<f64>>,
}

impl Projector {
    /// The weight of each asked word (or token of the answer) in a region, of which `coverage` has
    /// the share of each patch: *read by*: how much the region attends to the word; *looks at* and
    /// *answered from*: how much the word or token looks at the region.
    ///
    /// With `R[j]` the part of latent `j` that comes from the region, `a` the mean weight over layers
    /// and heads, `e` what uniform attention under the same mask would pay, `Q` the question's words:
    ///
    /// ```text
    /// looks at, answered from:  mass[r]  = sum over j of a[r, j] R[j]
    ///                           share[r] = mass[r] / sum over j of a[r, j]
    /// read by:                  mass[c]  = sum over j of R[j] a[j, c] / L
    ///                           share[c] = sum over j of R[j] (a[j, c] / sum over c' in Q of a[j, c'])
    ///                                      / sum over j of R[j]
    /// lift                               = mass / the same of e
    /// ```
    ///
    /// A share of *read by* sums to 1 over the question's words; one of the others sums to 1 over
    /// regions that split the picture, with what is unplaced.
    ///
    /// # Shapes
    /// - `coverage`: `[P]`
    /// - output: one entry an asked position, ascending
    ///
    /// # Errors
    /// As [`Projector::map`]; [`AnalysisError::Coverage`].
    pub fn words(
        &self,
        run: &Run,
        request: &MapRequest,
        coverage: &[f32],
    ) -> Result<Vec<WordWeight>, AnalysisError> {
        self.check(run)?;
        let in_region = self.part_in_region(coverage)?;
        let block = WordBlock::read(run, request)?;
        let RegionMass { mass, expected, share } = block.in_region(&in_region);
        let asked = ascending(&request.positions);
        let weights = asked.into_iter().enumerate().map(|(i, position)| {
            let is_closed = block.is_closed(i);
            let is_sink = request.kind == MapKind::ReadBy && request.sinks.excludes(position);
            let value = match request.reading {
                Reading::Mass => Some(mass[i]),
                Reading::Share => share[i],
                Reading::Lift => (expected[i] > 0.0).then(|| mass[i] / expected[i]),
            };
            let value = value.filter(|_| !is_closed && !is_sink);
            WordWeight { position, value, by_construction: is_closed }
        });
        Ok(weights.collect())
    }
}

/// Mean weights between latents and words, whichever of them are rows, read once for many regions.
#[derive(Debug)]
pub(super) struct WordBlock {
    kind: MapKind,
    n_latents: usize,
    n_words: usize,
    /// Shape `[words, latents]`.
    mean: Vec<f64>,
    /// Shape `[words, latents]`.
    expected: Vec<f64>,
    /// What each row paid to the block that shares are taken of: of latents or of words.
    paid: Vec<f64>,
}

impl WordBlock {
    /// The weights of the asked words or tokens, ascending.
    pub(super) fn read(run: &Run, request: &MapRequest) -> Result<Self, AnalysisError> {
        let kind = request.kind;
        let read = Read::of(run, request)?;
        let latents: Vec<usize> = run.prompt.layout.image().collect();
        let (n_latents, n_words) = (latents.len(), read.positions.len());
        if matches!(kind, MapKind::Rollout | MapKind::MadeFrom) {
            let kind = kind.to_string();
            return Err(AnalysisError::WrongKind { what: "a region's words", kind });
        }
        if kind != MapKind::ReadBy {
            let MeanBlock { mut mean, mut expected, .. } =
                MeanBlock::read(run, read.sites(), &read.positions, &latents)?;
            for (j, _) in latents.iter().enumerate().filter(|(_, at)| request.sinks.excludes(**at))
            {
                mean.iter_mut().skip(j).step_by(n_latents).for_each(|weight| *weight = 0.0);
                expected.iter_mut().skip(j).step_by(n_latents).for_each(|weight| *weight = 0.0);
            }
            let paid = mean.chunks_exact(n_latents).map(|row| row.iter().sum()).collect();
            return Ok(Self { kind, n_latents, n_words, mean, expected, paid });
        }
        let question = question_positions(run);
        let is_share = request.reading == Reading::Share;
        if let Some(&position) =
            read.positions.iter().find(|at| is_share && question.binary_search(at).is_err())
        {
            let text = run.prompt.tokens.get(position).map_or_else(String::new, |t| t.text.clone());
            return Err(AnalysisError::NotInQuestion { position, text });
        }
        let block = MeanBlock::read(run, read.sites(), &latents, &read.positions)?;
        let n = latents.len() as f64;
        let mut by_word = [vec![0.0; n_words * n_latents], vec![0.0; n_words * n_latents]];
        for (j, (mean, expected)) in block.rows().enumerate() {
            for (c, (mean, expected)) in mean.iter().zip(expected).enumerate() {
                by_word[0][c * n_latents + j] = mean / n;
                by_word[1][c * n_latents + j] = expected / n;
            }
        }
        let [mean, expected] = by_word;
        let paid = if is_share {
            let kept: Vec<usize> =
                question.into_iter().filter(|at| !request.sinks.excludes(*at)).collect();
            let block = MeanBlock::read(run, read.sites(), &latents, &kept)?;
            block.rows().map(|(row, _)| row.iter().sum::<f64>() / n).collect()
        } else {
            Vec::new()
        };
        Ok(Self { kind, n_latents, n_words, mean, expected, paid })
    }

    /// Whether the mask closes all between a word and the picture.
    pub(super) fn is_closed(&self, word: usize) -> bool {
        self.expected[word * self.n_latents..][..self.n_latents].iter().all(|e| *e == 0.0)
    }

    /// Mass between each word and the part of the latents that comes from a region.
    pub(super) fn in_region(&self, in_region: &[f64]) -> RegionMass {
        let n = self.n_latents;
        let of = |values: &[f64]| -> Vec<f64> {
            let part = |row: &[f64]| row.iter().zip(in_region).map(|(m, r)| m * r).sum();
            values.chunks_exact(n).map(part).collect()
        };
        let (mass, expected) = (of(&self.mean), of(&self.expected));
        let share = (0..self.n_words).map(|word| self.share(word, mass[word], in_region)).collect();
        RegionMass { mass, expected, share }
    }

    fn share(&self, word: usize, mass: f64, in_region: &[f64]) -> Option<f64> {
        if self.kind != MapKind::ReadBy {
            return (self.paid[word] > 0.0).then(|| mass / self.paid[word]);
        }
        let row = &self.mean[word * self.n_latents..][..self.n_latents];
        let latents = row.iter().zip(&self.paid).zip(in_region);
        let (mut sum, mut weight) = (0.0, 0.0);
        for ((mass, paid), part) in latents.filter(|((_, paid), _)| **paid > 0.0) {
            sum += part * mass / paid;
            weight += part;
        }
        (weight > 0.0).then(|| sum / weight)
    }
}
