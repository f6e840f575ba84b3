//! Work on one file: how far it is stands at the bottom, and a click stops it within the file.

use std::{
    fs,
    path::Path,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
        mpsc::{SyncSender, sync_channel},
    },
};

use aki_lens::{
    app::{
        AppState, Command, Job, Slots, ViewPart, Worker,
        jobs::{Drawn, ExportRequest},
    },
    domain::{OnProgress, Progress},
    ui::Shell,
};
use egui_kittest::{Harness, kittest::Queryable as _};

use crate::{
    pictures::{answered, window},
    window::until,
};

const SIZE: [f32; 2] = [1280.0, 800.0];

/// A window whose job waits for a word once it told of a step, and what to say it with.
fn waiting_at(
    is_there: impl Fn(&Progress) -> bool + Send + Sync + 'static,
) -> (Harness<'static, Shell>, SyncSender<()>) {
    let (word, waits) = sync_channel::<()>(1);
    let (waits, has_waited) = (Mutex::new(waits), AtomicBool::new(false));
    let work = move |slots: &mut Slots, job: Job, on_progress: OnProgress<'_>| {
        job.run(slots, &mut |progress| {
            let waits_here = is_there(&progress);
            let goes_on = on_progress(progress);
            if waits_here && !has_waited.swap(true, Ordering::Relaxed) {
                waits.lock().unwrap().recv().ok();
            }
            goes_on
        })
    };
    let before = answered();
    let mut state = AppState::new(Some(Worker::spawn_with(|| {}, work).unwrap()), None);
    state.settings.tour_done = true;
    (state.runs, state.picture, state.workspace) = (before.runs, before.picture, before.workspace);
    (window(state, SIZE), word)
}

/// A picture of 1700 by 300 pixels whose file is long.
fn large_picture(path: &Path) {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    let rgb: Vec<u8> = (0..3 * 1700 * 300).map(|_| next()).collect();
    image::save_buffer(path, &rgb, 1700, 300, image::ColorType::Rgb8).unwrap();
}

fn said<'a>(harness: &'a Harness<'_, Shell>) -> Vec<&'a str> {
    harness.state().state().notices.iter().map(|notice| notice.text.as_str()).collect()
}

#[test]
fn opening_a_large_picture_says_how_far_it_is_and_stops_within_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.png");
    large_picture(&path);
    let is_half = |progress: &Progress| match progress {
        Progress::Part { what: "decoding", done, of } => 2 * done >= *of,
        _ => false,
    };
    let (mut harness, word) = waiting_at(is_half);
    let before = harness.state().state().picture.clone().unwrap();
    harness.state().send(Command::OpenPicture(path));
    let label = "opening large.png: decoding, 50 %";
    until(&mut harness, |harness| harness.query_all_by_label(label).count() > 0);
    harness.get_by_label("Cancel: opening large.png").click();
    harness.run_steps(3);
    harness.get_by_label("stopping…: opening large.png");
    word.send(()).unwrap();
    until(&mut harness, |harness| harness.state().state().jobs.is_empty());
    assert_eq!(said(&harness), ["opening large.png: stopped"]);
    let state = harness.state().state();
    assert_eq!(state.picture.as_ref().unwrap().checksum(), before.checksum());
    assert!(state.run().is_some(), "what was looked at is still there");
}

#[test]
fn an_export_that_is_stopped_while_it_is_written_leaves_the_file_that_was_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bars.png");
    fs::write(&path, "mine").unwrap();
    let (mut harness, word) =
        waiting_at(|progress| matches!(progress, Progress::Part { what: "writing", done: 0, .. }));
    let drawn: Drawn = harness.state().state().drawn(ViewPart::Buckets).unwrap();
    let request = ExportRequest { drawn, path: path.clone(), replaces: true };
    harness.state().send(Command::Export(request));
    let label = "writing bars.png: writing, 0 %";
    until(&mut harness, |harness| harness.query_all_by_label(label).count() > 0);
    harness.get_by_label("Cancel: writing bars.png").click();
    harness.run_steps(3);
    word.send(()).unwrap();
    until(&mut harness, |harness| harness.state().state().jobs.is_empty());
    assert_eq!(said(&harness), ["writing bars.png: stopped"]);
    assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no other file is left");
}
