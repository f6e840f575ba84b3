//! The rows of a table with VLMEvalKit's columns, one at a time.

use std::{io, sync::Arc};

use super::{
    cell::Cell,
    error::{BenchmarkError, RowFault},
    pictures::{MAX_REFERENCE_CHARS, Pictures, is_picture_name},
    row::{BenchmarkRow, RowPicture},
    row_source::{RowPlace, RowSource},
    table::{RawRow, Table, TableFault, TableScan},
};

/// Columns that mean something here.
#[derive(Clone, Debug)]
struct Columns {
    names: Vec<Arc<str>>,
    index: Option<usize>,
    image: Option<usize>,
    image_path: Option<usize>,
    question: usize,
    hint: Option<usize>,
    options: Vec<(char, usize)>,
    prompt: Option<usize>,
    answer: Option<usize>,
    category: Option<usize>,
    l2_category: Option<usize>,
    split: Option<usize>,
}

impl Columns {
    fn new(table: &Table, path: &std::path::Path) -> Result<Self, BenchmarkError> {
        let missing = |column| BenchmarkError::NoColumn {
            path: path.to_owned(),
            column,
            found: table.header.clone(),
        };
        let at = |name: &str| table.column(name);
        let option = |letter: char| Some((letter, at(letter.encode_utf8(&mut [0; 4]))?));
        if at("image").is_none() && at("image_path").is_none() {
            return Err(missing("image"));
        }
        Ok(Self {
            names: table.header.iter().map(|name| Arc::from(name.as_str())).collect(),
            index: at("index"),
            image: at("image"),
            image_path: at("image_path"),
            question: at("question").ok_or_else(|| missing("question"))?,
            hint: at("hint"),
            options: ('A'..='Z').filter_map(option).collect(),
            prompt: at("prompt"),
            answer: at("answer"),
            category: at("category"),
            l2_category: at("l2-category"),
            split: at("split"),
        })
    }
}

/// Hands out the rows of a table.
#[derive(Debug)]
pub(super) struct TableRows {
    table: Table,
    /// For rows that others point at.
    others: Table,
    scan: Arc<TableScan>,
    columns: Columns,
    pictures: Pictures,
    is_over: bool,
}

impl TableRows {
    pub(super) fn new(
        path: &std::path::Path,
        scan: Arc<TableScan>,
        pictures: Pictures,
    ) -> Result<Self, BenchmarkError> {
        let table = Table::open(path)?;
        let columns = Columns::new(&table, path)?;
        Ok(Self { others: Table::open(path)?, table, scan, columns, pictures, is_over: false })
    }
}

impl Iterator for TableRows {
    type Item = Result<BenchmarkRow, RowFault>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let Self { table, others, scan, columns, pictures, is_over } = self;
        match table.next_row()? {
            Ok(raw) => Some(row(&raw, others, scan, columns, pictures)),
            Err(fault) => {
                *is_over = matches!(fault, TableFault::Last(_));
                Some(Err(fault.into_fault()))
            }
        }
    }
}

impl RowSource for TableRows {
    fn place(&mut self) -> io::Result<RowPlace> {
        Ok(self.table.place())
    }

    fn go_to(&mut self, place: RowPlace) -> io::Result<()> {
        self.is_over = false;
        self.table.go_to(place)
    }
}

fn row(
    raw: &RawRow<'_>,
    others: &mut Table,
    scan: &TableScan,
    columns: &Columns,
    pictures: &mut Pictures,
) -> Result<BenchmarkRow, RowFault> {
    let index = scan.index(raw, columns.index);
    let fault = |reason| RowFault { row: raw.number, index: Some(index.clone()), reason };
    let pictures = pictures_of(raw, &index, others, scan, columns, pictures).map_err(fault)?;
    if raw.cells[columns.question].is_empty() {
        return Err(fault("the question is empty".to_owned()));
    }
    let present = |column: Option<usize>| column.and_then(|i| scan.cell(raw, i).present());
    let cells = (0..raw.cells.len())
        .filter(|i| Some(*i) != columns.image)
        .map(|i| (Arc::clone(&columns.names[i]), scan.cell(raw, i)));
    Ok(BenchmarkRow {
        number: raw.number,
        pictures,
        question: scan.cell(raw, columns.question).to_string(),
        hint: present(columns.hint),
        options: columns
            .options
            .iter()
            .filter_map(|(letter, i)| Some((*letter, present(Some(*i))?)))
            .collect(),
        prompt: present(columns.prompt),
        answer: present(columns.answer),
        category: present(columns.category),
        l2_category: present(columns.l2_category),
        split: present(columns.split),
        cells: cells.collect(),
        index,
    })
}

fn pictures_of(
    raw: &RawRow<'_>,
    index: &str,
    others: &mut Table,
    scan: &TableScan,
    columns: &Columns,
    pictures: &mut Pictures,
) -> Result<Vec<RowPicture>, String> {
    let image = columns.image.map(|i| raw.cells[i]).filter(|text| !scan.missing.holds(text));
    let Some(image) = image else {
        let path = columns.image_path.map(|i| scan.cell(raw, i));
        return match path {
            Some(Cell::Text(path)) => pictures.in_files(&path),
            _ => Err("it has no picture: \"image\" and \"image_path\" are empty".to_owned()),
        };
    };
    // Even a short list is no reference.
    if image.chars().nth(MAX_REFERENCE_CHARS).is_some() || image.starts_with('[') {
        return pictures.inline(index, image);
    }
    if let Some(offset) = scan.offsets.get(image) {
        return referenced(image, *offset, others, columns, pictures);
    }
    if is_picture_name(image) {
        return pictures.in_files(image);
    }
    Err(format!("\"image\" is \"{image}\": neither the index of a row, a file's name, nor base64"))
}

/// The pictures of the row that another points at; that row must hold them itself.
fn referenced(
    index: &str,
    offset: u64,
    others: &mut Table,
    columns: &Columns,
    pictures: &mut Pictures,
) -> Result<Vec<RowPicture>, String> {
    if let Some(kept) = pictures.kept(index) {
        return Ok(vec![kept]);
    }
    let cannot = |what: &str| format!("\"image\" points at row {index}, {what}");
    others.seek(offset).map_err(|e| cannot(&format!("which cannot be read: {e}")))?;
    let row = match others.next_row() {
        Some(Ok(row)) => row,
        Some(Err(fault)) => return Err(cannot(&fault.into_fault().reason)),
        None => return Err(cannot("which is not there any more")),
    };
    let image = columns.image.map_or("", |i| row.cells[i]);
    if image.chars().nth(MAX_REFERENCE_CHARS).is_none() {
        return Err(cannot("which holds no picture itself"));
    }
    pictures.inline(index, image)
}
