//! `aki-lens batch`, `aki-lens merge`, `aki-lens figure` and `aki-lens table`.

#![expect(clippy::print_stdout, reason = "prints results")]

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Context as _, Result};
use clap::Args as ClapArgs;

use super::{
    args::ComputeArgs,
    commands::{Voice, open_device},
    progress::{Output, Reporter},
};
use crate::{
    app::jobs::{
        self, AnswerGroup, Batch, BatchFigure, BatchSummary, BatchTable, BucketResult, Drawing,
        GroupBy, Merge, Reading, Shard, TableSubject, TaggerChoice,
    },
    domain::{AttentionMode, Bucket, TextRole},
};

/// Flags of `batch`.
#[derive(Debug, ClapArgs)]
pub struct BatchArgs {
    /// A checkpoint folder, the name of one in models/ or in the hub's cache, or tabletop/mma
    #[arg(long, value_name = "DIR|NAME")]
    pub model: String,
    /// Questions: a table with the columns of `VLMEvalKit`
    #[arg(long, value_name = "FILE.tsv")]
    pub data: PathBuf,
    /// The folder for the record and all that follows from it
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Attention modes, separated by commas; each question is asked under all of them
    #[arg(long, value_name = "MODE[,MODE..]", value_delimiter = ',', default_value = "mma")]
    pub attention: Vec<AttentionMode>,
    /// Go on with the record that is there; without one, begin
    #[arg(long)]
    pub resume: bool,
    /// Run part i of n, as in 2/8; merge puts the parts together
    #[arg(long, value_name = "I/N", default_value = "1/1")]
    pub shard: Shard,
    /// In which words questions are asked, by the name of a preset [default: the tabletop world's
    /// own for its questions, else `vlmevalkit_committed`]
    #[arg(long, value_name = "PRESET")]
    pub prompts: Option<String>,
    /// The words that count in attention by bucket, by what a prompt has them for: system,
    /// instruction, hint, question, options, suffix; of the tabletop world's own questions, all do
    #[arg(
        long,
        value_name = "PURPOSE[,PURPOSE..]",
        value_delimiter = ',',
        default_value = "question"
    )]
    pub words: Vec<TextRole>,
    /// Tokens of an answer at most
    #[arg(long, value_name = "N", default_value_t = 40, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub max_new_tokens: u32,
    /// Who says what a word does: brill (embedded) or rust-bert
    #[arg(long, value_name = "TAGGER", default_value = "brill")]
    pub tagger: TaggerChoice,
    /// Print the summary as JSON instead of a table
    #[arg(long)]
    pub json: bool,
    /// Where and how to compute.
    #[command(flatten)]
    pub compute: ComputeArgs,
}

/// Flags of `merge`.
#[derive(Debug, ClapArgs)]
pub struct MergeArgs {
    /// Folders that batch --shard wrote
    #[arg(value_name = "DIR", required = true)]
    pub folders: Vec<PathBuf>,
    /// The folder for the whole
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// The question file [default: where it was]
    #[arg(long, value_name = "FILE.tsv")]
    pub data: Option<PathBuf>,
    /// Print the summary as JSON instead of a table
    #[arg(long)]
    pub json: bool,
}

/// Flags of `figure`.
#[derive(Debug, ClapArgs)]
pub struct FigureArgs {
    /// Folders that batch or merge wrote
    #[arg(value_name = "DIR", required = true)]
    pub folders: Vec<PathBuf>,
    /// The figure: .svg, .png (300 dpi), .csv or .json
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// The attention modes that are drawn, separated by commas [default: all of the batches]
    #[arg(long, value_name = "MODE[,MODE..]", value_delimiter = ',')]
    pub attention: Vec<AttentionMode>,
    /// What is drawn: bars (attention by bucket, as Fig. 6), differences (bars of one side less another's
    /// over the same questions: two modes or two batches), sparsity (right answers as the mask opens, as
    /// Fig. 10), or layers (attention by bucket along the layers)
    #[arg(long, value_name = "KIND", default_value = "bars", value_parser = drawing)]
    pub draw: Drawing,
    /// What a color of bars is: attention, answer (right or wrong), data, paper (the groups of Fig. 6), or a
    /// column of the question file
    #[arg(long, value_name = "GROUPS", default_value = "attention")]
    pub by: GroupBy,
    /// The height of bars, and of curves along layers: mass, share or lift
    #[arg(long, value_name = "READING", default_value = "share")]
    pub reading: Reading,
}

/// Flags of `table`.
#[derive(Debug, ClapArgs)]
pub struct TableArgs {
    /// Folders that batch or merge wrote
    #[arg(value_name = "DIR", required = true)]
    pub folders: Vec<PathBuf>,
    /// What it tells: answers, buckets or regions
    #[arg(long = "of", value_name = "WHAT", default_value = "answers", value_parser = ["answers", "buckets", "regions"])]
    pub what: String,
    /// The reading by bucket: mass, share or lift
    #[arg(long, value_name = "READING", default_value = "share")]
    pub reading: Reading,
    /// Also write it: .csv (every digit), .md or .tex
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

fn drawing(name: &str) -> Result<Drawing, String> {
    match name {
        "bars" => Ok(Drawing::Bars),
        "sparsity" => Ok(Drawing::Sparsity),
        "layers" => Ok(Drawing::Layers),
        "differences" => Ok(Drawing::Differences),
        _ => Err("known are bars, differences, sparsity and layers".to_owned()),
    }
}

pub(super) fn run_table(args: TableArgs, voice: Voice) -> Result<ExitCode> {
    let of = match args.what.as_str() {
        "buckets" => TableSubject::Buckets(args.reading),
        "regions" => TableSubject::Regions,
        _ => TableSubject::Answers,
    };
    let request = BatchTable { folders: args.folders, of, out: args.out };
    print!("{}", jobs::batch_table(&request)?);
    if let Some(out) = &request.out {
        voice.note(format_args!("wrote {}", out.display()));
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) fn run_batch(args: BatchArgs, voice: Voice) -> Result<ExitCode> {
    let mut reporter = Reporter::new(voice.detail, Output::Later)?;
    let device = open_device(&args.compute, voice)?;
    let request = Batch {
        model: args.model,
        modes: args.attention,
        data: args.data,
        out: args.out,
        resume: args.resume,
        shard: args.shard,
        prompts: args.prompts,
        words: args.words,
        max_new_tokens: args.max_new_tokens as usize,
        tagger: args.tagger,
        dtype: args.compute.dtype,
    };
    let report = jobs::batch(&request, device, &mut |p| reporter.on_questions(p.done, p.of))?;
    reporter.finish();
    let n = report.rows.0 - report.before;
    voice.note(format_args!(
        "{n} runs in {:.1} s: {:.2} a second",
        report.secs,
        n as f64 / report.secs.max(f64::MIN_POSITIVE)
    ));
    if let Some(summary) = &report.summary {
        print(summary, args.json)?;
    }
    Ok(voice.warn(&report.warnings))
}

pub(super) fn run_merge(args: MergeArgs, voice: Voice) -> Result<ExitCode> {
    let request = Merge { folders: args.folders, out: args.out, data: args.data };
    let (report, summary, warnings) = jobs::merge(&request)?;
    let ((shards, of), (rows, of_rows)) = (report.shards, report.rows);
    voice.note(format_args!("{shards} of {of} shards, {rows} of {of_rows} runs"));
    print(&summary, args.json)?;
    Ok(voice.warn(&warnings))
}

pub(super) fn run_figure(args: FigureArgs, voice: Voice) -> Result<ExitCode> {
    let FigureArgs { folders, out, attention, draw, by, reading } = args;
    let request = BatchFigure { folders, attention, drawing: draw, by, reading, out };
    jobs::batch_figure(&request)?;
    voice.note(format_args!("wrote {}", request.out.display()));
    Ok(ExitCode::SUCCESS)
}

fn print(summary: &BatchSummary, json: bool) -> Result<()> {
    if json {
        println!("{}", serde_json::to_string_pretty(summary).context("while writing JSON")?);
        return Ok(());
    }
    for mode in &summary.conditions.attention {
        let Some(of_mode) = summary.by_attention.get(mode) else { continue };
        let coverage = of_mode.coverage;
        println!(
            "{} under {mode}: {} of {} rows answered",
            summary.conditions.model, coverage.answered, coverage.expected
        );
        if let Some(share) = of_mode.accuracy {
            let [value, low, high] = [share.accuracy, share.low, share.high].map(|v| 100.0 * v);
            println!("  right {value:.1} %  [{low:.1}, {high:.1}]");
        }
        let Some(readings) = of_mode.by_bucket.get(&AnswerGroup::All) else { continue };
        let is_closed = |reading: &BucketResult| reading.n == 0 || reading.by_construction;
        if readings.iter().all(is_closed) {
            println!("  attention from the picture to the question: zero by construction");
            continue;
        }
        for bucket in Bucket::ALL {
            let value = |reading: Reading| {
                let found = readings.iter().find(|r| r.bucket == bucket && r.reading == reading);
                found.and_then(|r| r.mean).map_or("     -".to_owned(), |mean| format!("{mean:6.3}"))
            };
            println!(
                "  {bucket:<10} mass {}  share {}  lift {}",
                value(Reading::Mass),
                value(Reading::Share),
                value(Reading::Lift)
            );
        }
    }
    Ok(())
}
