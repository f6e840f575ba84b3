//! How widely rows spread their attention over the picture or the words, layer by layer.

use serde::{Deserialize, Serialize};

use crate::domain::{
    AttentionSite, CaptionField, Choice, Curve, CurveFigure, CurveParts, Run, Tower,
};

use super::{
    AnalysisError, Part,
    block::{Rectangle, chosen_heads, chosen_layers},
    bucket_figure::ranges,
    parts::parts_of,
    sight::Sight,
};

/// How rows of one part spread what they pay to the keys of another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// Whose rows.
    pub from: Part,
    /// Over whose keys.
    pub over: Part,
    /// Entropy in each layer over that of uniform attention: 1 is even, 0 is one key.
    pub evenness: Vec<Option<f64>>,
    /// `exp(entropy)` in each layer: as many keys, paid evenly, would be spread as widely.
    pub effective_keys: Vec<Option<f64>>,
}

/// The spread of attention in a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spreads {
    /// The decoder layers, ascending.
    pub layers: Vec<usize>,
    /// The heads that are averaged.
    pub heads: Vec<usize>,
    /// The pairs that were recorded whole.
    pub spreads: Vec<Spread>,
}

/// How widely the picture reads the question, and question and answer look at the picture.
///
/// With `p` a row's weights on the open keys of the other part, divided by their sum, of one head:
///
/// ```text
/// H = - sum of p ln p        evenness = H / ln(number of open keys)
/// ```
///
/// averaged over heads and rows, each head by itself: the mean pattern of heads that each look at
/// one thing is flat, and says nothing of them. Rows that may attend to one key only, or paid
/// nothing, do not count.
///
/// # Errors
/// A layer or head that was not recorded; a recorded number that is no weight;
/// [`AnalysisError::Nothing`] where none of the pairs was recorded whole.
pub fn spreads(run: &Run, layers: &Choice, heads: &Choice) -> Result<Spreads, AnalysisError> {
    let layers = chosen_layers(&run.trace, layers)?;
    let heads = chosen_heads(&run.trace, &layers, heads)?;
    let parts = parts_of(run);
    let of_part =
        |part: Part| -> Vec<usize> { (0..parts.len()).filter(|at| parts[*at] == part).collect() };
    let pairs = [
        (Part::Image, Part::Question),
        (Part::Question, Part::Image),
        (Part::Answer, Part::Image),
        (Part::Answer, Part::Question),
    ];
    let mut found = Vec::new();
    for (from, over) in pairs {
        match spread(run, (&layers, &heads), (from, &of_part(from)), (over, &of_part(over))) {
            Ok(spread) if spread.evenness.iter().any(Option::is_some) => found.push(spread),
            Ok(_) | Err(AnalysisError::MissingWeight { .. }) => {}
            Err(other) => return Err(other),
        }
    }
    if found.is_empty() {
        return Err(AnalysisError::Nothing { what: "pair of parts recorded whole and open" });
    }
    Ok(Spreads { layers, heads, spreads: found })
}

fn spread(
    run: &Run,
    (layers, heads): (&[usize], &[usize]),
    (from, rows): (Part, &[usize]),
    (over, keys): (Part, &[usize]),
) -> Result<Spread, AnalysisError> {
    let [mut evenness, mut effective_keys] = [Vec::new(), Vec::new()];
    for &layer in layers {
        let site = AttentionSite { tower: Tower::Decoder, layer };
        let sight = Sight::new(&run.plan, layer);
        let [mut even, mut effective] = [0.0; 2];
        let mut n_counted = 0;
        for &query in rows {
            let seen = sight.row(query);
            let open: Vec<usize> = keys.iter().copied().filter(|key| seen.allows(*key)).collect();
            if open.len() < 2 {
                continue;
            }
            let row = [query];
            let rectangle = Rectangle::new(&row, &open);
            for &head in heads {
                let mut weights = vec![0.0; open.len()];
                rectangle.add_head(&run.trace, site, head, &mut weights)?;
                if let Some(entropy) = entropy(&weights) {
                    even += entropy / (open.len() as f64).ln();
                    effective += entropy.exp();
                    n_counted += 1;
                }
            }
        }
        let mean = |sum: f64| (n_counted > 0).then(|| sum / f64::from(n_counted));
        evenness.push(mean(even));
        effective_keys.push(mean(effective));
    }
    Ok(Spread { from, over, evenness, effective_keys })
}

/// Entropy of weights brought to a sum of 1, in nats; `None` where they are all zero.
fn entropy(weights: &[f64]) -> Option<f64> {
    let sum: f64 = weights.iter().sum();
    let parts = weights.iter().map(|weight| weight / sum).filter(|part| *part > 0.0);
    (sum > 0.0).then(|| parts.map(|part| -part * part.ln()).sum())
}

impl Spreads {
    /// Evenness over layers, one curve a pair.
    ///
    /// # Errors
    /// [`AnalysisError::Figure`].
    pub fn figure(&self, about: Vec<CaptionField>) -> Result<CurveFigure, AnalysisError> {
        let curve = |spread: &Spread| {
            let layers = self.layers.iter().zip(&spread.evenness);
            let points = layers.filter_map(|(layer, even)| Some([*layer as f64, (*even)?]));
            Curve::new(format!("{} over {}", spread.from, spread.over), points.collect())
        };
        let mut caption = about;
        caption.extend([
            CaptionField::new(
                "reading",
                "entropy of what a row pays to the second-named part, over that of uniform \
                 attention (1 is even, 0 is one key)",
            ),
            CaptionField::new(
                "heads",
                format!("{} (each by itself, then mean)", ranges(&self.heads)),
            ),
            CaptionField::new("rows", "mean over the rows of the first-named part"),
        ]);
        Ok(CurveFigure::new(CurveParts {
            title: None,
            x_label: "decoder layer".to_owned(),
            value_label: "entropy over that of uniform attention".to_owned(),
            value_span: None,
            curves: self.spreads.iter().map(curve).collect(),
            caption,
            notes: Vec::new(),
        })?)
    }
}
