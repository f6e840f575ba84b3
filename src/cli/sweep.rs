//! `sweep`: answers as the mask opens, column by column.

#![expect(clippy::print_stdout, reason = "the result of a command")]

use std::{path::PathBuf, process::ExitCode};

use anyhow::Result;
use clap::Args as ClapArgs;

use super::{
    args::ComputeArgs,
    commands::{Voice, open_device},
    progress::{Output, Reporter},
};
use crate::app::jobs::{self, DeviceChoice, SparsityReport, SparsitySweep};

/// Flags of `sweep`.
#[derive(Debug, ClapArgs)]
pub struct SweepArgs {
    /// A checkpoint folder, or the name of one in models/
    #[arg(long, value_name = "DIR|NAME")]
    pub model: String,
    /// Questions: a table with the columns of `VLMEvalKit`, as `scenes` writes it
    #[arg(long, value_name = "FILE.tsv")]
    pub data: PathBuf,
    /// Percents of the question's columns that are open to the picture, ascending
    #[arg(long, value_name = "P[,P..]", value_delimiter = ',', default_value = "0,10,20,30,40,50,60,70,80,90,100", value_parser = clap::value_parser!(u8).range(0..=100))]
    pub sparsity: Vec<u8>,
    /// How many questions, from the first
    #[arg(long, value_name = "N", default_value_t = 400, value_parser = clap::value_parser!(u32).range(1..))]
    pub n: u32,
    /// The folder for sweep.json, sweep.csv, accuracy and logprob as .svg and .png
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Tokens of an answer at most
    #[arg(long, value_name = "N", default_value_t = 40, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub max_new_tokens: u32,
    /// Print the report as JSON instead of a table
    #[arg(long)]
    pub json: bool,
    /// cuda, cuda:1, gpu or cpu [default: the best that works]
    #[arg(long, value_name = "DEVICE")]
    pub device: Option<DeviceChoice>,
}

/// Asks every question at every width.
///
/// # Errors
/// Whatever failed, in one line.
pub(super) fn run_sweep(args: SweepArgs, voice: Voice) -> Result<ExitCode> {
    let mut reporter = Reporter::new(voice.detail, Output::Later)?;
    let device = open_device(&ComputeArgs { device: args.device, dtype: None }, voice)?;
    let request = SparsitySweep {
        model: args.model,
        data: args.data,
        percents: args.sparsity,
        n: args.n as usize,
        out: args.out,
        max_new_tokens: args.max_new_tokens as usize,
    };
    let report = jobs::sweep(&request, device, &mut |p| reporter.on_questions(p.done, p.of))?;
    reporter.finish();
    if args.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print_sweep(&report);
    }
    Ok(ExitCode::SUCCESS)
}

fn print_sweep(report: &SparsityReport) {
    println!("{}, {} questions of {}", report.model, report.questions, report.data);
    println!("  open   right, 95 % interval        log-probability of the right answer");
    for point in &report.points {
        let [accuracy, low, high] =
            [point.accuracy.accuracy, point.accuracy.low, point.accuracy.high].map(|v| 100.0 * v);
        let interval = point
            .logprob_interval
            .map_or(String::new(), |i| format!("  [{:.3}, {:.3}]", i.low, i.high));
        println!(
            "  {:>3} %  {accuracy:5.1} %  [{low:.1}, {high:.1}]      {:8.3}{interval}",
            point.percent, point.logprob
        );
    }
}
