//! Lists of runs and of sessions that are longer than their panels.

use std::{collections::BTreeSet, fs, sync::Arc};

use aki_lens::{
    app::{AppState, Command, Drawing, Picture, Worker},
    domain::{AttentionMode, ImageSize},
    ui::Shell,
    vision::{DecodedImage, PictureFormat},
};
use egui::{Role, TextureId};
use egui_kittest::{Harness, kittest::Queryable as _};

use crate::{
    made_up::{SMALL, Shape, made_up},
    pictures::{answered, window},
    pointing::{SIZE, scroll_to_the_end},
    regions::with_worker,
    window::until,
};

const MANY: usize = 200;

/// The textures of small pictures that are on the card.
fn small_pictures(harness: &Harness<'_, Shell>) -> BTreeSet<TextureId> {
    let textures = harness.ctx.tex_manager();
    let textures = textures.read();
    let is_small = |name: &str| ["picture", "thumbnail"].contains(&name);
    textures.allocated().filter(|(_, meta)| is_small(&meta.name)).map(|(id, _)| *id).collect()
}

/// Steps a few frames; the most textures that one of them made, and how many the last did.
fn most_made(harness: &mut Harness<'static, Shell>) -> (usize, usize) {
    let (mut most, mut made) = (0, 0);
    let mut before = small_pictures(harness);
    for _ in 0..6 {
        harness.step();
        let now = small_pictures(harness);
        made = now.difference(&before).count();
        most = most.max(made);
        before = now;
    }
    (most, made)
}

fn n_rows(harness: &Harness<'_, Shell>, part: &str) -> usize {
    harness.query_all_by_label_contains(part).count()
}

fn to_the_end(harness: &mut Harness<'static, Shell>, panel: &str) {
    let middle = harness.get_by_label(&format!("panel: {panel}")).rect().center();
    scroll_to_the_end(harness, middle);
}

/// As many runs, each of a picture of its own.
fn many_runs() -> AppState {
    let mut state = answered();
    let shape = Shape { decoder: [1, 1], resampler: [1, 1], latents: 2, patches: 2, ..SMALL };
    let picture = |i: usize| {
        let rgb = vec![i as u8; 12];
        let size = ImageSize { width: 2, height: 2 };
        let format = PictureFormat::Png;
        let image = DecodedImage { size, rgb, format, orientation: 1, warnings: Vec::new() };
        Picture::new(format!("picture {i}"), None, image)
    };
    let mode = AttentionMode::ModalityMutual;
    let run = |i| Arc::new(made_up(shape, "Is it red?", mode, Arc::new(picture(i))));
    state.runs = (0..MANY).map(run).collect();
    state.picture = Some(Arc::clone(&state.runs[0].picture));
    state
}

#[test]
fn of_many_runs_only_those_in_sight_have_a_texture_and_the_first_is_reached() {
    let mut harness = window(many_runs(), SIZE);
    harness.get_by_label("Runs").click();
    let (most, last) = most_made(&mut harness);
    assert!((1..24).contains(&most), "{most} textures in a frame");
    assert_eq!(last, 0, "what is in sight stays on the card");
    let rows = n_rows(&harness, "  →  ");
    assert!((3..24).contains(&rows), "{rows}");
    harness.get_by_label_contains("run 200 · made up · ");
    assert!(harness.query_by_label_contains("run 1 · made up · picture 0").is_none());
    to_the_end(&mut harness, "Runs");
    let panel = harness.get_by_label("panel: Runs").rect();
    let last = harness.get_by_label_contains("run 1 · made up · picture 0").rect();
    assert!(panel.contains_rect(last), "{last:?} is not in {panel:?}");
    assert!(harness.query_by_label_contains("run 200 · made up · ").is_none());
    assert_eq!(most_made(&mut harness), (0, 0));
}

#[test]
fn tab_goes_on_to_rows_that_were_out_of_sight() {
    let mut harness = window(many_runs(), SIZE);
    harness.get_by_label("Runs").click();
    harness.run_steps(4);
    let panel = harness.get_by_label("panel: Runs").rect();
    harness
        .query_all_by_label_contains("  →  ")
        .find(|row| panel.contains(row.rect().center()))
        .unwrap()
        .focus();
    harness.run_steps(2);
    for _ in 0..30 {
        harness.key_press(egui::Key::Tab);
        harness.run_steps(4);
    }
    // What scrolls comes to rest.
    harness.run_steps(30);
    let focused = harness.get_by(|node| node.is_focused() && node.role() == Role::Button).rect();
    assert!(panel.expand(1.0).contains_rect(focused), "{focused:?} is not in {panel:?}");
    assert!(harness.query_by_label_contains("run 200 · made up · ").is_none(), "it did not scroll");
}

#[test]
fn of_many_sessions_only_those_in_sight_have_a_texture() {
    let sessions = tempfile::tempdir().unwrap();
    let mut state = with_worker();
    state.sessions_folder = Some(sessions.path().to_owned());
    let mut harness = window(state, SIZE);
    let drawing = Drawing::Box([8.0, 8.0], [40.0, 40.0]);
    harness.state().send(Command::DrawRegion(drawing, "box".to_owned()));
    harness.run_steps(2);
    eframe::App::on_exit(&mut harness.into_state(), None);
    let one = fs::read_dir(sessions.path()).unwrap().next().unwrap().unwrap().path();
    for i in 1..MANY {
        let copy = sessions.path().join(format!("copy-{i}"));
        fs::create_dir(&copy).unwrap();
        for file in ["session.json", "thumbnail.png"] {
            fs::copy(one.join(file), copy.join(file)).unwrap();
        }
    }
    let mut state = AppState::new(Some(Worker::spawn(|| {}).unwrap()), None);
    state.settings.tour_done = true;
    state.sessions_folder = Some(sessions.path().to_owned());
    let mut harness = window(state, SIZE);
    harness.get_by_label("Sessions").click();
    let title = "Which color is the plate under the gift?";
    let is_listed = |harness: &Harness<'static, Shell>| {
        harness.query_all_by_role_and_label(Role::Button, title).next().is_some()
    };
    until(&mut harness, is_listed);
    let made = small_pictures(&harness).len();
    assert!((1..24).contains(&made), "{made} textures in the first frame");
    let (most, last) = most_made(&mut harness);
    assert!(most < 24, "{most} textures in a frame");
    assert_eq!(last, 0, "what is in sight stays on the card");
    let rows = harness.query_all_by_role_and_label(Role::Button, title).count();
    assert!((3..24).contains(&rows), "{rows}");
}
