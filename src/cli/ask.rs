//! `aki-lens ask`: one question, its answer, and the figures made of it.

#![expect(clippy::print_stdout, reason = "the answer goes to standard output")]

use std::{
    io::IsTerminal as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context as _, Result};
use clap::Args as ClapArgs;

use super::{
    args::ComputeArgs,
    commands::{Voice, open_device},
    heatmap::HeatmapArgs,
    progress::{Output, Reporter},
    subject::{QuestionArgs, TaggingArgs},
};
use crate::{
    app::jobs::{self, Ask, Measure, Per, Reading, write_whole},
    domain::Choice,
};

/// Flags of `ask`.
#[derive(Debug, ClapArgs)]
pub struct AskArgs {
    /// What is asked.
    #[command(flatten)]
    pub asked: QuestionArgs,
    /// Tokens to write at most
    #[arg(long, value_name = "N", default_value_t = 128, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub max_new_tokens: u32,
    /// Also write the answer, its tokens and timings as JSON; - for standard output
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Also draw how much the picture attends to each bucket of words: .svg or .png (300 dpi), or
    /// .csv or .json for the numbers behind it
    #[arg(long, value_name = "FILE")]
    pub chart: Option<PathBuf>,
    /// Also keep the run, with what was recorded, in this session; an empty or new folder becomes one
    #[arg(long, value_name = "DIR")]
    pub session: Option<PathBuf>,
    /// What is read of the picture's attention to words.
    #[command(flatten)]
    pub measure: MeasureArgs,
    /// The question's words.
    #[command(flatten)]
    pub tagging: TaggingArgs,
    /// What is drawn over the picture, and counted in its regions.
    #[command(flatten)]
    pub heatmap: HeatmapArgs,
    /// Where and how to compute.
    #[command(flatten)]
    pub compute: ComputeArgs,
}

/// What is read of the picture's attention to words.
#[derive(Debug, ClapArgs)]
pub struct MeasureArgs {
    /// The height of the chart's bars: mass (as computed), share (of what the question gets) or
    /// lift (over uniform attention under the same mask)
    #[arg(long, value_name = "READING", default_value = "share")]
    pub reading: Reading,
    /// Divide mass and share by the number of a bucket's tokens
    #[arg(long)]
    pub per_token: bool,
    /// Decoder layers that are read: all, or numbers from 0 as in 0,2-3
    #[arg(long, value_name = "LAYERS", default_value = "all")]
    pub layers: Choice,
    /// Heads that are read: all, or numbers from 0 as in 0,2-3
    #[arg(long, value_name = "HEADS", default_value = "all")]
    pub heads: Choice,
    /// Latents of the picture whose rows are read: all, or numbers from 0 as in 0,2-3
    #[arg(long, value_name = "LATENTS", default_value = "all")]
    pub latents: Choice,
}

/// Asks, prints the answer, and writes what was asked for.
///
/// # Errors
/// Whatever failed, in one line.
pub(super) fn run_ask(args: &AskArgs, voice: Voice) -> Result<ExitCode> {
    let json_to_stdout = args.json.as_deref() == Some(Path::new("-"));
    let is_terminal = std::io::stdout().is_terminal();
    let output = if is_terminal && !json_to_stdout { Output::Streamed } else { Output::Later };
    let mut reporter = Reporter::new(voice.detail, output)?;
    let device = open_device(&args.compute, voice)?;
    let request = Ask {
        asked: args.asked.request(args.max_new_tokens, &args.tagging, &args.compute),
        measure: measure(&args.measure, args.chart.clone()),
        maps: args.heatmap.maps(),
        session: args.session.clone(),
    };
    let (report, run) = jobs::ask(&request, device, &mut |p| reporter.on_progress(p))?;
    let was_streamed = reporter.finish();
    let json = serde_json::to_string_pretty(&report).context("while writing the answer as JSON")?;
    match &args.json {
        Some(_) if json_to_stdout => println!("{json}"),
        Some(path) => {
            write_whole(path, format!("{json}\n").as_bytes())
                .with_context(|| format!("cannot write {}", path.display()))?;
        }
        None => {}
    }
    if was_streamed {
        println!();
    } else if !json_to_stdout {
        println!("{}", report.answer);
    }
    voice.note(format_args!(
        "{}: {} prompt positions, {} tokens written, {:.1} MB of attention recorded",
        run.mode,
        run.prompt.layout.len(),
        run.answer_ids.len(),
        run.trace.bytes() as f64 / 1e6,
    ));
    Ok(voice.warn(&report.warnings))
}

/// As the job takes it.
pub(super) fn measure(args: &MeasureArgs, chart: Option<PathBuf>) -> Measure {
    Measure {
        layers: args.layers.clone(),
        heads: args.heads.clone(),
        latents: args.latents.clone(),
        reading: args.reading,
        per: if args.per_token { Per::Token } else { Per::Bucket },
        chart,
    }
}
