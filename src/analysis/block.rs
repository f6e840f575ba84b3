//! Rectangles of recorded weights, read whole or not at all: what is missing is named, never zero.

use std::ops::Range;

use crate::domain::{
    AttentionMask, AttentionPattern, AttentionSite, AttentionTrace, Choice, Tower,
};

use super::AnalysisError;

/// The decoder layers that a choice means: of "all", those that were recorded.
pub(super) fn chosen_layers(
    trace: &AttentionTrace,
    layers: &Choice,
) -> Result<Vec<usize>, AnalysisError> {
    let recorded = trace.patterns.keys().filter(|site| site.tower == Tower::Decoder);
    let chosen = match layers {
        Choice::All => recorded.map(|site| site.layer).collect(),
        Choice::None => Vec::new(),
        Choice::Only(layers) => ascending(layers),
    };
    if chosen.is_empty() {
        return Err(AnalysisError::Nothing { what: "decoder layer" });
    }
    let site = |layer| AttentionSite { tower: Tower::Decoder, layer };
    match chosen.iter().find(|layer| !trace.patterns.contains_key(&site(**layer))) {
        Some(&layer) => Err(AnalysisError::MissingSite { site: site(layer) }),
        None => Ok(chosen),
    }
}

/// The heads that a choice means: of "all", those that some chosen layer recorded.
pub(super) fn chosen_heads(
    trace: &AttentionTrace,
    layers: &[usize],
    heads: &Choice,
) -> Result<Vec<usize>, AnalysisError> {
    let site = |layer: &usize| AttentionSite { tower: Tower::Decoder, layer: *layer };
    let patterns = layers.iter().filter_map(|layer| trace.patterns.get(&site(layer))).flatten();
    heads_among(patterns, heads)
}

/// The heads that a choice means: of "all", those that some pattern holds.
pub(super) fn heads_among<'a>(
    patterns: impl Iterator<Item = &'a AttentionPattern>,
    heads: &Choice,
) -> Result<Vec<usize>, AnalysisError> {
    let chosen = match heads {
        Choice::All => {
            let mut found: Vec<usize> = Vec::new();
            let mut last: &[usize] = &[];
            for pattern in patterns.filter(|pattern| !pattern.heads.is_empty()) {
                // A run has thousands of patterns, nearly always of the same heads.
                if pattern.heads != last {
                    last = &pattern.heads;
                    found.extend(last);
                }
            }
            found
        }
        Choice::None => Vec::new(),
        Choice::Only(heads) => heads.clone(),
    };
    let chosen = ascending(&chosen);
    if chosen.is_empty() { Err(AnalysisError::Nothing { what: "head" }) } else { Ok(chosen) }
}

/// Each number once, so that none counts twice.
pub(super) fn ascending(numbers: &[usize]) -> Vec<usize> {
    let mut numbers = numbers.to_vec();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

/// Where a block is read: rows by columns of one layer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    /// The layer.
    pub site: AttentionSite,
    /// Its mask, knock-outs applied.
    pub mask: &'a AttentionMask,
    /// Positions of the rows.
    pub rows: &'a [usize],
    /// Positions of the columns, ascending.
    pub columns: &'a [usize],
}

/// The weights of one head at a place.
///
/// # Shapes
/// output: `[rows, columns]`, row-major
///
/// # Errors
/// Names the head or the entry that was not recorded, that is no weight (negative, not finite), or
/// that the mask closes although it is not zero.
pub(super) fn weights_at(
    trace: &AttentionTrace,
    place: Place<'_>,
    head: usize,
) -> Result<Vec<f64>, AnalysisError> {
    let Place { site, mask, rows, columns } = place;
    let mut weights = vec![0.0; rows.len() * columns.len()];
    let rectangle = Rectangle::new(rows, columns);
    rectangle.add_head(trace, site, head, &mut weights)?;
    for (row, &query) in weights.chunks(columns.len().max(1)).zip(rows) {
        for (&weight, &key) in row.iter().zip(columns) {
            if weight > 0.0 && !mask.allows(query, key) {
                let found = weight as f32;
                return Err(AnalysisError::PlanDisagrees { site, head, query, key, found });
            }
        }
    }
    Ok(weights)
}

/// Rows and columns, prepared so that weights which lie side by side are read side by side.
#[derive(Debug)]
pub(super) struct Rectangle<'a> {
    rows: &'a [usize],
    n_columns: usize,
    /// Columns that follow each other: the index of the first, and their positions.
    stretches: Vec<(usize, Range<usize>)>,
}

impl<'a> Rectangle<'a> {
    /// `columns` ascending.
    pub(super) fn new(rows: &'a [usize], columns: &[usize]) -> Self {
        let mut stretches: Vec<(usize, Range<usize>)> = Vec::new();
        for (i, &key) in columns.iter().enumerate() {
            match stretches.last_mut() {
                Some((_, keys)) if keys.end == key => keys.end += 1,
                _ => stretches.push((i, key..key + 1)),
            }
        }
        Self { rows, n_columns: columns.len(), stretches }
    }

    /// Adds one head's weights to sums.
    ///
    /// # Shapes
    /// - `sums`: `[rows, columns]`
    ///
    /// # Errors
    /// Names the site, the head or the entry that was not recorded, or that is no weight (negative,
    /// not finite).
    pub(super) fn add_head(
        &self,
        trace: &AttentionTrace,
        site: AttentionSite,
        head: usize,
        sums: &mut [f64],
    ) -> Result<(), AnalysisError> {
        let patterns = trace.patterns.get(&site).ok_or(AnalysisError::MissingSite { site })?;
        if !patterns.iter().any(|pattern| pattern.heads.binary_search(&head).is_ok()) {
            return Err(AnalysisError::MissingHead { site, head });
        }
        let mut buffer = Vec::new();
        let mut holder: Option<Holder<'_>> = None;
        for (sums, &query) in sums.chunks_exact_mut(self.n_columns.max(1)).zip(self.rows) {
            for (first, keys) in &self.stretches {
                let sums = &mut sums[*first..][..keys.len()];
                if !holder.as_ref().is_some_and(|holder| holder.holds(query, keys)) {
                    holder = patterns.iter().find_map(|p| Holder::of(p, head, query, keys));
                }
                let are_weights = match &holder {
                    Some(holder) => add(sums, holder.weights(query, keys, &mut buffer)),
                    None => add_one_by_one(patterns, (site, head, query), keys, sums)?,
                };
                if !are_weights {
                    return Err(not_a_weight(patterns, (site, head, query), keys));
                }
            }
        }
        Ok(())
    }
}

/// A pattern that holds a whole stretch of a row.
struct Holder<'a> {
    pattern: &'a AttentionPattern,
    /// Where the head's weights begin.
    start: usize,
}

impl<'a> Holder<'a> {
    fn of(
        pattern: &'a AttentionPattern,
        head: usize,
        query: usize,
        keys: &Range<usize>,
    ) -> Option<Self> {
        let start = pattern.start_of_row(head, pattern.queries.start)?;
        Some(Self { pattern, start }).filter(|holder| holder.holds(query, keys))
    }

    fn holds(&self, query: usize, keys: &Range<usize>) -> bool {
        let AttentionPattern { queries, keys: held, .. } = self.pattern;
        queries.contains(&query) && held.start <= keys.start && keys.end <= held.end
    }

    fn weights<'b>(
        &'b self,
        query: usize,
        keys: &Range<usize>,
        buffer: &'b mut Vec<f32>,
    ) -> &'b [f32] {
        let AttentionPattern { queries, keys: held, weights, .. } = self.pattern;
        let start = self.start + (query - queries.start) * held.len() + (keys.start - held.start);
        weights.stretch(start..start + keys.len(), buffer)
    }
}

/// Adds weights to sums; whether all of them are weights.
fn add(sums: &mut [f64], weights: &[f32]) -> bool {
    let mut are_weights = true;
    for (sum, weight) in sums.iter_mut().zip(weights) {
        are_weights &= is_weight(*weight);
        *sum += f64::from(*weight);
    }
    are_weights
}

fn is_weight(found: f32) -> bool {
    (0.0..f32::INFINITY).contains(&found)
}

/// A stretch that no single pattern holds.
fn add_one_by_one(
    patterns: &[AttentionPattern],
    (site, head, query): (AttentionSite, usize, usize),
    keys: &Range<usize>,
    sums: &mut [f64],
) -> Result<bool, AnalysisError> {
    let mut are_weights = true;
    for (sum, key) in sums.iter_mut().zip(keys.clone()) {
        let Some(found) = patterns.iter().find_map(|p| p.get(head, query, key)) else {
            return Err(AnalysisError::MissingWeight { site, head, query, key });
        };
        are_weights &= is_weight(found);
        *sum += f64::from(found);
    }
    Ok(are_weights)
}

fn not_a_weight(
    patterns: &[AttentionPattern],
    (site, head, query): (AttentionSite, usize, usize),
    keys: &Range<usize>,
) -> AnalysisError {
    let weight = |key: usize| {
        let found = patterns.iter().find_map(|p| p.get(head, query, key))?;
        (!is_weight(found)).then_some((key, found))
    };
    let (key, found) = keys.clone().find_map(weight).unwrap_or((keys.start, f32::NAN));
    AnalysisError::NotAWeight { site, head, query, key, found }
}
