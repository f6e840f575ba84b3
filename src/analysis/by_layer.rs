//! How attention divides between picture and text, layer by layer.

use serde::{Deserialize, Serialize};

use crate::domain::{AttentionSite, Run, Tower};

use super::AnalysisError;

/// One decoder layer of one run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LayerShares {
    /// The layer, from 0.
    pub layer: usize,
    /// Of the latents' attention, the part on text; by construction on the prelude alone where the
    /// mask closes the question.
    pub latents_on_text: f64,
    /// Of the attention of the words behind the picture, the part on the picture; `None` where
    /// there is no such word.
    pub words_on_picture: Option<f64>,
    /// Of the attention of the rows that chose the answer, the part on the picture.
    pub answer_on_picture: f64,
    /// Entropy of those rows over all their keys, in nats.
    pub answer_entropy: f64,
    /// Entropy of those rows over the latents alone, renormalized, in nats: how few parts of the
    /// picture the answer was read from; `None` where they paid the picture nothing.
    pub answer_entropy_on_picture: Option<f64>,
}

/// Shares and entropies of every recorded decoder layer: means over heads and rows, each counting
/// the same.
///
/// # Units
/// Parts of a row, which sums to 1 over all its keys; entropies in nats, so `exp` of one is the
/// number of keys that equal attention would have.
///
/// # Errors
/// [`AnalysisError::MissingWeight`] where a block between picture and words, or a row that chose the
/// answer, was not recorded; [`AnalysisError::Nothing`] without a picture or a recorded layer.
pub fn shares_by_layer(run: &Run) -> Result<Vec<LayerShares>, AnalysisError> {
    let image = run.prompt.layout.image();
    if image.is_empty() {
        return Err(AnalysisError::Nothing { what: "latent" });
    }
    let sites: Vec<AttentionSite> =
        run.trace.patterns.keys().copied().filter(|s| s.tower == Tower::Decoder).collect();
    if sites.is_empty() {
        return Err(AnalysisError::Nothing { what: "decoder layer" });
    }
    sites.into_iter().map(|site| of_layer(run, site)).collect()
}

fn of_layer(run: &Run, site: AttentionSite) -> Result<LayerShares, AnalysisError> {
    let len = run.prompt.layout.len();
    let image = run.prompt.layout.image();
    let patterns = run.trace.patterns.get(&site).map_or(&[][..], Vec::as_slice);
    let Some(first) = patterns.first() else { return Err(AnalysisError::MissingSite { site }) };
    let weight = |head: usize, query: usize, key: usize| {
        let found = patterns.iter().find_map(|p| p.get(head, query, key));
        found.map(f64::from).ok_or(AnalysisError::MissingWeight { site, head, query, key })
    };
    let sum = |head, query, keys: &mut dyn Iterator<Item = usize>| -> Result<f64, AnalysisError> {
        keys.map(|key| weight(head, query, key)).sum()
    };
    // The mean over heads and rows of something of a row.
    let mean = |rows: &[usize], of: &dyn Fn(usize, usize) -> Result<f64, AnalysisError>| {
        let values = first.heads.iter().flat_map(|h| rows.iter().map(move |q| (*h, *q)));
        let total: f64 = values.map(|(h, q)| of(h, q)).sum::<Result<f64, AnalysisError>>()?;
        Ok::<f64, AnalysisError>(total / (first.heads.len() * rows.len()).max(1) as f64)
    };
    let latents: Vec<usize> = image.clone().collect();
    let words: Vec<usize> = (image.end..len.saturating_sub(1)).collect();
    // The last token of an answer is not fed back, so it has no row.
    let answer: Vec<usize> = (len - 1..len - 1 + run.answer_ids.len()).collect();
    let on_picture = |h, q| sum(h, q, &mut image.clone());
    let on_text = |h, q| sum(h, q, &mut (0..image.start).chain(image.end..len));
    let over_all = |h, q: usize| {
        let row: Vec<f64> = (0..=q).map(|key| weight(h, q, key)).collect::<Result<_, _>>()?;
        Ok(entropy(&row).unwrap_or(0.0))
    };
    let picture_entropies = answer.iter().flat_map(|q| first.heads.iter().map(move |h| (*h, *q)));
    let picture_entropies = picture_entropies.map(|(h, q)| {
        let row = image.clone().map(|key| weight(h, q, key)).collect::<Result<Vec<f64>, _>>()?;
        Ok(entropy(&row))
    });
    let picture_entropies: Vec<Option<f64>> =
        picture_entropies.collect::<Result<_, AnalysisError>>()?;
    let known: Vec<f64> = picture_entropies.into_iter().flatten().collect();
    Ok(LayerShares {
        layer: site.layer,
        latents_on_text: mean(&latents, &on_text)?,
        words_on_picture: match words.is_empty() {
            true => None,
            false => Some(mean(&words, &on_picture)?),
        },
        answer_on_picture: mean(&answer, &on_picture)?,
        answer_entropy: mean(&answer, &over_all)?,
        answer_entropy_on_picture: (!known.is_empty())
            .then(|| known.iter().sum::<f64>() / known.len() as f64),
    })
}

/// `- sum p ln p` of weights made to sum to 1; `None` where they sum to nothing.
fn entropy(weights: &[f64]) -> Option<f64> {
    let total: f64 = weights.iter().sum();
    let parts = weights.iter().filter(|w| **w > 0.0).map(|w| w / total);
    (total > 0.0).then(|| -parts.map(|p| p * p.ln()).sum::<f64>())
}
