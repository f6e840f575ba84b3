//! Panels arranged by keys: moved, split off, made larger, and which of them keys act on.

use aki_lens::ui::Shell;
use egui::{Key, Modifiers, Pos2, Rect, Role};
use egui_kittest::{
    Harness,
    kittest::{NodeT as _, Queryable as _},
};

use crate::{
    keys::{press, press_with},
    pictures::{answered, window},
    pointing::click_at,
};

const SIZE: [f32; 2] = [1280.0, 800.0];
const SHIFT_ALT: Modifiers = Modifiers::ALT.plus(Modifiers::SHIFT);

fn panel(harness: &Harness<'_, Shell>, title: &str) -> Rect {
    harness.get_by_label(&format!("panel: {title}")).rect()
}

fn tab(harness: &Harness<'_, Shell>, title: &str) -> Pos2 {
    harness.get_by_role_and_label(Role::Button, title).rect().center()
}

/// The panels that a screen reader says keys act on.
fn meant(harness: &Harness<'_, Shell>) -> Vec<String> {
    let panes = harness.query_all_by(|node| node.role() == Role::Pane);
    let is_meant = |node: &egui_kittest::Node<'_>| {
        node.accesskit_node()
            .value()
            .is_some_and(|value| value == "keys move and resize this panel")
    };
    panes.filter(is_meant).filter_map(|node| node.accesskit_node().label()).collect()
}

#[test]
fn a_panel_is_made_larger_and_smaller_by_keys_and_what_lies_beside_it_gives_and_takes() {
    let mut harness = window(answered(), SIZE);
    press(&mut harness, Key::Num3);
    let sizes = |harness: &Harness<'_, Shell>| {
        ["Picture", "Layers × heads", "By bucket"].map(|title| panel(harness, title).size())
    };
    let before = sizes(&harness);
    press_with(&mut harness, Modifiers::ALT, Key::ArrowRight);
    press_with(&mut harness, Modifiers::ALT, Key::ArrowRight);
    press_with(&mut harness, Modifiers::ALT, Key::ArrowDown);
    let after = sizes(&harness);
    let by = |i: usize| (after[i] - before[i]).round();
    let expected = [[-48.0, 0.0], [48.0, 24.0], [48.0, -24.0]].map(egui::Vec2::from);
    assert_eq!([by(0), by(1), by(2)], expected);
    for key in [Key::ArrowLeft, Key::ArrowLeft, Key::ArrowUp] {
        press_with(&mut harness, Modifiers::ALT, key);
    }
    let back = sizes(&harness);
    for (back, before) in back.iter().zip(before) {
        assert!((*back - before).length() < 0.5, "{back:?} {before:?}");
    }
    // Down to what the pointer leaves as well, and no further.
    for _ in 0..24 {
        press_with(&mut harness, Modifiers::ALT, Key::ArrowLeft);
    }
    let narrow = panel(&harness, "Layers × heads").width();
    assert!((139.0..=141.0).contains(&narrow), "{narrow}");
}

#[test]
fn a_panel_goes_to_the_tabs_that_lie_on_that_side_and_takes_the_keyboard_along() {
    let mut harness = window(answered(), SIZE);
    press(&mut harness, Key::Num3);
    assert!(harness.get_by_role_and_label(Role::Slider, "layer").is_focused());
    press_with(&mut harness, SHIFT_ALT, Key::ArrowDown);
    harness.run_steps(2);
    assert_eq!(tab(&harness, "Layers × heads").y, tab(&harness, "By bucket").y);
    panel(&harness, "Layers × heads");
    panel(&harness, "Latents");
    assert!(harness.get_by_role_and_label(Role::Slider, "layer").is_focused());
    assert_eq!(meant(&harness), ["panel: Layers × heads"]);
    press_with(&mut harness, SHIFT_ALT, Key::ArrowLeft);
    assert_eq!(tab(&harness, "Layers × heads").y, tab(&harness, "Question and answer").y);
    press_with(&mut harness, SHIFT_ALT, Key::ArrowUp);
    assert_eq!(tab(&harness, "Layers × heads").y, tab(&harness, "Picture").y);
    press_with(&mut harness, SHIFT_ALT, Key::ArrowRight);
    assert_eq!(tab(&harness, "Layers × heads").y, tab(&harness, "Latents").y);
    assert!(tab(&harness, "Layers × heads").x > tab(&harness, "Latents").x);
}

#[test]
fn a_panel_at_the_edge_gets_tabs_of_its_own_and_one_that_has_them_stays() {
    let mut harness = window(answered(), SIZE);
    press(&mut harness, Key::Num1);
    let before = panel(&harness, "Picture");
    press_with(&mut harness, SHIFT_ALT, Key::ArrowUp);
    press_with(&mut harness, Modifiers::ALT, Key::Enter);
    assert_eq!(panel(&harness, "Picture"), before);
    press(&mut harness, Key::Num3);
    let both = panel(&harness, "Layers × heads").width();
    press_with(&mut harness, SHIFT_ALT, Key::ArrowRight);
    let (left, own) = (panel(&harness, "Latents"), panel(&harness, "Layers × heads"));
    assert!(left.right() < own.left() && left.top() == own.top(), "{left:?} {own:?}");
    assert!((left.width() - own.width()).abs() < 1.0 && own.width() < 0.5 * both);
    // Without a side, below or beside the tabs that it was in.
    press(&mut harness, Key::Num6);
    press_with(&mut harness, Modifiers::ALT, Key::Enter);
    let (above, own) = (panel(&harness, "By layer"), panel(&harness, "By bucket"));
    assert!(above.bottom() < own.top() && above.left() == own.left(), "{above:?} {own:?}");
    press(&mut harness, Key::Num7);
    press_with(&mut harness, SHIFT_ALT, Key::Enter);
    let (left, own) = (panel(&harness, "Regions × words"), panel(&harness, "By layer"));
    assert!(left.right() < own.left() && left.top() == own.top(), "{left:?} {own:?}");
}

#[test]
fn keys_act_on_the_panel_that_was_shown_pressed_or_entered_last() {
    let mut harness = window(answered(), SIZE);
    assert_eq!(meant(&harness), ["panel: Picture"]);
    press(&mut harness, Key::Num6);
    assert_eq!(meant(&harness), ["panel: By bucket"]);
    harness.get_by_label("word 1: Which").focus();
    harness.run_ok();
    assert_eq!(meant(&harness), ["panel: Question and answer"]);
    harness.get_by_role_and_label(Role::Button, "Mask").click();
    harness.run_ok();
    assert_eq!(meant(&harness), ["panel: Mask"]);
    click_at(&mut harness, [0.5, 0.5]);
    assert_eq!(meant(&harness), ["panel: Picture"]);
    // A field outside of the panels is in none of them.
    harness.get_by_role_and_label(Role::TextInput, "Question").focus();
    harness.run_ok();
    assert_eq!(meant(&harness), ["panel: Picture"]);
}

#[test]
fn a_line_shows_above_which_tabs_keys_act() {
    let mut harness = window(answered(), SIZE);
    harness.remove_cursor();
    let lit = |harness: &mut Harness<'static, Shell>, title: &str| {
        let at = panel(harness, title).center_top();
        let picture = harness.render().unwrap();
        // The tabs are 24 points high, and the accent of a dark window is this one.
        (22..26).any(|up| picture.get_pixel(at.x as u32, at.y as u32 - up).0 == [61, 204, 186, 255])
    };
    assert!(lit(&mut harness, "Picture"));
    assert!(!lit(&mut harness, "Layers × heads"));
    press(&mut harness, Key::Num3);
    press(&mut harness, Key::Escape);
    assert!(!lit(&mut harness, "Picture"));
    assert!(lit(&mut harness, "Layers × heads"));
}

#[test]
fn keys_that_arrange_panels_leave_fields_and_everything_else_alone() {
    let mut harness = window(answered(), SIZE);
    let before = panel(&harness, "Picture");
    let selection = harness.state().state().workspace.selection.clone();
    harness.get_by_role_and_label(Role::TextInput, "Question").focus();
    harness.run_steps(2);
    press_with(&mut harness, Modifiers::ALT, Key::ArrowRight);
    assert_eq!(panel(&harness, "Picture"), before);
    press(&mut harness, Key::Escape);
    press_with(&mut harness, Modifiers::ALT, Key::ArrowRight);
    press_with(&mut harness, Modifiers::ALT, Key::ArrowDown);
    assert!(panel(&harness, "Picture").width() > before.width());
    assert_eq!(harness.state().state().workspace.selection, selection);
    // A slider keeps its value too.
    harness.get_by_role_and_label(Role::Slider, "layer").focus();
    harness.run_steps(2);
    press_with(&mut harness, Modifiers::ALT, Key::ArrowRight);
    assert_eq!(harness.state().state().workspace.selection, selection);
}
