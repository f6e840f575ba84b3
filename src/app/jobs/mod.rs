//! One file a use case.

mod ask;
mod embedded;
mod eval;
mod model_name;
mod scenes;
mod trace;
mod train;
mod world_card;

pub use self::{
    ask::{AnswerReport, Ask, ask},
    embedded::embedded_model,
    eval::{Eval, eval},
    model_name::model_folder,
    scenes::{ScenesReport, ScenesRequest, scenes},
    trace::{Trace, trace},
    train::{Train, TrainStage, train},
};
pub use crate::{
    eval::{EvalProgress, EvalReport, Share},
    model::{ComputeDevice, DeviceChoice, DeviceReport, Dtype},
    scene::Split,
    session::write_whole,
    train::{Outcome, TrainProgress},
};
