//! `aki-lens methods`: five ways to train, side by side.

#![expect(clippy::print_stdout, reason = "the place that prints")]

use std::{path::PathBuf, process::ExitCode};

use anyhow::Result;
use clap::Args as ClapArgs;

use super::{
    args::ComputeArgs,
    commands::{Voice, open_device},
    progress::{Output, Reporter},
};
use crate::app::jobs::{self, DeviceChoice, Methods, MethodsProgress};

/// Flags of `methods`.
#[derive(Debug, ClapArgs)]
pub struct MethodsArgs {
    /// Sizes, steps and rates of all stages
    #[arg(long, value_name = "FILE.toml")]
    pub config: PathBuf,
    /// What all methods begin with: a folder that the tower stage wrote, or pretrain
    #[arg(long, value_name = "DIR")]
    pub from: PathBuf,
    /// Questions, as `scenes` writes them
    #[arg(long, value_name = "FILE.tsv")]
    pub data: PathBuf,
    /// The folder for all models, reports and the table; the same command goes on where it stopped
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Seeds of the question stage
    #[arg(long, value_name = "N[,N..]", value_delimiter = ',', default_value = "1,2,3")]
    pub seeds: Vec<u64>,
    /// cuda, cuda:1, gpu or cpu [default: the best that works]
    #[arg(long, value_name = "DEVICE")]
    pub device: Option<DeviceChoice>,
}

pub(super) fn run_methods(args: MethodsArgs, voice: Voice) -> Result<ExitCode> {
    let mut reporter = Reporter::new(voice.detail(), Output::Later)?;
    let device = open_device(&ComputeArgs { device: args.device, dtype: None }, voice)?;
    let MethodsArgs { config, from, data, out, seeds, .. } = args;
    let request = Methods { config, from, data, out, seeds };
    let table = jobs::methods(&request, &device, &mut |progress| match progress {
        MethodsProgress::Trains(name) => {
            voice.note(format_args!("training {name}"));
            std::ops::ControlFlow::Continue(())
        }
        MethodsProgress::Step(step) => reporter.on_training(step),
        MethodsProgress::Asked(p) => reporter.on_questions(p.done, p.of),
    })?;
    reporter.finish();
    match table {
        Some(table) => {
            print!("{}", table.markdown());
            Ok(ExitCode::SUCCESS)
        }
        None => Ok(voice
            .warn(&[format!("stopped; the same command goes on from {}", request.out.display())])),
    }
}
