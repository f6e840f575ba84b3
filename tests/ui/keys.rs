//! Keys: each does what the table says, wherever the keyboard is.

use std::{thread::sleep, time::Duration};

use aki_lens::{
    app::{AppState, Command, Drawing, Look, RunId, Subject, update},
    domain::{Bucket, Choice},
    ui::Shell,
};
use egui::{Event, Key, Modifiers, Role, ViewportCommand};
use egui_kittest::{
    Harness, Node,
    kittest::{NodeT as _, Queryable as _},
};

use crate::pictures::{answered, waiting, window};

const SIZE: [f32; 2] = [1280.0, 800.0];

fn looking() -> Harness<'static, Shell> {
    window(answered(), SIZE)
}

/// The same with a region that fills the picture but for its left edge.
fn looking_at_a_region() -> Harness<'static, Shell> {
    let mut state = answered();
    let size = state.picture.as_ref().unwrap().image.size;
    let corner = [f64::from(size.width), f64::from(size.height)];
    let drawing = Drawing::Box([0.2 * corner[0], 0.0], corner);
    update(&mut state, Command::DrawRegion(drawing, "most".to_owned()));
    state.workspace.selection.region = None;
    window(state, SIZE)
}

#[track_caller]
pub(crate) fn named<'a>(harness: &'a Harness<'_, Shell>, role: Role, part: &'a str) -> Node<'a> {
    harness.get_by(move |node| {
        node.role() == role && node.label().is_some_and(|label| label.contains(part))
    })
}

fn state<'a>(harness: &'a Harness<'_, Shell>) -> &'a AppState {
    harness.state().state()
}

fn subject(harness: &Harness<'_, Shell>) -> Subject {
    state(harness).workspace.selection.subject.clone()
}

pub(crate) fn press(harness: &mut Harness<'_, Shell>, key: Key) {
    harness.key_press(key);
    harness.run_ok();
}

pub(crate) fn press_with(harness: &mut Harness<'_, Shell>, modifiers: Modifiers, key: Key) {
    harness.key_press_modifiers(modifiers, key);
    harness.run_ok();
}

#[test]
fn escape_closes_an_open_menu_and_lets_go_of_the_choice_only_then() {
    let mut harness = looking();
    let before = subject(&harness);
    harness.get_by_label("Picture ⏷").click();
    harness.run_ok();
    harness.get_by_role_and_label(Role::TextInput, "Path");
    press(&mut harness, Key::Escape);
    assert!(harness.query_by_role_and_label(Role::TextInput, "Path").is_none());
    assert_eq!(subject(&harness), before);
    press(&mut harness, Key::Escape);
    assert_eq!(subject(&harness), Subject::Nothing);
}

#[test]
fn escape_leaves_a_field_or_a_control_and_lets_go_of_the_choice_only_then() {
    for (role, name) in [(Role::TextInput, "Question"), (Role::Button, "word 1: Which")] {
        let mut harness = looking();
        let before = subject(&harness);
        harness.get_by_role_and_label(role, name).focus();
        harness.run_steps(2);
        assert!(harness.get_by_role_and_label(role, name).is_focused());
        press(&mut harness, Key::Escape);
        assert!(!harness.get_by_role_and_label(role, name).is_focused());
        assert_eq!(subject(&harness), before, "{name}");
        press(&mut harness, Key::Escape);
        assert_eq!(subject(&harness), Subject::Nothing);
    }
}

#[test]
fn escape_closes_what_floats_before_it_stops_an_answer() {
    let (mut state, word) = waiting();
    update(&mut state, Command::Ask);
    let mut harness = window(state, SIZE);
    let is_stopping =
        |harness: &Harness<'_, Shell>| harness.state().state().asking().unwrap().1.is_stopping();
    for (modifiers, key, shown) in [
        (Modifiers::COMMAND, Key::P, "What would you like to do?"),
        (Modifiers::COMMAND, Key::E, "Everything of this view"),
        (Modifiers::NONE, Key::Questionmark, "Mean of all layers and heads"),
    ] {
        press_with(&mut harness, modifiers, key);
        assert!(harness.query_all_by_label(shown).count() > 0, "{shown}");
        press(&mut harness, Key::Escape);
        assert_eq!(harness.query_all_by_label(shown).count(), 0, "{shown}");
        assert!(!is_stopping(&harness), "{shown}");
    }
    press(&mut harness, Key::Escape);
    assert!(is_stopping(&harness));
    drop(word);
}

#[test]
fn plain_keys_count_while_a_control_has_the_keyboard_and_not_while_somebody_types() {
    let mut harness = looking();
    harness.get_by_label("word 1: Which").focus();
    harness.run_steps(2);
    press(&mut harness, Key::Questionmark);
    harness.get_by_label("Mean of all layers and heads");
    press(&mut harness, Key::Escape);
    assert!(harness.query_by_label("Mean of all layers and heads").is_none());
    harness.get_by_label("word 1: Which").focus();
    harness.run_steps(2);
    press(&mut harness, Key::G);
    assert!(state(&harness).workspace.view.has_patch_grid);
    // Arrows go from control to control.
    press(&mut harness, Key::ArrowDown);
    assert_eq!(state(&harness).workspace.selection.layers, Choice::All);
    harness.get_by_role_and_label(Role::TextInput, "Question").focus();
    harness.run_steps(2);
    press(&mut harness, Key::G);
    press(&mut harness, Key::Questionmark);
    assert!(state(&harness).workspace.view.has_patch_grid);
    assert!(harness.query_by_label("Mean of all layers and heads").is_none());
}

#[test]
fn keys_in_an_open_menu_go_through_its_entries_and_leave_all_else_alone() {
    let mut harness = looking();
    harness.get_by_label("share ⏷").click();
    harness.run_ok();
    press(&mut harness, Key::ArrowDown);
    press(&mut harness, Key::ArrowDown);
    assert_eq!(state(&harness).workspace.selection.layers, Choice::All);
}

#[test]
fn arrows_in_a_table_leave_the_layers_alone() {
    let mut harness = looking_at_a_region();
    harness.get_by_label("Regions × words").click();
    harness.run_ok();
    named(&harness, Role::Grid, "words of the question").focus();
    harness.run_steps(2);
    press(&mut harness, Key::ArrowRight);
    press(&mut harness, Key::ArrowDown);
    assert_eq!(state(&harness).workspace.selection.layers, Choice::All);
    named(&harness, Role::Grid, "; most × color");
}

#[test]
fn a_cell_of_the_mask_is_found_with_arrows_and_told_as_under_the_pointer() {
    let mut harness = looking();
    press(&mut harness, Key::Num4);
    named(&harness, Role::Image, "the mask of this run: mma").focus();
    harness.run_steps(2);
    let value = |harness: &Harness<'_, Shell>| {
        named(harness, Role::Image, "the mask of this run: mma").accesskit_node().value().unwrap()
    };
    let told = "0 \"<s>\" may attend to 0 \"<s>\" (before or at it)";
    assert_eq!(value(&harness), told);
    harness.get_by_label(told);
    press(&mut harness, Key::ArrowRight);
    assert_eq!(value(&harness), "0 \"<s>\" may not attend to 1 \"<s>\" (after it)");
    // The picture's first latent, and the question's first word, which the mode opened to it.
    for _ in 0..3 {
        press(&mut harness, Key::ArrowDown);
    }
    press(&mut harness, Key::End);
    for _ in 0..3 {
        press(&mut harness, Key::ArrowLeft);
    }
    assert!(value(&harness).starts_with("3 \"<image>\" may attend to "), "{}", value(&harness));
    assert!(value(&harness).ends_with(" (after it)"), "{}", value(&harness));
    assert_eq!(state(&harness).workspace.selection.layers, Choice::All);
    // The pointer takes over, and without the keyboard nothing is meant.
    press(&mut harness, Key::Escape);
    assert_eq!(
        named(&harness, Role::Image, "the mask of this run: mma").accesskit_node().value(),
        None
    );
}

/// What stands still becomes a step of undo.
fn stand_still(harness: &mut Harness<'_, Shell>) {
    sleep(Duration::from_millis(600));
    harness.run_steps(2);
}

#[test]
fn what_was_undone_is_made_again_with_shift_as_well() {
    let mut harness = looking();
    stand_still(&mut harness);
    let before = subject(&harness);
    harness.get_by_label("word 1: Which").click();
    harness.run_ok();
    press_with(&mut harness, Modifiers::COMMAND, Key::Z);
    assert_eq!(subject(&harness), before);
    press_with(&mut harness, Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    assert_eq!(subject(&harness), Subject::word(0));
}

#[test]
fn undo_in_a_field_takes_back_what_was_typed_and_nothing_else() {
    let mut harness = looking();
    stand_still(&mut harness);
    let before = state(&harness).workspace.question.clone();
    harness.get_by_label("word 1: Which").click();
    harness.get_by_role_and_label(Role::TextInput, "Question").focus();
    harness.run_steps(2);
    harness.get_by_role_and_label(Role::TextInput, "Question").type_text("Now: ");
    harness.run_steps(3);
    assert_ne!(state(&harness).workspace.question, before);
    press_with(&mut harness, Modifiers::COMMAND, Key::Z);
    assert_eq!(state(&harness).workspace.question, before);
    assert_eq!(subject(&harness), Subject::word(0));
}

#[test]
fn the_table_of_keys_shows_signs_and_every_key_of_an_action() {
    let mut harness = looking();
    press(&mut harness, Key::Questionmark);
    harness.get_by_label("]");
    harness.get_by_label("Ctrl+Y, Ctrl+Shift+Z");
    assert!(harness.query_by_label_contains("Bracket").is_none());
}

#[test]
fn enter_while_an_answer_runs_asks_what_stands_there_now() {
    let (mut state, word) = waiting();
    update(&mut state, Command::Ask);
    let mut harness = window(state, SIZE);
    let first = harness.state().state().asking().unwrap().0;
    harness.get_by_role_and_label(Role::TextInput, "Question").focus();
    harness.run_steps(2);
    harness.get_by_role_and_label(Role::TextInput, "Question").type_text("Now: ");
    harness.run_steps(2);
    press(&mut harness, Key::Enter);
    assert_ne!(harness.state().state().asking().unwrap().0, first);
    drop(word);
}

#[test]
fn a_head_is_found_and_read_with_arrows_and_enter() {
    let mut harness = looking();
    named(&harness, Role::Grid, "a small map each").focus();
    harness.run_steps(2);
    press(&mut harness, Key::ArrowDown);
    press(&mut harness, Key::ArrowRight);
    named(&harness, Role::Grid, "; L1 H1: ");
    press(&mut harness, Key::Enter);
    let selection = &state(&harness).workspace.selection;
    assert_eq!(selection.layers, Choice::Only(vec![1]));
    assert_eq!(selection.heads, Choice::Only(vec![1]));
}

#[test]
fn the_words_of_a_bucket_are_chosen_at_its_bar_without_a_pointer() {
    let mut harness = looking();
    named(&harness, Role::Button, "Objects: ").focus();
    harness.run_steps(2);
    press(&mut harness, Key::Enter);
    let words = state(&harness).words(RunId(0)).unwrap();
    let words = words.as_ref().as_ref().unwrap().words.iter().enumerate();
    let objects = words.filter(|(_, word)| word.bucket == Bucket::Objects).map(|(i, _)| i);
    assert_eq!(subject(&harness), Subject::Words(objects.collect()));
}

#[test]
fn a_word_or_token_that_has_the_keyboard_shows_its_map() {
    let mut harness = looking();
    harness.get_by_label("“plate”");
    for (chip, told) in [("word 8: gift", "“gift”"), ("answer token 1", "“red”")] {
        harness.get_by_label_contains(chip).focus();
        harness.run_steps(3);
        harness.get_by_label(told);
    }
    // The pointer moves, and is over something else.
    harness.get_by_label("word 1: Which").hover();
    harness.run_steps(3);
    harness.get_by_label("“Which”");
    assert_eq!(subject(&harness), Subject::word(4));
}

#[test]
fn a_patch_is_found_with_arrows_and_its_region_is_kept_with_enter() {
    let mut harness = looking_at_a_region();
    named(&harness, Role::Image, "picture: ").focus();
    harness.run_steps(2);
    named(&harness, Role::Image, "; row 1, column 1 of 12 × 12 patches");
    press(&mut harness, Key::Enter);
    assert_eq!(state(&harness).workspace.selection.region, None);
    press(&mut harness, Key::ArrowDown);
    for _ in 0..3 {
        press(&mut harness, Key::ArrowRight);
    }
    named(&harness, Role::Image, "; row 2, column 4 of 12 × 12 patches");
    assert_eq!(state(&harness).workspace.selection.layers, Choice::All);
    press(&mut harness, Key::Enter);
    assert_eq!(state(&harness).workspace.selection.region, Some(0));
}

#[test]
fn the_picture_is_zoomed_and_moved_with_keys() {
    let mut harness = looking();
    named(&harness, Role::Image, "picture: ").focus();
    harness.run_steps(2);
    let whole = harness.render().unwrap();
    for _ in 0..4 {
        press(&mut harness, Key::Plus);
    }
    named(&harness, Role::Image, "; 2.4 times as large");
    let near = harness.render().unwrap();
    assert_ne!(near, whole);
    press(&mut harness, Key::Minus);
    named(&harness, Role::Image, "; 2.0 times as large");
    press(&mut harness, Key::Plus);
    assert_eq!(harness.render().unwrap(), near);
    press_with(&mut harness, Modifiers::SHIFT, Key::ArrowRight);
    named(&harness, Role::Image, "; row 1, column 1 of ");
    assert_ne!(harness.render().unwrap(), near);
    press(&mut harness, Key::Home);
    assert_eq!(harness.render().unwrap(), whole);
}

#[test]
fn a_key_that_shows_a_panel_puts_the_keyboard_into_it() {
    let mut harness = looking();
    for (key, role, first) in [
        (Key::Num8, Role::Button, "select"),
        (Key::Num3, Role::Slider, "layer"),
        (Key::Num2, Role::Button, "word 1: Which"),
    ] {
        press(&mut harness, key);
        assert!(harness.get_by_role_and_label(role, first).is_focused(), "{first}");
    }
}

#[test]
fn a_panel_without_a_control_leaves_the_keyboard_alone() {
    let mut harness = window(crate::pictures::empty(), SIZE);
    press(&mut harness, Key::Num9);
    harness.get_by_label("panel: Runs");
    let role = |node: &Node<'_>| node.accesskit_node().role();
    let mut all = harness.query_all_by(|_| true);
    assert!(all.all(|node| !node.is_focused() || role(&node) == Role::Window));
}

#[test]
fn a_box_is_drawn_by_its_numbers() {
    let mut harness = looking();
    press(&mut harness, Key::Num8);
    harness.get_by_label("by numbers ⏷").click();
    harness.run_ok();
    for (name, value) in [("left", "3"), ("top", "5"), ("width", "40"), ("height", "20")] {
        harness.get_by_role_and_label(Role::SpinButton, name).focus();
        harness.run_steps(2);
        press_with(&mut harness, Modifiers::COMMAND, Key::A);
        let field = harness
            .get_by(move |node| node.is_focused() && node.label().is_some_and(|l| l == name));
        field.type_text(value);
        harness.run_steps(2);
        press(&mut harness, Key::Enter);
    }
    harness.get_by_label("Add the box").click();
    harness.run_ok();
    let regions = state(&harness).regions.as_ref().unwrap();
    let region = &regions.set.regions()[0];
    assert_eq!(region.mask.area(), 40 * 20);
    let inside = [(3, 5), (42, 5), (3, 24), (42, 24)];
    assert!(inside.into_iter().all(|(x, y)| region.mask.contains(x, y)));
}

const POINTS: &str = "points, as x,y x,y x,y";

#[test]
fn a_polygon_and_a_stroke_are_drawn_by_their_points() {
    let mut harness = looking();
    press(&mut harness, Key::Num8);
    for (typed, add, area) in
        [("4,4 24,4 24,14 4,14", "Add the polygon", 20 * 10), ("30.5,30.5", "Add the stroke", 1)]
    {
        harness.get_by_label("by numbers ⏷").click();
        harness.run_ok();
        harness.get_by_role_and_label(Role::TextInput, POINTS).focus();
        harness.run_steps(2);
        press_with(&mut harness, Modifiers::COMMAND, Key::A);
        let type_into = |harness: &mut Harness<'_, Shell>, text: &str| {
            let field = harness.get_by(|node| node.is_focused() && node.role() == Role::TextInput);
            field.type_text(text);
            harness.run_steps(2);
        };
        type_into(&mut harness, "4,4 here");
        harness.get_by_label_contains("\"here\" is no point");
        press_with(&mut harness, Modifiers::COMMAND, Key::A);
        type_into(&mut harness, typed);
        assert!(harness.query_by_label_contains("is no point").is_none());
        if area == 1 {
            harness.get_by_role_and_label(Role::SpinButton, "of radius").focus();
            harness.run_steps(2);
            press_with(&mut harness, Modifiers::COMMAND, Key::A);
            let is_radius = |role| role == Role::SpinButton || role == Role::TextInput;
            harness.get_by(|node| node.is_focused() && is_radius(node.role())).type_text("0.5");
            harness.run_steps(2);
            press(&mut harness, Key::Enter);
        }
        harness.get_by_label(add).click();
        harness.run_ok();
        let regions = state(&harness).regions.as_ref().unwrap();
        assert_eq!(regions.set.regions().last().unwrap().mask.area(), area, "{add}");
    }
    assert_eq!(state(&harness).regions.as_ref().unwrap().set.regions().len(), 2);
}

#[test]
fn a_key_ends_the_program() {
    let mut harness = looking();
    let closes = |harness: &Harness<'_, Shell>| {
        let mut views = harness.output().viewport_output.values();
        views.any(|view| view.commands.contains(&ViewportCommand::Close))
    };
    press(&mut harness, Key::Q);
    assert!(!closes(&harness));
    // In one frame of its own: what a frame asks of the window is gone with the next.
    harness.input_mut().events.push(Event::Key {
        key: Key::Q,
        physical_key: None,
        pressed: true,
        repeat: false,
        modifiers: Modifiers::COMMAND,
    });
    harness.step();
    assert!(closes(&harness));
}

#[test]
fn keys_make_all_larger_or_smaller_and_light_or_dark() {
    let mut harness = looking();
    let looks = |harness: &Harness<'_, Shell>| {
        let settings = &harness.state().state().settings;
        (settings.look, (settings.scale * 10.0).round())
    };
    assert_eq!(looks(&harness), (Look::Dark, 10.0));
    press_with(&mut harness, Modifiers::COMMAND, Key::Plus);
    press_with(&mut harness, Modifiers::COMMAND, Key::D);
    assert_eq!(looks(&harness), (Look::Light, 11.0));
    assert_eq!(harness.ctx.zoom_factor(), 1.1);
    for _ in 0..2 {
        press_with(&mut harness, Modifiers::COMMAND, Key::Minus);
    }
    assert_eq!(looks(&harness), (Look::Light, 9.0));
    press_with(&mut harness, Modifiers::COMMAND, Key::Num0);
    assert_eq!(looks(&harness), (Look::Light, 10.0));
    // The key as it is without Shift on many keyboards; egui's own zoom would forget it.
    press_with(&mut harness, Modifiers::COMMAND, Key::Equals);
    assert_eq!(looks(&harness), (Look::Light, 11.0));
    assert_eq!(harness.ctx.zoom_factor(), 1.1);
}
