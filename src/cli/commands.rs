//! What was typed, done and printed.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the one place that prints")]

use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};

use super::{
    Args,
    args::{Command, ComputeArgs, EvalArgs, ScenesArgs, StageName, TraceArgs, TrainArgs},
    ask::run_ask,
    batch::{run_batch, run_figure, run_merge, run_table},
    checks::run_checks,
    compare::run_compare,
    inspect::run_inspect,
    knockout::run_knockout,
    methods::run_methods,
    pos::run_pos,
    progress::{Detail, Output, Reporter},
    pull::run_pull,
    regions::run_regions,
    score::run_score,
    sweep::run_sweep,
};
use crate::app::jobs::{
    self, ComputeDevice, Eval, EvalReport, Outcome, ScenesRequest, Share, Trace, Train, TrainStage,
};
use crate::domain::AttentionMode;

/// Does what was typed and returns 0, or 1 where there were warnings.
///
/// # Errors
/// Whatever failed, in one line.
pub fn run(args: Args) -> Result<ExitCode> {
    let voice = Voice::new(&args);
    let Some(command) = args.command else { bail!("name a command; `aki-lens help` lists them") };
    match command {
        Command::Ask(ask) => run_ask(&ask, voice),
        Command::Pos(pos) => run_pos(&pos, voice),
        Command::Regions(regions) => run_regions(regions, voice),
        Command::Trace(trace) => run_trace(trace, voice),
        Command::Compare(compare) => run_compare(&compare, voice),
        Command::Inspect(inspect) => run_inspect(&inspect, voice),
        Command::Knockout(knockout) => run_knockout(&knockout, voice),
        Command::Sweep(sweep) => run_sweep(sweep, voice),
        Command::Checks(checks) => run_checks(&checks, voice),
        Command::Eval(eval) => run_eval(eval, voice),
        Command::Score(score) => run_score(score, voice),
        Command::Batch(batch) => run_batch(batch, voice),
        Command::Merge(merge) => run_merge(merge, voice),
        Command::Figure(figure) => run_figure(figure, voice),
        Command::Table(table) => run_table(table, voice),
        Command::Pull(pull) => run_pull(pull, voice),
        Command::Scenes(scenes) => run_scenes(scenes, voice),
        Command::Train(train) => run_train(train, voice),
        Command::Methods(methods) => run_methods(methods, voice),
        Command::Devices => {
            print_devices();
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// How much to say beside the result.
#[derive(Clone, Copy)]
pub(super) struct Voice {
    pub(super) detail: Detail,
}

impl Voice {
    fn new(args: &Args) -> Self {
        let detail = match (args.quiet, args.verbose) {
            (true, _) => Detail::None,
            (false, false) => Detail::Progress,
            (false, true) => Detail::Notes,
        };
        Self { detail }
    }

    pub(super) fn detail(self) -> Detail {
        self.detail
    }

    pub(super) fn note(self, text: impl std::fmt::Display) {
        if self.detail == Detail::Notes {
            eprintln!("{text}");
        }
    }

    pub(super) fn warn(self, warnings: &[String]) -> ExitCode {
        for warning in warnings.iter().filter(|_| self.detail != Detail::None) {
            eprintln!("warning: {warning}");
        }
        if warnings.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) }
    }
}

/// Opens the device that was asked for, and says what was passed over.
pub(super) fn open_device(compute: &ComputeArgs, voice: Voice) -> Result<ComputeDevice> {
    let (device, passed_over) = ComputeDevice::open(compute.device.unwrap_or_default())?;
    for better in passed_over {
        if better.is_built_in && voice.detail != Detail::None {
            eprintln!("note: using {device}; {better}");
        } else {
            voice.note(format_args!("passed over {better}"));
        }
    }
    voice.note(format_args!("device: {device}"));
    Ok(device)
}

fn run_trace(args: TraceArgs, voice: Voice) -> Result<ExitCode> {
    let mut reporter = Reporter::new(voice.detail, Output::Later)?;
    let device = open_device(&args.compute, voice)?;
    let request = Trace {
        model: args.model,
        image: args.image,
        question: args.question,
        ids: args.ids,
        modes: args.attention,
        n_steps: args.steps as usize,
        dtype: args.compute.dtype,
        out: args.out,
    };
    let warnings = jobs::trace(&request, device, &mut |p| reporter.on_progress(p))?;
    reporter.finish();
    voice.note(format_args!("wrote {}", request.out.display()));
    Ok(voice.warn(&warnings))
}

fn run_eval(args: EvalArgs, voice: Voice) -> Result<ExitCode> {
    let mut reporter = Reporter::new(voice.detail, Output::Later)?;
    let device = open_device(&ComputeArgs { device: args.device, dtype: None }, voice)?;
    let request = Eval {
        model: args.model,
        mode: args.attention,
        data: args.data,
        out: args.out,
        max_new_tokens: args.max_new_tokens as usize,
    };
    let report = jobs::eval(&request, device, &mut |p| reporter.on_questions(p.done, p.of))?;
    reporter.finish();
    if args.json {
        println!("{}", serde_json::to_string_pretty(&report).context("while writing JSON")?);
    } else {
        print_report(&report);
    }
    Ok(ExitCode::SUCCESS)
}

fn print_report(report: &EvalReport) {
    let line = |name: &str, share: &Share| {
        let [accuracy, low, high] = [share.accuracy, share.low, share.high].map(|v| 100.0 * v);
        println!("{name:<28} {:>6}  {accuracy:5.1} %  [{low:.1}, {high:.1}]", share.n);
    };
    println!(
        "{} under {}, share of right answers with 95 % interval",
        report.model, report.attention
    );
    report.by_type.iter().for_each(|(kind, share)| line(kind, share));
    line("all", &report.overall);
    if report.held_out.n > 0 {
        line("  on seen combinations", &report.seen);
        line("  on held-out combinations", &report.held_out);
    }
    if let Some(pointing) = &report.pointing {
        println!(
            "pointing at the thing that the answer rests on (chance {:.1} %)",
            100.0 * pointing.chance
        );
        for (name, map) in &pointing.maps {
            let name = name.replace('_', " ");
            line(&format!("  {name}, mean"), &map.mean);
            for (layer, share) in map.by_layer.iter().enumerate() {
                line(&format!("  {name}, layer {layer}"), share);
            }
        }
        line("  all latents alike", &pointing.uniform_latents);
    }
}

fn run_scenes(args: ScenesArgs, voice: Voice) -> Result<ExitCode> {
    let mut reporter = Reporter::new(voice.detail, Output::Later)?;
    let ScenesArgs { n, seed, split, side, out } = args;
    let n = n as usize;
    let request = ScenesRequest { n, seed, split, side, out };
    let report = jobs::scenes(&request, &mut |done| reporter.on_scenes(done, n))?;
    reporter.finish();
    let n_questions: usize = report.n_questions.values().sum();
    println!("{}: {} scenes, {n_questions} questions", report.out.display(), report.n_scenes);
    let stopped = report.stopped.then(|| format!("stopped after {} scenes", report.n_scenes));
    Ok(voice.warn(&Vec::from_iter(stopped)))
}

fn run_train(args: TrainArgs, voice: Voice) -> Result<ExitCode> {
    let mut reporter = Reporter::new(voice.detail, Output::Later)?;
    let compute = ComputeArgs { device: args.device, dtype: None };
    let device = open_device(&compute, voice)?;
    let stage = match args.stage {
        StageName::Init => TrainStage::Init,
        StageName::Tower => TrainStage::Tower,
        StageName::Pretrain => {
            TrainStage::Pretrain(args.attention.unwrap_or(AttentionMode::Causal.into()))
        }
        StageName::Finetune => {
            TrainStage::Finetune(args.attention.unwrap_or(AttentionMode::ModalityMutual.into()))
        }
        StageName::Describe => {
            TrainStage::Describe(args.attention.unwrap_or(AttentionMode::ModalityMutual.into()))
        }
    };
    let request = Train { stage, config: args.config, from: args.from, out: args.out };
    let outcome = jobs::train(&request, device, &mut |p| reporter.on_training(p))?;
    reporter.finish();
    match outcome {
        Outcome::Done => {
            println!("{}", request.out.display());
            Ok(ExitCode::SUCCESS)
        }
        Outcome::Stopped => Ok(voice
            .warn(&[format!("stopped; the same command goes on from {}", request.out.display())])),
    }
}

fn print_devices() {
    let mut chosen = false;
    for device in ComputeDevice::report() {
        match device.unusable {
            Some(reason) => println!("  {:5} no: {reason}", device.choice),
            None if chosen => println!("  {:5} {}", device.choice, device.name),
            None => {
                chosen = true;
                println!(
                    "* {:5} {} (would be chosen: the first that works)",
                    device.choice, device.name
                );
            }
        }
    }
}
