//! The panel of regions by words.

use std::sync::Arc;

use aki_lens::{
    app::{AppState, Command, Drawing, RunId, Subject, jobs::Reading, update},
    domain::AttentionMode,
    ui::Shell,
};
use egui::Role;
use egui_kittest::{Harness, kittest::Queryable as _};

use crate::{
    keys::named,
    made_up::{SMALL, made_up},
    pictures::{answered, window},
    pointing::{SIZE, click_on},
};

const ID: RunId = RunId(0);

/// A run of a question in which a word and the comma behind it are one token, with a region.
fn with_a_shared_token() -> AppState {
    let mut state = answered();
    let picture = state.picture.clone().unwrap();
    let mode = AttentionMode::ModalityMutual;
    let mut answered = made_up(SMALL, "Is the gift, or the plate, red?", mode, picture);
    let words = answered.words.words.clone();
    let comma = words.iter().position(|word| word.text == ",").unwrap();
    let prompt = &mut answered.run.prompt;
    let at = prompt.layout.image().end + comma;
    // The token before reaches over the comma, and the comma's own has nothing left.
    let end = prompt.tokens[at].byte_range.end;
    prompt.tokens[at - 1].byte_range.end = end;
    prompt.tokens[at].byte_range = end..end;
    state.workspace.question.clone_from(&answered.run.question);
    state.runs = vec![Arc::new(answered)];
    let drawing = Drawing::Box([8.0, 8.0], [60.0, 60.0]);
    update(&mut state, Command::DrawRegion(drawing, "a thing".to_owned()));
    state.workspace.selection.region = None;
    state
}

#[test]
fn a_cell_chooses_the_word_that_stands_above_it_also_behind_words_that_share_a_token() {
    let mut harness = window(with_a_shared_token(), SIZE);
    named(&harness, Role::Button, "Regions × words").click();
    harness.run_steps(4);
    let state = harness.state().state();
    let matrix = state.entity_matrix(ID).unwrap();
    let matrix = matrix.as_ref().as_ref().unwrap();
    let columns = matrix.figure.parts().columns.clone();
    let words: Vec<String> =
        state.run().unwrap().words.words.iter().map(|word| word.text.clone()).collect();
    assert_eq!(columns.len() + 1, words.len(), "one word has no token of its own: {words:?}");
    let grid = named(&harness, Role::Grid, "words of the question").rect();
    // The last cell ends where the grid does.
    click_on(&mut harness, grid.right_bottom() - egui::vec2(8.0, 8.0));
    let selection = harness.state().state().workspace.selection.clone();
    assert_eq!(selection.region, Some(0));
    assert_eq!(selection.subject, Subject::word(words.len() - 1));
    assert_eq!(columns.last(), words.last());
}

#[test]
fn density_is_a_click_away_and_the_panel_says_what_it_means() {
    let mut state = with_a_shared_token();
    state.workspace.view.reading = Reading::Mass;
    let mut harness = window(state, SIZE);
    named(&harness, Role::Button, "Regions × words").click();
    harness.run_steps(4);
    harness.get_by_label_contains("mass: attention inside the region");
    let value = |harness: &Harness<'_, Shell>| {
        let matrix = harness.state().state().entity_matrix(ID).unwrap();
        matrix.as_ref().as_ref().unwrap().figure.value(0, 0).unwrap()
    };
    let mass = value(&harness);
    harness.get_by_role_and_label(Role::Button, "density").click();
    harness.run_steps(4);
    harness
        .get_by_label_contains("density: mass over the part of the picture that the region covers");
    named(&harness, Role::Grid, "attention mass per covered part of the picture");
    let covered = (52.0 * 52.0) / (96.0 * 96.0);
    assert!((value(&harness) - mass / covered).abs() < 1e-9, "{} {mass}", value(&harness));
    harness.get_by_role_and_label(Role::Button, "as maps").click();
    harness.run_steps(4);
    assert_eq!(value(&harness), mass);
}

#[test]
fn the_matrix_is_read_as_the_map_is_where_a_region_has_that_reading() {
    let mut state = with_a_shared_token();
    let mut label = |reading| {
        state.workspace.view.reading = reading;
        let matrix = state.entity_matrix(ID).unwrap();
        matrix.as_ref().as_ref().unwrap().figure.parts().value_label.clone()
    };
    let [mass, share, lift] = [Reading::Mass, Reading::Share, Reading::Lift].map(&mut label);
    assert!(mass.contains("mass") && lift.contains("lift"), "{mass}; {lift}");
    assert_eq!(share, lift, "a share is one of a row, not of a region");
}
