//! A rectangle of recorded weights, read whole or not at all: what is missing is named, never zero.

use crate::domain::{AttentionMask, AttentionSite, AttentionTrace, Choice, Tower};

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
    let chosen: Vec<usize> = match heads {
        Choice::All => layers
            .iter()
            .filter_map(|layer| trace.patterns.get(&site(layer)))
            .flatten()
            .flat_map(|pattern| pattern.heads.iter().copied())
            .collect(),
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
    /// Positions of the columns.
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
    let Some(patterns) = trace.patterns.get(&site) else {
        return Err(AnalysisError::MissingSite { site });
    };
    if !patterns.iter().any(|pattern| pattern.heads.contains(&head)) {
        return Err(AnalysisError::MissingHead { site, head });
    }
    let mut weights = Vec::with_capacity(rows.len() * columns.len());
    for &query in rows {
        for &key in columns {
            let Some(found) = patterns.iter().find_map(|p| p.get(head, query, key)) else {
                return Err(AnalysisError::MissingWeight { site, head, query, key });
            };
            if !found.is_finite() || found < 0.0 {
                return Err(AnalysisError::NotAWeight { site, head, query, key, found });
            }
            if found > 0.0 && !mask.allows(query, key) {
                return Err(AnalysisError::PlanDisagrees { site, head, query, key, found });
            }
            weights.push(f64::from(found));
        }
    }
    Ok(weights)
}
