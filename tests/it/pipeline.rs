//! Whole runs: what must hold of answers, patterns and recordings.

use std::{collections::BTreeMap, fs, ops::ControlFlow};

use aki_lens::{
    domain::{
        AttentionMode, AttentionPattern, AttentionSite, Block, Choice, Ending, Precision, Progress,
        RecordSpec, Run, Tower, TowerSpec,
    },
    inference::{Asked, Engine, RunRequest},
    model::Dtype,
    vision::{self, DecodedImage},
};
use serde::Deserialize;

use crate::golden::{golden_folder, open_engine, silent};

const CASES: [&str; 7] = [
    "phi3_plain",
    "phi3_longrope",
    "llama",
    "qwen2",
    "qwen3",
    "phi3_patches25",
    "llama_three_shards",
];
const MODES: [&str; 7] =
    ["causal", "mma", "sparsity50", "generalised", "mixed", "cca", "text_first"];

fn open(case: &str) -> (Engine, DecodedImage) {
    let folder = golden_folder().join(case);
    let image = vision::open(&folder.join("inputs/image.png")).unwrap();
    (open_engine(&folder.join("checkpoint"), None), image)
}

fn request(mode: &str, record: Option<RecordSpec>) -> RunRequest {
    let asked = Asked::Question("What is to the left of the circle?".to_owned());
    RunRequest { asked, mode: mode.parse().unwrap(), max_new_tokens: 6, record }
}

#[test]
fn recording_changes_no_bit_of_the_answer() {
    for case in CASES {
        let (engine, image) = open(case);
        for mode in ["mma", "cca"] {
            let run = |record| engine.run(&image, &request(mode, record), &mut silent()).unwrap();
            let nothing = run(Some(RecordSpec::nothing()));
            assert_eq!(nothing.trace.bytes(), 0);
            for spec in [None, Some(RecordSpec::everything())] {
                let recorded = run(spec);
                assert_eq!(recorded.answer_ids, nothing.answer_ids, "{case} {mode}");
                let bits = |values: &[f64]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
                assert_eq!(
                    bits(&recorded.answer_logprobs),
                    bits(&nothing.answer_logprobs),
                    "{case} {mode}"
                );
            }
        }
    }
}

#[test]
fn rows_of_every_pattern_sum_to_one_and_blocked_entries_are_exactly_zero() {
    for case in CASES {
        let (engine, image) = open(case);
        for mode in MODES {
            let spec = RecordSpec::everything();
            let run = engine.run(&image, &request(mode, Some(spec)), &mut silent()).unwrap();
            let place = format!("{case} {mode}");
            for (site, patterns) in &run.trace.patterns {
                for pattern in patterns {
                    check_rows(&place, *site, pattern, &run);
                }
            }
        }
    }
}

/// Rows sum to 1; in the decoder's prompt, a weight is positive exactly where the mask is open.
fn check_rows(place: &str, site: AttentionSite, pattern: &AttentionPattern, run: &Run) {
    let rows = pattern.heads.iter().flat_map(|h| pattern.queries.clone().map(move |q| (*h, q)));
    for (head, query) in rows {
        let row = pattern.keys.clone().map(|key| pattern.get(head, query, key).unwrap());
        let sum: f64 = row.clone().map(f64::from).sum();
        assert!((sum - 1.0).abs() < 1e-5, "{place} {site} row {query}: {sum}");
        if site.tower != Tower::Decoder || query >= run.plan.mask.len() {
            continue;
        }
        for (key, weight) in row.enumerate() {
            let is_open = run.plan.mask.allows(query, key);
            assert_eq!(weight > 0.0, is_open, "{place} {site} ({query}, {key})");
        }
    }
}

#[test]
fn cached_decoding_equals_reading_everything_at_once() {
    for case in CASES {
        let (engine, image) = open(case);
        let side = engine.network().config().vision.image_side;
        let towers =
            engine.tower_tensors(&vision::preprocess(&image, side).0, &mut silent()).unwrap();
        // Only under a causal mask is a longer prompt the same computation as a cache.
        let asked = Asked::Question("Where is it?".to_owned());
        let mode = AttentionMode::Causal;
        let stepped = engine.mode_tensors(&towers, &asked, mode, 5, &mut silent()).unwrap();
        let mut ids = engine.prompt(&asked, mode).unwrap().ids;
        for (step, token) in stepped.generated.iter().enumerate() {
            let whole = engine
                .mode_tensors(&towers, &Asked::Ids(ids.clone()), mode, 1, &mut silent())
                .unwrap();
            let worst = whole.steps[0].iter().zip(&stepped.steps[step]).map(|(a, b)| (a - b).abs());
            let worst = worst.fold(0.0, f32::max);
            // Two orders of summation in `f32`; a cache that is wrong is off in the first digits.
            assert!(worst < 1e-4, "{case} step {step}: off by {worst:e}");
            ids.push(*token);
        }
    }
}

#[test]
fn a_spec_keeps_what_it_says_and_takes_the_bytes_it_said() {
    let (engine, image) = open("llama");
    let n_new = request("mma", None).max_new_tokens;
    let chosen = RecordSpec {
        decoder: TowerSpec {
            layers: Choice::Only(vec![1]),
            heads: Choice::Only(vec![0, 3]),
            blocks: vec![Block { queries: 40..44, keys: 3..9 }],
        },
        ..RecordSpec::nothing()
    };
    let whole =
        engine.run(&image, &request("mma", Some(RecordSpec::everything())), &mut silent()).unwrap();
    for spec in [chosen.clone(), RecordSpec { precision: Precision::F16, ..chosen }] {
        let run = engine.run(&image, &request("mma", Some(spec.clone())), &mut silent()).unwrap();
        let shapes = engine.trace_shapes(&run.prompt.layout, n_new);
        assert_eq!(run.trace.bytes(), spec.bytes(&shapes));
        assert_eq!(run.trace.patterns.len(), 1);
        let site = AttentionSite { tower: Tower::Decoder, layer: 1 };
        for (head, query, key) in [(0, 40, 3), (3, 43, 8), (3, 41, 5)] {
            let kept = run.trace.get(site, head, query, key).unwrap();
            let exact = whole.trace.get(site, head, query, key).unwrap();
            let tolerance =
                if spec.precision == Precision::F32 { 0.0 } else { exact * 5e-4 + 3e-8 };
            assert!((kept - exact).abs() <= tolerance, "{kept} {exact}");
        }
        assert_eq!(run.trace.get(site, 1, 40, 3), None);
        assert_eq!(run.trace.get(site, 0, 44, 3), None);
    }
    for spec in [None, Some(RecordSpec::everything())] {
        let run = engine.run(&image, &request("mma", spec), &mut silent()).unwrap();
        assert_eq!(run.ending, Ending::Length, "otherwise fewer rows are kept than were announced");
        let shapes = engine.trace_shapes(&run.prompt.layout, n_new);
        assert_eq!(run.trace.bytes(), run.spec.bytes(&shapes));
    }
}

#[test]
fn a_listener_that_breaks_stops_the_answer_at_the_next_token() {
    let (engine, image) = open("qwen2");
    let mut n_texts = 0;
    let mut listener = |progress: Progress| {
        n_texts += usize::from(matches!(progress, Progress::Text(_)));
        if n_texts == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let run = engine.run(&image, &request("mma", None), &mut listener).unwrap();
    assert_eq!(run.ending, Ending::Stopped);
    assert_eq!(run.answer_ids.len(), 2);
}

#[test]
fn a_listener_that_breaks_while_the_prompt_is_read_ends_the_run() {
    let (engine, image) = open("qwen2");
    let mut listener = |progress: Progress| match progress {
        Progress::Layer { site, .. } if site.tower == Tower::Decoder => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    };
    let error = engine.run(&image, &request("mma", None), &mut listener).unwrap_err();
    assert_eq!(error.to_string(), "stopped");
}

#[derive(Deserialize)]
struct SpecimenJson {
    scenes: Vec<SceneJson>,
}

#[derive(Deserialize)]
struct SceneJson {
    image: String,
    questions: Vec<QuestionJson>,
}

#[derive(Deserialize)]
struct QuestionJson {
    question: String,
    input_ids: Vec<u32>,
    #[serde(flatten)]
    answers: BTreeMap<String, serde_json::Value>,
}

#[derive(Deserialize)]
struct AnswerJson {
    answer: String,
    answer_ids: Vec<u32>,
    logprobs: Vec<f64>,
}

/// The trained specimen: every question of every scene under both masks.
fn check_specimen(dtype: Option<Dtype>, tolerance: f64) {
    let folder = golden_folder().join("specimen");
    let text = fs::read_to_string(folder.join("examples/questions.json")).unwrap();
    let specimen: SpecimenJson = serde_json::from_str(&text).unwrap();
    let engine = open_engine(&folder.join("checkpoint"), dtype);
    let mut n_answers = 0;
    for scene in specimen.scenes.iter().filter(|s| folder.join("examples").join(&s.image).exists())
    {
        let image = vision::open(&folder.join("examples").join(&scene.image)).unwrap();
        for question in &scene.questions {
            for mode in ["mma", "causal"] {
                let expected: AnswerJson =
                    serde_json::from_value(question.answers[mode].clone()).unwrap();
                let request = RunRequest {
                    asked: Asked::Question(question.question.clone()),
                    mode: mode.parse().unwrap(),
                    max_new_tokens: 64,
                    record: None,
                };
                let run = engine.run(&image, &request, &mut silent()).unwrap();
                let place = format!("{} {mode}: {}", scene.image, question.question);
                assert_eq!(run.prompt.ids, question.input_ids, "{place}");
                assert_eq!(run.answer_ids, expected.answer_ids, "{place}");
                assert_eq!(run.answer.trim(), expected.answer.trim(), "{place}");
                assert_eq!(run.ending, Ending::Stop, "{place}");
                for (found, expected) in run.answer_logprobs.iter().zip(&expected.logprobs) {
                    assert!((found - expected).abs() < tolerance, "{place}: {found} {expected}");
                }
                n_answers += 1;
            }
        }
    }
    assert_eq!(n_answers, 68);
}

#[test]
fn the_trained_specimen_answers_as_the_reference_under_both_masks() {
    check_specimen(None, 1e-3);
}

#[test]
fn widened_weights_answer_the_same() {
    check_specimen(Some(Dtype::F32), 1e-3);
}
