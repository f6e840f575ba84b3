//! What a reader must know of a map: what was read, of what, and what is not in it.

use crate::domain::{CaptionField, MapKind, Reading, Run};

use super::{MapRequest, Projector, SinkPolicy, bucket_figure::ranges, maps::OnLatents};

/// Layers, heads and rows (of *read by*: columns) that were read.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) layers: Vec<usize>,
    pub(super) heads: Vec<usize>,
    pub(super) positions: Vec<usize>,
}

impl Read {
    pub(super) fn sites(&self) -> (&[usize], &[usize]) {
        (&self.layers, &self.heads)
    }
}

pub(super) fn percent(part: f64) -> String {
    format!("{:.1} %", 100.0 * part)
}

/// The facts under a map.
pub(super) fn caption(
    run: &Run,
    request: &MapRequest,
    read: &Read,
    projector: &Projector,
    on: &OnLatents,
    unplaced: f64,
) -> Vec<CaptionField> {
    let MapRequest { kind, reading, .. } = *request;
    let total = match reading {
        Reading::Mass => on.held.iter().sum::<f64>(),
        Reading::Share | Reading::Lift => 1.0,
    };
    let mut fields = vec![
        CaptionField::new("map", format!("{kind}: {}", kind.meaning())),
        CaptionField::new("attention", run.mode.to_string()),
        CaptionField::new(what_is_asked(kind), asked(run, kind, read, request)),
        CaptionField::new("reading", definition(kind, reading)),
        CaptionField::new("layers", ranges(&read.layers)),
        CaptionField::new("heads", format!("{} (mean of mass, then divided)", ranges(&read.heads))),
        projection_field(projector),
    ];
    if total > 0.0 && on.n_open > 0 {
        let part = if reading == Reading::Mass { unplaced / total } else { unplaced };
        fields.push(CaptionField::new(
            "unplaced",
            format!("{} stays on latents, without place", percent(part)),
        ));
    }
    if let SinkPolicy::Exclude(sinks) = &request.sinks {
        let value = format!("{} of the mass, on sinks ({})", percent(on.excluded), sinks.rule);
        fields.push(CaptionField::new("excluded", value));
    }
    fields
}

/// How latents were carried back.
pub(super) fn projection_field(projector: &Projector) -> CaptionField {
    let (n_layers, heads) = (projector.n_layers(), ranges(projector.heads()));
    let how = projector.projection();
    CaptionField::new(
        "latents to patches",
        format!("{how}; {n_layers} layers, mean of heads {heads}"),
    )
}

/// What a map cannot be shown without.
pub(super) fn notes(run: &Run, request: &MapRequest, on: &OnLatents) -> Vec<String> {
    let mut notes = Vec::new();
    let OnLatents { n_open, n_rows, .. } = on;
    let mode = run.mode;
    match request.kind {
        _ if on.n_open == 0 => notes.push(format!(
            "Zero by construction: under the mask of this run ({mode}) nothing here may attend to \
             what was asked for."
        )),
        MapKind::ReadBy if n_open < n_rows => notes
            .push(format!("{} of {n_rows} latents may not attend to the words.", n_rows - n_open)),
        _ if n_open < n_rows => notes.push(format!(
            "{} of {n_rows} rows may not attend to the picture and do not count.",
            n_rows - n_open
        )),
        _ => {}
    }
    if request.kind == MapKind::ReadBy && *n_open > 0 {
        notes.push("Read by does not locate things: see looks at and answered from.".to_owned());
    }
    notes
}

pub(super) fn what_is_asked(kind: MapKind) -> &'static str {
    match kind {
        MapKind::ReadBy | MapKind::LooksAt => "words",
        MapKind::AnsweredFrom(_) | MapKind::Rollout => "tokens",
        MapKind::MadeFrom => "latents",
    }
}

fn asked(run: &Run, kind: MapKind, read: &Read, request: &MapRequest) -> String {
    match kind {
        MapKind::MadeFrom => ranges(&read.positions),
        MapKind::ReadBy | MapKind::LooksAt => {
            let texts = read.positions.iter().filter_map(|at| run.prompt.tokens.get(*at));
            let texts: Vec<String> = texts.map(|t| format!("\"{}\"", t.text.trim())).collect();
            format!("{} (positions {})", texts.join(" "), ranges(&read.positions))
        }
        MapKind::AnsweredFrom(_) | MapKind::Rollout => {
            let tokens = super::block::ascending(&request.positions);
            format!("{} of the answer, from 0 (rows {})", ranges(&tokens), ranges(&read.positions))
        }
    }
}

fn definition(kind: MapKind, reading: Reading) -> String {
    let rows = match kind {
        MapKind::ReadBy => "mean over latents",
        _ => "mean over rows",
    };
    match reading {
        Reading::Mass => {
            format!("mass (softmax weight, a row sums to 1 over all its keys; {rows})")
        }
        Reading::Share if kind == MapKind::ReadBy => format!(
            "share (mass over the mass on the question's words without template, row by row; {rows})"
        ),
        Reading::Share => format!("share (mass over the mass on the picture, row by row; {rows})"),
        Reading::Lift => "lift (mass over that of uniform attention under the same mask, both \
                          carried back to the patches)"
            .to_owned(),
    }
}
