//! `aki-lens ask --heatmap`, `--regions`, `--matrix`: what is drawn, what is counted, what is refused.

use std::{fs, path::Path};

use serde_json::Value;
use tempfile::TempDir;

use crate::cli::{QUESTION, aki_lens, check_failure, specimen, text};

/// Asks the specimen with more flags; the folder for what is written comes first.
fn ask(folder: &TempDir, flags: &[&str]) -> (std::process::Output, Value) {
    let (model, image) = specimen();
    let json = folder.path().join("answer.json");
    let json = json.to_str().unwrap();
    let args = ["ask", "--device", "cpu", "--model", &model, "--image", &image, "--json", json];
    let output = aki_lens(&[&args[..], &["--question", QUESTION], flags].concat());
    let report =
        fs::read(json).map_or(Value::Null, |bytes| serde_json::from_slice(&bytes).unwrap());
    (output, report)
}

fn path(folder: &TempDir, name: &str) -> String {
    folder.path().join(name).to_str().unwrap().to_owned()
}

#[test]
fn a_heatmap_names_its_map_and_its_numbers_are_those_of_the_run() {
    let folder = TempDir::new().unwrap();
    let csv = path(&folder, "map.csv");
    let (output, _) = ask(&folder, &["--heatmap", &csv, "--of", "fish", "--reading", "mass"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let mut reader = csv::Reader::from_path(&csv).unwrap();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 144);
    assert_eq!((&rows[0][0], &rows[0][1], &rows[0][2]), ("looks at: \"fish\"", "looks at", "mass"));
    let total: f64 = rows.iter().map(|row| row[9].parse::<f64>().unwrap()).sum();
    assert!(total > 0.0 && total < 1.0, "{total}");
    // The last patch ends where the picture does: 12 patches of 8 pixels.
    assert_eq!((&rows[143][7], &rows[143][8]), ("96.0", "96.0"));
}

#[test]
fn without_a_word_the_map_is_of_the_answers_first_word() {
    let folder = TempDir::new().unwrap();
    let svg = path(&folder, "map.svg");
    let (output, report) = ask(&folder, &["--heatmap", &svg]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(report.get("regions").is_none());
    let svg = fs::read_to_string(svg).unwrap();
    for part in [
        "answered from (while choosing):",
        "&quot;blue&quot;",
        "unplaced",
        "mma",
        "reading",
        "layers",
        "heads",
        "viridis",
    ] {
        assert!(svg.contains(part), "the figure does not say {part}");
    }
}

#[test]
fn a_map_can_go_back_through_the_vision_tower_which_is_then_recorded() {
    let folder = TempDir::new().unwrap();
    let total = |how: &str| {
        let csv = path(&folder, &format!("{how}.csv"));
        let flags = ["--heatmap", &csv, "--of", "fish", "--reading", "mass", "--projection", how];
        let (output, _) = ask(&folder, &flags);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        let mut reader = csv::Reader::from_path(&csv).unwrap();
        let values = reader.records().map(|row| row.unwrap()[9].parse::<f64>().unwrap());
        values.collect::<Vec<f64>>()
    };
    let [through, composed] = ["through-vision", "composed"].map(total);
    assert_ne!(through, composed);
    // The tower's rows sum to 1: mass is spread, none is lost.
    let [through, composed] = [through, composed].map(|map| map.iter().sum::<f64>());
    assert!((through - composed).abs() < 1e-3 * composed, "{through} {composed}");
}

/// A map without its hit rate reads like a locator, and one with a rate that is not its own lies.
#[test]
fn a_figure_says_how_often_such_maps_point_at_the_thing_where_that_was_measured() {
    let folder = TempDir::new().unwrap();
    let svg = path(&folder, "map.svg");
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR"));
    let [model, image] = ["models/tabletop/mma", "assets/readme/tabletop.png"]
        .map(|at| checkout.join(at).to_str().unwrap().to_owned());
    let caption = |flags: &[&str]| {
        let args = ["ask", "--device", "cpu", "--model", &model, "--image", &image];
        let asked = ["--question", "Is there a carrot on the table?", "--heatmap", &svg];
        let output = aki_lens(&[&args[..], &asked, flags].concat());
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        // Lines of text stand between lines of markup, broken where the figure ends.
        let svg = fs::read_to_string(&svg).unwrap();
        svg.lines().filter(|line| !line.starts_with('<')).collect::<Vec<_>>().join(" ")
    };
    let looks_at = caption(&["--map", "looks-at", "--of", "carrot"]);
    assert!(looks_at.contains("peak on the thing in"), "{looks_at}");
    assert!(!looks_at.contains("no locator"));
    let read_by = caption(&["--map", "read-by", "--of", "carrot"]);
    assert!(read_by.contains("no locator; peak on the thing in"), "{read_by}");
    // Measured through the whole resampler, for things that were asked for by name, under the mask of the training.
    for other in [
        &["--of", "carrot", "--projection", "last-layer"][..],
        &["--of", "there"],
        &["--of", "table"],
        &["--of", "carrot", "--attention", "causal"],
        &["--of", "carrot", "--heads", "0"],
    ] {
        let caption = caption(&[&["--map", "looks-at"], other].concat());
        assert!(caption.contains("looks at") && !caption.contains("test questions"), "{other:?}");
    }
}

#[test]
fn several_maps_stand_beside_each_other_and_say_what_differs() {
    let folder = TempDir::new().unwrap();
    let png = path(&folder, "maps.png");
    let maps = "looks-at,answered-from,read-by";
    let (output, _) = ask(&folder, &["--heatmap", &png, "--map", maps, "--smooth"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let reader = png::Decoder::new(std::io::Cursor::new(fs::read(&png).unwrap()));
    let info = reader.read_info().unwrap();
    assert!(info.info().width > 3 * 480, "three pictures of 480 pixels");
}

#[test]
fn regions_are_counted_by_map_and_by_word_and_close_the_sum() {
    let folder = TempDir::new().unwrap();
    let csv = path(&folder, "map.csv");
    let matrix = path(&folder, "matrix.json");
    let flags = [
        "--heatmap",
        &csv,
        "--of",
        "fish",
        "--reading",
        "mass",
        "--matrix",
        &matrix,
        "--matrix-reading",
        "mass",
        "--box",
        "16,16,40,40",
        "--box",
        "24,24,24,24",
        "--overlap",
        "exclusive",
        "--rest",
    ];
    let (output, report) = ask(&folder, &flags);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let regions = &report["regions"];
    assert_eq!((&regions["map"], &regions["of"]), (&"looks at".into(), &"fish".into()));
    let table = regions["table"].as_array().unwrap();
    assert_eq!(table.len(), 3);
    assert_eq!(table[2]["label"], "rest of image");
    assert_eq!(table[0]["area"], 1600 - 576);
    let number = |value: &Value| value.as_f64().unwrap();
    let sum = |field: &str| table.iter().map(|row| number(&row[field])).sum::<f64>();
    assert!((sum("covers") - 1.0).abs() < 1e-6, "{}", sum("covers"));
    let mut reader = csv::Reader::from_path(&csv).unwrap();
    let of_patches: f64 = reader.records().map(|row| row.unwrap()[9].parse::<f64>().unwrap()).sum();
    assert!((sum("mass") - of_patches).abs() < 1e-9, "{} {of_patches}", sum("mass"));
    for row in table {
        let density = number(&row["mass"]) / number(&row["covers"]);
        assert!((number(&row["density"]) - density).abs() < 1e-12);
        assert!(number(&row["lift"]) > 0.0);
    }
    let words = &regions["by_word"];
    assert_eq!(words["map"], "looks at");
    let fish = words["words"].as_array().unwrap().iter().position(|w| w == "fish").unwrap();
    for (row, by_word) in table.iter().zip(words["mass"].as_array().unwrap()) {
        assert!((number(&by_word[fish]) - number(&row["mass"])).abs() < 1e-9);
    }
    let figure: Value = serde_json::from_slice(&fs::read(matrix).unwrap()).unwrap();
    assert_eq!(
        (&figure["figure"], figure["rows"].as_array().unwrap().len()),
        (&"matrix".into(), 3)
    );
}

#[test]
fn regions_are_counted_and_not_outlined_where_that_is_asked_for() {
    let folder = TempDir::new().unwrap();
    let svg = path(&folder, "map.svg");
    let drawn = |flags: &[&str]| {
        let flags = [&["--heatmap", &svg, "--of", "fish", "--box", "nook=16,16,40,40"], flags];
        let (output, report) = ask(&folder, &flags.concat());
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        (fs::read_to_string(&svg).unwrap().contains("nook"), report["regions"]["table"].clone())
    };
    let (is_named, table) = drawn(&[]);
    let (is_named_without, same) = drawn(&["--no-outlines"]);
    assert!(is_named && !is_named_without);
    assert_eq!(table, same);
}

#[test]
fn a_region_smaller_than_a_patch_is_a_warning() {
    let folder = TempDir::new().unwrap();
    let (output, report) = ask(&folder, &["--box", "3,3,4,4"]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("smaller than a patch"));
    assert_eq!(report["regions"]["table"][0]["area"], 16);
}

#[test]
fn what_the_mask_closes_is_said_and_has_no_numbers() {
    let folder = TempDir::new().unwrap();
    let svg = path(&folder, "map.svg");
    let flags = ["--attention", "causal", "--map", "read-by", "--of", "fish", "--heatmap", &svg];
    let (output, report) = ask(&folder, &[&flags[..], &["--box", "16,16,40,40"]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(fs::read_to_string(svg).unwrap().contains("Zero by construction"));
    assert_eq!(report["regions"]["table"][0]["mass"], Value::Null);
    assert_eq!(report["regions"]["by_word"]["mass"][0][1], Value::Null);
}

#[test]
fn what_cannot_be_drawn_is_refused_in_one_line() {
    let folder = TempDir::new().unwrap();
    let (model, image) = specimen();
    let png = path(&folder, "map.png");
    let missing = path(&folder, "missing/map.png");
    let refused = |flags: &[&str], parts: &[&str]| {
        let args = ["ask", "--device", "cpu", "--model", &model, "--image", &image];
        check_failure(&[&args[..], &["--question", QUESTION], flags].concat(), parts);
    };
    refused(&["--heatmap", "map.pdf"], &["map.pdf", ".png, .svg, .csv or .json"]);
    refused(&["--heatmap", &missing], &["--heatmap", "missing"]);
    refused(&["--heatmap", &png, "--of", "horse"], &["horse", "fish"]);
    refused(&["--heatmap", &png, "--of", "#900", "--map", "looks-at"], &["#900"]);
    refused(&["--heatmap", &png, "--of", "#3"], &["#3", "--map"]);
    refused(&["--heatmap", &png, "--opacity", "2"], &["opacity", "0 to 1"]);
    refused(&["--heatmap", &png, "--map", "sees"], &["sees", "looks-at"]);
    refused(&["--matrix", "matrix.svg"], &["--matrix", "--box"]);
    refused(&["--regions", "no/such/file"], &["no/such/file"]);
    refused(&["--box", "1,2,3"], &["1,2,3"]);
    assert!(!fs::exists(png).unwrap(), "nothing half-written is left");
}
