//! Threads that work while the window draws: for the model, for files, for the session, for batches.

use std::{
    io,
    ops::ControlFlow,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
};

use anyhow::{Result, anyhow};

use super::{
    command::JobId,
    job::{Job, JobEvent, JobOutput, Line, Slots},
    jobs::ModelSlot,
};
use crate::domain::{OnProgress, Progress};

type Order = (JobId, Job, Arc<AtomicBool>);

/// How a job is done.
type Work = dyn Fn(&mut Slots, Job, OnProgress<'_>) -> Result<JobOutput> + Send + Sync;

/// Called after each event.
type Wake = dyn Fn() + Send + Sync;

/// The threads, and what they tell.
#[derive(Debug)]
pub struct Worker {
    model: SyncSender<Order>,
    files: SyncSender<Order>,
    batch: SyncSender<Order>,
    session: SyncSender<Order>,
    session_thread: thread::JoinHandle<()>,
    events: Receiver<JobEvent>,
}

/// Jobs that may wait in a line.
const QUEUE: usize = 16;
/// Events that may wait for the window.
const EVENTS: usize = 256;

impl Worker {
    /// Starts the threads; `wake` is called after each event.
    ///
    /// # Errors
    /// A system that gives no threads.
    pub fn spawn(wake: impl Fn() + Send + Sync + 'static) -> io::Result<Self> {
        Self::spawn_with(wake, |slots, job, on_progress| job.run(slots, on_progress))
    }

    /// Starts threads that do jobs in another way.
    ///
    /// # Errors
    /// A system that gives no threads.
    pub fn spawn_with(
        wake: impl Fn() + Send + Sync + 'static,
        work: impl Fn(&mut Slots, Job, OnProgress<'_>) -> Result<JobOutput> + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let (to_window, events) = sync_channel(EVENTS);
        let wake: Arc<Wake> = Arc::new(wake);
        let work: Arc<Work> = Arc::new(work);
        let start = |name: &str| -> io::Result<(SyncSender<Order>, thread::JoinHandle<()>)> {
            let (orders, received) = sync_channel::<Order>(QUEUE);
            let (to_window, wake) = (to_window.clone(), Arc::clone(&wake));
            let work = Arc::clone(&work);
            let line = move || do_orders(&received, &to_window, &*wake, &*work);
            Ok((orders, thread::Builder::new().name(name.to_owned()).spawn(line)?))
        };
        let (model, _) = start("model")?;
        let (files, _) = start("files")?;
        let (batch, _) = start("batch")?;
        let (session, session_thread) = start("session")?;
        Ok(Self { model, files, batch, session, session_thread, events })
    }

    /// Puts a job in line; `is_stopped` ends it at its next step.
    ///
    /// # Errors
    /// A line that is full, or a thread that is gone.
    pub fn start(&self, id: JobId, job: Job, is_stopped: Arc<AtomicBool>) -> Result<()> {
        let line = match job.line() {
            Line::Model => &self.model,
            Line::Files => &self.files,
            Line::Session => &self.session,
            Line::Batch => &self.batch,
        };
        line.try_send((id, job, is_stopped))
            .map_err(|_full| anyhow!("too much is waiting already; let some of it finish"))
    }

    /// What was told since the last call.
    pub fn events(&self) -> impl Iterator<Item = JobEvent> + '_ {
        self.events.try_iter()
    }

    /// Waits until everything that was to be kept is on disk; other work is left where it is.
    pub fn finish(self) {
        let Self { session, session_thread, events, .. } = self;
        // Nobody listens any more, and a thread that has something to tell must not wait for that.
        drop(events);
        drop(session);
        // A thread that broke off has said so already.
        session_thread.join().ok();
    }
}

fn do_orders(orders: &Receiver<Order>, events: &SyncSender<JobEvent>, wake: &Wake, work: &Work) {
    let mut slots = Slots::default();
    for (id, job, is_stopped) in orders {
        let mut on_progress = |progress: Progress| {
            let is_text = matches!(progress, Progress::Text(_));
            let event = JobEvent::Progress(id, progress);
            if is_text {
                // Words of the answer must not be lost; a window that is gone needs none.
                events.send(event).ok();
            } else {
                // A step that is not shown does no harm.
                events.try_send(event).ok();
            }
            wake();
            if is_stopped.load(Ordering::Relaxed) {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        };
        // Burn tells of wrong shapes and of full memory by panic.
        let done = catch_unwind(AssertUnwindSafe(|| {
            if is_stopped.load(Ordering::Relaxed) {
                return Err(anyhow!("stopped before it began"));
            }
            work(&mut slots, job, &mut on_progress)
        }));
        let done = done.unwrap_or_else(|panic| {
            // A half-changed model must not answer the next question.
            slots.model = ModelSlot::default();
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned()));
            Err(anyhow!("a computation broke off: {}", text.unwrap_or_default()))
        });
        // A window that is gone needs no word, but what it wanted kept is still kept.
        events.send(JobEvent::Done(id, done)).ok();
        wake();
    }
}
