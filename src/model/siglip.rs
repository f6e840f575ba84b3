//! The SigLIP vision tower: patches in, one vector a patch out. Its pooling head is not used.

use burn::{module::Param, prelude::*, tensor::activation::sigmoid};

use super::{
    attention::{KeysValues, Look, attend, split_heads},
    config::VisionConfig,
    error::Result,
    fused, host,
    linear::{Linear, host_values},
    norm::LayerNorm,
    recorder::{Recorder, finish_layer},
    source::Scope,
};
use crate::domain::{AttentionSite, PixelInput, Tower};

/// Patches and their positions.
#[derive(Module, Debug)]
pub(super) struct VisionEmbeddings {
    patch_embedding: Linear,
    position_embedding: Param<Tensor<2>>,
    patch_side: usize,
}

impl VisionEmbeddings {
    fn new(scope: &Scope<'_>, config: &VisionConfig) -> Result<Self> {
        let (d_model, side) = (config.d_model, config.patch_side);
        let patch = scope.at("patch_embedding");
        // A convolution whose stride is its size is a linear map of each patch's pixels.
        let stored = [d_model, 3, side, side];
        let weight = patch.reshaped_matrix("weight", &stored, [d_model, 3 * side * side])?;
        let bias = Some(patch.param("bias", [d_model])?);
        let positions = [config.patches().len(), d_model];
        Ok(Self {
            patch_embedding: Linear::from_parts(weight, bias),
            position_embedding: scope.at("position_embedding").param("weight", positions)?,
            patch_side: side,
        })
    }

    /// # Shapes
    /// output: `[B, P, d_model]`, patches row by row; pixels beyond the last whole patch are left out
    fn forward(&self, pictures: &[&PixelInput], device: &Device) -> Tensor<3> {
        let patch = self.patch_side;
        let n = pictures.first().map_or(0, |picture| picture.side / patch);
        let mut values = Vec::with_capacity(pictures.len() * 3 * n * n * patch * patch);
        for pixels in pictures {
            let side = pixels.side;
            for (row, col) in (0..n * n).map(|p| (p / n * patch, p % n * patch)) {
                for (channel, y) in (0..3 * patch).map(|i| (i / patch, i % patch)) {
                    let start = (channel * side + row + y) * side + col;
                    values.extend_from_slice(&pixels.values[start..start + patch]);
                }
            }
        }
        let patches = TensorData::new(values, [pictures.len(), n * n, 3 * patch * patch]);
        let patches = self.patch_embedding.forward(Tensor::from_data(patches, device));
        patches + self.position_embedding.val().unsqueeze()
    }
}

/// Self-attention over patches.
#[derive(Module, Debug)]
pub(super) struct VisionAttention {
    q_proj: Linear,
    k_proj: Linear,
    v_proj: Linear,
    out_proj: Linear,
    n_heads: usize,
}

/// The vision tower's MLP.
#[derive(Module, Debug)]
pub(super) struct VisionMlp {
    fc1: Linear,
    fc2: Linear,
}

/// `sqrt(2 / pi)`
const SQRT_2_OVER_PI: f64 = 0.797_884_560_802_865_4;

/// GELU by its tanh form.
fn gelu(x: Tensor<3>) -> Tensor<3> {
    let (device, shape) = (x.device(), x.dims());
    if fused::is_tracked_host(&device) {
        return fused::gelu_tanh(x);
    }
    if !host::is_host(&device) {
        // 0.5 x (1 + tanh u) = x sigmoid(2 u), which spares a hyperbolic tangent and a power.
        let u = (x.clone() * x.clone()).mul_scalar(0.044_715).add_scalar(1.0) * x.clone();
        return x * sigmoid(u.mul_scalar(2.0 * SQRT_2_OVER_PI));
    }
    let mut values = host_values(x);
    host::gelu_tanh(&mut values);
    Tensor::from_data(TensorData::new(values, shape), &device)
}

/// A pre-norm block.
#[derive(Module, Debug)]
pub(super) struct VisionLayer {
    layer_norm1: LayerNorm,
    self_attn: VisionAttention,
    layer_norm2: LayerNorm,
    mlp: VisionMlp,
}

impl VisionLayer {
    fn new(scope: &Scope<'_>, config: &VisionConfig) -> Result<Self> {
        let (d_model, d_ff) = (config.d_model, config.d_ff);
        let attention = scope.at("self_attn");
        let square = |name: &str| Linear::new(&attention.at(name), d_model, d_model);
        let mlp = scope.at("mlp");
        Ok(Self {
            layer_norm1: LayerNorm::new(&scope.at("layer_norm1"), d_model, config.norm_eps)?,
            self_attn: VisionAttention {
                q_proj: square("q_proj")?,
                k_proj: square("k_proj")?,
                v_proj: square("v_proj")?,
                out_proj: square("out_proj")?,
                n_heads: config.n_heads,
            },
            layer_norm2: LayerNorm::new(&scope.at("layer_norm2"), d_model, config.norm_eps)?,
            mlp: VisionMlp {
                fc1: Linear::new(&mlp.at("fc1"), d_model, d_ff)?,
                fc2: Linear::new(&mlp.at("fc2"), d_ff, d_model)?,
            },
        })
    }

    fn forward(&self, x: Tensor<3>, layer: usize, recorder: &mut dyn Recorder) -> Tensor<3> {
        let VisionAttention { q_proj, k_proj, v_proj, out_proj, n_heads } = &self.self_attn;
        let h = self.layer_norm1.forward(x.clone());
        let [q, k, v] = [q_proj, k_proj, v_proj].map(|proj| proj.forward(h.clone()));
        let site = AttentionSite { tower: Tower::Vision, layer };
        let attended = if fused::is_tracked_host(&h.device()) && !recorder.wants(site) {
            fused::attend_apart(q, k, v, *n_heads)
        } else {
            let [q, k, v] = [q, k, v].map(|x| split_heads(x, *n_heads));
            let look = Look { site, first_query: 0, blocked: None };
            attend(q, &KeysValues::new(k, v), &look, recorder)
        };
        let x = x + out_proj.forward(attended);
        let h = self.mlp.fc1.forward(self.layer_norm2.forward(x.clone()));
        x + self.mlp.fc2.forward(gelu(h))
    }
}

/// The stack of blocks.
#[derive(Module, Debug)]
pub(super) struct VisionLayers {
    layers: Vec<VisionLayer>,
}

/// `vision_encoder` of a checkpoint.
///
/// # Source
/// `SiglipVisionTransformer` of transformers, up to and including `post_layernorm`.
#[derive(Module, Debug)]
pub(super) struct SigLip {
    embeddings: VisionEmbeddings,
    encoder: VisionLayers,
    post_layernorm: LayerNorm,
}

impl SigLip {
    pub(super) fn new(scope: &Scope<'_>, config: &VisionConfig) -> Result<Self> {
        let layers = scope.at("encoder").at("layers");
        Ok(Self {
            embeddings: VisionEmbeddings::new(&scope.at("embeddings"), config)?,
            encoder: VisionLayers {
                layers: (0..config.n_layers)
                    .map(|layer| VisionLayer::new(&layers.at(layer), config))
                    .collect::<Result<_>>()?,
            },
            post_layernorm: LayerNorm::new(
                &scope.at("post_layernorm"),
                config.d_model,
                config.norm_eps,
            )?,
        })
    }

    /// # Shapes
    /// - `pictures`: `B` of one size
    /// - output: `[B, P, d_model]`
    pub(super) fn forward(
        &self,
        pictures: &[&PixelInput],
        device: &Device,
        recorder: &mut dyn Recorder,
    ) -> Result<Tensor<3>> {
        let mut x = self.embeddings.forward(pictures, device);
        for (layer, block) in self.encoder.layers.iter().enumerate() {
            x = block.forward(x, layer, recorder);
            finish_layer(recorder, AttentionSite { tower: Tower::Vision, layer })?;
        }
        Ok(self.post_layernorm.forward(x))
    }
}
