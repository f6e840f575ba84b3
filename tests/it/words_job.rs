//! Words on the command line: `pos`, and what `ask` tells of them.

use std::{
    fs,
    io::Write as _,
    process::{Command, Output, Stdio},
};

use aki_lens::domain::Bucket;
use serde_json::Value;
use tempfile::TempDir;

use crate::cli::{QUESTION, aki_lens, check_failure, specimen, text};

fn pos(args: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_aki-lens"))
        .arg("pos")
        .args(args)
        .env("AKI_LENS_POS_RUST_BERT", "/no/such/program")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // From a thread of its own, so that neither pipe can fill up while nobody reads it.
    let (mut stdin, input) = (child.stdin.take().unwrap(), input.to_vec());
    let writer = std::thread::Builder::new().spawn(move || stdin.write_all(&input)).unwrap();
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    output
}

fn lines(output: &Output) -> Vec<Value> {
    text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn pos_prints_one_json_object_a_line_whatever_the_line_holds() {
    let long = "how many red cups ".repeat(2500);
    let mut input = Vec::new();
    for line in [
        "Is there a dog left of the caf\u{e9}'s red cup?".as_bytes(),
        b"",
        "\u{1f388}\u{1f388}".as_bytes(),
        b"Is \xff there?",
        b"a\0b \x1b[31m \x07 cup",
        long.as_bytes(),
        b"no line end",
    ] {
        input.extend_from_slice(line);
        input.push(b'\n');
    }
    input.pop();
    let output = pos(&["--json"], &input);
    assert_eq!(output.status.code(), Some(1), "an empty line and a broken one are warned of");
    let found = lines(&output);
    assert_eq!(found.len(), 7);
    for line in &found {
        let question = line["question"].as_str().unwrap();
        let mut end_before = 0;
        for word in line["words"].as_array().unwrap() {
            let [start, end] = ["start", "end"].map(|k| word[k].as_u64().unwrap() as usize);
            assert!(start >= end_before && end > start, "{word}");
            assert_eq!(question.get(start..end), word["text"].as_str(), "bytes of the question");
            assert!(question[end_before..start].trim().is_empty(), "left out before {word}");
            word["bucket"].as_str().unwrap().parse::<Bucket>().unwrap();
            assert!(word["tag"].is_string());
            end_before = end;
        }
    }
    let buckets = |i: usize| -> Vec<&str> {
        found[i]["words"]
            .as_array()
            .unwrap()
            .iter()
            .map(|w| w["bucket"].as_str().unwrap())
            .collect()
    };
    assert_eq!(buckets(0)[..5], ["Function", "Function", "Function", "Objects", "Relations"]);
    assert!(buckets(1).is_empty());
    assert!(buckets(2).iter().all(|bucket| *bucket == "Other"));
    assert_eq!(buckets(5).len(), 10_000);
    let error = text(&output.stderr);
    assert_eq!(error.lines().count(), 2, "{error}");
    assert!(error.contains("line 2: no question") && error.contains("line 4: not UTF-8 at byte 3"));
}

#[test]
fn pos_without_json_is_for_reading() {
    let output = pos(&[], b"Where is the red cup?\n");
    assert_eq!(output.status.code(), Some(0));
    let printed = text(&output.stdout);
    let mut printed = printed.lines();
    assert_eq!(printed.next(), Some("Where is the red cup?"));
    let words: Vec<Vec<&str>> = printed.map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(words[0], ["Where", "ADV", "Relations"]);
    assert_eq!(words.len(), 6);
}

#[test]
fn a_tagger_that_is_not_there_is_named_once_and_the_embedded_one_answers() {
    let questions = b"Is there a dog?\nHow many cups are there?\n";
    let (asked, embedded) =
        (pos(&["--tagger", "rust-bert", "--json"], questions), pos(&["--json"], questions));
    assert_eq!(text(&asked.stdout), text(&embedded.stdout));
    assert_eq!((asked.status.code(), embedded.status.code()), (Some(1), Some(0)));
    let error = text(&asked.stderr);
    assert_eq!(error.lines().count(), 1, "{error}");
    assert!(error.contains("embedded tagger") && error.contains("/no/such/program"), "{error}");
}

/// The report of a question to the specimen, and what was said beside it.
fn ask(more: &[&str]) -> (Value, String) {
    let (model, image) = specimen();
    let mut args = vec!["ask", "--device", "cpu", "--model", &model, "--image", &image];
    args.extend(["--question", QUESTION, "--json", "-"]);
    args.extend(more);
    let output = aki_lens(&args);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    (serde_json::from_slice(&output.stdout).unwrap(), text(&output.stderr))
}

fn numbers(table: &Value) -> Vec<f64> {
    table.as_object().unwrap().values().filter_map(Value::as_f64).collect()
}

#[test]
fn ask_tells_what_each_bucket_of_words_gets() {
    let (report, _) = ask(&[]);
    let table = &report["by_bucket"];
    let mass: f64 = numbers(&table["mass"]).iter().sum();
    assert!((mass + table["unplaced"].as_f64().unwrap() - 1.0).abs() < 1e-5, "a row sums to 1");
    let shares = numbers(&table["share"]);
    assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-9, "shares sum to 1");
    assert!(
        table["share"]["Template"].is_null() && table["template_share"].as_f64().unwrap() > 0.0
    );
    assert!(numbers(&table["lift"]).iter().all(|lift| *lift > 0.0));
    // Every token of the question segment counts once.
    let tokens = report["prompt_tokens"].as_array().unwrap();
    for bucket in Bucket::ALL {
        let in_question = |t: &&Value| t["segment"] == "question" && t["bucket"] == bucket.name();
        let n = tokens.iter().filter(in_question).count();
        assert_eq!(table["tokens"][bucket.name()], n, "{bucket}");
    }
    let words = report["words"].as_array().unwrap();
    assert_eq!(words.len(), 8);
    assert!(words.iter().all(|word| word["edited"] == false));
    assert_eq!(report["tagger"], "brill");
}

#[test]
fn under_a_causal_mask_the_picture_reads_no_word_and_that_is_said() {
    let (report, _) = ask(&["--attention", "causal"]);
    let table = &report["by_bucket"];
    assert_eq!(table["by_construction"], true);
    assert!(numbers(&table["mass"]).iter().all(|mass| *mass == 0.0));
    assert!(numbers(&table["share"]).is_empty() && numbers(&table["lift"]).is_empty());
}

#[test]
fn a_chart_is_drawn_and_a_corrected_word_is_marked_and_counted() {
    let folder = TempDir::new().unwrap();
    let chart = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (svg, csv) = (chart("bars.svg"), chart("bars.csv"));
    let (before, _) = ask(&["--chart", &csv, "--reading", "lift", "--layers", "0,2-3"]);
    let edits = ["--bucket", "Fish=Other", "--bucket", "color#1=Actions"];
    let (after, _) = ask(&[&edits[..], &["--chart", &svg]].concat());

    assert_eq!(before["by_bucket"]["layers"], serde_json::json!([0, 2, 3]));
    assert!(fs::read_to_string(csv).unwrap().contains("Objects"));
    let edited: Vec<&str> = after["words"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|word| word["edited"] == true)
        .map(|word| word["text"].as_str().unwrap())
        .collect();
    assert_eq!(edited, ["fish", "color"]);
    let tokens =
        |report: &Value, bucket: &str| report["by_bucket"]["tokens"][bucket].as_u64().unwrap();
    assert_eq!(tokens(&after, "Actions"), tokens(&before, "Actions") + 1);
    assert_eq!(tokens(&after, "Objects"), tokens(&before, "Objects") - 2);
    let svg = fs::read_to_string(svg).unwrap();
    assert!(svg.contains("2 words edited") && svg.contains("mma"), "the caption says so");
}

#[test]
fn what_cannot_be_measured_is_refused_with_a_reason() {
    let (model, image) = specimen();
    let ask =
        ["ask", "--device", "cpu", "--model", &model, "--image", &image, "--question", QUESTION];
    let refused = |flags: [&str; 2], parts: &[&str]| {
        check_failure(&[&ask[..], &flags[..]].concat(), parts);
    };
    refused(["--chart", "bars.pdf"], &["bars.pdf", ".svg"]);
    refused(["--bucket", "zebra=Objects"], &["zebra", "fish"]);
    refused(["--bucket", "fish#2=Objects"], &["fish#2"]);
    refused(["--bucket", "fish=Fishes"], &["Fishes", "Relations"]);
    refused(["--bucket", "fish=Template"], &["Template"]);
    refused(["--bucket", "fish"], &["WORD=BUCKET"]);
    refused(["--layers", "9"], &["decoder.9.pattern"]);
    refused(["--layers", "3-1"], &["0,2-3"]);
    refused(["--latents", "99"], &["99", "16"]);
    refused(["--reading", "weight"], &["weight", "lift"]);
    refused(["--tagger", "nltk"], &["nltk", "rust-bert"]);
}
