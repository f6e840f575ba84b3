//! Many runs' readings as one: mean, interval, and the value of all of them together.

use crate::domain::{Bucket, Interval};

use super::{Bootstrap, BucketReading, ByBucket, Per, Reading};

/// One bucket over several runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BucketSummary {
    /// The bucket.
    pub bucket: Bucket,
    /// Runs with a token of the bucket, and with a value where the mask leaves one; the others do
    /// not count for it.
    pub n: usize,
    /// Mean of the runs' values, each run counting the same.
    pub mean: Option<f64>,
    /// 95 % interval of that mean; `None` for a single run.
    pub interval: Option<Interval>,
    /// All runs' rows and tokens together, so that long questions count for more.
    pub pooled: Option<f64>,
    /// Whether the mask closes the bucket in every run that has it.
    pub by_construction: bool,
}

/// Summarizes a reading over runs, for every bucket.
///
/// With `v[i]` run `i`'s value, `R[i]` its rows and `t[i]` the bucket's visible tokens in it:
///
/// ```text
/// mean   = sum of v[i] / n
/// pooled = sum of R[i] v[i] / sum of R[i]                 (mass and share of a bucket)
/// pooled = sum of R[i] t[i] v[i] / sum of R[i] t[i]       (mass and share by the token)
/// pooled = sum of R[i] mass[i] / sum of R[i] expected[i]  (lift: a ratio of totals)
/// ```
pub fn over_runs(
    runs: &[ByBucket],
    reading: Reading,
    per: Per,
    bootstrap: &Bootstrap,
) -> Vec<BucketSummary> {
    let of_bucket = |bucket: Bucket| {
        let present = |run: &ByBucket| {
            let found = run.get(bucket).copied().filter(|b| b.tokens > 0);
            found.map(|b| (b, rows(run, reading)))
        };
        let present: Vec<(BucketReading, f64)> = runs.iter().filter_map(present).collect();
        let values: Vec<f64> = present.iter().filter_map(|(b, _)| b.value(reading, per)).collect();
        let by_construction =
            !present.is_empty() && present.iter().all(|(b, _)| b.by_construction());
        let n = values.len();
        BucketSummary {
            bucket,
            n: if by_construction { present.len() } else { n },
            mean: (n > 0).then(|| values.iter().sum::<f64>() / n as f64),
            // A zero that the mask makes has no uncertainty to estimate.
            interval: bootstrap.mean_interval(&values).filter(|_| !by_construction),
            pooled: pooled(&present, reading, per),
            by_construction,
        }
    };
    Bucket::ALL.into_iter().map(of_bucket).collect()
}

/// The rows behind a run's reading.
fn rows(run: &ByBucket, reading: Reading) -> f64 {
    match reading {
        Reading::Share => run.rows_with_share() as f64,
        Reading::Mass | Reading::Lift => run.latents.len() as f64,
    }
}

fn pooled(present: &[(BucketReading, f64)], reading: Reading, per: Per) -> Option<f64> {
    let mut total = [0.0; 2]; // what is divided, and by what
    for (bucket, rows) in present {
        let Some(value) = bucket.value(reading, per) else { continue };
        let (value, weight) = match (reading, per) {
            (Reading::Lift, _) => (bucket.mass, bucket.expected),
            (_, Per::Bucket) => (value, 1.0),
            // A run that can see none of the tokens adds nothing, above or below.
            (_, Per::Token) => (value * bucket.visible as f64, bucket.visible as f64),
        };
        total[0] += rows * value;
        total[1] += rows * weight;
    }
    (total[1] > 0.0).then(|| total[0] / total[1])
}
