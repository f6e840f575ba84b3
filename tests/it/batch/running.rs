//! Batches on the specimen: what a row holds, stops and goings-on, rows that cannot be asked.

use std::{collections::BTreeSet, fs, ops::ControlFlow};

use aki_lens::{
    analysis::{BucketSpec, by_bucket},
    app::jobs::{ComputeDevice, Eval, Tagging, batch, eval},
    app::jobs::{QuestionWords, TaggerChoice},
    domain::AttentionMode,
    eval::QuestionFile,
    inference::{Asked, Engine, RunRequest},
    vision,
};
use serde_json::Value;
use tempfile::TempDir;

use super::{MODES, questions, record_of, request, results, rows, run};
use crate::golden::golden_folder;

#[test]
fn a_row_holds_the_answer_and_the_readings_of_the_ordinary_run() {
    let (folder, data) = questions(2);
    let out = folder.path().join("out");
    let report = run(&request(&data, &out)).unwrap();
    assert_eq!(report.warnings, Vec::<String>::new());
    let file = QuestionFile::open(&data).unwrap();
    let rows = rows(&record_of(&out));
    assert_eq!(rows.len(), file.rows.len() * 2);
    assert_eq!(report.rows, (rows.len(), rows.len()));

    let checkpoint = golden_folder().join("specimen/checkpoint");
    let device = ComputeDevice::cpu();
    let mut go_on = |_| ControlFlow::Continue(());
    let engine = Engine::open(&checkpoint, device, None, &mut go_on).unwrap();
    let mut tagging = Tagging::open(TaggerChoice::Brill);
    for row in rows.iter().step_by(3) {
        let question = &file.rows[row.row];
        assert_eq!(row.index, question.index);
        let picture = vision::decode(&question.picture, &data).unwrap();
        let asked = Asked::Question(question.text.clone());
        let mode = row.attention;
        let request = RunRequest { asked, mode, max_new_tokens: 4, record: None };
        let run = engine.run(&picture, &request, &mut |_| ControlFlow::Continue(())).unwrap();
        let answer = row.answer.as_ref().unwrap();
        assert_eq!(answer.prediction, run.answer);
        assert_eq!(answer.logprob, run.answer_logprobs.iter().sum::<f64>());
        let words = QuestionWords::of_run(&run, &mut tagging, &[]).unwrap();
        let spec = BucketSpec::default();
        let layout = &run.prompt.layout;
        let read = by_bucket(&run.trace, &run.plan, layout, &words.buckets(), &spec).unwrap();
        let numbers = &answer.by_bucket.as_ref().unwrap().all;
        let masses: Vec<f64> = read.buckets.iter().map(|bucket| bucket.mass).collect();
        assert_eq!(numbers.mass.to_vec(), masses);
        let lifts: Vec<Option<f64>> = read.buckets.iter().map(|bucket| bucket.lift).collect();
        assert_eq!(numbers.lift.to_vec(), lifts);
        assert_eq!(answer.by_bucket.as_ref().unwrap().layers.len(), read.layers.len());
        if mode == AttentionMode::Causal {
            assert!(numbers.visible.iter().all(|n| *n == 0), "zero by construction");
        }
        if let Some(regions) = answer.regions {
            let map = regions.answered_from;
            assert!((map.about + map.others + map.rest - 1.0).abs() < 1e-9);
            let area = regions.area;
            assert!((area.about + area.others + area.rest - 1.0).abs() < 1e-9);
            assert!(area.about > 0.0 && area.about < 1.0);
        }
    }
    assert!(rows.iter().any(|row| row.answer.as_ref().unwrap().regions.is_some()));
}

#[test]
fn predictions_are_the_questions_without_pictures_and_with_answers() {
    let (folder, data) = questions(1);
    let out = folder.path().join("out");
    run(&request(&data, &out)).unwrap();
    let predictions = fs::read_to_string(out.join("checkpoint-mma_questions.tsv")).unwrap();
    let first = predictions.lines().next().unwrap();
    assert!(first.starts_with("\"index\"\t") && first.ends_with("\t\"prediction\""), "{first}");
    let mut table = csv::ReaderBuilder::new().delimiter(b'\t').from_reader(predictions.as_bytes());
    let head = table.headers().unwrap().clone();
    assert!(!head.iter().any(|name| name == "image"));
    let column = |name: &str| head.iter().position(|column| column == name).unwrap();
    let (index, prediction) = (column("index"), column("prediction"));

    let model = golden_folder().join("specimen/checkpoint").to_str().unwrap().to_owned();
    let mode = AttentionMode::ModalityMutual;
    let eval_out = folder.path().join("eval");
    let asked = Eval { model, mode, data, out: eval_out.clone(), max_new_tokens: 4 };
    let device = ComputeDevice::cpu();
    let report = eval(&asked, device, &mut |_| ControlFlow::Continue(())).unwrap();
    let answers = fs::read_to_string(eval_out.join("answers.tsv")).unwrap();
    let mut answers = csv::ReaderBuilder::new().delimiter(b'\t').from_reader(answers.as_bytes());
    let expected: Vec<(String, String)> =
        answers.records().map(|r| r.unwrap()).map(|r| (r[0].to_owned(), r[4].to_owned())).collect();
    let found: Vec<(String, String)> = table
        .records()
        .map(|r| r.unwrap())
        .map(|r| (r[index].to_owned(), r[prediction].to_owned()))
        .collect();
    assert_eq!(found, expected);

    let summary: Value =
        serde_json::from_slice(&fs::read(out.join("summary.json")).unwrap()).unwrap();
    let accuracy = &summary["by_attention"]["mma"]["accuracy"];
    assert_eq!(accuracy["n"], report.overall.n);
    assert_eq!(accuracy["accuracy"], report.overall.accuracy);
    assert_eq!(summary["by_attention"]["mma"]["coverage"]["complete"], true);
}

#[test]
fn a_batch_that_was_stopped_ends_with_the_same_bytes() {
    let (folder, data) = questions(2);
    let (whole, broken) = (folder.path().join("whole"), folder.path().join("broken"));
    run(&request(&data, &whole)).unwrap();
    let mut request = request(&data, &broken);
    let device = ComputeDevice::cpu;
    let mut lengths = BTreeSet::new();
    for stop_at in [1, 6, 17] {
        request.resume = !lengths.is_empty();
        let mut stop = |progress: aki_lens::app::jobs::BatchProgress| {
            if progress.done >= stop_at {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        };
        let report = batch(&request, device(), &mut stop).unwrap();
        assert!(report.summary.is_none());
        assert!(
            report.warnings[0].contains("--resume goes on from there"),
            "{:?}",
            report.warnings
        );
        let record = fs::read(record_of(&broken)).unwrap();
        assert!(fs::read(record_of(&whole)).unwrap().starts_with(&record), "a beginning");
        lengths.insert(record.len());
    }
    // A kill in the middle of a line.
    let record = fs::read(record_of(&broken)).unwrap();
    fs::write(record_of(&broken), &record[..record.len() - 100]).unwrap();
    request.resume = true;
    let report = run(&request).unwrap();
    assert!(report.before > 0 && report.summary.is_some());
    assert!(fs::read(record_of(&broken)).unwrap() == fs::read(record_of(&whole)).unwrap());
    assert_eq!(results(&broken), results(&whole));
    // Once more: nothing is left to do.
    let again = run(&request).unwrap();
    assert_eq!(again.before, again.rows.1);
    assert!(fs::read(record_of(&broken)).unwrap() == fs::read(record_of(&whole)).unwrap());
}

#[test]
fn a_record_is_gone_on_with_only_when_asked_and_only_for_its_questions() {
    let (folder, data) = questions(1);
    let out = folder.path().join("out");
    let mut request = request(&data, &out);
    request.modes = vec![MODES[0]];
    run(&request).unwrap();
    let found = format!("{:#}", run(&request).unwrap_err());
    assert!(found.ends_with("--resume goes on with it, or choose another --out"), "{found}");
    request.resume = true;
    request.max_new_tokens = 5;
    let found = format!("{:#}", run(&request).unwrap_err());
    assert!(found.contains("was made with --max-new-tokens 4, and this is 5"), "{found}");
    request.max_new_tokens = 4;
    let text = fs::read_to_string(&data).unwrap();
    fs::write(&data, text.replace("plate", "plates")).unwrap();
    let found = format!("{:#}", run(&request).unwrap_err());
    assert!(found.contains("questions of fingerprint"), "{found}");
}

/// "not a picture, " five times, as base64: longer than an index can be.
const NO_PICTURE: &str = "bm90IGEgcGljdHVyZSwgbm90IGEgcGljdHVyZSwgbm90IGEgcGljdHVyZSwgbm90IGEgcGljdHVyZSwgbm90IGEgcGljdHVyZSwg";

#[test]
fn a_picture_that_cannot_be_read_is_a_row_that_says_so_and_the_rest_goes_on() {
    let (folder, data) = questions(2);
    let text = fs::read_to_string(&data).unwrap();
    let mut table = csv::ReaderBuilder::new().delimiter(b'\t').from_reader(text.as_bytes());
    let head = table.headers().unwrap().clone();
    let image = head.iter().position(|name| name == "image").unwrap();
    let bad = TempDir::new().unwrap();
    let path = bad.path().join("bad.tsv");
    let mut out = csv::WriterBuilder::new().delimiter(b'\t').from_path(&path).unwrap();
    out.write_record(&head).unwrap();
    for (i, record) in table.records().enumerate() {
        let record = record.unwrap();
        let fields = record.iter().enumerate().map(|(column, field)| match (i, column) {
            (0, column) if column == image => NO_PICTURE,
            _ => field,
        });
        out.write_record(fields).unwrap();
    }
    drop(out);
    let mut request = request(&path, &folder.path().join("out"));
    request.modes = vec![MODES[0]];
    let report = run(&request).unwrap();
    let rows = rows(&record_of(&request.out));
    let n_failed = rows.iter().filter(|row| row.failed.is_some()).count();
    assert!(n_failed > 0 && n_failed < rows.len(), "{n_failed} of {}", rows.len());
    assert!(rows[0].failed.as_ref().unwrap().contains("picture"), "{:?}", rows[0].failed);
    assert!(report.warnings[0].contains("could not be asked"), "{:?}", report.warnings);
    let coverage = report.summary.unwrap().by_attention[&MODES[0]].coverage;
    assert_eq!((coverage.failed, coverage.complete), (n_failed, false));
    let table = fs::read_to_string(request.out.join("tables/right-answers.md")).unwrap();
    assert!(table.contains("INCOMPLETE"), "{table}");
}
