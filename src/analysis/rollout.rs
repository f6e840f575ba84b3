//! Paths of attention through all layers of the decoder, beside those of uniform attention.
//!
//! Rollout alone favors early positions whatever the model does, because a causal mask does. So the
//! rollout of uniform attention under the same mask always stands beside it.

use crate::domain::{
    AttentionSite, CaptionField, Choice, Heatmap, MapKind, Reading, Run, TokenRow, Tower,
};

use super::{
    AnalysisError, PatchMass, Projector,
    block::Rectangle,
    bucket_figure::ranges,
    map_caption::projection_field,
    map_request::rows_of,
    product::add_product,
    sight::Sight,
    towers::{heads_of, n_layers},
};

const RECORD: &str = "every row and column of the decoder (RecordSpec::everything)";

/// How much of each position flows into a row, along all paths of attention.
#[derive(Clone, Debug, PartialEq)]
pub struct Rollout {
    /// The tokens of the answer that were followed, from 0.
    pub tokens: Vec<usize>,
    /// Layers of the decoder.
    pub n_layers: usize,
    /// The heads that are averaged.
    pub heads: Vec<usize>,
    /// Of the run, by position; sums to 1. Shape `[T + tokens read again]`.
    pub paths: Vec<f64>,
    /// Of uniform attention under the same mask; sums to 1. The same shape.
    pub uniform: Vec<f64>,
}

/// Follows attention from the rows that chose some tokens of the answer back to what they read.
///
/// With `A_l` layer `l`'s pattern averaged over heads, a row leaves a layer as itself plus what it
/// read, half each, and the row vector `x` of a token becomes
///
/// ```text
/// x (1/2 + 1/2 A_N) .. (1/2 + 1/2 A_1)
/// ```
///
/// # Errors
/// [`AnalysisError::NotRecorded`] unless every layer was recorded with all its rows and columns;
/// tokens that there are not; a weight that the mask closes.
///
/// # Source
/// Abnar and Zuidema 2020, averaged over tokens. Its bias under causal masks: 2602.16837.
pub fn rollout(run: &Run, tokens: &[usize], heads: &Choice) -> Result<Rollout, AnalysisError> {
    let kind = MapKind::AnsweredFrom(TokenRow::WhileChoosing);
    let rows = rows_of(run, kind, tokens)?;
    let n_layers = n_layers(run, Tower::Decoder, RECORD)?;
    let heads = heads_of(run, Tower::Decoder, heads)?;
    let n = rows.last().map_or(0, |last| last + 1).max(run.prompt.layout.len());
    let positions: Vec<usize> = (0..n).collect();
    let mut start = vec![0.0; n];
    for row in &rows {
        start[*row] = 1.0 / rows.len() as f64;
    }
    let [mut paths, mut uniform] = [start.clone(), start];
    for layer in (0..n_layers).rev() {
        let sight = Sight::new(&run.plan, layer);
        let site = AttentionSite { tower: Tower::Decoder, layer };
        let [measured, even] = patterns(run, site, &heads, &sight, &positions)?;
        paths = one_layer_back(&paths, &measured);
        uniform = one_layer_back(&uniform, &even);
    }
    let len = run.prompt.layout.len();
    let tokens = rows.iter().map(|row| row + 1 - len).collect();
    Ok(Rollout { tokens, n_layers, heads, paths, uniform })
}

/// A layer's mean pattern and the uniform one, `[n, n]` each.
fn patterns(
    run: &Run,
    site: AttentionSite,
    heads: &[usize],
    sight: &Sight<'_>,
    positions: &[usize],
) -> Result<[Vec<f64>; 2], AnalysisError> {
    let n = positions.len();
    let [mut measured, mut even] = [vec![0.0; n * n], vec![0.0; n * n]];
    for &query in positions {
        // What comes after a generated token was never a key of it; in the prompt all are.
        let end = if query < run.prompt.layout.len() { run.prompt.layout.len() } else { query + 1 };
        let keys = &positions[..end];
        let sums = &mut measured[query * n..][..end];
        let row = [query];
        let rectangle = Rectangle::new(&row, keys);
        for &head in heads {
            rectangle.add_head(&run.trace, site, head, sums).map_err(|error| match error {
                AnalysisError::MissingWeight { .. } => AnalysisError::NotRecorded {
                    what: format!("row {query} of {site} over all its columns"),
                    record: RECORD,
                },
                other => other,
            })?;
        }
        let seen = sight.row(query);
        for &key in keys {
            if sums[key] > 0.0 && !seen.allows(key) {
                let (head, found) = (heads[0], sums[key] as f32);
                return Err(AnalysisError::PlanDisagrees { site, head, query, key, found });
            }
            even[query * n + key] = seen.uniform(key);
        }
        let total: f64 = sums.iter().sum();
        if (total / heads.len() as f64 - 1.0).abs() > 1e-2 {
            let sum = total / heads.len() as f64;
            return Err(AnalysisError::NotADistribution { site, query, sum });
        }
        for weight in sums {
            *weight /= total;
        }
    }
    Ok([measured, even])
}

fn one_layer_back(after: &[f64], pattern: &[f64]) -> Vec<f64> {
    let mut before: Vec<f64> = after.iter().map(|part| 0.5 * part).collect();
    let n = after.len();
    add_product(&mut before, std::iter::once(after), pattern, n, 0.5);
    before
}

/// A rollout on the picture's patches, and what it is compared with.
#[derive(Clone, Debug, PartialEq)]
pub struct RolloutMaps {
    /// Of the run.
    pub measured: Heatmap,
    /// Of uniform attention under the same mask.
    pub uniform: Heatmap,
    /// The first over the second: 1 says nothing.
    pub lift: Heatmap,
}

impl Projector {
    /// Carries a rollout back to the patches.
    ///
    /// # Errors
    /// [`AnalysisError::OtherRun`].
    pub fn rollout_maps(&self, run: &Run, rollout: &Rollout) -> Result<RolloutMaps, AnalysisError> {
        self.check(run)?;
        let image = run.prompt.layout.image();
        let map = |values: Vec<f64>, reading, unplaced, what: &str| {
            let mut map = Heatmap::new(self.patches(), values, MapKind::Rollout, reading);
            map.unplaced = unplaced;
            map.caption = vec![
                CaptionField::new(
                    "map",
                    format!("{}: {}", MapKind::Rollout, MapKind::Rollout.meaning()),
                ),
                CaptionField::new("attention", run.mode.to_string()),
                CaptionField::new("shown", what),
                CaptionField::new(
                    "tokens",
                    format!("{} of the answer, from 0", ranges(&rollout.tokens)),
                ),
                CaptionField::new(
                    "layers",
                    format!("all {}, half of each kept (residual)", rollout.n_layers),
                ),
                CaptionField::new("heads", format!("{} (mean)", ranges(&rollout.heads))),
                projection_field(self),
            ];
            map
        };
        let measured = self.place(&rollout.paths[image.clone()]);
        let uniform = self.place(&rollout.uniform[image]);
        let over = measured.mass.iter().zip(&uniform.mass).map(|(a, b)| a / b).collect();
        let total = measured.mass.iter().sum::<f64>() + measured.unplaced;
        let left = if total > 0.0 { measured.unplaced / total } else { 0.0 };
        let of_mass =
            |placed: PatchMass, what: &str| map(placed.mass, Reading::Mass, placed.unplaced, what);
        Ok(RolloutMaps {
            lift: map(over, Reading::Lift, left, "rollout over that of uniform attention"),
            measured: of_mass(measured, "rollout of the run"),
            uniform: of_mass(uniform, "rollout of uniform attention under the same mask"),
        })
    }
}
