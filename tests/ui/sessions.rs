//! The panels of runs and of sessions, with something in them.

use std::path::{Path, PathBuf};

use aki_lens::{
    app::{AppState, Command, Drawing, RunId, Worker},
    ui::Shell,
};
use egui::{Key, Role};
use egui_kittest::{
    Harness,
    kittest::{NodeT as _, Queryable as _},
};

use crate::{
    pictures::{answered, window},
    pointing::SIZE,
    regions::with_worker,
    window::until,
};

/// A window with two runs, which keeps them in a folder.
fn kept_in(sessions: &Path) -> Harness<'static, Shell> {
    let mut state = with_worker();
    state.sessions_folder = Some(sessions.to_owned());
    window(state, SIZE)
}

fn state<'a>(harness: &'a Harness<'_, Shell>) -> &'a AppState {
    harness.state().state()
}

/// Closes a window; returns where its session is.
fn closed(harness: Harness<'static, Shell>, sessions: &Path) -> PathBuf {
    let mut shell = harness.into_state();
    eframe::App::on_exit(&mut shell, None);
    let mut all = std::fs::read_dir(sessions).unwrap();
    let folder = all.next().unwrap().unwrap().path();
    assert!(all.next().is_none(), "one session");
    folder
}

/// A window in which nothing was done, which keeps sessions in a folder.
fn empty_window(sessions: &Path) -> Harness<'static, Shell> {
    let mut state = AppState::new(Some(Worker::spawn(|| {}).unwrap()), None);
    state.settings.tour_done = true;
    state.sessions_folder = Some(sessions.to_owned());
    window(state, SIZE)
}

fn press(harness: &mut Harness<'static, Shell>, label: &str) {
    harness.get_by_label(label).click();
    harness.run_steps(3);
}

#[test]
fn a_run_is_looked_at_with_a_click_and_put_beside_with_another() {
    let mut harness = window(answered(), SIZE);
    press(&mut harness, "Runs");
    let question = "Which color is the plate under the gift?";
    assert_eq!(harness.query_all_by_label_contains(&format!("{question}  →  red")).count(), 2);
    harness.get_by_label_contains("run 2 · made up · scene_01.png");
    press(&mut harness, "beside");
    assert_eq!(state(&harness).workspace.beside, Some(RunId(1)));
    press(&mut harness, "beside");
    assert_eq!(state(&harness).workspace.beside, None);
    // The last one stands first.
    harness.query_all_by_label_contains(question).find(|n| n.rect().top() > 450.0).unwrap().click();
    harness.run_steps(3);
    assert_eq!(state(&harness).workspace.selection.run, Some(RunId(1)));
    let unnamed = harness.unnamed_widgets();
    assert!(unnamed.is_empty(), "{unnamed:#?}");
}

#[test]
fn a_session_appears_in_the_list_when_it_is_written_is_named_there_and_opens_with_a_click() {
    let sessions = tempfile::tempdir().unwrap();
    let mut harness = kept_in(sessions.path());
    press(&mut harness, "Sessions");
    until(&mut harness, |harness| harness.query_by_label("No sessions yet").is_some());
    let drawing = Drawing::Box([8.0, 8.0], [40.0, 40.0]);
    harness.state().send(Command::DrawRegion(drawing, "box".to_owned()));
    harness.run_steps(2);
    closed(harness, sessions.path());

    // Another window finds it, and opens it.
    let mut harness = empty_window(sessions.path());
    press(&mut harness, "Sessions");
    let title = "Which color is the plate under the gift?";
    until(&mut harness, |harness| harness.query_by_role_and_label(Role::Button, title).is_some());
    harness.get_by_label_contains(" · 2 runs");
    harness.get_by_role_and_label(Role::Button, title).click();
    harness.run_steps(3);
    until(&mut harness, |harness| state(harness).run().is_some());
    harness.run_steps(3);
    assert_eq!(state(&harness).regions.as_ref().unwrap().set.regions()[0].label, "box");
    // Its name is a field, and the list follows once that is written.
    let field = harness.get_by_role_and_label(Role::TextInput, "This session");
    field.focus();
    harness.step();
    let field = harness.get_by_role_and_label(Role::TextInput, "This session");
    field.type_text(" Plates");
    harness.run_steps(3);
    assert_eq!(state(&harness).session.title, format!("{title} Plates"));
    let renamed = format!("{title} Plates");
    until(&mut harness, |harness| {
        let mut rows = harness.query_all_by_label(&renamed);
        rows.any(|row| row.accesskit_node().role() == Role::Button)
    });
    let unnamed = harness.unnamed_widgets();
    assert!(unnamed.is_empty(), "{unnamed:#?}");
}

#[test]
fn a_session_of_another_folder_opens_by_its_path_and_stays_within_reach() {
    let elsewhere = tempfile::tempdir().unwrap();
    let folder = closed(kept_in(elsewhere.path()), elsewhere.path());
    let here = tempfile::tempdir().unwrap();
    let mut harness = empty_window(here.path());
    press(&mut harness, "Sessions");
    harness.get_by_label("Open a session…");
    harness.get_by_role_and_label(Role::TextInput, "Folder").focus();
    harness.step();
    let field = harness.get_by_role_and_label(Role::TextInput, "Folder");
    field.type_text(&folder.display().to_string());
    harness.run_steps(2);
    harness.key_press(Key::Enter);
    until(&mut harness, |harness| state(harness).run().is_some());
    assert_eq!(state(&harness).runs.len(), 2);
    let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
    until(&mut harness, |harness| harness.query_by_label(&name).is_some());
    press(&mut harness, "New session");
    assert!(state(&harness).run().is_none());
    press(&mut harness, &name);
    until(&mut harness, |harness| state(harness).run().is_some());
}
