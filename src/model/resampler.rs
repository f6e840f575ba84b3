//! The Perceiver resampler: latents read the patches, and each other.

use burn::{module::Param, prelude::*, tensor::activation::gelu};

use super::{
    attention::{KeysValues, Look, attend, split_heads},
    config::ResamplerConfig,
    error::Result,
    fused,
    linear::Linear,
    norm::LayerNorm,
    recorder::{Recorder, finish_layer},
    source::Scope,
};
use crate::domain::{AttentionSite, Tower};

const NORM_EPS: f64 = 1e-5;

/// Latents look at patches, then latents.
#[derive(Module, Debug)]
pub(super) struct PerceiverAttention {
    norm_media: LayerNorm,
    norm_latents: LayerNorm,
    to_q: Linear,
    to_kv: Linear,
    to_out: Linear,
    n_heads: usize,
}

/// The feed-forward block; it has no biases.
#[derive(Module, Debug)]
pub(super) struct PerceiverFeedForward {
    norm: LayerNorm,
    up: Linear,
    down: Linear,
}

/// Attention, then feed-forward, each with a residual around it.
#[derive(Module, Debug)]
pub(super) struct PerceiverLayer {
    attention: PerceiverAttention,
    feed_forward: PerceiverFeedForward,
}

impl PerceiverLayer {
    /// The checkpoint numbers the two blocks `0` and `1`, and the parts of the second too.
    fn new(scope: &Scope<'_>, d_model: usize, config: &ResamplerConfig) -> Result<Self> {
        let (attention, feed_forward) = (scope.at(0), scope.at(1));
        let d_inner = config.n_heads * config.d_head;
        let d_ff = d_model * config.ff_mult;
        Ok(Self {
            attention: PerceiverAttention {
                norm_media: LayerNorm::new(&attention.at("norm_media"), d_model, NORM_EPS)?,
                norm_latents: LayerNorm::new(&attention.at("norm_latents"), d_model, NORM_EPS)?,
                to_q: Linear::without_bias(&attention.at("to_q"), d_model, d_inner)?,
                to_kv: Linear::without_bias(&attention.at("to_kv"), d_model, 2 * d_inner)?,
                to_out: Linear::without_bias(&attention.at("to_out"), d_inner, d_model)?,
                n_heads: config.n_heads,
            },
            feed_forward: PerceiverFeedForward {
                norm: LayerNorm::new(&feed_forward.at(0), d_model, NORM_EPS)?,
                up: Linear::without_bias(&feed_forward.at(1), d_model, d_ff)?,
                down: Linear::without_bias(&feed_forward.at(3), d_ff, d_model)?,
            },
        })
    }

    /// # Shapes
    /// - `patches`: `[B, P, d_model]`
    /// - `latents` and output: `[B, L, d_model]`
    fn forward(
        &self,
        patches: &Tensor<3>,
        latents: Tensor<3>,
        layer: usize,
        recorder: &mut dyn Recorder,
    ) -> Tensor<3> {
        let PerceiverAttention { norm_media, norm_latents, to_q, to_kv, to_out, n_heads } =
            &self.attention;
        let queries = norm_latents.forward(latents.clone());
        let keys = Tensor::cat(vec![norm_media.forward(patches.clone()), queries.clone()], 1);
        let kv = to_kv.forward(keys);
        let q = to_q.forward(queries);
        let site = AttentionSite { tower: Tower::Resampler, layer };
        let attended = if fused::is_tracked_host(&q.device()) && !recorder.wants(site) {
            fused::attend_shared(q, kv, *n_heads)
        } else {
            let half = kv.dims()[2] / 2;
            let [k, v] = [0, half].map(|start| kv.clone().narrow(2, start, half));
            let [q, k, v] = [q, k, v].map(|x| split_heads(x, *n_heads));
            let look = Look { site, first_query: 0, blocked: None };
            attend(q, &KeysValues::new(k, v), &look, recorder)
        };
        let latents = latents + to_out.forward(attended);
        let PerceiverFeedForward { norm, up, down } = &self.feed_forward;
        latents.clone() + down.forward(gelu(up.forward(norm.forward(latents))))
    }
}

/// `vision_tokenizer` of a checkpoint.
///
/// # Source
/// `PerceiverResampler` in the authors' `open_flamingo/src/helpers.py`.
#[derive(Module, Debug)]
pub(super) struct Resampler {
    latents: Param<Tensor<2>>,
    layers: Vec<PerceiverLayer>,
    norm: LayerNorm,
    projection: Linear,
}

impl Resampler {
    pub(super) fn new(
        scope: &Scope<'_>,
        d_model: usize,
        d_out: usize,
        config: &ResamplerConfig,
    ) -> Result<Self> {
        let layers = scope.at("layers");
        Ok(Self {
            latents: scope.param("latents", [config.n_latents, d_model])?,
            layers: (0..config.n_layers)
                .map(|layer| PerceiverLayer::new(&layers.at(layer), d_model, config))
                .collect::<Result<_>>()?,
            norm: LayerNorm::new(&scope.at("norm"), d_model, NORM_EPS)?,
            projection: Linear::new(&scope.at("projection"), d_model, d_out)?,
        })
    }

    /// # Shapes
    /// - `patches`: `[B, P, d_vision]`
    /// - output: `[B, L, d_decoder]`
    pub(super) fn forward(
        &self,
        patches: &Tensor<3>,
        recorder: &mut dyn Recorder,
    ) -> Result<Tensor<3>> {
        let [n_latents, d_model] = self.latents.shape().dims();
        let batch = patches.dims()[0];
        let mut latents = self.latents.val().unsqueeze::<3>().expand([batch, n_latents, d_model]);
        for (layer, block) in self.layers.iter().enumerate() {
            latents = block.forward(patches, latents, layer, recorder);
            finish_layer(recorder, AttentionSite { tower: Tower::Resampler, layer })?;
        }
        Ok(self.projection.forward(self.norm.forward(latents)))
    }
}
