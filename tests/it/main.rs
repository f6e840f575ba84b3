//! One binary for all integration tests: linking once is what keeps them quick.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod architecture;
mod cli;
mod eval;
mod golden;
mod loading;
mod pipeline;
mod plan;
mod record;
mod regions;
mod regions_hostile;
mod scene;
mod scenes_job;
mod text;
mod train;
mod vision;
