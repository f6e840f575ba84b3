//! Many like computations as one job: counted, told, and stopped from outside at any layer.

use anyhow::{Result, bail};

use crate::domain::{OnProgress, Progress};

/// Counts the steps of a job.
pub(super) struct Steps<'a> {
    what: &'static str,
    done: usize,
    of: usize,
    on_progress: OnProgress<'a>,
}

impl<'a> Steps<'a> {
    /// None of `of` steps is done.
    pub(super) fn new(what: &'static str, of: usize, on_progress: OnProgress<'a>) -> Self {
        Self { what, done: 0, of, on_progress }
    }

    /// Does a step. Whoever listens hears of each layer of it, and can stop the job there.
    ///
    /// # Errors
    /// What the step says; `stopped`.
    pub(super) fn step<T>(&mut self, work: impl FnOnce(OnProgress<'_>) -> Result<T>) -> Result<T> {
        let (what, of) = (self.what, self.of);
        let step = |done| Progress::Step { what, done, of };
        let done = self.done;
        let result = {
            let on_progress = &mut *self.on_progress;
            work(&mut |_| on_progress(step(done)))?
        };
        self.done += 1;
        if (self.on_progress)(step(self.done)).is_break() && self.done < self.of {
            bail!("stopped");
        }
        Ok(result)
    }
}
