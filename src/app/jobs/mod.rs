//! One file a use case.

mod ask;
mod ask_report;
mod chart;
mod embedded;
mod eval;
mod hub_folder;
mod model_name;
mod pos;
mod pull;
mod question_words;
mod regions;
mod scenes;
mod tagging;
mod trace;
mod train;
mod training_curves;
mod world_card;

pub use self::{
    ask::{Ask, ask},
    ask_report::AnswerReport,
    chart::Measure,
    embedded::embedded_model,
    eval::{Eval, eval},
    model_name::model_folder,
    pos::{TaggedQuestion, WordReport, pos},
    pull::{Pull, PullReport, pull},
    question_words::{QuestionWords, WordEdit},
    regions::{RegionSource, Regions, read_regions, regions},
    scenes::{ScenesReport, ScenesRequest, scenes},
    tagging::{TaggerChoice, Tagging},
    trace::{Trace, trace},
    train::{Train, TrainStage, train},
};
pub use crate::{
    analysis::{Per, Reading},
    eval::{EvalProgress, EvalReport, Share},
    hub::{HubSettings, PullProgress, RepoName},
    model::{ComputeDevice, DeviceChoice, DeviceReport, Dtype},
    regions::{Imported, Overlaps, RegionsReport, SizeFix},
    scene::Split,
    session::write_whole,
    train::{Outcome, TrainProgress},
};
