//! `aki-lens pull`.

#![expect(clippy::print_stdout, reason = "prints the folder")]

use std::{path::PathBuf, process::ExitCode};

use anyhow::Result;
use clap::Args as ClapArgs;

use super::{
    commands::Voice,
    progress::{Output, Reporter},
};
use crate::app::jobs::{self, HubSettings, Pull, RepoName};

/// Flags of `pull`.
#[derive(Debug, ClapArgs)]
pub struct PullArgs {
    /// The model, as the hub names it
    #[arg(value_name = "OWNER/NAME")]
    pub repo: RepoName,
    /// A branch, a tag or a commit
    #[arg(long, value_name = "REVISION", default_value = "main")]
    pub revision: String,
    /// A folder for plain files [default: the hub's cache, which other programs share]
    #[arg(long, value_name = "DIR")]
    pub to: Option<PathBuf>,
}

pub(super) fn run_pull(args: PullArgs, voice: Voice) -> Result<ExitCode> {
    let mut reporter = Reporter::new(voice.detail, Output::Later)?;
    let request = Pull { repo: args.repo, revision: args.revision, to: args.to };
    let settings = HubSettings::from_env()?;
    voice.note(format_args!("asking {}", settings.endpoint));
    let report = jobs::pull(&request, settings, &mut |progress| reporter.on_pull(progress))?;
    reporter.finish();
    voice.note(format_args!("commit {}, {} bytes fetched", report.commit, report.fetched));
    if !report.left_out.is_empty() {
        voice.note(format_args!("left at the hub: {}", report.left_out.join(", ")));
    }
    println!("{}", report.folder.display());
    Ok(voice.warn(&report.warnings))
}
