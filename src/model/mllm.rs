//! The whole network: picture to latents, prompt to logits, one token at a time.

use std::sync::Arc;

use burn::prelude::*;

use super::{
    ComputeDevice,
    config::MllmConfig,
    decoder::{Decoder, LastRows, Pass},
    error::Result,
    kv_cache::KvCache,
    linear::host_values,
    mask_bias::{decode_mask, forced_masks, prefill_masks},
    recorder::Recorder,
    resampler::Resampler,
    siglip::SigLip,
    source::{ListingSource, Scope},
};
use crate::domain::{AttentionPlan, PixelInput, Prompt, TokenId, TowerShape, TraceShapes};

/// AKI's network. The fields have the checkpoint's names.
#[derive(Module, Debug)]
pub struct Mllm {
    pub(super) vision_encoder: SigLip,
    pub(super) vision_tokenizer: Resampler,
    pub(super) lang_model: Decoder,
    #[module(skip)]
    pub(super) config: MllmConfig,
}

/// Vectors of the patches, on the device. Shape `[1, P, d_vision]`.
#[derive(Clone, Debug)]
pub struct PatchFeatures(Tensor<3>);

/// The picture as the decoder reads it, on the device. Shape `[1, L, d_decoder]`.
#[derive(Clone, Debug)]
pub struct Latents(Tensor<3>);

impl PatchFeatures {
    /// The values, `[P, d_vision]`.
    pub fn values(&self) -> Vec<f32> {
        host_values(self.0.clone())
    }
}

impl Latents {
    /// The values, `[L, d_decoder]`.
    pub fn values(&self) -> Vec<f32> {
        host_values(self.0.clone())
    }
}

impl Mllm {
    pub(super) fn new(scope: &Scope<'_>, config: &MllmConfig) -> Result<Self> {
        let MllmConfig { vision, resampler, decoder } = config;
        let vision_tokenizer = scope.at("vision_tokenizer");
        Ok(Self {
            vision_encoder: SigLip::new(&scope.at("vision_encoder"), vision)?,
            vision_tokenizer: Resampler::new(
                &vision_tokenizer,
                vision.d_model,
                decoder.d_model,
                resampler,
            )?,
            lang_model: Decoder::new(&scope.at("lang_model"), decoder)?,
            config: config.clone(),
        })
    }

    /// Names and shapes of every tensor a checkpoint of this configuration holds, without data.
    ///
    /// # Errors
    /// Never for a valid configuration.
    pub fn layout(config: &MllmConfig) -> Result<Vec<(String, Vec<usize>)>> {
        let source = ListingSource::default();
        Self::new(&Scope::root(&source), config)?;
        Ok(source.into_asked())
    }

    /// The sizes this network was built with.
    pub fn config(&self) -> &MllmConfig {
        &self.config
    }

    /// Shapes of all patterns of a run over a prompt of `prompt_len` positions.
    pub fn trace_shapes(&self, prompt_len: usize, n_generated: usize) -> TraceShapes {
        self.config.trace_shapes(prompt_len, n_generated)
    }

    /// The vision tower.
    ///
    /// # Errors
    /// As for every pass: [`ModelError::Stopped`](super::ModelError::Stopped) where the recorder
    /// breaks off.
    pub fn encode_patches(
        &self,
        pixels: &PixelInput,
        device: &ComputeDevice,
        recorder: &mut dyn Recorder,
    ) -> Result<PatchFeatures> {
        self.vision_encoder.forward(&[pixels], device.burn(), recorder).map(PatchFeatures)
    }

    /// The resampler.
    pub fn resample(
        &self,
        patches: &PatchFeatures,
        recorder: &mut dyn Recorder,
    ) -> Result<Latents> {
        self.vision_tokenizer.forward(&patches.0, recorder).map(Latents)
    }

    /// Reads a whole prompt and returns the logits at its last position. Shape `[V]`.
    ///
    /// # Panics
    /// When plan and prompt differ in length, or the cache already holds positions.
    pub fn prefill(
        &self,
        latents: &Latents,
        prompt: &Prompt,
        plan: &AttentionPlan,
        cache: &mut KvCache,
        recorder: &mut dyn Recorder,
    ) -> Result<Vec<f32>> {
        assert_eq!(plan.mask.len(), prompt.layout.len(), "a plan is made for its prompt");
        assert!(cache.is_empty(), "a prompt is read into an empty cache");
        let device = latents.0.device();
        let n_layers = self.config.decoder.n_layers;
        let masks = prefill_masks(plan, n_layers, &device);
        let mut pass = Pass {
            rope: self.config.decoder.rope.tables(&plan.rope_positions, &device),
            blocked: masks.into_iter().map(Some).collect(),
            first_query: 0,
            cache,
            last_rows: None,
            recorder,
        };
        let hidden = self.lang_model.forward(self.inputs(latents, prompt), &mut pass)?;
        let last = hidden.dims()[1] - 1;
        Ok(host_values(self.lang_model.logits(hidden.narrow(1, last, 1))))
    }

    /// Reads a prompt and an answer that is given in one pass, and returns the logits that foretell
    /// each of the answer's tokens.
    ///
    /// The same numbers as [`prefill`](Self::prefill) and a [`decode_step`](Self::decode_step) a
    /// token, but for the order of sums: the last token is foretold and never read.
    ///
    /// # Shapes
    /// output: `[answer.len()][V]`
    ///
    /// # Panics
    /// When plan and prompt differ in length, or the answer is empty.
    pub fn foretell(
        &self,
        latents: &Latents,
        prompt: &Prompt,
        plan: &AttentionPlan,
        answer: &[TokenId],
        recorder: &mut dyn Recorder,
    ) -> Result<Vec<Vec<f32>>> {
        assert_eq!(plan.mask.len(), prompt.layout.len(), "a plan is made for its prompt");
        assert!(!answer.is_empty(), "an answer without tokens foretells nothing");
        let device = latents.0.device();
        let n_layers = self.config.decoder.n_layers;
        let read = &answer[..answer.len() - 1];
        let written = (0..read.len() as u32).map(|i| plan.next_rope_position + i);
        let positions: Vec<u32> = plan.rope_positions.iter().copied().chain(written).collect();
        let last_rows =
            LastRows { first: Arc::new(vec![prompt.layout.len() - 1]), n: answer.len() };
        let mut pass = Pass {
            rope: self.config.decoder.rope.tables(&positions, &device),
            blocked: forced_masks(plan, read.len(), n_layers, &device)
                .into_iter()
                .map(Some)
                .collect(),
            first_query: 0,
            cache: &mut self.new_cache(),
            last_rows: Some(last_rows),
            recorder,
        };
        let mut inputs = self.inputs(latents, prompt);
        if !read.is_empty() {
            inputs = Tensor::cat(vec![inputs, self.lang_model.embed(read, &device)], 1);
        }
        let hidden = self.lang_model.forward(inputs, &mut pass)?;
        let logits = self.lang_model.logits(hidden);
        let [_, vocab] = logits.dims();
        Ok(host_values(logits).chunks_exact(vocab).map(<[f32]>::to_vec).collect())
    }

    /// Embeddings of the prompt, the latents in the place of `<image>`. Shape `[1, T, d_decoder]`.
    fn inputs(&self, latents: &Latents, prompt: &Prompt) -> Tensor<3> {
        let device = latents.0.device();
        let (before, after) = prompt.ids.split_at(prompt.image_index);
        let mut parts = Vec::with_capacity(3);
        if !before.is_empty() {
            parts.push(self.lang_model.embed(before, &device));
        }
        parts.push(latents.0.clone());
        if after.len() > 1 {
            parts.push(self.lang_model.embed(&after[1..], &device));
        }
        Tensor::cat(parts, 1)
    }

    /// Feeds one token back and returns the logits after it. Shape `[V]`.
    pub fn decode_step(
        &self,
        token: TokenId,
        plan: &AttentionPlan,
        cache: &mut KvCache,
        device: &ComputeDevice,
        recorder: &mut dyn Recorder,
    ) -> Result<Vec<f32>> {
        let device = device.burn();
        let position = cache.len();
        let n_written = (position - plan.mask.len()) as u32;
        let n_layers = self.config.decoder.n_layers;
        let mut pass = Pass {
            rope: self.config.decoder.rope.tables(&[plan.next_rope_position + n_written], device),
            blocked: (0..n_layers).map(|l| decode_mask(plan, l, position, device)).collect(),
            first_query: position,
            cache,
            last_rows: None,
            recorder,
        };
        let hidden = self.lang_model.forward(self.lang_model.embed(&[token], device), &mut pass)?;
        Ok(host_values(self.lang_model.logits(hidden)))
    }

    /// An empty cache for this network.
    pub fn new_cache(&self) -> KvCache {
        KvCache::new(self.config.decoder.n_layers)
    }
}

impl MllmConfig {
    /// Shapes of all patterns of a run over a prompt of `prompt_len` positions.
    pub fn trace_shapes(&self, prompt_len: usize, n_generated: usize) -> TraceShapes {
        let Self { vision, resampler, decoder } = self;
        let (n_patches, n_latents) = (vision.patches().len(), resampler.n_latents);
        let shape =
            |n_layers, n_heads, queries, keys| TowerShape { n_layers, n_heads, queries, keys };
        TraceShapes {
            vision: shape(vision.n_layers, vision.n_heads, n_patches, n_patches),
            resampler: shape(
                resampler.n_layers,
                resampler.n_heads,
                n_latents,
                n_patches + n_latents,
            ),
            decoder: shape(decoder.n_layers, decoder.n_heads, prompt_len, prompt_len),
            n_generated,
        }
    }
}
