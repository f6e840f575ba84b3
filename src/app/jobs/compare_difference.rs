//! What separates two sides: scores across, drift, maps, bars, layers.

use std::collections::BTreeMap;

use anyhow::Result;

use super::{
    compare::Compare,
    compare_report::{AnswerLogprobs, DifferenceReport, Sides, TokenChance},
    patch_map::MapReport,
    question_words::QuestionWords,
    trained_under::TrainedUnder,
};
use crate::{
    analysis::{
        self, ByBucket, first_differing_token, latent_drift, shares_by_layer, word_differences,
    },
    domain::{AttentionMode, Bucket, OnProgress, Run},
    inference::{Asked, EncodedPicture, Engine, Score},
};

/// One side, and what was read of it.
#[derive(Clone, Debug)]
pub struct Examined {
    /// The run.
    pub run: Run,
    /// The question's words.
    pub words: QuestionWords,
    /// Attention from the picture to the words, by bucket.
    pub read: ByBucket,
    /// The map.
    pub map: MapReport,
}

/// Both sides as they were opened and run.
pub(super) struct Differences<'a> {
    pub request: &'a Compare,
    pub engines: Sides<&'a Engine>,
    pub pictures: Sides<&'a EncodedPicture>,
    pub examined: &'a Sides<Examined>,
    pub trained: &'a Sides<TrainedUnder>,
}

impl Differences<'_> {
    /// Everything that separates them.
    pub(super) fn report(&self, on_progress: OnProgress<'_>) -> Result<DifferenceReport> {
        let Sides { left, right } = self.examined;
        let mut not_comparable = Vec::new();
        let is_same_vocabulary = same_vocabulary(&self.engines);
        if !is_same_vocabulary {
            not_comparable.push(
                "log-probabilities of one side's answer under the other: the tokenizers differ"
                    .to_owned(),
            );
        }
        let mut cross = |answer: &[u32], is_own: bool, is_right: bool| -> Result<Option<Score>> {
            if !is_own && !is_same_vocabulary {
                return Ok(None);
            }
            self.score(answer, is_right, on_progress).map(Some)
        };
        let scores = AnswerLogprobs {
            left_answer: Sides {
                left: cross(&left.run.answer_ids, true, false)?,
                right: cross(&left.run.answer_ids, false, true)?,
            },
            right_answer: Sides {
                left: cross(&right.run.answer_ids, false, false)?,
                right: cross(&right.run.answer_ids, true, true)?,
            },
        };
        let first = match is_same_vocabulary {
            true => first_differing_token(&left.run.answer_ids, &right.run.answer_ids),
            false => None,
        };
        let alternatives = match (first, &scores.left_answer.left, &scores.right_answer.right) {
            (Some(at), Some(own_left), Some(own_right)) => Some(Sides {
                left: chances(self.engines.left, own_left, at)?,
                right: chances(self.engines.right, own_right, at)?,
            }),
            _ => None,
        };
        let between = [
            self.request.question.clone(),
            match &self.request.right_question {
                Some(other) if *other != self.request.question => other.clone(),
                _ => self.request.contrast_question.clone(),
            },
        ];
        let drift = Sides {
            left: self.drift(&between, false, on_progress)?,
            right: self.drift(&between, true, on_progress)?,
        };
        let [left_words, right_words] = word_differences(&left.run.answer, &right.run.answer);
        let labels = Sides {
            left: self.trained.left.beside(left.run.mode),
            right: self.trained.right.beside(right.run.mode),
        };
        let out_of_distribution = [("left", &labels.left), ("right", &labels.right)].into_iter();
        let map = self.examined.map(|side| side.map.clone());
        Ok(DifferenceReport {
            logprob: each(&scores, Score::total),
            logprob_by_token: each(&scores, |score| score.logprobs.clone()),
            first_differing_token: first,
            alternatives,
            words: Sides { left: left_words, right: right_words },
            latent_drift_by_layer: drift,
            latent_drift_between: between,
            out_of_distribution: out_of_distribution
                .filter_map(|(name, label)| label.as_ref().map(|_| name.to_owned()))
                .collect(),
            labels,
            map_difference: map_difference(&map, &mut not_comparable),
            map,
            by_bucket_share: share_difference(&left.read, &right.read, &mut not_comparable),
            by_layer: Sides {
                left: shares_by_layer(&left.run)?,
                right: shares_by_layer(&right.run)?,
            },
            not_comparable,
        })
    }

    fn score(&self, answer: &[u32], is_right: bool, on_progress: OnProgress<'_>) -> Result<Score> {
        let (engine, picture, side) = match is_right {
            false => (self.engines.left, self.pictures.left, &self.examined.left),
            true => (self.engines.right, self.pictures.right, &self.examined.right),
        };
        Ok(engine.score(picture, &side.run.prompt, &side.run.plan, answer, on_progress)?)
    }

    /// How far a side's latents lie apart between two questions, after each layer.
    fn drift(
        &self,
        questions: &[String; 2],
        is_right: bool,
        on_progress: OnProgress<'_>,
    ) -> Result<Vec<f64>> {
        let (engine, picture, side) = match is_right {
            false => (self.engines.left, self.pictures.left, &self.examined.left),
            true => (self.engines.right, self.pictures.right, &self.examined.right),
        };
        let mut states = |question: &String| {
            let mode: AttentionMode = side.run.mode;
            let prompt = engine.prompt(&Asked::Question(question.clone()), mode)?;
            let plan = engine.plan(&prompt, mode, &[])?;
            engine.latent_states(picture, &prompt, &plan, on_progress)
        };
        let (first, second) = (states(&questions[0])?, states(&questions[1])?);
        let d_model = engine.network().config().decoder.d_model;
        // The decoder's input is the picture alone, whatever is asked: it never differs.
        Ok(latent_drift(&first, &second, d_model).split_off(1))
    }
}

/// The likeliest tokens at a place of a side's own answer, up to which both answers agree; none
/// where it has ended.
fn chances(engine: &Engine, score: &Score, at: usize) -> Result<Vec<TokenChance>> {
    let alternatives = score.alternatives.get(at).map_or(&[][..], Vec::as_slice);
    let chance = |alternative: &crate::inference::Alternative| {
        let text = engine.token_text(alternative.id)?;
        Ok(TokenChance { id: alternative.id, text, logprob: alternative.logprob })
    };
    alternatives.iter().map(chance).collect()
}

fn each<T>(scores: &AnswerLogprobs<Score>, of: impl Fn(&Score) -> T) -> AnswerLogprobs<T> {
    let sides = |sides: &Sides<Option<Score>>| sides.map(|score| score.as_ref().map(&of));
    AnswerLogprobs {
        left_answer: sides(&scores.left_answer),
        right_answer: sides(&scores.right_answer),
    }
}

/// Whether the same number means the same token on both sides.
fn same_vocabulary(engines: &Sides<&Engine>) -> bool {
    let (left, right) = (engines.left.tokenizer(), engines.right.tokenizer());
    if left.path() == right.path() {
        return true;
    }
    let n = left.n_tokens();
    let is_same = |id: u32| match (left.token(id), right.token(id)) {
        (Ok(own), Ok(its)) => own == its,
        (Err(_), Err(_)) => true,
        _ => false,
    };
    n == right.n_tokens() && (0..n as u32).all(is_same)
}

fn map_difference(map: &Sides<MapReport>, not_comparable: &mut Vec<String>) -> Option<Vec<f64>> {
    let Sides { left, right } = map;
    let difference = analysis::map_difference(&left.heatmap(), &right.heatmap());
    difference.map_err(|why| not_comparable.push(format!("the map {}: {why}", left.kind))).ok()
}

fn share_difference(
    left: &ByBucket,
    right: &ByBucket,
    not_comparable: &mut Vec<String>,
) -> BTreeMap<Bucket, Option<f64>> {
    for (name, side) in [("left", left), ("right", right)] {
        if side.by_construction() {
            not_comparable.push(format!(
                "attention from the picture to the words: zero by construction on the {name}"
            ));
        }
    }
    let share = |side: &ByBucket, bucket| side.get(bucket).and_then(|reading| reading.share);
    let of = |bucket| {
        let both = share(left, bucket).zip(share(right, bucket));
        (bucket, both.map(|(own, its)| its - own))
    };
    Bucket::ALL.into_iter().map(of).collect()
}
