//! `inspect`: what a run's attention does as a whole.

#![expect(clippy::print_stdout, reason = "the result of a command")]

use std::{path::PathBuf, process::ExitCode};

use anyhow::Result;
use clap::Args as ClapArgs;

use super::{
    args::positive,
    commands::{Voice, open_device},
    progress::{Output, Reporter},
    subject::{SubjectArgs, write_json},
};
use crate::{
    app::jobs::{self, Inspect, InspectReport, SinkRule},
    domain::Choice,
};

/// Flags of `inspect`.
#[derive(Debug, ClapArgs)]
pub struct InspectArgs {
    /// The question, and who is asked.
    #[command(flatten)]
    pub subject: SubjectArgs,
    /// Decoder layers that are read: all, or numbers from 0 as in 0,2-3
    #[arg(long, value_name = "LAYERS", default_value = "all")]
    pub layers: Choice,
    /// Heads that are read: all, or numbers from 0 as in 0,2-3
    #[arg(long, value_name = "HEADS", default_value = "all")]
    pub heads: Choice,
    /// A position is a sink from this many times what uniform attention would bring it
    #[arg(long, value_name = "TIMES", default_value_t = SinkRule::default().times_uniform, value_parser = positive)]
    pub sink_times: f64,
    /// Also draw attention between picture, question, answer and template, layer by layer: .svg,
    /// .png, .csv or .json
    #[arg(long, value_name = "FILE")]
    pub flows: Option<PathBuf>,
    /// Also draw how widely rows spread their attention, layer by layer: .svg, .png, .csv or .json
    #[arg(long, value_name = "FILE")]
    pub spread: Option<PathBuf>,
    /// Also draw the rollout of the answer beside that of uniform attention: .png, .svg, .csv or .json
    #[arg(long, value_name = "FILE")]
    pub rollout: Option<PathBuf>,
    /// Also write everything as JSON; - for standard output
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
}

/// Looks, and says what there is.
///
/// # Errors
/// Whatever failed, in one line.
pub(super) fn run_inspect(args: &InspectArgs, voice: Voice) -> Result<ExitCode> {
    let mut reporter = Reporter::new(voice.detail, Output::Later)?;
    let device = open_device(&args.subject.compute, voice)?;
    let request = Inspect {
        subject: args.subject.request(),
        layers: args.layers.clone(),
        heads: args.heads.clone(),
        sinks: SinkRule { times_uniform: args.sink_times },
        flows: args.flows.clone(),
        spread: args.spread.clone(),
        rollout: args.rollout.clone(),
    };
    let report = jobs::inspect(&request, device, &mut |p| reporter.on_progress(p))?;
    reporter.finish();
    if !write_json(&report, args.json.as_deref())? {
        print_inspect(&report);
    }
    Ok(voice.warn(&report.warnings))
}

fn print_inspect(report: &InspectReport) {
    println!("\"{}\" ({}, {})", report.answer.trim(), report.model, report.attention);
    print_sinks(report);
    print_flows(report);
    print_spreads(report);
    let areas = &mut report.latents.places.iter().map(|p| p.effective_area).collect::<Vec<f64>>();
    areas.sort_by(f64::total_cmp);
    let placed = report.latents.places.iter().map(|p| p.placed).sum::<f64>();
    if let [least, .., most] = areas[..] {
        println!(
            "\nlatents: {} of them, each spread over {:.1} % to {:.1} % of the picture (median {:.1} %); {:.1} % of them comes from patches, the rest has no place",
            areas.len(),
            100.0 * least,
            100.0 * most,
            100.0 * areas[areas.len() / 2],
            100.0 * placed / areas.len() as f64,
        );
    }
    println!(
        "\nrollout: {:.1} % of the answer's paths end on the picture; {:.1} % if attention were uniform under the same mask",
        100.0 * report.rollout.on_picture,
        100.0 * report.rollout.on_picture_if_uniform,
    );
}

fn print_sinks(report: &InspectReport) {
    println!("\nsinks: {}", report.sink_rule);
    if report.sinks.is_empty() {
        println!("  none");
    }
    for sink in &report.sinks {
        let incoming = &sink.incoming;
        println!(
            "  position {:>4}  {:<16} {:>6.1} times uniform, mean mass {:.4} over {} rows",
            incoming.position,
            format!("{:?}", sink.text),
            incoming.lift,
            incoming.mass,
            incoming.rows
        );
    }
}

fn print_flows(report: &InspectReport) {
    println!("\nattention between the parts, mean over layers: mass (lift over uniform)");
    for flow in &report.flows.flows {
        let n = flow.mass.len().max(1) as f64;
        let [mass, expected] = [&flow.mass, &flow.expected].map(|of| of.iter().sum::<f64>() / n);
        let name = format!("{} to {}", flow.from, flow.to);
        match flow.by_construction {
            true => println!("  {name:<24} closed by the mask"),
            false => println!("  {name:<24} {mass:.3} ({:.2})", mass / expected),
        }
    }
}

fn print_spreads(report: &InspectReport) {
    println!(
        "\nspread, by layer: entropy over that of uniform attention (1 is even, 0 is one key)"
    );
    for spread in &report.spreads.spreads {
        let value = |even: &Option<f64>| even.map_or("    -".to_owned(), |e| format!("{e:5.2}"));
        let values: Vec<String> = spread.evenness.iter().map(value).collect();
        let name = format!("{} over {}", spread.from, spread.over);
        println!("  {name:<24} {}", values.join(" "));
    }
}
