//! How much of one long piece of work is done: told about a hundred times, and stopped between two.

use std::{
    cell::{Cell, RefCell},
    fmt, io,
    ops::ControlFlow,
};

use super::{MeteredReader, OnProgress, Progress};

/// Who was told of a step asked to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("stopped")]
pub struct Stopped;

impl From<Stopped> for io::Error {
    /// Not `Interrupted`, which readers take as a reason to try again.
    fn from(stopped: Stopped) -> Self {
        Self::other(stopped)
    }
}

/// Goes on, whatever it is told: for work that nobody watches.
pub fn go_on(_: Progress) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

/// Counts one part of a piece of work after the other, by bytes, rows or records and never by a clock.
///
/// It is shared by all that take part, also where one of them is inside another's reader. Whoever
/// fails while it [is stopped](Self::is_stopped) failed because of that, whatever the error says.
pub struct Meter<'a> {
    on_progress: RefCell<OnProgress<'a>>,
    part: Cell<Part>,
    is_stopped: Cell<bool>,
}

#[derive(Clone, Copy)]
struct Part {
    what: &'static str,
    done: u64,
    of: u64,
    /// Where it is told of next.
    next: u64,
}

/// How often a part of known length is told of.
const STEPS: u64 = 100;
/// After how much a part is told of whose length nobody knows.
const UNKNOWN_STEP: u64 = 256;

impl Part {
    fn step(self) -> u64 {
        if self.of == 0 { UNKNOWN_STEP } else { self.of.div_ceil(STEPS) }
    }
}

impl<'a> Meter<'a> {
    /// Nothing is begun.
    pub fn new(on_progress: OnProgress<'a>) -> Self {
        let part = Part { what: "working", done: 0, of: 0, next: 0 };
        Self {
            on_progress: RefCell::new(on_progress),
            part: Cell::new(part),
            is_stopped: Cell::new(false),
        }
    }

    /// Begins a part, named by a verb, of so many bytes, rows or records; 0 where that is not known.
    ///
    /// # Errors
    /// [`Stopped`].
    pub fn begin(&self, what: &'static str, of: u64) -> Result<(), Stopped> {
        let part = Part { what, done: 0, of, next: 0 };
        self.part.set(Part { next: part.step(), ..part });
        self.ask()
    }

    /// So many more are done.
    ///
    /// # Errors
    /// [`Stopped`], also when it was said before.
    pub fn add(&self, n: u64) -> Result<(), Stopped> {
        let mut part = self.part.get();
        part.done += n;
        let is_due = part.done >= part.next;
        if is_due {
            part.next = part.done + part.step();
        }
        self.part.set(part);
        if is_due || self.is_stopped() { self.ask() } else { Ok(()) }
    }

    /// Tells how far it is, and hears whether to go on.
    ///
    /// # Errors
    /// [`Stopped`].
    pub fn ask(&self) -> Result<(), Stopped> {
        let Part { what, done, of, .. } = self.part.get();
        let done = if of == 0 { done } else { done.min(of) };
        let is_stopped = self.is_stopped()
            || (self.on_progress.borrow_mut())(Progress::Part { what, done, of }).is_break();
        self.is_stopped.set(is_stopped);
        if is_stopped { Err(Stopped) } else { Ok(()) }
    }

    /// Whether it was told to stop.
    pub fn is_stopped(&self) -> bool {
        self.is_stopped.get()
    }

    /// Begins a part that reads `length` bytes, and counts them as they are read.
    ///
    /// # Errors
    /// [`Stopped`].
    pub fn reader<R>(
        &self,
        what: &'static str,
        length: u64,
        inner: R,
    ) -> Result<MeteredReader<'_, 'a, R>, Stopped> {
        self.begin(what, length)?;
        Ok(MeteredReader::new(inner, self, self.part.get().step()))
    }
}

impl fmt::Debug for Meter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Meter").field("is_stopped", &self.is_stopped).finish_non_exhaustive()
    }
}
