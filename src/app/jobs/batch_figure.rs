//! Figures over batches; attention by bucket as bars: the paper's Fig. 6 and its like.

use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
};

use anyhow::{Context as _, Result, bail};

use super::{
    batch_curves::{layer_figure, sparsity_figure},
    batch_differences::difference_figure,
    batch_results::{RECORD, short_model},
    trained_under::TrainedUnder,
};
use crate::{
    analysis::{BucketChart, ByBucket, Reading, RunGroup, bucket_figure},
    domain::{AttentionMode, BarFigure, CaptionField, Figure},
    eval::batch::{AnswerGroup, BatchHeader, BatchRow, SUMMARY_BOOTSTRAP, open_record},
    export::{PaperSize, check_format, write_figure},
};

/// MME's categories of perception; its others are of cognition.
const PERCEPTION: [&str; 10] = [
    "OCR",
    "artwork",
    "celebrity",
    "color",
    "count",
    "existence",
    "landmark",
    "position",
    "posters",
    "scene",
];

/// A figure of batches.
#[derive(Clone, Debug)]
pub struct BatchFigure {
    /// Folders that `batch` or `merge` wrote.
    pub folders: Vec<PathBuf>,
    /// The attention modes that are drawn; all where none is named.
    pub attention: Vec<AttentionMode>,
    /// What is drawn.
    pub drawing: Drawing,
    /// What the colors of bars are.
    pub by: GroupBy,
    /// The height of the bars.
    pub reading: Reading,
    /// The file: SVG, PNG, CSV or JSON by its ending.
    pub out: PathBuf,
}

/// A kind of figure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Drawing {
    /// Attention by bucket, as the paper's Fig. 6.
    #[default]
    Bars,
    /// Right answers as the mask opens, as the paper's Fig. 10.
    Sparsity,
    /// Attention by bucket along the layers.
    Layers,
    /// Attention by bucket on one side less that on another, question by question.
    Differences,
}

/// What one color of a figure stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GroupBy {
    /// An attention mode; a model and a mode where there are several models.
    Attention,
    /// Right answers, wrong answers.
    Answer,
    /// The groups of the paper's Fig. 6: General P and C (MME), Knowledge (MMMU), Vision-centric
    /// (POPE), told by the question file's name.
    Paper,
    /// The question file.
    Data,
    /// The value of a column of the question file.
    Column(String),
}

impl fmt::Display for GroupBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Attention => "attention",
            Self::Answer => "answer",
            Self::Paper => "paper",
            Self::Data => "data",
            Self::Column(name) => name,
        })
    }
}

impl FromStr for GroupBy {
    type Err = std::convert::Infallible;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Ok(match name {
            "attention" => Self::Attention,
            "answer" => Self::Answer,
            "paper" => Self::Paper,
            "data" => Self::Data,
            column => Self::Column(column.to_owned()),
        })
    }
}

/// Draws a figure of batches.
///
/// # Errors
/// One line that says what is wrong, where, and what to do.
pub fn batch_figure(request: &BatchFigure) -> Result<()> {
    check_format(&request.out).context("--out")?;
    let (figure, size) = match request.drawing {
        Drawing::Bars => {
            let Some(figure) = figure_of(request)? else {
                bail!("no row that was answered belongs to a group of \"{}\"", request.by);
            };
            (Figure::Bars(figure), PaperSize::FULL_WIDTH)
        }
        Drawing::Sparsity => (Figure::Curves(sparsity_figure(request)?), PaperSize::ONE_COLUMN),
        Drawing::Differences => (Figure::Bars(difference_figure(request)?), PaperSize::FULL_WIDTH),
        Drawing::Layers => (Figure::Curves(layer_figure(request)?), PaperSize::FULL_WIDTH),
    };
    write_figure(&figure, &request.out, size)?;
    Ok(())
}

/// The figure; `None` where no row belongs to a group.
pub(super) fn figure_of(request: &BatchFigure) -> Result<Option<BarFigure>> {
    let mut groups: BTreeMap<GroupKey, Vec<ByBucket>> = BTreeMap::new();
    let (mut answered, mut expected) = (0, 0);
    let readers = request.folders.iter().map(|folder| open_record(&folder.join(RECORD)));
    let readers: Vec<_> = readers.collect::<Result<_, _>>()?;
    let headers: Vec<BatchHeader> =
        readers.iter().map(|reader| request.chosen(reader.header())).collect();
    if let Some(i) = headers.iter().position(|header| header.attention.is_empty()) {
        bail!("{} was run under none of these modes", request.folders[i].display());
    }
    for (i, mut reader) in readers.into_iter().enumerate() {
        let header = &headers[i];
        expected += header.rows_here * header.attention.len();
        while let Some(row) = reader.next_row()? {
            let readings = row.answer.as_ref().and_then(|answer| answer.by_bucket.as_ref());
            let Some(readings) = readings.filter(|_| header.attention.contains(&row.attention))
            else {
                continue;
            };
            answered += 1;
            if let Some(key) = GroupKey::of(&row, &headers, i, &request.by) {
                groups.entry(key).or_default().push(readings.all.by_bucket(header));
            }
        }
    }
    if groups.is_empty() {
        return Ok(None);
    }
    let merged: Vec<(String, Vec<ByBucket>)> =
        groups.into_iter().map(|(key, runs)| (key.text(&headers), runs)).collect();
    let named: Vec<RunGroup<'_>> =
        merged.iter().map(|(name, runs)| RunGroup { name, runs }).collect();
    let mut chart = BucketChart::of(request.reading);
    chart.bootstrap = SUMMARY_BOOTSTRAP;
    chart.about = about(&headers, answered, expected);
    chart.about.extend(out_of_training(&headers));
    let figure = bucket_figure(&named, &chart).with_context(|| {
        format!("while drawing groups by {}; choose another with --by", request.by)
    })?;
    Ok(Some(figure))
}

impl BatchFigure {
    /// A batch's conditions with the modes that are drawn.
    pub(super) fn chosen(&self, header: &BatchHeader) -> BatchHeader {
        let is_drawn =
            |mode: &&AttentionMode| self.attention.is_empty() || self.attention.contains(mode);
        let attention = header.attention.iter().filter(is_drawn).copied().collect();
        BatchHeader { attention, ..header.clone() }
    }
}

/// What the runs of one bar have in common: the place of its group among groups, the group's own
/// name, then model and mode, by their places.
///
/// Runs of different models or under different masks are never averaged: what one mask closes says
/// nothing about another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct GroupKey {
    place: usize,
    name: String,
    model: usize,
    mode: usize,
}

impl GroupKey {
    /// The group of a row of the batch `i`; `None` where it belongs to none.
    fn of(row: &BatchRow, headers: &[BatchHeader], i: usize, by: &GroupBy) -> Option<Self> {
        let header = &headers[i];
        let stem_of = stem(&header.data);
        let hit = row.answer.as_ref().and_then(|answer| answer.hit);
        let (place, name) = match by {
            GroupBy::Attention => (0, String::new()),
            GroupBy::Answer => {
                let group = if hit? { AnswerGroup::Right } else { AnswerGroup::Wrong };
                (group as usize, group.name().to_owned())
            }
            GroupBy::Data => {
                (headers.iter().position(|h| stem(&h.data) == stem_of).unwrap_or(i), stem_of)
            }
            GroupBy::Column(column) => {
                (0, row.groups.get(column).filter(|value| !value.is_empty())?.clone())
            }
            GroupBy::Paper => {
                let category = row.groups.get("category").map_or("", String::as_str);
                let (place, name) = match stem_of.split(['_', '-', '.']).next().unwrap_or("") {
                    "MME" if PERCEPTION.contains(&category) => (0, "General P"),
                    "MME" => (1, "General C"),
                    "MMMU" => (2, "Knowledge"),
                    "POPE" => (3, "Vision-centric"),
                    _ => return None,
                };
                (place, name.to_owned())
            }
        };
        Some(Self {
            place,
            name,
            model: headers.iter().position(|h| h.model == header.model).unwrap_or(i),
            mode: all_modes(headers).iter().position(|mode| *mode == row.attention)?,
        })
    }

    /// As the legend calls it: what does not differ goes without saying.
    fn text(&self, headers: &[BatchHeader]) -> String {
        let all_modes = all_modes(headers);
        let models = headers.iter().any(|header| header.model != headers[0].model);
        let name = Some(self.name.clone()).filter(|name| !name.is_empty());
        let model = models.then(|| short_model(&headers[self.model].model));
        let mode =
            (all_modes.len() > 1 || name.is_none()).then(|| all_modes[self.mode].to_string());
        name.into_iter().chain(model).chain(mode).collect::<Vec<_>>().join(", ")
    }
}

/// The modes of all batches, each once, in the order in which they were named.
pub(super) fn all_modes(headers: &[BatchHeader]) -> Vec<AttentionMode> {
    let mut modes = Vec::new();
    for mode in headers.iter().flat_map(|header| &header.attention) {
        if !modes.contains(mode) {
            modes.push(*mode);
        }
    }
    modes
}

/// Which of the runs were made under another mask than their weights were trained under.
pub(super) fn out_of_training(headers: &[BatchHeader]) -> Option<CaptionField> {
    let mut said: Vec<String> = Vec::new();
    for header in headers {
        let trained = TrainedUnder::of(&header.model, Path::new(&header.model));
        for mode in &header.attention {
            let Some(what) = trained.beside(*mode) else { continue };
            let what = format!("{} under {mode}: {what}", short_model(&header.model));
            if !said.contains(&what) {
                said.push(what);
            }
        }
    }
    let value = said.join("; ");
    (!value.is_empty()).then(|| CaptionField { name: "masks".to_owned(), value })
}

/// A question file by its name alone.
pub(super) fn stem(data: &str) -> String {
    Path::new(data).file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// What was run, for the caption.
pub(super) fn about(
    headers: &[BatchHeader],
    answered: usize,
    expected: usize,
) -> Vec<CaptionField> {
    let all = |of: &dyn Fn(&BatchHeader) -> String| {
        let mut values: Vec<String> = headers.iter().map(of).collect();
        values.dedup();
        values.join("; ")
    };
    let field = |name: &str, value: String| CaptionField { name: name.to_owned(), value };
    let modes = |header: &BatchHeader| {
        let modes: Vec<String> = header.attention.iter().map(ToString::to_string).collect();
        modes.join(", ")
    };
    let words = |header: &BatchHeader| {
        let words: Vec<String> = header.words.iter().map(ToString::to_string).collect();
        format!("{} (of the tabletop world's own prompts, all)", words.join(", "))
    };
    vec![
        field("model", all(&|h| short_model(&h.model))),
        field("attention", all(&modes)),
        field("questions", all(&|h| stem(&h.data))),
        field("coverage", format!("{answered} of {expected} runs")),
        field("prompts", all(&|h| h.prompt.clone())),
        field("words that count", all(&words)),
        field("tagger", all(&|h| h.tagger.clone())),
    ]
}
