//! One file a use case.

mod answer;
mod ask;
mod ask_report;
mod chart;
mod embedded;
mod eval;
mod example;
mod heatmap;
mod map_choice;
mod methods;
mod model_name;
mod pos;
mod question_words;
mod region_table;
mod regions;
mod scenes;
mod score;
mod session;
mod tagging;
mod trace;
mod train;
mod training_curves;
mod weights;
mod world_card;

pub use self::{
    answer::{Answered, Kinship, ModelSlot, Question, answer},
    ask::{Ask, ask},
    ask_report::AnswerReport,
    chart::Measure,
    embedded::embedded_model,
    eval::{Eval, eval},
    example::{Example, N_EXAMPLES, example, example_questions},
    heatmap::{Maps, Reads},
    map_choice::{MapChoice, MapOf, MapTarget, MapTexts, answer_texts},
    methods::{Methods, MethodsProgress, MethodsTable, OnMethods, OverSeeds, methods},
    model_name::model_folder,
    pos::{TaggedQuestion, WordReport, pos},
    question_words::{QuestionWords, WordEdit},
    region_table::RegionTable,
    regions::{RegionSource, Regions, read_regions, regions},
    scenes::{ScenesReport, ScenesRequest, scenes},
    score::{Score, score},
    session::{
        KeepRuns, KeepView, Kept, OpenedSession, SessionSlot, keep_runs, keep_view, open_session,
    },
    tagging::{TaggerChoice, Tagging},
    trace::{Trace, trace},
    train::{Train, TrainStage, train},
};
pub use crate::{
    analysis::{EntityReading, Per, Projection, Reading},
    benchmark::{Benchmark, Extraction, Metric, Metrics, ScoreReport},
    eval::{EvalProgress, EvalReport, Share},
    export::OverlayStyle,
    model::{ComputeDevice, DeviceChoice, DeviceReport, Dtype},
    regions::{Imported, Overlaps, RegionsReport, SizeFix},
    scene::Split,
    session::{
        KeptPicture, Moment, SessionError, SessionSummary, read_picture, sessions_in, write_whole,
    },
    train::{Method, Outcome, TrainProgress},
};
