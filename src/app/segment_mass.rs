//! What the answer's rows pay to each part of the sequence, layer by layer.

use std::ops::Range;

use crate::domain::{AttentionSite, Choice, Run, Segment, TokenRow, Tower};

/// The decoder's layers and heads that a run recorded.
pub(super) fn recorded(run: &Run) -> (Vec<usize>, Vec<usize>) {
    let mut decoder = run.trace.patterns.iter().filter(|(site, _)| site.tower == Tower::Decoder);
    let layers = decoder.clone().map(|(site, _)| site.layer).collect();
    let heads = decoder.find_map(|(_, patterns)| patterns.first());
    (layers, heads.map(|pattern| pattern.heads.clone()).unwrap_or_default())
}

/// The row of the sequence that stands for a token of the answer.
fn row_of(run: &Run, token: usize, row: TokenRow) -> usize {
    let len = run.prompt.layout.len();
    match row {
        TokenRow::WhileChoosing => len - 1 + token,
        TokenRow::AfterWriting => len + token,
    }
}

/// What the rows of some tokens of the answer pay to each part of the sequence, layer by layer.
pub(super) fn mass_by_segment(
    run: &Run,
    tokens: &[usize],
    heads: &Choice,
    row: TokenRow,
) -> Result<Vec<(Segment, Vec<f64>)>, String> {
    let (layers, all_heads) = recorded(run);
    let heads: Vec<usize> = all_heads.into_iter().filter(|h| heads.contains(*h)).collect();
    if heads.is_empty() || tokens.is_empty() {
        return Err("no head, or no token of the answer, is chosen".to_owned());
    }
    let len = run.prompt.layout.len();
    let spans =
        run.prompt.layout.spans().iter().cloned().chain([(Segment::Answer, len..usize::MAX)]);
    let of_segment = |(segment, span): (Segment, Range<usize>)| {
        let of_layer = |layer: &usize| {
            let site = AttentionSite { tower: Tower::Decoder, layer: *layer };
            let rows = tokens.iter().map(|token| row_of(run, *token, row));
            let places = rows.flat_map(|query| {
                let keys = span.start..span.end.min(query + 1);
                keys.flat_map(|key| heads.iter().map(move |head| (*head, key)))
                    .map(move |at| (query, at))
            });
            let mut sum = 0.0;
            for (query, (head, key)) in places {
                let weight = run.trace.get(site, head, query, key);
                sum += f64::from(weight.ok_or_else(|| not_recorded(site, head, query, key))?);
            }
            Ok(sum / (tokens.len() * heads.len()) as f64)
        };
        Ok((segment, layers.iter().map(of_layer).collect::<Result<_, String>>()?))
    };
    spans.map(of_segment).collect()
}

fn not_recorded(site: AttentionSite, head: usize, query: usize, key: usize) -> String {
    format!("{site}, head {head}, row {query}, column {key} was not recorded")
}
