//! Parse, run, print one error, return an exit code.

use std::process::ExitCode;

use aki_lens::{
    cli::{Args, WindowArgs, run},
    ui,
};
use clap::Parser as _;

/// Every layer makes and drops megabytes; the C library gives them back to the system each time, and
/// clearing the pages anew is work that no layer needs.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let args = Args::parse();
    let done = match args.window() {
        Some(WindowArgs { image, question, batch }) => {
            ui::run(ui::Opening { image, question, batch }).map(|()| ExitCode::SUCCESS)
        }
        None => run(args),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            // A pipe that was closed early (`| head`) is how people stop reading, not a failure.
            #[expect(clippy::print_stderr, reason = "the one place that prints an error")]
            {
                eprintln!("error: {}", in_one_line(&error));
            }
            ExitCode::from(2)
        }
    }
}

/// An error and its causes, each said once: some name their cause themselves.
fn in_one_line(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).fold(String::new(), |said, cause| match said.as_str() {
        "" => cause,
        known if known.ends_with(&cause) => said,
        known => format!("{known}: {cause}"),
    })
}
