//! Batches: every question of a file under every mode, kept line by line.
//!
//! - **Owns**: the record of a batch, shards and their union, and what is made of a record.
//! - **May import**: as [`crate::eval`].
//! - **Never**: traces that outlive their row; what is kept of a run is its readings.
//! - **Invariant**: a record is a beginning of the one order of rows and modes, whatever happened
//!   on the way; so a batch that was killed, or cut into shards, ends with the same bytes.

mod error;
mod fingerprint;
mod header;
mod in_order;
mod line;
mod merge;
mod order;
mod predictions;
mod readings;
mod record;
mod regions;
mod row;
mod run;
mod shard;
mod source;
mod summary;
mod tables;

pub use self::{
    error::BatchError,
    fingerprint::fingerprint,
    header::BatchHeader,
    merge::{MergeReport, merge_records},
    predictions::write_predictions,
    readings::{BucketNumbers, BucketReadings},
    record::{RecordReader, RecordWriter, open_record},
    regions::{MapInRegions, RegionReadings},
    row::{Answer, BatchRow},
    run::{BatchProgress, BatchRun, RowWords, run_batch},
    shard::Shard,
    source::{
        BatchQuestion, BatchRows, BatchSource, Expected, OnStep, PictureRow, PictureRows,
        SourceStep,
    },
    summary::{
        AnswerGroup, BOOTSTRAP as SUMMARY_BOOTSTRAP, BatchSummary, BucketResult, FailedRow,
        LayerResult, MeanOfRuns, ModeSummary, RegionResult, RowCoverage, summarize,
    },
    tables::{accuracy_table, bucket_table, region_table},
};
