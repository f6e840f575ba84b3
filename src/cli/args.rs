//! What was typed.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

use super::{
    ask::AskArgs,
    batch::{BatchArgs, FigureArgs, MergeArgs, TableArgs},
    checks::ChecksArgs,
    compare::CompareArgs,
    inspect::InspectArgs,
    knockout::KnockoutArgs,
    methods::MethodsArgs,
    pull::PullArgs,
    regions::RegionsArgs,
    score::ScoreArgs,
    sweep::SweepArgs,
};
use crate::{
    app::jobs::{DeviceChoice, Dtype, Method, Split, TaggerChoice},
    domain::AttentionMode,
};

/// Look inside a multimodal language model, and trust what you see.
#[derive(Debug, Parser)]
#[command(
    name = "aki-lens",
    version,
    about,
    max_term_width = 100,
    args_conflicts_with_subcommands = true
)]
pub struct Args {
    /// What to do; without a command, the window opens.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Without a command: what the window shows first.
    #[command(flatten)]
    pub window: WindowArgs,
    /// Say more: what is loaded, chosen and recorded
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// Say nothing but the result and errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
}

/// What the window shows first.
#[derive(Clone, Debug, Default, ClapArgs)]
pub struct WindowArgs {
    /// Without a command: the picture that the window opens
    #[arg(long, value_name = "FILE")]
    pub image: Option<PathBuf>,
    /// Without a command: the question that the window asks
    #[arg(long, value_name = "TEXT", requires = "image")]
    pub question: Option<String>,
    /// Without a command: batch results that the window opens, folders that batch or merge wrote
    #[arg(long, value_name = "DIR", num_args = 1..)]
    pub batch: Vec<PathBuf>,
}

impl Args {
    /// What the window shows first, where no command was typed.
    pub fn window(&self) -> Option<WindowArgs> {
        self.command.is_none().then(|| self.window.clone())
    }
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Ask a picture a question
    Ask(Box<AskArgs>),
    /// Say what each word of a question does: one question a line on standard input
    Pos(PosArgs),
    /// Say what an import of segmentations (SAM, COCO, arrays, mask pictures) would give
    Regions(RegionsArgs),
    /// Write every tensor of a run to a safetensors file, for comparison with other code
    Trace(TraceArgs),
    /// Compare two runs of one picture: two models, two attention modes or two questions
    Compare(CompareArgs),
    /// Say what a run's attention does as a whole: sinks, flows, spread, latents, rollout
    Inspect(InspectArgs),
    /// Take attention away and see what becomes of the answer
    Knockout(KnockoutArgs),
    /// Ask the questions of a file as the mask opens, column by column
    Sweep(SweepArgs),
    /// Check whether an answer rests on what a map shows
    Checks(ChecksArgs),
    /// Ask a model every question of a file, and count
    Eval(EvalArgs),
    /// Score predictions of a benchmark by its own rules
    Score(ScoreArgs),
    /// Ask every question of a file under every mode, and keep what is read of each run
    Batch(BatchArgs),
    /// Put the shards of a batch together
    Merge(MergeArgs),
    /// Draw batches: attention by bucket, right answers as the mask opens, attention along layers
    Figure(FigureArgs),
    /// Put the results of batches into one table
    Table(TableArgs),
    /// Fetch a checkpoint from the model hub into its cache, or into a folder
    Pull(PullArgs),
    /// Write pictures of the tabletop world, all that is true of them, and questions
    Scenes(ScenesArgs),
    /// Train a small model on the tabletop world, one stage at a time
    Train(TrainArgs),
    /// Train the tabletop model by the five methods of the paper, several seeds each, and compare
    Methods(MethodsArgs),
    /// List devices: what there is, what would be chosen, and why
    Devices,
}

/// Where and how to compute.
#[derive(Debug, ClapArgs)]
pub struct ComputeArgs {
    /// cuda, cuda:1, gpu or cpu [default: the best that works]
    #[arg(long, value_name = "DEVICE")]
    pub device: Option<DeviceChoice>,
    /// Type of the large weight matrices: f32, bf16 or f16 [default: the file's own]
    #[arg(long, value_name = "TYPE")]
    pub dtype: Option<Dtype>,
}

/// Flags of `eval`.
#[derive(Debug, ClapArgs)]
pub struct EvalArgs {
    /// A checkpoint folder, or the name of one in models/
    #[arg(long, value_name = "DIR|NAME")]
    pub model: String,
    /// Questions: a table with the columns of `VLMEvalKit`, as `scenes` writes it
    #[arg(long, value_name = "FILE.tsv")]
    pub data: PathBuf,
    /// The folder for report.json and answers.tsv
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// The attention mode
    #[arg(long, value_name = "MODE", default_value = "mma")]
    pub attention: AttentionMode,
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

/// Flags of `scenes`.
#[derive(Debug, ClapArgs)]
pub struct ScenesArgs {
    /// How many scenes
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    pub n: u32,
    /// The world's seed: the same seed gives the same scenes
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    pub seed: u64,
    /// The part of the world: train, validation or test
    #[arg(long, value_name = "SPLIT", default_value = "test")]
    pub split: Split,
    /// Pixels along each side of a picture
    #[arg(long, value_name = "PIXELS", default_value_t = 512, value_parser = clap::value_parser!(u32).range(16..=8192))]
    pub side: u32,
    /// The folder to write; it must be empty or new
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}

/// A stage of a training.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum StageName {
    /// Write a folder with first weights
    Init,
    /// Teach vision tower and resampler what stands where
    Tower,
    /// Teach resampler and decoder captions, under the causal mask
    Pretrain,
    /// Teach resampler and decoder questions, under --attention
    Finetune,
    /// Write anew what the finished folder --out says of its world, as trained under --attention
    Describe,
}

/// Flags of `train`.
#[derive(Debug, ClapArgs)]
pub struct TrainArgs {
    /// The stage
    #[arg(value_enum)]
    pub stage: StageName,
    /// Sizes, steps and rates of all stages
    #[arg(long, value_name = "FILE.toml")]
    pub config: PathBuf,
    /// The folder to begin with: what the stage before wrote (init and describe need none)
    #[arg(long, value_name = "DIR")]
    pub from: Option<PathBuf>,
    /// The folder to write; the same command goes on with a stage that was stopped
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// An attention mode, or dot: both orders by turns in twice the steps
    /// [default: causal for pretrain, mma for finetune]
    #[arg(long, value_name = "MODE|dot")]
    pub attention: Option<Method>,
    /// cuda, cuda:1, gpu or cpu [default: the best that works]
    #[arg(long, value_name = "DEVICE")]
    pub device: Option<DeviceChoice>,
}

/// Flags of `pos`.
#[derive(Debug, ClapArgs)]
pub struct PosArgs {
    /// Who says what a word does: brill (embedded) or rust-bert
    #[arg(long, value_name = "TAGGER", default_value = "brill")]
    pub tagger: TaggerChoice,
    /// Print one JSON object a question
    #[arg(long)]
    pub json: bool,
}

/// A number above 0.
pub(super) fn positive(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number: &f64| number.is_finite() && *number > 0.0);
    number.ok_or_else(|| format!("write a number above 0, not \"{text}\""))
}

/// Flags of `trace`.
#[derive(Debug, ClapArgs)]
pub struct TraceArgs {
    /// A checkpoint folder, or the name of one in models/
    #[arg(long, value_name = "DIR|NAME")]
    pub model: String,
    /// The picture: PNG, JPEG, WebP, BMP, TIFF or GIF
    #[arg(long, value_name = "FILE")]
    pub image: PathBuf,
    /// The question
    #[arg(long, value_name = "TEXT", required_unless_present = "ids", conflicts_with = "ids")]
    pub question: Option<String>,
    /// The whole prompt as token ids.
    #[arg(
        long,
        value_name = "FILE",
        help = "The whole prompt as token ids: a JSON array, or an object with \"input_ids\""
    )]
    pub ids: Option<PathBuf>,
    /// Attention modes, separated by commas
    #[arg(long, value_name = "MODE[,MODE..]", value_delimiter = ',', default_value = "mma")]
    pub attention: Vec<AttentionMode>,
    /// Greedy tokens to write under each mode
    #[arg(long, value_name = "N", default_value_t = 12, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub steps: u32,
    /// The safetensors file to write
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Where and how to compute.
    #[command(flatten)]
    pub compute: ComputeArgs,
}
