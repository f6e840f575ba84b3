//! What a person does, found by the names that a screen reader tells.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use aki_lens::{
    app::{Command, Maybe, RunId, Subject, jobs::Projection},
    domain::{AttentionMode, Bucket, Choice, Heatmap, Reading},
    ui::Shell,
};
use egui::{Key, Modifiers, Role};
use egui_kittest::{
    Harness, Node,
    kittest::{NodeT as _, Queryable as _},
};

use crate::{
    keys::named,
    window::{answered, until, window},
};

const SIZE: [f32; 2] = [1280.0, 800.0];

fn word_labels(harness: &Harness<'_, Shell>) -> Vec<String> {
    let run = harness.state().state().run();
    let words = run.into_iter().flat_map(|run| run.words.words.iter().enumerate());
    words.map(|(i, word)| format!("word {}: {}", i + 1, word.text)).collect()
}

#[derive(Debug)]
pub(crate) struct Dropped(pub(crate) PathBuf);

impl egui::DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        std::fs::read(&self.0).map_err(|e| e.to_string())
    }
}

fn picture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/readme/tabletop.png")
}

#[test]
fn the_first_minute_shows_a_picture_an_answer_and_a_map_of_what_is_asked_for() {
    let harness = answered(SIZE);
    let state = harness.state().state();
    let run = state.run().unwrap();
    assert!(!run.run.answer.is_empty());
    let Subject::Words(words) = &state.workspace.selection.subject else { panic!("no word") };
    let chosen = *words.first().unwrap();
    assert_eq!(run.words.words[chosen].bucket, Bucket::Objects);
    let map = state.heatmap(RunId(0), &Subject::word(chosen)).unwrap();
    assert!(map.as_ref().as_ref().unwrap().range().unwrap().1 > 0.0);
    for label in word_labels(&harness) {
        harness.get_by_label(&label);
    }
    harness.get_by_label_contains("picture: tabletop scene");
    assert!(harness.query_all_by_label_contains("answer token").count() >= 1);
    assert!(state.notices.is_empty(), "{:?}", state.notices);
}

#[test]
fn a_click_chooses_a_word_for_all_panels_and_shift_adds_another() {
    let mut harness = answered(SIZE);
    let labels = word_labels(&harness);
    harness.get_by_label(&labels[0]).click();
    harness.run_ok();
    assert_eq!(harness.state().state().workspace.selection.subject, Subject::word(0));
    harness.get_by_label(&labels[2]).click_modifiers(Modifiers::SHIFT);
    harness.run_ok();
    let subject = harness.state().state().workspace.selection.subject.clone();
    assert_eq!(subject, Subject::Words([0, 2].into()));
}

#[test]
fn a_typed_question_is_asked_with_enter() {
    let mut harness = answered(SIZE);
    let field = harness.get_by_role_and_label(Role::TextInput, "Question");
    field.focus();
    harness.step();
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.step();
    let field = harness.get_by_role_and_label(Role::TextInput, "Question");
    field.type_text("How many things are there?");
    harness.step();
    harness.step();
    assert_eq!(harness.state().state().workspace.question, "How many things are there?");
    harness.key_press(Key::Enter);
    until(&mut harness, |harness| harness.state().state().runs.len() == 2);
    let state = harness.state().state();
    assert_eq!(state.run().unwrap().run.question, "How many things are there?");
    assert_eq!(state.workspace.selection.run, Some(RunId(1)));
}

#[test]
fn a_dropped_picture_is_opened_and_nothing_of_the_last_one_stays() {
    let mut harness = answered(SIZE);
    harness.input_mut().dropped_files.push(Arc::new(Dropped(picture())));
    until(&mut harness, |harness| {
        harness.state().state().picture.as_ref().is_some_and(|p| p.name == "tabletop.png")
    });
    let state = harness.state().state();
    assert!(state.run().is_none());
    assert!(state.regions.is_none());
}

#[test]
fn a_pasted_picture_is_opened_and_so_is_the_path_of_one() {
    let mut harness = answered(SIZE);
    let mut pixels = vec![egui::Color32::from_rgb(10, 20, 30); 6];
    pixels[5] = egui::Color32::from_rgba_unmultiplied(200, 100, 50, 128);
    let image = Arc::new(egui::ColorImage::new([3, 2], pixels));
    harness.event(egui::Event::PasteImage(image));
    until(&mut harness, |harness| {
        harness.state().state().picture.as_ref().is_some_and(|p| p.name == "pasted picture")
    });
    let state = harness.state().state();
    assert!(state.run().is_none() && state.regions.is_none());
    let pasted = &state.picture.as_ref().unwrap().image;
    assert_eq!((pasted.size.width, pasted.size.height), (3, 2));
    assert_eq!(pasted.rgb[..3], [10, 20, 30]);
    // Alpha is dropped, so colors are what they were without it, up to the rounding of 8 bits.
    let half_seen: Vec<i32> = pasted.rgb[15..].iter().map(|value| i32::from(*value)).collect();
    for (value, expected) in half_seen.iter().zip([200, 100, 50]) {
        assert!((value - expected).abs() <= 2, "{half_seen:?}");
    }
    // Text stays text while it is typed; elsewhere a path is the file.
    let path = picture().display().to_string();
    harness.get_by_role_and_label(Role::TextInput, "Question").focus();
    harness.run_ok();
    harness.event(egui::Event::Paste(path.clone()));
    harness.run_ok();
    assert_eq!(harness.state().state().picture.as_ref().unwrap().name, "pasted picture");
    harness.get_by_role_and_label(Role::Button, "Ask").focus();
    harness.run_ok();
    harness.event(egui::Event::Paste(path));
    until(&mut harness, |harness| {
        harness.state().state().picture.as_ref().is_some_and(|p| p.name == "tabletop.png")
    });
    // As a file manager copies it.
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("a table & 100 %.png");
    std::fs::copy(picture(), &copy).unwrap();
    let url = format!("file://{}/a%20table%20&%20100%20%25.png", folder.path().display());
    harness.event(egui::Event::Paste(url));
    until(&mut harness, |harness| {
        let here = &harness.state().state().picture;
        here.as_ref().is_some_and(|p| p.name == "a table & 100 %.png")
    });
}

#[test]
fn a_path_is_typed_into_the_field_of_the_picture_menu() {
    let mut harness = answered(SIZE);
    harness.get_by_label("Picture ⏷").click();
    harness.run_ok();
    // A person clicks into the field, which must not close the menu.
    harness.get_by_role_and_label(Role::TextInput, "Path").click();
    harness.run_ok();
    let path = picture().display().to_string();
    harness.get_by_role_and_label(Role::TextInput, "Path").type_text(&path);
    harness.run_steps(2);
    harness.key_press(Key::Enter);
    until(&mut harness, |harness| {
        harness.state().state().picture.as_ref().is_some_and(|p| p.name == "tabletop.png")
    });
}

#[test]
fn a_file_that_is_no_picture_says_so_until_it_is_dismissed() {
    let mut harness = answered(SIZE);
    harness.state().send(Command::OpenPicture(PathBuf::from("there/is/no.png")));
    until(&mut harness, |harness| !harness.state().state().notices.is_empty());
    harness.run_ok();
    harness.get_by_label_contains("there/is/no.png");
    harness.get_by_label("Dismiss").click();
    harness.run_ok();
    assert!(harness.state().state().notices.is_empty());
}

#[test]
fn undo_takes_back_a_choice_that_stood_still_and_redo_makes_it_again() {
    let mut harness = answered(SIZE);
    let before = harness.state().state().workspace.clone();
    harness.get_by_label(&word_labels(&harness)[0]).click();
    harness.run_ok();
    let after = harness.state().state().workspace.clone();
    assert_ne!(before, after);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    harness.run_ok();
    assert_ne!(harness.state().state().workspace.selection.subject, after.selection.subject);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Y);
    harness.run_ok();
    assert_eq!(harness.state().state().workspace.selection.subject, after.selection.subject);
}

#[test]
fn arrows_walk_through_words_and_layers() {
    let mut harness = answered(SIZE);
    harness.state().send(Command::SelectSubject(Subject::word(0)));
    harness.run_ok();
    harness.key_press(Key::ArrowRight);
    harness.run_ok();
    assert_eq!(harness.state().state().workspace.selection.subject, Subject::word(1));
    harness.key_press(Key::ArrowDown);
    harness.run_ok();
    assert_eq!(harness.state().state().workspace.selection.layers, Choice::Only(vec![0]));
    harness.key_press(Key::CloseBracket);
    harness.run_ok();
    assert_eq!(harness.state().state().workspace.selection.heads, Choice::Only(vec![0]));
    harness.key_press(Key::OpenBracket);
    harness.run_ok();
    let n_heads = harness.state().state().head_maps(RunId(0), &Subject::word(1));
    let last = *n_heads.unwrap().as_ref().as_ref().unwrap().heads.last().unwrap();
    assert_eq!(harness.state().state().workspace.selection.heads, Choice::Only(vec![last]));
    harness.key_press(Key::A);
    harness.run_ok();
    let selection = &harness.state().state().workspace.selection;
    assert_eq!((&selection.layers, &selection.heads), (&Choice::All, &Choice::All));
}

#[test]
fn one_drag_goes_through_the_layers_and_its_left_end_is_the_mean() {
    let mut harness = answered(SIZE);
    let maps = harness.state().state().head_maps(RunId(0), &Subject::word(0)).unwrap();
    let layers = maps.as_ref().as_ref().unwrap().layers.clone();
    for (at, expected) in [
        (layers.len(), Choice::Only(vec![*layers.last().unwrap()])),
        (1, Choice::Only(vec![layers[0]])),
        (0, Choice::All),
    ] {
        let slider = harness.get_by_role_and_label(Role::Slider, "layer");
        slider.set_value_accesskit(at as f64);
        harness.run_ok();
        assert_eq!(harness.state().state().workspace.selection.layers, expected);
    }
}

#[test]
fn the_question_mark_shows_all_keys_and_the_palette_does_what_is_chosen() {
    let mut harness = answered(SIZE);
    harness.key_press(Key::Questionmark);
    harness.run_ok();
    harness.get_by_label("Mean of all layers and heads");
    harness.key_press(Key::Escape);
    harness.run_ok();
    assert!(harness.query_by_label("Mean of all layers and heads").is_none());
    harness.key_press_modifiers(Modifiers::COMMAND, Key::P);
    harness.run_ok();
    let field = harness.get_by_role_and_label(Role::TextInput, "What would you like to do?");
    field.type_text("borders");
    harness.run_steps(2);
    harness.key_press(Key::Enter);
    harness.run_ok();
    assert!(harness.state().state().workspace.view.has_patch_grid);
}

#[test]
fn a_word_gets_another_bucket_and_the_bars_follow() {
    let mut harness = answered(SIZE);
    let before = harness.state().state().bars(RunId(0)).unwrap();
    let word = harness.state().state().run().unwrap().words.words[0].bucket;
    let other = if word == Bucket::Actions { Bucket::Objects } else { Bucket::Actions };
    harness.get_by_label(&word_labels(&harness)[0]).click_secondary();
    harness.run_ok();
    harness.get_by_role_and_label(Role::Button, other.name()).click();
    harness.run_ok();
    let state = harness.state().state();
    assert_eq!(state.words(RunId(0)).unwrap().as_ref().as_ref().unwrap().words[0].bucket, other);
    let after = state.bars(RunId(0)).unwrap();
    assert_ne!(before.as_ref().as_ref().unwrap(), after.as_ref().as_ref().unwrap());
}

#[test]
fn the_same_question_under_the_causal_mask_stands_beside_with_its_badge() {
    let mut harness = answered(SIZE);
    harness.get_by_label("Compare").click();
    harness.run_ok();
    harness.get_by_label("causal").click();
    until(&mut harness, |harness| harness.state().state().workspace.beside.is_some());
    harness.run_ok();
    let state = harness.state().state();
    assert_eq!(state.run_of(RunId(1)).unwrap().run.mode, AttentionMode::Causal);
    assert_eq!(state.run_of(RunId(1)).unwrap().run.question, state.run().unwrap().run.question);
    assert_eq!(harness.query_all_by_label_contains("picture: tabletop scene").count(), 4);
    harness.get_by_label("right − left");
    // Both sides on one scale, and a difference whose scale is the same to both sides of 0.
    let subject = state.workspace.selection.subject.clone();
    let compared = state.compared([RunId(0), RunId(1)], &subject);
    let high = |map: &Option<Arc<Maybe<Heatmap>>>| {
        map.as_ref().unwrap().as_ref().as_ref().unwrap().range().unwrap().1
    };
    assert_eq!(compared.scale.1, high(&compared.maps[0]).max(high(&compared.maps[1])));
    assert_eq!(harness.query_all_by_label_contains("scale from −").count(), 1);
}

#[test]
fn sinks_are_marked_by_a_stated_threshold_and_left_out_on_request() {
    let mut harness = answered(SIZE);
    harness.get_by_label("Sinks").click();
    harness.run_ok();
    assert_eq!(harness.state().state().workspace.view.sink_threshold, 10.0);
    harness.get_by_label("a sink gets at least");
    // Low enough that some word is one.
    let mut view = harness.state().state().workspace.view.clone();
    (view.sink_threshold, view.has_template) = (1.0, true);
    harness.state().send(Command::SetView(view));
    harness.run_ok();
    let state = harness.state().state();
    let n = state.sinks(RunId(0)).unwrap().as_ref().as_ref().unwrap().found.len();
    assert!(n > 0);
    assert!(harness.query_all_by_label_contains(", a sink").count() > 0);
    harness.get_by_label("leave sinks out of maps").click();
    harness.run_ok();
    let state = harness.state().state();
    let subject = state.workspace.selection.subject.clone();
    let map = state.heatmap(RunId(0), &subject).unwrap();
    assert!(map.as_ref().as_ref().unwrap().excluded > 0.0);
    harness.get_by_label_contains("% on sinks");
}

#[test]
fn a_latent_is_found_by_its_numbers_and_shown_over_the_picture() {
    let mut harness = answered(SIZE);
    harness.get_by_label("Latents").click();
    harness.run_ok();
    harness.get_by_label_contains("latent 0:");
    harness.get_by_label("sort by in map").click();
    harness.run_ok();
    let state = harness.state().state();
    let subject = state.workspace.selection.subject.clone();
    let parts = state.latent_parts(RunId(0), &subject).unwrap();
    let parts = parts.as_ref().as_ref().unwrap();
    let most = (0..parts.len()).max_by(|a, b| parts[*a].total_cmp(&parts[*b])).unwrap();
    // The one that holds most of the map stands first, so it is within sight.
    harness.get_by_label_contains(&format!("latent {most}:")).click();
    harness.run_ok();
    let state = harness.state().state();
    assert_eq!(state.workspace.selection.subject, Subject::latent(most));
    harness.get_by_label(&format!("latent {most}"));
    harness.get_by_label_contains("comes from patches;");
    harness.key_press(Key::ArrowRight);
    harness.run_ok();
    let subject = harness.state().state().workspace.selection.subject.clone();
    assert_eq!(subject, Subject::latent((most + 1) % parts.len()));
}

#[test]
fn a_map_is_read_and_carried_back_as_chosen_over_the_picture() {
    let mut harness = answered(SIZE);
    for (menu, entry) in [("share ⏷", "lift: times"), ("composed ⏷", "last layer:")] {
        harness.get_by_label(menu).click();
        harness.run_ok();
        harness.get_by_label_contains(entry).click();
        harness.run_ok();
    }
    let view = &harness.state().state().workspace.view;
    assert_eq!((view.reading, view.projection), (Reading::Lift, Projection::LastLayer));
    harness.get_by_label("lift ⏷");
    harness.get_by_label_contains("of the mass has no place");
}

#[test]
fn every_control_has_a_name() {
    let harness = answered(SIZE);
    let unnamed = harness.unnamed_widgets();
    assert!(unnamed.is_empty(), "{unnamed:#?}");
}

#[test]
fn the_smallest_window_cuts_nothing_off_that_is_needed_to_ask() {
    let harness = answered([900.0, 600.0]);
    for label in ["Ask", "Picture ⏷", "attention mma ⏷", "model tabletop/mma ⏷", "best device ⏷"]
    {
        let rect = harness.get_by_label(label).rect();
        assert!(
            rect.min.x >= 0.0 && rect.max.x <= 900.0 && rect.max.y <= 600.0,
            "{label}: {rect:?}"
        );
    }
    let field = harness.get_by_role_and_label(Role::TextInput, "Question").rect();
    assert!(field.width() >= 120.0 && field.max.x <= 900.0, "{field:?}");
}

#[test]
fn a_window_where_nothing_happens_asks_for_no_frame() {
    let mut harness = answered(SIZE);
    // What was arranged last has to stand still for a moment before it is a step of undo.
    until(&mut harness, |harness| {
        let views = harness.output().viewport_output.values();
        views.map(|view| view.repaint_delay).min().is_some_and(|delay| delay.as_secs() > 3600)
    });
}

#[test]
fn the_tour_is_shown_once_and_dismissed_for_ever() {
    let harness = window(SIZE);
    assert!(harness.query_by_label("Do not show again").is_none());
    assert!(harness.state().state().settings.tour_done);
}

#[test]
fn rust_bert_is_chosen_where_words_are_and_says_that_it_is_not_built_and_who_answers() {
    let mut harness = answered(SIZE);
    harness.get_by_label("tagger brill ⏷").click();
    harness.run_ok();
    harness.get_by_label_contains("This question was tagged by brill.");
    harness.get_by_label_contains("rust-bert: MobileBERT").click();
    until(&mut harness, |harness| {
        harness.query_by_label("tagger rust-bert: not built ⏷").is_some()
    });
    harness.run_ok();
    harness.get_by_label_contains("pos-rust-bert/README.md");
    harness.get_by_role_and_label(Role::TextInput, "Model folder");
    harness.key_press(Key::Escape);
    harness.run_ok();
    harness.state().send(Command::Ask);
    until(&mut harness, |harness| harness.state().state().runs.len() == 2);
    harness.run_ok();
    let state = harness.state().state();
    assert!(state.notices.iter().any(|n| n.text.starts_with("tagged by the embedded tagger:")));
    harness.get_by_label("tagger rust-bert: not built ⏷").click();
    harness.run_ok();
    harness.get_by_label_contains("This question fell back to brill.");
}

#[test]
fn what_the_next_run_records_stands_beside_the_question() {
    let mut harness = answered(SIZE);
    let told = |harness: &Harness<'_, Shell>| {
        harness.state().state().next_recording().unwrap().as_ref().unwrap().bytes
    };
    until(&mut harness, |harness| harness.query_by_label_contains("records ≤").is_some());
    let short = told(&harness);
    harness.state().send(Command::SetMaxNewTokens(400));
    until(&mut harness, |harness| told(harness) > 2 * short);
    harness.run_ok();
    let megabytes = told(&harness) as f64 / 1e6;
    harness.get_by_label(&format!("records ≤ {megabytes:.1} MB"));
}

#[test]
fn what_is_knocked_out_is_told_and_a_sweep_is_a_table_with_its_control() {
    let mut harness = answered(SIZE);
    harness.get_by_label("Knock-out").click();
    harness.run_ok();
    harness.get_by_label("Nothing taken away yet");
    harness.get_by_label("Knock out").click();
    until(&mut harness, |harness| harness.state().state().findings.len() == 1);
    harness.run_ok();
    harness.get_by_label_contains("pairs closed in each");
    harness.get_by_label_contains(" nats");
    // Of one thing after another.
    harness.get_by_label("Sweep").click();
    until(&mut harness, |harness| harness.state().state().findings.len() == 2);
    harness.run_ok();
    harness.get_by_label("rank");
    harness.get_by_label_contains("change of the answer's log-probability (nats): ");
    // The first one is a click away.
    harness.get_by_label_contains("image → question").click();
    harness.run_ok();
    assert_eq!(harness.state().state().shown_cause().unwrap().0, 0);
    let unnamed = harness.unnamed_widgets();
    assert!(unnamed.is_empty(), "{unnamed:#?}");
}

#[test]
fn two_runs_are_compared_in_full_and_the_panel_says_what_it_needs_before() {
    let mut harness = answered(SIZE);
    harness.get_by_label("Difference").click();
    harness.run_ok();
    harness.get_by_label("One run");
    harness.state().send(Command::AskBeside(AttentionMode::Causal));
    until(&mut harness, |harness| harness.state().state().workspace.beside.is_some());
    harness.run_ok();
    harness.get_by_label("Compare in full").click();
    until(&mut harness, |harness| harness.state().state().shown_contrast().is_some());
    harness.run_ok();
    harness.get_by_label("log-prob. under left");
    // Four answers' log-probabilities, each in full behind its rounded number.
    let in_full = |node: &Node<'_>| {
        let value = node.accesskit_node().value().unwrap_or_default();
        node.accesskit_node().role() == Role::Cell && value.starts_with("log-probability ")
    };
    assert_eq!(harness.query_all_by(|_| true).filter(in_full).count(), 4);
    // The example lies in no file, so its pixels are what is told from others.
    harness.get_by_label_contains("same picture (sha256 of its pixels ");
    // Figures that nothing is chosen at tell their numbers to the keyboard as well.
    for (figure, told) in [
        ("drift of the latents, 0 to 2 by after layer", "; after layer 1: "),
        ("left: mma: Objects ", ". Relations, left: mma: "),
    ] {
        named(&harness, Role::Image, figure).focus();
        harness.run_steps(2);
        harness.key_press(Key::ArrowRight);
        harness.run_ok();
        named(&harness, Role::Image, told);
    }
    harness.get_by_label("Export: Comparison: all of it in one figure");
    harness.get_by_label("Compare").click();
    harness.run_ok();
    harness.get_by_label("Export: Comparison: all of it in one figure");
}

#[test]
fn under_the_picture_of_the_smallest_window_stand_two_lines_and_the_rest_is_a_click_away() {
    let mut harness = answered([900.0, 600.0]);
    let panel = harness.get_by_label("panel: Picture").rect();
    let picture = harness.get_by_label_contains("picture: tabletop scene").rect();
    let foot = panel.bottom() - picture.bottom();
    assert!(foot <= 62.0, "{foot} points under the picture");
    assert!(picture.height() >= 140.0, "{picture:?}");
    let more = harness.get_by_label("more \u{23f7}").rect();
    assert!(panel.contains_rect(more), "{more:?} in {panel:?}");
    harness.get_by_label("more \u{23f7}").click();
    harness.run_ok();
    harness.get_by_label_contains("of what the row pays to the picture has no place");
    harness.get_by_label_contains("share: of what a row pays to the picture");
    harness.get_by_label_contains("all latents alike");
    harness.get_by_label_contains("latents to patches: ");
}

#[test]
fn two_maps_that_are_the_same_have_no_scale_and_say_so() {
    let mut harness = answered(SIZE);
    harness.state().send(Command::SetBeside(Some(RunId(0))));
    harness.get_by_label("Compare").click();
    harness.run_ok();
    harness.get_by_label_contains("both maps are the same, number for number");
    assert!(harness.query_by_label_contains("scale from \u{2212}").is_none());
}
