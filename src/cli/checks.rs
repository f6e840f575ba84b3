//! `checks`: whether an answer rests on what a map shows.

#![expect(clippy::print_stdout, reason = "the result of a command")]

use std::{path::PathBuf, process::ExitCode};

use anyhow::Result;
use clap::Args as ClapArgs;

use super::{
    commands::{Voice, open_device},
    progress::{Output, Reporter},
    subject::{RegionArgs, SubjectArgs, write_json},
};
use crate::app::jobs::{
    self, Checks, ChecksReport, Fill, MapAsked, check_figure, write_checks_figure,
};

/// Flags of `checks`.
#[derive(Debug, ClapArgs)]
pub struct ChecksArgs {
    /// The question, and who is asked.
    #[command(flatten)]
    pub subject: SubjectArgs,
    /// The map: answered-from, looks-at:WORD or read-by:WORD
    #[arg(long, value_name = "MAP", default_value = "answered-from")]
    pub map: MapAsked,
    /// What stands where something is removed: grey or blur
    #[arg(long, value_name = "FILL", default_value = "grey")]
    pub fill: Fill,
    /// Steps from the whole picture to none of it
    #[arg(long, value_name = "N", default_value_t = 12, value_parser = clap::value_parser!(u16).range(2..=1000))]
    pub steps: u16,
    /// Random orders, and as many orders moved over the picture, to compare with
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub draws: u16,
    /// Where the random numbers start
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    pub seed: u64,
    /// The picture's regions.
    #[command(flatten)]
    pub regions: RegionArgs,
    /// Also write everything as JSON; - for standard output
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Also draw the curves: .svg, .png, .csv or .json
    #[arg(long, value_name = "FILE")]
    pub figure: Option<PathBuf>,
}

/// Checks a map and says what came out.
///
/// # Errors
/// Whatever failed, in one line.
pub(super) fn run_checks(args: &ChecksArgs, voice: Voice) -> Result<ExitCode> {
    check_figure(args.figure.as_deref())?;
    let mut reporter = Reporter::new(voice.detail, Output::Later)?;
    let device = open_device(&args.subject.compute, voice)?;
    let request = Checks {
        subject: args.subject.request(),
        map: args.map.clone(),
        fill: args.fill,
        n_steps: usize::from(args.steps),
        draws: usize::from(args.draws),
        seed: args.seed,
        regions: args.regions.source(),
    };
    let report = jobs::checks(&request, device, &mut |p| reporter.on_progress(p))?;
    reporter.finish();
    if let Some(path) = &args.figure {
        write_checks_figure(&report, path)?;
    }
    if !write_json(&report, args.json.as_deref())? {
        print_checks(&report);
    }
    Ok(voice.warn(&report.warnings))
}

fn print_checks(report: &ChecksReport) {
    println!(
        "\"{}\", log-probability {:.4}; with nothing but {}: {:.4}",
        report.answer, report.logprob, report.fill, report.logprob_without_picture
    );
    println!("{}", report.map.kind);
    for (name, curve, good) in
        [("deletion", &report.deletion, "low"), ("insertion", &report.insertion, "high")]
    {
        println!(
            "  {name:<10} mean {:9.4}   random {:9.4} (rank {:.2})   moved {:9.4} (rank {:.2})   good is {good}",
            curve.area, curve.random_area, curve.random_rank, curve.moved_area, curve.moved_rank
        );
    }
    for region in &report.regions {
        let hit = match region.pointing_hit {
            Some(true) => "peak inside",
            Some(false) => "peak outside",
            None => "no peak",
        };
        let percent =
            |part: Option<f64>| part.map_or("-".to_owned(), |p| format!("{:.1} %", 100.0 * p));
        println!(
            "  {:<20} {hit}, {} of the map on {} of the picture; removed {:+.3} (elsewhere rank {:.2}), alone {:+.3}",
            region.name,
            percent(region.energy_inside),
            percent(region.area),
            region.removed,
            region.rank,
            region.kept_alone
        );
    }
}
