//! The parts of a view that can be written, and everything of it together.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    job::Job,
    jobs::{AnswerToken, Answered, Drawn, ExportRequest, NamedDrawing, ViewExport, ViewFacts},
    state::{AppState, Level},
    update::start,
    workspace::{RunId, Subject},
};
use crate::{
    analysis::ranges,
    domain::{CaptionField, Choice, Curve, CurveFigure, CurveParts, Figure, Segment},
};

/// A part of a view that can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ViewPart {
    /// The picture with its map.
    Map,
    /// Attention from the picture to the words, by bucket.
    Buckets,
    /// What the answer's rows pay to each part of the sequence.
    ByLayer,
    /// Regions by words.
    Entities,
    /// Layers by heads: what each pays.
    Heads,
    /// Layers by heads: the map of each.
    HeadMaps,
    /// The mask of the run.
    Mask,
    /// The resampler's latents, listed.
    Latents,
    /// What draws attention whatever is asked, listed.
    Sinks,
    /// What each region gets of the map, listed.
    Regions,
    /// The regions themselves.
    RegionMasks,
    /// What was knocked out last.
    Knockout,
    /// Two runs compared in full, all of it in one figure.
    Comparison,
    /// The maps of two sides, right less left.
    Contrast,
    /// Both sides' bars by bucket.
    ContrastBars,
    /// How far the picture's states move with the question, on both sides.
    Drift,
    /// Attention by bucket over the open batch.
    Batch,
}

impl ViewPart {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 17] = [
        Self::Map,
        Self::Buckets,
        Self::ByLayer,
        Self::Entities,
        Self::Heads,
        Self::HeadMaps,
        Self::Mask,
        Self::Latents,
        Self::Sinks,
        Self::Regions,
        Self::RegionMasks,
        Self::Knockout,
        Self::Comparison,
        Self::Contrast,
        Self::ContrastBars,
        Self::Drift,
        Self::Batch,
    ];

    /// What it is called.
    pub fn title(self) -> &'static str {
        match self {
            Self::Map => "Picture with its map",
            Self::Buckets => "Attention by bucket",
            Self::ByLayer => "Attention by layer",
            Self::Entities => "Regions × words",
            Self::Heads => "Layers × heads: what each pays",
            Self::HeadMaps => "Layers × heads: the map of each",
            Self::Mask => "Mask",
            Self::Latents => "Latents, listed",
            Self::Sinks => "Sinks, listed",
            Self::Regions => "Regions, listed",
            Self::RegionMasks => "Regions: their masks, as COCO",
            Self::Knockout => "Knock-out",
            Self::Comparison => "Comparison: all of it in one figure",
            Self::Contrast => "Comparison: difference of the maps",
            Self::ContrastBars => "Comparison: both sides by bucket",
            Self::Drift => "Comparison: drift of the latents",
            Self::Batch => "Batch: attention by bucket",
        }
    }

    /// The name of its files, without ending.
    pub fn stem(self) -> &'static str {
        match self {
            Self::Map => "picture-with-map",
            Self::Buckets => "attention-by-bucket",
            Self::ByLayer => "attention-by-layer",
            Self::Entities => "regions-by-words",
            Self::Heads => "layers-by-heads",
            Self::HeadMaps => "layers-by-heads-maps",
            Self::Mask => "mask",
            Self::Latents => "latents",
            Self::Sinks => "sinks",
            Self::Regions => "regions",
            Self::RegionMasks => "regions-coco",
            Self::Knockout => "knock-out",
            Self::Comparison => "comparison",
            Self::Contrast => "comparison-difference",
            Self::ContrastBars => "comparison-by-bucket",
            Self::Drift => "comparison-drift",
            Self::Batch => "batch-by-bucket",
        }
    }
}

/// Writes one part, and remembers where.
pub(super) fn export(state: &mut AppState, request: ExportRequest) {
    remember(state, request.path.parent());
    start(state, Job::Export(request));
}

/// Writes everything of what is looked at, and remembers where.
pub(super) fn export_view(state: &mut AppState, parent: PathBuf) {
    if state.heads_grow() {
        state.export_waits = Some(parent);
        return;
    }
    match state.view_export(parent) {
        Ok(export) => {
            remember(state, Some(&export.parent));
            start(state, Job::ExportView(Box::new(export)));
        }
        Err(why) => state.notify(Level::Error, why),
    }
}

/// Writes the view that waited for its last maps, once they are there.
pub(super) fn export_when_whole(state: &mut AppState) {
    if let Some(parent) = state.export_waits.take() {
        export_view(state, parent);
    }
}

fn remember(state: &mut AppState, folder: Option<&Path>) {
    let folder = folder.filter(|folder| folder.is_absolute()).map(Path::to_owned);
    if folder.is_some() && state.settings.export_folder != folder {
        state.settings.export_folder = folder;
        state.keep_settings();
    }
}

impl AppState {
    /// A part of what is looked at, as it can be written.
    ///
    /// # Errors
    /// Why there is no such thing in this view.
    pub fn drawn(&self, part: ViewPart) -> Result<Drawn, String> {
        let figure = |figure: Figure| Drawn::Figure(Arc::new(figure));
        if part == ViewPart::Batch {
            self.batch.as_ref().ok_or("open a batch first")?;
            let chart = self.batch_chart().ok_or("it is being drawn")?;
            return chart.as_ref().clone().map(|chart| figure(chart.figure));
        }
        if let (ViewPart::RegionMasks, Some(regions), Some(picture)) =
            (part, &self.regions, &self.picture)
        {
            return Ok(Drawn::Regions(Arc::clone(&regions.set), picture.name.clone()));
        }
        let id = self.workspace.selection.run.ok_or("ask a question first")?;
        match part {
            ViewPart::Map => self.map_drawing(id).map(|map| Drawn::Map(Arc::new(map))),
            ViewPart::Buckets => {
                let bars = self.bars(id).ok_or("ask a question first")?;
                bars.as_ref().clone().map(figure)
            }
            ViewPart::ByLayer => self.by_layer(id).map(|curves| figure(Figure::Curves(curves))),
            ViewPart::Entities => {
                let matrix = self.entity_matrix(id).ok_or("there are no regions")?;
                matrix.as_ref().clone().map(|matrix| figure(Figure::Matrix(matrix.figure)))
            }
            ViewPart::Heads => self.heads_drawing(id),
            ViewPart::HeadMaps => self.head_maps_drawing(id),
            ViewPart::Mask => self.mask_drawing(id),
            ViewPart::Latents => self.latents_table(id),
            ViewPart::Sinks => self.sinks_table(id),
            ViewPart::Regions => self.regions_table(id),
            ViewPart::RegionMasks => Err("there are no regions".to_owned()),
            ViewPart::Knockout => self.cause_drawing(),
            ViewPart::Comparison => self.comparison_drawing(),
            ViewPart::Contrast => self.contrast_drawing(),
            ViewPart::ContrastBars | ViewPart::Drift => {
                let (_, contrast) =
                    self.shown_contrast().ok_or("compare two runs in full first")?;
                let is_drift = part == ViewPart::Drift;
                Ok(figure(if is_drift { contrast.drift.clone() } else { contrast.bars.clone() }))
            }
            ViewPart::Batch => Err("open a batch first".to_owned()),
        }
    }

    /// Everything of what is looked at, to be written into a new folder of `parent`.
    ///
    /// # Errors
    /// Where there is no run.
    pub fn view_export(&self, parent: PathBuf) -> Result<ViewExport, String> {
        let id = self.workspace.selection.run.ok_or("ask a question first")?;
        let answered = self.run_of(id).ok_or("ask a question first")?;
        let words = self.words(id).ok_or("ask a question first")?;
        let words = words.as_ref().as_ref().map_err(Clone::clone)?.words.clone();
        let drawing = |part: ViewPart| NamedDrawing {
            stem: part.stem(),
            title: part.title().to_owned(),
            drawn: self.drawn(part),
        };
        let run = &answered.run;
        let tokens = run.answer_ids.iter().zip(&answered.token_texts).zip(&run.answer_logprobs);
        let token = |((id, text), logprob): ((&u32, &String), &f64)| AnswerToken {
            id: *id,
            text: text.clone(),
            logprob: *logprob,
        };
        Ok(ViewExport {
            parent,
            drawings: ViewPart::ALL.into_iter().map(drawing).collect(),
            words,
            tokens: tokens.map(token).collect(),
            facts: self.view_facts(id, answered),
        })
    }

    fn view_facts(&self, id: RunId, answered: &Answered) -> ViewFacts {
        let (run, view) = (&answered.run, &self.workspace.view);
        let selection = &self.workspace.selection;
        let size = answered.picture.image.size;
        let n_edited = self.workspace.edits_of(id).iter().count();
        let unknown = || "not known".to_owned();
        let mut fields = self.about(id);
        fields.extend([
            CaptionField::new("weights", answered.weights.clone().unwrap_or_else(unknown)),
            CaptionField::new("device", answered.device.clone()),
            CaptionField::new("asked", answered.made.to_string()),
            CaptionField::new(
                "picture",
                format!("{}, {} × {} pixels", answered.picture.name, size.width, size.height),
            ),
            CaptionField::new(
                "log-probability of the answer",
                run.answer_logprobs.iter().sum::<f64>().to_string(),
            ),
            CaptionField::new("reading", view.reading.to_string()),
            CaptionField::new("layers", chosen(&selection.layers)),
            CaptionField::new("heads", chosen(&selection.heads)),
            CaptionField::new(
                "map",
                format!("{}, of {}", view.map_kind(&selection.subject), self.subject_title(id)),
            ),
            CaptionField::new(
                "tagger",
                format!("{}, {n_edited} words corrected by hand", answered.words.tagger),
            ),
            CaptionField::new(
                "attention kept",
                format!("{} bytes, {:?}", run.trace.bytes(), run.spec.precision),
            ),
        ]);
        let (command_line, leaves_out) = match self.command_line() {
            Ok(made) => (Ok(made.line), made.leaves_out),
            Err(why) => (Err(why), Vec::new()),
        };
        ViewFacts {
            question: run.question.clone(),
            answer: run.answer.clone(),
            fields,
            command_line,
            leaves_out,
            warnings: answered.warnings.clone(),
        }
    }

    /// What every figure of a run says of it.
    pub(super) fn about(&self, id: RunId) -> Vec<CaptionField> {
        let Some(answered) = self.run_of(id) else { return Vec::new() };
        vec![
            CaptionField::new("model", answered.model.clone()),
            CaptionField::new("attention", answered.run.mode.to_string()),
            CaptionField::new("question", answered.run.question.clone()),
            CaptionField::new("answer", answered.run.answer.trim()),
        ]
    }

    fn by_layer(&self, id: RunId) -> Result<CurveFigure, String> {
        let segments = self.mass_by_segment(id).ok_or("ask a question first")?;
        let segments = segments.as_ref().as_ref().map_err(Clone::clone)?;
        let layers = self.run_of(id).map(|answered| super::recorded::recorded(&answered.run).0);
        let layers = layers.unwrap_or_default();
        let curve = |(segment, values): &(Segment, Vec<f64>)| {
            let points = layers.iter().zip(values).map(|(layer, value)| [*layer as f64, *value]);
            Curve::new(segment.title(), points.collect())
        };
        let rows = match &self.workspace.selection.subject {
            Subject::Answer(tokens) => {
                format!("while choosing {} tokens of the answer", tokens.len())
            }
            _ => "while choosing each token of the answer, mean".to_owned(),
        };
        let mut caption = self.about(id);
        caption.push(CaptionField::new("rows", rows));
        caption.push(CaptionField::new("heads", chosen(&self.workspace.selection.heads)));
        let parts = CurveParts {
            title: None,
            x_label: "decoder layer, from 0".to_owned(),
            value_label: "part of the row".to_owned(),
            value_span: None,
            curves: segments.iter().map(curve).collect(),
            caption,
            notes: vec!["The parts of a row sum to 1.".to_owned()],
        };
        CurveFigure::new(parts).map_err(|error| error.to_string())
    }
}

pub(super) fn chosen(choice: &Choice) -> String {
    match choice {
        Choice::All => "mean of all".to_owned(),
        Choice::Only(chosen) => ranges(chosen),
        Choice::None => "none".to_owned(),
    }
}
