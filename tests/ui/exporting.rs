//! What is written of a view: a figure to a typed path, the picture with its map, everything.

use std::path::Path;

use aki_lens::ui::Shell;
use egui::{Key, Modifiers, Role};
use egui_kittest::{Harness, kittest::Queryable as _};

use crate::window::{answered, until};

const SIZE: [f32; 2] = [1280.0, 800.0];

/// Types a path into the export window in place of the one that stands there, and writes.
pub(crate) fn write_to(harness: &mut Harness<'static, Shell>, path: &Path) {
    harness.get_by_role_and_label(Role::TextInput, "File").focus();
    harness.step();
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.step();
    let field = harness.get_by_role_and_label(Role::TextInput, "File");
    field.type_text(&path.display().to_string());
    harness.run_steps(2);
    harness.get_by_label("Write").click();
}

#[test]
fn a_figure_is_written_to_a_typed_path_and_an_old_file_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = answered(SIZE);
    let write = |harness: &mut Harness<'static, Shell>, path: &Path| {
        harness.get_by_label("Export: Attention by bucket").click();
        harness.run_ok();
        write_to(harness, path);
        harness.run_ok();
    };
    let path = folder.path().join("bars.svg");
    write(&mut harness, &path);
    until(&mut harness, |harness| harness.state().state().jobs.is_empty());
    let svg = std::fs::read_to_string(&path).unwrap();
    assert!(svg.starts_with("<svg") || svg.starts_with("<?xml"), "{}", &svg[..40]);
    std::fs::write(&path, "mine").unwrap();
    write(&mut harness, &path);
    until(&mut harness, |harness| {
        let mut notices = harness.state().state().notices.iter();
        notices.any(|notice| notice.text.contains("is there already"))
    });
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");
}

#[test]
fn everything_of_the_view_is_offered_and_what_there_is_not_is_greyed_out() {
    let mut harness = answered(SIZE);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::E);
    harness.run_ok();
    harness.get_by_label("Everything of this view").click();
    harness.run_ok();
    harness.get_by_role_and_label(Role::TextInput, "In folder");
    harness.get_by_label("Write all");
    harness.key_press(Key::Escape);
    harness.run_ok();
    assert!(harness.query_by_label("Write all").is_none());
}

#[test]
fn the_picture_with_its_map_is_exported_from_its_own_panel() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = answered(SIZE);
    harness.get_by_label("Export: Picture with its map").click();
    harness.run_ok();
    harness.get_by_label("SVG").click();
    harness.run_ok();
    let path = folder.path().join("map.svg");
    write_to(&mut harness, &path);
    until(&mut harness, |_| path.exists());
    assert!(std::fs::read_to_string(&path).unwrap().contains("<svg"));
}
