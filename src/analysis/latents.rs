//! Rows of the trace that end on latents, and the resampler's own patterns.

use crate::domain::{AttentionSite, Run, Tower};

/// Attention that the row which chose an answer token pays to each latent, averaged over heads, one
/// entry a decoder layer.
///
/// Token 0 was chosen by the last row of the prompt, token `t` by the row of token `t - 1`.
/// `None` where the run did not record those rows.
///
/// # Shapes
/// output: `[layers][L]`
///
/// # Units
/// Attention mass: each layer's sum is the share of its row that the picture got.
pub fn answered_from(run: &Run, token: usize) -> Option<Vec<Vec<f64>>> {
    let image = run.prompt.layout.image();
    let row = run.prompt.layout.len() - 1 + token;
    let layers = run.trace.patterns.keys().filter(|site| site.tower == Tower::Decoder);
    let of_layer = |site: &AttentionSite| {
        let heads = run.trace.patterns.get(site)?.first()?.heads.clone();
        let mean = |latent: usize| {
            let weights = heads.iter().map(|head| run.trace.get(*site, *head, row, latent));
            let sum: Option<f64> = weights.map(|w| w.map(f64::from)).sum();
            Some(sum? / heads.len() as f64)
        };
        image.clone().map(mean).collect::<Option<Vec<f64>>>()
    };
    let layers: Vec<Vec<f64>> = layers.map(of_layer).collect::<Option<_>>()?;
    (!layers.is_empty()).then_some(layers)
}

/// The resampler's patterns, averaged over heads, first layer first; `None` where none was recorded.
///
/// # Shapes
/// output: `[layers][L * (P + L)]`, rows of `P` patches, then `L` latents
pub fn resampler_patterns(run: &Run) -> Option<Vec<Vec<f64>>> {
    let sites = run.trace.patterns.iter().filter(|(site, _)| site.tower == Tower::Resampler);
    let patterns: Vec<Vec<f64>> = sites
        .filter_map(|(_, patterns)| patterns.first())
        .map(|pattern| {
            let area = pattern.queries.len() * pattern.keys.len();
            let n_heads = pattern.heads.len();
            let mean = |i: usize| {
                let weights = (0..n_heads).map(|h| f64::from(pattern.weights.get(h * area + i)));
                weights.sum::<f64>() / n_heads as f64
            };
            (0..area).map(mean).collect()
        })
        .collect();
    (!patterns.is_empty()).then_some(patterns)
}
