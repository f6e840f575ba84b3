//! The record alone: cut at every byte, damaged, and of another batch.

use std::{collections::BTreeMap, fs, path::Path};

use aki_lens::{
    domain::{AttentionMode, Ending, TextRole},
    eval::batch::{Answer, BatchError, BatchHeader, BatchRow, RecordWriter, Shard, fingerprint},
};
use tempfile::TempDir;

use super::rows;

fn header() -> BatchHeader {
    BatchHeader {
        batch: BatchHeader::VERSION,
        model: "models/some \"quoted\" name".to_owned(),
        weights: "0123456789abcdef".to_owned(),
        attention: vec![AttentionMode::ModalityMutual],
        data: "questions.tsv".to_owned(),
        data_sum: "0".to_owned(),
        prompt: "as the file asks".to_owned(),
        words: vec![TextRole::Question],
        max_new_tokens: 4,
        tagger: "brill".to_owned(),
        layers: vec![0, 1],
        heads: vec![0],
        n_latents: 4,
        rows: 3,
        rows_here: 3,
        shard: Shard::WHOLE,
    }
}

fn row(number: usize) -> BatchRow {
    let answer = Answer {
        prediction: format!("line {number}\nwith \u{fc} and \"quotes\""),
        ending: Ending::Stop,
        prompt_sha256: "ab".repeat(32),
        prompt_len: 40,
        tokens: 3,
        logprob: -0.1 / (number + 1) as f64,
        hit: Some(number == 1),
        by_bucket: None,
        regions: None,
    };
    BatchRow {
        picture: number,
        row: number,
        index: format!("q{number}"),
        attention: AttentionMode::ModalityMutual,
        groups: BTreeMap::from([("category".to_owned(), "color".to_owned())]),
        answer: (number != 2).then_some(answer),
        failed: (number == 2).then(|| "no picture".to_owned()),
    }
}

fn open(path: &Path, header: &BatchHeader) -> Result<(RecordWriter, Vec<BatchRow>), BatchError> {
    let mut there = Vec::new();
    let writer = RecordWriter::open(path, header, &mut |row, _| {
        there.push(row.clone());
        Ok(())
    })?;
    Ok((writer, there))
}

fn whole(path: &Path) -> Vec<u8> {
    let (mut writer, there) = open(path, &header()).unwrap();
    assert!(there.is_empty());
    (0..3).for_each(|number| writer.push(&row(number)).unwrap());
    drop(writer);
    fs::read(path).unwrap()
}

#[test]
fn a_record_that_is_cut_at_any_byte_is_gone_on_with_to_the_same_bytes() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("record.jsonl");
    let bytes = whole(&path);
    assert_eq!(rows(&path), (0..3).map(row).collect::<Vec<_>>());
    for end in 0..=bytes.len() {
        fs::write(&path, &bytes[..end]).unwrap();
        let (mut writer, there) = open(&path, &header()).unwrap();
        // Whole lines are kept, and nothing else; the first line is the header.
        let n_lines = bytes[..end].split(|byte| *byte == b'\n').count() - 1;
        assert_eq!(there, (0..n_lines.saturating_sub(1)).map(row).collect::<Vec<_>>(), "{end}");
        (there.len()..3).for_each(|number| writer.push(&row(number)).unwrap());
        drop(writer);
        assert!(fs::read(&path).unwrap() == bytes, "cut at byte {end}");
    }
}

#[test]
fn a_tail_of_zeros_as_a_power_cut_leaves_it_is_cut_off() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("record.jsonl");
    let bytes = whole(&path);
    let torn = [&bytes[..bytes.len() - 20], &[0; 100]].concat();
    fs::write(&path, torn).unwrap();
    let (mut writer, there) = open(&path, &header()).unwrap();
    assert_eq!(there.len(), 2);
    writer.push(&row(2)).unwrap();
    assert!(fs::read(&path).unwrap() == bytes);
}

#[test]
fn damage_in_the_middle_is_an_error_and_nothing_is_cut_off() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("record.jsonl");
    let mut bytes = whole(&path);
    let second = bytes.iter().position(|byte| *byte == b'\n').unwrap() + 200;
    bytes[second] ^= 1;
    fs::write(&path, &bytes).unwrap();
    let found = open(&path, &header()).unwrap_err().to_string();
    assert!(found.starts_with("line 2 of ") && found.contains("is damaged"), "{found}");
    assert_eq!(fs::read(&path).unwrap(), bytes);
}

#[test]
fn results_of_other_conditions_are_never_mixed() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("record.jsonl");
    let bytes = whole(&path);
    type Change = fn(&mut BatchHeader);
    let changes: [(&str, Change); 10] = [
        ("model", |h| h.model = "another".to_owned()),
        ("weights", |h| h.weights = "f".to_owned()),
        ("attention mma", |h| h.attention.push(AttentionMode::Causal)),
        ("data", |h| h.data = "other.tsv".to_owned()),
        ("fingerprint", |h| h.data_sum = "1".to_owned()),
        ("--max-new-tokens 4", |h| h.max_new_tokens = 5),
        ("--words question", |h| h.words.push(TextRole::Options)),
        ("tagger brill", |h| h.tagger = "rust-bert".to_owned()),
        ("shards 1", |h| h.shard.of = 2),
        ("rows 3", |h| h.rows = 4),
    ];
    for (field, change) in changes {
        let mut other = header();
        change(&mut other);
        let found = open(&path, &other).unwrap_err().to_string();
        assert!(found.contains(field) && found.contains("would be mixed"), "{found}");
    }
    assert!(fs::read(&path).unwrap() == bytes);
}

#[test]
fn another_file_of_that_name_is_left_alone() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("record.jsonl");
    for other in ["{\"some\": \"json\"}\n", "text without a line break", "\n"] {
        fs::write(&path, other).unwrap();
        let found = open(&path, &header()).unwrap_err().to_string();
        assert!(found.contains("is no record of a batch"), "{found}");
        assert_eq!(fs::read_to_string(&path).unwrap(), other);
    }
}

#[test]
fn two_programs_do_not_write_one_record() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("record.jsonl");
    let (_writer, _) = open(&path, &header()).unwrap();
    let found = open(&path, &header()).unwrap_err().to_string();
    assert!(found.starts_with("another program is writing"), "{found}");
}

#[test]
fn shards_deal_out_all_pictures_and_are_written_from_one() {
    for of in 1..6 {
        for picture in 0..20 {
            let holds = (1..=of).filter(|number| Shard { number: *number, of }.holds(picture));
            assert_eq!(holds.count(), 1);
        }
    }
    assert_eq!("2/8".parse::<Shard>().unwrap(), Shard { number: 2, of: 8 });
    for bad in ["0/8", "9/8", "8", "1/0", "a/b", "1/2/3", ""] {
        let found = bad.parse::<Shard>().unwrap_err().to_string();
        assert_eq!(
            found,
            format!("\"{bad}\" is no shard: write i/n with i from 1 to n, as in 2/8")
        );
    }
}

#[test]
fn a_fingerprint_tells_files_of_the_same_length_apart() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("weights");
    let sum = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        fingerprint(&path).unwrap()
    };
    let mut bytes = vec![7; 3_000_000];
    let first = sum(&bytes);
    assert_eq!(first.len(), 16);
    assert_eq!(sum(&bytes), first);
    // Weights differ everywhere, also in the blocks that are looked at.
    for byte in &mut bytes {
        *byte += 1;
    }
    assert_ne!(sum(&bytes), first);
    assert_ne!(sum(&bytes[..2_999_999]), sum(&bytes));
    assert_ne!(sum(b""), sum(b"\0"));
}
