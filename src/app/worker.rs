//! Threads that work while the window draws: one for the model, one for files.

use std::{
    io,
    ops::ControlFlow,
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
};

use anyhow::{Result, anyhow};

use super::{
    command::{ExportRequest, JobId},
    jobs::{self, Answered, Example, LoadedModel, Question, SizeFix},
    picture::Picture,
};
use crate::{
    domain::{Progress, RegionSet},
    export::{PaperSize, write_figure},
    regions::{Target, import},
};

/// Work that takes longer than a frame.
#[derive(Clone, Debug)]
pub enum Job {
    /// Answer a question.
    Ask(Question),
    /// Read a picture.
    OpenPicture(PathBuf),
    /// Draw an example.
    OpenExample(usize),
    /// Read regions of a picture.
    ImportRegions(PathBuf, Arc<Picture>, Option<SizeFix>),
    /// Write a figure.
    Export(ExportRequest),
}

impl Job {
    /// What it does, for the progress line.
    pub fn title(&self) -> String {
        let name = |path: &PathBuf| {
            path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned())
        };
        match self {
            Self::Ask(question) => format!("asking under {}", question.mode),
            Self::OpenPicture(path) => format!("opening {}", name(path)),
            Self::OpenExample(_) => "drawing an example".to_owned(),
            Self::ImportRegions(path, ..) => format!("reading regions of {}", name(path)),
            Self::Export(request) => format!("writing {}", name(&request.path)),
        }
    }

    fn needs_model(&self) -> bool {
        matches!(self, Self::Ask(_))
    }
}

/// What came of it.
#[derive(Debug)]
pub enum JobOutput {
    /// A run.
    Answered(Box<Answered>),
    /// A picture.
    Picture(Box<Picture>),
    /// An example.
    Example(Box<Example>),
    /// Regions, and what was wrong with some.
    Regions(RegionSet, Vec<String>),
    /// A file was written.
    Written(PathBuf),
}

/// What a thread has to tell.
#[derive(Debug)]
pub enum JobEvent {
    /// How far it is. Some of these may be lost.
    Progress(JobId, Progress),
    /// It is over.
    Done(JobId, Result<JobOutput>),
}

type Order = (JobId, Job, Arc<AtomicBool>);

/// The threads, and what they tell.
#[derive(Debug)]
pub struct Worker {
    model: SyncSender<Order>,
    files: SyncSender<Order>,
    events: Receiver<JobEvent>,
}

/// Jobs that may wait in a line.
const QUEUE: usize = 16;

impl Worker {
    /// Starts the threads; `wake` is called after each event.
    ///
    /// # Errors
    /// A system that gives no threads.
    pub fn spawn(wake: impl Fn() + Send + Sync + 'static) -> io::Result<Self> {
        let (to_window, events) = sync_channel(256);
        let wake: Arc<dyn Fn() + Send + Sync> = Arc::new(wake);
        let start = |name: &str| -> io::Result<SyncSender<Order>> {
            let (orders, received) = sync_channel::<Order>(QUEUE);
            let (to_window, wake) = (to_window.clone(), Arc::clone(&wake));
            let work = move || work(&received, &to_window, &*wake);
            thread::Builder::new().name(name.to_owned()).spawn(work)?;
            Ok(orders)
        };
        Ok(Self { model: start("model")?, files: start("files")?, events })
    }

    /// Puts a job in line; `is_stopped` ends it at its next step.
    ///
    /// # Errors
    /// A line that is full, or a thread that is gone.
    pub fn start(&self, id: JobId, job: Job, is_stopped: Arc<AtomicBool>) -> Result<()> {
        let line = if job.needs_model() { &self.model } else { &self.files };
        line.try_send((id, job, is_stopped))
            .map_err(|_full| anyhow!("too much is waiting already; let some of it finish"))
    }

    /// What was told since the last call.
    pub fn events(&self) -> impl Iterator<Item = JobEvent> + '_ {
        self.events.try_iter()
    }
}

fn work(orders: &Receiver<Order>, events: &SyncSender<JobEvent>, wake: &(dyn Fn() + Send + Sync)) {
    let mut slot: Option<LoadedModel> = None;
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
        let done = catch_unwind(AssertUnwindSafe(|| run(&mut slot, job, &mut on_progress)));
        let done = done.unwrap_or_else(|panic| {
            slot = None;
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned()));
            Err(anyhow!("a computation broke off: {}", text.unwrap_or_default()))
        });
        if events.send(JobEvent::Done(id, done)).is_err() {
            return;
        }
        wake();
    }
}

fn run(
    slot: &mut Option<LoadedModel>,
    job: Job,
    on_progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<JobOutput> {
    match job {
        Job::Ask(question) => {
            Ok(JobOutput::Answered(Box::new(jobs::answer(slot, &question, on_progress)?)))
        }
        Job::OpenPicture(path) => Ok(JobOutput::Picture(Box::new(Picture::open(&path)?))),
        Job::OpenExample(number) => Ok(JobOutput::Example(Box::new(jobs::example(number)?))),
        Job::ImportRegions(path, picture, fix) => {
            let image = &picture.image;
            let mut target = Target::new(image.size).with_orientation(image.orientation);
            if let Some(name) = picture.path.as_ref().and_then(|path| path.file_name()) {
                target = target.with_name(name.to_string_lossy());
            }
            if let Some(fix) = fix {
                target = target.with_fix(fix);
            }
            let imported = import(&path, &target)?;
            let warnings = imported.warnings;
            Ok(JobOutput::Regions(imported.set, warnings))
        }
        Job::Export(request) => {
            write_figure(&request.figure, &request.path, PaperSize::FULL_WIDTH)?;
            Ok(JobOutput::Written(request.path))
        }
    }
}
