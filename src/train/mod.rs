//! Floor 2: training, from random numbers to a checkpoint folder that nothing can tell from others.
//!
//! - **Owns**: the stages and their losses, examples, schedules, the optimizer's state, and the
//!   files from which a stopped training goes on.
//! - **May import**: `domain`, `vision`, `text`, `scene`, `model`, `session`.
//! - **Never**: its own version of a layer, a mask or a prompt: those are the model's and the plan's,
//!   or what is learned is not what is run.
//! - **Invariant**: what a step sees depends on the configuration and the number of the step alone,
//!   so a training that was stopped goes on exactly where it was.

mod checkpoint;
mod config;
mod dense;
mod error;
mod examples;
mod folder;
mod initial;
mod language;
mod log;
mod method;
mod optimizer;
mod pool;
mod running_mean;
mod schedule;
mod stage;
mod tower;
mod world_card;

pub use self::{
    config::{Decay, ModelShape, StageConfig, TrainingConfig},
    error::TrainError,
    initial::initialize,
    language::{describe, finetune, pretrain},
    log::{LogRow, TrainProgress},
    method::Method,
    pool::Pools,
    stage::{OnStep, Outcome},
    tower::train_tower,
};
