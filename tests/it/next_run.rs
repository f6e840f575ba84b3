//! What a window knows of the next run before it is asked: its tagger, and what it will record.

use std::{fs, ops::ControlFlow, path::Path};

use aki_lens::{
    app::{
        Command, Level, Settings,
        jobs::{RustBertState, TaggerChoice},
    },
    domain::{AttentionMode, Progress},
    inference::{Asked, Engine, RunRequest, Unloaded},
    model::{ComputeDevice, DeviceChoice},
};
use tempfile::TempDir;

use crate::app::Desk;

/// Says that its model is loaded.
const HELLO: &str = r#"echo '{"protocol":1,"program":"stand-in","model":"m","labels":["NN"]}'"#;

fn stand_in() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/rust_bert/stand-in")
}

fn write_model(folder: &Path, behavior: &str) {
    for name in ["config.json", "vocab.txt", "rust_model.ot"] {
        fs::write(folder.join(name), "").unwrap();
    }
    fs::write(folder.join("behavior.sh"), behavior).unwrap();
}

fn choose_rust_bert(desk: &mut Desk, model: &Path) {
    desk.send(Command::SetSettings(Box::new(Settings {
        tagger: TaggerChoice::RustBert,
        rust_bert_program: Some(stand_in()),
        rust_bert_model: Some(model.to_owned()),
        ..desk.state.settings.clone()
    })));
}

#[test]
fn rust_bert_is_started_as_soon_as_it_is_chosen_and_says_when_it_is_ready() {
    let folder = TempDir::new().unwrap();
    write_model(folder.path(), &format!("{HELLO}\nread -r line"));
    let mut desk = Desk::new();
    assert_eq!(desk.state.rust_bert, None);
    choose_rust_bert(&mut desk, folder.path());
    desk.until(|state| matches!(state.rust_bert, Some(RustBertState::Ready { .. })));
    let ready = desk.state.rust_bert.clone().unwrap().to_string();
    assert!(ready.contains("rust-bert answers with the model in m"), "{ready}");
    // The embedded tagger again: nothing is told of rust-bert any more.
    let settings = Settings { tagger: TaggerChoice::Brill, ..desk.state.settings.clone() };
    desk.send(Command::SetSettings(Box::new(settings)));
    assert_eq!(desk.state.rust_bert, None);
    assert!(desk.state.notices.is_empty(), "{:?}", desk.state.notices);
}

#[test]
fn a_missing_model_folder_is_named_and_looked_for_again_on_request() {
    let folder = TempDir::new().unwrap();
    let model = folder.path().join("mobilebert");
    let mut desk = Desk::new();
    choose_rust_bert(&mut desk, &model);
    desk.until(|state| matches!(state.rust_bert, Some(RustBertState::NoModel { .. })));
    let told = desk.state.rust_bert.clone().unwrap().to_string();
    assert!(told.contains(model.to_str().unwrap()) && told.contains("vocab.txt"), "{told}");
    fs::create_dir(&model).unwrap();
    write_model(&model, &format!("{HELLO}\nread -r line"));
    desk.send(Command::StartTagger { again: true });
    desk.until(|state| matches!(state.rust_bert, Some(RustBertState::Ready { .. })));
}

#[test]
fn a_program_that_ends_is_told_with_its_last_words() {
    let folder = TempDir::new().unwrap();
    write_model(folder.path(), "echo 'no libtorch here' >&2; exit 3");
    let mut desk = Desk::new();
    choose_rust_bert(&mut desk, folder.path());
    desk.until(|state| matches!(state.rust_bert, Some(RustBertState::Failed { .. })));
    let told = desk.state.rust_bert.clone().unwrap().to_string();
    assert!(told.contains("no libtorch here") && told.contains("started again"), "{told}");
}

#[test]
fn a_question_does_not_wait_for_a_tagger_that_is_still_loading() {
    let folder = TempDir::new().unwrap();
    // Longer than any test may take.
    write_model(folder.path(), "exec sleep 600");
    let mut desk = Desk::new();
    desk.open(1);
    choose_rust_bert(&mut desk, folder.path());
    assert_eq!(desk.state.rust_bert, Some(RustBertState::Starting));
    desk.ask("Is the cup red?");
    assert_eq!(desk.state.rust_bert, Some(RustBertState::Starting));
    assert!(desk.state.notices.iter().all(|notice| notice.level != Level::Error));
}

#[test]
fn the_tagger_and_its_places_are_remembered() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("settings.json");
    let settings = Settings {
        tagger: TaggerChoice::RustBert,
        rust_bert_model: Some("some/where".into()),
        ..Settings::default()
    };
    settings.write(&file).unwrap();
    assert_eq!(Settings::read(&file), (settings, None));
}

fn specimen() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/specimen")
}

#[test]
fn what_a_run_will_record_is_known_without_its_weights_and_is_what_it_then_says() {
    let folder = specimen().join("checkpoint");
    let device = ComputeDevice::open(DeviceChoice::Cpu).unwrap().0;
    let engine = Engine::open(&folder, device, None, &mut |_| ControlFlow::Continue(())).unwrap();
    let image = aki_lens::vision::open(&specimen().join("examples/scene_01.png")).unwrap();
    let question = "The fish is on which color plate?";
    let unloaded = Unloaded::open(&folder).unwrap();
    for mode in [AttentionMode::ModalityMutual, AttentionMode::TextFirst] {
        let known = unloaded.recording(question, mode, 6).unwrap();
        let request = RunRequest {
            asked: Asked::Question(question.to_owned()),
            mode,
            max_new_tokens: 6,
            record: None,
        };
        let mut told = None;
        let run = engine
            .run(&image, &request, &mut |progress| {
                if let Progress::Recording { bytes, precision } = progress {
                    told = Some((bytes, precision));
                }
                ControlFlow::Continue(())
            })
            .unwrap();
        assert_eq!(told, Some((known.bytes, known.precision)), "{mode}");
        assert_eq!(known.n_positions, run.prompt.layout.len());
        assert!(run.trace.bytes() <= known.bytes);
    }
}

#[test]
fn the_next_recording_follows_the_question_and_says_why_it_is_not_known() {
    let mut desk = Desk::new();
    let model = specimen().join("checkpoint").display().to_string();
    desk.send(Command::SetModel(Some(model)));
    assert!(desk.state.next_recording().is_none());
    desk.send(Command::SetQuestion("Is it red?".to_owned()));
    desk.until(|state| state.next_recording().is_some());
    let short = *desk.state.next_recording().unwrap().as_ref().unwrap();
    desk.send(Command::SetQuestion("Is it red, or is it rather blue or green?".to_owned()));
    let is_longer = move |n: usize| n > short.n_positions;
    desk.until(
        |state| matches!(state.next_recording(), Some(Ok(size)) if is_longer(size.n_positions)),
    );
    desk.send(Command::SetModel(Some("there/is/none".to_owned())));
    desk.until(|state| matches!(state.next_recording(), Some(Err(_))));
    let why = desk.state.next_recording().unwrap().as_ref().unwrap_err();
    assert!(why.contains("there/is/none"), "{why}");
    desk.send(Command::SetQuestion(String::new()));
    assert!(desk.state.next_recording().is_none());
}
