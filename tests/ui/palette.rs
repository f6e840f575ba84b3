//! The command palette: everything that a person can choose, found by typing.

use aki_lens::{
    app::{
        Command, Drawing, RunId,
        jobs::{DeviceChoice, Overlaps, Projection},
        update,
    },
    domain::{AttentionMode, Bucket, Colormap, Reading},
    ui::Shell,
};
use egui::{Key, Modifiers, Role};
use egui_kittest::{
    Harness,
    kittest::{NodeT as _, Queryable as _},
};

use crate::pictures::{answered, waiting, window};

const SIZE: [f32; 2] = [1280.0, 800.0];

/// Opens the palette, types, goes some rows down and presses Enter.
fn choose(harness: &mut Harness<'static, Shell>, typed: &str, down: usize) {
    harness.key_press_modifiers(Modifiers::COMMAND, Key::P);
    harness.run_ok();
    let field = harness.get_by_role_and_label(Role::TextInput, "What would you like to do?");
    field.type_text(typed);
    harness.run_steps(2);
    for _ in 0..down {
        harness.key_press(Key::ArrowDown);
        harness.run_ok();
    }
    harness.key_press(Key::Enter);
    harness.run_ok();
    assert!(harness.query_by_label("What would you like to do?").is_none(), "{typed}");
}

#[test]
fn a_row_below_the_first_is_chosen_with_arrows() {
    let mut harness = window(answered(), SIZE);
    choose(&mut harness, "show: regions", 0);
    harness.get_by_label("panel: Regions × words");
    choose(&mut harness, "show: regions", 1);
    harness.get_by_label("panel: Regions");
    // The last row is as far down as it goes.
    choose(&mut harness, "show: regions", 9);
    harness.get_by_label("panel: Regions");
}

#[test]
fn what_is_typed_begins_at_its_first_row_and_up_goes_back() {
    let mut harness = window(answered(), SIZE);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::P);
    harness.run_ok();
    let is_chosen = |harness: &Harness<'static, Shell>, name: &str| {
        let rows = harness.query_all_by_label_contains(name);
        let toggled = |node: &egui_kittest::Node<'_>| {
            node.accesskit_node().toggled() == Some(egui::accesskit::Toggled::True)
        };
        rows.into_iter().any(|node| toggled(&node))
    };
    for _ in 0..2 {
        harness.key_press(Key::ArrowDown);
        harness.run_ok();
    }
    harness.key_press(Key::ArrowUp);
    harness.run_ok();
    assert!(is_chosen(&harness, "Type a question"));
    let field = harness.get_by_role_and_label(Role::TextInput, "What would you like to do?");
    field.type_text("undo");
    harness.run_steps(3);
    assert!(is_chosen(&harness, "Undo arranging"));
}

#[test]
fn a_word_gets_another_bucket_without_a_pointer_and_its_own_again() {
    let mut harness = window(answered(), SIZE);
    let bucket = |harness: &Harness<'static, Shell>| {
        let words = harness.state().state().words(RunId(0)).unwrap();
        words.as_ref().as_ref().unwrap().words[4].bucket
    };
    let before = bucket(&harness);
    assert_ne!(before, Bucket::Actions);
    choose(&mut harness, "actions", 0);
    assert_eq!(bucket(&harness), Bucket::Actions);
    choose(&mut harness, "as the tagger says", 0);
    assert_eq!(bucket(&harness), before);
}

#[test]
fn what_the_bars_and_menus_offer_stands_in_the_palette() {
    let (mut state, word) = waiting();
    let drawing = Drawing::Box([0.0, 0.0], [9.0, 9.0]);
    update(&mut state, Command::DrawRegion(drawing, "corner".to_owned()));
    let mut harness = window(state, SIZE);
    for typed in [
        "attention: text_first",
        "device: cpu",
        "reading: lift",
        "colors: cividis",
        "back to patches: last layer",
        "overlaps: exclusive",
        "draw: polygon",
        "model: tabletop/causal",
    ] {
        choose(&mut harness, typed, 0);
    }
    let state = harness.state().state();
    let (workspace, view) = (&state.workspace, &state.workspace.view);
    assert_eq!(workspace.mode, AttentionMode::TextFirst);
    assert_eq!(workspace.device, DeviceChoice::Cpu);
    assert_eq!(workspace.model.as_deref(), Some("tabletop/causal"));
    assert_eq!((view.reading, view.colormap), (Reading::Lift, Colormap::Cividis));
    assert_eq!(view.projection, Projection::LastLayer);
    assert_eq!(state.regions.as_ref().unwrap().overlaps, Overlaps::Exclusive);
    choose(&mut harness, "show: regions", 1);
    let polygon = harness.get_by_label("polygon").accesskit_node().toggled();
    assert_eq!(polygon, Some(egui::accesskit::Toggled::True));
    choose(&mut harness, "ask the question", 0);
    let asking = harness.state().state().asking().map(|(_, job)| job.title.clone());
    assert_eq!(asking.as_deref(), Some("asking under text_first"));
    choose(&mut harness, "compare with: causal", 0);
    let mut jobs = harness.state().state().jobs.values();
    assert!(jobs.any(|job| job.is_beside && job.title == "asking under causal"));
    drop(word);
}

#[test]
fn the_view_is_copied_as_a_command_line_from_the_palette() {
    let mut harness = window(answered(), SIZE);
    choose(&mut harness, "copy this view", 0);
    let state = harness.state().state();
    let notice = state.notices.last().unwrap();
    let made = state.command_line();
    match made {
        Ok(made) => assert!(notice.text.starts_with(&format!("copied: {}", made.line))),
        Err(why) => assert_eq!(notice.text, why),
    }
}
