//! `knockout`: what an answer loses when attention is taken away.

#![expect(clippy::print_stdout, reason = "the result of a command")]

use std::{path::PathBuf, process::ExitCode};

use anyhow::Result;
use clap::Args as ClapArgs;

use super::{
    commands::{Voice, open_device},
    progress::{Output, Reporter},
    subject::{RegionArgs, SubjectArgs, write_json},
};
use crate::{
    app::jobs::{
        self, Knockout, KnockoutReport, KnockoutSweep, KnockoutSweepReport, MapAsked, Part,
        SweepOver, check_figure, write_sweep_figure,
    },
    domain::Choice,
};

/// Flags of `knockout`.
#[derive(Debug, ClapArgs)]
pub struct KnockoutArgs {
    /// The question, and who is asked.
    #[command(flatten)]
    pub subject: SubjectArgs,
    /// Who loses sight: image, latents:0,2-3, region:NAME, question, answer, word:WORD or
    /// bucket:BUCKET
    #[arg(long, value_name = "PART", default_value = "image")]
    pub rows: Part,
    /// What is no longer seen: question, word:WORD, bucket:BUCKET, image, latents:0,2-3 or
    /// region:NAME
    #[arg(long, value_name = "PART", default_value = "question")]
    pub columns: Part,
    /// Decoder layers in which this holds: all, or numbers from 0 as in 0,2-3
    #[arg(long, value_name = "LAYERS", default_value = "all")]
    pub layers: Choice,
    /// One knock-out after another, over words, buckets, regions or layers
    #[arg(long, value_name = "OVER")]
    pub sweep: Option<SweepOver>,
    /// Layers of a window of the sweep [default: a quarter of the decoder]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub window: Option<u16>,
    /// Random sets of as many positions that each entry of the sweep is compared with
    #[arg(long, value_name = "N", default_value_t = 19, value_parser = clap::value_parser!(u16).range(0..=1000))]
    pub draws: u16,
    /// Where the control's random numbers start
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    pub seed: u64,
    /// The map before and after: answered-from, looks-at:WORD or read-by:WORD
    #[arg(long, value_name = "MAP", default_value = "answered-from")]
    pub map: MapAsked,
    /// The picture's regions.
    #[command(flatten)]
    pub regions: RegionArgs,
    /// A latent stands for a region where at least this part of what it saw lies inside
    #[arg(long, value_name = "PART", default_value_t = 0.5)]
    pub region_share: f64,
    /// Also write everything as JSON; - for standard output
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Also draw the sweep as a heat table: .svg, .png, .csv or .json
    #[arg(long, value_name = "FILE", requires = "sweep")]
    pub figure: Option<PathBuf>,
}

/// Takes attention away and says what becomes of the answer.
///
/// # Errors
/// Whatever failed, in one line.
pub(super) fn run_knockout(args: &KnockoutArgs, voice: Voice) -> Result<ExitCode> {
    check_figure(args.figure.as_deref())?;
    let mut reporter = Reporter::new(voice.detail, Output::Later)?;
    let device = open_device(&args.subject.compute, voice)?;
    let request = Knockout {
        subject: args.subject.request(),
        rows: args.rows.clone(),
        columns: args.columns.clone(),
        layers: args.layers.clone(),
        regions: args.regions.source(),
        region_share: args.region_share,
        map: args.map.clone(),
    };
    let Some(over) = args.sweep else {
        let report = jobs::knockout(&request, device, &mut |p| reporter.on_progress(p))?;
        reporter.finish();
        if !write_json(&report, args.json.as_deref())? {
            print_knockout(&report);
        }
        return Ok(voice.warn(&report.warnings));
    };
    let request = KnockoutSweep {
        knockout: request,
        over,
        window: args.window.map(usize::from),
        draws: usize::from(args.draws),
        seed: args.seed,
    };
    let report = jobs::knockout_sweep(&request, device, &mut |p| reporter.on_progress(p))?;
    reporter.finish();
    if let Some(path) = &args.figure {
        write_sweep_figure(&report, path)?;
    }
    if !write_json(&report, args.json.as_deref())? {
        print_sweep(&report);
    }
    Ok(voice.warn(&report.warnings))
}

fn print_knockout(report: &KnockoutReport) {
    let KnockoutReport { before, after, .. } = report;
    println!("before  {:<24} log-probability {:9.4}", before.answer, before.logprob);
    println!("after   {:<24} of the first    {:9.4}", after.answer, after.logprob);
    let layers: Vec<String> = report.layers.iter().map(usize::to_string).collect();
    println!(
        "change {:+.4} nats without {} -> {} in layers {} ({} pairs closed in each)",
        report.change,
        report.rows.part,
        report.columns.part,
        layers.join(","),
        report.closed_pairs
    );
}

fn print_sweep(report: &KnockoutSweepReport) {
    println!(
        "\"{}\" (log-probability {:.4}), change without {} -> {}",
        report.answer, report.logprob, report.rows, report.columns
    );
    let windows: Vec<String> = report
        .windows
        .iter()
        .map(
            |[first, last]| {
                if first == last { format!("L{first}") } else { format!("L{first}-{last}") }
            },
        )
        .collect();
    let heads: String = windows.iter().map(|w| format!("{w:>9}")).collect();
    println!("  {:<20}{:>9}{heads}{:>18}  rank  answer", "", "all", "control");
    for entry in &report.entries {
        let number = |value: &Option<f64>| match value {
            Some(value) => format!("{value:+9.3}"),
            None => format!("{:>9}", "closed"),
        };
        let by_window: String = entry.by_window.iter().map(number).collect();
        let (control, rank) = match &entry.control {
            Some(c) => (format!("{:+.3} ({:+.2})", c.mean, c.low), format!("{:.2}", c.rank)),
            None => ("-".to_owned(), "-".to_owned()),
        };
        let answer = if entry.answer_changed { entry.answer.as_str() } else { "same" };
        println!(
            "  {:<20}{}{by_window}{control:>18}  {rank:>4}  {answer}",
            entry.label,
            number(&entry.change)
        );
    }
}
