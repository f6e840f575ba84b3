//! One binary for all integration tests: linking once is what keeps them quick.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod align;
mod app;
mod architecture;
mod batch;
mod benchmark;
mod bucket_rows;
mod by_bucket;
mod checks;
mod cli;
mod colormap;
mod command_line;
mod compare;
mod eval;
mod export_view;
mod figures;
mod findings;
mod golden;
mod heatmap_job;
mod inspect;
mod knockout;
mod loading;
mod maps;
mod matrix_figure;
#[cfg(unix)]
mod next_run;
mod outlines;
mod overlaps;
mod overlay;
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
mod score;
mod session;
mod stopping;
mod sweep;
mod text;
mod train;
mod turn;
mod vision;
mod words_job;
mod worker;
