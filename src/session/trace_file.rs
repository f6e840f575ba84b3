//! Recorded attention on disk: one array a rectangle, at the precision it was recorded with.
//!
//! `trace.safetensors` holds `decoder.7.pattern.0`, `decoder.7.pattern.1`, ..., each `[heads, queries,
//! keys]`, and `plan.mask` `[T, T]` and `plan.rope_positions` `[T]`, so that a run is shown under the
//! mask it had, whatever its mode means by then. Which heads, rows and columns an array has stands in
//! `run.json`.

use std::{collections::BTreeMap, ops::Range, path::Path};

use serde::{Deserialize, Serialize};

use super::{
    NamedArrays,
    error::{Result, SessionError},
};
use crate::domain::{
    AttentionMask, AttentionPattern, AttentionSite, AttentionTrace, Precision, Run, Tower, Weights,
};

/// What each array of a trace is of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct TraceIndex {
    /// Lists of heads, each written once.
    heads: Vec<Vec<usize>>,
    patterns: Vec<PatternEntry>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct PatternEntry {
    tower: Tower,
    layer: usize,
    /// Which of the lists of heads.
    heads: usize,
    queries: Range<usize>,
    keys: Range<usize>,
    precision: Precision,
}

const MASK: &str = "plan.mask";
const ROPE: &str = "plan.rope_positions";

/// The mask and rope positions of a run.
pub(super) type KeptMask = (AttentionMask, Vec<u32>);

/// The arrays of a run, and what they are of.
pub(super) fn arrays_of(run: &Run) -> (NamedArrays, TraceIndex) {
    let (mut arrays, mut index) = (NamedArrays::default(), TraceIndex::default());
    for (site, patterns) in &run.trace.patterns {
        for (i, pattern) in patterns.iter().enumerate() {
            let known = index.heads.iter().position(|heads| *heads == pattern.heads);
            let heads = known.unwrap_or_else(|| {
                index.heads.push(pattern.heads.clone());
                index.heads.len() - 1
            });
            index.patterns.push(PatternEntry {
                tower: site.tower,
                layer: site.layer,
                heads,
                queries: pattern.queries.clone(),
                keys: pattern.keys.clone(),
                precision: pattern.weights.precision(),
            });
            let shape = [pattern.heads.len(), pattern.queries.len(), pattern.keys.len()];
            let name = format!("{site}.{i}");
            match &pattern.weights {
                Weights::F32(values) => arrays.f32(name, &shape, values),
                Weights::F16(values) => arrays.half(name, &shape, values),
            }
        }
    }
    let mask = &run.plan.mask;
    arrays.bool(MASK, &[mask.len(), mask.len()], mask.entries());
    let rope: Vec<i64> = run.plan.rope_positions.iter().map(|at| i64::from(*at)).collect();
    arrays.i64(ROPE, &[rope.len()], &rope);
    (arrays, index)
}

impl TraceIndex {
    /// The weights behind it.
    ///
    /// # Errors
    /// An array that is not there, or is not what the index says.
    pub(super) fn trace(&self, arrays: &NamedArrays, path: &Path) -> Result<AttentionTrace> {
        let mut trace = AttentionTrace::default();
        let mut n_of_site: BTreeMap<AttentionSite, usize> = BTreeMap::new();
        for entry in &self.patterns {
            let site = AttentionSite { tower: entry.tower, layer: entry.layer };
            let i = n_of_site.entry(site).or_default();
            let name = format!("{site}.{i}");
            *i += 1;
            let wrong =
                || SessionError::damaged(path, format!("array {name} is not as run.json says"));
            let heads = self.heads.get(entry.heads).ok_or_else(wrong)?;
            let is_ascending = heads.windows(2).all(|pair| pair[0] < pair[1]);
            let shape = [heads.len(), entry.queries.len(), entry.keys.len()];
            let (found, weights) = match entry.precision {
                Precision::F32 => {
                    let (found, values) = arrays.get_f32(&name).ok_or_else(wrong)?;
                    (found, Weights::F32(values))
                }
                Precision::F16 => {
                    let (found, values) = arrays.get_f16(&name).ok_or_else(wrong)?;
                    (found, Weights::F16(values))
                }
            };
            if found != shape || !is_ascending {
                return Err(wrong());
            }
            let (queries, keys) = (entry.queries.clone(), entry.keys.clone());
            trace.push(site, AttentionPattern { heads: heads.clone(), queries, keys, weights });
        }
        Ok(trace)
    }
}

/// The mask and rope positions that were kept.
///
/// # Errors
/// As [`TraceIndex::trace`].
pub(super) fn mask_of(arrays: &NamedArrays, path: &Path) -> Result<KeptMask> {
    let wrong = |name| SessionError::damaged(path, format!("array {name} is missing or wrong"));
    let rope = arrays.get_i64(ROPE).ok_or_else(|| wrong(ROPE))?;
    let rope: std::result::Result<Vec<u32>, _> = rope.into_iter().map(u32::try_from).collect();
    let rope = rope.ok().ok_or_else(|| wrong(ROPE))?;
    let entries = arrays.get_bool(MASK).ok_or_else(|| wrong(MASK))?;
    let mask = AttentionMask::from_entries(rope.len(), entries).ok_or_else(|| wrong(MASK))?;
    Ok((mask, rope))
}
