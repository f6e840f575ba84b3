//! How far a mean over runs can be trusted: a seeded percentile bootstrap.

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::domain::Interval;

/// How a mean is resampled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bootstrap {
    /// Samples drawn, each as large as the number of runs, with replacement.
    pub resamples: usize,
    /// Where the random numbers start; the same seed gives the same interval on every machine.
    pub seed: u64,
}

impl Default for Bootstrap {
    fn default() -> Self {
        Self { resamples: 10_000, seed: 0 }
    }
}

impl Bootstrap {
    /// 95 % interval of the mean of `values`; `None` for fewer than two values or no resample,
    /// which cannot tell.
    ///
    /// Percentile bootstrap: the 2.5th and 97.5th percentile of the resampled means, between two
    /// of them by straight line. Runs are resampled, not tokens: tokens of a run share its
    /// picture and its question.
    ///
    /// # Source
    /// Efron and Tibshirani 1993, chapter 13. With few runs it is too narrow, so `n` belongs beside
    /// every interval.
    pub fn mean_interval(&self, values: &[f64]) -> Option<Interval> {
        let n = values.len();
        if n < 2 || self.resamples == 0 {
            return None;
        }
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        let mut draw = || (0..n).map(|_| values[rng.random_range(0..n)]).sum::<f64>() / n as f64;
        let mut means: Vec<f64> = (0..self.resamples).map(|_| draw()).collect();
        means.sort_unstable_by(f64::total_cmp);
        Some(Interval { low: quantile(&means, 0.025), high: quantile(&means, 0.975) })
    }
}

/// The value below which a part of sorted values lies, between two of them by straight line
/// (Hyndman and Fan's type 7).
fn quantile(sorted: &[f64], part: f64) -> f64 {
    let place = part * (sorted.len() - 1) as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (place - below as f64) * (sorted[above] - sorted[below])
}
