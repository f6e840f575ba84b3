//! The floor under the window: commands, undo, answers, sessions, settings. No window, no clock.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
        mpsc::{Receiver, sync_channel},
    },
    time::{Duration, Instant},
};

use aki_lens::{
    app::{
        AppState, Command, Drawing, Job, JobOutput, Level, Picture, RunId, Settings, Slots,
        Subject, Worker, config_folder_in, handle,
        jobs::{Answered, Moment, Overlaps, Question, QuestionWords, TaggerChoice},
        settle, update,
    },
    domain::{
        AttentionMode, Bucket, Choice, Colormap, Ending, ImageSize, OnProgress, Progress, Region,
        RegionFormat, RegionId, RegionMask, RegionSet, Run,
    },
    text::{Tagger, align},
    vision::{DecodedImage, PictureFormat},
};
use anyhow::{Result, bail};

use crate::{
    golden::golden_folder,
    session::{SIZE, colors, small_run},
};

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

#[test]
fn what_is_missing_before_a_question_is_said() {
    let mut desk = Desk::new();
    desk.send(Command::Ask);
    assert!(desk.errors()[0].contains("open a picture first"));
    desk.open(1);
    desk.send(Command::SetQuestion("  ".to_owned()));
    desk.send(Command::Ask);
    assert!(desk.errors()[1].contains("type a question first"));
    assert!(desk.state.jobs.is_empty());
}

#[test]
fn an_answer_is_looked_at_with_the_word_for_the_thing_asked_about() {
    let mut desk = Desk::new();
    desk.open(1);
    desk.ask("Is the cup red?");
    assert_eq!(desk.state.workspace.selection.run, Some(RunId(0)));
    let answered = desk.state.run().unwrap();
    let cup = answered.words.words.iter().position(|word| word.text == "cup").unwrap();
    assert_eq!(desk.state.workspace.selection.subject, Subject::word(cup));
}

#[test]
fn a_job_that_fails_says_what_it_was_and_why_and_is_off_the_board() {
    let mut desk = Desk::new();
    desk.send(Command::OpenPicture(PathBuf::from("letter.txt")));
    desk.until(|state| state.jobs.is_empty());
    assert_eq!(desk.errors(), ["opening letter.txt: letter.txt is no picture; choose another"]);
    let number = desk.state.notices[0].number;
    desk.send(Command::Dismiss(number));
    assert!(desk.state.notices.is_empty());
}

#[test]
fn a_job_that_panics_is_told_and_the_next_question_is_answered() {
    let mut desk = Desk::with(|slots, job, on_progress| {
        let is_bad = matches!(&job, Job::Ask(question) if question.text == "bad");
        assert!(!is_bad, "shapes differ");
        fake(slots, job, on_progress)
    });
    desk.open(1);
    desk.send(Command::SetQuestion("bad".to_owned()));
    desk.send(Command::Ask);
    desk.until(|state| state.jobs.is_empty());
    assert!(desk.errors()[0].contains("a computation broke off: shapes differ"));
    desk.ask("good");
    assert_eq!(desk.state.runs.len(), 1);
}

#[test]
fn of_two_questions_asked_at_once_the_later_is_answered() {
    let (go, gate) = sync_channel::<()>(1);
    let (told, begun) = sync_channel::<()>(1);
    let (told, gate) = (Mutex::new(told), Mutex::new(gate));
    let n_asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&n_asked);
    let mut desk = Desk::with(move |slots, job, on_progress| {
        if matches!(job, Job::Ask(_)) && counted.fetch_add(1, Ordering::SeqCst) == 0 {
            told.lock().unwrap().send(()).ok();
            gate.lock().unwrap().recv().ok();
        }
        fake(slots, job, on_progress)
    });
    desk.open(1);
    for question in ["first", "second", "third"] {
        desk.send(Command::SetQuestion(question.to_owned()));
        desk.send(Command::Ask);
        if question == "first" {
            begun.recv().unwrap();
        }
    }
    go.send(()).unwrap();
    desk.until(|state| state.jobs.is_empty());
    let questions: Vec<&str> =
        desk.state.runs.iter().map(|answered| answered.run.question.as_str()).collect();
    assert_eq!(questions, ["third"]);
    // The second never began.
    assert_eq!(n_asked.load(Ordering::SeqCst), 2);
}

#[test]
fn a_question_asked_beside_stands_beside_and_leaves_the_selection_alone() {
    let mut desk = Desk::new();
    desk.open(1);
    desk.ask("Is the cup red?");
    let selection = desk.state.workspace.selection.clone();
    desk.send(Command::AskBeside(AttentionMode::Causal));
    desk.until(|state| state.runs.len() == 2);
    assert_eq!(desk.state.workspace.selection, selection);
    assert_eq!(desk.state.workspace.beside, Some(RunId(1)));
    assert_eq!(desk.state.runs[1].run.mode, AttentionMode::Causal);
    assert_eq!(desk.state.runs[1].run.question, "Is the cup red?");
}

#[test]
fn stop_ends_an_answer_within_one_token_and_keeps_what_was_written() {
    let (told, tokens) = sync_channel::<()>(1);
    let (go, gate) = sync_channel::<()>(1);
    let (told, gate) = (Mutex::new(told), Mutex::new(gate));
    let mut desk = Desk::with(move |slots, job, on_progress| {
        job.run(slots, &mut |progress| {
            if matches!(progress, Progress::Text(_)) {
                told.lock().unwrap().send(()).ok();
                gate.lock().unwrap().recv().ok();
            }
            on_progress(progress)
        })
    });
    let specimen = golden_folder().join("specimen");
    let text = fs::read_to_string(specimen.join("examples/questions.json")).unwrap();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let image_of = |scene: &serde_json::Value| {
        specimen.join("examples").join(scene["image"].as_str().unwrap())
    };
    let scenes = json["scenes"].as_array().unwrap();
    let scene = scenes.iter().find(|scene| image_of(scene).exists()).unwrap();
    let image = image_of(scene);
    let question = scene["questions"][0]["question"].as_str().unwrap().to_owned();
    desk.send(Command::OpenPicture(image));
    desk.until(|state| state.jobs.is_empty());
    let folder = specimen.join("checkpoint").to_str().unwrap().to_owned();
    desk.send(Command::SetModel(Some(folder)));
    desk.send(Command::SetQuestion(question));
    desk.send(Command::Ask);
    tokens.recv().unwrap();
    desk.send(Command::Stop);
    drop(go);
    desk.until(|state| state.jobs.is_empty());
    assert_eq!(desk.errors(), Vec::<&str>::new());
    let answered = desk.state.run().unwrap();
    assert_eq!((answered.run.ending, answered.run.answer_ids.len()), (Ending::Stopped, 1));
    assert!(answered.weights.as_ref().unwrap().starts_with("fnv1a64:"));
}

#[test]
fn undo_goes_back_over_what_stood_still_and_redo_forward_again() {
    let mut desk = Desk::new();
    desk.open(1);
    desk.ask("cup");
    desk.rest();
    for opacity in [0.5, 0.4, 0.3] {
        desk.set_opacity(opacity);
    }
    desk.rest();
    desk.send(Command::SetBucket(0, Some(Bucket::Actions)));
    desk.rest();
    desk.send(Command::AddRegion(region(2, "left")));
    desk.rest();
    let all = desk.state.workspace.clone();
    assert!(desk.state.can_undo() && !desk.state.can_redo());

    desk.send(Command::Undo);
    assert!(desk.state.regions.is_none());
    desk.send(Command::Undo);
    assert!(desk.state.workspace.edits.is_empty());
    desk.send(Command::Undo);
    // One drag of a slider is one step.
    assert_eq!(desk.state.workspace.view.opacity, 0.85);
    for _ in 0..3 {
        desk.send(Command::Redo);
    }
    assert_eq!(desk.state.workspace, all);
    assert_eq!(desk.state.regions.as_ref().unwrap().set.regions(), [region(2, "left")]);
    assert!(!desk.state.can_redo());

    desk.send(Command::Undo);
    desk.set_opacity(0.1);
    desk.rest();
    desk.send(Command::Redo);
    assert!(desk.state.regions.is_none(), "what was undone is gone once something else was done");
}

#[test]
fn undo_never_takes_a_run_away() {
    let mut desk = Desk::new();
    desk.open(1);
    desk.ask("cup");
    desk.rest();
    desk.ask("pear");
    desk.rest();
    desk.send(Command::Undo);
    assert_eq!(desk.state.workspace.selection.run, Some(RunId(0)));
    assert_eq!(desk.state.runs.len(), 2);
    desk.send(Command::SelectRun(RunId(1)));
    assert_eq!(desk.state.run().unwrap().run.question, "pear");
}

#[test]
fn each_run_has_its_own_corrections_and_each_picture_its_own_regions() {
    let mut desk = Desk::new();
    desk.open(1);
    desk.ask("cup");
    desk.send(Command::SetBucket(0, Some(Bucket::Actions)));
    desk.send(Command::AddRegion(region(2, "left")));
    desk.open(2);
    assert!(desk.state.regions.is_none());
    desk.ask("pear");
    desk.send(Command::AddRegion(region(4, "right")));
    let bucket = |desk: &Desk, id| {
        let words = desk.state.words(id).unwrap();
        words.as_ref().as_ref().unwrap().words[0].bucket
    };
    assert_eq!(bucket(&desk, RunId(0)), Bucket::Actions);
    assert_ne!(bucket(&desk, RunId(1)), Bucket::Actions);
    desk.send(Command::SelectRun(RunId(0)));
    assert_eq!(desk.state.regions.as_ref().unwrap().set.regions()[0].label, "left");
    assert!(desk.state.regions.as_ref().unwrap().coverage.is_some());
    desk.send(Command::SelectRun(RunId(1)));
    assert_eq!(desk.state.regions.as_ref().unwrap().set.regions()[0].label, "right");
}

#[test]
fn regions_that_are_read_too_late_go_to_the_picture_they_are_of() {
    let mut desk = Desk::with(|slots, job, on_progress| match job {
        Job::ImportRegions(_, picture, _) => {
            let source = "late".to_owned();
            let set = RegionSet::new(SIZE, RegionFormat::Coco, source, vec![region(1, "late")]);
            Ok(JobOutput::Regions(picture, set, Vec::new()))
        }
        other => fake(slots, other, on_progress),
    });
    desk.open(1);
    update(&mut desk.state, Command::OpenPicture(PathBuf::from("2")));
    update(&mut desk.state, Command::ImportRegions(PathBuf::from("x.json"), None));
    desk.until(|state| state.jobs.is_empty());
    assert!(desk.state.regions.is_none());
    desk.open(1);
    assert_eq!(desk.state.regions.as_ref().unwrap().set.regions()[0].label, "late");
}

#[test]
fn regions_are_named_colored_hidden_and_taken_away_and_the_others_keep_theirs() {
    let mut desk = Desk::new();
    desk.open(1);
    for (left, name) in [(0, "a"), (2, "b"), (4, "c")] {
        desk.send(Command::AddRegion(region(left, name)));
    }
    desk.send(Command::RenameRegion(2, "sea".to_owned()));
    desk.send(Command::RecolorRegion(2, Some([1, 2, 3])));
    desk.send(Command::ShowRegion(0, false));
    desk.send(Command::ShowRegion(9, false));
    desk.send(Command::SetOverlap(Overlaps::Exclusive));
    let areas = |desk: &Desk| {
        let regions = desk.state.regions.as_ref().unwrap();
        regions.set.regions().iter().map(|region| region.mask.area()).collect::<Vec<_>>()
    };
    assert_eq!(areas(&desk), [8, 8, 8]);
    desk.send(Command::SetOverlap(Overlaps::All));
    assert_eq!(areas(&desk), [24, 16, 8]);
    desk.send(Command::RemoveRegion(Some(1)));
    let regions = desk.state.regions.as_ref().unwrap();
    assert_eq!(regions.set.regions()[1].label, "sea");
    assert_eq!(regions.colors.get(&1), Some(&[1, 2, 3]));
    assert_eq!(regions.hidden, BTreeSet::from([0]));
    assert_eq!(desk.state.workspace.selection.region, Some(1));
    desk.send(Command::RemoveRegion(None));
    assert!(desk.state.regions.is_none());
}

/// Draws into a picture and compares with a picture of `#` and `.`.
#[track_caller]
fn check_drawing(drawing: &Drawing, picture: &str) {
    let rows: Vec<&str> = picture.split_whitespace().collect();
    let size = ImageSize { width: rows[0].len() as u32, height: rows.len() as u32 };
    let region = drawing.region(size, "it".to_owned()).unwrap();
    let row =
        |y| (0..size.width).map(|x| if region.mask.contains(x, y) { '#' } else { '.' }).collect();
    let drawn: Vec<String> = (0..size.height).map(row).collect();
    assert_eq!(drawn, rows, "\n{}", drawn.join("\n"));
}

#[test]
fn what_a_person_draws_becomes_the_pixels_whose_middles_lie_inside() {
    check_drawing(&Drawing::Box([4.0, 3.0], [1.0, 1.0]), "..... .###. .###. .....");
    check_drawing(&Drawing::Box([-9.0, -9.0], [1.5, 99.0]), "#.... #.... #....");
    check_drawing(&Drawing::Brush(vec![[2.5, 1.5]], 1.1), "..#.. .###. ..#..");
    check_drawing(&Drawing::Brush(vec![[0.5, 0.5], [4.5, 0.5]], 0.6), "##### ..... .....");
    check_drawing(
        &Drawing::Brush(vec![[0.5, 0.5], [4.5, 4.5]], 0.8),
        "##... ###.. .###. ..### ...##",
    );
    check_drawing(&Drawing::Brush(vec![[1.5, 0.0], [1.5, 2.5]], 0.6), ".#... .#... .#... .....");
    let square = vec![[1.0, 1.0], [4.0, 1.0], [4.0, 3.0], [1.0, 3.0]];
    check_drawing(&Drawing::Polygon(square), "..... .###. .###. .....");
}

#[test]
fn a_drawing_beside_the_picture_is_refused() {
    let outside = [
        Drawing::Box([50.0, 50.0], [60.0, 60.0]),
        Drawing::Brush(vec![[50.0, 50.0]], 2.0),
        Drawing::Brush(Vec::new(), 2.0),
        Drawing::Brush(vec![[f64::NAN, 0.0]], 2.0),
        Drawing::Polygon(vec![[0.0, 0.0], [1.0, 1.0]]),
    ];
    for drawing in outside {
        assert!(drawing.region(SIZE, String::new()).is_err(), "{drawing:?}");
    }
}

#[test]
fn a_run_is_on_disk_at_once_and_its_arrangement_two_seconds_later() {
    let sessions = tempfile::tempdir().unwrap();
    let n_views = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&n_views);
    let mut desk = Desk::with(move |slots, job, on_progress| {
        counted.fetch_add(usize::from(matches!(job, Job::KeepView(_))), Ordering::SeqCst);
        fake(slots, job, on_progress)
    });
    desk.state.sessions_folder = Some(sessions.path().to_owned());
    desk.open(1);
    assert_eq!(fs::read_dir(sessions.path()).unwrap().count(), 0, "no run, no session");
    desk.ask("Is the cup red?");
    desk.until(|state| state.session.folder.is_some());
    let folder = desk.state.session.folder.clone().unwrap();
    assert!(folder.join("runs/0001-mma/run.json").exists());
    assert!(folder.file_name().unwrap().to_str().unwrap().ends_with("-is-the-cup-red"));
    // A drag: many changes within two seconds are written once.
    for i in 0..100 {
        desk.now += Duration::from_millis(10);
        desk.set_opacity(i as f32 / 100.0);
    }
    assert!(settle(&mut desk.state, desk.now), "something is still to be kept");
    desk.now += Duration::from_secs(2);
    assert!(!settle(&mut desk.state, desk.now), "nothing is left to do");
    desk.state.close();
    assert_eq!(n_views.load(Ordering::SeqCst), 2);
}

#[test]
fn a_session_reopens_without_a_model_as_it_was_left() {
    let sessions = tempfile::tempdir().unwrap();
    let mut desk = Desk::kept_in(sessions.path());
    desk.open(1);
    desk.ask("Is the cup red?");
    desk.send(Command::SetBucket(1, Some(Bucket::Actions)));
    desk.send(Command::AddRegion(region(2, "left")));
    desk.send(Command::RecolorRegion(0, Some([9, 8, 7])));
    desk.open(2);
    desk.ask("Where is the pear?");
    desk.send(Command::AddRegion(region(3, "pear")));
    desk.send(Command::AddRegion(region(4, "rest")));
    desk.send(Command::ShowRegion(1, false));
    desk.send(Command::SetOverlap(Overlaps::Exclusive));
    desk.send(Command::AskBeside(AttentionMode::Causal));
    desk.until(|state| state.runs.len() == 3 && state.session.folder.is_some());
    let mut selection = desk.state.workspace.selection.clone();
    selection.layers = Choice::Only(vec![1]);
    selection.subject = Subject::Answer(BTreeSet::from([1]));
    desk.send(Command::Select(selection));
    let mut view = desk.state.workspace.view.clone();
    (view.colormap, view.opacity) = (Colormap::Cividis, 0.1 + 0.2);
    desk.send(Command::SetView(view));
    desk.send(Command::RenameSession("fruit".to_owned()));
    // Let the last run reach the disk before the window goes.
    desk.until(|state| state.session.names.len() == 3);
    desk.state.close();

    let folder = desk.state.session.folder.clone().unwrap();
    let mut again = Desk::with(|slots, job, on_progress| {
        assert!(!matches!(job, Job::Ask(_)), "no model is needed");
        fake(slots, job, on_progress)
    });
    again.send(Command::OpenSession(folder));
    again.until(|state| !state.runs.is_empty());
    assert_eq!(again.state.notices, Vec::new());
    assert_eq!(again.state.workspace, desk.state.workspace);
    assert_eq!(again.state.session.title, "fruit");
    assert_eq!(again.state.regions, desk.state.regions);
    for (before, after) in desk.state.runs.iter().zip(&again.state.runs) {
        assert_eq!(before.run, after.run);
        assert_eq!(before.words.words, after.words.words);
        assert_eq!(before.words.alignment, after.words.alignment);
        assert_eq!(before.token_texts, after.token_texts);
        assert_eq!(before.picture.image.rgb, after.picture.image.rgb);
    }
    assert!(!again.state.can_undo());
    again.send(Command::SelectRun(RunId(0)));
    let regions = again.state.regions.as_ref().unwrap();
    assert_eq!((regions.set.regions()[0].label.as_str(), regions.colors[&0]), ("left", [9, 8, 7]));
}

#[test]
fn a_damaged_view_is_as_new_where_it_is_damaged_and_the_runs_are_there() {
    let sessions = tempfile::tempdir().unwrap();
    let mut desk = Desk::kept_in(sessions.path());
    desk.open(1);
    desk.ask("Is the cup red?");
    desk.set_opacity(0.125);
    desk.until(|state| state.session.folder.is_some());
    desk.state.close();
    let folder = desk.state.session.folder.clone().unwrap();
    let path = folder.join("session.json");
    let mut json: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    json["view"]["workspace"]["mode"] = "telepathy".into();
    json["view"]["workspace"]["selection"]["subject"] = serde_json::json!({"words": [77]});
    json["view"]["edits"] = serde_json::json!({"0001-mma": {"99": "Objects"}});
    fs::write(&path, json.to_string()).unwrap();

    let mut again = Desk::new();
    again.send(Command::OpenSession(folder));
    again.until(|state| !state.runs.is_empty());
    let workspace = &again.state.workspace;
    assert_eq!(workspace.mode, AttentionMode::ModalityMutual);
    assert_eq!(workspace.view.opacity, 0.125);
    assert_eq!(workspace.selection.subject, Subject::Nothing);
    assert!(workspace.edits.is_empty());
    let said = &again.state.notices[0].text;
    assert!(said.contains("mode") && said.contains("edits of run 0001-mma"), "{said}");
}

#[test]
fn a_folder_that_is_no_session_is_said_and_nothing_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = Desk::new();
    desk.send(Command::OpenSession(folder.path().to_owned()));
    desk.until(|state| state.jobs.is_empty());
    assert!(desk.errors()[0].contains("is no session"), "{:?}", desk.errors());
}

#[test]
fn a_new_session_begins_with_no_runs_and_what_was_open_stays_on_disk() {
    let sessions = tempfile::tempdir().unwrap();
    let mut desk = Desk::kept_in(sessions.path());
    desk.open(1);
    desk.ask("cup");
    desk.until(|state| state.session.folder.is_some());
    let first = desk.state.session.folder.clone();
    let bars = desk.state.words(RunId(0)).unwrap();
    desk.send(Command::NewSession);
    assert!(desk.state.runs.is_empty() && desk.state.session.folder.is_none());
    desk.ask("pear");
    let others = desk.state.words(RunId(0)).unwrap();
    assert!(!Arc::ptr_eq(&bars, &others), "what followed from a run of before is forgotten");
    desk.until(|state| state.session.folder.is_some());
    assert_ne!(desk.state.session.folder, first);
    assert_eq!(fs::read_dir(sessions.path()).unwrap().count(), 2);
}

#[test]
fn an_answer_that_comes_after_its_session_was_left_is_dropped() {
    let (go, gate) = sync_channel::<()>(1);
    let gate = Mutex::new(gate);
    let mut desk = Desk::with(move |slots, job, on_progress| {
        if matches!(job, Job::Ask(_)) {
            gate.lock().unwrap().recv().ok();
        }
        fake(slots, job, on_progress)
    });
    desk.open(1);
    desk.send(Command::SetQuestion("late".to_owned()));
    desk.send(Command::Ask);
    desk.send(Command::NewSession);
    go.send(()).unwrap();
    desk.until(|state| state.jobs.is_empty());
    assert!(desk.state.runs.is_empty());
}

#[test]
fn a_run_that_finds_no_place_on_disk_is_said_and_kept_with_the_next_one() {
    let folder = tempfile::tempdir().unwrap();
    let sessions = folder.path().join("sessions");
    fs::write(&sessions, "a file in the way").unwrap();
    let mut desk = Desk::kept_in(&sessions);
    desk.open(1);
    desk.ask("cup");
    desk.until(|state| state.notices.iter().any(|notice| notice.level == Level::Error));
    assert!(desk.errors()[0].contains("keeping the run: cannot write"), "{:?}", desk.errors());
    assert_eq!(desk.state.runs.len(), 1);
    fs::remove_file(&sessions).unwrap();
    desk.ask("pear");
    desk.until(|state| state.session.names.len() == 2);
    let name = |i| desk.state.session.names[&RunId(i)].clone();
    assert_eq!([name(0), name(1)], ["0001-mma", "0002-mma"]);
}

#[test]
fn without_a_worker_a_command_says_why_nothing_happens() {
    let mut state = AppState::new(None, None);
    update(&mut state, Command::OpenExample(0));
    assert!(state.notices[0].text.contains("no worker thread"));
    // What a worker tells of a job that nobody knows changes nothing.
    handle(
        &mut state,
        aki_lens::app::JobEvent::Done(aki_lens::app::JobId(7), Ok(JobOutput::ViewKept(0))),
    );
    assert_eq!(state.notices.len(), 1);
}

#[test]
fn settings_are_read_back_as_they_were_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("aki-lens/settings.json");
    let mut state = AppState::new(None, Some(path.clone()));
    assert!(state.notices.is_empty(), "no file is no fault");
    let mut settings = state.settings.clone();
    (settings.tour_done, settings.scale, settings.colormap) = (true, 1.25, Colormap::Cividis);
    settings.tagger = TaggerChoice::RustBert;
    settings.add_session(Path::new("/a"));
    update(&mut state, Command::SetSettings(Box::new(settings.clone())));
    let again = AppState::new(None, Some(path));
    assert_eq!(again.settings, settings);
    assert_eq!(again.workspace.view.colormap, Colormap::Cividis);
}

#[test]
fn damaged_settings_are_as_new_where_they_are_damaged_and_a_copy_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("settings.json");
    let check = |text: &str, said: &str, tour_done: bool| {
        fs::write(&path, text).unwrap();
        let (settings, why) = Settings::read(&path);
        assert!(why.as_ref().unwrap().contains(said), "{why:?}");
        assert_eq!(settings.tour_done, tour_done);
        assert_eq!(settings.scale, 1.0);
        assert_eq!(fs::read_to_string(folder.path().join("settings.json.damaged")).unwrap(), text);
    };
    check(r#"{"tour_done": true, "scale": "large"}"#, "as new are: scale", true);
    check(r#"{"tour_done": true, "sca"#, "all settings are as new", false);
    check("[]", "as new are: everything", false);
    fs::write(&path, r#"{"scale": 1e9, "from the future": 1}"#).unwrap();
    let (settings, why) = Settings::read(&path);
    assert_eq!((settings.scale, why), (3.0, None));
}

#[test]
fn settings_lie_where_the_system_says() {
    let check = |known: &[(&str, &str)], expected: Option<&str>| {
        let var = |name: &str| {
            known.iter().find(|(known, _)| *known == name).map(|(_, value)| PathBuf::from(value))
        };
        assert_eq!(config_folder_in(&var), expected.map(PathBuf::from), "{known:?}");
    };
    check(&[("HOME", "/home/a")], Some("/home/a/.config/aki-lens"));
    check(&[("HOME", "/home/a"), ("XDG_CONFIG_HOME", "/etc/a")], Some("/etc/a/aki-lens"));
    check(&[("HOME", "/home/a"), ("XDG_CONFIG_HOME", "here")], Some("/home/a/.config/aki-lens"));
    check(&[], None);
}
