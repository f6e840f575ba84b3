//! A plain folder of pictures, each with a text file that asks about it.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    error::{BenchmarkError, RowFault},
    pictures::is_picture_name,
    row::{BenchmarkRow, RowPicture},
    row_source::{RowPlace, RowSource},
};

/// Pictures of a folder that have a question beside them, by name.
pub(super) fn pictures_with_questions(folder: &Path) -> Result<Vec<PathBuf>, BenchmarkError> {
    let unreadable = |source| BenchmarkError::Unreadable { path: folder.to_owned(), source };
    let mut pictures = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let is_picture = path.to_str().is_some_and(is_picture_name);
        if is_picture && path.with_extension("txt").is_file() {
            pictures.push(path);
        }
    }
    if pictures.is_empty() {
        return Err(BenchmarkError::NoQuestions { path: folder.to_owned() });
    }
    pictures.sort();
    Ok(pictures)
}

/// One row a picture; its index is the picture's name.
#[derive(Debug)]
pub(super) struct FolderRows {
    pictures: Vec<PathBuf>,
    n_read: usize,
}

impl FolderRows {
    pub(super) fn new(pictures: Vec<PathBuf>) -> Self {
        Self { pictures, n_read: 0 }
    }
}

impl Iterator for FolderRows {
    type Item = Result<BenchmarkRow, RowFault>;

    fn next(&mut self) -> Option<Self::Item> {
        let i = self.n_read;
        let path = self.pictures.get(i)?;
        self.n_read += 1;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let fault = |reason| RowFault { row: i + 1, index: Some(name.clone()), reason };
        let read = |path: &Path| {
            fs::read(path).map_err(|e| fault(format!("cannot read {}: {e}", path.display())))
        };
        Some(read(path).and_then(|bytes| {
            let text = path.with_extension("txt");
            let question = String::from_utf8(read(&text)?)
                .map_err(|e| fault(format!("{} is not UTF-8: {e}", text.display())))?;
            let question = question.trim().trim_start_matches('\u{feff}').to_owned();
            if question.is_empty() {
                return Err(fault(format!("{} holds no question", text.display())));
            }
            Ok(BenchmarkRow {
                number: i + 1,
                pictures: vec![RowPicture { key: name.clone(), bytes: Arc::new(bytes) }],
                question,
                ..BenchmarkRow::empty(name.clone())
            })
        }))
    }
}

impl RowSource for FolderRows {
    fn place(&mut self) -> io::Result<RowPlace> {
        Ok(RowPlace { number: self.n_read + 1, at: self.n_read as u64 })
    }

    fn go_to(&mut self, place: RowPlace) -> io::Result<()> {
        self.n_read = place.number - 1;
        Ok(())
    }
}
