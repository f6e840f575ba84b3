//! Knock-outs from a person's words: parts, sweeps, controls.

use std::{ops::ControlFlow, path::PathBuf};

use aki_lens::{
    app::jobs::{
        Knockout, KnockoutSweep, MapAsked, Part, RegionSource, SubjectRequest, SweepOver,
        TaggerChoice, knockout, knockout_sweep, sweep_figure,
    },
    domain::{AttentionMode, Choice, Figure, KnockOut, Progress, Segment},
    inference::{Asked, RunRequest},
    vision,
};
use serde_json::Value;
use tempfile::TempDir;

use crate::{
    cli::{QUESTION, aki_lens, check_failure, specimen, text},
    golden::{device, golden_folder, open_engine, silent},
};

fn subject(mode: &str) -> SubjectRequest {
    let (model, image) = specimen();
    SubjectRequest {
        model,
        image: PathBuf::from(image),
        question: QUESTION.to_owned(),
        mode: mode.parse().unwrap(),
        max_new_tokens: 8,
        dtype: None,
        tagger: TaggerChoice::Brill,
        edits: Vec::new(),
    }
}

fn request(mode: &str, rows: &str, columns: &str) -> Knockout {
    Knockout {
        subject: subject(mode),
        rows: rows.parse().unwrap(),
        columns: columns.parse().unwrap(),
        layers: Choice::All,
        regions: RegionSource::default(),
        region_share: 0.5,
        map: MapAsked::AnsweredFrom,
    }
}

#[test]
fn without_the_whole_block_mma_is_the_causal_mask_bit_for_bit() {
    let folder = golden_folder().join("specimen");
    let engine = open_engine(&folder.join("checkpoint"), None);
    let image = vision::open(&folder.join("examples/scene_01.png")).unwrap();
    let picture = engine.encode(&image, &mut silent()).unwrap();
    let ask = |mode: AttentionMode, taken: &[KnockOut]| {
        let asked = Asked::Question(QUESTION.to_owned());
        let request = RunRequest { asked, mode, max_new_tokens: 8, record: None };
        engine.run_encoded(&picture, &request, taken, &mut silent()).unwrap()
    };
    let causal = ask(AttentionMode::Causal, &[]);
    let layout = &causal.prompt.layout;
    let block = KnockOut {
        queries: layout.image().collect(),
        keys: layout.get(Segment::Question).unwrap().collect(),
        layers: 0..4,
    };
    let removed = ask(AttentionMode::ModalityMutual, std::slice::from_ref(&block));
    assert_eq!(removed.answer_ids, causal.answer_ids);
    assert_eq!(removed.answer_logprobs, causal.answer_logprobs);
    let score = |run: &aki_lens::domain::Run| {
        engine.score(&picture, &run.prompt, &run.plan, &[7, 70, 700], &mut silent()).unwrap()
    };
    assert_eq!(score(&removed), score(&causal));
    let with_block = ask(AttentionMode::ModalityMutual, &[]);
    assert_ne!(with_block.answer_logprobs, causal.answer_logprobs);

    // The same by the words that a person types.
    let report = knockout(&request("mma", "image", "question"), device(), &mut silent()).unwrap();
    assert_eq!(report.after.answer_ids, causal.answer_ids);
    assert!(report.change < 0.0, "{}", report.change);
    assert_eq!(report.closed_pairs, block.queries.len() * block.keys.len());
    assert!(report.before.map.values.is_some());
    assert_ne!(report.before.map.values, report.after.map.values);
}

#[test]
fn every_part_is_what_it_says() {
    let positions = |mode: &str, rows: &str, columns: &str| {
        let report = knockout(&request(mode, rows, columns), device(), &mut silent()).unwrap();
        (report.rows, report.columns)
    };
    let (latents, word) = positions("mma", "latents:0,2-3", "word:fish");
    assert_eq!(latents.texts, vec!["<image>"; 3]);
    assert_eq!(word.texts.concat().trim(), "fish");
    let (_, bucket) = positions("mma", "image", "bucket:Objects");
    assert!(bucket.texts.concat().contains("fish") && bucket.texts.concat().contains("plate"));
    // Answer and question look at the picture under a causal mask, too.
    let (answer, image) = positions("causal", "answer", "image");
    let (question, _) = positions("causal", "question", "image");
    assert!(answer.positions.iter().all(|position| !question.positions.contains(position)));
    assert!(image.positions.last() < question.positions.first());
    assert!(answer.texts.last().unwrap().is_empty(), "rows of tokens yet to be written");
}

#[test]
fn what_cannot_be_taken_away_is_named() {
    let error =
        |request: &Knockout| knockout(request, device(), &mut silent()).unwrap_err().to_string();
    let closed = error(&request("causal", "image", "question"));
    assert!(closed.contains("under causal no row of image may attend to question"), "{closed}");
    let word = error(&request("mma", "image", "word:zebra"));
    assert!(word.contains("zebra") && word.contains("plate"), "{word}");
    let region = error(&request("mma", "region:fish", "question"));
    assert!(region.contains("--regions"), "{region}");
    let latent = error(&request("mma", "latents:99", "question"));
    assert!(latent.contains("99") && latent.contains("16"), "{latent}");
    let layers = Knockout { layers: Choice::Only(vec![7]), ..request("mma", "image", "question") };
    assert!(error(&layers).contains("no decoder layer 7"), "{}", error(&layers));
    for wrong in ["", "word:", "words:fish", "bucket:Verbs", "latents:a"] {
        assert!(wrong.parse::<Part>().is_err(), "{wrong}");
    }
}

#[test]
fn a_region_stands_for_the_latents_that_saw_mostly_it() {
    let mut whole = request("mma", "region:box 0,0,96,96", "question");
    whole.regions.boxes = vec!["0,0,96,96".to_owned()];
    let all = knockout(&whole, device(), &mut silent()).unwrap();
    assert_eq!(all.rows.positions.len(), 16, "every latent saw the whole picture");
    let mut corner = request("mma", "region:box 0,0,4,4", "question");
    corner.regions.boxes = vec!["0,0,4,4".to_owned()];
    let error = knockout(&corner, device(), &mut silent()).unwrap_err().to_string();
    assert!(error.contains("--region-share"), "{error}");
    let shared = Knockout { region_share: 0.0, ..corner };
    let all = knockout(&shared, device(), &mut silent()).unwrap();
    assert_eq!(all.rows.positions.len(), 16);
    assert!(all.warnings.iter().any(|w| w.contains("smaller than a patch")), "{:?}", all.warnings);
}

fn sweep(over: SweepOver, knockout: Knockout) -> KnockoutSweep {
    KnockoutSweep { knockout, over, window: None, draws: 3, seed: 7 }
}

#[test]
fn a_sweep_tells_each_word_beside_its_control() {
    let run = |request: &KnockoutSweep| knockout_sweep(request, device(), &mut silent()).unwrap();
    let request_words = sweep(SweepOver::Words, request("mma", "image", "question"));
    let report = run(&request_words);
    let labels: Vec<&str> = report.entries.iter().map(|entry| entry.label.as_str()).collect();
    assert_eq!(labels, ["The", "fish", "is", "on", "which", "color", "plate", "?"]);
    for entry in &report.entries {
        let control = entry.control.as_ref().unwrap();
        assert_eq!((control.draws, entry.by_window.len()), (3, 4));
        assert!(control.low <= control.mean && control.mean <= control.high);
        assert!(control.rank >= 0.25 && control.rank <= 1.0);
        assert_eq!(entry.answer_changed, entry.answer != report.answer);
    }
    // One knock-out alone says the same, and the same seed draws the same control.
    let fish = knockout(&request("mma", "image", "word:fish"), device(), &mut silent()).unwrap();
    assert!((report.entries[1].change.unwrap() - fish.change).abs() < 1e-12);
    assert_eq!(run(&request_words), report);

    let Figure::Matrix(figure) = sweep_figure(&report).unwrap() else { panic!("a heat table") };
    assert_eq!(figure.parts().rows.len(), 8);
    assert_eq!(figure.value(1, 0), report.entries[1].change);
    assert!(figure.is_diverging());

    let layers = run(&sweep(SweepOver::Layers, request("mma", "image", "question")));
    assert_eq!(layers.windows, [[0, 0], [1, 1], [2, 2], [3, 3]]);
    let mut regions = request("causal", "answer", "image");
    regions.regions.boxes = vec!["0,0,48,96".to_owned(), "48,0,48,96".to_owned()];
    let regions = run(&sweep(SweepOver::Regions, regions));
    assert_eq!(regions.entries.len(), 2);
    let buckets = run(&sweep(SweepOver::Buckets, request("mma", "image", "question")));
    assert!(buckets.entries.iter().any(|e| e.label == "Template" && e.closed_pairs > 0));
}

#[test]
fn a_sweep_stops_where_it_is_told_to() {
    let request = sweep(SweepOver::Words, request("mma", "image", "question"));
    let mut n_steps = 0;
    let mut listener = |progress: Progress| match progress {
        Progress::Step { done, of, .. } => {
            n_steps = done;
            assert!(done <= of);
            if done == 5 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        }
        _ => ControlFlow::Continue(()),
    };
    let error = knockout_sweep(&request, device(), &mut listener).unwrap_err();
    assert_eq!(error.to_string(), "stopped");
    assert_eq!(n_steps, 5);
}

#[test]
fn the_command_says_what_changed_and_writes_it() {
    let folder = TempDir::new().unwrap();
    let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (model, image) = specimen();
    let base = ["knockout", "--device", "cpu", "--model", &model, "--image", &image];
    let base = [&base[..], &["--question", QUESTION]].concat();
    let (json, svg) = (file("k.json"), file("k.svg"));
    let output = aki_lens(&[&base[..], &["--json", &json]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("change"), "{}", text(&output.stdout));
    let report: Value = serde_json::from_slice(&std::fs::read(&json).unwrap()).unwrap();
    assert_eq!(report["version"], 1);
    assert_eq!(report["rows"]["part"], "image");
    let sweep = ["--sweep", "words", "--draws", "2", "--figure", &svg, "--json", "-"];
    let output = aki_lens(&[&base[..], &sweep].concat());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["entries"].as_array().unwrap().len(), 8);
    check_failure(&[&base[..], &["--figure", &svg]].concat(), &["--sweep"]);
    check_failure(&[&base[..], &["--sweep", "wrods"]].concat(), &["wrods", "buckets"]);
}
