//! What the rows that chose the answer's tokens pay to each part of the sequence, read once of a run.

use std::ops::Range;

use crate::domain::{AttentionPattern, AttentionSite, Choice, Run, Segment, Tower};

use super::{
    AnalysisError,
    block::{chosen_heads, chosen_layers},
};

/// Sums of the rows that chose the answer's tokens, over each part of the sequence.
///
/// An answer's rows are millions of weights, and every choice of heads and tokens reads all layers of
/// them; so they are read once, in the order in which they lie, and a choice adds up these sums.
#[derive(Clone, Debug)]
pub struct AnswerRows {
    spans: Vec<(Segment, Range<usize>)>,
    layers: Vec<usize>,
    heads: Vec<usize>,
    n_tokens: usize,
    /// `NaN` where a weight of the row was not recorded. Shape `[layers, heads, tokens, spans]`.
    sums: Vec<f64>,
}

impl AnswerRows {
    /// Those of all recorded layers and heads.
    ///
    /// # Errors
    /// [`AnalysisError::Nothing`] where no layer or head of the decoder was recorded.
    pub fn new(run: &Run) -> Result<Self, AnalysisError> {
        let layers = chosen_layers(&run.trace, &Choice::All)?;
        let heads = chosen_heads(&run.trace, &layers, &Choice::All)?;
        let len = run.prompt.layout.len();
        let answer = (Segment::Answer, len..usize::MAX);
        let spans = run.prompt.layout.spans().iter().cloned().chain([answer]).collect();
        let n_tokens = run.answer_ids.len();
        let rows = Self { spans, layers, heads, n_tokens, sums: Vec::new() };
        let of_layer = |layer: &usize| {
            let site = AttentionSite { tower: Tower::Decoder, layer: *layer };
            let patterns = run.trace.patterns.get(&site).map_or(&[][..], Vec::as_slice);
            rows.of_layer(patterns, first_row(run))
        };
        let sums = rows.layers.iter().flat_map(of_layer).collect();
        Ok(Self { sums, ..rows })
    }

    /// # Shapes
    /// output: `[heads, tokens, spans]`
    fn of_layer(&self, patterns: &[AttentionPattern], first_row: usize) -> Vec<f64> {
        let n_spans = self.spans.len();
        let mut all = vec![f64::NAN; self.heads.len() * self.n_tokens * n_spans];
        let mut buffer = Vec::new();
        for token in 0..self.n_tokens {
            let n_keys = first_row + token + 1;
            let holds_row = |p: &&AttentionPattern| {
                p.queries.contains(&(n_keys - 1)) && p.keys.start == 0 && p.keys.end >= n_keys
            };
            let holders: Vec<&AttentionPattern> = patterns.iter().filter(holds_row).collect();
            for (h, head) in self.heads.iter().enumerate() {
                let sums = &mut all[(h * self.n_tokens + token) * n_spans..][..n_spans];
                let held = holders
                    .iter()
                    .find_map(|p| Some((&p.weights, p.start_of_row(*head, n_keys - 1)?)));
                let row = match held {
                    Some((weights, start)) => weights.stretch(start..start + n_keys, &mut buffer),
                    None if gather(patterns, (*head, n_keys - 1), &mut buffer) => &buffer,
                    None => continue,
                };
                for (sum, (_, span)) in sums.iter_mut().zip(&self.spans) {
                    let end = span.end.min(n_keys);
                    let weights = &row[span.start.min(end)..end];
                    *sum = weights.iter().map(|weight| f64::from(*weight)).sum();
                }
            }
        }
        all
    }

    /// What the rows of some tokens pay to each part of the sequence, layer by layer, as a mean over the
    /// chosen heads.
    ///
    /// # Shapes
    /// output: one entry a part, each `[layers]`
    ///
    /// # Errors
    /// [`AnalysisError::Nothing`] where no token or no recorded head is chosen; a weight that was not
    /// recorded, by name.
    pub fn mass(
        &self,
        run: &Run,
        tokens: &[usize],
        heads: &Choice,
    ) -> Result<Vec<(Segment, Vec<f64>)>, AnalysisError> {
        let chosen = self.heads.iter().enumerate().filter(|(_, head)| heads.contains(**head));
        let heads: Vec<(usize, usize)> = chosen.map(|(h, head)| (h, *head)).collect();
        for (what, is_empty) in
            [("head", heads.is_empty()), ("token of the answer", tokens.is_empty())]
        {
            if is_empty {
                return Err(AnalysisError::Nothing { what });
            }
        }
        let n_spans = self.spans.len();
        let mut of_layers = vec![vec![0.0; self.layers.len()]; n_spans];
        for (l, layer) in self.layers.iter().enumerate() {
            for ((h, head), token) in
                heads.iter().flat_map(|head| tokens.iter().map(move |token| (*head, *token)))
            {
                let row = (l * self.heads.len() + h) * self.n_tokens + token;
                let row = self.sums.get(row * n_spans..(row + 1) * n_spans);
                let row = row.filter(|row| token < self.n_tokens && !row[0].is_nan());
                let Some(row) = row else {
                    let site = AttentionSite { tower: Tower::Decoder, layer: *layer };
                    return Err(missing(run, site, head, first_row(run) + token));
                };
                for (sum, part) in of_layers.iter_mut().zip(row) {
                    sum[l] += part;
                }
            }
        }
        let n = (tokens.len() * heads.len()) as f64;
        of_layers.iter_mut().flatten().for_each(|sum| *sum /= n);
        Ok(self.spans.iter().map(|(segment, _)| *segment).zip(of_layers).collect())
    }
}

/// The row that chose the first token.
fn first_row(run: &Run) -> usize {
    run.prompt.layout.len() - 1
}

/// Brings a row together that no single pattern holds; false where some of it was not recorded.
fn gather(
    patterns: &[AttentionPattern],
    (head, query): (usize, usize),
    row: &mut Vec<f32>,
) -> bool {
    row.clear();
    row.extend((0..=query).map_while(|key| patterns.iter().find_map(|p| p.get(head, query, key))));
    row.len() == query + 1
}

/// Names the first weight of a row that was not recorded, or that is none.
fn missing(run: &Run, site: AttentionSite, head: usize, query: usize) -> AnalysisError {
    let found = |key: &usize| run.trace.get(site, head, query, *key);
    if let Some(key) = (0..=query).find(|key| found(key).is_none()) {
        return AnalysisError::MissingWeight { site, head, query, key };
    }
    let nan =
        (0..=query).find_map(|key| Some((key, found(&key).filter(|weight| weight.is_nan())?)));
    let (key, found) = nan.unwrap_or((query, f32::NAN));
    AnalysisError::NotAWeight { site, head, query, key, found }
}
