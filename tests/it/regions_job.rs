//! `aki-lens regions`: what an import would give, for people and for programs.

use std::fs;

use serde_json::Value;
use tempfile::TempDir;

use crate::cli::{aki_lens, check_failure, specimen, text};

#[test]
fn regions_json_has_the_documented_form() {
    let (_, image) = specimen();
    let boxes = ["--box", "8,8,16,16", "--box", "0,0,48,24"];
    let output = aki_lens(&[&["regions", "--image", &image, "--json"], &boxes[..]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&report["version"], &report["image"]), (&1.into(), &serde_json::json!([96, 96])));
    let first = &report["regions"][0];
    assert_eq!(first["area"], 256);
    assert_eq!(first["bbox"], serde_json::json!([8, 8, 16, 16]));
    assert_eq!(first["rle"]["size"], serde_json::json!([96, 96]));
    assert!(first["rle"]["counts"].is_string());
    let share = |name: &str| report[name].as_f64().unwrap();
    assert!((share("covered") + share("uncovered") - 1.0).abs() < 1e-12);
    assert!((share("overlapping") - 256.0 / 9216.0).abs() < 1e-12);

    // What comes out goes in again, told by content.
    let folder = TempDir::new().unwrap();
    let masks = folder.path().join("masks.txt");
    let records: Vec<Value> = report["regions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|region| serde_json::json!({"segmentation": region["rle"]}))
        .collect();
    fs::write(&masks, serde_json::to_vec(&records).unwrap()).unwrap();
    let output = aki_lens(&["regions", masks.to_str().unwrap(), "--image", &image, "--json"]);
    let again: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(again["format"], "amg-rle");
    for i in 0..2 {
        assert_eq!(again["regions"][i]["rle"], report["regions"][i]["rle"]);
    }
    let output = aki_lens(&["regions", masks.to_str().unwrap(), "--image", &image]);
    let printed = text(&output.stdout);
    assert!(printed.contains("2 regions (amg-rle)") && printed.contains("256 pixels"), "{printed}");
}

#[test]
fn regions_that_do_not_fit_are_refused_in_one_line() {
    let (_, image) = specimen();
    let folder = TempDir::new().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let other = file("other.json", br#"[{"segmentation":{"size":[7,9],"counts":[63]}}]"#);
    let pickle = file("masks.npy", b"\x80\x04\x95");
    let empty = file("empty.json", b"");
    let refused = |source: &str, parts: &[&str]| {
        check_failure(&["regions", source, "--image", &image], parts);
    };
    refused(&other, &["other.json", "96"]);
    refused(&pickle, &["masks.npy", "pickle"]);
    refused(&empty, &["empty.json"]);
    refused("no/such/folder", &["no/such/folder"]);
    check_failure(&["regions", "--image", &image, "--box", "1,2,3"], &["1,2,3"]);
    check_failure(&["regions", "--image", &image], &["FILE|DIR"]);
}
