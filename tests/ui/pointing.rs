//! The pointer in the picture: what it previews, what a click keeps, zoom and pan.

use std::{path::Path, sync::Arc};

use aki_lens::{
    app::{AppState, Command, Drawing, Picture, RunId, Selection, update},
    domain::{AttentionMode, MapKind, Reading},
    ui::Shell,
};
use egui::{
    Event, Modifiers, MouseWheelSource, MouseWheelUnit, PointerButton, Pos2, Rect, TouchPhase,
    Vec2, pos2,
};
use egui_kittest::{
    Harness,
    kittest::{NodeT as _, Queryable as _},
};

use crate::{
    made_up::{SMALL, made_up},
    pictures::{answered, window},
};

pub(crate) const SIZE: [f32; 2] = [1280.0, 800.0];

/// A state with two regions: the right half of the picture, and a small box within it.
pub(crate) fn with_regions() -> AppState {
    let mut state = answered();
    for (name, [x0, y0, x1, y1]) in
        [("half", [48.0, 0.0, 96.0, 96.0]), ("box", [64.0, 64.0, 80.0, 80.0])]
    {
        let drawing = Drawing::Box([x0, y0], [x1, y1]);
        update(&mut state, Command::DrawRegion(drawing, name.to_owned()));
    }
    state.workspace.selection.region = None;
    state
}

/// A place of the screen, of one in parts of the picture, which is as high as it is wide.
pub(crate) fn on_screen(harness: &Harness<'_, Shell>, part: [f32; 2]) -> Pos2 {
    let frame = harness.get_by_label_contains("picture: scene_01").rect().shrink(8.0);
    let shown = Rect::from_center_size(frame.center(), Vec2::splat(frame.size().min_elem()));
    shown.min + Vec2::from(part) * shown.size()
}

pub(crate) fn point_at(harness: &mut Harness<'_, Shell>, part: [f32; 2]) {
    harness.hover_at(on_screen(harness, part));
    harness.run_steps(3);
}

pub(crate) fn click_at(harness: &mut Harness<'_, Shell>, part: [f32; 2]) {
    let at = on_screen(harness, part);
    click_on(harness, at);
}

/// A click anywhere in the window.
pub(crate) fn click_on(harness: &mut Harness<'_, Shell>, at: Pos2) {
    harness.hover_at(at);
    harness.step();
    harness.drag_at(at);
    harness.step();
    harness.drop_at(at);
    harness.run_steps(3);
}

/// Two clicks in two frames that follow each other.
pub(crate) fn double_click_at(harness: &mut Harness<'_, Shell>, part: [f32; 2]) {
    let pos = on_screen(harness, part);
    harness.hover_at(pos);
    harness.step();
    for _ in 0..2 {
        let button = |pressed| Event::PointerButton {
            pos,
            button: PointerButton::Primary,
            pressed,
            modifiers: Modifiers::NONE,
        };
        harness.input_mut().events.extend([button(true), button(false)]);
        harness.step();
    }
    harness.run_steps(3);
}

pub(crate) fn leave(harness: &mut Harness<'_, Shell>) {
    harness.remove_cursor();
    harness.run_steps(3);
}

fn selection<'a>(harness: &'a Harness<'_, Shell>) -> &'a Selection {
    &harness.state().state().workspace.selection
}

fn n_lit(harness: &Harness<'_, Shell>) -> usize {
    harness.query_all_by_label_contains("attends here: ").count()
}

/// What the scale says of the place under the pointer.
fn here(harness: &Harness<'_, Shell>) -> Option<String> {
    let label =
        harness.query_all_by_label_contains("scale from ").next()?.accesskit_node().label()?;
    Some(label.split_once(", here ")?.1.to_owned())
}

/// Row 1, column 3 of 12 by 12 patches.
const PATCH: usize = 15;
const ON_PATCH: [f32; 2] = [3.5 / 12.0, 1.5 / 12.0];

#[test]
fn the_pointer_previews_which_words_attend_to_a_patch_and_a_click_keeps_them_lit() {
    let mut harness = window(answered(), SIZE);
    assert_eq!(n_lit(&harness), 0);
    point_at(&mut harness, ON_PATCH);
    let state = harness.state().state();
    let n_words = state.run().unwrap().words.words.len();
    assert_eq!(n_lit(&harness), n_words);
    leave(&mut harness);
    assert_eq!(n_lit(&harness), 0, "a preview goes with the pointer");

    click_at(&mut harness, ON_PATCH);
    leave(&mut harness);
    assert_eq!((selection(&harness).patch, selection(&harness).region), (Some(PATCH), None));
    let lights = harness.state().state().words_at(RunId(0), PATCH);
    let strongest = (0..n_words).find(|word| lights.part(*word) == Some(1.0)).unwrap();
    let text = &harness.state().state().run().unwrap().words.words[strongest].text;
    let name = format!("word {}: {text}, attends here: share ", strongest + 1);
    harness.get_by_label_contains(&name);
    assert_eq!(harness.query_all_by_label_contains("(100 % of the strongest)").count(), 1);
    harness.get_by_label_contains("for the patch in row 2, column 4:");
    // Its value stays marked on the scale.
    assert!(here(&harness).is_some());

    // The same again lets go of it.
    click_at(&mut harness, ON_PATCH);
    leave(&mut harness);
    assert_eq!(selection(&harness).patch, None);
    assert_eq!(n_lit(&harness), 0);
}

#[test]
fn a_chosen_patch_is_let_go_of_by_a_button() {
    let mut harness = window(answered(), SIZE);
    click_at(&mut harness, ON_PATCH);
    leave(&mut harness);
    harness.get_by_label("Let go of the patch in row 2, column 4").click();
    harness.run_ok();
    assert_eq!(selection(&harness).patch, None);
    assert!(harness.query_by_label_contains("Let go of").is_none());
}

#[test]
fn words_that_are_read_from_a_patch_say_that_and_not_that_they_attend_to_it() {
    let mut state = answered();
    state.workspace.view.word_map = MapKind::ReadBy;
    state.workspace.view.reading = Reading::Mass;
    let mut harness = window(state, SIZE);
    point_at(&mut harness, ON_PATCH);
    assert_eq!(n_lit(&harness), 0);
    assert!(harness.query_all_by_label_contains("is read here: mass ").count() > 0);
}

#[test]
fn which_of_two_directions_the_lines_tell_is_chosen_beside_the_place() {
    let mut harness = window(answered(), SIZE);
    click_at(&mut harness, ON_PATCH);
    leave(&mut harness);
    assert!(n_lit(&harness) > 0);
    harness.get_by_label("it attends to each").click();
    harness.run_ok();
    assert_eq!(n_lit(&harness), 0);
    assert!(harness.query_all_by_label_contains("is read here: ").count() > 0);
    harness.get_by_label("each attends to it").click();
    harness.run_ok();
    assert!(n_lit(&harness) > 0);
}

#[test]
fn a_region_under_the_pointer_lights_its_words_and_a_click_keeps_the_smallest_one() {
    let mut harness = window(with_regions(), SIZE);
    let first_word = |harness: &Harness<'_, Shell>| {
        let chip = harness.get_by_label_contains("word 1: ");
        chip.accesskit_node().label().unwrap()
    };
    point_at(&mut harness, [0.6, 0.2]);
    let in_half = first_word(&harness);
    assert!(in_half.contains("attends here: mass "), "{in_half}");
    // Every place of a region is the region.
    point_at(&mut harness, [0.95, 0.95]);
    assert_eq!(first_word(&harness), in_half);
    point_at(&mut harness, [0.2, 0.2]);
    assert!(first_word(&harness).contains("attends here: share "), "outside of it, the patch");
    point_at(&mut harness, [0.75, 0.75]);
    let in_box = first_word(&harness);
    assert_ne!(in_box, in_half);
    let expected = harness.state().state().words_at_region(RunId(0), 1).part(0).unwrap();
    assert!(in_box.contains(&format!("({:.0} % of the strongest)", 100.0 * expected)), "{in_box}");
    // The patch under the pointer is still told on the scale.
    assert!(here(&harness).is_some());

    click_at(&mut harness, [0.75, 0.75]);
    leave(&mut harness);
    assert_eq!((selection(&harness).region, selection(&harness).patch), (Some(1), None));
    assert_eq!(first_word(&harness), in_box);
    harness.get_by_label_contains("for box:");
    // A place outside of all regions is a patch, and takes its place.
    click_at(&mut harness, ON_PATCH);
    assert_eq!((selection(&harness).region, selection(&harness).patch), (None, Some(PATCH)));
}

#[test]
fn a_row_of_the_list_of_regions_lights_its_words_wherever_the_pointer_is_in_it() {
    let mut harness = window(with_regions(), SIZE);
    harness.get_by_label("Regions").click();
    harness.run_steps(4);
    leave(&mut harness);
    assert_eq!(n_lit(&harness), 0);
    let row = harness.get_by_label("name of region 2").rect();
    let panel = harness.get_by_label("panel: Regions").rect();
    for x in [row.left() + 4.0, row.right() + 60.0, panel.right() - 40.0] {
        harness.hover_at(pos2(x, row.center().y));
        harness.run_steps(3);
        let lit = harness.state().state().words_at_region(RunId(0), 1).part(0).unwrap();
        let told = format!("({:.0} % of the strongest)", 100.0 * lit);
        let chip = harness.get_by_label_contains("word 1: ").accesskit_node().label().unwrap();
        assert!(chip.contains(&told), "{chip} at {x}");
        leave(&mut harness);
        assert_eq!(n_lit(&harness), 0);
    }
}

#[test]
fn the_value_under_the_pointer_is_that_of_the_map_and_has_a_name() {
    let mut harness = window(answered(), SIZE);
    assert_eq!(here(&harness), None);
    point_at(&mut harness, ON_PATCH);
    let state = harness.state().state();
    let map = state.heatmap(RunId(0), &state.workspace.selection.subject).unwrap();
    let value = map.as_ref().as_ref().unwrap().value(PATCH).unwrap();
    let told: f64 = here(&harness).unwrap().parse().unwrap();
    // Two digits that matter are told of a value below 0.01.
    let last_digit = 10_f64.powf(value.log10().floor() - 1.0);
    assert!((told - value).abs() <= 0.5 * last_digit, "{told} for {value}");
    leave(&mut harness);
    assert_eq!(here(&harness), None);
}

pub(crate) fn wheel(harness: &mut Harness<'_, Shell>, part: [f32; 2], points: f32) {
    point_at(harness, part);
    harness.event(Event::MouseWheel {
        unit: MouseWheelUnit::Point,
        delta: Vec2::new(0.0, points),
        phase: TouchPhase::Move,
        source: MouseWheelSource::Unknown,
        modifiers: Modifiers::NONE,
    });
    harness.run_steps(40);
}

pub(crate) fn drag(harness: &mut Harness<'_, Shell>, from: [f32; 2], to: [f32; 2]) {
    let [from, to] = [from, to].map(|part| on_screen(harness, part));
    drag_from(harness, from, to);
}

/// Drags something anywhere in the window.
pub(crate) fn drag_from(harness: &mut Harness<'_, Shell>, from: Pos2, to: Pos2) {
    harness.hover_at(from);
    harness.step();
    harness.drag_at(from);
    harness.step();
    for i in 1..=8 {
        harness.hover_at(from + (i as f32 / 8.0) * (to - from));
        harness.step();
    }
    harness.drop_at(to);
    harness.run_steps(3);
}

/// Turns the wheel over a place, further than any list is long.
pub(crate) fn scroll_to_the_end(harness: &mut Harness<'_, Shell>, over: Pos2) {
    harness.hover_at(over);
    harness.run_steps(2);
    for _ in 0..24 {
        harness.event(Event::MouseWheel {
            unit: MouseWheelUnit::Point,
            delta: Vec2::new(0.0, -1000.0),
            phase: TouchPhase::Move,
            source: MouseWheelSource::Unknown,
            modifiers: Modifiers::NONE,
        });
        harness.run_steps(8);
    }
}

/// The patch that a click there chooses.
pub(crate) fn patch_at(harness: &mut Harness<'_, Shell>, part: [f32; 2]) -> usize {
    click_at(harness, part);
    let patch = selection(harness).patch.unwrap();
    click_at(harness, part);
    patch
}

#[test]
fn the_wheel_zooms_at_the_pointer_dragging_moves_and_a_double_click_shows_all() {
    let mut harness = window(answered(), SIZE);
    let (corner, middle) = ([0.5 / 12.0, 0.5 / 12.0], [6.5 / 12.0, 6.5 / 12.0]);
    assert_eq!(patch_at(&mut harness, corner), 0);
    wheel(&mut harness, middle, 400.0);
    // What lies under the pointer stays there, and the corner is out of sight.
    assert_eq!(patch_at(&mut harness, middle), 6 * 12 + 6);
    let seen = patch_at(&mut harness, corner);
    assert!(seen / 12 > 1 && seen % 12 > 1, "{seen}");
    drag(&mut harness, middle, [1.0, 1.0]);
    let moved = patch_at(&mut harness, corner);
    assert!(moved / 12 < seen / 12 && moved % 12 < seen % 12, "{moved} after {seen}");
    let choice = selection(&harness).clone();
    double_click_at(&mut harness, middle);
    assert_eq!(*selection(&harness), choice, "a double click chooses nothing");
    assert_eq!(patch_at(&mut harness, corner), 0);
}

#[test]
fn the_opacity_of_the_map_is_a_slider_and_a_hovered_word_is_previewed_on_the_picture() {
    let mut harness = window(answered(), SIZE);
    harness.get_by_role_and_label(egui::Role::Slider, "opacity").set_value_accesskit(0.25);
    harness.run_ok();
    assert_eq!(harness.state().state().workspace.view.opacity, 0.25);
    let before = selection(&harness).subject.clone();
    let told = |harness: &Harness<'_, Shell>| {
        harness.query_all_by_label_contains("scale from ").next().unwrap().accesskit_node().label()
    };
    let kept = told(&harness);
    harness.get_by_label("word 1: Which").hover();
    harness.run_steps(3);
    harness.get_by_label("\u{201c}Which\u{201d}");
    assert_ne!(told(&harness), kept);
    assert_eq!(selection(&harness).subject, before, "only a click chooses");
    leave(&mut harness);
    assert_eq!(told(&harness), kept);
}

/// The scales that tell a value under the pointer.
fn n_told(harness: &Harness<'_, Shell>) -> usize {
    let scales = harness.query_all_by_label_contains("scale from ");
    let labels = scales.filter_map(|scale| scale.accesskit_node().label());
    labels.filter(|label| label.contains(", here ")).count()
}

/// Points near the middle of the nth picture of the window.
fn point_at_picture(harness: &mut Harness<'_, Shell>, name: &str, n: usize) -> Pos2 {
    // Beside the line at which regions begin.
    let middle = harness.query_all_by_label_contains(name).nth(n).unwrap().rect().center();
    let at = middle + Vec2::new(5.0, 0.0);
    harness.hover_at(at);
    harness.run_steps(3);
    at
}

#[test]
fn the_value_under_the_pointer_is_told_on_the_scales_of_both_runs_and_of_their_difference() {
    let mut state = answered();
    state.workspace.beside = Some(RunId(1));
    let mut harness = window(state, SIZE);
    harness.get_by_label("Compare").click();
    harness.run_ok();
    assert_eq!(n_told(&harness), 0);
    // The picture itself and the three of the comparison: the pointer in one is seen in all.
    for n in 0..4 {
        point_at_picture(&mut harness, "picture: scene_01", n);
        assert_eq!(n_told(&harness), 4, "picture {n}");
    }
}

#[test]
fn a_run_of_another_picture_has_no_region_of_this_one_and_nothing_of_it_is_chosen() {
    let mut state = with_regions();
    let other = "tests/golden/specimen/examples/scene_02.png";
    let other = Picture::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join(other)).unwrap();
    let (question, mode) = (state.run().unwrap().run.question.clone(), AttentionMode::Causal);
    state.runs.push(Arc::new(made_up(SMALL, &question, mode, Arc::new(other))));
    state.workspace.beside = Some(RunId(2));
    let mut harness = window(state, SIZE);
    harness.get_by_label("Compare").click();
    harness.run_ok();
    harness.get_by_label_contains("the sides are of two pictures");
    let before = selection(&harness).clone();
    for (name, is_chosen) in [("picture: scene_02", false), ("picture: scene_01", true)] {
        let at = point_at_picture(&mut harness, name, 0);
        harness.drag_at(at);
        harness.step();
        harness.drop_at(at);
        harness.run_steps(3);
        assert_eq!(*selection(&harness) != before, is_chosen, "{name}");
    }
    assert_eq!(selection(&harness).region, Some(0), "the middle lies in the right half");
}
