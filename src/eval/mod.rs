//! Floor 3: many questions, asked one by one and scored.
//!
//! - **Owns**: reading question files, tallies with their intervals, the report of an evaluation, and
//!   batches with their records.
//! - **May import**: `domain`, `vision`, `analysis`, `scene`, `inference`.
//! - **Never**: its own way of answering: every answer comes from the ordinary run.
//! - **Invariant**: a question that could not be asked is an error, never left out of a share.

pub mod batch;
mod pointing;
mod questions;
mod report;
mod run;
mod sparsity;
mod tally;
mod truth;

pub use self::{
    pointing::{MapReport, PointingReport},
    questions::{QuestionError, QuestionFile, QuestionRow},
    report::{EvalReport, Share},
    run::{Answered, EvalError, EvalProgress, evaluate},
    sparsity::{SparsityPoint, sparsity_sweep},
    tally::{Tally, wilson},
    truth::Truth,
};
