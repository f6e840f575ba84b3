//! The program itself, by its standard input and output.

use std::{
    fs,
    io::Write as _,
    path::Path,
    process::{Command, Output, Stdio},
};

use serde_json::Value;

use crate::tiny_model::{LABELS, plain_model, tiny_model};

/// Runs the program with `input` and no environment but what finds libtorch.
fn run(args: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_aki-lens-pos-rust-bert"))
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // A program that answers while it reads would wait for us if we wrote everything first.
    let writer = std::thread::Builder::new().name("input".to_owned());
    let writer = writer.spawn(move || stdin.write_all(&input).is_ok()).unwrap();
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

fn lines(output: &Output) -> Vec<Value> {
    let text = std::str::from_utf8(&output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn converse(folder: &Path, input: &[u8]) -> Vec<Value> {
    let output = run(&["--model", folder.to_str().unwrap()], input);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    lines(&output)
}

#[test]
fn it_says_hello_answers_and_ends_with_its_input() {
    let folder = plain_model();
    let lines = converse(folder.path(), "{\"question\":\"Où is the dog?\"}\n".as_bytes());
    let [hello, answer] = lines.as_slice() else { panic!("{lines:?}") };
    assert_eq!(hello["protocol"], 1);
    let program = concat!("aki-lens-pos-rust-bert ", env!("CARGO_PKG_VERSION"));
    assert_eq!(hello["program"], program);
    assert_eq!(hello["model"], folder.path().to_str().unwrap());
    assert_eq!(hello["labels"], serde_json::json!(LABELS));
    assert_eq!(answer["question"], "Où is the dog?");
    assert_eq!(answer["pieces"], 1);
    let words = answer["words"].as_array().unwrap();
    let spans: Vec<_> = words
        .iter()
        .map(|word| (word["text"].as_str(), word["start"].as_u64(), word["end"].as_u64()))
        .map(|(text, start, end)| (text.unwrap(), start.unwrap(), end.unwrap()))
        .collect();
    let expected = [("Où", 0, 3), ("is", 4, 6), ("the", 7, 10), ("dog", 11, 14), ("?", 14, 15)];
    assert_eq!(spans, expected);
    assert!(words.iter().all(|word| word["tag"].is_string() && word["score"].is_f64()));
}

#[test]
fn whatever_is_said_to_it_it_answers_line_by_line() {
    let folder = plain_model();
    let mut input =
        b"\n\xff\xfe\n{}\n[1]\nhello\n{\"question\":3}\n{\"question\":\"\\ud800\"}\n".to_vec();
    let bad = 7;
    input.extend(b"{\"question\":\"\"}\r\n{\"question\":\" \\u0000\\u0007\\n \"}\n");
    input.extend(b"{\"question\":\"[SEP] [CLS]\"}\n{\"question\":\"the dog\",\"more\":1}");
    let lines = converse(folder.path(), &input);
    assert_eq!(lines.len(), 1 + bad + 4);
    assert!(lines[1..=bad].iter().all(|line| line["error"].is_string()), "{lines:?}");
    assert!(lines[1 + bad..].iter().all(|line| line["words"].is_array()), "{lines:?}");
    assert_eq!(lines.last().unwrap()["words"].as_array().unwrap().len(), 2);
}

#[test]
fn ten_thousand_words_get_one_line() {
    let folder = plain_model();
    let question = serde_json::json!({"question": "the dog ".repeat(5_000)});
    let lines = converse(folder.path(), format!("{question}\n").as_bytes());
    assert_eq!(lines[1]["words"].as_array().unwrap().len(), 10_000);
    assert!(lines[1]["pieces"].as_u64().unwrap() > 1);
}

#[test]
fn a_score_that_is_no_number_is_null() {
    let folder = tiny_model("model.safetensors", [1000.0; LABELS.len()]);
    let lines = converse(folder.path(), b"{\"question\":\"dog\"}");
    let word = &lines[1]["words"][0];
    assert!(word["tag"].is_null() && word["score"].is_null(), "{word}");
}

#[test]
fn without_a_model_the_first_line_says_why() {
    let folder = plain_model();
    fs::remove_file(folder.path().join("vocab.txt")).unwrap();
    let path = folder.path().to_str().unwrap();
    for (args, expected) in [
        (vec!["--model", path], "vocab.txt"),
        (vec!["--model", "/no/such/folder"], "/no/such/folder"),
        (vec!["--model"], "--model"),
        (vec![], "--model"),
        (vec!["--what"], "--what"),
    ] {
        let output = run(&args, b"{\"question\":\"dog\"}\n");
        let lines = lines(&output);
        assert_eq!(output.status.code(), Some(2));
        assert_eq!(lines.len(), 1);
        assert!(lines[0]["error"].as_str().unwrap().contains(expected), "{lines:?}");
    }
}

#[test]
fn help_and_version_are_plain_text() {
    let text = |args| String::from_utf8(run(args, b"").stdout).unwrap();
    assert!(text(&["--help"]).contains("Usage: aki-lens-pos-rust-bert --model DIR"));
    let version = concat!("aki-lens-pos-rust-bert ", env!("CARGO_PKG_VERSION"), "\n");
    assert_eq!(text(&["--version"]), version);
}
