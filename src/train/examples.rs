//! Questions and captions as sequences: the ordinary prompt, the ordinary plan, and the answer.

use std::{collections::BTreeMap, path::Path};

use rand::{Rng, RngExt as _, SeedableRng as _, seq::IndexedRandom as _};
use rand_chacha::ChaCha8Rng;

use super::error::Result;
use crate::{
    domain::{AttentionMode, AttentionPlan, TokenId},
    model::{MllmConfig, Sequence},
    scene::{Question, QuestionKind, Scene},
    text::{ChatTemplate, TextTokenizer, prompt},
};

/// What is asked when a caption is the answer.
pub(super) const CAPTION_REQUEST: &str = "Describe the picture.";

/// The words of a text, without punctuation.
pub(super) fn words_of(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// Makes sequences.
pub(super) struct Examples {
    tokenizer: TextTokenizer,
    template: &'static ChatTemplate,
    n_latents: usize,
    mode: AttentionMode,
    end: TokenId,
    weights: Vec<(QuestionKind, f64)>,
}

/// The random numbers of one step of one stage.
pub(super) fn rng_of_step(seed: u64, salt: u64, step: u64) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ salt);
    rng.set_stream(step);
    rng
}

impl Examples {
    pub(super) fn new(
        folder: &Path,
        config: &MllmConfig,
        mode: AttentionMode,
        questions: &BTreeMap<QuestionKind, f64>,
    ) -> Result<Self> {
        let template = ChatTemplate::for_model_type(&config.decoder.model_type)?;
        let tokenizer = TextTokenizer::open(folder, template, config.decoder.base_vocab)?;
        let end = template.stop_ids(&tokenizer)?[0];
        Ok(Self {
            tokenizer,
            template,
            n_latents: config.resampler.n_latents,
            mode,
            end,
            weights: questions.iter().map(|(kind, weight)| (*kind, *weight)).collect(),
        })
    }

    /// A question that the scene allows, its kind drawn by weight.
    pub(super) fn question(&self, scene: &Scene, rng: &mut impl Rng) -> Option<Question> {
        (0..16).find_map(|_| {
            let (kind, _) = self.weights.choose_weighted(rng, |(_, weight)| *weight).ok()?;
            scene.ask(*kind, rng)
        })
    }

    /// A text and what is to be answered, ended by the template's token.
    pub(super) fn sequence(&self, picture: usize, text: &str, answer: &str) -> Result<Sequence> {
        let order = self.mode.order();
        let prompt = prompt(&self.tokenizer, self.template, text, order, self.n_latents)?;
        let plan = AttentionPlan::new(self.mode, &prompt.layout)?;
        let mut answer: Vec<TokenId> =
            self.tokenizer.encode(answer)?.into_iter().map(|token| token.id).collect();
        answer.push(self.end);
        Ok(Sequence::new(picture, &prompt, &plan, &answer))
    }
}

/// Distinct places in `0..n`, or repeated ones where there are too few.
pub(super) fn picks(n: usize, count: usize, rng: &mut impl Rng) -> Vec<usize> {
    (0..count).map(|_| rng.random_range(0..n)).collect()
}
