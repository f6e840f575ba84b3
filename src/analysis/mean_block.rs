//! The mean of a rectangle of the decoder's weights over layers and heads, beside what uniform
//! attention under the same mask would have there.

use crate::domain::{AttentionSite, Run, Tower};

use super::{AnalysisError, block::Rectangle, sight::Sight};

/// Rows by columns, averaged over layers and heads.
///
/// # Shapes
/// `mean`, `expected`: `[rows, columns]`, row-major
#[derive(Debug)]
pub(super) struct MeanBlock {
    n_columns: usize,
    /// Weights.
    pub(super) mean: Vec<f64>,
    /// `1 / number of keys that the row may attend to` where it may attend to the column, else 0;
    /// averaged over layers, which differ only under knock-outs.
    pub(super) expected: Vec<f64>,
}

impl MeanBlock {
    /// Reads a rectangle; `columns` ascending.
    ///
    /// # Errors
    /// Whatever of it was not recorded, is no weight, or contradicts the run's mask, by name.
    pub(super) fn read(
        run: &Run,
        (layers, heads): (&[usize], &[usize]),
        rows: &[usize],
        columns: &[usize],
    ) -> Result<Self, AnalysisError> {
        let area = rows.len() * columns.len();
        let rectangle = Rectangle::new(rows, columns);
        let sights = Sight::of_layers(&run.plan, layers);
        let [mut sums, mut of_layer] = [vec![0.0; area], vec![0.0; area]];
        let mut expected: Vec<Vec<f64>> = Vec::new();
        for (i, &layer) in layers.iter().enumerate() {
            let site = AttentionSite { tower: Tower::Decoder, layer };
            of_layer.fill(0.0);
            for &head in heads {
                rectangle.add_head(&run.trace, site, head, &mut of_layer)?;
            }
            if let Some(sight) = sights.get(i) {
                expected.push(uniform(sight, rows, columns));
            }
            let uniform = &expected[i.min(expected.len() - 1)];
            if let Some(at) = of_layer.iter().zip(uniform).position(|(w, e)| *w > 0.0 && *e == 0.0)
            {
                let (query, key) = (rows[at / columns.len()], columns[at % columns.len()]);
                return Err(closed(run, site, heads, query, key));
            }
            sums.iter_mut().zip(&of_layer).for_each(|(sum, w)| *sum += w);
        }
        let n_patterns = (layers.len() * heads.len()) as f64;
        for sum in &mut sums {
            *sum /= n_patterns;
        }
        let n_expected = expected.len() as f64;
        let mut mean_expected = vec![0.0; area];
        for of_layer in &expected {
            mean_expected.iter_mut().zip(of_layer).for_each(|(sum, e)| *sum += e / n_expected);
        }
        Ok(Self { n_columns: columns.len(), mean: sums, expected: mean_expected })
    }

    /// Each row's mean weights and what was expected of them.
    pub(super) fn rows(&self) -> impl Iterator<Item = (&[f64], &[f64])> {
        let n = self.n_columns.max(1);
        self.mean.chunks_exact(n).zip(self.expected.chunks_exact(n))
    }
}

fn uniform(sight: &Sight<'_>, rows: &[usize], columns: &[usize]) -> Vec<f64> {
    let mut uniform = Vec::with_capacity(rows.len() * columns.len());
    for &query in rows {
        let row = sight.row(query);
        uniform.extend(columns.iter().map(|key| row.uniform(*key)));
    }
    uniform
}

/// The head that has a weight where the mask has none.
fn closed(
    run: &Run,
    site: AttentionSite,
    heads: &[usize],
    query: usize,
    key: usize,
) -> AnalysisError {
    let weight = |head: &usize| Some((*head, run.trace.get(site, *head, query, key)?));
    let found = heads.iter().filter_map(weight).find(|(_, found)| *found > 0.0);
    let (head, found) = found.unwrap_or((0, f32::NAN));
    AnalysisError::PlanDisagrees { site, head, query, key, found }
}
