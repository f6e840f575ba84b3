//! Whole patterns of a tower, averaged over heads: every layer from the first, every row, every key.

use crate::domain::{AttentionSite, Choice, Run, Tower};

use super::{
    AnalysisError,
    block::{Rectangle, heads_among},
};

/// A mean row may be this far from a sum of 1: half precision is off by less than a tenth of it.
const MOST_OFF: f64 = 1e-2;

/// The number of a tower's layers, all of which were recorded.
///
/// # Errors
/// [`AnalysisError::NotRecorded`]; `record` says what to record.
pub(super) fn n_layers(
    run: &Run,
    tower: Tower,
    record: &'static str,
) -> Result<usize, AnalysisError> {
    let recorded = run.trace.patterns.keys().filter(|site| site.tower == tower);
    let layers: Vec<usize> = recorded.map(|site| site.layer).collect();
    let has_gap = layers.iter().enumerate().any(|(i, layer)| i != *layer);
    // Layers that were not asked for leave no gap at the end, so the recording must have asked for all.
    if layers.is_empty() || has_gap || run.spec.tower(tower).layers != Choice::All {
        let what = match tower {
            Tower::Vision => "the vision tower's attention in all layers",
            Tower::Resampler => "the resampler's attention in all layers",
            Tower::Decoder => "the decoder's attention in all layers",
        };
        return Err(AnalysisError::NotRecorded { what: what.to_owned(), record });
    }
    Ok(layers.len())
}

/// The heads of a tower that a choice means.
pub(super) fn heads_of(
    run: &Run,
    tower: Tower,
    heads: &Choice,
) -> Result<Vec<usize>, AnalysisError> {
    let sites = run.trace.patterns.iter().filter(|(site, _)| site.tower == tower);
    heads_among(sites.flat_map(|(_, patterns)| patterns).map(|p| p.heads.as_slice()), heads)
}

/// One layer's pattern, averaged over heads, each row brought to a sum of exactly 1.
///
/// # Shapes
/// output: `[n_rows, n_keys]`, row-major
///
/// # Errors
/// Whatever of it was not recorded or is no weight, by name; a row that is no distribution.
pub(super) fn mean_pattern(
    run: &Run,
    site: AttentionSite,
    heads: &[usize],
    (n_rows, n_keys): (usize, usize),
) -> Result<Vec<f64>, AnalysisError> {
    let [rows, keys] = [n_rows, n_keys].map(|n| (0..n).collect::<Vec<usize>>());
    let rectangle = Rectangle::new(&rows, &keys);
    let mut mean = vec![0.0; n_rows * n_keys];
    for &head in heads {
        rectangle.add_head(&run.trace, site, head, &mut mean)?;
    }
    for (query, row) in mean.chunks_exact_mut(n_keys.max(1)).enumerate() {
        let total: f64 = row.iter().sum();
        let sum = total / heads.len() as f64;
        if (sum - 1.0).abs() > MOST_OFF {
            return Err(AnalysisError::NotADistribution { site, query, sum });
        }
        for weight in row {
            *weight /= total;
        }
    }
    Ok(mean)
}
