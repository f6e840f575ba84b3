//! A child process that is written to and read from without ever waiting longer than told.

use std::{
    io::{self, BufRead as _, BufReader, Read, Write as _},
    path::Path,
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    thread,
    time::{Duration, Instant},
};

/// The longest line that is read: the side program takes a megabyte, and says some 80 bytes a word.
const MAX_LINE: u64 = 64 << 20;
/// How much of what the program says on standard error is kept, from the end.
const MAX_LAST_WORDS: usize = 4096;
/// How long a program's exit, and then its last words, are waited for after it closed its output.
const EXIT_GRACE: Duration = Duration::from_secs(1);

/// Why no line came.
#[derive(Debug)]
pub(super) enum Silence {
    TooSlow,
    Ended { how: String },
    TooLong,
}

/// A running side program.
///
/// Three threads do what may block: writing, reading, and keeping its last words. They end when the
/// pipes close, and are not waited for: a process that the program left behind could hold a pipe
/// open, and nobody should wait for that.
#[derive(Debug)]
pub(super) struct Conversation {
    process: Process,
    requests: SyncSender<String>,
    lines: Receiver<Option<Vec<u8>>>,
    last_words: Receiver<String>,
}

impl Conversation {
    pub(super) fn begin(program: &Path, model: &Path) -> io::Result<Self> {
        let mut command = Command::new(program);
        command.arg("--model").arg(model);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = Process(command.spawn()?);
        let no_pipe = || io::Error::other("a pipe is missing");
        let stdin = process.0.stdin.take().ok_or_else(no_pipe)?;
        let stdout = process.0.stdout.take().ok_or_else(no_pipe)?;
        let stderr = process.0.stderr.take().ok_or_else(no_pipe)?;

        let (requests, to_write) = sync_channel(1);
        let (read, lines) = sync_channel(1);
        let (at_end, last_words) = sync_channel(1);
        let named = |name: &str| thread::Builder::new().name(format!("rust-bert {name}"));
        named("input").spawn(move || write_requests(stdin, &to_write))?;
        named("output").spawn(move || read_lines(stdout, &read))?;
        named("errors").spawn(move || {
            // Whoever asks after the program's end may have stopped listening.
            at_end.send(last_line(stderr)).ok();
        })?;
        Ok(Self { process, requests, lines, last_words })
    }

    /// Hands a line to the program, without waiting for it to be read.
    ///
    /// Where that fails, the program has ended or hangs, and [`Self::line`] says which.
    pub(super) fn send(&self, line: String) {
        self.requests.try_send(line).ok();
    }

    /// The program's next line.
    pub(super) fn line(&mut self, limit: Duration) -> Result<Vec<u8>, Silence> {
        match self.lines.recv_timeout(limit) {
            Ok(Some(line)) => Ok(line),
            Ok(None) => Err(Silence::TooLong),
            Err(RecvTimeoutError::Timeout) => Err(Silence::TooSlow),
            Err(RecvTimeoutError::Disconnected) => Err(Silence::Ended { how: self.epitaph() }),
        }
    }

    /// How the program ended, with the last thing it said.
    fn epitaph(&mut self) -> String {
        let status = self.process.exit_within(EXIT_GRACE);
        let status = status.unwrap_or_else(|| "it closed its output".to_owned());
        match self.last_words.recv_timeout(EXIT_GRACE) {
            Ok(said) if !said.is_empty() => format!("{status}, after \"{said}\""),
            _ => status,
        }
    }
}

/// A process that does not outlive its owner.
#[derive(Debug)]
struct Process(Child);

impl Process {
    fn exit_within(&mut self, limit: Duration) -> Option<String> {
        let start = Instant::now();
        loop {
            if let Ok(Some(status)) = self.0.try_wait() {
                return Some(status.to_string());
            }
            if start.elapsed() >= limit {
                return None;
            }
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It keeps nothing that it could lose. Both calls fail only where it has already gone.
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn write_requests(mut stdin: ChildStdin, requests: &Receiver<String>) {
    for line in requests {
        if stdin.write_all(line.as_bytes()).and_then(|()| stdin.flush()).is_err() {
            return;
        }
    }
}

/// Sends every line, and `None` in place of one that is too long; then it stops.
///
/// A line without its end is what a program leaves that died half way: it is not sent.
fn read_lines(stdout: impl Read, lines: &SyncSender<Option<Vec<u8>>>) {
    let mut stdout = BufReader::new(stdout);
    loop {
        let mut line = Vec::new();
        let read = stdout.by_ref().take(MAX_LINE).read_until(b'\n', &mut line);
        if !read.is_ok_and(|length| length > 0) {
            return;
        }
        if !line.ends_with(b"\n") {
            if line.len() as u64 == MAX_LINE {
                // Whoever would hear it may have stopped listening.
                lines.send(None).ok();
            }
            return;
        }
        if lines.send(Some(line)).is_err() {
            return;
        }
    }
}

/// Reads to the end and gives the last line that is not empty.
fn last_line(mut stderr: impl Read) -> String {
    let mut kept = Vec::new();
    let mut buffer = [0; 1024];
    while let Ok(length @ 1..) = stderr.read(&mut buffer) {
        kept.extend_from_slice(&buffer[..length]);
        kept.drain(..kept.len().saturating_sub(MAX_LAST_WORDS));
    }
    let text = String::from_utf8_lossy(&kept);
    let line = text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
    line.trim().chars().filter(|c| !c.is_control()).take(300).collect()
}
