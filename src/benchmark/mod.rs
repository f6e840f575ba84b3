//! Floor 1: benchmarks as files: what they ask, in which words, and how answers are scored.
//!
//! - **Owns**: tables as pandas reads them, questions and their pictures one at a time, prompts as
//!   data, and the rules that turn an answer into a score.
//! - **May import**: `domain`.
//! - **Never**: a model, a decoded picture, or a judge that is not a written rule.
//! - **Invariant**: a rule does what the program it is named after does, quirks included; a row that
//!   cannot be read is told, with its number, and never counted as wrong.

mod cell;
mod column;
mod content_hash;
mod dataset;
mod error;
mod extraction;
mod file;
mod folder;
mod json_lines;
mod literal;
mod markers;
mod parquet;
mod pictures;
mod prediction_file;
mod predictions;
mod prompt_hash;
mod prompts;
mod python;
mod records;
mod row;
mod row_source;
mod scoring;
mod table;
mod table_rows;

pub use self::{
    cell::Cell,
    column::Missing,
    content_hash::ContentHash,
    dataset::{Benchmark, QuestionForm},
    error::{BenchmarkError, RowFault},
    extraction::{Extraction, YesNo, first_letter, infer_choice, infer_yes_no},
    file::{BenchmarkFile, ReadOptions, vlmevalkit_pictures},
    prediction_file::PredictionWriter,
    predictions::Predictions,
    prompt_hash::prompt_sha256,
    prompts::{AskedRow, Prompts},
    row::{BenchmarkRow, RowPicture},
    row_source::{BenchmarkRows, RowPlace},
    scoring::{
        Coverage, Extracted, MME_PERCEPTION, Metric, Metrics, RowDetail, ScoreReport, judge_scores,
        score,
    },
};
