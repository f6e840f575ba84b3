//! How much of what can wait a frame computes: the rest is computed in the frames after it, for as long as
//! it is asked for. Counted in multiplications and not by a clock, so that a window does the same on every
//! machine and a test can hold it.

use std::cell::Cell;

/// Multiplications that a frame has time for: about 4 ms of one core (`benches/window.rs`).
const MOST: usize = 4_000_000;

/// The work of one frame.
#[derive(Debug, Default)]
pub(super) struct FrameWork {
    spent: Cell<usize>,
    is_short: Cell<bool>,
}

impl FrameWork {
    /// Begins a frame.
    pub(super) fn turn(&self) {
        self.spent.set(0);
        self.is_short.set(false);
    }

    /// How many pieces of work of a size there is still time for. There is always time for the first.
    pub(super) fn room_for(&self, work: usize) -> usize {
        let room = MOST.saturating_sub(self.spent.get()) / work.max(1);
        if self.spent.get() == 0 { room.max(1) } else { room }
    }

    /// Counts what was done.
    pub(super) fn spend(&self, work: usize) {
        self.spent.set(self.spent.get().saturating_add(work));
    }

    /// Asks for another frame.
    pub(super) fn wait(&self) {
        self.is_short.set(true);
    }

    /// Whether something waits for another frame.
    pub(super) fn is_short(&self) -> bool {
        self.is_short.get()
    }
}
