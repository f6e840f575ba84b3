//! Rows of benchmark files: pictures, references, lists, missing values, and constant memory.

#![expect(
    clippy::string_add,
    clippy::format_collect,
    clippy::needless_range_loop,
    reason = "tables are put together as they read"
)]

use std::{
    fs,
    path::{Path, PathBuf},
};

use aki_lens::benchmark::{
    BenchmarkFile, BenchmarkRow, Cell, Missing, PredictionWriter, Predictions, ReadOptions,
    RowFault,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;
use tempfile::TempDir;

use super::{vectors, write};

pub(super) fn options() -> ReadOptions {
    ReadOptions { missing: Missing::Pandas2, picture_folders: Some(Vec::new()) }
}

pub(super) fn read(path: &Path) -> Vec<Result<BenchmarkRow, RowFault>> {
    BenchmarkFile::open(path, &options()).unwrap().rows().unwrap().collect()
}

/// A "picture" of some bytes that is longer than a reference may be.
fn picture(seed: u8) -> Vec<u8> {
    (0..90).map(|i: u8| i.wrapping_mul(7).wrapping_add(seed)).collect()
}

fn encoded(seed: u8) -> String {
    STANDARD.encode(picture(seed))
}

#[test]
fn every_vector_of_tables_is_parsed_as_pandas_does() {
    for vector in vectors()["tsv_parse"].as_array().unwrap() {
        let text = vector["tsv"].as_str().unwrap();
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("p.png"), b"x").unwrap();
        // The vectors have no pictures that could be read: give each row one by its path.
        let mut lines = Vec::new();
        let mut in_quotes = false;
        let ending = if text.contains("\r\n") { "\r\n" } else { "\n" };
        for (i, line) in text.trim_end().split(ending).enumerate() {
            let was_in_quotes = in_quotes;
            // A quote in mid-field is none; in the vectors only 5" is one.
            in_quotes ^= line.replace("5\"", "").matches('"').count() % 2 == 1;
            let name = if i == 0 { "image_path" } else { "p.png" };
            let more = if in_quotes { String::new() } else { format!("\t{name}") };
            lines.push((was_in_quotes, format!("{line}{more}")));
        }
        let joined: Vec<String> = lines.into_iter().map(|(_, line)| line).collect();
        let text = joined.join(ending).replace("\timage\t", "\tpicture\t") + ending;
        let path = folder.path().join("t.tsv");
        fs::write(&path, text).unwrap();

        let rows: Vec<BenchmarkRow> = read(&path).into_iter().map(Result::unwrap).collect();
        let expected = vector["expected_records"].as_array().unwrap();
        assert_eq!(rows.len(), expected.len());
        for ((row, expected), lines) in
            rows.iter().zip(expected).zip(vector["expected_option_lines"].as_array().unwrap())
        {
            assert_eq!(row.index, expected["index"].to_string());
            assert_eq!(row.question, expected["question"].as_str().unwrap());
            assert_eq!(row.hint.as_deref(), expected["hint"].as_str());
            assert_eq!(row.answer.as_deref(), expected["answer"].as_str());
            let found: Vec<String> =
                row.options.iter().map(|(letter, text)| format!("{letter}. {text}")).collect();
            let lines: Vec<&str> =
                lines.as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
            assert_eq!(found, lines);
            for letter in ["A", "B", "C", "D", "E"] {
                let cell = row.cell(letter).filter(|cell| !cell.is_missing());
                let found = cell.map(ToString::to_string);
                let expected = match &expected[letter] {
                    Value::Null => None,
                    Value::String(text) => Some(text.clone()),
                    number => Some(format!("{:?}", number.as_f64().unwrap())),
                };
                assert_eq!(found, expected, "{letter}");
            }
        }
    }
}

#[test]
fn types_of_columns_are_those_of_pandas() {
    // Each: the cells of a column, and what pandas 2.2.3 makes of the first.
    let cases: [(&[&str], &str); 24] = [
        (&["1", "2"], "1"),
        (&["007", "2"], "7"),
        (&[" 1", "2 "], "1"),
        (&["+5", "2"], "5"),
        (&["1", ""], "1.0"),
        (&["1", "None"], "1.0"),
        (&["2.50", "1"], "2.5"),
        (&["1e3", "2"], "1000.0"),
        (&["1.", "2"], "1.0"),
        (&[".5", "2"], "0.5"),
        (&[".", "2"], "."),
        (&["1_0", "2"], "1_0"),
        (&["1,000", "2"], "1,000"),
        (&["0x10", "2"], "0x10"),
        (&["1e400", "0"], "1e400"),
        (&["1e-400", "0"], "0.0"),
        (&["-Infinity", "1"], "-inf"),
        (&[" inf", "1"], " inf"),
        (&["9223372036854775808", "1"], "9223372036854775808"),
        (&["9223372036854775808", "-1"], "9223372036854775808"),
        (&["tRue", "false"], "True"),
        (&["True", ""], "True"),
        (&["true", "1"], "true"),
        (&["0.30000000000000004", "0"], "0.3"),
    ];
    for (cells, expected) in cases {
        let rows: String = cells.iter().map(|cell| format!("{cell}\tq\tp.png\n")).collect();
        let file = write("t.tsv", format!("A\tquestion\timage_path\n{rows}"));
        fs::write(file.path.with_file_name("p.png"), b"x").unwrap();
        let rows = read(&file.path);
        let found = rows[0].as_ref().unwrap().cell("A").unwrap().to_string();
        assert_eq!(found, expected, "{cells:?}");
    }
}

#[test]
fn literal_reading_keeps_every_word() {
    let file = write("t.tsv", "question\tA\tB\timage_path\nq\tNone\t2.50\tp.png\n");
    fs::write(file.path.with_file_name("p.png"), b"x").unwrap();
    let literal = ReadOptions { missing: Missing::Literal, ..options() };
    let rows = BenchmarkFile::open(&file.path, &literal).unwrap().rows().unwrap();
    let row = rows.map(Result::unwrap).next().unwrap();
    assert_eq!(row.options, [('A', "None".to_owned()), ('B', "2.50".to_owned())]);
    let as_pandas = BenchmarkFile::open(&file.path, &options()).unwrap();
    assert!(as_pandas.warnings()[0].contains("1 cell"), "{:?}", as_pandas.warnings());
}

#[test]
fn pictures_come_from_base64_other_rows_lists_and_files() {
    let (a, b) = (encoded(1), encoded(2));
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("sub")).unwrap();
    fs::write(folder.path().join("sub/c.jpg"), b"in a file").unwrap();
    let absolute = folder.path().join("sub/c.jpg");
    let text = format!(
        "index\timage\timage_path\tquestion\n\
         7\t8\t\tforward\n\
         8\t{a}\t\town\n\
         9\t8\t\tback\n\
         10\t\"['{a}', '{b}']\"\t\tlist\n\
         11\t\tsub/c.jpg\tfile\n\
         12\t\t\"['sub/c.jpg', '{}']\"\tfiles\n\
         13\tsub/c.jpg\t\tpath in image\n",
        absolute.display()
    );
    let path = folder.path().join("t.tsv");
    fs::write(&path, text).unwrap();
    let rows: Vec<BenchmarkRow> = read(&path).into_iter().map(Result::unwrap).collect();
    let bytes = |i: usize| -> Vec<Vec<u8>> {
        rows[i].pictures.iter().map(|picture| picture.bytes.to_vec()).collect()
    };
    for i in 0..3 {
        assert_eq!(bytes(i), [picture(1)], "row {i}");
        assert_eq!(rows[i].pictures[0].key, "8", "rows of one picture share its key");
    }
    assert_eq!(bytes(3), [picture(1), picture(2)]);
    assert_eq!(bytes(4), [b"in a file"]);
    assert_eq!(bytes(5), [b"in a file", b"in a file"]);
    assert_eq!(bytes(6), [b"in a file"]);
    assert!(rows.iter().all(|row| row.cell("image").is_none()));
}

#[test]
fn a_bad_row_is_a_fault_with_its_number_and_the_next_ones_follow() {
    let a = encoded(1);
    let broken = format!("{}=", &a[..81]);
    let file = write(
        "t.tsv",
        format!(
            "index\timage\tquestion\n\
             1\t{a}\tfirst\n\
             2\t99\tno such row\n\
             3\t2\ta row without a picture\n\
             4\t@@{a}\tno base64\n\
             5\t\tno picture\n\
             6\t{a}\t\n\
             7\t{a}\ttoo\tmany\n\
             8\t{broken}\tcut\n\
             9\tno.png\tno file\n\
             10\t1\tlast\n"
        ),
    );
    let rows = read(&file.path);
    let numbers: Vec<usize> = rows
        .iter()
        .map(|row| match row {
            Ok(row) => row.number,
            Err(fault) => fault.row,
        })
        .collect();
    assert_eq!(numbers, (1..=10).collect::<Vec<_>>());
    let faults: Vec<String> =
        rows.iter().filter_map(|row| row.as_ref().err().map(ToString::to_string)).collect();
    let parts = [
        "row 2 (index 2): \"image\" is \"99\"",
        "row 3 (index 3): \"image\" points at row 2, which holds no picture",
        "row 4 (index 4): \"image\" is not base64",
        "row 5 (index 5): it has no picture",
        "row 6 (index 6): the question is empty",
        "row 7: 4 cells under 3 columns",
        "row 8 (index 8): \"image\" is not base64",
        "row 9 (index 9): no picture \"no.png\"",
    ];
    assert_eq!(faults.len(), parts.len(), "{faults:#?}");
    for (fault, part) in faults.iter().zip(parts) {
        assert!(fault.starts_with(part), "{fault}");
    }
    assert_eq!(rows.last().unwrap().as_ref().unwrap().question, "last");
}

#[test]
fn lines_of_json_are_cv_bench_beside_its_pictures() {
    let folder = TempDir::new().unwrap();
    fs::create_dir_all(folder.path().join("img/2D")).unwrap();
    fs::write(folder.path().join("img/2D/1.png"), b"one").unwrap();
    let lines = "{\"idx\": 4, \"type\": \"2D\", \"task\": \"Count\", \"question\": \"How many?\", \
                 \"choices\": [\"4\", \"it's\"], \"answer\": \"(B)\", \"prompt\": \"P\", \
                 \"filename\": \"2D/1.png\", \"source\": \"COCO\", \"bbox\": [1, 2.5]}\n\n\
                 {\"idx\": 5}\nnot json\n";
    let path = folder.path().join("test_2d.jsonl");
    fs::write(&path, lines).unwrap();
    let file = BenchmarkFile::open(&path, &options()).unwrap();
    assert_eq!(file.n_rows(), 3);
    let rows: Vec<_> = file.rows().unwrap().collect();
    let row = rows[0].as_ref().unwrap();
    assert_eq!((row.index.as_str(), row.prompt.as_deref()), ("4", Some("P")));
    assert_eq!(row.options, [('A', "4".to_owned()), ('B', "it's".to_owned())]);
    assert_eq!(row.pictures[0].bytes.as_slice(), b"one");
    assert_eq!((row.category.as_deref(), row.split.as_deref()), (Some("Count"), Some("2D")));
    assert_eq!(row.cell("choices").unwrap().to_string(), "['4', \"it's\"]");
    assert_eq!(row.cell("bbox").unwrap().to_string(), "[1, 2.5]");
    assert!(rows[1].as_ref().unwrap_err().to_string().contains("row 2 (index 5)"));
    assert!(rows[2].as_ref().unwrap_err().to_string().starts_with("row 3: not a JSON object"));
}

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/benchmarks").join(name)
}

/// Written by pyarrow: several groups of rows, dictionaries, missing values, lists, both versions of
/// pages.
#[test]
fn parquet_is_cv_bench_with_its_pictures() {
    for name in ["cv_bench_snappy.parquet", "cv_bench_v2.parquet"] {
        let file = BenchmarkFile::open(&data(name), &options()).unwrap();
        assert_eq!(file.n_rows(), 7);
        let rows: Vec<_> = file.rows().unwrap().collect();
        let row = |i: usize| rows[i].as_ref().unwrap();
        for i in [0, 1, 2, 5, 6] {
            let accent = if i % 2 == 0 { 'e' } else { 'é' };
            assert_eq!(row(i).question, format!("How many things, in row {i}: {accent}?"));
            let pattern = [137, 80, 78, 71, i as u8].repeat(20 + i * 300);
            assert_eq!(*row(i).pictures[0].bytes, pattern, "{name}, row {i}");
            assert_eq!(row(i).answer.as_deref(), Some("(B)"));
            assert_eq!(row(i).prompt.as_deref(), Some(format!("P{i}").as_str()));
            let source = ["COCO", "ADE20K", "Omni3D"][i % 3];
            assert_eq!(row(i).cell("source").unwrap().to_string(), source);
            assert_eq!(row(i).cell("ok").unwrap(), &Cell::Bool(i % 2 == 0));
        }
        let options = |i: usize| -> Vec<&str> {
            row(i).options.iter().map(|(_, text)| text.as_str()).collect()
        };
        assert_eq!(options(0), Vec::<&str>::new());
        assert_eq!(options(1), ["4", "5", "0", "2"]);
        assert_eq!(options(2), ["it's", "b"]);
        assert_eq!(row(0).cell("bbox").unwrap().to_string(), "[1.5, 2.0]");
        let fault = |i: usize| rows[i].as_ref().unwrap_err().to_string();
        assert!(fault(3).starts_with("row 4 (index 3): it has no picture"), "{}", fault(3));
        assert_eq!(fault(4), "row 5 (index 4): the question is empty");
    }
    let rows = read(&data("cv_bench_zstd.parquet"));
    let fault = rows[0].as_ref().unwrap_err().to_string();
    assert!(fault.contains("Zstandard") && fault.contains("Snappy"), "{fault}");
}

#[test]
fn a_folder_asks_about_each_picture_that_has_a_text_beside_it() {
    let folder = TempDir::new().unwrap();
    for (name, text) in [
        ("b.png", "pixels"),
        ("b.txt", "What is it?\n"),
        ("a.JPG", "more"),
        ("a.txt", "Where?"),
        ("c.png", "silent"),
        ("d.png", "x"),
        ("d.txt", " "),
    ] {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let rows = read(folder.path());
    assert_eq!(rows.len(), 3);
    let row = rows[1].as_ref().unwrap();
    assert_eq!((row.index.as_str(), row.question.as_str()), ("b.png", "What is it?"));
    assert!(rows[2].as_ref().unwrap_err().to_string().contains("row 3 (index d.png)"));
    fs::write(folder.path().join("questions.csv"), "image,question\nb.png,\"How many, really?\"\n")
        .unwrap();
    let rows = read(folder.path());
    let row = rows[0].as_ref().unwrap();
    assert_eq!((row.index.as_str(), row.question.as_str()), ("0", "How many, really?"));
    assert_eq!(row.pictures[0].bytes.as_slice(), b"pixels");
}

#[test]
fn a_prediction_file_comes_back_as_the_same_rows() {
    let a = encoded(3);
    let file = write(
        "t.tsv",
        format!(
            "index\timage\tquestion\tA\tB\tanswer\tcategory\n\
             1\t{a}\t\"a \"\"b\"\"\tc\nd\"\t3\tNone\tA\tx\n\
             2\t1\tq\t\t2.50\tB\t\n"
        ),
    );
    let rows: Vec<BenchmarkRow> = read(&file.path).into_iter().map(Result::unwrap).collect();
    let mut writer = PredictionWriter::new(Vec::new());
    writer.write(&rows[0], "line 1\nline \"2\"\t=SUM(A1)").unwrap();
    writer.write(&rows[1], "").unwrap();
    let text = String::from_utf8(writer.into_inner()).unwrap();
    assert_eq!(
        text,
        "\"index\"\t\"question\"\t\"A\"\t\"B\"\t\"answer\"\t\"category\"\t\"prediction\"\n\
         \"1\"\t\"a \"\"b\"\"\tc\nd\"\t\"3.0\"\t\"\"\t\"A\"\t\"x\"\t\"line 1\nline \"\"2\"\"\t=SUM(A1)\"\n\
         \"2\"\t\"q\"\t\"\"\t\"2.5\"\t\"B\"\t\"\"\t\"\"\n"
    );
    let written = write("p.tsv", &text);
    assert_eq!(Predictions::open(&written.path).unwrap().n_rows(), 2);
    let with_pictures = text
        .replace("\"index\"\t", "\"index\"\t\"image_path\"\t")
        .replace("\n\"1\"\t", "\n\"1\"\t\"p.png\"\t")
        .replace("\n\"2\"\t", "\n\"2\"\t\"p.png\"\t");
    fs::write(written.path.with_file_name("p.png"), b"x").unwrap();
    fs::write(&written.path, with_pictures).unwrap();
    let again: Vec<BenchmarkRow> = read(&written.path).into_iter().map(Result::unwrap).collect();
    for (row, again) in rows.iter().zip(&again) {
        assert_eq!((&row.index, &row.question), (&again.index, &again.question));
        assert_eq!((&row.options, &row.answer), (&again.options, &again.answer));
        assert_eq!(row.category, again.category);
    }
}

#[test]
fn numbered_rows_of_a_table_without_indices_can_be_written() {
    let file = write("t.csv", "image,question\np.png,q\np.png,r\n");
    fs::write(file.path.with_file_name("p.png"), b"x").unwrap();
    let mut writer = PredictionWriter::new(Vec::new());
    for row in read(&file.path) {
        writer.write(&row.unwrap(), "a").unwrap();
    }
    let text = String::from_utf8(writer.into_inner()).unwrap();
    assert_eq!(
        text,
        "\"index\"\t\"question\"\t\"prediction\"\n\"0\"\t\"q\"\t\"a\"\n\"1\"\t\"r\"\t\"a\"\n"
    );
}
