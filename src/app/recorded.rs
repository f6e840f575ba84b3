//! What of the decoder a run recorded.

use crate::domain::{Run, Tower};

/// The decoder's layers and heads that a run recorded.
pub(super) fn recorded(run: &Run) -> (Vec<usize>, Vec<usize>) {
    let mut decoder = run.trace.patterns.iter().filter(|(site, _)| site.tower == Tower::Decoder);
    let layers = decoder.clone().map(|(site, _)| site.layer).collect();
    let heads = decoder.find_map(|(_, patterns)| patterns.first());
    (layers, heads.map(|pattern| pattern.heads.clone()).unwrap_or_default())
}
