//! Two sides of one picture: what a comparison says, and what it refuses to say.

use std::{ops::ControlFlow, path::PathBuf};

use aki_lens::{
    analysis::{first_differing_token, latent_drift, word_differences},
    app::jobs::{
        Compare, Comparison, MapAsked, Measure, SideRequest, TaggerChoice, TrainedUnder, compare,
    },
    domain::AttentionMode,
};
use serde_json::Value;
use tempfile::TempDir;

use crate::{
    cli::{QUESTION, aki_lens, check_failure, specimen, text},
    golden::{device, golden_folder, silent},
};

fn request(left: &str, right: &str) -> Compare {
    let (model, image) = specimen();
    let side = |mode: &str| SideRequest { model: model.clone(), mode: mode.parse().unwrap() };
    Compare {
        image: PathBuf::from(image),
        question: QUESTION.to_owned(),
        right_question: None,
        contrast_question: Compare::CONTRAST.to_owned(),
        left: side(left),
        right: side(right),
        max_new_tokens: 16,
        dtype: None,
        tagger: TaggerChoice::Brill,
        edits: Vec::new(),
        measure: Measure::default(),
        map: MapAsked::AnsweredFrom,
    }
}

fn run(request: &Compare) -> Comparison {
    compare(request, device(), &mut silent()).unwrap()
}

#[test]
fn words_and_tokens_are_marked_where_answers_part() {
    let marked = |left: &str, right: &str| {
        word_differences(left, right).map(|words| {
            let mark = |w: &aki_lens::analysis::ComparedWord| {
                if w.differs { format!("[{}]", w.text) } else { w.text.clone() }
            };
            words.iter().map(mark).collect::<Vec<_>>().join(" ")
        })
    };
    assert_eq!(marked("a red cup", "a blue cup"), ["a [red] cup", "a [blue] cup"]);
    assert_eq!(marked("cup", "a cup here"), ["cup", "[a] cup [here]"]);
    assert_eq!(marked("", "x"), ["", "[x]"]);
    assert_eq!(marked("x y", "y x"), ["[x] y", "y [x]"]);
    assert_eq!(first_differing_token(&[1, 2, 3], &[1, 2, 3]), None);
    assert_eq!(first_differing_token(&[1, 2, 3], &[1, 5]), Some(1));
    assert_eq!(first_differing_token(&[1, 2], &[1, 2, 3]), Some(2));
}

#[test]
fn drift_is_a_relative_distance() {
    let states = |values: &[f32]| vec![values.to_vec()];
    assert_eq!(latent_drift(&states(&[3.0, 4.0]), &states(&[3.0, 4.0]), 2), [0.0]);
    assert_eq!(latent_drift(&states(&[3.0, 4.0]), &states(&[-3.0, -4.0]), 2), [2.0]);
    // One latent of two moved: 2 * 5 / (5 + 10), then the mean.
    let (a, b) = (states(&[3.0, 4.0, 1.0, 0.0]), states(&[6.0, 8.0, 1.0, 0.0]));
    assert!((latent_drift(&a, &b, 2)[0] - 1.0 / 3.0).abs() < 1e-12);
    assert_eq!(latent_drift(&states(&[0.0, 0.0]), &states(&[0.0, 0.0]), 2), [0.0]);
}

#[test]
fn a_side_is_named_by_model_and_mode_and_the_last_colon_counts() {
    let side: SideRequest = "C:/models/x:y:sparsity50".parse().unwrap();
    assert_eq!((side.model.as_str(), side.mode), ("C:/models/x:y", AttentionMode::Sparsity(50)));
    for wrong in ["tabletop", ":mma", "x:", "x:mmm"] {
        assert!(wrong.parse::<SideRequest>().is_err(), "{wrong}");
    }
}

#[test]
fn weights_beside_their_training_are_labelled() {
    let folder = TempDir::new().unwrap();
    let of = |name: &str| TrainedUnder::of(name, folder.path());
    let causal = AttentionMode::Causal;
    let mma = AttentionMode::ModalityMutual;
    assert_eq!(of("tabletop/mma").mode, Some(mma));
    assert_eq!(of("tabletop/causal").beside(causal), None);
    assert_eq!(of("tabletop/mma").beside(AttentionMode::Sparsity(100)), None);
    let removed = of("tabletop/mma").beside(causal).unwrap();
    assert!(removed.starts_with("MMA block removed"), "{removed}");
    assert!(of("tabletop/causal").beside(mma).unwrap().contains("MMA block opened"));
    let unknown = of("some/folder");
    assert_eq!((unknown.mode, unknown.beside(mma)), (None, None));
    assert!(unknown.because.contains("nothing"), "{}", unknown.because);
    assert!(unknown.beside(causal).unwrap().contains("if it was trained under mma"));
    std::fs::write(folder.path().join("training.json"), r#"{"attention": "mixed"}"#).unwrap();
    assert_eq!(of("some/folder").mode, Some(AttentionMode::Mixed));
}

#[test]
fn one_set_of_weights_under_two_masks_says_what_the_block_does() {
    let comparison = run(&request("mma", "causal"));
    let report = &comparison.report;
    let difference = &report.difference;
    let drift = &difference.latent_drift_by_layer;
    assert_eq!((drift.left.len(), drift.right.len()), (4, 4));
    assert!(drift.right.iter().all(|d| *d == 0.0), "{:?}", drift.right);
    assert!(drift.left.iter().all(|d| *d > 0.0), "{:?}", drift.left);
    assert_eq!(difference.out_of_distribution, ["right"]);
    assert!(difference.labels.right.as_ref().unwrap().contains("MMA block removed"));

    // Its own answer under its own side is as likely as when it was written.
    let own = difference.logprob.left_answer.left.unwrap();
    let written: f64 = comparison.examined.left.run.answer_logprobs.iter().sum();
    assert!((own - written).abs() < 1e-4, "{own} {written}");
    let tokens = difference.logprob_by_token.left_answer.right.as_ref().unwrap();
    assert_eq!(tokens.len(), comparison.examined.left.run.answer_ids.len());
    let total = difference.logprob.left_answer.right.unwrap();
    assert!((tokens.iter().sum::<f64>() - total).abs() < 1e-9);

    let map = difference.map_difference.as_ref().unwrap();
    assert_eq!(map.len(), difference.map.left.values.as_ref().unwrap().len());
    assert!(difference.not_comparable.iter().any(|r| r.contains("zero by construction")));
    for layer in difference.by_layer.left.iter().chain(&difference.by_layer.right) {
        let shares =
            [layer.latents_on_text, layer.words_on_picture.unwrap(), layer.answer_on_picture];
        assert!(shares.iter().all(|s| *s > 0.0 && *s < 1.0), "{layer:?}");
        assert!(layer.answer_entropy > 0.0, "{layer:?}");
    }
    let trust = &report.trust;
    assert!(trust.same_weights && trust.same_tokens && trust.shared_resampler);
    assert_eq!(trust.differs, ["attention (mma and causal)"]);
    assert_eq!(trust.picture_sha256.len(), 64);
}

#[test]
fn the_same_side_twice_differs_in_nothing() {
    let report = run(&request("mma", "mma")).report;
    let difference = &report.difference;
    assert_eq!(difference.first_differing_token, None);
    assert_eq!(difference.logprob.left_answer.left, difference.logprob.left_answer.right);
    assert!(difference.map_difference.as_ref().unwrap().iter().all(|d| *d == 0.0));
    assert!(difference.words.left.iter().all(|word| !word.differs));
    assert!(report.trust.differs.is_empty() && difference.out_of_distribution.is_empty());
}

#[test]
fn two_questions_on_one_picture_drift_apart_from_each_other() {
    let other = "Where is the ball?".to_owned();
    let request = Compare { right_question: Some(other.clone()), ..request("mma", "mma") };
    let report = run(&request).report;
    assert_eq!(report.difference.latent_drift_between, [QUESTION.to_owned(), other]);
    let drift = &report.difference.latent_drift_by_layer;
    assert_eq!(drift.left, drift.right, "the same mask, the same two questions");
    assert!(!report.trust.same_tokens);
    assert_eq!(report.trust.differs, ["question", "tokens of the prompt"]);
}

#[test]
fn models_that_do_not_fit_are_compared_as_far_as_they_do() {
    let folder = golden_folder().join("llama/checkpoint");
    let mut request = request("mma", "mma");
    request.right.model = folder.to_str().unwrap().to_owned();
    let comparison = run(&request);
    let difference = &comparison.report.difference;
    assert!(difference.logprob.left_answer.left.is_some());
    assert_eq!(difference.logprob.left_answer.right, None);
    assert_eq!(difference.first_differing_token, None);
    assert_eq!(difference.map_difference, None);
    let reasons = difference.not_comparable.join("; ");
    assert!(reasons.contains("tokenizers differ"), "{reasons}");
    assert!(reasons.contains("other patches"), "{reasons}");
    assert!(!comparison.report.trust.same_weights && !comparison.report.trust.shared_vision);
}

#[test]
fn a_comparison_stops_where_it_is_told_to() {
    let mut n = 0;
    let mut listener = |_| {
        n += 1;
        if n > 40 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let error = compare(&request("mma", "causal"), device(), &mut listener).unwrap_err();
    assert!(format!("{error:#}").contains("stopped"), "{error:#}");
}

#[test]
fn the_command_writes_both_runs_and_their_difference() {
    let (model, image) = specimen();
    let (left, right) = (format!("{model}:mma"), format!("{model}:causal"));
    let base = ["compare", "--device", "cpu", "--image", &image, "--question", QUESTION];
    let sides = ["--left", &left, "--right", &right];
    let output = aki_lens(&[&base[..], &sides, &["--json", "-"]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["version"], 1);
    for side in ["left", "right"] {
        assert_eq!(report[side]["question"], QUESTION);
        assert!(report[side]["by_bucket"]["share"].is_object());
    }
    let difference = &report["difference"];
    for answer in ["left_answer", "right_answer"] {
        for side in ["left", "right"] {
            assert!(difference["logprob"][answer][side].is_f64(), "{answer} {side}");
        }
    }
    assert_eq!(difference["latent_drift_by_layer"]["right"].as_array().unwrap().len(), 4);
    assert_eq!(difference["out_of_distribution"][0], "right");
    assert!(
        difference["first_differing_token"].is_u64()
            || difference["first_differing_token"].is_null()
    );
    let folder = TempDir::new().unwrap();
    for name in ["c.svg", "c.png"] {
        let path = folder.path().join(name);
        let figure = ["--figure", path.to_str().unwrap(), "-q"];
        let output = aki_lens(&[&base[..], &sides, &figure].concat());
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        let bytes = std::fs::read(&path).unwrap();
        if name == "c.svg" {
            let svg = String::from_utf8(bytes).unwrap();
            for part in ["MMA block removed", "log p(left answer)", "unplaced", "sha256", QUESTION]
            {
                assert!(svg.contains(part), "{part}");
            }
            assert!(!svg.contains("href=\"#picture\""), "each picture has a name of its own");
        } else {
            assert!(bytes.starts_with(b"\x89PNG"));
        }
    }
    check_failure(&[&base[..], &sides, &["--figure", "x.pdf"]].concat(), &["x.pdf"]);
    let printed = text(&aki_lens(&[&base[..], &sides].concat()).stdout);
    assert!(printed.contains("MMA block removed") && printed.contains("sha256"), "{printed}");
    check_failure(&[&base[..], &["--left", "x", "--right", &right]].concat(), &["MODEL:MODE"]);
}
