//! `aki-lens score`, as a person runs it.

use serde_json::{Value, json};

use super::{assert_same, table, vectors, write};
use crate::cli::{aki_lens, check_failure, text};

#[test]
fn score_prints_json_that_the_readme_describes() {
    let rows = vectors()["pope"]["rows"].as_array().unwrap().clone();
    let file = write("f.tsv", table(&rows));
    let path = file.path.to_str().unwrap();
    for extraction in [None, Some("vlmevalkit-2025-03"), Some("vlmevalkit-2026-08")] {
        let mut args = vec!["score", path, "--benchmark", "POPE", "--json"];
        args.extend(extraction.iter().flat_map(|rules| ["--extraction", rules]));
        let output = aki_lens(&args);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        assert_eq!(text(&output.stderr), "");
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(report["version"], 1);
        assert_eq!(report["benchmark"], "POPE");
        assert_eq!(report["extraction"], extraction.unwrap_or("vlmevalkit-2025-03"));
        assert_eq!(report["rows"], 8);
        assert_eq!(report["expected_rows"], 5127);
        assert_eq!(report["complete"], false);
        assert_same(&vectors()["pope"]["expected"], &report["metrics"], "POPE");
        let first = &report["rows_detail"][0];
        let expected = json!({"index": 0, "prediction": "Yes", "extracted": "Yes", "hit": 1});
        assert_eq!(*first, expected);
    }
}

#[test]
fn score_prints_a_table_and_tells_the_benchmark_by_the_files_name() {
    let rows = vectors()["seed"]["rows"].as_array().unwrap().clone();
    let file = write("AKI_SEEDBench_IMG.tsv", table(&rows));
    let output = aki_lens(&["score", file.path.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let out = text(&output.stdout);
    assert!(out.starts_with("SEEDBench_IMG: 5 of 14232 rows"), "{out}");
    assert!(out.contains("Overall                                  0.6000"), "{out}");
}

#[test]
fn an_incomplete_score_warns_and_exits_with_1() {
    let mut rows = vectors()["mme"]["rows"].as_array().unwrap().clone();
    rows.pop();
    let file = write("MME.tsv", table(&rows));
    let output = aki_lens(&["score", file.path.to_str().unwrap(), "--json"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("neither a score of perception"));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["complete"], false);
    assert_eq!(report["metrics"].get("perception"), None);
}

#[test]
fn what_cannot_be_scored_is_said_in_one_line() {
    let file = write("x.tsv", "index\tprediction\n0\tyes\n");
    let path = file.path.to_str().unwrap();
    check_failure(&["score", path], &["x.tsv", "--benchmark"]);
    check_failure(&["score", path, "--benchmark", "POPE"], &["x.tsv", "\"category\""]);
    check_failure(&["score", path, "--benchmark", "MMLU"], &["MMLU", "MathVista"]);
    check_failure(
        &["score", path, "--benchmark", "MME", "--extraction", "gpt"],
        &["gpt", "vlmevalkit-2026-08"],
    );
    check_failure(&["score", "no.tsv", "--benchmark", "MME"], &["no.tsv"]);
}
