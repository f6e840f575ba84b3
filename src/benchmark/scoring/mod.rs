//! Scores of predictions, by the rules of the programs that the paper used.

mod accuracy;
mod cv_bench;
mod judged;
mod math_vista;
mod metrics;
mod mm_bench;
mod report;
mod vanilla;
mod yes_no;

pub use self::{
    judged::judge_scores,
    metrics::{Metric, Metrics},
    report::{Coverage, Extracted, RowDetail, ScoreReport, score},
    yes_no::MME_PERCEPTION,
};
