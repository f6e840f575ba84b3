//! `compare`: two runs of one picture beside each other.

#![expect(clippy::print_stdout, reason = "the result of a command")]

use std::{path::PathBuf, process::ExitCode};

use anyhow::Result;
use clap::Args as ClapArgs;

use super::{
    args::ComputeArgs,
    ask::{MeasureArgs, measure},
    commands::{Voice, open_device},
    progress::{Output, Reporter},
    subject::{TaggingArgs, write_json},
};
use crate::app::jobs::{
    self, Compare, ComparedWord, ComparisonReport, MapAsked, SideRequest, check_comparison_figure,
    write_comparison_figure,
};

/// Flags of `compare`.
#[derive(Debug, ClapArgs)]
pub struct CompareArgs {
    /// The picture: PNG, JPEG, WebP, BMP, TIFF or GIF
    #[arg(long, value_name = "FILE")]
    pub image: PathBuf,
    /// The question
    #[arg(long, value_name = "TEXT")]
    pub question: String,
    /// The right side's question, where it is another one
    #[arg(long, value_name = "TEXT")]
    pub right_question: Option<String>,
    /// What the question is set against where the drift of the latents is measured, if both sides
    /// have the same question
    #[arg(long, value_name = "TEXT", default_value = Compare::CONTRAST)]
    pub contrast_question: String,
    /// The left side, as in tabletop/causal:causal; the last colon separates
    #[arg(long, value_name = "MODEL:MODE")]
    pub left: SideRequest,
    /// The right side, as in tabletop/mma:mma
    #[arg(long, value_name = "MODEL:MODE")]
    pub right: SideRequest,
    /// Tokens to write at most
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub max_new_tokens: u32,
    /// The map of both sides: answered-from, looks-at:WORD or read-by:WORD
    #[arg(long, value_name = "MAP", default_value = "answered-from")]
    pub map: MapAsked,
    /// What is read of the picture's attention to words.
    #[command(flatten)]
    pub measure: MeasureArgs,
    /// The question's words.
    #[command(flatten)]
    pub tagging: TaggingArgs,
    /// Also write everything as JSON; - for standard output
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Also draw both sides and their difference: .svg or .png
    #[arg(long, value_name = "FILE")]
    pub figure: Option<PathBuf>,
    /// Where and how to compute.
    #[command(flatten)]
    pub compute: ComputeArgs,
}

/// Compares and says what differs.
///
/// # Errors
/// Whatever failed, in one line.
pub(super) fn run_compare(args: &CompareArgs, voice: Voice) -> Result<ExitCode> {
    check_comparison_figure(args.figure.as_deref())?;
    let mut reporter = Reporter::new(voice.detail, Output::Later)?;
    let device = open_device(&args.compute, voice)?;
    let request = Compare {
        image: args.image.clone(),
        question: args.question.clone(),
        right_question: args.right_question.clone(),
        contrast_question: args.contrast_question.clone(),
        left: args.left.clone(),
        right: args.right.clone(),
        max_new_tokens: args.max_new_tokens as usize,
        dtype: args.compute.dtype,
        tagger: args.tagging.tagger,
        edits: args.tagging.edits.clone(),
        measure: measure(&args.measure, None),
        map: args.map.clone(),
    };
    let comparison = jobs::compare(&request, device, &mut |p| reporter.on_progress(p))?;
    reporter.finish();
    if let Some(path) = &args.figure {
        write_comparison_figure(&comparison, &request, path)?;
    }
    let report = &comparison.report;
    if !write_json(report, args.json.as_deref())? {
        print_comparison(&request, report);
    }
    Ok(voice.warn(&report.warnings))
}

fn print_comparison(request: &Compare, report: &ComparisonReport) {
    let difference = &report.difference;
    let marked = |words: &[ComparedWord]| {
        let word =
            |w: &ComparedWord| if w.differs { format!("[{}]", w.text) } else { w.text.clone() };
        words.iter().map(word).collect::<Vec<_>>().join(" ")
    };
    for (name, side, words, label) in [
        ("left", &request.left, &difference.words.left, &difference.labels.left),
        ("right", &request.right, &difference.words.right, &difference.labels.right),
    ] {
        println!("{name:<6} {side}: {}", marked(words));
        if let Some(label) = label {
            println!("       out of distribution: {label}");
        }
    }
    let number = |value: Option<f64>| value.map_or("-".to_owned(), |v| format!("{v:.4}"));
    println!("log-probability (nats)       left       right");
    for (name, row) in [
        ("left answer", &difference.logprob.left_answer),
        ("right answer", &difference.logprob.right_answer),
    ] {
        println!("  {name:<20} {:>10}  {:>10}", number(row.left), number(row.right));
    }
    if let (Some(at), Some(alternatives)) =
        (difference.first_differing_token, &difference.alternatives)
    {
        println!("first differing token: {at}");
        for (name, chances) in [("left", &alternatives.left), ("right", &alternatives.right)] {
            let chance =
                |c: &jobs::TokenChance| format!("{:?} {:.1} %", c.text, 100.0 * c.logprob.exp());
            let list: Vec<String> = chances.iter().map(chance).collect();
            println!("  {name:<6} {}", list.join(", "));
        }
    }
    println!("latent drift between questions, by layer (0: the picture knows no question)");
    for (name, drift) in [
        ("left", &difference.latent_drift_by_layer.left),
        ("right", &difference.latent_drift_by_layer.right),
    ] {
        let list: Vec<String> = drift.iter().map(|d| format!("{d:.4}")).collect();
        println!("  {name:<6} {}", list.join("  "));
    }
    for reason in &difference.not_comparable {
        println!("not comparable: {reason}");
    }
    println!("{}", report.trust.line());
}
