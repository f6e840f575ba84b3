//! Prompts as data: the exact words, and what each stretch of them is for.

#![expect(clippy::single_char_pattern, reason = "a quotation mark reads better as a text")]

use std::{fs, sync::Arc};

use aki_lens::{
    benchmark::{Benchmark, BenchmarkRow, Prompts, prompt_sha256},
    domain::{PICTURE, TextRole, UserText},
};
use serde_json::{Value, json};

use super::{reading::read, table, vectors, write};

/// Rows of a vector, each with a path to a picture.
fn rows(vector: &Value) -> Vec<BenchmarkRow> {
    let with_picture = |row: &Value| {
        let mut row = row.clone();
        let n_pictures =
            row["image_path"].as_str().map_or(1, |path| path.matches("'").count().max(2) / 2);
        row.as_object_mut().unwrap().remove("image");
        row["image_path"] = json!(format!("[{}]", vec!["'p.png'"; n_pictures].join(", ")));
        row
    };
    let rows: Vec<Value> = vector["rows"].as_array().unwrap().iter().map(with_picture).collect();
    let file = write("t.tsv", table(&rows));
    fs::write(file.path.with_file_name("p.png"), b"x").unwrap();
    read(&file.path).into_iter().map(Result::unwrap).collect()
}

/// The messages that VLMEvalKit sends, as one text with its first picture.
fn joined(messages: &Value) -> String {
    let mut text = String::new();
    for message in messages.as_array().unwrap() {
        match message["type"].as_str().unwrap() {
            "text" => text.push_str(message["value"].as_str().unwrap()),
            _ if text.contains(PICTURE) => {}
            _ => text.push_str(PICTURE),
        }
    }
    text
}

fn ask(preset: &str, benchmark: Benchmark, row: &BenchmarkRow) -> UserText {
    Prompts::embedded().unwrap().ask(preset, Some(benchmark), row).unwrap().turn
}

#[test]
fn every_vector_of_messages_is_asked_in_the_same_words() {
    let vectors = vectors();
    for (name, benchmark) in [
        ("pope", Benchmark::Pope),
        ("mmbench", Benchmark::MmBench),
        ("seed", Benchmark::SeedBenchImg),
        ("rwqa", Benchmark::RealWorldQa),
        ("mmmu", Benchmark::Mmmu),
    ] {
        let rows = rows(&vectors[name]);
        for (row, messages) in rows.iter().zip(vectors[name]["messages"].as_array().unwrap()) {
            let turn = ask("vlmevalkit_committed", benchmark, row);
            assert_eq!(turn.text(), joined(messages), "{name}, row {}", row.index);
        }
    }
}

/// What stands in a whole prompt between the user's marker and the end of the turn.
fn turn_of(prompt: &str) -> &str {
    let (_, turn) = prompt.split_once("<|user|>\n").unwrap();
    turn.strip_suffix("<|end|>\n<|assistant|>\n").unwrap()
}

#[test]
fn every_prompt_of_the_aki_adapter_is_reproduced() {
    let vectors = vectors();
    let mut n_seen = 0;
    for (name, benchmark) in
        [("pope", Benchmark::Pope), ("mmbench", Benchmark::MmBench), ("mmmu", Benchmark::Mmmu)]
    {
        let prompts = match &vectors[name]["aki_prompt"] {
            Value::Array(prompts) => prompts.clone(),
            one => vec![one.clone()],
        };
        for (row, prompt) in rows(&vectors[name]).iter().zip(prompts) {
            let turn = ask("vlmevalkit_committed", benchmark, row);
            assert_eq!(turn.text(), turn_of(prompt["prompt"].as_str().unwrap()));
            n_seen += 1;
        }
    }
    assert_eq!(n_seen, 2 + 1 + 7);
    let toggled = vectors["pope"]["aki_prompt_yorn_toggle"].as_array().unwrap();
    for (row, prompt) in rows(&vectors["pope"]).iter().zip(toggled) {
        let turn = ask("aki_sft", Benchmark::Pope, row);
        assert_eq!(turn.text(), turn_of(prompt.as_str().unwrap()));
    }
}

#[test]
fn every_prompt_of_the_authors_cv_bench_script_is_reproduced() {
    let vectors = vectors();
    let vector = &vectors["cvbench"];
    for (row, prompt) in
        vector["rows"].as_array().unwrap().iter().zip(vector["aki_prompts"].as_array().unwrap())
    {
        let choices = row["choices"].as_array().unwrap();
        let row = BenchmarkRow {
            question: row["question"].as_str().unwrap().to_owned(),
            options: ('A'..).zip(choices.iter().map(|c| c.as_str().unwrap().to_owned())).collect(),
            ..empty()
        };
        let turn = ask("aki_sft", Benchmark::CvBench, &row);
        assert_eq!(turn.text(), turn_of(prompt.as_str().unwrap()));
    }
}

fn empty() -> BenchmarkRow {
    let picture =
        aki_lens::benchmark::RowPicture { key: "p".to_owned(), bytes: Arc::new(Vec::new()) };
    BenchmarkRow {
        number: 1,
        index: "0".to_owned(),
        pictures: vec![picture],
        question: "What is it?".to_owned(),
        hint: None,
        options: Vec::new(),
        prompt: None,
        answer: None,
        category: None,
        l2_category: None,
        split: None,
        cells: Vec::new(),
    }
}

/// Each span's role and text, and that they neither overlap nor hold the picture.
fn spans(turn: &UserText) -> Vec<(TextRole, &str)> {
    let mut end = 0;
    let picture = turn.picture().unwrap();
    for span in turn.spans() {
        let bytes = &span.byte_range;
        assert!(end <= bytes.start && bytes.start < bytes.end, "{turn:?}");
        assert!(bytes.end <= picture.start || picture.end <= bytes.start, "{turn:?}");
        end = bytes.end;
    }
    turn.spans().iter().map(|span| (span.role, &turn.text()[span.byte_range.clone()])).collect()
}

#[test]
fn spans_say_what_each_stretch_is_for() {
    let row = BenchmarkRow {
        hint: Some("Look up.".to_owned()),
        options: vec![('A', "red".to_owned()), ('C', "blue".to_owned())],
        ..empty()
    };
    let turn = ask("vlmevalkit_committed", Benchmark::MmBench, &row);
    assert_eq!(
        spans(&turn),
        [
            (TextRole::Hint, "Hint: Look up.\n"),
            (TextRole::Question, "Question: What is it?\n"),
            (TextRole::Options, "Options:\nA. red\nC. blue\n"),
            (TextRole::Suffix, "Please select the correct answer from the options above. \n"),
        ]
    );
    let row = BenchmarkRow { question: "Is it? Please answer yes or no. ".to_owned(), ..empty() };
    let turn = ask("aki_sft", Benchmark::Mme, &row);
    assert_eq!(
        spans(&turn),
        [
            (TextRole::Instruction, "Answer the question using a single word or phrase. "),
            (TextRole::Question, "Is it? "),
            (TextRole::Suffix, "Please answer yes or no."),
            (TextRole::Question, " "),
        ]
    );
}

#[test]
fn what_a_question_says_itself_is_not_said_again() {
    let said = "Is it?\nAnswer the question using a single word or phrase.";
    let row = BenchmarkRow { question: said.to_owned(), ..empty() };
    assert_eq!(ask("aki_sft", Benchmark::Pope, &row).text(), format!("<image>\n{said}"));
    let said = "Which?\n(A) x\nAnswer with the option's letter from the given choices directly.";
    let row = BenchmarkRow { prompt: Some(said.to_owned()), ..empty() };
    assert_eq!(ask("cambrian", Benchmark::CvBench, &row).text(), format!("<image>\n{said}"));
    let row = BenchmarkRow { prompt: Some("Which?\n(A) x".to_owned()), ..empty() };
    assert_eq!(ask("cambrian", Benchmark::CvBench, &row).text(), format!("<image>\n{said}"));
}

#[test]
fn what_stands_in_a_row_is_never_read_as_a_template() {
    let row = BenchmarkRow {
        question: "What does {hint} {option} mean?".to_owned(),
        options: vec![('A', "{question}".to_owned())],
        ..empty()
    };
    let turn = ask("tabletop", Benchmark::SeedBenchImg, &row);
    let expected =
        "<image>\nWhat does {hint} {option} mean?\nA. {question}\nAnswer with the letter.";
    assert_eq!(turn.text(), expected);
}

#[test]
fn mmmu_asks_about_the_picture_that_its_text_names_first() {
    let prompts = Prompts::embedded().unwrap();
    let two = || vec![empty().pictures[0].clone(), empty().pictures[0].clone()];
    let ask = |question: &str| {
        let row = BenchmarkRow { question: question.to_owned(), pictures: two(), ..empty() };
        prompts.ask("aki_sft", Some(Benchmark::Mmmu), &row)
    };
    let asked = ask("See <image 2> and <image 1>.").unwrap();
    assert_eq!((asked.picture, asked.n_left_out), (1, 1));
    assert!(asked.turn.text().ends_with("See <image> and ."), "{}", asked.turn.text());
    assert!(!asked.turn.text().starts_with('\n'));
    let question: Vec<_> =
        spans(&asked.turn).into_iter().filter(|(role, _)| *role == TextRole::Question).collect();
    assert_eq!(question, [(TextRole::Question, "See "), (TextRole::Question, " and .")]);
    let asked = ask("No marker.").unwrap();
    assert_eq!((asked.picture, asked.n_left_out), (0, 1));
    assert!(asked.turn.text().starts_with("<image>\n"));
    for (broken, part) in [
        ("<image 3>", "2 pictures"),
        ("<image x>", "<image x>"),
        ("<image 12>", "<image 12>"),
        ("at <image ", "<image "),
        ("at <image é>", "<image é"),
    ] {
        let error = ask(broken).unwrap_err();
        assert!(error.contains(part), "{error}");
    }
    // Elsewhere such a marker is text.
    let row = BenchmarkRow { question: "<image 1>?".to_owned(), ..empty() };
    let turn = prompts.ask("aki_sft", Some(Benchmark::SeedBenchImg), &row).unwrap().turn;
    assert_eq!(
        turn.text(),
        "<image>\nAnswer with the option's letter from the given choices directly. <image 1>?"
    );
}

#[test]
fn a_picture_goes_behind_all_words_where_text_comes_first() {
    let with = |before: &str, after: &str| {
        let mut turn = UserText::default();
        turn.push(Some(TextRole::Question), before);
        turn.push_picture();
        turn.push(None, "\n");
        turn.push(Some(TextRole::Options), after);
        turn.with_picture_last()
    };
    let last = with("", "A. x");
    assert_eq!(last.text(), "A. x\n<image>");
    assert_eq!(spans(&last), [(TextRole::Options, "A. x")]);
    let last = with("See ", "here");
    assert_eq!(last.text(), "See \nhere\n<image>");
    assert_eq!(spans(&last), [(TextRole::Question, "See "), (TextRole::Options, "here")]);
    assert_eq!(&last.text()[last.words()], "See \nhere");
    assert_eq!(last.with_picture_last(), last);
}

#[test]
fn presets_of_ones_own_are_read_and_checked() {
    let own = "version = 1\n[presets.mine]\nabout = \"x\"\n\
               open = [{ text = \"{question}!\", role = \"question\" }, { picture = true }]\n";
    let file = write("own.toml", own);
    let asked = Prompts::open(&file.path).unwrap().ask("mine", None, &empty()).unwrap();
    assert_eq!(asked.turn.text(), "What is it?!<image>");
    let broken = [
        ("version = 2\n[presets]\n", "version 2"),
        ("version = 1\n[presets.a]\nabout = \"\"\nopen = [{ text = \"{qestion}\" }]\n", "qestion"),
        ("version = 1\n[presets.a]\nabout = \"\"\nlike = \"b\"\n", "like b"),
        (
            "version = 1\n[presets.a]\nabout = \"\"\nopen = [{ role = \"verb\", text = \"x\" }]\n",
            "verb",
        ),
        (
            "version = 1\n[presets.a]\nabout = \"\"\nopen = [{ picture = true, text = \"x\" }]\n",
            "one of",
        ),
        ("version = 1\n[presets.a.only]\nMMX = []\n[presets.a]\nabout = \"\"\n", "own.toml"),
        ("nonsense", "line 1"),
    ];
    for (text, part) in broken {
        fs::write(&file.path, text).unwrap();
        let error = Prompts::open(&file.path).unwrap_err().to_string();
        assert_eq!(error.lines().count(), 1, "{error}");
        assert!(error.contains(part) && error.contains("own.toml"), "{error}");
    }
    let prompts = Prompts::embedded().unwrap();
    let error = prompts.ask("mine", None, &empty()).unwrap_err();
    assert!(error.contains("mine") && error.contains("aki_sft"), "{error}");
}

#[test]
fn a_prompt_has_a_fingerprint() {
    // FIPS 180-2, appendix B.1.
    let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(prompt_sha256("abc"), expected);
}
