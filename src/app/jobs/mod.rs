//! One file a use case.

mod answer;
mod ask;
mod ask_report;
mod asked_report;
mod batch;
mod batch_chart;
mod batch_curves;
mod batch_differences;
mod batch_figure;
mod batch_groups;
mod batch_open;
mod batch_questions;
mod batch_results;
mod batch_table;
mod cause;
mod cause_figures;
mod chart;
mod checks;
mod compare;
mod compare_difference;
mod compare_figure;
mod compare_report;
mod compare_side;
mod contrast;
mod drawn;
mod embedded;
mod estimate;
mod eval;
mod example;
mod export_readme;
mod export_view;
mod first_look;
mod heatmap;
mod hub_folder;
mod inspect;
mod knock_parts;
mod knockout;
mod knockout_sweep;
mod map_choice;
mod merge;
mod methods;
mod model_name;
mod model_slot;
mod patch_map;
mod pointing;
mod pos;
mod pull;
mod question_words;
mod region_checks;
mod region_table;
mod regions;
mod scenes;
mod score;
mod session;
mod sparsity;
mod steps;
mod subject;
mod tagging;
mod trace;
mod train;
mod trained_under;
mod training_curves;
mod weights;
mod world_card;

pub use self::{
    answer::{Answered, Kinship, Question, answer, start_tagger},
    ask::{Ask, ask},
    ask_report::AnswerReport,
    asked_report::AskedReport,
    batch::{Batch, BatchReport, batch},
    batch_chart::{BatchChart, ChartChoice, ChartGroup, batch_chart},
    batch_figure::{BatchFigure, Drawing, batch_figure},
    batch_groups::GroupBy,
    batch_open::{Headline, OpenedBatch, OpenedRow, is_batch, open_batch},
    batch_questions::{
        BatchAsk, BatchQuestions, KnownQuestion, OpenedQuestion, QuestionsRequest,
        open_batch_question, read_batch_questions,
    },
    batch_table::{BatchTable, TableSubject, batch_table},
    cause::{CauseChoice, CauseReport, CauseRequest, SweepChoice, find_cause},
    cause_figures::{
        check_figure, checks_figure, checks_row, sweep_figure, write_checks_figure,
        write_sweep_figure,
    },
    chart::Measure,
    checks::{Checks, ChecksReport, CurveReport, checks, checks_of},
    compare::{Compare, Comparison, compare},
    compare_difference::Examined,
    compare_figure::{check_comparison_figure, write_comparison_figure},
    compare_report::{
        AnswerLogprobs, ComparisonReport, DifferenceReport, Hashed, Sides, TokenChance, TrustReport,
    },
    compare_side::SideRequest,
    contrast::{ComparisonDrawing, Contrast, ContrastRequest, ContrastSide, contrast},
    drawn::{Drawn, ExportRequest, HeadMapsDrawing, MapDrawing, MaskDrawing, export, export_while},
    embedded::embedded_model,
    estimate::{EstimateRequest, EstimateSlot, estimate},
    eval::{Eval, eval},
    example::{Example, N_EXAMPLES, example, example_questions},
    export_readme::ViewFacts,
    export_view::{AnswerToken, NamedDrawing, ViewExport, export_view},
    first_look::FirstLook,
    heatmap::{Maps, Reads},
    inspect::{Inspect, InspectReport, LatentsReport, RolloutReport, SinkReport, inspect},
    knock_parts::Part,
    knockout::{AnswerUnder, Knockout, KnockoutReport, PartReport, knockout, knockout_of},
    knockout_sweep::{
        ControlReport, KnockoutSweep, KnockoutSweepReport, SweepEntry, SweepOver, knockout_sweep,
        knockout_sweep_of,
    },
    map_choice::{MapChoice, MapOf, MapTarget, MapTexts, answer_texts},
    merge::{Merge, merge},
    methods::{Methods, MethodsProgress, MethodsTable, OnMethods, OverSeeds, methods},
    model_name::model_folder,
    model_slot::{ModelSlot, load_model},
    patch_map::{MapAsked, MapReport},
    pos::{TaggedQuestion, WordReport, pos},
    pull::{Pull, PullReport, pull},
    question_words::{QuestionWords, WordEdit},
    region_checks::RegionCheck,
    region_table::RegionTable,
    regions::{RegionSource, Regions, mask_of, read_regions, regions},
    scenes::{ScenesReport, ScenesRequest, scenes},
    score::{Score, score},
    session::{
        KeepFinding, KeepRuns, KeepView, Kept, OpenedSession, SessionSlot, keep_finding, keep_runs,
        keep_view, open_session,
    },
    sparsity::{SparsityReport, SparsitySweep, sweep},
    subject::{Subject, SubjectRequest},
    tagging::{TaggerChoice, TaggerRequest, Tagging},
    trace::{Trace, trace},
    train::{Train, TrainStage, train},
    trained_under::TrainedUnder,
};
pub use crate::{
    analysis::{
        ComparedWord, EntityReading, Incoming, LatentPlace, LayerShares, Per, Projection, Reading,
        RegionHit, RegionWeight, SinkRule, Sinks,
    },
    benchmark::{Benchmark, Extraction, Metric, Metrics, ScoreReport},
    eval::{
        EvalProgress, EvalReport, Share,
        batch::{
            AnswerGroup, BatchHeader, BatchProgress, BatchRow, BatchSummary, BucketResult,
            RowCoverage, Shard,
        },
    },
    export::OverlayStyle,
    hub::{HubSettings, PullProgress, RepoName},
    inference::RecordSize,
    model::{ComputeDevice, DeviceChoice, DeviceReport, Dtype},
    regions::{Imported, Overlaps, RegionsReport, SizeFix},
    scene::Split,
    session::{
        KeptPicture, Moment, SessionError, SessionSummary, is_session, read_picture, sessions_in,
        write_whole,
    },
    text::RustBertState,
    train::{Method, Outcome, TrainProgress},
    vision::Fill,
};
