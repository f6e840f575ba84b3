//! A small picture of each panel and state, so that nothing changes its looks unseen. They are drawn by
//! `painter`, of a made-up run: no card, no model, no clock, no font of the system. One that differs is
//! written beside the kept one as `NAME.new.png`.

use std::{
    path::Path,
    sync::{
        Arc, Mutex,
        mpsc::{SyncSender, sync_channel},
    },
};

use aki_lens::{
    app::{AppState, Command, Level, Look, Picture, RunId, Subject, Worker, update},
    domain::AttentionMode,
    ui::Shell,
};
use anyhow::bail;
use egui::{Key, Modifiers, Role};
use egui_kittest::{Harness, kittest::Queryable as _};

use crate::{
    kept::check_kept,
    keys::{press, press_with},
    made_up::{SMALL, made_up},
    painter::Painter,
    pointing::with_regions,
};

const QUESTION: &str = "Which color is the plate under the gift?";

/// A state in which a question was answered, without a thread that could be late.
pub(crate) fn answered() -> AppState {
    let mut state = empty();
    let path = "tests/golden/specimen/examples/scene_01.png";
    let mut picture = Picture::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    picture.path = None;
    let picture = Arc::new(picture);
    let run = |mode| Arc::new(made_up(SMALL, QUESTION, mode, Arc::clone(&picture)));
    state.runs = vec![run(AttentionMode::ModalityMutual), run(AttentionMode::Causal)];
    state.picture = Some(picture);
    QUESTION.clone_into(&mut state.workspace.question);
    state.workspace.selection.run = Some(RunId(0));
    state.workspace.selection.subject = Subject::word(4);
    state
}

/// The same with a worker that waits for a word that never comes while the window is looked at.
pub(crate) fn waiting() -> (AppState, SyncSender<()>) {
    let mut state = answered();
    let (word, waits) = sync_channel::<()>(1);
    let waits = Mutex::new(waits);
    let worker = Worker::spawn_with(
        || {},
        move |_, _, _| {
            waits.lock().unwrap().recv().ok();
            bail!("stopped")
        },
    );
    let mut with_worker = AppState::new(Some(worker.unwrap()), None);
    with_worker.settings = state.settings.clone();
    with_worker.runs = std::mem::take(&mut state.runs);
    with_worker.picture = state.picture.take();
    with_worker.workspace = state.workspace.clone();
    (with_worker, word)
}

/// A state in which nothing was done.
pub(crate) fn empty() -> AppState {
    let mut state = AppState::new(None, None);
    state.settings.tour_done = true;
    state.settings.look = Look::Dark;
    state
}

pub(crate) fn window(state: AppState, size: [f32; 2]) -> Harness<'static, Shell> {
    let mut harness = Harness::builder()
        .with_size(size)
        .with_max_steps(64)
        .renderer(Painter::default())
        .build_eframe(|cc| Shell::with_state(cc, state));
    // The choice that stood still becomes a step of undo.
    harness.run_steps(8);
    harness
}

/// Compares a panel, or all of the window, with the kept picture.
fn check(harness: &mut Harness<'static, Shell>, panel: Option<&str>, name: &str) {
    harness.remove_cursor();
    harness.run_steps(3);
    let all = harness.render().unwrap();
    let picture = match panel {
        None => all,
        Some(panel) => {
            let rect = harness.get_by_label(&format!("panel: {panel}")).rect();
            let [x, y, width, height] =
                [rect.min.x, rect.min.y, rect.width(), rect.height()].map(|n| n.round() as u32);
            image::imageops::crop_imm(&all, x, y, width, height).to_image()
        }
    };
    check_kept(&picture, name).unwrap_or_else(|why| panic!("{why}"));
}

/// Brings a panel to the front and compares it.
fn check_tab(harness: &mut Harness<'static, Shell>, panel: &str, name: &str) {
    harness.get_by_label(panel).click();
    harness.run_steps(4);
    check(harness, Some(panel), name);
}

/// The same by its key, for a panel whose tab may have no room.
fn check_shown(harness: &mut Harness<'static, Shell>, key: Key, panel: &str, name: &str) {
    press(harness, key);
    // Its first control has the keyboard now.
    press(harness, Key::Escape);
    check(harness, Some(panel), name);
}

const SIZE: [f32; 2] = [900.0, 600.0];

#[test]
fn the_picture_with_its_map() {
    check(&mut window(answered(), [900.0, 525.0]), Some("Picture"), "picture");
}

#[test]
fn the_picture_in_a_light_window() {
    let mut state = answered();
    state.settings.look = Look::Light;
    check(&mut window(state, [900.0, 525.0]), Some("Picture"), "picture-light");
}

#[test]
fn question_and_answer() {
    check(&mut window(answered(), SIZE), Some("Question and answer"), "words");
}

#[test]
fn layers_by_heads() {
    check(&mut window(answered(), SIZE), Some("Layers × heads"), "heads");
}

#[test]
fn bars_by_bucket() {
    check(&mut window(answered(), SIZE), Some("By bucket"), "buckets");
}

#[test]
fn curves_by_layer() {
    check_tab(&mut window(answered(), SIZE), "By layer", "by-layer");
}

#[test]
fn the_mask() {
    check_tab(&mut window(answered(), SIZE), "Mask", "mask");
}

#[test]
fn the_latents() {
    check_tab(&mut window(answered(), SIZE), "Latents", "latents");
}

#[test]
fn the_sinks() {
    let mut state = answered();
    // Low enough that the made-up run has some, and has some below it.
    state.workspace.view.sink_threshold = 2.0;
    check_tab(&mut window(state, SIZE), "Sinks", "sinks");
}

#[test]
fn regions_by_words() {
    check_tab(&mut window(with_regions(), SIZE), "Regions × words", "entities");
}

#[test]
fn two_runs_that_are_not_compared_in_full_yet() {
    let mut state = answered();
    state.workspace.beside = Some(RunId(1));
    check_shown(&mut window(state, SIZE), Key::C, "Difference", "difference");
}

#[test]
fn what_can_be_knocked_out() {
    check_shown(&mut window(answered(), SIZE), Key::K, "Knock-out", "knockout");
}

#[test]
fn the_runs() {
    let mut state = answered();
    state.workspace.beside = Some(RunId(1));
    check_shown(&mut window(state, SIZE), Key::Num9, "Runs", "runs");
}

#[test]
fn the_command_palette() {
    let mut harness = window(answered(), [480.0, 500.0]);
    press_with(&mut harness, Modifiers::COMMAND, Key::P);
    harness.get_by_role_and_label(Role::TextInput, "What would you like to do?").type_text("panel");
    check(&mut harness, None, "palette");
}

#[test]
fn regions_in_the_picture_and_in_their_list() {
    let mut state = with_regions();
    state.workspace.selection.region = Some(1);
    let mut harness = window(state, [900.0, 640.0]);
    check(&mut harness, Some("Picture"), "picture-regions");
    check_tab(&mut harness, "Regions", "regions");
}

#[test]
fn words_that_attend_to_a_chosen_patch() {
    let mut state = answered();
    state.workspace.selection.patch = Some(15);
    check(&mut window(state, SIZE), Some("Question and answer"), "words-lit");
}

#[test]
fn two_runs_side_by_side() {
    let mut state = answered();
    state.workspace.beside = Some(RunId(1));
    check_tab(&mut window(state, [940.0, 560.0]), "Compare", "compare");
}

#[test]
fn a_window_with_nothing_in_it() {
    check(&mut window(empty(), SIZE), Some("Picture"), "empty");
}

#[test]
fn a_window_that_is_busy() {
    let (mut state, word) = waiting();
    update(&mut state, Command::Ask);
    let mut harness = window(state, SIZE);
    check(&mut harness, Some("Question and answer"), "busy");
    drop(word);
}

#[test]
fn a_window_in_which_something_failed() {
    let mut state = empty();
    let text =
        "opening wool.png: not a picture in a known format, save it as PNG or JPEG: /tmp/wool.png";
    update(&mut state, Command::Notify(Level::Error, text.to_owned()));
    update(&mut state, Command::Notify(Level::Warning, "the question is long".to_owned()));
    check(&mut window(state, [400.0, 250.0]), None, "failed");
}
