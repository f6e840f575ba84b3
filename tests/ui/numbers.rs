//! Numbers of lists: rounded where they are read, and in full where they are pointed at.

use aki_lens::{app::RunId, ui::Shell};
use egui::Role;
use egui_kittest::{
    Harness,
    kittest::{NodeT as _, Queryable as _},
};

use crate::{
    pictures::{answered, window},
    pointing::{SIZE, with_regions},
};

const ID: RunId = RunId(0);

fn shown(panel: &str) -> Harness<'static, Shell> {
    let state = if panel == "Regions" { with_regions() } else { answered() };
    let mut harness = window(state, SIZE);
    harness.get_by_role_and_label(Role::Button, panel).click();
    harness.run_steps(4);
    harness
}

/// The rounded number with this value behind it.
fn rounded(harness: &Harness<'_, Shell>, exact: &str) -> String {
    let is_it = |node: &egui_kittest::Node<'_>| {
        node.accesskit_node().role() == Role::Cell
            && node.accesskit_node().value().is_some_and(|value| value.starts_with(exact))
    };
    let found = harness.query_all_by(|_| true).find(is_it);
    let found = found.unwrap_or_else(|| panic!("no number has the value {exact}"));
    found.accesskit_node().label().unwrap()
}

#[test]
fn every_number_of_a_region_is_told_in_full_with_what_it_means() {
    let harness = shown("Regions");
    let state = harness.state().state();
    let subject = state.workspace.selection.subject.clone();
    let weights = state.region_weights(ID, &subject).unwrap();
    for weight in weights.as_ref().as_ref().unwrap() {
        let [mass, density, lift] = [weight.mass, weight.density, weight.lift].map(Option::unwrap);
        for (name, value) in [("mass", mass), ("density", density), ("lift", lift)] {
            let text = rounded(&harness, &format!("{name} {value}, mass: attention inside"));
            assert!(text.len() < value.to_string().len(), "{text} {value}");
        }
    }
    assert_eq!(rounded(&harness, "area 0.5, the part of the picture that it covers: 4608"), "50 %");
}

#[test]
fn the_pointer_over_a_rounded_number_shows_all_of_it() {
    let mut harness = shown("Regions");
    let told = "area 0.5\nthe part of the picture that it covers: 4608 of 9216 pixels";
    assert!(harness.query_by_label(told).is_none());
    harness.get_by_label("50 %").hover();
    harness.run_steps(8);
    harness.get_by_label(told);
}

#[test]
fn every_number_of_a_sink_is_told_in_full() {
    let harness = shown("Sinks");
    let state = harness.state().state();
    let all = state.incoming(ID).unwrap();
    let most = all.as_ref().as_ref().unwrap().iter().max_by(|a, b| a.lift.total_cmp(&b.lift));
    let most = most.unwrap();
    rounded(&harness, &format!("mass {}, mean weight that {} recorded rows", most.mass, most.rows));
    rounded(&harness, &format!("× uniform {}, times what uniform attention", most.lift));
}

#[test]
fn a_row_of_latents_has_its_numbers_in_full_and_the_pointer_shows_that_of_its_column() {
    let mut harness = shown("Latents");
    let state = harness.state().state();
    let places = state.latent_places(ID).unwrap();
    let place = &places.as_ref().as_ref().unwrap()[0];
    let (placed, entropy) = (place.placed, place.entropy);
    let row = harness.get_by_label_contains("latent 0: ");
    let value = row.accesskit_node().value().unwrap();
    assert!(value.starts_with(&format!("placed {placed}, entropy, nats {entropy}, ")), "{value}");
    // Beside the row while it has the keyboard.
    assert!(harness.query_by_label(&value).is_none());
    row.focus();
    let row = row.rect();
    harness.run_steps(3);
    harness.get_by_label(&value);
    // Its second column is 56 and twice 8 points from its left end, and 54 wide.
    harness.hover_at(row.left_center() + egui::vec2(56.0 + 8.0 + 30.0, 0.0));
    harness.run_steps(8);
    harness
        .get_by_label_contains(&format!("placed {placed}\nThe part of it that comes from patches"));
}
