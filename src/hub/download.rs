//! One file: begun, gone on with where it broke, checked, and only then given its name.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Write as _},
    ops::ControlFlow,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use super::{
    cache::{make_parent, remove_if_there},
    checksum::{Checksum, Hasher},
    error::{HubError, Result},
    http::{Http, Method, next, started},
};

const CHUNK: usize = 256 << 10;
const KEPT: &str =
    "what arrived is kept, and the same command goes on from there once there is room";

/// A file that is to be fetched.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    /// Its path in the model.
    pub(super) file: String,
    /// Its place at the endpoint.
    pub(super) route: String,
    pub(super) size: u64,
    pub(super) checksum: Checksum,
    /// Where its bytes gather.
    pub(super) incomplete: PathBuf,
    /// Where it is once it is whole.
    pub(super) done: PathBuf,
}

/// Told how many bytes of the file are there.
pub(super) type OnBytes<'a> = &'a mut dyn FnMut(u64) -> ControlFlow<()>;

/// How one try ended.
enum Try {
    /// All bytes are there.
    Whole,
    /// The connection broke, or the hub asked for patience.
    Broke { reason: String, wait: Option<Duration> },
}

/// What the fetching thread sends.
enum Piece {
    /// The answer began: the byte it starts with.
    From(u64),
    Bytes(Vec<u8>),
    Broke {
        reason: String,
        wait: Option<Duration>,
    },
    Failed(HubError),
    End,
}

/// The bytes so far, and their checksum.
struct Gathered {
    have: u64,
    hasher: Hasher,
}

impl Wanted {
    /// Bytes that have to come yet.
    pub(super) fn missing(&self) -> u64 {
        self.size.saturating_sub(length(&self.incomplete))
    }

    /// Fetches the file.
    ///
    /// # Errors
    /// Whatever [`HubError`] names; what arrived is kept, unless it is wrong.
    pub(super) fn fetch(&self, http: &Http, on_bytes: OnBytes<'_>) -> Result<()> {
        make_parent(&self.incomplete)?;
        make_parent(&self.done)?;
        let was_begun = length(&self.incomplete) > 0;
        match self.fetch_checked(http, on_bytes) {
            // The part that was there may be of another age: once more, from the first byte.
            Err(HubError::Checksum { .. } | HubError::TooLong { .. }) if was_begun => {
                self.fetch_checked(http, on_bytes)
            }
            result => result,
        }
    }

    fn fetch_checked(&self, http: &Http, on_bytes: OnBytes<'_>) -> Result<()> {
        let mut gathered = self.gathered(on_bytes)?;
        let mut times = 0;
        while gathered.have < self.size || !self.incomplete.exists() {
            let before = gathered.have;
            let Try::Broke { reason, wait } = self.fetch_on(http, &mut gathered, on_bytes)? else {
                break;
            };
            times = if gathered.have > before { 1 } else { times + 1 };
            let settings = http.settings();
            if times >= settings.tries {
                let (file, have, size) = (self.file.clone(), gathered.have, self.size);
                return Err(HubError::Cut { file, have, size, times, reason });
            }
            let pause = wait.unwrap_or(settings.pause * (1 << (times - 1).min(6)));
            rest(pause, &mut || on_bytes(gathered.have))?;
        }
        let found = gathered.hasher.finish();
        if found != self.checksum.digits() {
            self.throw_away()?;
            return Err(HubError::Checksum {
                file: self.file.clone(),
                kind: self.checksum.kind(),
                expected: self.checksum.digits().to_owned(),
                found,
            });
        }
        let kept = File::open(&self.incomplete).and_then(|file| file.sync_all());
        kept.and_then(|()| fs::rename(&self.incomplete, &self.done))
            .map_err(|source| write_error(&self.done, source))
    }

    /// What an earlier try left, with its checksum.
    fn gathered(&self, on_bytes: OnBytes<'_>) -> Result<Gathered> {
        let have = length(&self.incomplete);
        let mut hasher = self.checksum.start(self.size);
        if have == 0 {
            return Ok(Gathered { have, hasher });
        }
        if have > self.size {
            self.throw_away()?;
            return Ok(Gathered { have: 0, hasher });
        }
        each_chunk(&self.incomplete, |chunk, so_far| {
            hasher.update(chunk);
            on_bytes(so_far)
        })?;
        Ok(Gathered { have, hasher })
    }

    /// One connection: asks for what is missing and appends what comes.
    fn fetch_on(&self, http: &Http, gathered: &mut Gathered, on_bytes: OnBytes<'_>) -> Result<Try> {
        let mut file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.incomplete)
            .map_err(|source| write_error(&self.incomplete, source))?;
        let (http, wanted, from) = (http.clone(), self.clone(), gathered.have);
        let received = started(move |sender| {
            wanted.receive(&http, from, &mut |piece| sender.send(piece).is_ok());
        })?;
        loop {
            match next(&received, &mut || on_bytes(gathered.have))? {
                Some(Piece::From(start)) if start == gathered.have => {}
                Some(Piece::From(_)) => {
                    // The hub does not go on from a byte: all of it again.
                    file.set_len(0).map_err(|source| write_error(&self.incomplete, source))?;
                    *gathered = Gathered { have: 0, hasher: self.checksum.start(self.size) };
                }
                Some(Piece::Bytes(bytes)) => {
                    if gathered.have + bytes.len() as u64 > self.size {
                        self.throw_away()?;
                        let (file, size) = (self.file.clone(), self.size);
                        return Err(HubError::TooLong { file, size });
                    }
                    file.write_all(&bytes)
                        .map_err(|source| write_error(&self.incomplete, source))?;
                    gathered.hasher.update(&bytes);
                    gathered.have += bytes.len() as u64;
                    if on_bytes(gathered.have).is_break() {
                        return Err(HubError::Stopped);
                    }
                }
                Some(Piece::Broke { reason, wait }) => return Ok(Try::Broke { reason, wait }),
                Some(Piece::Failed(error)) => return Err(error),
                Some(Piece::End) if gathered.have == self.size => return Ok(Try::Whole),
                Some(Piece::End) | None => {
                    let reason = "it ended early".to_owned();
                    return Ok(Try::Broke { reason, wait: None });
                }
            }
        }
    }

    /// The fetching thread: sends pieces until nobody takes them.
    fn receive(&self, http: &Http, from: u64, send: &mut dyn FnMut(Piece) -> bool) {
        let answer = match http.ask(Method::Get, &self.route, from) {
            Ok(answer) => answer,
            Err(HubError::Unreachable { reason, .. }) => {
                send(Piece::Broke { reason, wait: None });
                return;
            }
            Err(error) => {
                send(Piece::Failed(error));
                return;
            }
        };
        let start = match answer.status() {
            200 => 0,
            206 => range_start(answer.header("content-range")).unwrap_or(0),
            // Nothing lies beyond what is there: it is not what it should be.
            416 => {
                send(Piece::From(u64::MAX));
                send(Piece::Broke { reason: "it has no such range".to_owned(), wait: None });
                return;
            }
            status @ (408 | 429 | 500..=599) => {
                let wait = answer.header("retry-after").and_then(|s| s.trim().parse().ok());
                let wait = wait.map(|secs: u64| Duration::from_secs(secs.min(300)));
                send(Piece::Broke { reason: format!("it answered {status}"), wait });
                return;
            }
            _ => {
                let what = || format!("file: {}", self.file);
                send(Piece::Failed(http.refusal(&answer, what)));
                return;
            }
        };
        // A range that starts elsewhere than asked cannot be joined to what is there.
        if start != 0 && start != from {
            let reason = format!("bytes from {from} were asked for, and bytes from {start} came");
            let url = answer.url;
            send(Piece::Failed(HubError::BadAnswer { url, reason }));
            return;
        }
        if !send(Piece::From(start)) {
            return;
        }
        let mut body = answer.response.into_reader();
        loop {
            let mut chunk = vec![0; CHUNK];
            let piece = match body.read(&mut chunk) {
                Ok(0) => Piece::End,
                Ok(n) => {
                    chunk.truncate(n);
                    Piece::Bytes(chunk)
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(e) => Piece::Broke { reason: e.to_string(), wait: None },
            };
            let goes_on = matches!(piece, Piece::Bytes(_));
            if !send(piece) || !goes_on {
                return;
            }
        }
    }

    fn throw_away(&self) -> Result<()> {
        remove_if_there(&self.incomplete).map_err(|source| write_error(&self.incomplete, source))
    }

    /// Whether a file that is there already has these very bytes.
    ///
    /// # Errors
    /// [`HubError::Read`], [`HubError::Stopped`].
    pub(super) fn is_done(&self, on_bytes: OnBytes<'_>) -> Result<bool> {
        if length(&self.done) != self.size || !self.done.is_file() {
            return Ok(false);
        }
        let mut hasher = self.checksum.start(self.size);
        each_chunk(&self.done, |chunk, so_far| {
            hasher.update(chunk);
            on_bytes(so_far)
        })?;
        Ok(hasher.finish() == self.checksum.digits())
    }
}

fn write_error(path: &Path, source: io::Error) -> HubError {
    HubError::Write { path: path.to_owned(), source, advice: KEPT }
}

/// The bytes of a file; none where there is none.
pub(super) fn length(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |file| file.len())
}

fn each_chunk(path: &Path, mut take: impl FnMut(&[u8], u64) -> ControlFlow<()>) -> Result<()> {
    let unreadable = |source| HubError::Read { path: path.to_owned(), source };
    let mut file = File::open(path).map_err(unreadable)?;
    let mut chunk = vec![0; CHUNK];
    let mut so_far = 0;
    loop {
        let n = file.read(&mut chunk).map_err(unreadable)?;
        if n == 0 {
            return Ok(());
        }
        so_far += n as u64;
        if take(&chunk[..n], so_far).is_break() {
            return Err(HubError::Stopped);
        }
    }
}

/// The first byte of `bytes 100-199/200`.
fn range_start(content_range: Option<&str>) -> Option<u64> {
    let range = content_range?.trim().strip_prefix("bytes")?.trim();
    range.split('-').next()?.trim().parse().ok()
}

/// Waits, but not for long once it should stop.
fn rest(pause: Duration, keep_on: &mut dyn FnMut() -> ControlFlow<()>) -> Result<()> {
    let start = Instant::now();
    while let Some(left) = pause.checked_sub(start.elapsed()).filter(|left| !left.is_zero()) {
        if keep_on().is_break() {
            return Err(HubError::Stopped);
        }
        std::thread::sleep(left.min(Duration::from_millis(50)));
    }
    Ok(())
}
