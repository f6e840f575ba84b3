//! `aki-lens inspect`: what a run's attention does as a whole, and what it is set against.

use std::fs;

use serde_json::Value;
use tempfile::TempDir;

use crate::cli::{QUESTION, aki_lens, check_failure, specimen, text};

fn inspect(mode: &str, flags: &[&str]) -> (Option<i32>, Value) {
    let (model, image) = specimen();
    let args = ["inspect", "--device", "cpu", "--model", &model, "--image", &image];
    let more = ["--question", QUESTION, "--attention", mode, "--json", "-"];
    let output = aki_lens(&[&args[..], &more, flags].concat());
    let report = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
    (output.status.code(), report)
}

fn flow<'a>(report: &'a Value, from: &str, to: &str) -> &'a Value {
    let flows = report["flows"]["flows"].as_array().unwrap();
    let is_meant = |flow: &&Value| flow["from"] == from && flow["to"] == to;
    flows.iter().find(is_meant).unwrap()
}

fn sum(values: &Value) -> f64 {
    values.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).sum()
}

#[test]
fn what_a_part_pays_to_all_parts_sums_to_one_and_the_causal_mask_closes_the_question() {
    for mode in ["mma", "causal"] {
        let (code, report) = inspect(mode, &[]);
        assert_eq!(code, Some(0), "{report}");
        let n_layers = report["flows"]["layers"].as_array().unwrap().len() as f64;
        for from in ["image", "question", "template"] {
            let to = ["image", "question", "answer", "template"];
            let paid: f64 = to
                .iter()
                .filter(|to| {
                    let all = report["flows"]["flows"].as_array().unwrap();
                    all.iter().any(|f| f["from"] == from && f["to"] == **to)
                })
                .map(|to| sum(&flow(&report, from, to)["mass"]))
                .sum();
            assert!((paid / n_layers - 1.0).abs() < 1e-3, "{from} under {mode}: {paid}");
        }
        let closed = flow(&report, "image", "question")["by_construction"].as_bool().unwrap();
        assert_eq!(closed, mode == "causal");
        let rollout = &report["rollout"];
        for part in ["on_picture", "on_picture_if_uniform"] {
            let part = rollout[part].as_f64().unwrap();
            assert!(part > 0.0 && part < 1.0, "{rollout}");
        }
    }
}

#[test]
fn every_latent_has_a_place_report_and_a_lower_threshold_finds_no_fewer_sinks() {
    let sinks = |times: &str| {
        let (code, report) = inspect("mma", &["--sink-times", times]);
        assert_eq!(code, Some(0));
        assert_eq!(report["latents"]["places"].as_array().unwrap().len(), 16);
        let sinks = report["sinks"].as_array().unwrap().clone();
        let least: f64 = times.parse().unwrap();
        assert!(sinks.iter().all(|sink| sink["lift"].as_f64().unwrap() >= least), "{sinks:?}");
        sinks.len()
    };
    assert!(sinks("1.5") >= sinks("10"));
    assert!(sinks("1.5") > 0, "something gets more than uniform attention brings");
}

#[test]
fn curves_and_rollout_are_drawn_and_say_what_they_are_set_against() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (flows, spread, rollout) = (path("flows.svg"), path("spread.csv"), path("rollout.svg"));
    let flags = ["--flows", &flows, "--spread", &spread, "--rollout", &rollout];
    let (code, report) = inspect("mma", &flags);
    assert_eq!(code, Some(0), "{report}");
    let flows = fs::read_to_string(flows).unwrap();
    for said in ["attention mass", "lift over uniform attention", "picture to question", QUESTION] {
        assert!(flows.contains(said), "the flows do not say {said}");
    }
    assert!(fs::read_to_string(spread).unwrap().contains("picture over question"));
    let rollout = fs::read_to_string(rollout).unwrap();
    for said in ["rollout of the answer", "rollout if uniform"] {
        assert!(rollout.contains(said), "the rollout does not say {said}");
    }
}

#[test]
fn a_threshold_that_is_none_and_a_file_without_a_format_are_refused_before_a_model_is_loaded() {
    let (model, image) = specimen();
    let args = ["inspect", "--model", &model, "--image", &image, "--question", QUESTION];
    let output = aki_lens(&[&args[..], &["--sink-times", "0"]].concat());
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("write a number above 0"), "{}", text(&output.stderr));
    check_failure(&[&args[..], &["--rollout", "map.gif"]].concat(), &["--rollout", "map.gif"]);
}
