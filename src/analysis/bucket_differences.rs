//! How one side's readings by bucket differ from another's over the same questions.

use crate::domain::{Bar, BarCategory, BarFigure, BarGroup, BarParts, Bucket, CaptionField};

use super::{
    AnalysisError, BucketChart, BucketReading, ByBucket,
    bucket_figure::{CONTROL, definition, ranges, value_label, with_commas},
};

/// One question's readings on both sides.
#[derive(Clone, Debug)]
pub struct RunPair {
    /// Of the side that is taken away.
    pub left: ByBucket,
    /// Of the side that it is taken away from.
    pub right: ByBucket,
}

/// The sides' names.
#[derive(Clone, Copy, Debug)]
pub struct SideNames<'a> {
    /// Of the left side.
    pub left: &'a str,
    /// Of the right side.
    pub right: &'a str,
}

/// Right less left as bars, a bucket a place on the axis: the mean over questions, with its interval.
///
/// With `v[i]` a side's value in question `i`, over the `n` questions in which both sides have one:
///
/// ```text
/// d[i] = right v[i] - left v[i]      bar = sum of d[i] / n
/// ```
///
/// Questions are resampled in pairs, so what makes a question hard for both sides is in neither bar
/// nor interval.
///
/// # Errors
/// [`AnalysisError::Nothing`] without a pair, [`AnalysisError::MixedReadings`] where a side's runs
/// were read in different ways, [`AnalysisError::Figure`] for numbers that make no figure.
pub fn bucket_difference_figure(
    pairs: &[RunPair],
    names: SideNames<'_>,
    chart: &BucketChart,
) -> Result<BarFigure, AnalysisError> {
    let Some(first) = pairs.first() else {
        return Err(AnalysisError::Nothing { what: "question answered on both sides" });
    };
    for (name, of) in [(names.left, left as Side), (names.right, right)] {
        let settings = |run: &ByBucket| (run.template, run.heads_weigh);
        let is_alike = |pair: &RunPair| {
            settings(of(pair)) == settings(&first.left) && of(pair).layers == of(first).layers
        };
        if !pairs.iter().all(is_alike) {
            return Err(AnalysisError::MixedReadings { group: name.to_owned() });
        }
    }
    let buckets = Bucket::ALL.into_iter().filter(|bucket| *bucket != Bucket::Template);
    let bars = buckets.clone().map(|bucket| bar(pairs, bucket, chart)).collect();
    let category =
        |bucket: Bucket| BarCategory { name: bucket.to_string(), is_control: bucket.is_control() };
    let name = format!("{} \u{2212} {}", names.right, names.left);
    Ok(BarFigure::new(BarParts {
        title: chart.title.clone(),
        value_label: format!("difference in {}", value_label(chart.reading, chart.per)),
        categories: buckets.map(category).collect(),
        groups: vec![BarGroup { name, bars }],
        reference: None,
        caption: caption(pairs, first, names, chart),
        notes: notes(pairs, names),
    })?)
}

type Side = fn(&RunPair) -> &ByBucket;

fn left(pair: &RunPair) -> &ByBucket {
    &pair.left
}

fn right(pair: &RunPair) -> &ByBucket {
    &pair.right
}

fn bar(pairs: &[RunPair], bucket: Bucket, chart: &BucketChart) -> Bar {
    let value = |run: &ByBucket| {
        let reading = run.get(bucket).filter(|reading| reading.tokens > 0)?;
        reading.value(chart.reading, chart.per)
    };
    let difference = |pair: &RunPair| Some(value(&pair.right)? - value(&pair.left)?);
    let differences: Vec<f64> = pairs.iter().filter_map(difference).collect();
    let n = differences.len();
    let is_closed = |run: &ByBucket| run.get(bucket).is_none_or(BucketReading::by_construction);
    // Where both masks close a bucket, zero less zero was not measured.
    let by_construction =
        n > 0 && pairs.iter().all(|pair| is_closed(&pair.left) && is_closed(&pair.right));
    Bar {
        value: (n > 0).then(|| differences.iter().sum::<f64>() / n as f64),
        interval: chart.bootstrap.mean_interval(&differences).filter(|_| !by_construction),
        pooled: None,
        n,
        by_construction,
    }
}

fn caption(
    pairs: &[RunPair],
    first: &RunPair,
    names: SideNames<'_>,
    chart: &BucketChart,
) -> Vec<CaptionField> {
    let mut fields = chart.about.clone();
    let SideNames { left, right } = names;
    fields.push(CaptionField::new(
        "difference",
        format!("{right} less {left}, question by question"),
    ));
    fields.push(CaptionField::new(
        "reading",
        definition(chart.reading, chart.per, first.left.template),
    ));
    let both = |of: fn(&ByBucket) -> &[usize]| match [of(&first.left), of(&first.right)] {
        [a, b] if a == b => ranges(a),
        [a, b] => format!("{} ({left}), {} ({right})", ranges(a), ranges(b)),
    };
    fields.push(CaptionField::new("layers", both(|run| &run.layers)));
    fields.push(CaptionField::new("heads", both(|run| &run.heads)));
    fields.push(CaptionField::new("rows", format!("latents {}", both(|run| &run.latents))));
    fields.push(CaptionField::new("n", format!("{} pairs of runs", with_commas(pairs.len()))));
    if pairs.len() > 1 {
        let (resamples, seed) = (with_commas(chart.bootstrap.resamples), chart.bootstrap.seed);
        let how = "95 %, percentile bootstrap of the mean over pairs";
        fields.push(CaptionField::new(
            "intervals",
            format!("{how} ({resamples} resamples, seed {seed})"),
        ));
    }
    fields
}

fn notes(pairs: &[RunPair], names: SideNames<'_>) -> Vec<String> {
    let mut notes = vec![CONTROL.to_owned()];
    for (name, of) in [(names.left, left as Side), (names.right, right)] {
        if pairs.iter().all(|pair| of(pair).by_construction()) {
            notes.push(format!(
                "Zero by construction in {name}: the mask lets no row of the picture attend to the \
                 question. Only mass can be compared with it."
            ));
        }
    }
    notes
}
