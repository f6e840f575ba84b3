//! Figures over batches; attention by bucket as bars: the paper's Fig. 6 and its like.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};

use super::{
    batch_curves::{layer_figure, sparsity_figure},
    batch_differences::difference_figure,
    batch_groups::{GroupBy, GroupKey, stem},
    batch_results::{RECORD, short_model},
    trained_under::TrainedUnder,
};
use crate::{
    analysis::{BucketChart, ByBucket, Reading, RunGroup, bucket_figure, bucket_matrix},
    domain::{AttentionMode, BarFigure, CaptionField, Figure},
    eval::batch::{BatchHeader, SUMMARY_BOOTSTRAP, open_record},
    export::{PaperSize, check_format, write_figure},
};

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
            (figure, PaperSize::FULL_WIDTH)
        }
        Drawing::Sparsity => (Figure::Curves(sparsity_figure(request)?), PaperSize::ONE_COLUMN),
        Drawing::Differences => (Figure::Bars(difference_figure(request)?), PaperSize::FULL_WIDTH),
        Drawing::Layers => (Figure::Curves(layer_figure(request)?), PaperSize::FULL_WIDTH),
    };
    write_figure(&figure, &request.out, size)?;
    Ok(())
}

/// The figure; `None` where no row belongs to a group.
pub(super) fn figure_of(request: &BatchFigure) -> Result<Option<Figure>> {
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
    let named: Vec<(String, Vec<ByBucket>)> =
        groups.into_iter().map(|(key, runs)| (key.text(&headers), runs)).collect();
    draw_groups(&named, &headers, request.reading, (answered, expected))
        .with_context(|| {
            format!("while drawing groups by {}; choose another with --by", request.by)
        })
        .map(Some)
}

/// Named groups of runs as a figure: bars, or a table where there are more groups than colors.
///
/// # Errors
/// Runs that were read in different ways; more groups than a table has rows.
pub(super) fn draw_groups(
    named: &[(String, Vec<ByBucket>)],
    headers: &[BatchHeader],
    reading: Reading,
    (answered, expected): (usize, usize),
) -> Result<Figure> {
    let groups: Vec<RunGroup<'_>> =
        named.iter().map(|(name, runs)| RunGroup { name, runs }).collect();
    let mut chart = BucketChart::of(reading);
    chart.bootstrap = SUMMARY_BOOTSTRAP;
    chart.about = about(headers, answered, expected);
    chart.about.extend(out_of_training(headers));
    Ok(if groups.len() > BarFigure::MAX_GROUPS {
        Figure::Matrix(bucket_matrix(&groups, &chart)?)
    } else {
        Figure::Bars(bucket_figure(&groups, &chart)?)
    })
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
    (!value.is_empty()).then(|| CaptionField::new("masks", value))
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
    let modes = |header: &BatchHeader| {
        let modes: Vec<String> = header.attention.iter().map(ToString::to_string).collect();
        modes.join(", ")
    };
    let words = |header: &BatchHeader| {
        let words: Vec<String> = header.words.iter().map(ToString::to_string).collect();
        format!("{} (of the tabletop world's own prompts, all)", words.join(", "))
    };
    vec![
        CaptionField::new("model", all(&|h| short_model(&h.model))),
        CaptionField::new("attention", all(&modes)),
        CaptionField::new("questions", all(&|h| stem(&h.data))),
        CaptionField::new("coverage", format!("{answered} of {expected} runs")),
        CaptionField::new("prompts", all(&|h| h.prompt.clone())),
        CaptionField::new("words that count", all(&words)),
        CaptionField::new("tagger", all(&|h| h.tagger.clone())),
    ]
}
