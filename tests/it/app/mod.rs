//! The floor under the window: commands, undo, answers, sessions, settings. No window, no clock.

mod asking;
mod batch;
mod beside;
mod buckets;
mod cancel;
mod dropped;
mod keeping;
mod keeping_early;
mod maps;
mod models;
mod regions;
mod settings;
mod undo;

use std::{
    path::Path,
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, sync_channel},
    },
    time::{Duration, Instant},
};

use aki_lens::{
    app::{
        AppState, Command, Job, JobOutput, Level, Picture, Slots, Worker,
        jobs::{Answered, FirstLook, Moment, Question, QuestionWords, TaggerChoice},
        settle, update,
    },
    domain::{OnProgress, Region, RegionId, RegionMask, Run},
    text::{Tagger, align},
    vision::{DecodedImage, PictureFormat},
};
use anyhow::{Result, bail};

use crate::session::{SIZE, colors, small_run};

fn picture(seed: u8) -> Picture {
    let image = DecodedImage {
        rgb: colors(seed),
        size: SIZE,
        format: PictureFormat::Png,
        orientation: 1,
        warnings: Vec::new(),
    };
    Picture::new(format!("picture {seed}"), None, image)
}

/// What a model of no weights answers.
fn answer(question: &Question) -> Answered {
    answer_with(small_run(&question.text, question.mode, 0.25), question)
}

/// A run as the answer to a question.
pub(crate) fn answer_with(run: Run, question: &Question) -> Answered {
    let words = Tagger::embedded().tag(&run.question);
    let alignment = align(&run.prompt, &words).unwrap();
    Answered {
        words: QuestionWords { tagger: TaggerChoice::Brill, words, alignment, notice: None },
        token_texts: run.answer_ids.iter().map(|id| format!(" t{id}")).collect(),
        picture: Arc::clone(&question.picture),
        model: "none".to_owned(),
        weights: None,
        device: "cpu".to_owned(),
        made: Moment::from_secs(1),
        warnings: Vec::new(),
        pointing: None,
        turn: question.turn.clone(),
        first_look: FirstLook::default(),
        run,
    }
}

pub(crate) fn fake(slots: &mut Slots, job: Job, on_progress: OnProgress<'_>) -> Result<JobOutput> {
    match job {
        Job::Ask(question) => Ok(JobOutput::Answered(Box::new(answer(&question)))),
        // A file's name is the seed of its picture.
        Job::OpenPicture(path) => match path.file_name().unwrap().to_str().unwrap().parse() {
            Ok(seed) => {
                let Picture { name, image, .. } = picture(seed);
                let path = path.is_file().then_some(path);
                Ok(JobOutput::Picture(Box::new(Picture::new(name, path, image))))
            }
            Err(_) => bail!("{} is no picture; choose another", path.display()),
        },
        other => other.run(slots, on_progress),
    }
}

/// A state with its worker, and what the worker wakes.
pub(crate) struct Desk {
    pub(crate) state: AppState,
    woken: Receiver<()>,
    now: Instant,
}

impl Desk {
    pub(crate) fn with(
        work: impl Fn(&mut Slots, Job, OnProgress<'_>) -> Result<JobOutput> + Send + Sync + 'static,
    ) -> Self {
        let (wake, woken) = sync_channel(1);
        let wake = Mutex::new(wake);
        let worker = Worker::spawn_with(
            move || {
                wake.lock().unwrap().try_send(()).ok();
            },
            work,
        );
        let state = AppState::new(Some(worker.unwrap()), None);
        Self { state, woken, now: Instant::now() }
    }

    pub(crate) fn new() -> Self {
        Self::with(fake)
    }

    /// Asks the specimen, a network of random weights, about one of its pictures.
    pub(crate) fn of_specimen(question: &str) -> Self {
        Self::of_specimen_with(question, |slots, job, on_progress| job.run(slots, on_progress))
    }

    /// The same, with jobs done in another way.
    pub(crate) fn of_specimen_with(
        question: &str,
        work: impl Fn(&mut Slots, Job, OnProgress<'_>) -> Result<JobOutput> + Send + Sync + 'static,
    ) -> Self {
        let mut desk = Self::with(work);
        desk.ask_specimen(question);
        desk
    }

    /// The same, with sessions kept in a folder.
    pub(crate) fn of_specimen_in(sessions: &Path, question: &str) -> Self {
        let mut desk = Self::with(|slots, job, on_progress| job.run(slots, on_progress));
        desk.state.sessions_folder = Some(sessions.to_owned());
        desk.ask_specimen(question);
        desk
    }

    fn ask_specimen(&mut self, question: &str) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/specimen");
        let model = folder.join("checkpoint").display().to_string();
        self.send(Command::SetModel(Some(model)));
        self.send(Command::SetMaxNewTokens(4));
        self.open_file(&folder.join("examples/scene_01.png"));
        self.ask(question);
    }

    pub(crate) fn kept_in(sessions: &Path) -> Self {
        let mut desk = Self::new();
        desk.state.sessions_folder = Some(sessions.to_owned());
        desk
    }

    pub(crate) fn send(&mut self, command: Command) {
        update(&mut self.state, command);
        settle(&mut self.state, self.now);
    }

    /// Takes in what the worker tells until something holds.
    pub(crate) fn until(&mut self, holds: impl Fn(&AppState) -> bool) {
        settle(&mut self.state, self.now);
        while !holds(&self.state) {
            self.woken.recv().unwrap();
            settle(&mut self.state, self.now);
        }
    }

    /// Lets time pass, so that what stands still becomes a point of undo.
    fn rest(&mut self) {
        settle(&mut self.state, self.now);
        self.now += Duration::from_secs(3);
        settle(&mut self.state, self.now);
    }

    pub(crate) fn open(&mut self, seed: u8) {
        self.open_file(Path::new(&seed.to_string()));
    }

    pub(crate) fn open_file(&mut self, path: &Path) {
        self.send(Command::OpenPicture(path.to_owned()));
        self.until(|state| state.jobs.is_empty());
    }

    pub(crate) fn ask(&mut self, question: &str) {
        self.send(Command::SetQuestion(question.to_owned()));
        let n = self.state.runs.len();
        self.send(Command::Ask);
        self.until(|state| state.runs.len() > n);
    }

    fn errors(&self) -> Vec<&str> {
        let is_error = |level: Level| level == Level::Error;
        let errors = self.state.notices.iter().filter(|notice| is_error(notice.level));
        errors.map(|notice| notice.text.as_str()).collect()
    }

    fn set_opacity(&mut self, opacity: f32) {
        let mut view = self.state.workspace.view.clone();
        view.opacity = opacity;
        self.send(Command::SetView(view));
    }
}

pub(crate) fn region(left: u32, name: &str) -> Region {
    let mask = RegionMask::of_pixels(SIZE, |x, _| x >= left);
    Region { id: RegionId::Text(name.to_owned()), label: name.to_owned(), mask }
}
