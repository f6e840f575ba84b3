//! What a training is told, as a TOML file.

use std::{collections::BTreeMap, fs, path::Path};

use serde::{Deserialize, Serialize};

use super::error::{Result, TrainError};
use crate::scene::QuestionKind;

/// All stages of a training. Every value that shapes the result stands here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainingConfig {
    /// Of the first weights and of what each step sees.
    pub seed: u64,
    /// Of the world's scenes.
    pub world_seed: u64,
    /// Sizes of the network.
    pub model: ModelShape,
    /// Vision tower and resampler, taught with dense labels.
    pub tower: StageConfig,
    /// Resampler and decoder on captions, causal.
    pub pretrain: StageConfig,
    /// Resampler and decoder on questions, under the chosen attention mode.
    pub finetune: StageConfig,
    /// How often each kind of question is drawn, relative to the others. Of a scene that has no such
    /// question another kind is drawn instead, so what many scenes lack is asked more rarely than this says.
    pub questions: BTreeMap<QuestionKind, f64>,
}

/// Sizes of a new network, in the words of the released configurations.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelShape {
    /// Side of the picture in pixels.
    pub image_size: usize,
    /// Side of a patch in pixels.
    pub patch_size: usize,
    /// Width of the vision tower and of the resampler.
    pub vision_width: usize,
    /// Width of the vision tower's MLP.
    pub vision_ff: usize,
    /// Layers of the vision tower.
    pub vision_layers: usize,
    /// Heads of the vision tower.
    pub vision_heads: usize,
    /// Latents; a square number, so that each has a cell in the dense labels.
    pub latents: usize,
    /// Layers of the resampler.
    pub resampler_layers: usize,
    /// Heads of the resampler, of `vision_width / resampler_heads` each.
    pub resampler_heads: usize,
    /// The resampler's MLP is this many times as wide as the resampler.
    pub resampler_ff_mult: usize,
    /// Width of the decoder.
    pub decoder_width: usize,
    /// Width of its MLP.
    pub decoder_ff: usize,
    /// Its layers.
    pub decoder_layers: usize,
    /// Its heads.
    pub decoder_heads: usize,
}

/// One stage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageConfig {
    /// Updates of the weights.
    pub steps: usize,
    /// Pictures a step.
    pub pictures: usize,
    /// Texts on each of them (captions or questions).
    #[serde(default = "one")]
    pub texts_per_picture: usize,
    /// Equal parts that a step's pictures are split into, computed side by side; their gradients
    /// are averaged.
    #[serde(default = "one")]
    pub parts: usize,
    /// Different scenes; 0 draws new ones at every step.
    pub scenes: usize,
    /// Highest learning rate.
    pub learning_rate: f64,
    /// The learning rate it falls to.
    #[serde(default)]
    pub min_learning_rate: f64,
    /// Steps until it is reached.
    pub warmup_steps: usize,
    /// How it falls.
    pub decay: Decay,
    /// The part of the steps after which it falls.
    #[serde(default)]
    pub decay_from: f64,
    /// AdamW's decoupled decay of matrices; norms, biases and single vectors have none.
    pub weight_decay: f64,
    /// AdamW's second momentum.
    pub beta_2: f64,
    /// The largest norm of all gradients together.
    pub clip_norm: f64,
    /// Weight of the dense loss on latents, beside that on text.
    #[serde(default)]
    pub dense_weight: f64,
    /// An answer of `n` tokens weighs `n^(1 - this)`: at 0 every token counts the same, at 1 every
    /// answer, so that a yes is not lost beside a list.
    #[serde(default)]
    pub answer_length_exponent: f64,
    /// Steps between measurements on unseen scenes.
    pub validate_every: usize,
    /// Unseen scenes a measurement looks at.
    pub validation_scenes: usize,
}

/// How a learning rate falls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decay {
    /// Half a cosine.
    Cosine,
    /// A line.
    Linear,
}

fn one() -> usize {
    1
}

impl TrainingConfig {
    /// Reads a TOML file.
    ///
    /// # Errors
    /// [`TrainError::BadConfig`] with line and field.
    pub fn open(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).map_err(TrainError::file("read", path))?;
        let bad = |reason: String| TrainError::BadConfig { path: path.to_owned(), reason };
        let config: Self = toml::from_str(&text).map_err(|e| {
            let start = e.span().map_or(0, |span| span.start.min(text.len()));
            let line = 1 + text[..text.floor_char_boundary(start)].matches('\n').count();
            bad(format!("line {line}: {}", e.message().replace('\n', " ")))
        })?;
        config.check().map_err(bad)?;
        Ok(config)
    }

    fn check(&self) -> std::result::Result<(), String> {
        let ModelShape { latents, vision_width, resampler_heads, .. } = self.model;
        if latents.isqrt().pow(2) != latents || latents == 0 {
            return Err(format!("\"model.latents\" must be a square number, found {latents}"));
        }
        if resampler_heads == 0 || !vision_width.is_multiple_of(resampler_heads) {
            return Err(format!(
                "\"model.vision_width\" ({vision_width}) must be a multiple of \"model.resampler_heads\" ({resampler_heads})"
            ));
        }
        let stages =
            [("tower", &self.tower), ("pretrain", &self.pretrain), ("finetune", &self.finetune)];
        for (name, stage) in stages {
            let counts = [
                ("steps", stage.steps),
                ("pictures", stage.pictures),
                ("texts_per_picture", stage.texts_per_picture),
                ("parts", stage.parts),
                ("validate_every", stage.validate_every),
                ("validation_scenes", stage.validation_scenes),
            ];
            if let Some((field, _)) = counts.iter().find(|(_, n)| *n == 0) {
                return Err(format!("\"{name}.{field}\" must be at least 1, found 0"));
            }
            if stage.pictures % stage.parts != 0 {
                let (pictures, parts) = (stage.pictures, stage.parts);
                return Err(format!(
                    "\"{name}.pictures\" ({pictures}) must be a multiple of \"parts\" ({parts})"
                ));
            }
            if !(stage.learning_rate > 0.0 && stage.clip_norm > 0.0) {
                return Err(format!("\"{name}.learning_rate\" and \"clip_norm\" must be above 0"));
            }
            if !(0.0..=1.0).contains(&stage.answer_length_exponent) {
                return Err(format!("\"{name}.answer_length_exponent\" must lie in 0..=1"));
            }
            if !(0.0..=1.0).contains(&stage.decay_from) || !(0.0..1.0).contains(&stage.beta_2) {
                return Err(format!("\"{name}.decay_from\" and \"beta_2\" must lie in 0..1"));
            }
        }
        if !self.questions.values().any(|weight| *weight > 0.0)
            || self.questions.values().any(|weight| *weight < 0.0 || !weight.is_finite())
        {
            return Err("\"questions\" must hold weights of at least 0, one above".to_owned());
        }
        Ok(())
    }
}
