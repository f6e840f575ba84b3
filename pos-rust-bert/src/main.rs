//! Opens the model, says hello, answers until the input ends.

use std::{
    ffi::OsString,
    io::{self, Write as _},
    path::PathBuf,
    process::ExitCode,
};

use aki_lens_pos_rust_bert::{
    Tagger,
    protocol::{Failure, Hello, PROTOCOL, write_line},
    serve,
};

const PROGRAM: &str = concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION"));
const HELP: &str = "\
Part-of-speech tags for aki-lens, by rust-bert.

Usage: aki-lens-pos-rust-bert --model DIR

Reads lines such as {\"question\": \"What is on the table?\"} from standard input and answers each with
one line on standard output; the first line it writes says which model answers, or why none does.
Ends when its input ends.

Options:
      --model DIR  folder with config.json, vocab.txt, and model.safetensors or rust_model.ot
  -h, --help       print this
  -V, --version    print the version
";

enum Wish {
    Help,
    Version,
    Serve(PathBuf),
}

fn main() -> ExitCode {
    // What panics is caught and reported as a line; rust's own report would only repeat it.
    std::panic::set_hook(Box::new(|_| {}));
    match wish(std::env::args_os().skip(1)).and_then(fulfil) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Where even this line cannot be written, the exit code is all that is left to say it.
            write_line(&mut io::stdout().lock(), &Failure { error }).ok();
            ExitCode::from(2)
        }
    }
}

fn wish(mut args: impl Iterator<Item = OsString>) -> Result<Wish, String> {
    let mut model = None;
    while let Some(arg) = args.next() {
        match arg.to_str() {
            Some("-h" | "--help") => return Ok(Wish::Help),
            Some("-V" | "--version") => return Ok(Wish::Version),
            Some("--model") => {
                model = Some(PathBuf::from(args.next().ok_or("--model needs a folder")?));
            }
            _ => return Err(format!("unknown argument {}; see --help", arg.display())),
        }
    }
    model.map(Wish::Serve).ok_or_else(|| "no --model DIR was given; see --help".to_owned())
}

fn fulfil(wish: Wish) -> Result<(), String> {
    let mut output = io::stdout().lock();
    let done = match wish {
        Wish::Help => output.write_all(HELP.as_bytes()),
        Wish::Version => writeln!(output, "{PROGRAM}"),
        Wish::Serve(folder) => {
            let tagger = Tagger::open(&folder).map_err(|error| error.to_string())?;
            let hello = Hello {
                protocol: PROTOCOL,
                program: PROGRAM,
                model: folder.display().to_string(),
                labels: tagger.labels(),
            };
            write_line(&mut output, &hello)
                .and_then(|()| serve(io::stdin().lock(), output, |question| tagger.tag(question)))
        }
    };
    done.map_err(|error| format!("cannot go on reading and writing: {error}"))
}
