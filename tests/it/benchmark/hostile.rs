//! Files that are broken on purpose: one clear line each, and no more memory than a row needs.

#![expect(clippy::print_stdout, reason = "a child process tells its parent what it measured")]

use std::{fs, io::Write as _, path::Path};

use aki_lens::benchmark::{BenchmarkFile, Predictions};
use proptest::prelude::*;
use tempfile::TempDir;

use super::{
    reading::{options, read},
    write,
};

#[track_caller]
fn refused(name: &str, bytes: &[u8], parts: &[&str]) {
    let file = write(name, bytes);
    let errors = [
        BenchmarkFile::open(&file.path, &options()).map(|_| ()).unwrap_err().to_string(),
        Predictions::open(&file.path).map(|_| ()).unwrap_err().to_string(),
    ];
    for error in errors {
        assert_eq!(error.lines().count(), 1, "{error}");
        assert!(error.contains(name), "{error}");
        assert!(parts.iter().all(|part| error.contains(part)), "{error}");
    }
}

#[test]
fn what_is_no_table_is_refused_in_one_line() {
    refused("empty.tsv", b"", &["no row"]);
    refused("blank.tsv", b"\n \n\r\n", &["no row"]);
    refused("quote.tsv", b"\"index\tquestion\n1\tq\n", &["header", "never closed"]);
    refused("bytes.tsv", b"index\t\xff\xfe\n", &["header", "UTF-8"]);
    refused(
        "wide.tsv",
        format!("index{}\n", "\tx".repeat(1_000_000)).as_bytes(),
        &["1000001 columns"],
    );
    refused("nul.tsv", b"index\tquest\0ion\n", &["header", "NUL"]);
    let missing = Predictions::open("no/such/file.tsv".as_ref()).unwrap_err().to_string();
    assert!(missing.contains("no/such/file.tsv"), "{missing}");
}

#[test]
fn a_row_that_is_none_is_told_with_its_number() {
    let header = "index\timage_path\tquestion\tprediction\n";
    let row = |bytes: &[u8]| {
        [header.as_bytes(), b"0\tp.png\tfine\tyes\n", bytes, b"\n9\tp.png\tafter\tno\n"].concat()
    };
    let cases: [(Vec<u8>, &str); 5] = [
        (row(b"1\tp.png\t\xc3\x28\tx"), "row 2: column \"question\" is not UTF-8 at its byte 0"),
        (row(b"1\tp.png\ta\0b\tx"), "row 2: column \"question\" holds a NUL at its byte 1"),
        (
            row(format!("1{}", "\tx".repeat(1_000_000)).as_bytes()),
            "row 2: 1000001 cells under 4 columns",
        ),
        (row(b"1\tp.png\t\"q\tx"), "row 2: a quote opens and is never closed"),
        (row(b"1\tp.png\t\tx"), "row 2 (index 1): the question is empty"),
    ];
    for (bytes, expected) in cases {
        let file = write("t.tsv", &bytes);
        fs::write(file.path.with_file_name("p.png"), b"x").unwrap();
        let rows = read(&file.path);
        let fault = rows[1].as_ref().unwrap_err().to_string();
        assert_eq!(fault, expected);
        // A score of what is left would be another number.
        if !expected.contains("empty") {
            let error = Predictions::open(&file.path).unwrap_err().to_string();
            assert!(error.ends_with(expected) && error.contains("t.tsv"), "{error}");
        }
        let can_go_on = !expected.contains("never closed");
        assert_eq!(rows.len(), if can_go_on { 3 } else { 2 }, "{expected}");
    }
}

#[test]
fn a_parquet_file_that_is_cut_or_changed_never_panics() {
    let whole = fs::read(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/benchmarks/cv_bench_snappy.parquet"),
    )
    .unwrap();
    let open = |bytes: &[u8]| {
        let file = write("t.parquet", bytes);
        match BenchmarkFile::open(&file.path, &options()) {
            Ok(file) => file.rows().map_or(0, Iterator::count),
            Err(error) => {
                assert_eq!(error.to_string().lines().count(), 1, "{error}");
                0
            }
        }
    };
    assert_eq!(open(&whole), 7);
    for cut in (0..whole.len()).step_by(211) {
        assert_eq!(open(&whole[..cut]), 0, "cut at {cut}");
    }
    for at in (0..whole.len()).step_by(37) {
        let mut changed = whole.clone();
        changed[at] ^= 0xa5;
        open(&changed);
    }
}

#[test]
fn columns_that_must_be_there_are_named() {
    let file = write("t.tsv", "index\tquestion\n1\tq\n");
    let error = BenchmarkFile::open(&file.path, &options()).unwrap_err().to_string();
    assert!(error.contains("\"image\"") && error.contains("index, question"), "{error}");
    let error = Predictions::open(&file.path).unwrap_err().to_string();
    assert!(error.contains("\"prediction\""), "{error}");
}

/// The largest amount of memory this process ever had, in bytes.
#[cfg(target_os = "linux")]
fn peak_memory() -> Option<usize> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM"))?;
    line.split_ascii_whitespace().nth(1)?.parse::<usize>().ok().map(|kib| kib * 1024)
}

/// Where the same test, in a process of its own, finds the table.
const LARGE: &str = "AKI_LENS_LARGE_TABLE";

/// Memory of this process grows with all tests that run beside each other, so the table is read in
/// another one: this binary again, with this test alone.
#[cfg(target_os = "linux")]
#[test]
fn a_large_table_is_read_in_the_memory_of_a_row() {
    const ROWS: usize = 640;
    const BASE64_BYTES: usize = 1 << 18;
    if let Some(path) = std::env::var_os(LARGE) {
        let path = Path::new(&path);
        let read = |path: &Path| -> usize {
            let file = BenchmarkFile::open(path, &options()).unwrap();
            let rows = file.rows().unwrap().map(Result::unwrap);
            rows.map(|row| row.pictures[0].bytes.len()).sum()
        };
        // Pages of the program that reads come into memory too, and are not what is measured.
        assert_eq!(read(&path.with_file_name("small.tsv")), 3 << 8);
        let before = peak_memory().unwrap();
        assert_eq!(read(path), ROWS * (BASE64_BYTES / 4 * 3));
        println!("grown by {}", peak_memory().unwrap() - before);
        return;
    }
    let folder = TempDir::new().unwrap();
    let small = format!("index\timage\tquestion\n0\t{}\tquestion 0\n", "QUJD".repeat(1 << 8));
    fs::write(folder.path().join("small.tsv"), small).unwrap();
    let path = folder.path().join("large.tsv");
    let mut file = std::io::BufWriter::new(fs::File::create(&path).unwrap());
    file.write_all(b"index\timage\tquestion\n").unwrap();
    let base64 = "QUJD".repeat(BASE64_BYTES / 4);
    for row in 0..ROWS {
        // Every other row points at a picture: at the one before, or at one long gone.
        let image = match row % 4 {
            0 | 2 => base64.clone(),
            1 => (row - 1).to_string(),
            _ => "0".to_owned(),
        };
        writeln!(file, "{row}\t{image}\tquestion {row}").unwrap();
    }
    file.into_inner().unwrap();
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--nocapture"])
        .arg("benchmark::hostile::a_large_table_is_read_in_the_memory_of_a_row")
        .env(LARGE, &path)
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}");
    let grown = said.split("grown by ").nth(1).unwrap();
    let grown: usize = grown.split_ascii_whitespace().next().unwrap().parse().unwrap();
    let size = fs::metadata(&path).unwrap().len() as usize;
    assert!(grown < size / 10, "{grown} bytes more for a table of {size}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn made_up_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let head = b"index\timage\tquestion\tprediction\n";
        for bytes in [bytes.clone(), [&head[..], &bytes].concat()] {
            for name in ["t.tsv", "t.csv", "t.jsonl"] {
                let file = write(name, &bytes);
                if let Ok(file) = BenchmarkFile::open(&file.path, &options()) {
                    file.rows().unwrap().for_each(drop);
                }
                Predictions::open(&file.path).ok();
            }
        }
    }
}
