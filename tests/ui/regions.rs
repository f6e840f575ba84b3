//! The panel of regions: tools, names, colors, what is shown, overlaps; and what is dropped.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use aki_lens::{
    app::{
        AppState, Command, Drawing, PictureRegions, ViewPart, Worker,
        jobs::{Drawn, Overlaps},
        update,
    },
    ui::Shell,
};
use egui::{Key, Role};
use egui_kittest::{Harness, kittest::Queryable as _};

use crate::{
    behavior::Dropped,
    keys::press,
    pictures::{answered, waiting, window},
    pointing::{
        SIZE, click_at, double_click_at, drag, leave, on_screen, scroll_to_the_end, with_regions,
    },
    window::until,
};

fn list(state: AppState) -> Harness<'static, Shell> {
    let mut harness = window(state, SIZE);
    harness.get_by_label("Regions").click();
    harness.run_steps(4);
    harness
}

fn regions<'a>(harness: &'a Harness<'_, Shell>) -> &'a PictureRegions {
    harness.state().state().regions.as_ref().unwrap()
}

fn n_regions(harness: &Harness<'_, Shell>) -> usize {
    harness.state().state().regions.as_ref().map_or(0, |regions| regions.set.regions().len())
}

/// Chooses a tool by its name on the panel.
fn take(harness: &mut Harness<'static, Shell>, tool: &str) {
    harness.get_by_role_and_label(Role::Button, tool).click();
    harness.run_steps(3);
}

#[test]
fn of_a_long_list_only_what_is_in_sight_is_laid_out_and_its_end_is_reached() {
    let mut state = answered();
    for i in 0..200 {
        let (x, y) = (f64::from(i % 20) * 4.0, f64::from(i / 20) * 8.0);
        let drawing = Drawing::Box([x, y], [x + 3.0, y + 6.0]);
        update(&mut state, Command::DrawRegion(drawing, format!("box {}", i + 1)));
    }
    let mut harness = list(state);
    let n_fields = |harness: &Harness<'_, Shell>| {
        harness.query_all_by_label_contains("name of region").count()
    };
    let at_the_top = n_fields(&harness);
    assert!((3..40).contains(&at_the_top), "{at_the_top}");
    // What is out of sight takes as much room as if it was there, or the list would jump.
    let top = |i: usize| harness.get_by_label(&format!("name of region {i}")).rect().top();
    assert!((top(2) - top(1) - 31.0).abs() < 0.01, "{}", top(2) - top(1));
    assert!(harness.query_by_label("name of region 200").is_none());
    let over = harness.get_by_label("name of region 2").rect().center();
    scroll_to_the_end(&mut harness, over);
    let panel = harness.get_by_label("panel: Regions").rect();
    let last = harness.get_by_label("name of region 200").rect();
    assert!(panel.contains_rect(last), "{last:?} is not in {panel:?}");
    assert!(harness.query_by_label("name of region 1").is_none());
    assert!((3..40).contains(&n_fields(&harness)), "{}", n_fields(&harness));
}

#[test]
fn a_box_a_polygon_and_a_brush_are_drawn_into_the_picture() {
    let mut harness = list(answered());
    harness.get_by_label("No regions");
    take(&mut harness, "box");
    drag(&mut harness, [0.25, 0.25], [0.75, 0.5]);
    assert_eq!(n_regions(&harness), 1);
    let pixels = |harness: &Harness<'_, Shell>| {
        f64::from(regions(harness).set.regions().last().unwrap().mask.area())
    };
    // Half of the width by a quarter of the height, of 96 by 96.
    assert!((pixels(&harness) - 48.0 * 24.0).abs() < 80.0, "{}", pixels(&harness));
    harness.get_by_label("name of region 1");

    take(&mut harness, "polygon");
    for corner in [[0.1, 0.6], [0.4, 0.6], [0.1, 0.9]] {
        click_at(&mut harness, corner);
    }
    assert_eq!(n_regions(&harness), 1, "it is not closed yet");
    harness.hover_at(on_screen(&harness, [0.1, 0.9]));
    harness.key_press(Key::Enter);
    harness.run_steps(3);
    assert_eq!(n_regions(&harness), 2);
    assert!((pixels(&harness) - 0.5 * 28.8 * 28.8).abs() < 80.0, "{}", pixels(&harness));

    take(&mut harness, "brush");
    drag(&mut harness, [0.2, 0.1], [0.8, 0.1]);
    assert_eq!(n_regions(&harness), 3);
    let bounds = regions(&harness).set.regions()[2].mask.bounds();
    assert!(bounds.width > 50 && bounds.height < 8, "{bounds:?}");
    take(&mut harness, "select");
    leave(&mut harness);
    assert_eq!(n_regions(&harness), 3);
}

#[test]
fn the_double_click_that_closes_a_polygon_leaves_the_picture_where_it_is() {
    let mut harness = list(answered());
    crate::pointing::wheel(&mut harness, [0.5, 0.5], 400.0);
    let corner = [0.5 / 12.0, 0.5 / 12.0];
    let before = crate::pointing::patch_at(&mut harness, corner);
    assert_ne!(before, 0, "it is zoomed");
    take(&mut harness, "polygon");
    for part in [[0.3, 0.3], [0.7, 0.3]] {
        click_at(&mut harness, part);
    }
    double_click_at(&mut harness, [0.5, 0.7]);
    assert_eq!(n_regions(&harness), 1);
    take(&mut harness, "select");
    let region = harness.state().state().workspace.selection.region;
    assert_eq!(region, Some(0));
    let after = crate::pointing::patch_at(&mut harness, corner);
    assert_eq!(after, before);
}

#[test]
fn a_region_is_named_hidden_lit_and_taken_away_in_its_row() {
    let mut harness = list(with_regions());
    let field = harness.get_by_label("name of region 2");
    field.focus();
    harness.step();
    harness.get_by_label("name of region 2").type_text(" of tea");
    harness.run_steps(3);
    assert_eq!(regions(&harness).set.regions()[1].label, "box of tea");
    harness.get_by_label("show half").click();
    harness.run_steps(3);
    assert!(regions(&harness).hidden.contains(&0));
    // What is hidden cannot be pointed at.
    click_at(&mut harness, [0.6, 0.2]);
    assert_eq!(harness.state().state().workspace.selection.region, None);
    harness.get_by_label("light half").click();
    harness.run_steps(3);
    assert_eq!(harness.state().state().workspace.selection.region, Some(0));
    harness.get_by_label("remove box of tea").click();
    harness.run_steps(3);
    assert_eq!(n_regions(&harness), 1);
    harness.get_by_label("Remove all").click();
    harness.run_steps(3);
    assert_eq!(n_regions(&harness), 0);
}

#[test]
fn a_region_has_a_color_of_its_own_and_overlaps_are_a_menu() {
    let mut harness = list(with_regions());
    harness.get_by_role_and_label(Role::ColorWell, "color of region 1");
    harness.state().send(Command::RecolorRegion(0, Some([10, 200, 30])));
    harness.run_steps(3);
    assert_eq!(regions(&harness).colors[&0], [10, 200, 30]);
    let area = |harness: &Harness<'_, Shell>| regions(harness).set.regions()[0].mask.area();
    assert_eq!(area(&harness), 48 * 96);
    harness.get_by_label("overlaps: all ⏷").click();
    harness.run_steps(3);
    harness.get_by_label_contains("exclusive: each pixel").click();
    harness.run_steps(3);
    assert_eq!(regions(&harness).overlaps, Overlaps::Exclusive);
    assert_eq!(area(&harness), 48 * 96 - 16 * 16);
    harness.get_by_label("overlaps: exclusive ⏷");
    let unnamed = harness.unnamed_widgets();
    assert!(unnamed.is_empty(), "{unnamed:#?}");
}

/// A state whose worker does what it is told to.
pub(crate) fn with_worker() -> AppState {
    let mut with_worker = AppState::new(Some(Worker::spawn(|| {}).unwrap()), None);
    let mut state = answered();
    with_worker.settings = state.settings.clone();
    with_worker.runs = std::mem::take(&mut state.runs);
    with_worker.picture = state.picture.take();
    with_worker.workspace = state.workspace.clone();
    with_worker
}

fn png(path: &Path, side: u32) -> PathBuf {
    let value = |x: u32, _| image::Luma([if x < side / 2 { 0_u8 } else { 255 }]);
    image::GrayImage::from_fn(side, side, value).save(path).unwrap();
    path.to_owned()
}

fn dropped(harness: &mut Harness<'static, Shell>, path: &Path) {
    harness.input_mut().dropped_files.push(Arc::new(Dropped(path.to_owned())));
    harness.step();
    until(harness, |harness| harness.state().state().jobs.is_empty());
    harness.run_steps(3);
}

#[test]
fn a_dropped_mask_is_read_as_regions_with_one_click_and_a_folder_of_masks_without() {
    let folder = tempfile::tempdir().unwrap();
    let mask = png(&folder.path().join("mask.png"), 96);
    let mut harness = window(with_worker(), SIZE);
    dropped(&mut harness, &mask);
    assert_eq!(harness.state().state().picture.as_ref().unwrap().name, "scene_01.png");
    harness.get_by_label("Open as a picture");
    harness.get_by_label("Read as regions").click();
    until(&mut harness, |harness| n_regions(harness) == 1);
    harness.run_steps(3);
    assert!(harness.query_by_label("Read as regions").is_none(), "it was answered");
    assert!(harness.state().state().run().is_some(), "the run is still looked at");

    let masks = folder.path().join("masks");
    std::fs::create_dir(&masks).unwrap();
    for number in 0..3 {
        png(&masks.join(format!("{number}.png")), 96);
    }
    dropped(&mut harness, &masks);
    assert_eq!(n_regions(&harness), 3);
}

#[test]
fn masks_of_another_size_are_accepted_with_the_button_of_their_notice() {
    let folder = tempfile::tempdir().unwrap();
    let masks = folder.path().join("masks");
    std::fs::create_dir(&masks).unwrap();
    png(&masks.join("0.png"), 48);
    png(&masks.join("1.png"), 48);
    let mut harness = window(with_worker(), SIZE);
    dropped(&mut harness, &masks);
    assert_eq!(n_regions(&harness), 0);
    harness.get_by_label_contains("the picture is shown with 96 x 96");
    harness.get_by_label("Accept: scale").click();
    until(&mut harness, |harness| n_regions(harness) == 2);
    assert_eq!(regions(&harness).set.regions()[0].mask.area(), 48 * 96);
}

#[test]
fn each_of_several_jobs_can_be_cancelled() {
    let (state, word) = waiting();
    let mut harness = window(state, SIZE);
    for name in ["first.jpg", "second.jpg", "third.jpg"] {
        harness.state().send(Command::OpenPicture(PathBuf::from(name)));
    }
    harness.run_steps(3);
    harness.get_by_label("Cancel: opening first.jpg");
    harness.get_by_label("and 2 more ⏷").click();
    harness.run_steps(3);
    harness.get_by_label("Cancel: opening third.jpg").click();
    harness.run_steps(3);
    let jobs = &harness.state().state().jobs;
    let stopping: Vec<&str> =
        jobs.values().filter(|job| job.is_stopping()).map(|job| job.title.as_str()).collect();
    assert_eq!(stopping, ["opening third.jpg"]);
    drop(word);
}

#[test]
fn outlines_that_are_switched_off_are_in_no_exported_picture_either() {
    let mut harness = list(with_regions());
    let outlined = |harness: &Harness<'_, Shell>| {
        let Drawn::Map(map) = harness.state().state().drawn(ViewPart::Map).unwrap() else {
            panic!("no map")
        };
        map.regions.as_ref().map(|set| set.regions().len())
    };
    assert_eq!(outlined(&harness), Some(2));
    press(&mut harness, Key::R);
    assert_eq!(outlined(&harness), None);
    press(&mut harness, Key::R);
    assert_eq!(outlined(&harness), Some(2));
}
