//! The order of a batch: each picture once, wherever its questions stand.

use std::{fs, ops::ControlFlow, path::Path};

use aki_lens::{
    benchmark::{BenchmarkFile, ReadOptions},
    eval::batch::{BatchError, BatchSource, Shard, SourceStep},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use tempfile::TempDir;

/// A "picture" of some bytes that is longer than a reference may be.
fn encoded(seed: u8) -> String {
    STANDARD.encode([seed; 90])
}

fn write(path: &Path, images: &[String]) {
    let mut text = String::from("index\timage\tquestion\tanswer\n");
    for (i, image) in images.iter().enumerate() {
        text.push_str(&[&(10 + i).to_string(), image, &format!("Question {i}?"), "yes"].join("\t"));
        text.push('\n');
    }
    fs::write(path, text).unwrap();
}

/// The rows of each picture of a shard, and each picture's number.
fn order(source: &BatchSource, shard: Shard) -> Vec<(usize, Vec<usize>)> {
    let pictures = source.pictures(shard).unwrap();
    pictures
        .map(|picture| (picture.number, picture.questions.iter().map(|q| q.row).collect()))
        .collect()
}

#[test]
fn questions_about_one_picture_are_asked_together_wherever_they_stand() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("questions.tsv");
    // The same picture as bytes of its own, and as the index of another row.
    let images = [encoded(1), encoded(2), "10".to_owned(), encoded(2), encoded(1), encoded(3)];
    write(&path, &images);
    let source = BatchSource::open(&path, None).unwrap();
    let all = order(&source, Shard::WHOLE);
    assert_eq!(all, [(0, vec![0, 2, 4]), (1, vec![1, 3]), (2, vec![5])]);
    assert_eq!(source.row_numbers(Shard::WHOLE).collect::<Vec<_>>(), [0, 2, 4, 1, 3, 5]);
    let pictures: Vec<_> = source.pictures(Shard::WHOLE).unwrap().collect();
    assert_eq!(*pictures[1].picture.clone().unwrap(), [2; 90]);
    assert_eq!(pictures[0].questions[2].text, "Question 4?");
    assert_eq!(pictures[0].questions[2].index, "14");
    let second = Shard { number: 2, of: 2 };
    assert_eq!(order(&source, second), [(1, vec![1, 3])]);
    assert_eq!((source.n_rows(Shard::WHOLE), source.n_rows(second)), (6, 2));
}

#[test]
fn reading_stops_in_the_first_look_and_in_the_second_and_otherwise_tells_of_all() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("questions.tsv");
    write(&path, &[encoded(1), encoded(2), encoded(1)]);
    // How many steps are told until one breaks.
    let read = |last: usize| {
        let mut told = Vec::new();
        let source = BatchSource::open_telling(&path, &path, None, &mut |step| {
            told.push(match step {
                SourceStep::Looked(rows) => format!("looked at {rows}"),
                SourceStep::Read(_, question) => question.text.clone(),
            });
            if told.len() == last { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        (told.len(), told, source.map(|source| source.n_rows(Shard::WHOLE)))
    };
    for last in 1..=6 {
        let (n, _, source) = read(last);
        assert!(matches!(source, Err(BatchError::Stopped)), "{source:?}");
        assert_eq!(n, last);
    }
    let (_, told, source) = read(7);
    let looked = [1, 2, 3].map(|rows| format!("looked at {rows}"));
    assert_eq!(told[..3], looked);
    assert_eq!(told[3..], ["Question 0?", "Question 1?", "Question 2?"]);
    assert_eq!(source.unwrap(), 3);
}

#[test]
fn rows_that_cannot_be_read_keep_their_place_and_stop_nothing() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("questions.tsv");
    write(&path, &[encoded(1), "nowhere".to_owned(), encoded(1), "!".repeat(80)]);
    let source = BatchSource::open(&path, None).unwrap();
    assert_eq!(order(&source, Shard::WHOLE), [(0, vec![0, 2]), (1, vec![1]), (2, vec![3])]);
    let pictures: Vec<_> = source.pictures(Shard::WHOLE).unwrap().collect();
    let reason = pictures[1].questions[0].asked.clone().unwrap_err();
    assert!(reason.contains("nowhere"), "{reason}");
    assert!(pictures[2].picture.clone().unwrap_err().contains("base64"));
}

#[test]
fn the_rows_of_a_line_file_are_read_in_any_order_too() {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("img")).unwrap();
    for (name, seed) in [("a.png", 1), ("b.png", 2)] {
        fs::write(folder.path().join("img").join(name), [seed; 90]).unwrap();
    }
    let path = folder.path().join("test_2d.jsonl");
    let line = |i: usize, name: &str| {
        format!("{{\"idx\": {i}, \"question\": \"Question {i}?\", \"filename\": \"{name}\"}}\n")
    };
    let lines = [line(0, "a.png"), line(1, "b.png"), "\n".to_owned(), line(2, "a.png")];
    fs::write(&path, lines.concat()).unwrap();
    let source = BatchSource::open(&path, None).unwrap();
    let pictures: Vec<_> = source.pictures(Shard::WHOLE).unwrap().collect();
    let texts = |i: usize| {
        let questions = pictures[i].questions.iter();
        questions.map(|q| q.text.clone()).collect::<Vec<_>>()
    };
    assert_eq!(texts(0), ["Question 0?", "Question 2?"]);
    assert_eq!(texts(1), ["Question 1?"]);
}

#[test]
fn a_batch_knows_its_questions_by_what_they_ask_wherever_the_file_lies() {
    let folder = TempDir::new().unwrap();
    let content = |name: &str, images: &[String]| {
        let path = folder.path().join(name);
        write(&path, images);
        BatchSource::open(&path, None).unwrap().content().to_owned()
    };
    let one = content("one.tsv", &[encoded(1), encoded(2)]);
    assert_eq!(content("other.tsv", &[encoded(1), encoded(2)]), one);
    assert_ne!(content("other.tsv", &[encoded(1), encoded(3)]), one);
    assert_ne!(content("other.tsv", &[encoded(1)]), one);
    // A picture in a file of its own belongs to the question as well.
    let path = folder.path().join("by_name.tsv");
    write(&path, &["a.png".to_owned()]);
    let of_picture = |seed: u8| {
        fs::write(folder.path().join("a.png"), [seed; 90]).unwrap();
        BatchSource::open(&path, None).unwrap().content().to_owned()
    };
    assert_ne!(of_picture(1), of_picture(2));
}

#[test]
fn rows_are_found_again_where_they_stood() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("questions.tsv");
    write(&path, &[encoded(1), encoded(2), encoded(3)]);
    // Blank lines and a line of too many cells in between.
    let text = fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let wrong = "12\ta\tb\tc\td\te";
    fs::write(&path, [lines[0], lines[1], "", wrong, lines[2], "", lines[3]].join("\n")).unwrap();
    let file = BenchmarkFile::open(&path, &ReadOptions::default()).unwrap();
    let mut rows = file.rows().unwrap();
    let mut places = Vec::new();
    let mut read = Vec::new();
    loop {
        let place = rows.place().unwrap();
        let Some(row) = rows.next() else { break };
        places.push(place);
        read.push(row.map(|row| (row.number, row.question)).map_err(|fault| fault.row));
    }
    assert_eq!(read.len(), 4);
    assert_eq!(read[1], Err(2));
    for (place, expected) in places.iter().zip(&read).rev() {
        rows.go_to(*place).unwrap();
        let row = rows.next().unwrap();
        assert_eq!(&row.map(|row| (row.number, row.question)).map_err(|fault| fault.row), expected);
    }
}
