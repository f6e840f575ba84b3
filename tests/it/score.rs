//! Given answers: scored in one pass, under any plan, from a picture that was encoded once.

use std::ops::ControlFlow;

use aki_lens::{
    analysis::latent_drift,
    domain::{AttentionMode, KnockOut, RecordSpec, Run},
    inference::{Asked, EncodedPicture, Engine, RunRequest},
    vision::{self, DecodedImage},
};

use crate::golden::{golden_folder, open_engine, silent};

const CASES: [&str; 4] = ["phi3_longrope", "llama", "qwen2", "phi3_patches25"];
const MODES: [&str; 5] = ["causal", "mma", "sparsity50", "cca", "text_first"];

fn open(case: &str) -> (Engine, DecodedImage) {
    let folder = golden_folder().join(case);
    let image = vision::open(&folder.join("inputs/image.png")).unwrap();
    (open_engine(&folder.join("checkpoint"), None), image)
}

fn specimen() -> (Engine, DecodedImage) {
    let folder = golden_folder().join("specimen");
    let image = vision::open(&folder.join("examples/scene_01.png")).unwrap();
    (open_engine(&folder.join("checkpoint"), None), image)
}

fn request(mode: &str, record: Option<RecordSpec>) -> RunRequest {
    let asked = Asked::Question("What is to the left of the circle?".to_owned());
    RunRequest { asked, mode: mode.parse().unwrap(), max_new_tokens: 6, record }
}

fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|value| value.to_bits()).collect()
}

fn check_same(run: &Run, engine: &Engine, picture: &EncodedPicture, place: &str) {
    let score =
        engine.score(picture, &run.prompt, &run.plan, &run.answer_ids, &mut silent()).unwrap();
    assert_eq!(score.ids, run.answer_ids);
    for (found, written) in score.logprobs.iter().zip(&run.answer_logprobs) {
        // Two orders of summation in `f32`.
        assert!((found - written).abs() < 1e-4, "{place}: {found} {written}");
    }
    assert!(score.is_greedy(), "{place}");
    for (likeliest, id) in score.alternatives.iter().zip(&run.answer_ids) {
        assert_eq!(likeliest[0].id, *id, "{place}");
        assert!(likeliest.is_sorted_by(|a, b| a.logprob >= b.logprob), "{place}");
    }
}

#[test]
fn a_given_answer_is_as_likely_as_when_it_was_written() {
    for case in CASES {
        let (engine, image) = open(case);
        let picture = engine.encode(&image, &mut silent()).unwrap();
        for mode in MODES {
            let run =
                engine.run_encoded(&picture, &request(mode, None), &[], &mut silent()).unwrap();
            check_same(&run, &engine, &picture, &format!("{case} {mode}"));
        }
    }
}

#[test]
fn rows_of_the_answer_lose_sight_when_it_is_given_as_when_it_is_written() {
    let (engine, image) = open("llama");
    let picture = engine.encode(&image, &mut silent()).unwrap();
    let plain = engine.run_encoded(&picture, &request("mma", None), &[], &mut silent()).unwrap();
    let len = plain.prompt.layout.len();
    let blind = KnockOut {
        queries: (len - 1..len + 6).collect(),
        keys: plain.prompt.layout.image().collect(),
        layers: 0..2,
    };
    let run = engine
        .run_encoded(&picture, &request("mma", None), std::slice::from_ref(&blind), &mut silent())
        .unwrap();
    check_same(&run, &engine, &picture, "answer -> image");
    let before = engine
        .score(&picture, &plain.prompt, &plain.plan, &plain.answer_ids, &mut silent())
        .unwrap();
    let after =
        engine.score(&picture, &plain.prompt, &run.plan, &plain.answer_ids, &mut silent()).unwrap();
    assert_ne!(bits(&before.logprobs), bits(&after.logprobs));
}

#[test]
fn a_picture_encoded_once_gives_the_very_run() {
    for case in ["phi3_plain", "qwen3"] {
        let (engine, image) = open(case);
        let picture = engine.encode(&image, &mut silent()).unwrap();
        for mode in MODES {
            let whole = engine.run(&image, &request(mode, None), &mut silent()).unwrap();
            let again =
                engine.run_encoded(&picture, &request(mode, None), &[], &mut silent()).unwrap();
            assert_eq!(again.answer_ids, whole.answer_ids, "{case} {mode}");
            assert_eq!(bits(&again.answer_logprobs), bits(&whole.answer_logprobs));
            assert_eq!(again.trace, whole.trace, "{case} {mode}");
            assert_eq!(again.spec, whole.spec, "{case} {mode}");
        }
        let nothing = Some(RecordSpec::nothing());
        let run = engine.run_encoded(&picture, &request("mma", nothing), &[], &mut silent());
        assert_eq!(run.unwrap().trace.bytes(), 0);
    }
}

#[test]
fn an_answer_of_nothing_is_certain_and_one_too_long_is_refused() {
    let (engine, image) = specimen();
    let picture = engine.encode(&image, &mut silent()).unwrap();
    let prompt = engine.prompt(&Asked::Question("x".to_owned()), AttentionMode::Causal).unwrap();
    let plan = engine.plan(&prompt, AttentionMode::Causal, &[]).unwrap();
    let nothing = engine.score(&picture, &prompt, &plan, &[], &mut silent()).unwrap();
    assert_eq!((nothing.total(), nothing.logprobs.len()), (0.0, 0));
    let long = vec![5; 5000];
    let error = engine.score(&picture, &prompt, &plan, &long, &mut silent()).unwrap_err();
    assert!(error.to_string().contains("4096"), "{error}");
    let unknown = engine.score(&picture, &prompt, &plan, &[999_999], &mut silent()).unwrap_err();
    assert!(unknown.to_string().contains("999999"), "{unknown}");
    let stopped = engine.score(&picture, &prompt, &plan, &[5], &mut |_| ControlFlow::Break(()));
    assert_eq!(stopped.unwrap_err().to_string(), "stopped");
}

#[test]
fn what_reaches_the_latents_ends_where_their_sight_does() {
    let (engine, _) = specimen();
    let asked = Asked::Question("Where is the ball?".to_owned());
    let reach = |mode: &str| {
        let mode: AttentionMode = mode.parse().unwrap();
        let prompt = engine.prompt(&asked, mode).unwrap();
        let plan = engine.plan(&prompt, mode, &[]).unwrap();
        let image = prompt.layout.image();
        let len = plan.reach(image.end);
        let (short, part) = (prompt.prefix(len), plan.prefix(len));
        assert_eq!((short.layout.len(), short.tokens.len(), part.mask.len()), (len, len, len));
        assert_eq!(short.ids.len() + image.len() - 1, len);
        for (query, key) in (0..len).flat_map(|q| (0..len).map(move |k| (q, k))) {
            assert_eq!(part.mask.allows(query, key), plan.mask.allows(query, key));
        }
        (len, prompt)
    };
    for blind in ["causal", "mixed", "cca", "text_first"] {
        let (len, prompt) = reach(blind);
        assert_eq!(len, prompt.layout.image().end, "{blind}");
    }
    let (len, prompt) = reach("mma");
    assert_eq!(len, prompt.layout.get(aki_lens::domain::Segment::Question).unwrap().end);
    assert!(reach("sparsity50").0 < len);
    let (len, prompt) = reach("generalised");
    assert_eq!(len, prompt.layout.len());
}

#[test]
fn latents_know_no_question_exactly_where_the_mask_hides_it() {
    let (engine, image) = specimen();
    let picture = engine.encode(&image, &mut silent()).unwrap();
    let d_model = engine.network().config().decoder.d_model;
    let drift = |mode: &str| {
        let mode: AttentionMode = mode.parse().unwrap();
        let states = |question: &str| {
            let prompt = engine.prompt(&Asked::Question(question.to_owned()), mode).unwrap();
            let plan = engine.plan(&prompt, mode, &[]).unwrap();
            engine.latent_states(&picture, &prompt, &plan, &mut silent()).unwrap()
        };
        let (short, long) =
            (states("Where is the ball?"), states("The fish is on which color plate?"));
        assert_eq!(short.len(), 5);
        latent_drift(&short, &long, d_model)
    };
    for blind in ["causal", "mixed", "cca", "sparsity0"] {
        assert!(drift(blind).iter().all(|d| *d == 0.0), "{blind}: {:?}", drift(blind));
    }
    for seeing in ["mma", "sparsity50", "generalised", "text_first"] {
        let drift = drift(seeing);
        assert_eq!(drift[0], 0.0, "{seeing}: the decoder's input is the picture alone");
        assert!(drift[1..].iter().all(|d| *d > 0.01 && *d < 2.0), "{seeing}: {drift:?}");
    }
}
