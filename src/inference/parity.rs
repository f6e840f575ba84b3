//! Everything a run computes, for comparison with the authors' code.

use super::{
    engine::Engine,
    error::{InferenceError, Result},
    generate::Asked,
};
use crate::{
    domain::{
        AttentionMode, AttentionPlan, AttentionSite, AttentionTrace, OnProgress, PixelInput,
        RecordSpec, TokenId, Tower, TowerSpec,
    },
    model::{Latents, TraceRecorder},
};

/// What is computed of a picture, whatever is asked.
#[derive(Debug)]
pub struct TowerTensors {
    /// After `post_layernorm`. Shape `[P, d_vision]`.
    pub last_hidden_state: Vec<f32>,
    /// Weights of every resampler layer. Shape `[R, H, L, P + L]`.
    pub resampler_attn: Vec<f32>,
    /// The picture as the decoder reads it. Shape `[L, d_decoder]`.
    pub resampler_output: Vec<f32>,
    latents: Latents,
}

/// What is computed of a prompt under one mode.
#[derive(Debug)]
pub struct ModeTensors {
    /// Order, rope positions and mask.
    pub plan: AttentionPlan,
    /// Weights of every decoder layer. Shape `[layers, H, T, T]`.
    pub attn: Vec<f32>,
    /// The input, then each layer's output, the last after the norm. Shape `[T, d_decoder]` each.
    pub hidden_states: Vec<Vec<f32>>,
    /// Logits of each step, the first at the last position of the prompt. Shape `[V]` each.
    pub steps: Vec<Vec<f32>>,
    /// The greedy token of each step.
    pub generated: Vec<TokenId>,
}

impl Engine {
    /// Vision tower and resampler, with the resampler's weights.
    ///
    /// # Errors
    /// A pass that `on_progress` stopped.
    pub fn tower_tensors(
        &self,
        pixels: &PixelInput,
        on_progress: OnProgress<'_>,
    ) -> Result<TowerTensors> {
        let spec = RecordSpec { resampler: TowerSpec::all(), ..RecordSpec::nothing() };
        let mut recorder = TraceRecorder::new(spec, 0).with_progress(self.on_layer(on_progress));
        let patches = self.network.encode_patches(pixels, &self.device, &mut recorder)?;
        let latents = self.network.resample(&patches, &mut recorder)?;
        let n_layers = self.network.config().resampler.n_layers;
        Ok(TowerTensors {
            last_hidden_state: patches.values(),
            resampler_attn: whole_patterns(&recorder.into_parts().0, Tower::Resampler, n_layers),
            resampler_output: latents.values(),
            latents,
        })
    }

    /// Reads a prompt under a mode and writes `n_steps` greedy tokens, whether or not one stops.
    ///
    /// # Errors
    /// Whatever is wrong with the question, the ids or the plan.
    pub fn mode_tensors(
        &self,
        towers: &TowerTensors,
        asked: &Asked,
        mode: AttentionMode,
        n_steps: usize,
        on_progress: OnProgress<'_>,
    ) -> Result<ModeTensors> {
        let prompt = self.prompt(asked, mode)?;
        let plan = AttentionPlan::new(mode, &prompt.layout)?;
        let spec = RecordSpec { decoder: TowerSpec::all(), ..RecordSpec::nothing() };
        let mut recorder = TraceRecorder::new(spec, prompt.layout.len())
            .with_hidden()
            .with_progress(self.on_layer(on_progress));
        let mut cache = self.network.new_cache();
        let logits =
            self.network.prefill(&towers.latents, &prompt, &plan, &mut cache, &mut recorder)?;
        let mut steps = vec![logits];
        let mut generated = Vec::new();
        while generated.len() < n_steps {
            let not_finite = InferenceError::NotFinite { tokens: generated.len() };
            let token = steps.last().and_then(|logits| argmax(logits)).ok_or(not_finite)?;
            generated.push(token);
            if generated.len() < n_steps {
                let (network, device) = (&self.network, &self.device);
                steps.push(network.decode_step(token, &plan, &mut cache, device, &mut recorder)?);
            }
        }
        let (trace, hidden_states) = recorder.into_parts();
        let attn = whole_patterns(&trace, Tower::Decoder, self.network.config().decoder.n_layers);
        Ok(ModeTensors { plan, attn, hidden_states, steps, generated })
    }
}

fn argmax(logits: &[f32]) -> Option<TokenId> {
    super::generate::most_likely(logits).map(|(token, _)| token)
}

/// The patterns of every layer one after the other, where each was kept whole.
fn whole_patterns(trace: &AttentionTrace, tower: Tower, n_layers: usize) -> Vec<f32> {
    let sites = (0..n_layers).map(|layer| AttentionSite { tower, layer });
    let patterns = sites.filter_map(|site| trace.patterns.get(&site)?.first());
    patterns.flat_map(|p| (0..p.weights.len()).map(|i| p.weights.get(i))).collect()
}
