//! Everything a model computes of one picture and question, as tensors in one file.

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

use super::model_folder;
use crate::{
    domain::{AttentionMode, OnProgress, SequenceOrder, TokenId},
    inference::{Asked, Engine, ModeTensors, TowerTensors},
    model::{ComputeDevice, Dtype, MllmConfig},
    session::NamedArrays,
    vision,
};

/// What to compute, and where to write it.
#[derive(Clone, Debug)]
pub struct Trace {
    /// A checkpoint folder, or a name in `models/`.
    pub model: String,
    /// The picture.
    pub image: PathBuf,
    /// The question; or else `ids`.
    pub question: Option<String>,
    /// A JSON file of token ids: an array, or an object with `input_ids` (and, for text-first,
    /// `input_ids_text_first`).
    pub ids: Option<PathBuf>,
    /// The attention modes.
    pub modes: Vec<AttentionMode>,
    /// Greedy tokens to write under each mode.
    pub n_steps: usize,
    /// The type of large matrices; `None` for the file's own.
    pub dtype: Option<Dtype>,
    /// The safetensors file to write.
    pub out: PathBuf,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum IdsJson {
    Plain(Vec<TokenId>),
    Named { input_ids: Vec<TokenId>, input_ids_text_first: Option<Vec<TokenId>> },
}

/// Computes and writes the file.
///
/// # Errors
/// One line that says what is wrong, where, and what to do.
pub fn trace(
    request: &Trace,
    device: ComputeDevice,
    on_progress: OnProgress<'_>,
) -> Result<Vec<String>> {
    let folder = model_folder(&request.model)?;
    let image = vision::open(&request.image)?;
    let ids = request.ids.as_ref().map(read_ids).transpose()?;
    let engine = Engine::open(&folder, device, request.dtype, on_progress)?;
    let config = engine.network().config();
    let (pixels, _) = vision::preprocess(&image, config.vision.image_side);
    let mut arrays = NamedArrays::default();
    arrays.f32("pixel_values", &[3, pixels.side, pixels.side], &pixels.values);
    let towers = engine.tower_tensors(&pixels, on_progress)?;
    add_towers(&mut arrays, config, &towers);
    for &mode in &request.modes {
        let asked = asked(request.question.as_deref(), ids.as_ref(), mode)?;
        let tensors = engine
            .mode_tensors(&towers, &asked, mode, request.n_steps, on_progress)
            .with_context(|| format!("while running {mode}"))?;
        add_mode(&mut arrays, config, mode, &tensors);
    }
    arrays.write(&request.out)?;
    Ok(image.warnings)
}

fn read_ids(path: &PathBuf) -> Result<IdsJson> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| {
        format!(
            "{}: expected an array of token ids, or an object with \"input_ids\"",
            path.display()
        )
    })
}

fn asked(question: Option<&str>, ids: Option<&IdsJson>, mode: AttentionMode) -> Result<Asked> {
    let is_text_first = mode.order() == SequenceOrder::TextFirst;
    Ok(match (question, ids) {
        (Some(question), _) => Asked::Question(question.to_owned()),
        (None, Some(IdsJson::Plain(ids))) => Asked::Ids(ids.clone()),
        (None, Some(IdsJson::Named { input_ids, .. })) if !is_text_first => {
            Asked::Ids(input_ids.clone())
        }
        (None, Some(IdsJson::Named { input_ids_text_first: Some(ids), .. })) => {
            Asked::Ids(ids.clone())
        }
        (None, Some(IdsJson::Named { .. })) => {
            bail!("{mode} needs \"input_ids_text_first\" beside \"input_ids\"")
        }
        (None, None) => bail!("a question or token ids are needed"),
    })
}

fn add_towers(arrays: &mut NamedArrays, config: &MllmConfig, towers: &TowerTensors) {
    let (n_patches, n_latents) = (config.vision.patches().len(), config.resampler.n_latents);
    let shape = [n_patches, config.vision.d_model];
    arrays.f32("vision.last_hidden_state", &shape, &towers.last_hidden_state);
    let (n_layers, n_heads) = (config.resampler.n_layers, config.resampler.n_heads);
    let shape = [n_layers, n_heads, n_latents, n_patches + n_latents];
    arrays.f32("resampler.attn", &shape, &towers.resampler_attn);
    arrays.f32("resampler.output", &[n_latents, config.decoder.d_model], &towers.resampler_output);
}

fn add_mode(
    arrays: &mut NamedArrays,
    config: &MllmConfig,
    mode: AttentionMode,
    tensors: &ModeTensors,
) {
    let decoder = &config.decoder;
    let len = tensors.plan.mask.len();
    let vocab = decoder.base_vocab + decoder.added_vocab;
    let mut add = |name: &str, shape: &[usize], values: &[f32]| {
        arrays.f32(format!("{mode}.{name}"), shape, values);
    };
    add("attn", &[decoder.n_layers, decoder.n_heads, len, len], &tensors.attn);
    let states = &tensors.hidden_states;
    add("hidden_states", &[states.len(), len, decoder.d_model], &states.concat());
    if let Some(last) = states.last() {
        add("hidden_final", &[len, decoder.d_model], last);
    }
    if let Some(embeds) = states.first() {
        add("inputs_embeds", &[len, decoder.d_model], embeds);
    }
    if let Some(logits) = tensors.steps.first() {
        add("logits_last", &[vocab], logits);
    }
    add("steps", &[tensors.steps.len(), vocab], &tensors.steps.concat());
    arrays.bool(format!("{mode}.mask"), &[len, len], tensors.plan.mask.entries());
    let positions: Vec<i64> = tensors.plan.rope_positions.iter().map(|p| i64::from(*p)).collect();
    arrays.i64(format!("{mode}.position_ids"), &[len], &positions);
    let generated: Vec<i64> = tensors.generated.iter().map(|id| i64::from(*id)).collect();
    arrays.i64(format!("{mode}.generated"), &[generated.len()], &generated);
}
