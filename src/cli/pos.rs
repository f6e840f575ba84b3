//! Questions in, words out, line by line.

#![expect(clippy::print_stderr, reason = "a hint for a person at a terminal")]

use std::{
    collections::BTreeSet,
    io::{self, BufRead as _, IsTerminal as _},
    process::ExitCode,
};

use anyhow::{Context as _, Result};

use super::{args::PosArgs, commands::Voice};
use crate::app::jobs::{TaggedQuestion, Tagging, pos};

/// Tags every line of standard input and prints it before the next is read.
///
/// # Errors
/// Standard input or output that fails; a reader that has seen enough is none.
pub(super) fn run_pos(args: &PosArgs, voice: Voice) -> Result<ExitCode> {
    let mut tagging = Tagging::open(args.tagger);
    if let Some(state) = tagging.state() {
        voice.note(state);
    }
    let input = io::stdin();
    if input.is_terminal() {
        eprintln!("one question a line; Ctrl-D ends");
    }
    let (mut input, mut output) = (input.lock(), io::stdout().lock());
    // Each is said once: a program that is missing is missing for every question.
    let mut said = BTreeSet::new();
    let mut warnings = Vec::new();
    for number in 1_usize.. {
        let mut line = Vec::new();
        if input.read_until(b'\n', &mut line).context("cannot read standard input")? == 0 {
            break;
        }
        let tagged = pos(&line, &mut tagging);
        for warning in &tagged.warnings {
            if said.insert(warning.clone()) {
                warnings.push(format!("line {number}: {warning}"));
            }
        }
        let written = print(&mut output, &tagged, args.json);
        if written.as_ref().is_err_and(|e| e.kind() == io::ErrorKind::BrokenPipe) {
            break;
        }
        written.context("cannot write to standard output")?;
    }
    Ok(voice.warn(&warnings))
}

fn print(output: &mut impl io::Write, tagged: &TaggedQuestion, json: bool) -> io::Result<()> {
    if json {
        serde_json::to_writer(&mut *output, tagged)?;
        writeln!(output)?;
    } else {
        writeln!(output, "{}", tagged.question)?;
        for word in &tagged.words {
            writeln!(output, "  {:<20} {:<6} {}", word.text, word.tag, word.bucket)?;
        }
    }
    output.flush()
}
