//! Where a row's pictures are: in the row, in another row, or in files.

use std::{
    collections::VecDeque,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

use super::{literal::list_items, row::RowPicture};

/// A cell of at most so many characters names another row (`ImageBaseDataset.__init__`).
pub(super) const MAX_REFERENCE_CHARS: usize = 64;
/// Pictures kept for rows that share them; in the files they stand near each other.
const KEPT: usize = 4;

/// Python's decoder asks for neither padding nor zero bits at the end.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Finds pictures in files, and keeps the latest ones.
#[derive(Clone, Debug)]
pub(super) struct Pictures {
    /// Folders in which a relative name is looked for, in order.
    folders: Vec<PathBuf>,
    kept: VecDeque<RowPicture>,
}

impl Pictures {
    pub(super) fn new(folders: Vec<PathBuf>) -> Self {
        Self { folders, kept: VecDeque::new() }
    }

    /// A picture that was handed out a moment ago.
    pub(super) fn kept(&self, key: &str) -> Option<RowPicture> {
        self.kept.iter().find(|picture| picture.key == key).cloned()
    }

    fn keep(&mut self, key: String, bytes: Vec<u8>) -> RowPicture {
        let picture = RowPicture { key, bytes: Arc::new(bytes) };
        self.kept.push_front(picture.clone());
        self.kept.truncate(KEPT);
        picture
    }

    /// The pictures that a cell holds as base64: one, or a Python list of them.
    pub(super) fn inline(&mut self, owner: &str, cell: &str) -> Result<Vec<RowPicture>, String> {
        let Some(items) = list_of(cell) else {
            return Ok(vec![self.decoded(owner.to_owned(), cell)?]);
        };
        if items.is_empty() {
            return Err("\"image\" is an empty list".to_owned());
        }
        let decode = |(i, item): (usize, &String)| self.decoded(format!("{owner}#{}", i + 1), item);
        items.iter().enumerate().map(decode).collect()
    }

    fn decoded(&mut self, key: String, text: &str) -> Result<RowPicture, String> {
        if let Some(kept) = self.kept(&key) {
            return Ok(kept);
        }
        let text = text.split_once(";base64,").map_or(text, |(_, data)| data);
        let bytes = if text.bytes().any(|b| b.is_ascii_whitespace()) {
            BASE64.decode(text.split_ascii_whitespace().collect::<String>())
        } else {
            BASE64.decode(text)
        };
        let bytes = bytes.map_err(|e| format!("\"image\" is not base64 ({e})"))?;
        Ok(self.keep(key, bytes))
    }

    /// The pictures that a cell names: one file, or a Python list of them.
    pub(super) fn in_files(&mut self, cell: &str) -> Result<Vec<RowPicture>, String> {
        let names = list_of(cell).unwrap_or_else(|| vec![cell.to_owned()]);
        if names.is_empty() {
            return Err("\"image_path\" is an empty list".to_owned());
        }
        names.iter().map(|name| self.in_file(name)).collect()
    }

    fn in_file(&mut self, name: &str) -> Result<RowPicture, String> {
        if let Some(kept) = self.kept(name) {
            return Ok(kept);
        }
        let places: Vec<PathBuf> = if Path::new(name).is_absolute() {
            vec![PathBuf::from(name)]
        } else {
            self.folders.iter().map(|folder| folder.join(name)).collect()
        };
        let Some(path) = places.iter().find(|path| path.is_file()) else {
            let places: Vec<String> = places.iter().map(|p| p.display().to_string()).collect();
            return Err(format!("no picture \"{name}\"; looked for {}", places.join(", ")));
        };
        let bytes = fs::read(path).map_err(|e| format!("cannot read {}: {e}", path.display()))?;
        Ok(self.keep(name.to_owned(), bytes))
    }
}

/// The items of a cell that is a list.
fn list_of(cell: &str) -> Option<Vec<String>> {
    let is_list = cell.len() > 1 && cell.starts_with('[') && cell.ends_with(']');
    let items = is_list.then(|| list_items(cell)).flatten()?;
    Some(items.iter().map(ToString::to_string).collect())
}

/// Whether a text ends as the names of picture files do.
pub(super) fn is_picture_name(text: &str) -> bool {
    const ENDINGS: [&str; 8] = ["png", "jpg", "jpeg", "webp", "gif", "bmp", "tif", "tiff"];
    let ending = Path::new(text).extension().and_then(|e| e.to_str());
    ending.is_some_and(|e| ENDINGS.iter().any(|known| e.eq_ignore_ascii_case(known)))
}
