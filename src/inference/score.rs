//! How likely a given answer is under a plan: teacher-forced, in one pass, whoever wrote it.

use super::{
    engine::Engine,
    error::{InferenceError, Result},
    picture::EncodedPicture,
};
use crate::{
    domain::{AttentionPlan, OnProgress, Prompt, RecordSpec, TokenId},
    model::TraceRecorder,
};

/// How many of the likeliest tokens are kept at each place.
pub const N_ALTERNATIVES: usize = 5;

/// A token that could stand somewhere, and how likely it is there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Alternative {
    /// The token.
    pub id: TokenId,
    /// Its log-probability, over the whole vocabulary, in nats.
    pub logprob: f64,
}

/// A given answer under one plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// The answer's tokens.
    pub ids: Vec<TokenId>,
    /// The log-probability of each after all before it, over the whole vocabulary, in nats.
    pub logprobs: Vec<f64>,
    /// The likeliest tokens at each place, likeliest first, [`N_ALTERNATIVES`] of them; of equals,
    /// the earlier token first.
    pub alternatives: Vec<Vec<Alternative>>,
}

impl Score {
    /// The log-probability of the whole answer, in nats.
    pub fn total(&self) -> f64 {
        self.logprobs.iter().sum()
    }

    /// Whether greedy decoding writes this very answer, as far as it goes.
    pub fn is_greedy(&self) -> bool {
        self.ids.iter().zip(&self.alternatives).all(|(id, likeliest)| {
            likeliest.first().is_some_and(|alternative| alternative.id == *id)
        })
    }
}

impl Engine {
    /// How likely an answer is, token by token, after a prompt under a plan.
    ///
    /// The same numbers as a run's own `answer_logprobs`, but for the order of sums, and for any
    /// answer. An empty answer has the log-probability 0.
    ///
    /// # Errors
    /// A prompt and answer that do not fit into the model; output that is not finite; a pass that
    /// `on_progress` stopped.
    pub fn score(
        &self,
        picture: &EncodedPicture,
        prompt: &Prompt,
        plan: &AttentionPlan,
        answer: &[TokenId],
        on_progress: OnProgress<'_>,
    ) -> Result<Score> {
        self.check_length(prompt.layout.len(), answer.len())?;
        let mut score =
            Score { ids: answer.to_vec(), logprobs: Vec::new(), alternatives: Vec::new() };
        if answer.is_empty() {
            return Ok(score);
        }
        for &id in answer {
            self.tokenizer.token(id)?;
        }
        let mut recorder = TraceRecorder::new(RecordSpec::nothing(), prompt.layout.len())
            .with_progress(self.on_layer(on_progress));
        let logits =
            self.network.foretell(picture.latents(), prompt, plan, answer, &mut recorder)?;
        for (i, (logits, id)) in logits.iter().zip(answer).enumerate() {
            let norm = log_sum_exp(logits).ok_or(InferenceError::NotFinite { tokens: i })?;
            let logit = logits.get(*id as usize).copied().unwrap_or(f32::NEG_INFINITY);
            score.logprobs.push(f64::from(logit) - norm);
            score.alternatives.push(likeliest(logits, norm));
        }
        Ok(score)
    }

    /// The latents' hidden states while a prompt is read under a plan: the decoder's input, then
    /// each layer's output, the last after the norm.
    ///
    /// Only what reaches the latents is read. So where the mask hides the question from them, two
    /// questions are the very same computation, and not only the same numbers up to rounding.
    ///
    /// # Shapes
    /// output: `[layers + 1][L * d_decoder]`
    ///
    /// # Errors
    /// A pass that `on_progress` stopped.
    pub fn latent_states(
        &self,
        picture: &EncodedPicture,
        prompt: &Prompt,
        plan: &AttentionPlan,
        on_progress: OnProgress<'_>,
    ) -> Result<Vec<Vec<f32>>> {
        let image = prompt.layout.image();
        let len = plan.reach(image.end);
        let (prompt, plan) = (prompt.prefix(len), plan.prefix(len));
        let mut recorder = TraceRecorder::new(RecordSpec::nothing(), len)
            .with_hidden_of(image)
            .with_progress(self.on_layer(on_progress));
        let mut cache = self.network.new_cache();
        self.network.prefill(picture.latents(), &prompt, &plan, &mut cache, &mut recorder)?;
        Ok(recorder.into_parts().1)
    }

    /// The tokens of an answer that a person or a file gives, ended by the token that ends a turn.
    ///
    /// # Errors
    /// A text that the tokenizer refuses.
    pub fn answer_ids(&self, text: &str) -> Result<Vec<TokenId>> {
        let mut ids: Vec<TokenId> =
            self.tokenizer.encode(text)?.into_iter().map(|token| token.id).collect();
        ids.extend(self.template.stop_ids(&self.tokenizer)?.first());
        Ok(ids)
    }

    /// A token as a person reads it.
    ///
    /// # Errors
    /// An id that the tokenizer does not know.
    pub fn token_text(&self, id: TokenId) -> Result<String> {
        Ok(self.tokenizer.decode(&[id], false)?)
    }
}

/// `ln(sum of exp)`; none where a logit is not a number.
fn log_sum_exp(logits: &[f32]) -> Option<f64> {
    if logits.is_empty() || logits.iter().any(|logit| !logit.is_finite()) {
        return None;
    }
    let top = f64::from(logits.iter().copied().fold(f32::NEG_INFINITY, f32::max));
    let sum: f64 = logits.iter().map(|logit| (f64::from(*logit) - top).exp()).sum();
    Some(top + sum.ln())
}

fn likeliest(logits: &[f32], norm: f64) -> Vec<Alternative> {
    let mut best: Vec<usize> = Vec::with_capacity(N_ALTERNATIVES + 1);
    for id in 0..logits.len() {
        let at = best.partition_point(|other| logits[*other] >= logits[id]);
        if at < N_ALTERNATIVES {
            best.insert(at, id);
            best.truncate(N_ALTERNATIVES);
        }
    }
    let alternative =
        |id: usize| Alternative { id: id as TokenId, logprob: f64::from(logits[id]) - norm };
    best.into_iter().map(alternative).collect()
}
