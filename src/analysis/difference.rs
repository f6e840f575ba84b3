//! Two runs beside each other: where their words part, how far their latents drift, and what
//! separates their maps.

use serde::{Deserialize, Serialize};

use crate::domain::{Heatmap, TokenId};

/// A word of an answer, and whether the other answer has it in its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComparedWord {
    /// As it stands there.
    pub text: String,
    /// Whether it is not in the longest sequence of words that both answers share.
    pub differs: bool,
}

/// The first place at which two answers have different tokens; `None` where they are the same.
///
/// An answer that ends where the other goes on differs at its end.
pub fn first_differing_token(left: &[TokenId], right: &[TokenId]) -> Option<usize> {
    let n = left.len().max(right.len());
    (0..n).find(|i| left.get(*i) != right.get(*i))
}

/// The words of two texts, each marked where it is not part of their longest common sequence.
///
/// Words are separated by white space; case and punctuation count.
pub fn word_differences(left: &str, right: &str) -> [Vec<ComparedWord>; 2] {
    let words = [left, right].map(|text| text.split_whitespace().collect::<Vec<&str>>());
    let [a, b] = &words;
    // shared[i][j]: length of the longest common sequence of a[i..] and b[j..].
    let mut shared = vec![vec![0_usize; b.len() + 1]; a.len() + 1];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            shared[i][j] = match a[i] == b[j] {
                true => shared[i + 1][j + 1] + 1,
                false => shared[i + 1][j].max(shared[i][j + 1]),
            };
        }
    }
    let mut differs = [vec![true; a.len()], vec![true; b.len()]];
    let (mut i, mut j) = (0, 0);
    while i < a.len() && j < b.len() {
        if a[i] == b[j] {
            (differs[0][i], differs[1][j]) = (false, false);
            (i, j) = (i + 1, j + 1);
        } else if shared[i + 1][j] >= shared[i][j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    let marked = |words: &Vec<&str>, differs: &Vec<bool>| {
        let word = |(text, differs): (&&str, &bool)| ComparedWord {
            text: (*text).to_owned(),
            differs: *differs,
        };
        words.iter().zip(differs).map(word).collect()
    };
    [marked(a, &differs[0]), marked(b, &differs[1])]
}

/// What separates two maps of one picture, patch by patch: right less left.
///
/// # Errors
/// Why there is no such number: other patches, maps of another kind or reading, or a mask that closes a
/// side by construction, which is no zero that could be subtracted.
pub fn map_difference(left: &Heatmap, right: &Heatmap) -> Result<Vec<f64>, &'static str> {
    match (left.by_construction, right.by_construction) {
        _ if left.patches != right.patches => Err("the sides have other patches"),
        _ if (left.kind, left.reading) != (right.kind, right.reading) => {
            Err("the sides are not read alike")
        }
        (true, true) => Err("the mask closes it on both sides"),
        (true, false) => Err("the mask closes it on the left"),
        (false, true) => Err("the mask closes it on the right"),
        (false, false) => {
            Ok(left.values.iter().zip(&right.values).map(|(own, its)| its - own).collect())
        }
    }
}

/// How far the latents' hidden states lie apart between two questions about one picture, one number
/// a state: the decoder's input, then each layer's output, the last after the norm.
///
/// The mean over latents of the relative distance, with `a` and `b` the two states of a latent:
///
/// ```text
/// drift = mean over latents of 2 |a - b| / (|a| + |b|)
/// ```
///
/// # Shapes
/// `left`, `right`: `[layers + 1][L * d_model]`
///
/// # Units
/// 0 where every latent has the very same state, 2 where they point away from each other. Exactly 0
/// where no latent can see a word: the paper's "static representation".
///
/// # Panics
/// When the two have other shapes, or states are no multiple of `d_model`.
pub fn latent_drift(left: &[Vec<f32>], right: &[Vec<f32>], d_model: usize) -> Vec<f64> {
    assert_eq!(left.len(), right.len(), "two passes of one network");
    left.iter().zip(right).map(|(a, b)| drift_of_layer(a, b, d_model)).collect()
}

fn drift_of_layer(left: &[f32], right: &[f32], d_model: usize) -> f64 {
    assert!(left.len() == right.len() && left.len().is_multiple_of(d_model), "latents by width");
    let norm = |values: &mut dyn Iterator<Item = f64>| values.map(|v| v * v).sum::<f64>().sqrt();
    let of_latent = |(a, b): (&[f32], &[f32])| {
        let apart = norm(&mut a.iter().zip(b).map(|(x, y)| f64::from(*x) - f64::from(*y)));
        let sizes = [a, b].map(|v| norm(&mut v.iter().map(|x| f64::from(*x))));
        // Two latents of length zero do not lie apart.
        if apart == 0.0 { 0.0 } else { 2.0 * apart / (sizes[0] + sizes[1]) }
    };
    let latents = left.chunks_exact(d_model).zip(right.chunks_exact(d_model));
    let n = (left.len() / d_model).max(1) as f64;
    latents.map(of_latent).sum::<f64>() / n
}
