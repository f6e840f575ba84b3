//! What panels offer: chosen with the pointer, named for a screen reader, and nothing of it cut off.

use aki_lens::{
    app::{AppState, Command, Drawing, MapScale, RunId, Subject, update},
    domain::{Bucket, Choice},
    ui::Shell,
};
use egui::{Modifiers, Rect, Role};
use egui_kittest::{
    Harness, Node,
    kittest::{NodeT as _, Queryable as _},
};

use crate::{
    keys::named,
    pictures::{answered, empty, waiting, window},
};

const SIZE: [f32; 2] = [1280.0, 800.0];

/// The names on the tabs.
const PANELS: [&str; 16] = [
    "Picture",
    "Question and answer",
    "Layers × heads",
    "Mask",
    "By bucket",
    "By layer",
    "Regions × words",
    "Regions",
    "Latents",
    "Sinks",
    "Compare",
    "Difference",
    "Knock-out",
    "Batch",
    "Runs",
    "Sessions",
];

fn state<'a>(harness: &'a Harness<'_, Shell>) -> &'a AppState {
    harness.state().state()
}

/// Two runs side by side, with a region.
fn full() -> AppState {
    let mut state = answered();
    state.workspace.beside = Some(RunId(1));
    add_region(&mut state);
    state
}

fn add_region(state: &mut AppState) {
    let drawing = Drawing::Box([8.0, 8.0], [40.0, 40.0]);
    update(state, Command::DrawRegion(drawing, "a thing".to_owned()));
}

/// Brings a panel to the front, as the menu does.
fn show(harness: &mut Harness<'_, Shell>, panel: &str) {
    harness.get_by_label("Panels").click();
    harness.run_ok();
    let item = format!("Show: {panel}");
    // Behind it stands its key.
    harness
        .get_by(move |node| {
            node.role() == Role::Button
                && node.label().is_some_and(|label| {
                    label.strip_prefix(&item).is_some_and(|key| key.chars().count() <= 2)
                })
        })
        .click();
    harness.run_ok();
}

#[test]
fn every_control_of_every_panel_has_a_name_full_or_empty() {
    for state in [full(), empty()] {
        let mut harness = window(state, SIZE);
        for panel in PANELS {
            show(&mut harness, panel);
            harness.get_by_label(&format!("panel: {panel}"));
            let unnamed = harness.unnamed_widgets();
            assert!(unnamed.is_empty(), "{panel}: {unnamed:#?}");
        }
    }
}

#[test]
fn every_control_of_every_menu_and_window_has_a_name() {
    let (mut state, word) = waiting();
    add_region(&mut state);
    let mut harness = window(state, SIZE);
    show(&mut harness, "Regions");
    for menu in [
        "File",
        "Edit",
        "View",
        "Help",
        "Panels",
        "Picture ⏷",
        "attention mma ⏷",
        "model tabletop/mma ⏷",
        "best device ⏷",
        "share ⏷",
        "composed ⏷",
        "inferno ⏷",
        "more ⏷",
        "tagger brill ⏷",
        "by numbers ⏷",
        "overlaps: all ⏷",
    ] {
        let closed = harness.query_all_by(|node| node.role() == Role::Button).count();
        harness.get_by_label(menu).click();
        harness.run_ok();
        let unnamed = harness.unnamed_widgets();
        assert!(unnamed.is_empty(), "{menu}: {unnamed:#?}");
        harness.key_press(egui::Key::Escape);
        harness.run_ok();
        let after = harness.query_all_by(|node| node.role() == Role::Button).count();
        assert_eq!(closed, after, "{menu} is still open");
    }
    for (modifiers, key) in [
        (Modifiers::COMMAND, egui::Key::E),
        (Modifiers::COMMAND, egui::Key::P),
        (Modifiers::NONE, egui::Key::Questionmark),
    ] {
        harness.key_press_modifiers(modifiers, key);
        harness.run_ok();
        let unnamed = harness.unnamed_widgets();
        assert!(unnamed.is_empty(), "{key:?}: {unnamed:#?}");
        harness.key_press(egui::Key::Escape);
        harness.run_ok();
    }
    drop(word);
}

/// Whether a person presses it, types into it or looks at a figure in it.
fn is_part(node: &Node<'_>) -> bool {
    use Role::{Button, CheckBox, Grid, Image, RadioButton, Slider, SpinButton, TextInput};
    let parts = [Button, CheckBox, Grid, Image, RadioButton, Slider, SpinButton, TextInput];
    parts.contains(&node.accesskit_node().role())
}

/// Parts that begin inside a panel and end outside of it to the side.
fn cut_off(harness: &Harness<'_, Shell>, panel: Rect) -> Vec<String> {
    let controls = harness.query_all_by(|_| true).filter(is_part);
    let is_here = |rect: &Rect| panel.contains(rect.left_center()) && rect.is_positive();
    let cut =
        controls.filter(|node| is_here(&node.rect()) && node.rect().right() > panel.right() + 1.0);
    cut.map(|node| format!("{:?} at {:?}", node.accesskit_node().label(), node.rect())).collect()
}

#[test]
fn a_larger_scale_cuts_nothing_of_the_bar_off() {
    for scale in [1.0, 1.5, 2.0] {
        let mut state = full();
        state.settings.scale = scale;
        let mut harness = window(state, [900.0, 600.0]);
        harness.run_steps(4);
        let bar = harness.get_by_role_and_label(Role::Button, "Ask").rect();
        let width = harness.ctx.content_rect().width();
        for name in ["Picture", "Ask", "attention mma", "model ", "device"] {
            let all = harness.query_all_by_label_contains(name);
            let here = all.filter(|node| node.rect().top() < bar.bottom() + 100.0);
            for node in here {
                assert!(node.rect().right() <= width + 0.5, "{name} at {scale}: {:?}", node.rect());
            }
        }
    }
}

/// The names of parts that begin inside a panel, end below it, and are not higher than it.
fn sunk(harness: &Harness<'_, Shell>, panel: Rect) -> Vec<String> {
    let controls = harness.query_all_by(|_| true).filter(is_part);
    let is_sunk = |rect: Rect| {
        panel.contains(rect.center_top())
            && rect.bottom() > panel.bottom() + 1.0
            && rect.height() < panel.height()
    };
    let sunk = controls.filter(|node| is_sunk(node.rect()));
    sunk.filter_map(|node| node.accesskit_node().label()).collect()
}

#[test]
fn the_smallest_window_cuts_nothing_of_any_panel_off() {
    for state in [full(), empty()] {
        let mut harness = window(state, [900.0, 600.0]);
        for panel in PANELS {
            show(&mut harness, panel);
            let place = harness.get_by_label(&format!("panel: {panel}")).rect();
            let cut = cut_off(&harness, place);
            assert!(cut.is_empty(), "{panel}, {place:?}: {cut:#?}");
            // What ends below can be brought into sight.
            for name in sunk(&harness, place) {
                let in_panel = |node: &Node<'_>| place.contains(node.rect().center_top());
                let all = harness.query_all_by_label(&name);
                let Some(node) = all.into_iter().find(in_panel) else { continue };
                node.scroll_to_me();
                harness.run_ok();
                let mut all = harness.query_all_by_label(&name);
                let is_whole = |node: Node<'_>| place.expand(1.0).contains_rect(node.rect());
                assert!(
                    all.any(is_whole),
                    "{panel}, {place:?}: {name} cannot be brought into sight"
                );
            }
        }
    }
}

#[test]
fn a_click_in_the_grid_reads_one_head_and_a_second_one_all() {
    let mut harness = window(answered(), SIZE);
    named(&harness, Role::Grid, "a small map each").click();
    harness.run_ok();
    let chosen = |harness: &Harness<'_, Shell>| {
        let selection = &state(harness).workspace.selection;
        (selection.layers.clone(), selection.heads.clone())
    };
    let (layers, heads) = chosen(&harness);
    assert!(matches!(&layers, Choice::Only(layers) if layers.len() == 1), "{layers:?}");
    assert!(matches!(&heads, Choice::Only(heads) if heads.len() == 1), "{heads:?}");
    named(&harness, Role::Grid, "a small map each").click();
    harness.run_ok();
    assert_eq!(chosen(&harness), (Choice::All, Choice::All));
}

#[test]
fn numbers_of_layers_and_heads_are_chosen_one_by_one_or_together() {
    let mut harness = window(answered(), SIZE);
    harness.get_by_label("H1").click();
    harness.run_ok();
    harness.get_by_label("H3").click_modifiers(Modifiers::SHIFT);
    harness.run_ok();
    harness.get_by_label("L2").click();
    harness.run_ok();
    let selection = &state(&harness).workspace.selection;
    assert_eq!(selection.heads, Choice::Only(vec![1, 3]));
    assert_eq!(selection.layers, Choice::Only(vec![2]));
    harness.get_by_label("mean of all heads").click();
    harness.run_ok();
    assert_eq!(state(&harness).workspace.selection.heads, Choice::All);
}

#[test]
fn a_bar_that_is_pressed_chooses_the_words_of_its_bucket() {
    let mut harness = window(answered(), SIZE);
    named(&harness, Role::Button, "Attributes: ").click();
    harness.run_ok();
    let words = state(&harness).words(RunId(0)).unwrap();
    let words = words.as_ref().as_ref().unwrap().words.iter().enumerate();
    let found = words.filter(|(_, word)| word.bucket == Bucket::Attributes).map(|(i, _)| i);
    assert_eq!(state(&harness).workspace.selection.subject, Subject::Words(found.collect()));
}

#[test]
fn a_layer_is_read_alone_at_the_curves_with_pointer_or_keys() {
    let mut harness = window(answered(), SIZE);
    show(&mut harness, "By layer");
    harness.remove_cursor();
    let layers = |harness: &Harness<'_, Shell>| state(harness).workspace.selection.layers.clone();
    named(&harness, Role::Image, "share of the row by layer").click();
    harness.run_ok();
    assert!(matches!(layers(&harness), Choice::Only(layers) if layers.len() == 1));
    named(&harness, Role::Image, "share of the row by layer").click();
    harness.run_ok();
    assert_eq!(layers(&harness), Choice::All);
    harness.remove_cursor();
    named(&harness, Role::Image, "share of the row by layer").focus();
    harness.run_steps(2);
    for _ in 0..2 {
        harness.key_press(egui::Key::ArrowRight);
        harness.run_ok();
    }
    named(&harness, Role::Image, "; layer 2: ");
    harness.key_press(egui::Key::Enter);
    harness.run_ok();
    assert_eq!(layers(&harness), Choice::Only(vec![2]));
}

#[test]
fn tokens_are_chosen_together_and_the_template_is_shown_on_request() {
    let mut harness = window(answered(), SIZE);
    harness.get_by_label_contains("answer token 1").click();
    harness.run_ok();
    harness.get_by_label_contains("answer token 2").click_modifiers(Modifiers::SHIFT);
    harness.run_ok();
    let subject = &state(&harness).workspace.selection.subject;
    assert_eq!(*subject, Subject::Answer([0, 1].into()));
    assert_eq!(harness.query_all_by_label_contains("template token ").count(), 0);
    harness.get_by_label("template tokens").click();
    harness.run_ok();
    assert!(harness.query_all_by_label_contains("template token ").count() > 0);
}

#[test]
fn a_map_is_made_fainter_and_put_on_a_scale_with_the_others() {
    let mut harness = window(answered(), SIZE);
    let before = harness.render().unwrap();
    harness.get_by_role_and_label(Role::Slider, "opacity").set_value_accesskit(0.25);
    harness.run_ok();
    assert!((state(&harness).workspace.view.opacity - 0.25).abs() < 0.01);
    assert_ne!(harness.render().unwrap(), before);
    harness.get_by_label("shared").click();
    harness.run_ok();
    assert_eq!(state(&harness).workspace.view.scale, MapScale::Shared);
    harness.get_by_label_contains("scale from 0 to ");
    harness.get_by_label("own scale").click();
    harness.run_ok();
    assert_eq!(state(&harness).workspace.view.scale, MapScale::Own);
}

#[test]
fn the_tour_goes_on_and_back_ends_for_ever_and_is_shown_again_on_request() {
    let folder = tempfile::tempdir().unwrap();
    let settings = folder.path().join("settings.json");
    let state = AppState::new(None, Some(settings.clone()));
    let mut harness = window(state, SIZE);
    for step in 1..5 {
        harness.get_by_label(&format!("{step} of 5"));
        harness.get_by_label("Next").click();
        harness.run_ok();
    }
    harness.get_by_label("5 of 5");
    harness.get_by_label("Back").click();
    harness.run_ok();
    harness.get_by_label("4 of 5");
    harness.get_by_label("Next").click();
    harness.run_ok();
    harness.get_by_label("Done").click();
    harness.run_ok();
    assert!(harness.query_by_label_contains(" of 5").is_none());
    // After a restart.
    let mut harness = window(AppState::new(None, Some(settings)), SIZE);
    assert!(harness.query_by_label_contains(" of 5").is_none());
    harness.get_by_label("Help").click();
    harness.run_ok();
    harness.get_by_label("Show the tour").click();
    harness.run_ok();
    harness.get_by_label("1 of 5");
}

#[test]
fn a_part_of_the_view_is_chosen_in_the_export_window_with_the_formats_it_has() {
    let mut harness = window(full(), SIZE);
    harness.key_press_modifiers(Modifiers::COMMAND, egui::Key::E);
    harness.run_ok();
    harness.get_by_role_and_label(Role::RadioButton, "Attention by bucket").click();
    harness.run_ok();
    for format in ["SVG", "PNG, 300 dpi", "CSV", "JSON"] {
        harness.get_by_role_and_label(Role::Button, format).click();
        harness.run_ok();
        let field = harness.get_by_role_and_label(Role::TextInput, "File").value().unwrap();
        let ending = format[..3].to_lowercase();
        assert!(field.contains(&format!(".{ending}")), "{field} for {format}");
    }
    harness.get_by_role_and_label(Role::CheckBox, "replace a file of that name");
    harness.key_press(egui::Key::Escape);
    harness.run_ok();
    assert!(harness.query_by_role_and_label(Role::TextInput, "File").is_none());
}

#[test]
fn a_badge_says_whether_the_model_was_trained_for_the_mask() {
    let mut harness = window(answered(), SIZE);
    harness.get_by_label("MMA");
    harness.state().send(Command::SelectRun(RunId(1)));
    harness.run_ok();
    harness.get_by_label("MMA block removed");
}
