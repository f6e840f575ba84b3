//! A few pictures: what no label tells. Threshold and size are the same for all.

use egui_kittest::{Harness, SnapshotOptions};

use aki_lens::{
    app::{Command, Look, Settings},
    ui::Shell,
};

use crate::window::answered;

/// The one allowance: rasterizers differ by a level here and there.
fn look_alike(harness: &mut Harness<'_, Shell>, name: &str) {
    let options = SnapshotOptions::new().threshold(1.0).output_path("tests/snapshots");
    harness.snapshot_options(name, &options);
}

#[test]
fn the_first_minute_looks_as_it_did() {
    let mut harness = answered([1000.0, 640.0]);
    look_alike(&mut harness, "first_minute_dark");
    let light = Settings { look: Look::Light, tour_done: true, ..Settings::default() };
    harness.state().send(Command::SetSettings(Box::new(light)));
    harness.run_ok();
    look_alike(&mut harness, "first_minute_light");
}
