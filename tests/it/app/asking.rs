//! Questions: what is missing, who is answered, what stops.

use std::{
    fs,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
        mpsc::sync_channel,
    },
};

use aki_lens::{
    app::{AppState, Command, Job, JobOutput, RunId, Subject, handle, update},
    domain::{AttentionMode, Ending, Progress},
};

use super::{Desk, fake};
use crate::golden::golden_folder;

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

/// A desk whose answers wait for a word.
fn slow() -> (Desk, std::sync::mpsc::SyncSender<()>) {
    let (go, gate) = sync_channel::<()>(1);
    let gate = Mutex::new(gate);
    let desk = Desk::with(move |slots, job, on_progress| {
        if matches!(job, Job::Ask(_)) {
            gate.lock().unwrap().recv().ok();
        }
        fake(slots, job, on_progress)
    });
    (desk, go)
}

fn ask_and_go_on(desk: &mut Desk, question: &str, meanwhile: impl FnOnce(&mut Desk)) {
    desk.send(Command::SetQuestion(question.to_owned()));
    desk.send(Command::Ask);
    meanwhile(desk);
}

#[test]
fn a_question_that_is_begun_while_another_is_answered_stays_in_its_field() {
    let (mut desk, go) = slow();
    desk.open(1);
    ask_and_go_on(&mut desk, "Is the cup red?", |desk| {
        desk.send(Command::SetQuestion("And the pear".to_owned()));
        assert_eq!(desk.state.asking().unwrap().1.asked.as_ref().unwrap().text, "Is the cup red?");
    });
    go.send(()).unwrap();
    desk.until(|state| state.runs.len() == 1);
    assert_eq!(desk.state.run().unwrap().run.question, "Is the cup red?");
    assert_eq!(desk.state.workspace.question, "And the pear");
    // One that is only looked at again is not typed.
    ask_and_go_on(&mut desk, "Where is the cup?", |desk| desk.send(Command::SelectRun(RunId(0))));
    go.send(()).unwrap();
    desk.until(|state| state.runs.len() == 2);
    assert_eq!(desk.state.workspace.question, "Where is the cup?");
}

#[test]
fn an_answer_about_a_picture_that_was_left_is_kept_and_told_and_not_jumped_to() {
    let (mut desk, go) = slow();
    desk.open(1);
    ask_and_go_on(&mut desk, "Is the cup red?", |desk| {
        desk.send(Command::OpenPicture(PathBuf::from("2")));
        desk.until(|state| state.picture.as_ref().is_some_and(|here| here.name == "picture 2"));
        desk.send(Command::SetQuestion("And here".to_owned()));
    });
    go.send(()).unwrap();
    desk.until(|state| state.runs.len() == 1);
    assert_eq!(desk.state.picture.as_ref().unwrap().name, "picture 2");
    assert_eq!(desk.state.workspace.question, "And here");
    assert_eq!(desk.state.workspace.selection.run, None);
    let notice = desk.state.notices.last().unwrap().clone();
    assert!(notice.text.contains("about picture 1 is answered"), "{}", notice.text);
    desk.send(notice.offers[0].command());
    assert_eq!(desk.state.picture.as_ref().unwrap().name, "picture 1");
    assert_eq!(desk.state.run().unwrap().run.question, "Is the cup red?");
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
