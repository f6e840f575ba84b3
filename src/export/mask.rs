//! The mask of a run: which position may attend to which.

use serde::Serialize;

use crate::domain::{AttentionMask, CaptionField, Meter, Segment, SequenceLayout};

use super::{
    ExportError,
    cells::{CellField, Key, Stretch},
    paper::{Color, INK, WHITE},
};

/// What causal order allows.
const ALLOWED: Color = Color(0xb4, 0xb4, 0xb4);
/// What the mode opens on top; of the palette of Okabe and Ito.
const OPENED: Color = Color(0x00, 0x9e, 0x73);
/// What it closes.
const CLOSED: Color = Color(0xd5, 0x5e, 0x00);

/// A mask with the segments of its sequence.
#[derive(Clone, Debug)]
pub struct MaskFigure {
    /// Rows look at columns.
    pub mask: AttentionMask,
    /// Where each segment lies.
    pub layout: SequenceLayout,
    /// Everything a reader must know to repeat the figure.
    pub caption: Vec<CaptionField>,
    /// Warnings that belong to it.
    pub notes: Vec<String>,
}

/// A mask as SVG.
///
/// # Errors
/// What the drawing crates refuse.
pub fn mask_svg(figure: &MaskFigure, meter: &Meter<'_>) -> Result<String, ExportError> {
    figure.field().svg(meter)
}

/// A mask as PNG, [`PNG_DPI`](super::PNG_DPI) pixels an inch.
///
/// # Errors
/// As [`mask_svg`], and [`ExportError::TooManyPixels`].
pub fn mask_png(figure: &MaskFigure, meter: &Meter<'_>) -> Result<Vec<u8>, ExportError> {
    figure.field().png(meter)
}

#[derive(Serialize)]
struct EntryRow {
    query: usize,
    query_segment: &'static str,
    key: usize,
    key_segment: &'static str,
    allowed: bool,
    causal: bool,
}

/// A mask as CSV: one line an entry, whether it is open, and whether causal order has it open.
///
/// # Errors
/// [`ExportError::Csv`] if the writer fails.
pub fn mask_csv(figure: &MaskFigure) -> Result<String, ExportError> {
    let len = figure.mask.len();
    let names: Vec<&'static str> = (0..len).map(|at| figure.segment_at(at)).collect();
    let mut writer = csv::Writer::from_writer(Vec::new());
    for (i, allowed) in figure.mask.entries().iter().enumerate() {
        let (query, key) = (i / len, i % len);
        writer.serialize(EntryRow {
            query,
            query_segment: names[query],
            key,
            key_segment: names[key],
            allowed: *allowed,
            causal: key <= query,
        })?;
    }
    super::table::text_of(writer)
}

#[derive(Serialize)]
struct MaskJson<'a> {
    version: u32,
    figure: &'static str,
    segments: Vec<SegmentJson>,
    /// A text of `1` and `0` a row.
    rows: Vec<String>,
    caption: &'a [CaptionField],
    notes: &'a [String],
}

#[derive(Serialize)]
struct SegmentJson {
    name: &'static str,
    start: usize,
    end: usize,
}

/// A mask as JSON: segments, and each query's row as a text of `1` (may attend) and `0`.
///
/// # Errors
/// [`ExportError::Json`] if the writer fails.
pub fn mask_json(figure: &MaskFigure) -> Result<String, ExportError> {
    let digit = |allowed: &bool| if *allowed { '1' } else { '0' };
    let rows = figure.mask.entries().chunks(figure.mask.len().max(1));
    let segment = |(segment, span): &(Segment, std::ops::Range<usize>)| SegmentJson {
        name: segment.title(),
        start: span.start,
        end: span.end,
    };
    let json = MaskJson {
        version: 1,
        figure: "mask",
        segments: figure.layout.spans().iter().map(segment).collect(),
        rows: rows.map(|row| row.iter().map(digit).collect()).collect(),
        caption: &figure.caption,
        notes: &figure.notes,
    };
    let mut text = serde_json::to_string_pretty(&json)?;
    text.push('\n');
    Ok(text)
}

impl MaskFigure {
    fn segment_at(&self, position: usize) -> &'static str {
        let mut spans = self.layout.spans().iter();
        let found = spans.find(|(_, span)| span.contains(&position));
        found.map_or("", |(segment, _)| segment.title())
    }

    fn field(&self) -> CellField {
        let len = self.mask.len();
        let color = |(i, allowed): (usize, &bool)| {
            let Color(red, green, blue) = match (*allowed, i % len <= i / len) {
                (true, true) => ALLOWED,
                (true, false) => OPENED,
                (false, true) => CLOSED,
                (false, false) => WHITE,
            };
            [red, green, blue]
        };
        let colors: Vec<[u8; 3]> = self.mask.entries().iter().enumerate().map(color).collect();
        let stretch = |(segment, span): &(Segment, std::ops::Range<usize>)| {
            let name = segment.title();
            let last = span.end.saturating_sub(1);
            Stretch { name: format!("{name} {}\u{2013}{last}", span.start), cells: span.clone() }
        };
        let spans = || self.layout.spans().iter().filter(|(_, span)| !span.is_empty());
        let kinds = [
            (ALLOWED, "may attend, as in causal order"),
            (OPENED, "opened by the mode"),
            (CLOSED, "closed by the mode"),
        ];
        // A kind that is not there explains nothing.
        let is_there = |Color(red, green, blue): Color| colors.contains(&[red, green, blue]);
        let kinds = kinds.into_iter().filter(|(color, _)| is_there(*color));
        let kinds = kinds.map(|(color, name)| (color, name.to_owned())).collect();
        CellField {
            axes: format!("{len} positions: rows look at columns"),
            columns: len,
            left: spans().map(stretch).collect(),
            top: spans().map(stretch).collect(),
            line: INK,
            key: Key::Kinds(kinds),
            caption: self.caption.clone(),
            notes: self.notes.clone(),
            colors,
        }
    }
}
