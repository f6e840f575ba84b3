//! A batch's result in the window: opened, a bar pressed, its questions listed, one of them asked again.

use std::{
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use aki_lens::{
    app::{
        BatchChoice, Command, RunId,
        jobs::{
            Batch, ComputeDevice, GroupBy, ScenesRequest, Shard, Split, TaggerChoice, batch, scenes,
        },
    },
    domain::{AttentionMode, Figure, TextRole},
    ui::{Opening, Shell},
};
use egui::{Key, Modifiers, Role};
use egui_kittest::{Harness, kittest::Queryable as _};
use tempfile::TempDir;

use crate::{
    behavior::Dropped,
    exporting::write_to,
    window::{answered, until, window_with},
};

const SIZE: [f32; 2] = [1280.0, 800.0];

/// The embedded model's batch over the questions of a few scenes, made once for all tests.
fn result() -> &'static Path {
    static MADE: OnceLock<PathBuf> = OnceLock::new();
    MADE.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("ui-batch");
        if folder.exists() {
            std::fs::remove_dir_all(&folder).unwrap();
        }
        let (scenes_folder, out) = (folder.join("scenes"), folder.join("result"));
        let request = ScenesRequest {
            n: 2,
            seed: 7,
            split: Split::Test,
            side: 96,
            out: scenes_folder.clone(),
        };
        scenes(&request, &mut |_| ControlFlow::Continue(())).unwrap();
        let request = Batch {
            model: "tabletop/mma".to_owned(),
            modes: vec![AttentionMode::ModalityMutual, AttentionMode::Causal],
            data: scenes_folder.join("questions.tsv"),
            out: out.clone(),
            resume: false,
            shard: Shard::WHOLE,
            prompts: None,
            words: vec![TextRole::Question],
            max_new_tokens: 6,
            tagger: TaggerChoice::Brill,
            dtype: None,
        };
        batch(&request, ComputeDevice::cpu(), &mut |_| ControlFlow::Continue(())).unwrap();
        out
    })
}

/// A window with the result open, its questions read and its bars drawn.
fn with_result(size: [f32; 2]) -> Harness<'static, Shell> {
    let mut harness =
        window_with(size, Opening { batch: vec![result().to_owned()], ..Opening::default() });
    until(&mut harness, |harness| {
        let state = harness.state().state();
        state.batch_chart().is_some() && state.jobs.is_empty()
    });
    harness.run_ok();
    harness
}

/// The label of a bar of a group, as a screen reader tells it.
fn bar_label(harness: &Harness<'_, Shell>, bucket: &str, group: &str) -> String {
    let chart = harness.state().state().batch_chart().unwrap().as_ref().clone().unwrap();
    let Figure::Bars(bars) = chart.figure else { panic!("no bars") };
    assert!(bars.parts().groups.iter().any(|known| known.name == group));
    format!("{bucket}, {group}: ")
}

fn press_bar(harness: &mut Harness<'static, Shell>) -> usize {
    let label = bar_label(harness, "Objects", "mma");
    harness.get_by_label_contains(&label).click();
    harness.run_ok();
    harness.state().state().batch_list().unwrap().rows.len()
}

#[test]
fn a_bar_of_a_batch_lists_its_questions_and_a_question_becomes_a_run() {
    let mut harness = with_result(SIZE);
    assert_eq!(harness.query_all_by_label("tabletop/mma").count(), 2);
    harness.get_by_label_contains("causal, MMA block removed");
    let state = harness.state().state();
    let line = state.batch.as_ref().unwrap().results.headlines[0].clone();
    let n = line.coverage.expected;
    assert_eq!(harness.query_all_by_label(&format!("{n} of {n}")).count(), 2);
    let right = 100.0 * line.accuracy.unwrap().accuracy;
    assert!(harness.query_all_by_label_contains(&format!("{right:.1} % [")).count() >= 1);
    let n_behind = press_bar(&mut harness);
    assert!(n_behind > 0);
    harness.get_by_label(&format!("Objects, mma: {n_behind} questions"));
    // The list is sorted by the bucket's value, so the first row is within sight.
    let state = harness.state().state();
    let first = state.batch_list().unwrap().rows[0];
    let open = state.batch.as_ref().unwrap();
    let opened = &open.results.rows[first.place];
    let question = open.question(opened).unwrap().text.clone();
    let label = format!("question {}: ", opened.row.index);
    harness.get_by_label_contains(&label).click();
    until(&mut harness, |harness| {
        harness.state().state().runs.len() == 1 && harness.state().state().jobs.is_empty()
    });
    harness.run_ok();
    let state = harness.state().state();
    let run = state.run().unwrap();
    assert_eq!((&run.run.question, run.run.mode), (&question, AttentionMode::ModalityMutual));
    assert_eq!(state.workspace.question, question);
    harness.get_by_label_contains("run 1: the prompt and the answer of the record");
    harness.get_by_label_contains("picture: questions.tsv row ");
    let unnamed = harness.unnamed_widgets();
    assert!(unnamed.is_empty(), "{unnamed:#?}");
}

#[test]
fn questions_are_walked_through_with_arrows_and_asked_with_enter() {
    let mut harness = with_result(SIZE);
    let n = press_bar(&mut harness);
    let layers = harness.state().state().workspace.selection.layers.clone();
    let chosen = |harness: &Harness<'_, Shell>| {
        let state = harness.state().state();
        let rows = state.batch_list().unwrap();
        let row = state.workspace.batch.row?;
        rows.rows.iter().position(|listed| listed.place == row)
    };
    assert_eq!(chosen(&harness), None);
    for (key, expected) in [
        (Key::ArrowDown, 0),
        (Key::ArrowDown, 1),
        (Key::ArrowDown, 2),
        (Key::ArrowUp, 1),
        (Key::End, n - 1),
        (Key::ArrowDown, n - 1),
        (Key::Home, 0),
    ] {
        harness.key_press(key);
        harness.run_ok();
        assert_eq!(chosen(&harness), Some(expected), "{key:?}");
    }
    // The same keys go through layers elsewhere.
    assert_eq!(harness.state().state().workspace.selection.layers, layers);
    assert!(harness.state().state().runs.is_empty());
    harness.key_press(Key::ArrowDown);
    harness.run_ok();
    harness.key_press(Key::Enter);
    until(&mut harness, |harness| harness.state().state().runs.len() == 1);
    let state = harness.state().state();
    let place = state.batch_list().unwrap().rows[1].place;
    assert_eq!(state.batch.as_ref().unwrap().asked_again(place).unwrap().run, RunId(0));
}

#[test]
fn a_cell_of_a_table_of_groups_is_chosen_with_arrows_and_lists_its_questions_with_enter() {
    let mut harness = with_result(SIZE);
    let by = GroupBy::Column("category".to_owned());
    let choice = BatchChoice { by, ..harness.state().state().workspace.batch.clone() };
    harness.state().send(Command::SetBatch(Box::new(choice)));
    harness.run_ok();
    until(&mut harness, |harness| harness.state().state().batch_chart().is_some());
    harness.run_ok();
    let chart = harness.state().state().batch_chart().unwrap().as_ref().clone().unwrap();
    let Figure::Matrix(matrix) = chart.figure else { panic!("no table of more than eight groups") };
    let selection = harness.state().state().workspace.selection.clone();
    harness.get_by_role(Role::Grid).focus();
    harness.run_ok();
    for key in [Key::ArrowDown, Key::ArrowDown, Key::ArrowUp, Key::End, Key::Home, Key::ArrowLeft] {
        harness.key_press(key);
        harness.run_ok();
    }
    let (row, column) = (&matrix.parts().rows[1], &matrix.parts().columns[0]);
    let n = chart.groups[1]
        .behind(
            &harness.state().state().batch.as_ref().unwrap().results,
            column.parse().unwrap(),
            harness.state().state().workspace.view.reading,
        )
        .0
        .len();
    assert!(n > 0, "{row} has nothing of {column}");
    harness.get_by_label_contains(&format!("; {row} × {column}, "));
    // Beside the cell too, for whoever looks.
    let told = format!("a click lists its {n} question");
    assert_eq!(harness.query_all_by_label_contains(&told).count(), 2);
    assert_eq!(harness.state().state().workspace.selection, selection, "arrows went elsewhere too");
    harness.key_press(Key::Enter);
    harness.run_ok();
    let bar = harness.state().state().workspace.batch.bar.unwrap();
    assert_eq!((bar.group, bar.bucket.name()), (1, column.as_str()));
    assert_eq!(harness.state().state().batch_list().unwrap().rows.len(), n);
}

#[test]
fn a_list_is_narrowed_by_words_and_answers_sorted_by_a_column_and_left_for_the_bars() {
    let mut harness = with_result(SIZE);
    let n = press_bar(&mut harness);
    harness.get_by_role_and_label(Role::Button, "wrong").click();
    harness.run_ok();
    let wrong = harness.state().state().batch_list().unwrap().rows.len();
    harness.get_by_role_and_label(Role::Button, "right").click();
    harness.run_ok();
    let right = harness.state().state().batch_list().unwrap().rows.len();
    assert_eq!(wrong + right, n);
    harness.get_by_role_and_label(Role::Button, "all").click();
    harness.run_ok();
    harness.get_by_label("sort by row").click();
    harness.run_ok();
    let state = harness.state().state();
    let first = state.batch_list().unwrap().rows[0].place;
    assert_eq!(state.batch.as_ref().unwrap().results.rows[first].row.row, 0);
    let field = harness.get_by_role_and_label(Role::TextInput, "find");
    field.focus();
    harness.step();
    harness.get_by_role_and_label(Role::TextInput, "find").type_text("#3");
    harness.run_ok();
    harness.get_by_label(&format!("Objects, mma: 1 of {n} questions"));
    harness.get_by_label("⏴ Bars").click();
    harness.run_ok();
    assert!(harness.state().state().batch_list().is_none());
    harness.get_by_label_contains(&bar_label(&harness, "Objects", "mma"));
}

#[test]
fn without_a_batch_the_panel_says_how_one_is_made_and_a_dropped_folder_is_opened() {
    let mut harness = answered(SIZE);
    harness.key_press(Key::B);
    harness.run_ok();
    harness.get_by_label("No batch open");
    harness.get_by_label_contains("aki-lens batch --model tabletop/mma");
    let unnamed = harness.unnamed_widgets();
    assert!(unnamed.is_empty(), "{unnamed:#?}");
    // A path that is no batch says what there is not.
    let field = harness.get_by_role_and_label(Role::TextInput, "Folder");
    field.focus();
    harness.step();
    let nowhere = result().join("tables").display().to_string();
    harness.get_by_role_and_label(Role::TextInput, "Folder").type_text(&nowhere);
    harness.run_steps(2);
    harness.key_press(Key::Enter);
    until(&mut harness, |harness| !harness.state().state().notices.is_empty());
    harness.run_ok();
    harness.get_by_label_contains("no record; batch writes one");
    harness.input_mut().dropped_files.push(Arc::new(Dropped(result().to_owned())));
    until(&mut harness, |harness| harness.state().state().batch_chart().is_some());
    harness.run_ok();
    harness.get_by_label_contains(&bar_label(&harness, "Objects", "mma"));
}

#[test]
fn the_palette_names_batches_and_a_chart_is_exported_as_other_panels_do() {
    let folder = TempDir::new().unwrap();
    let mut harness = with_result(SIZE);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::P);
    harness.run_ok();
    let field = harness.get_by_role_and_label(Role::TextInput, "What would you like to do?");
    field.type_text("batch");
    harness.run_steps(2);
    harness.get_by_label_contains("Open a batch result");
    harness.key_press(Key::Escape);
    harness.run_ok();
    harness.get_by_label("Export: Batch: attention by bucket").click();
    harness.run_ok();
    let path = folder.path().join("batch.svg");
    write_to(&mut harness, &path);
    until(&mut harness, |_| path.is_file());
    assert!(std::fs::read_to_string(&path).unwrap().contains("tabletop/mma"));
}

#[test]
fn a_small_window_shows_a_batch_and_its_questions_within_its_borders() {
    let mut harness = with_result([900.0, 600.0]);
    let inside = |harness: &Harness<'_, Shell>, label: &str| {
        let rect = harness.get_by_label_contains(label).rect();
        let is_inside = rect.min.x >= 0.0 && rect.max.x <= 900.0 && rect.max.y <= 600.0;
        assert!(is_inside, "{label}: {rect:?}");
    };
    for label in ["Batch ⏷", "Export: Batch", "causal, MMA block removed"] {
        inside(&harness, label);
    }
    inside(&harness, &bar_label(&harness, "Objects", "mma"));
    press_bar(&mut harness);
    let first = harness.state().state().batch_list().unwrap().rows[0].place;
    let index = &harness.state().state().batch.as_ref().unwrap().results.rows[first].row.index;
    let label = format!("question {index}: ");
    for label in ["⏴ Bars", "sort by question", &label] {
        inside(&harness, label);
    }
    // What the mask closes lists its questions as well.
    harness.get_by_label("⏴ Bars").click();
    harness.run_ok();
    let label = bar_label(&harness, "Objects", "causal");
    harness.get_by_label_contains(&format!("{label}closed by the mask")).click();
    harness.run_ok();
    assert!(
        harness.query_all_by_label_contains("lift closed").count()
            + harness.query_all_by_label_contains("share closed").count()
            > 0
    );
    harness.state().send(Command::CloseBatch);
    harness.run_ok();
    harness.get_by_label("No batch open");
}
