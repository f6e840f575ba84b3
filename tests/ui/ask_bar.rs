//! The bar to ask from: examples, recent files, model, attention, device, and an answer as it is written.

use std::{
    path::{Path, PathBuf},
    thread::sleep,
    time::Duration,
};

use aki_lens::{
    app::{
        AppState, Command, Devices, Job, Level, Settings, Slots, Worker,
        jobs::{DeviceChoice, DeviceReport},
        update,
    },
    domain::{AttentionMode, Colormap, OnProgress, Progress},
    ui::{Opening, Shell},
};
use anyhow::bail;
use egui::{Key, OutputCommand, Role};
use egui_kittest::{
    Harness, Node,
    kittest::{NodeT as _, Queryable as _},
};

use crate::{
    pictures::{answered, window},
    window::{self as real, until},
};

const SIZE: [f32; 2] = [1280.0, 800.0];

fn scene() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/readme/tabletop.png")
}

/// A window that works and remembers in a file, with nothing asked.
fn remembering(settings: &Path) -> Harness<'static, Shell> {
    let mut state = AppState::new(Some(Worker::spawn(|| {}).unwrap()), Some(settings.to_owned()));
    state.settings.tour_done = true;
    window(state, SIZE)
}

/// The entry of an open menu whose text begins so.
#[track_caller]
fn entry<'a>(harness: &'a Harness<'_, Shell>, begins: &'a str) -> Node<'a> {
    harness.get_by(move |node| {
        node.role() == Role::Button && node.label().is_some_and(|label| label.starts_with(begins))
    })
}

fn open(harness: &mut Harness<'_, Shell>, menu: &str) {
    harness.get_by_label(menu).click();
    harness.run_ok();
}

#[test]
fn another_example_is_one_click_away() {
    let mut harness = real::answered(SIZE);
    let before = harness.state().state().run().unwrap().run.question.clone();
    entry(&harness, "Example 2: ").click();
    until(&mut harness, |harness| {
        harness.state().state().run().is_some_and(|run| run.run.question != before)
    });
    let state = harness.state().state();
    assert_eq!(state.workspace.question, state.run().unwrap().run.question);
    assert!(state.regions.is_some());
}

#[test]
fn a_window_is_opened_with_a_picture_and_its_question_is_asked() {
    let opening = Opening {
        image: Some(scene()),
        question: Some("How many things are there?".to_owned()),
        ..Opening::default()
    };
    let mut harness = real::window_with(SIZE, opening);
    until(&mut harness, |harness| harness.state().state().run().is_some());
    let state = harness.state().state();
    assert_eq!(state.run().unwrap().run.question, "How many things are there?");
    assert_eq!(state.picture.as_ref().unwrap().name, "tabletop.png");
    assert_eq!(state.settings.recent_pictures, [scene()]);
}

#[test]
fn a_picture_that_was_open_before_is_opened_again_from_the_menu() {
    let folder = tempfile::tempdir().unwrap();
    let mut state = AppState::new(Some(Worker::spawn(|| {}).unwrap()), None);
    state.settings.tour_done = true;
    let picture = folder.path().join("mine.png");
    std::fs::copy(scene(), &picture).unwrap();
    state.settings.add_picture(&scene());
    state.settings.add_picture(&picture);
    let mut harness = window(state, SIZE);
    open(&mut harness, "Picture ⏷");
    harness.get_by_label("tabletop.png");
    harness.get_by_label("mine.png").click();
    until(&mut harness, |harness| {
        harness.state().state().picture.as_ref().is_some_and(|picture| picture.name == "mine.png")
    });
}

#[test]
fn the_attention_of_the_next_run_is_chosen_and_the_model_that_was_trained_for_it_follows() {
    let mut harness = window(answered(), SIZE);
    harness.get_by_label("model tabletop/mma ⏷");
    open(&mut harness, "attention mma ⏷");
    entry(&harness, "causal").click();
    harness.run_ok();
    assert_eq!(harness.state().state().workspace.mode, AttentionMode::Causal);
    harness.get_by_label("attention causal ⏷");
    harness.get_by_label("model tabletop/causal ⏷");
}

#[test]
fn a_model_is_chosen_by_name_or_by_its_folder_and_one_that_was_loaded_is_offered_again() {
    let mut state = answered();
    state.settings.add_model("models/mine");
    let mut harness = window(state, SIZE);
    open(&mut harness, "model tabletop/mma ⏷");
    entry(&harness, "tabletop/causal under any mode").click();
    harness.run_ok();
    let model = |harness: &Harness<'_, Shell>| harness.state().state().workspace.model.clone();
    assert_eq!(model(&harness).as_deref(), Some("tabletop/causal"));
    open(&mut harness, "model causal ⏷");
    harness.get_by_role_and_label(Role::TextInput, "Folder").focus();
    harness.run_steps(2);
    harness.get_by_role_and_label(Role::TextInput, "Folder").type_text("models/mine ");
    harness.run_steps(2);
    harness.key_press(Key::Enter);
    harness.run_ok();
    assert_eq!(model(&harness).as_deref(), Some("models/mine"));
    open(&mut harness, "model mine ⏷");
    entry(&harness, "embedded, the one trained for the mode").click();
    harness.run_ok();
    assert_eq!(model(&harness), None);
    open(&mut harness, "model tabletop/mma ⏷");
    entry(&harness, "models/mine").click();
    harness.run_ok();
    assert_eq!(model(&harness).as_deref(), Some("models/mine"));
}

#[test]
fn devices_that_are_not_there_are_greyed_out_with_the_reason_and_the_choice_is_remembered() {
    let folder = tempfile::tempdir().unwrap();
    let settings = folder.path().join("settings.json");
    let mut harness = remembering(&settings);
    open(&mut harness, "best device ⏷");
    until(&mut harness, |harness| harness.query_by_label_contains("best device: ").is_some());
    harness.run_ok();
    let is_off = |part| entry(&harness, part).accesskit_node().is_disabled();
    assert!(!is_off("cpu ("));
    // What was not built in is not there, on whatever machine.
    if !cfg!(feature = "gpu") {
        assert!(is_off("gpu: not built in"));
    }
    if !cfg!(feature = "cuda") {
        assert!(is_off("cuda:0: not built in"));
        harness.get_by_label_contains("cuda:0: not built in").click();
        harness.run_ok();
        assert_eq!(harness.state().state().workspace.device, DeviceChoice::Best);
    }
    entry(&harness, "cpu (").click();
    harness.run_ok();
    harness.get_by_label("cpu ⏷");
    let mut view = harness.state().state().workspace.view.clone();
    view.colormap = Colormap::Cividis;
    harness.state().send(Command::SetView(view));
    harness.run_ok();
    until(&mut harness, |_| Settings::read(&settings).0.colormap == Colormap::Cividis);
    let again = AppState::new(None, Some(settings));
    assert_eq!(again.workspace.device, DeviceChoice::Cpu);
    assert_eq!(again.workspace.view.colormap, Colormap::Cividis);
}

#[test]
fn every_card_that_was_found_can_be_asked() {
    let report = |choice: &str, name: &str, unusable: Option<&str>| DeviceReport {
        choice: choice.to_owned(),
        name: name.to_owned(),
        unusable: unusable.map(str::to_owned),
    };
    let mut state = answered();
    state.devices = Devices::Found(vec![
        report("cuda", "cuda:0 (first card)", None),
        report("cuda:1", "cuda:1 (second card)", None),
        report("cuda:2", "", Some("it does not run")),
        report("gpu", "", Some("not built in")),
        report("cpu", "cpu (2 threads)", None),
    ]);
    let mut harness = window(state, SIZE);
    open(&mut harness, "best device ⏷");
    assert!(entry(&harness, "cuda:2: it does not run").accesskit_node().is_disabled());
    entry(&harness, "cuda:1 (second card)").click();
    harness.run_ok();
    assert_eq!(harness.state().state().workspace.device, DeviceChoice::Cuda(1));
    harness.get_by_label("cuda:1 ⏷");
}

/// A window that asks, whose worker tells something and then fails.
fn working(tells: impl Fn(OnProgress<'_>) + Send + Sync + 'static) -> Harness<'static, Shell> {
    let work = move |_: &mut Slots, _: Job, on_progress: OnProgress<'_>| {
        tells(on_progress);
        bail!("stopped")
    };
    let before = answered();
    let mut state = AppState::new(Some(Worker::spawn_with(|| {}, work).unwrap()), None);
    state.settings.tour_done = true;
    (state.runs, state.picture, state.workspace) = (before.runs, before.picture, before.workspace);
    update(&mut state, Command::Ask);
    window(state, SIZE)
}

/// A window in which an answer is being written that has only begun.
fn writing() -> Harness<'static, Shell> {
    working(|on_progress| {
        for text in ["It is ", "red"] {
            assert!(on_progress(Progress::Text(text.to_owned())).is_continue());
        }
        while on_progress(Progress::Text(String::new())).is_continue() {
            sleep(Duration::from_millis(5));
        }
    })
}

#[test]
fn how_much_of_a_models_weights_is_loaded_stands_at_the_bottom() {
    let mut harness = working(|on_progress| {
        while on_progress(Progress::Loading { bytes: 3, total: 4 }).is_continue() {
            sleep(Duration::from_millis(5));
        }
    });
    until(&mut harness, |harness| harness.query_all_by_label("loading weights").count() > 0);
    harness.get_by_label_contains("Cancel: ").click();
    until(&mut harness, |harness| harness.state().state().jobs.is_empty());
}

#[test]
fn an_answer_is_shown_as_it_is_written_and_stops_by_button_or_key() {
    for is_by_key in [false, true] {
        let mut harness = writing();
        until(&mut harness, |harness| harness.query_by_label("It is red").is_some());
        harness.get_by_label_contains("Answering");
        if is_by_key {
            harness.key_press(Key::Escape);
        } else {
            harness.get_by_label("■ Stop").click();
        }
        until(&mut harness, |harness| harness.state().state().asking().is_none());
        harness.step();
        let state = harness.state().state();
        assert!(state.notices.iter().any(|notice| notice.text == "asking under mma: stopped"));
        // What was answered before is there as it was.
        assert_eq!(state.runs.len(), 2);
        harness.get_by_label("Ask");
    }
}

fn copied(harness: &Harness<'_, Shell>) -> Option<String> {
    harness.output().platform_output.commands.iter().find_map(|command| match command {
        OutputCommand::CopyText(text) => Some(text.clone()),
        _ => None,
    })
}

#[test]
fn a_notice_is_copied_as_it_stands() {
    let mut harness = window(answered(), SIZE);
    let text = "opening wool.png: not a picture in a known format";
    harness.state().send(Command::Notify(Level::Error, text.to_owned()));
    harness.run_ok();
    harness.get_by_label("Copy").click();
    harness.step();
    assert_eq!(copied(&harness).as_deref(), Some(text));
}
