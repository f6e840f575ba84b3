//! A file or folder of benchmark questions, of whatever kind.

use std::{
    env, fs,
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    column::Missing,
    error::BenchmarkError,
    folder::{FolderRows, pictures_with_questions},
    json_lines::JsonLines,
    parquet::{ParquetRows, count_rows},
    pictures::Pictures,
    row_source::BenchmarkRows,
    table::{OnRow, Table, TableScan},
    table_rows::TableRows,
};

/// How to read.
#[derive(Clone, Debug, Default)]
pub struct ReadOptions {
    /// What stands for nothing.
    pub missing: Missing,
    /// Folders in which names of pictures are looked for, before the file's own; none for
    /// [`vlmevalkit_pictures`].
    pub picture_folders: Option<Vec<PathBuf>>,
}

/// An open benchmark file: what a first look tells, and its rows as often as wanted.
#[derive(Clone, Debug)]
pub struct BenchmarkFile {
    path: PathBuf,
    kind: Kind,
    folders: Vec<PathBuf>,
    n_rows: usize,
    warnings: Vec<String>,
}

#[derive(Clone, Debug)]
enum Kind {
    Table(Arc<TableScan>),
    Parquet,
    JsonLines,
    Folder(Vec<PathBuf>),
}

impl BenchmarkFile {
    /// Looks at a whole file once, without keeping its pictures.
    ///
    /// By name: `.parquet` and `.jsonl` are CV-Bench's, `.csv` is separated by commas, everything
    /// else by tabs with the columns of VLMEvalKit. A folder holds `questions.tsv` or
    /// `questions.csv`, or pictures with a text file of the same name that asks about them.
    ///
    /// # Errors
    /// A file that cannot be read or holds no row, or a table without a column `question` or one of
    /// `image` and `image_path`. A row that is wrong is none: it becomes a
    /// [`RowFault`](super::RowFault) later.
    pub fn open(path: &Path, options: &ReadOptions) -> Result<Self, BenchmarkError> {
        Self::open_while(path, options, &mut |_| ControlFlow::Continue(()))
    }

    /// The same, telling how many rows were looked at, and stopped from outside between them.
    ///
    /// # Errors
    /// As [`open`](Self::open); [`BenchmarkError::Stopped`].
    pub fn open_while(
        path: &Path,
        options: &ReadOptions,
        on_row: OnRow<'_>,
    ) -> Result<Self, BenchmarkError> {
        if path.is_dir() {
            for name in ["questions.tsv", "questions.csv"] {
                if path.join(name).is_file() {
                    return Self::open_while(&path.join(name), options, on_row);
                }
            }
        }
        let beside = path.parent().unwrap_or(Path::new("")).to_owned();
        let mut folders =
            options.picture_folders.clone().unwrap_or_else(|| vlmevalkit_pictures(path));
        folders.push(beside.clone());
        let is = |ending: &str| path.extension().is_some_and(|e| e.eq_ignore_ascii_case(ending));
        let mut warnings = Vec::new();
        let (kind, n_rows) = if path.is_dir() {
            let pictures = pictures_with_questions(path)?;
            let n_rows = pictures.len();
            (Kind::Folder(pictures), n_rows)
        } else if is("parquet") {
            (Kind::Parquet, count_rows(path)?)
        } else if is("jsonl") {
            folders.extend(["img", "images"].map(|name| beside.join(name)));
            (Kind::JsonLines, JsonLines::new(path, Pictures::new(folders.clone()))?.count_rows())
        } else {
            let mut table = Table::open(path)?;
            let scan = Arc::new(TableScan::new(&mut table, options.missing, on_row)?);
            // Columns are checked now rather than at the first row.
            TableRows::new(path, Arc::clone(&scan), Pictures::new(Vec::new()))?;
            warnings = warnings_of(&scan);
            let n_rows = scan.n_rows;
            (Kind::Table(scan), n_rows)
        };
        if n_rows == 0 {
            return Err(BenchmarkError::Empty { path: path.to_owned() });
        }
        Ok(Self { path: path.to_owned(), kind, folders, n_rows, warnings })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Rows whose cells can be told apart; some may still be faults.
    pub fn n_rows(&self) -> usize {
        self.n_rows
    }

    /// What should be known before its rows are asked.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The rows from the first on, in constant memory.
    ///
    /// # Errors
    /// A file that cannot be opened again.
    pub fn rows(&self) -> Result<BenchmarkRows, BenchmarkError> {
        let pictures = Pictures::new(self.folders.clone());
        Ok(BenchmarkRows(match &self.kind {
            Kind::Table(scan) => Box::new(TableRows::new(&self.path, Arc::clone(scan), pictures)?),
            Kind::Parquet => Box::new(ParquetRows::new(&self.path)?),
            Kind::JsonLines => Box::new(JsonLines::new(&self.path, pictures)?),
            Kind::Folder(paths) => Box::new(FolderRows::new(paths.clone())),
        }))
    }
}

fn warnings_of(scan: &TableScan) -> Vec<String> {
    let mut warnings = Vec::new();
    if scan.n_words_missing > 0 {
        let cells = if scan.n_words_missing == 1 { "cell" } else { "cells" };
        warnings.push(format!(
            "{} {cells} of options, hints or questions such as \"None\" or \"N/A\" are taken for nothing, as pandas does",
            scan.n_words_missing
        ));
    }
    if let Some(first) = scan.repeated.first() {
        warnings.push(format!(
            "{} of its indices come more than once, {first} for one; the last row of each counts where another row points at it",
            scan.repeated.len()
        ));
    }
    warnings
}

/// Where VLMEvalKit keeps the pictures of a table: `images/NAME` in `$LMUData`, or in `LMUData` at
/// home; `NAME` is the file's without `_local`, and one for all of MMBench 1.0.
pub fn vlmevalkit_pictures(table: &Path) -> Vec<PathBuf> {
    let data = env::var_os("LMUData").map(PathBuf::from);
    let home = env::var_os("HOME").map(|home| Path::new(&home).join("LMUData"));
    let Some(data) = data.or(home).filter(|data| fs::metadata(data).is_ok()) else {
        return Vec::new();
    };
    let stem = table.file_stem().unwrap_or_default().to_string_lossy();
    let name = stem.strip_suffix("_local").unwrap_or(&stem);
    let root = match name {
        "MMBench_DEV_EN" | "MMBench_TEST_EN" | "MMBench_DEV_CN" | "MMBench_TEST_CN" => "MMBench",
        other => other,
    };
    vec![data.join("images").join(root)]
}
