//! What a run's attention does as a whole, before any map is drawn of it: its sinks, how much flows
//! between picture and words, how widely it spreads, where its latents come from, and its rollout.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde::Serialize;

use super::{
    map_choice::answer_texts,
    model_folder,
    subject::{SubjectRequest, open_engine},
    trained_under::TrainedUnder,
    weights::weights_checksum,
    world_card::beyond_its_world,
};
use crate::{
    analysis::{
        Flows, Incoming, LatentPlace, Projection, Projector, Rollout, RolloutMaps, SinkRule,
        Spreads, find_sinks, flows, rollout, spreads,
    },
    domain::{
        AttentionMode, CaptionField, Choice, Colormap, Ending, Figure, OnProgress, Reading,
        RecordSpec, Run, TowerSpec,
    },
    export::{
        FigureRow, OverlayFigure, OverlayPanel, OverlayStyle, PaperSize, check_format,
        check_overlay_format, write_figure, write_figure_row, write_overlay,
    },
    inference::{Asked, RunRequest},
    model::{ComputeDevice, Dtype},
    vision::DecodedImage,
};

/// What is looked at, and what is drawn of it.
#[derive(Clone, Debug)]
pub struct Inspect {
    /// The question.
    pub subject: SubjectRequest,
    /// Decoder layers of flows and spreads.
    pub layers: Choice,
    /// Query heads of flows, spreads and rollout.
    pub heads: Choice,
    /// What counts as a sink.
    pub sinks: SinkRule,
    /// Where curves of attention between the parts go, if anywhere.
    pub flows: Option<PathBuf>,
    /// Where curves of the rows' entropy go, if anywhere.
    pub spread: Option<PathBuf>,
    /// Where the rollout of the answer goes, beside that of uniform attention, if anywhere.
    pub rollout: Option<PathBuf>,
}

/// A sink, with what stands there.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SinkReport {
    /// What stands there: a token's text, or the latent's number.
    pub text: String,
    /// What it gets.
    #[serde(flatten)]
    pub incoming: Incoming,
}

/// The latents of the picture, and how surely each has a place.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LatentsReport {
    /// How they were carried back to patches.
    pub projection: String,
    /// One a latent.
    pub places: Vec<LatentPlace>,
}

/// Where the answer's paths of attention end.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct RolloutReport {
    /// Of all paths, the part that ends on the picture.
    pub on_picture: f64,
    /// The same of uniform attention under the same mask: what says nothing.
    pub on_picture_if_uniform: f64,
}

/// What `inspect --json` tells.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct InspectReport {
    version: u32,
    /// As it was named.
    pub model: String,
    weights: String,
    device: String,
    dtype: Dtype,
    /// The attention mode.
    pub attention: AttentionMode,
    trained_under: Option<AttentionMode>,
    /// What was asked.
    pub question: String,
    /// What was answered.
    pub answer: String,
    /// The rule of sinks.
    pub sink_rule: SinkRule,
    /// The sinks, by position.
    pub sinks: Vec<SinkReport>,
    /// Attention between picture, question, answer and template.
    pub flows: Flows,
    /// How widely rows spread theirs.
    pub spreads: Spreads,
    /// The latents.
    pub latents: LatentsReport,
    /// Rollout of the whole answer.
    pub rollout: RolloutReport,
    /// Bytes of attention that were recorded for this.
    pub recorded_bytes: u64,
    /// What should be known of how this came about.
    pub warnings: Vec<String>,
}

/// Answers the question with every pattern of resampler and decoder recorded, and reads them.
///
/// # Errors
/// One line that says what is wrong, where, and what to do.
pub fn inspect(
    request: &Inspect,
    device: ComputeDevice,
    on_progress: OnProgress<'_>,
) -> Result<InspectReport> {
    check_files(request)?;
    let subject = &request.subject;
    let (engine, image, folder) = open_engine(subject, device, on_progress)?;
    let run_request = RunRequest {
        asked: Asked::Question(subject.question.clone()),
        mode: subject.mode,
        max_new_tokens: subject.max_new_tokens,
        // Rollout follows every path, so it needs every row and column.
        record: Some(RecordSpec { vision: TowerSpec::none(), ..RecordSpec::everything() }),
    };
    let run = engine
        .run(&image, &run_request, on_progress)
        .with_context(|| format!("while asking {}", folder.display()))?;
    if run.ending == Ending::Stopped {
        bail!("stopped");
    }
    let mut warnings = image.warnings.clone();
    warnings.extend(beyond_its_world(&folder, &engine, &image, &subject.question)?);
    let answer = answer_texts(&engine, &run)?;
    let about = about(&subject.model, &run);

    let flows = flows(&run, &request.layers, &request.heads)?;
    let spreads = spreads(&run, &request.layers, &request.heads)?;
    let projector = Projector::new(&run, Projection::default())?;
    let tokens: Vec<usize> = (0..run.answer_ids.len()).collect();
    let rolled = rollout(&run, &tokens, &request.heads)?;
    if let Some(path) = &request.flows {
        write_flows(&flows, &about, path)?;
    }
    if let Some(path) = &request.spread {
        let figure = Figure::Curves(spreads.figure(about.clone())?);
        write_figure(&figure, path, PaperSize::FULL_WIDTH).context("--spread")?;
    }
    if let Some(path) = &request.rollout {
        let maps = projector.rollout_maps(&run, &rolled)?;
        write_rollout(&maps, &run, &image, &about, path)?;
    }
    let found = find_sinks(&run, request.sinks)?.found;
    Ok(InspectReport {
        version: 1,
        model: subject.model.clone(),
        weights: weights_checksum(&model_folder(&subject.model)?)?,
        device: engine.device().to_string(),
        dtype: engine.loaded().dtype,
        attention: run.mode,
        trained_under: TrainedUnder::of(&subject.model, &folder).mode,
        question: run.question.clone(),
        answer: run.answer.clone(),
        sink_rule: request.sinks,
        sinks: found.into_iter().map(|incoming| named(&run, &answer, incoming)).collect(),
        flows,
        spreads,
        latents: LatentsReport {
            projection: projector.projection().to_string(),
            places: projector.latents(),
        },
        rollout: on_picture(&run, &rolled),
        recorded_bytes: run.trace.bytes(),
        warnings,
    })
}

/// Refuses what cannot be written before a model is loaded for it.
fn check_files(request: &Inspect) -> Result<()> {
    request.flows.as_deref().map_or(Ok(()), check_format).context("--flows")?;
    request.spread.as_deref().map_or(Ok(()), check_format).context("--spread")?;
    request.rollout.as_deref().map_or(Ok(()), check_overlay_format).context("--rollout")?;
    Ok(())
}

fn about(model: &str, run: &Run) -> Vec<CaptionField> {
    vec![
        CaptionField::new("model", model),
        CaptionField::new("attention", run.mode.to_string()),
        CaptionField::new("question", &run.question),
        CaptionField::new("answer", run.answer.trim()),
    ]
}

fn named(run: &Run, answer: &[String], incoming: Incoming) -> SinkReport {
    let (len, image) = (run.prompt.layout.len(), run.prompt.layout.image());
    let at = incoming.position;
    let text = match run.prompt.tokens.get(at) {
        _ if incoming.is_latent => format!("latent {}", at - image.start),
        Some(token) => token.text.clone(),
        None => answer.get(at.saturating_sub(len)).cloned().unwrap_or_default(),
    };
    SinkReport { text, incoming }
}

fn on_picture(run: &Run, rolled: &Rollout) -> RolloutReport {
    let image = run.prompt.layout.image();
    RolloutReport {
        on_picture: rolled.paths[image.clone()].iter().sum(),
        on_picture_if_uniform: rolled.uniform[image].iter().sum(),
    }
}

/// Mass at the left, lift at the right; as a table, mass.
fn write_flows(flows: &Flows, about: &[CaptionField], path: &Path) -> Result<()> {
    let of = |reading, about| Ok::<_, anyhow::Error>(Figure::Curves(flows.figure(reading, about)?));
    let row = FigureRow {
        title: None,
        figures: vec![of(Reading::Mass, Vec::new())?, of(Reading::Lift, Vec::new())?],
        caption: about.to_vec(),
        notes: Vec::new(),
    };
    let whole = of(Reading::Mass, about.to_vec())?;
    write_figure_row(&row, &whole, path, PaperSize::FULL_WIDTH).context("--flows")
}

/// The rollout of the run, that of uniform attention, and the first over the second.
fn write_rollout(
    maps: &RolloutMaps,
    run: &Run,
    image: &DecodedImage,
    about: &[CaptionField],
    path: &Path,
) -> Result<()> {
    let panel = |title: &str, map: &crate::domain::Heatmap| OverlayPanel {
        title: title.to_owned(),
        note: None,
        map: Some(map.clone()),
    };
    let mut caption = about.to_vec();
    let own = maps.measured.caption.iter().filter(|f| f.name != "shown" && f.name != "attention");
    caption.extend(own.cloned());
    let figure = OverlayFigure {
        rgb: &image.rgb,
        fit: run.fit,
        panels: vec![
            panel("rollout of the answer", &maps.measured),
            panel("rollout if uniform", &maps.uniform),
        ],
        regions: None,
        value_label: "part of all paths, by patch".to_owned(),
        style: OverlayStyle { colormap: Colormap::Viridis, ..OverlayStyle::default() },
        caption,
        notes: vec![
            "Rollout favours what the mask lets be read early, whatever the model does: read it \
             only against the rollout of uniform attention."
                .to_owned(),
        ],
    };
    write_overlay(&figure, path).context("--rollout")
}
