//! The loop that all stages share: steps, measurements, checkpoints, and stopping.

use std::{
    ops::ControlFlow,
    path::Path,
    time::{Duration, Instant},
};

use burn::{module::Module, optim::GradientsParams, prelude::*};
use rayon::prelude::*;
use serde_json::json;

use super::{
    checkpoint::{self, Standing},
    config::{StageConfig, TrainingConfig},
    dense::DenseHead,
    error::{Result, TrainError},
    folder::{read_heads, write_heads, write_json, write_weights},
    initial::copy_configuration,
    log::{Log, TrainProgress},
    optimizer::{Optimizer, sum_of, with_own_leaves},
};
use crate::model::{ComputeDevice, Dtype, Mllm, ModelFolder};

/// Called as a training goes on; breaking stops it after the step, with its state kept.
pub type OnStep<'a> = &'a mut dyn FnMut(&TrainProgress) -> ControlFlow<()>;

/// How a stage ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All steps are made and the folder is a checkpoint.
    Done,
    /// It was stopped; the same command goes on.
    Stopped,
}

/// Seconds between checkpoints.
const SAVE_EVERY: Duration = Duration::from_mins(3);
/// Steps between rows of the log.
const LOG_EVERY: usize = 20;

/// What is trained: the network, and heads that are thrown away.
#[derive(Module, Debug)]
pub(super) struct Learner {
    pub(super) network: Mllm,
    pub(super) patch_head: DenseHead,
    pub(super) latent_head: DenseHead,
}

/// One step's loss.
pub(super) struct StepLoss {
    /// Shape `[1]`.
    pub(super) loss: Tensor<1>,
    /// Answers (or labels) that were right.
    pub(super) right: usize,
    /// Answers (or labels) in all.
    pub(super) asked: usize,
}

/// What tells stages apart.
pub(super) trait Stage: Sync {
    /// The loss of one part of a step; depends on the configuration and the numbers alone.
    fn step(&self, learner: &Learner, step: usize, part: usize) -> Result<StepLoss>;

    /// Measures on unseen scenes.
    fn validate(&self, learner: &Learner) -> Result<Vec<(String, f64)>>;

    /// Writes what goes with the weights besides the configuration, before they are there.
    fn describe(&self, _out: &Path) -> Result<()> {
        Ok(())
    }
}

/// A stage's surroundings.
#[derive(Clone, Copy)]
pub(super) struct Setting<'a> {
    pub(super) name: &'a str,
    pub(super) config: &'a TrainingConfig,
    pub(super) stage: &'a StageConfig,
    pub(super) from: &'a Path,
    pub(super) out: &'a Path,
    /// Tracks gradients.
    pub(super) device: &'a ComputeDevice,
    /// The type the result is written in.
    pub(super) dtype: Dtype,
}

impl Setting<'_> {
    /// The folder's network on the training device, with the heads that lie beside it.
    fn learner(&self) -> Result<Learner> {
        let folder = ModelFolder::open(self.from)?;
        let (network, _) =
            folder.load(self.device, Some(Dtype::F32), &mut |_| ControlFlow::Continue(()))?;
        let (d_vision, d_decoder) =
            (folder.config().vision.d_model, folder.config().decoder.d_model);
        let device = self.device.burn();
        let learner = Learner {
            network,
            patch_head: DenseHead::new("patch_head", d_vision, device),
            latent_head: DenseHead::new("latent_head", d_decoder, device),
        };
        read_heads(self.from, learner)
    }

    /// Runs a stage from its beginning, or from where it was stopped.
    pub(super) fn run(&self, stage: &dyn Stage, on_step: OnStep<'_>) -> Result<Outcome> {
        let Self { name, config, from, out, .. } = *self;
        let mut optimizer = Optimizer::new(self.stage);
        let mut learner = self.learner()?;
        let saved = checkpoint::open(out, name, config, from)?;
        let Standing { step: first, mut mean } =
            saved.as_ref().map_or_else(Standing::default, |saved| saved.standing);
        if let Some(saved) = saved {
            learner = saved.restore(learner, &mut optimizer, self.device.burn())?;
        }
        let log_path = out.join("log.csv");
        let mut log = Log::open(&log_path, first);
        let seconds_before = log.last("seconds").unwrap_or(0.0);
        let steps = self.stage.steps;
        let (start, mut last_save) = (Instant::now(), Instant::now());
        for step in first..steps {
            let (gradients, value, accuracy) = self.gradients(stage, &learner, step)?;
            if !value.is_finite() {
                return Err(TrainError::Diverged { step, loss: value });
            }
            let rate = self.stage.learning_rate_at(step);
            let (updated, norm) = optimizer.step(learner, gradients, rate);
            learner = updated;
            let done = step + 1;
            mean.add(f64::from(value), accuracy);
            if done % LOG_EVERY == 0 || done == steps {
                log.push(done, "train", "loss", mean.loss);
                log.push(done, "train", "accuracy", mean.accuracy);
                log.push(done, "train", "gradient_norm", norm);
                log.push(done, "train", "learning_rate", rate);
                let seconds = seconds_before + start.elapsed().as_secs_f64();
                log.push(done, "train", "seconds", seconds);
            }
            let progress =
                TrainProgress::Step { done, of: steps, loss: mean.loss, accuracy: mean.accuracy };
            let mut flow = on_step(&progress);
            if done % self.stage.validate_every == 0 || done == steps {
                let measured = stage.validate(&learner)?;
                for (name, value) in &measured {
                    log.push(done, "validation", name, *value);
                }
                if on_step(&TrainProgress::Validated { done, measured }).is_break() {
                    flow = ControlFlow::Break(());
                }
            }
            let is_stopped = flow.is_break() && done < steps;
            if is_stopped || last_save.elapsed() > SAVE_EVERY {
                let standing = Standing { step: done, mean };
                checkpoint::save(out, name, config, from, standing, &learner, &optimizer)?;
                log.write(&log_path)?;
                last_save = Instant::now();
            }
            if is_stopped {
                return Ok(Outcome::Stopped);
            }
        }
        log.write(&log_path)?;
        self.finish(stage, &learner, start.elapsed())?;
        Ok(Outcome::Done)
    }

    /// Gradients of a step, the mean of its parts, with the mean loss and the share of right answers.
    fn gradients(
        &self,
        stage: &dyn Stage,
        learner: &Learner,
        step: usize,
    ) -> Result<(GradientsParams, f32, f64)> {
        let n = self.stage.parts;
        let part = |part: usize| -> Result<(GradientsParams, f32, usize, usize)> {
            let learner = with_own_leaves(learner.clone());
            let StepLoss { loss, right, asked } = stage.step(&learner, step, part)?;
            let loss = loss.div_scalar(n as f64);
            let value: f32 = loss.clone().into_scalar();
            Ok((GradientsParams::from_grads(loss.backward(), &learner), value, right, asked))
        };
        let parts: Vec<_> = match n {
            1 => vec![part(0)?],
            // Matrices this small gain little from several threads; whole parts gain all.
            _ => (0..n).into_par_iter().map(part).collect::<Result<_>>()?,
        };
        let value = parts.iter().map(|(_, value, ..)| value).sum();
        let right: usize = parts.iter().map(|(.., right, _)| right).sum();
        let asked: usize = parts.iter().map(|(.., asked)| asked).sum();
        let gradients = parts.into_iter().map(|(gradients, ..)| gradients).collect();
        Ok((sum_of(learner, gradients), value, right as f64 / asked.max(1) as f64))
    }

    /// Makes the folder a checkpoint. The weights come last: until then it is none, and a kill is followed
    /// by the same command.
    fn finish(&self, stage: &dyn Stage, learner: &Learner, elapsed: Duration) -> Result<()> {
        let Self { name, config, from, out, .. } = *self;
        copy_configuration(from, out)?;
        write_heads(out, learner)?;
        let about = json!({
            "stage": name,
            "config": config,
            "from": from.display().to_string(),
            "device": self.device.to_string(),
            "seconds_since_last_start": elapsed.as_secs(),
        });
        write_json(&out.join("training.json"), &about)?;
        stage.describe(out)?;
        write_weights(out, &learner.network.named_tensors()?, self.dtype)?;
        let state = out.join(checkpoint::STATE);
        if state.exists() {
            std::fs::remove_dir_all(&state).map_err(TrainError::file("remove", &state))?;
        }
        Ok(())
    }
}
