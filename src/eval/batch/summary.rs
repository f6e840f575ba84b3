//! What a record comes to: shares of right answers, readings by bucket, by layer and by region.

use std::{collections::BTreeMap, path::Path};

use serde::Serialize;

use super::{BatchError, BatchHeader, BatchRow, BucketNumbers, RegionReadings};
use crate::{
    analysis::{Bootstrap, ByBucket, Per, Reading, over_runs},
    domain::{AttentionMode, Bucket, Interval},
    eval::{Share, Tally},
};

/// How intervals of means are made in a summary.
pub const BOOTSTRAP: Bootstrap = Bootstrap { resamples: 2_000, seed: 0 };

/// Columns with more values are not grouped by.
const MOST_VALUES: usize = 60;

/// A batch in numbers.
#[derive(Clone, Debug, Serialize)]
pub struct BatchSummary {
    /// Of this summary.
    pub version: u32,
    /// The conditions.
    pub conditions: BatchHeader,
    /// By attention mode.
    pub by_attention: BTreeMap<AttentionMode, ModeSummary>,
    /// Rows that could not be asked, with their reason; the first hundred.
    pub failed: Vec<FailedRow>,
}

/// A row that could not be asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FailedRow {
    /// The row of the question file, from 0.
    pub row: usize,
    /// Its first column.
    pub index: String,
    /// The attention mode.
    pub attention: AttentionMode,
    /// Why.
    pub reason: String,
}

/// How much of the data a result speaks of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RowCoverage {
    /// Rows of the question file, or of the shard.
    pub expected: usize,
    /// Rows that were answered.
    pub answered: usize,
    /// Rows that could not be asked.
    pub failed: usize,
    /// Whether every row was answered.
    pub complete: bool,
}

/// One mode's results.
#[derive(Clone, Debug, Serialize)]
pub struct ModeSummary {
    /// Of the rows.
    pub coverage: RowCoverage,
    /// Right answers among those answered, letter by letter; `None` where no row says what is right.
    pub accuracy: Option<Share>,
    /// The same by the values of a column: column, value, share.
    pub accuracy_by: BTreeMap<String, BTreeMap<String, Share>>,
    /// Readings over all runs, over right and over wrong answers.
    pub by_bucket: BTreeMap<AnswerGroup, Vec<BucketResult>>,
    /// Readings of each layer over all runs.
    pub by_layer: Vec<LayerResult>,
    /// Where answers came from; absent without regions.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub by_region: BTreeMap<AnswerGroup, RegionResult>,
}

/// Which runs a result speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerGroup {
    /// All that were answered.
    All,
    /// Those answered right.
    Right,
    /// Those answered wrong.
    Wrong,
}

impl AnswerGroup {
    /// All groups.
    pub const ALL: [Self; 3] = [Self::All, Self::Right, Self::Wrong];

    /// Whether an answer is of this group.
    pub fn holds(self, hit: Option<bool>) -> bool {
        match self {
            Self::All => true,
            Self::Right => hit == Some(true),
            Self::Wrong => hit == Some(false),
        }
    }

    /// As tables call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Right => "right",
            Self::Wrong => "wrong",
        }
    }
}

/// A reading of a bucket over runs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BucketResult {
    /// The bucket.
    pub bucket: Bucket,
    /// The reading.
    pub reading: Reading,
    /// Runs behind it.
    pub n: usize,
    /// Mean over runs, each counting the same.
    pub mean: Option<f64>,
    /// 95 % interval of the mean.
    pub interval: Option<Interval>,
    /// All runs' rows together.
    pub pooled: Option<f64>,
    /// Whether the mask leaves no other value.
    pub by_construction: bool,
}

/// One layer's readings, each in the order of [`Bucket::ALL`].
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LayerResult {
    /// The decoder layer.
    pub layer: usize,
    /// Attention mass.
    pub mass: Vec<MeanOfRuns>,
    /// Part of what the question got.
    pub share: Vec<MeanOfRuns>,
    /// Multiples of uniform attention.
    pub lift: Vec<MeanOfRuns>,
}

/// A mean over runs that never held them all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct MeanOfRuns {
    /// Runs with a value.
    pub n: usize,
    /// Their mean.
    pub mean: Option<f64>,
    /// Standard error of the mean: 1.96 of it are half a 95 % interval.
    pub standard_error: Option<f64>,
    #[serde(skip)]
    squares: f64,
}

impl MeanOfRuns {
    /// Takes in a value (Welford's recurrence).
    fn add(&mut self, value: Option<f64>) {
        let Some(value) = value else { return };
        self.n += 1;
        let n = self.n as f64;
        let before = self.mean.unwrap_or(0.0);
        let mean = before + (value - before) / n;
        self.squares += (value - before) * (value - mean);
        self.mean = Some(mean);
        self.standard_error = (self.n > 1).then(|| (self.squares / (n - 1.0) / n).sqrt());
    }
}

/// Where in the picture answers came from.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RegionResult {
    /// Runs behind it.
    pub n: usize,
    /// Mean share of the placed mass on the things that the answer rests on, with its 95 % interval.
    pub about: f64,
    /// Its interval.
    pub interval: Option<Interval>,
    /// Mean part of the picture that these things cover: what uniform attention would give.
    pub area: f64,
    /// Mean share on other things.
    pub others: f64,
    /// Mean part that other things cover.
    pub others_area: f64,
    /// Mean part of the mass on latents that stays there.
    pub unplaced: f64,
}

/// What is gathered of one mode.
#[derive(Default)]
struct Gathered {
    coverage: RowCoverage,
    tally: Tally,
    by_column: BTreeMap<String, BTreeMap<String, Tally>>,
    runs: BTreeMap<AnswerGroup, Vec<ByBucket>>,
    layers: Vec<[Vec<MeanOfRuns>; 3]>,
    regions: BTreeMap<AnswerGroup, Vec<RegionReadings>>,
}

/// Reads a record through and sums it up.
///
/// Of each run the readings over all layers are held for the intervals (about 2 kB); everything
/// else is summed as it comes.
///
/// # Errors
/// [`BatchError`]: no record, or a damaged one.
pub fn summarize(record: &Path) -> Result<BatchSummary, BatchError> {
    let mut reader = super::open_record(record)?;
    let conditions = reader.header().clone();
    let mut gathered: BTreeMap<AttentionMode, Gathered> =
        conditions.attention.iter().map(|mode| (*mode, Gathered::default())).collect();
    let mut failed = Vec::new();
    while let Some(row) = reader.next_row()? {
        if let Some(reason) = row.failed.clone().filter(|_| failed.len() < 100) {
            let (index, attention) = (row.index.clone(), row.attention);
            failed.push(FailedRow { row: row.row, index, attention, reason });
        }
        if let Some(of_mode) = gathered.get_mut(&row.attention) {
            of_mode.take(&row, &conditions);
        }
    }
    let by_attention =
        gathered.into_iter().map(|(mode, gathered)| (mode, gathered.summary(&conditions)));
    Ok(BatchSummary { version: 1, by_attention: by_attention.collect(), conditions, failed })
}

impl Gathered {
    fn take(&mut self, row: &BatchRow, header: &BatchHeader) {
        let Some(answer) = &row.answer else {
            self.coverage.failed += 1;
            return;
        };
        self.coverage.answered += 1;
        if let Some(hit) = answer.hit {
            self.tally.add(hit);
            for (column, value) in &row.groups {
                let of_column = self.by_column.entry(column.clone()).or_default();
                of_column.entry(value.clone()).or_default().add(hit);
            }
        }
        for group in AnswerGroup::ALL.into_iter().filter(|group| group.holds(answer.hit)) {
            if let Some(readings) = &answer.by_bucket {
                self.runs.entry(group).or_default().push(readings.all.by_bucket(header));
            }
            if let Some(regions) = answer.regions {
                self.regions.entry(group).or_default().push(regions);
            }
        }
        let layers = answer.by_bucket.iter().flat_map(|readings| &readings.layers);
        self.layers.resize_with(header.layers.len(), Default::default);
        for (numbers, sums) in layers.zip(&mut self.layers) {
            add_layer(numbers, sums);
        }
    }

    fn summary(mut self, header: &BatchHeader) -> ModeSummary {
        self.coverage.expected = header.rows_here;
        self.coverage.complete = self.coverage.answered == self.coverage.expected;
        let shares = |tallies: BTreeMap<String, Tally>| {
            tallies.into_iter().map(|(value, tally)| (value, tally.into())).collect()
        };
        // A column that names each row by itself is no group.
        self.by_column.retain(|_, tallies| tallies.len() <= MOST_VALUES);
        let layers = header.layers.iter().zip(self.layers);
        ModeSummary {
            coverage: self.coverage,
            accuracy: (self.tally.n > 0).then(|| self.tally.into()),
            accuracy_by: self.by_column.into_iter().map(|(c, t)| (c, shares(t))).collect(),
            by_bucket: self.runs.iter().map(|(group, runs)| (*group, buckets(runs))).collect(),
            by_layer: layers
                .map(|(layer, [mass, share, lift])| LayerResult {
                    layer: *layer,
                    mass,
                    share,
                    lift,
                })
                .collect(),
            by_region: self.regions.iter().map(|(group, of)| (*group, regions(of))).collect(),
        }
    }
}

fn add_layer(numbers: &BucketNumbers, [mass, share, lift]: &mut [Vec<MeanOfRuns>; 3]) {
    for sums in [&mut *mass, &mut *share, &mut *lift] {
        sums.resize_with(Bucket::ALL.len(), Default::default);
    }
    for b in 0..Bucket::ALL.len() {
        mass[b].add(Some(numbers.mass[b]).filter(|_| numbers.tokens[b] > 0));
        share[b].add(numbers.share[b]);
        lift[b].add(numbers.lift[b]);
    }
}

fn buckets(runs: &[ByBucket]) -> Vec<BucketResult> {
    let readings = [Reading::Mass, Reading::Share, Reading::Lift];
    let of_reading = |reading| {
        let summaries = over_runs(runs, reading, Per::Bucket, &BOOTSTRAP).into_iter();
        summaries.map(move |summary| BucketResult {
            bucket: summary.bucket,
            reading,
            n: summary.n,
            mean: summary.mean,
            interval: summary.interval,
            pooled: summary.pooled,
            by_construction: summary.by_construction,
        })
    };
    readings.into_iter().flat_map(of_reading).collect()
}

fn regions(of: &[RegionReadings]) -> RegionResult {
    let mean = |value: &dyn Fn(&RegionReadings) -> f64| {
        of.iter().map(value).sum::<f64>() / of.len().max(1) as f64
    };
    let about: Vec<f64> = of.iter().map(|readings| readings.answered_from.about).collect();
    RegionResult {
        n: of.len(),
        about: mean(&|r| r.answered_from.about),
        interval: BOOTSTRAP.mean_interval(&about),
        area: mean(&|r| r.area.about),
        others: mean(&|r| r.answered_from.others),
        others_area: mean(&|r| r.area.others),
        unplaced: mean(&|r| r.unplaced),
    }
}
