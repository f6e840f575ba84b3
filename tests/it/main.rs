//! One binary for all integration tests: linking once is what keeps them quick.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod align;
mod architecture;
mod by_bucket;
mod cli;
mod colormap;
mod eval;
mod figures;
mod golden;
mod loading;
mod outlines;
mod part_of_speech;
mod pipeline;
mod plan;
mod pull;
mod record;
mod regions;
mod regions_hostile;
mod regions_job;
#[cfg(unix)]
mod rust_bert;
mod scene;
mod scenes_job;
mod text;
mod train;
mod vision;
mod words_job;
