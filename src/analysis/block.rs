//! Rectangles of recorded weights, read whole or not at all: what is missing is named, never zero.

use std::ops::Range;

use crate::domain::{AttentionPattern, AttentionSite, AttentionTrace, Choice, Tower, Weights};

use super::AnalysisError;

/// The decoder layers that a choice means: of "all", those that were recorded.
pub(super) fn chosen_layers(
    trace: &AttentionTrace,
    layers: &Choice,
) -> Result<Vec<usize>, AnalysisError> {
    let sites = trace.patterns.keys().filter(|site| site.tower == Tower::Decoder);
    layers_among(&sites.map(|site| site.layer).collect::<Vec<usize>>(), layers)
}

/// The decoder layers that a choice means: of "all", those that were recorded, which come ascending.
pub(super) fn layers_among(
    recorded: &[usize],
    layers: &Choice,
) -> Result<Vec<usize>, AnalysisError> {
    let chosen = match layers {
        Choice::All => recorded.to_vec(),
        Choice::None => Vec::new(),
        Choice::Only(layers) => ascending(layers),
    };
    if chosen.is_empty() {
        return Err(AnalysisError::Nothing { what: "decoder layer" });
    }
    match chosen.iter().find(|layer| recorded.binary_search(layer).is_err()) {
        Some(&layer) => {
            let site = AttentionSite { tower: Tower::Decoder, layer };
            Err(AnalysisError::MissingSite { site })
        }
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
    heads_among(patterns.map(|pattern| pattern.heads.as_slice()), heads)
}

/// The heads that a choice means: of "all", those that some pattern holds; `held` are the patterns' heads.
pub(super) fn heads_among<'a>(
    held: impl Iterator<Item = &'a [usize]>,
    heads: &Choice,
) -> Result<Vec<usize>, AnalysisError> {
    let chosen = match heads {
        Choice::All => {
            let mut found: Vec<usize> = Vec::new();
            let mut last: &[usize] = &[];
            for heads in held.filter(|heads| !heads.is_empty()) {
                // A run has thousands of patterns, nearly always of the same heads.
                if heads != last {
                    last = heads;
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
        for (first, keys) in &self.stretches {
            let mut r = 0;
            while let Some(&query) = self.rows.get(r) {
                let holder = patterns.iter().find_map(|p| Holder::of(p, head, query, keys));
                let Some(holder) = holder else {
                    let sums = &mut sums[r * self.n_columns + first..][..keys.len()];
                    add_one_by_one(patterns, (site, head, query), keys, sums)?;
                    r += 1;
                    continue;
                };
                let n_rows = holder.rows_from(&self.rows[r..]);
                let sums = &mut sums[r * self.n_columns..][..n_rows * self.n_columns];
                let into = sums.chunks_exact_mut(self.n_columns);
                let into = into.map(|row| &mut row[*first..][..keys.len()]);
                if !holder.add(query, keys, into, &mut buffer) {
                    self.check_weights(patterns, (site, head), keys)?;
                }
                r += n_rows;
            }
        }
        Ok(())
    }

    /// Names the first entry that is no weight.
    fn check_weights(
        &self,
        patterns: &[AttentionPattern],
        (site, head): (AttentionSite, usize),
        keys: &Range<usize>,
    ) -> Result<(), AnalysisError> {
        for &query in self.rows {
            for key in keys.clone() {
                let found = patterns.iter().find_map(|p| p.get(head, query, key));
                if let Some(found) = found.filter(|found| !is_weight(*found)) {
                    return Err(AnalysisError::NotAWeight { site, head, query, key, found });
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
        let AttentionPattern { queries, keys: held, .. } = pattern;
        let holds = queries.contains(&query) && held.start <= keys.start && keys.end <= held.end;
        let start = holds.then(|| pattern.start_of_row(head, queries.start))??;
        Some(Self { pattern, start })
    }

    /// How many of some rows, the first of which it holds, follow each other in it.
    fn rows_from(&self, rows: &[usize]) -> usize {
        let last = self.pattern.queries.end;
        let follows = |(i, row): &(usize, &usize)| **row == rows[0] + i && **row < last;
        rows.iter().enumerate().take_while(follows).count()
    }

    /// Adds a stretch of rows that follow each other; whether all of it are weights.
    fn add<'b>(
        &self,
        query: usize,
        keys: &Range<usize>,
        into: impl ExactSizeIterator<Item = &'b mut [f64]>,
        buffer: &mut Vec<f32>,
    ) -> bool {
        /// Widening a whole row at once costs less than calling for this part of it.
        const WHOLE_ROW: usize = 64;
        let AttentionPattern { queries, keys: held, weights, .. } = self.pattern;
        let width = held.len();
        let start = self.start + (query - queries.start) * width;
        let offset = keys.start - held.start;
        let mut are_weights = true;
        if matches!(weights, Weights::F32(_)) || keys.len() * WHOLE_ROW >= width {
            let rows = weights.stretch(start..start + into.len() * width, buffer);
            for (sums, row) in into.zip(rows.chunks_exact(width)) {
                are_weights &= add(sums, &row[offset..][..keys.len()]);
            }
        } else {
            for (i, sums) in into.enumerate() {
                let at = start + i * width + offset;
                are_weights &= add(sums, weights.stretch(at..at + keys.len(), buffer));
            }
        }
        are_weights
    }
}

/// Adds weights to sums; whether all of them are certainly weights.
///
/// Looks at bits, so that the loop stays one of vectors: the highest is set in negative numbers, and,
/// once one is added to the exponent, in those that are not finite.
fn add(sums: &mut [f64], weights: &[f32]) -> bool {
    let mut bits = 0;
    for (sum, weight) in sums.iter_mut().zip(weights) {
        let of_weight = weight.to_bits();
        bits |= of_weight | of_weight.wrapping_add(1 << 23);
        *sum += f64::from(*weight);
    }
    bits >> 31 == 0
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
) -> Result<(), AnalysisError> {
    for (sum, key) in sums.iter_mut().zip(keys.clone()) {
        let Some(found) = patterns.iter().find_map(|p| p.get(head, query, key)) else {
            return Err(AnalysisError::MissingWeight { site, head, query, key });
        };
        if !is_weight(found) {
            return Err(AnalysisError::NotAWeight { site, head, query, key, found });
        }
        *sum += f64::from(found);
    }
    Ok(())
}
