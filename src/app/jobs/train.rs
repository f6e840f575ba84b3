//! Training: one stage of it, from a folder to a folder.

use std::{fmt, path::PathBuf};

use anyhow::{Context as _, Result};

use super::training_curves::draw_training_curves;
use crate::{
    model::ComputeDevice,
    train::{self, Method, OnStep, Outcome, Pools, TrainingConfig},
};

/// A stage of a training.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrainStage {
    /// First weights.
    Init,
    /// Vision tower and resampler on dense labels.
    Tower,
    /// Resampler and decoder on captions, by a method.
    Pretrain(Method),
    /// Resampler and decoder on questions, by a method.
    Finetune(Method),
    /// What a finished folder says of its world, written anew, for the method it was trained by.
    Describe(Method),
}

impl fmt::Display for TrainStage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Init => f.write_str("init"),
            Self::Tower => f.write_str("tower"),
            Self::Pretrain(method) => write!(f, "pretrain, {method}"),
            Self::Finetune(method) => write!(f, "finetune, {method}"),
            Self::Describe(method) => write!(f, "describe, {method}"),
        }
    }
}

/// What to train, from where to where.
#[derive(Clone, Debug)]
pub struct Train {
    /// The stage.
    pub stage: TrainStage,
    /// The TOML file.
    pub config: PathBuf,
    /// The folder to begin with; not for [`TrainStage::Init`] and [`TrainStage::Describe`].
    pub from: Option<PathBuf>,
    /// The folder to write.
    pub out: PathBuf,
}

/// Runs a stage, or goes on with one that was stopped.
///
/// # Errors
/// One line that says what is wrong, where, and what to do.
pub fn train(request: &Train, device: ComputeDevice, on_step: OnStep<'_>) -> Result<Outcome> {
    let config = TrainingConfig::open(&request.config)?;
    let Train { stage, out, .. } = request;
    let from = || request.from.as_deref().context("--from is missing: the folder to begin with");
    let device = device.with_gradients();
    let pools = &mut Pools::default();
    let outcome = match stage {
        TrainStage::Init => {
            train::initialize(&config, out)?;
            Outcome::Done
        }
        TrainStage::Tower => train::train_tower(&config, from()?, out, &device, on_step)?,
        TrainStage::Pretrain(method) => {
            train::pretrain(&config, *method, from()?, out, &device, pools, on_step)?
        }
        TrainStage::Finetune(method) => {
            train::finetune(&config, *method, from()?, out, &device, pools, on_step)?
        }
        // It trains nothing, so there are no curves.
        TrainStage::Describe(method) => {
            return Ok(train::describe(&config, *method, out, &device, on_step)?);
        }
    };
    draw_training_curves(out, &stage.to_string())?;
    Ok(outcome)
}
