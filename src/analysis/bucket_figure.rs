//! Readings by bucket as a bar chart that says how it was made.

use std::collections::BTreeSet;

use crate::domain::{
    Bar, BarCategory, BarFigure, BarGroup, BarParts, Bucket, CaptionField, ReferenceLine,
};

use super::{
    AnalysisError, Bootstrap, BucketSummary, ByBucket, Per, Reading, TemplateTokens, over_runs,
};

/// Runs that share a color: one model in one attention mode, say.
#[derive(Clone, Copy, Debug)]
pub struct RunGroup<'a> {
    /// Its name.
    pub name: &'a str,
    /// At least one run.
    pub runs: &'a [ByBucket],
}

/// What a chart shows, and what only its caller knows.
#[derive(Clone, Debug)]
pub struct BucketChart {
    /// Above the plot, if anything.
    pub title: Option<String>,
    /// The height of the bars.
    pub reading: Reading,
    /// Whole buckets or single tokens.
    pub per: Per,
    /// How intervals are made.
    pub bootstrap: Bootstrap,
    /// What was run: model, attention mode, questions. They open the caption.
    pub about: Vec<CaptionField>,
    /// Words whose bucket a person changed.
    pub n_edited_words: usize,
}

impl BucketChart {
    /// A chart of a reading of whole buckets, without title.
    pub fn of(reading: Reading) -> Self {
        Self {
            title: None,
            reading,
            per: Per::Bucket,
            bootstrap: Bootstrap::default(),
            about: Vec::new(),
            n_edited_words: 0,
        }
    }
}

/// A bar chart of one reading, a group a color, a bucket a place on the axis.
///
/// Excluded template tokens have no place on the axis; the caption says what they got.
///
/// # Errors
/// [`AnalysisError::Nothing`] for a group without runs, [`AnalysisError::MixedReadings`] where a
/// group's runs were read in different ways or groups differ in what shares are taken of,
/// [`AnalysisError::Figure`] for more groups than colors.
pub fn bucket_figure(
    groups: &[RunGroup<'_>],
    chart: &BucketChart,
) -> Result<BarFigure, AnalysisError> {
    let first = first_of(groups)?;
    let is_shown = |bucket: &Bucket| is_shown(*bucket, first);
    let bars = |group: &RunGroup<'_>| {
        let summaries = over_runs(group.runs, chart.reading, chart.per, &chart.bootstrap);
        let shown = summaries.iter().filter(|summary| is_shown(&summary.bucket));
        BarGroup { name: group.name.to_owned(), bars: shown.map(bar).collect() }
    };
    let category =
        |bucket: Bucket| BarCategory { name: bucket.to_string(), is_control: bucket.is_control() };
    let is_lift = chart.reading == Reading::Lift;
    let reference =
        ReferenceLine { value: 1.0, label: "uniform attention under the same mask".to_owned() };
    Ok(BarFigure::new(BarParts {
        title: chart.title.clone(),
        value_label: value_label(chart.reading, chart.per).to_owned(),
        categories: Bucket::ALL.into_iter().filter(is_shown).map(category).collect(),
        groups: groups.iter().map(bars).collect(),
        reference: is_lift.then_some(reference),
        caption: caption(groups, chart, first),
        notes: notes(groups),
    })?)
}

/// The first run of groups that can be drawn together.
pub(super) fn first_of<'a>(groups: &[RunGroup<'a>]) -> Result<&'a ByBucket, AnalysisError> {
    let Some(first) = groups.first().and_then(|group| group.runs.first()) else {
        return Err(AnalysisError::Nothing { what: "run" });
    };
    for group in groups {
        let Some(of_group) = group.runs.first() else {
            return Err(AnalysisError::Nothing { what: "run" });
        };
        let is_alike = group.runs.iter().all(|run| is_read_like(run, of_group));
        let settings = |run: &ByBucket| (run.template, run.heads_weigh);
        if !is_alike || settings(of_group) != settings(first) {
            return Err(AnalysisError::MixedReadings { group: group.name.to_owned() });
        }
    }
    Ok(first)
}

/// Whether a bucket has a place in a figure: template tokens only where shares count them.
pub(super) fn is_shown(bucket: Bucket, first: &ByBucket) -> bool {
    bucket != Bucket::Template || first.template == TemplateTokens::Included
}

fn is_read_like(run: &ByBucket, other: &ByBucket) -> bool {
    (run.heads_weigh, run.template) == (other.heads_weigh, other.template)
        && (&run.layers, &run.heads, &run.latents) == (&other.layers, &other.heads, &other.latents)
}

fn bar(summary: &BucketSummary) -> Bar {
    Bar {
        value: summary.mean,
        interval: summary.interval,
        pooled: summary.pooled,
        n: summary.n,
        by_construction: summary.by_construction,
    }
}

/// What a value is, in the words of [`Reading`].
pub(super) fn value_label(reading: Reading, per: Per) -> &'static str {
    match (reading, per) {
        (Reading::Mass, Per::Bucket) => "attention mass",
        (Reading::Mass, Per::Token) => "attention mass per token",
        (Reading::Share, Per::Bucket) => "share of attention to the question",
        (Reading::Share, Per::Token) => "share of attention per token",
        (Reading::Lift, _) => "lift over uniform attention",
    }
}

pub(super) fn definition(reading: Reading, per: Per, template: TemplateTokens) -> String {
    let of = match template {
        TemplateTokens::Excluded => "the question's tokens without template",
        TemplateTokens::Included => "the question's tokens and template tokens",
    };
    let reading = match reading {
        Reading::Mass => "mass (softmax weight, a row sums to 1 over all its keys)".to_owned(),
        Reading::Share => format!("share (mass over the mass on {of}, row by row)"),
        Reading::Lift => {
            return "lift (mass over that of uniform attention under the same mask, row by row)"
                .to_owned();
        }
    };
    match per {
        Per::Bucket => format!("{reading}, summed over a bucket's tokens"),
        Per::Token => format!("{reading}, mean over a bucket's tokens"),
    }
}

pub(super) fn caption(
    groups: &[RunGroup<'_>],
    chart: &BucketChart,
    first: &ByBucket,
) -> Vec<CaptionField> {
    let of_groups = |of: &dyn Fn(&RunGroup<'_>) -> String| {
        let values: Vec<String> = groups.iter().map(of).collect();
        if values.iter().all(|value| *value == values[0]) {
            return values[0].clone();
        }
        let named =
            groups.iter().zip(&values).map(|(group, value)| format!("{value} ({})", group.name));
        named.collect::<Vec<_>>().join(", ")
    };
    let numbers = |of: fn(&ByBucket) -> &[usize]| {
        of_groups(&|group| group.runs.first().map_or_else(String::new, |run| ranges(of(run))))
    };
    let mut fields = chart.about.clone();
    fields.push(CaptionField::new("reading", definition(chart.reading, chart.per, first.template)));
    fields.push(CaptionField::new("layers", numbers(|run| &run.layers)));
    let combined = match chart.reading {
        Reading::Mass => "mean".to_owned(),
        Reading::Share | Reading::Lift => first.heads_weigh.to_string(),
    };
    fields.push(CaptionField::new("heads", format!("{} ({combined})", numbers(|run| &run.heads))));
    fields.push(CaptionField::new("rows", format!("latents {}", numbers(|run| &run.latents))));
    let n_runs = of_groups(&|group| match group.runs.len() {
        1 => "1 run".to_owned(),
        n => format!("{n} runs"),
    });
    fields.push(CaptionField::new("n", n_runs));
    if groups.iter().any(|group| group.runs.len() > 1) {
        let Bootstrap { resamples, seed } = chart.bootstrap;
        let how = format!(
            "95 %, percentile bootstrap of the mean over runs ({} resamples, seed {seed})",
            with_commas(resamples)
        );
        fields.push(CaptionField::new("intervals", how));
    }
    let template = percents(groups, |run| run.template_share);
    let of_opened = format!("template tokens, {template} of the opened text mass");
    fields.push(match first.template {
        TemplateTokens::Excluded => CaptionField::new("excluded", of_opened),
        TemplateTokens::Included => CaptionField::new("included", of_opened),
    });
    let elsewhere = percents(groups, |run| Some(run.unplaced));
    fields.push(CaptionField::new(
        "elsewhere",
        format!(
            "{elsewhere} of the rows' mass, on keys without a bucket (the picture, the prelude)"
        ),
    ));
    fields.push(CaptionField::new(
        "buckets",
        match chart.n_edited_words {
            0 => "as tagged, none edited".to_owned(),
            1 => "as tagged, 1 word edited".to_owned(),
            n => format!("as tagged, {n} words edited"),
        },
    ));
    fields
}

/// A part of each group's runs on average, in percent: one number if it is the same for all, named
/// for two groups, from least to most for more. Groups in which it is not defined are left out.
fn percents(groups: &[RunGroup<'_>], of: impl Fn(&ByBucket) -> Option<f64>) -> String {
    let mean = |group: &RunGroup<'_>| {
        let values: Vec<f64> = group.runs.iter().filter_map(&of).collect();
        let sum: f64 = values.iter().sum();
        (!values.is_empty()).then(|| format!("{:.1}", 100.0 * sum / values.len() as f64))
    };
    let mut values: Vec<(String, &str)> =
        groups.iter().filter_map(|group| Some((mean(group)?, group.name))).collect();
    let Some((first, _)) = values.first().cloned() else {
        return "no part".to_owned();
    };
    if values.len() == groups.len() && values.iter().all(|(value, _)| *value == first) {
        return format!("{first} %");
    }
    if values.len() <= 2 {
        let named = values.iter().map(|(value, name)| format!("{value} % ({name})"));
        return named.collect::<Vec<_>>().join(", ");
    }
    let number = |text: &str| text.parse().unwrap_or(0.0_f64);
    values.sort_by(|(a, _), (b, _)| number(a).total_cmp(&number(b)));
    let last = values.last().map_or("", |(value, _)| value);
    format!("{}–{last} %", values[0].0)
}

/// A count as people write it: `10,000`.
pub(super) fn with_commas(n: usize) -> String {
    if n < 1000 { n.to_string() } else { format!("{},{:03}", with_commas(n / 1000), n % 1000) }
}

/// What the last two places on the axis are for.
pub(super) const CONTROL: &str =
    "Function and Other are the control: their words name nothing that a picture shows.";

/// Warnings that go wherever the figure goes.
pub(super) fn notes(groups: &[RunGroup<'_>]) -> Vec<String> {
    let is_closed = |group: &&RunGroup<'_>| group.runs.iter().all(ByBucket::by_construction);
    let closed: Vec<&str> = groups.iter().filter(is_closed).map(|group| group.name).collect();
    let mut notes = vec![CONTROL.to_owned()];
    if !closed.is_empty() {
        notes.push(format!(
            "Zero by construction in {}: the mask lets no row of the picture attend to the question.",
            closed.join(", ")
        ));
    }
    notes
}

/// Ascending numbers, neighbors joined: `0–3, 7`.
pub fn ranges(numbers: &[usize]) -> String {
    let sorted: BTreeSet<usize> = numbers.iter().copied().collect();
    let mut spans: Vec<[usize; 2]> = Vec::new();
    for number in sorted {
        match spans.last_mut() {
            Some([_, end]) if *end + 1 == number => *end = number,
            _ => spans.push([number, number]),
        }
    }
    let text = |[start, end]: &[usize; 2]| {
        if start == end { start.to_string() } else { format!("{start}–{end}") }
    };
    spans.iter().map(text).collect::<Vec<_>>().join(", ")
}
