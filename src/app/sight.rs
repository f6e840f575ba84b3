//! Maps of a run: attention between positions and latents, carried to the picture's patches.

use std::ops::Range;

use crate::{
    analysis::project_onto_patches,
    domain::{
        AttentionSite, CaptionField, Choice, Heatmap, MapKind, Reading, Run, Segment, TokenRow,
        Tower,
    },
};

/// What a map is asked of.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct MapOf {
    pub(super) kind: MapKind,
    /// Positions of the prompt, or tokens of the answer.
    pub(super) positions: Vec<usize>,
    pub(super) layers: Choice,
    pub(super) heads: Choice,
}

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

/// The map of one choice of layers and heads.
pub(super) fn heatmap(run: &Run, resampler: &[Vec<f64>], of: &MapOf) -> Result<Heatmap, String> {
    let (layers, heads) = recorded(run);
    let layers: Vec<usize> = layers.into_iter().filter(|l| of.layers.contains(*l)).collect();
    let heads: Vec<usize> = heads.into_iter().filter(|h| of.heads.contains(*h)).collect();
    if layers.is_empty() || heads.is_empty() {
        return Err("no layer or no head is chosen; choose some in the grid of heads".to_owned());
    }
    let n_latents = run.prompt.layout.image().len();
    let mut mass = vec![0.0; n_latents];
    let mut by_construction = true;
    for layer in &layers {
        for head in &heads {
            by_construction &= add(run, of, (*layer, *head), &mut mass)?;
        }
    }
    let n = (layers.len() * heads.len()) as f64;
    // Each latent that reads has a row of its own: their mean is a part of a row again.
    let n_rows = if of.kind == MapKind::ReadBy { n_latents.max(1) } else { 1 };
    for m in &mut mass {
        *m /= n * n_rows as f64;
    }
    let placed = project_onto_patches(&mass, resampler, run.patches);
    let mut map = Heatmap::new(run.patches, placed.mass, of.kind, Reading::Mass);
    map.unplaced = placed.unplaced;
    map.by_construction = by_construction;
    let field = |name: &str, value: String| CaptionField { name: name.to_owned(), value };
    map.caption = vec![
        field("map", of.kind.to_string()),
        field("layers", numbers(&layers)),
        field("heads", numbers(&heads)),
        field("projection", "composed through the resampler's layers".to_owned()),
    ];
    Ok(map)
}

/// Adds one head's mass on latents; returns whether the mask closes all of it.
fn add(
    run: &Run,
    of: &MapOf,
    (layer, head): (usize, usize),
    mass: &mut [f64],
) -> Result<bool, String> {
    let site = AttentionSite { tower: Tower::Decoder, layer };
    let image = run.prompt.layout.image();
    let len = run.plan.mask.len();
    let is_open =
        |query: usize, key: usize| query >= len || key >= len || run.plan.mask.allows(query, key);
    let mut closed = true;
    for position in &of.positions {
        for (m, latent) in mass.iter_mut().zip(image.clone()) {
            let (query, key, share) = match of.kind {
                MapKind::ReadBy => (latent, *position, 1.0),
                MapKind::LooksAt | MapKind::Rollout => {
                    (*position, latent, 1.0 / of.positions.len() as f64)
                }
                MapKind::AnsweredFrom(row) => {
                    (row_of(run, *position, row), latent, 1.0 / of.positions.len() as f64)
                }
            };
            if !is_open(query, key) {
                continue;
            }
            closed = false;
            let weight = run
                .trace
                .get(site, head, query, key)
                .ok_or_else(|| not_recorded(site, head, query, key))?;
            *m += share * f64::from(weight);
        }
    }
    Ok(closed)
}

/// Numbers as ranges: `0-3, 5`.
pub(super) fn numbers(all: &[usize]) -> String {
    let mut parts: Vec<(usize, usize)> = Vec::new();
    for n in all {
        match parts.last_mut() {
            Some((_, last)) if *last + 1 == *n => *last = *n,
            _ => parts.push((*n, *n)),
        }
    }
    let part = |(a, b): &(usize, usize)| if a == b { a.to_string() } else { format!("{a}-{b}") };
    parts.iter().map(part).collect::<Vec<_>>().join(", ")
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
