//! One decoder for Phi-3, Llama, Qwen2 and Qwen3: the differences are configuration.

use std::sync::Arc;

use burn::{module::Param, prelude::*, tensor::activation::silu};

use super::{
    attention::{Look, attend, split_heads},
    config::DecoderConfig,
    error::Result,
    fused::{self, HeadShape},
    host,
    kv_cache::KvCache,
    linear::{Linear, Weight, host_values},
    mask_bias::Blocked,
    norm::RmsNorm,
    recorder::{Recorder, finish_layer},
    rope::RopeTables,
    source::Scope,
};
use crate::domain::{AttentionSite, TokenId, Tower};

/// Queries, keys and values: from one matrix (Phi-3), or from three.
#[derive(Module, Debug)]
#[expect(clippy::large_enum_variant, reason = "one a layer, and Burn derives no boxed variant")]
pub(super) enum QkvProjection {
    /// `qkv_proj`.
    Fused(Linear),
    /// `q_proj`, `k_proj`, `v_proj`.
    Separate(SeparateQkv),
}

/// Three matrices.
#[derive(Module, Debug)]
pub(super) struct SeparateQkv {
    q_proj: Linear,
    k_proj: Linear,
    v_proj: Linear,
}

impl QkvProjection {
    fn new(scope: &Scope<'_>, config: &DecoderConfig) -> Result<Self> {
        let d_model = config.d_model;
        let (d_q, d_kv) = (config.n_heads * config.d_head, config.n_kv_heads * config.d_head);
        let linear = |name: &str, d_out: usize| match config.has_qkv_bias {
            true => Linear::new(&scope.at(name), d_model, d_out),
            false => Linear::without_bias(&scope.at(name), d_model, d_out),
        };
        Ok(match config.is_fused {
            true => Self::Fused(linear("qkv_proj", d_q + 2 * d_kv)?),
            false => Self::Separate(SeparateQkv {
                q_proj: linear("q_proj", d_q)?,
                k_proj: linear("k_proj", d_kv)?,
                v_proj: linear("v_proj", d_kv)?,
            }),
        })
    }

    /// # Shapes
    /// output: `[B, T, H * d_head]` and twice `[B, T, KV * d_head]`
    fn forward(&self, x: Tensor<3>, d_q: usize, d_kv: usize) -> [Tensor<3>; 3] {
        match self {
            Self::Fused(qkv_proj) => {
                let qkv = qkv_proj.forward(x);
                [(0, d_q), (d_q, d_kv), (d_q + d_kv, d_kv)]
                    .map(|(start, width)| qkv.clone().narrow(2, start, width))
            }
            Self::Separate(SeparateQkv { q_proj, k_proj, v_proj }) => {
                [q_proj, k_proj, v_proj].map(|proj| proj.forward(x.clone()))
            }
        }
    }
}

/// Self-attention with rotary positions and grouped keys.
#[derive(Module, Debug)]
pub(super) struct DecoderAttention {
    qkv: QkvProjection,
    o_proj: Linear,
    q_norm: Option<RmsNorm>,
    k_norm: Option<RmsNorm>,
    n_heads: usize,
    n_kv_heads: usize,
    d_head: usize,
}

impl DecoderAttention {
    fn new(scope: &Scope<'_>, config: &DecoderConfig) -> Result<Self> {
        let output = scope.at("o_proj");
        let d_attended = config.n_heads * config.d_head;
        let head_norm = |name: &str| match config.has_qk_norm {
            true => RmsNorm::new(&scope.at(name), config.d_head, config.norm_eps).map(Some),
            false => Ok(None),
        };
        Ok(Self {
            qkv: QkvProjection::new(scope, config)?,
            o_proj: match config.has_output_bias {
                true => Linear::new(&output, d_attended, config.d_model)?,
                false => Linear::without_bias(&output, d_attended, config.d_model)?,
            },
            q_norm: head_norm("q_norm")?,
            k_norm: head_norm("k_norm")?,
            n_heads: config.n_heads,
            n_kv_heads: config.n_kv_heads,
            d_head: config.d_head,
        })
    }

    fn forward(&self, x: Tensor<3>, layer: usize, pass: &mut Pass<'_>) -> Tensor<3> {
        let site = AttentionSite { tower: Tower::Decoder, layer };
        if fused::is_tracked_host(&x.device())
            && !pass.recorder.wants(site)
            && let Some(attended) = self.attend_fused(&x, layer, pass)
        {
            return self.o_proj.forward(attended);
        }
        let (d_q, d_kv) = (self.n_heads * self.d_head, self.n_kv_heads * self.d_head);
        let [q, k, v] = self.qkv.forward(x, d_q, d_kv);
        let normed = |x: Tensor<4>, norm: &Option<RmsNorm>| match norm {
            Some(norm) => norm.forward(x),
            None => x,
        };
        let q = pass.rope.rotate(normed(split_heads(q, self.n_heads), &self.q_norm));
        let k = pass.rope.rotate(normed(split_heads(k, self.n_kv_heads), &self.k_norm));
        let kept = pass.cache.append(layer, k, split_heads(v, self.n_kv_heads));
        let blocked = pass.blocked[layer].as_ref();
        let look = Look { site, first_query: pass.first_query, blocked };
        let attended = attend(q, kept, &look, pass.recorder);
        self.o_proj.forward(match pass.rows_read(layer) {
            Some(rows) => rows.of(attended),
            None => attended,
        })
    }

    /// Attention behind a prefix in one operation; `None` where the layer has more to it, or where
    /// later passes need its keys.
    fn attend_fused(&self, x: &Tensor<3>, layer: usize, pass: &Pass<'_>) -> Option<Tensor<3>> {
        let (QkvProjection::Fused(qkv_proj), None, None) = (&self.qkv, &self.q_norm, &self.k_norm)
        else {
            return None;
        };
        pass.last_rows.as_ref()?;
        let prefix = pass.cache.on_device(layer)?;
        let Self { n_heads, n_kv_heads, d_head, .. } = *self;
        let queries = pass.rows_read(layer).map(|rows| (rows.first.clone(), rows.n));
        let blocked = pass.blocked[layer].as_ref()?.shared_entries();
        let shape = HeadShape { n_heads, n_kv_heads, d_head };
        let qkv = qkv_proj.forward(x.clone());
        let rotation = pass.rope.values();
        Some(fused::attend_with_prefix(qkv, prefix, shape, queries, blocked, rotation))
    }
}

/// Gate and up: from one matrix (Phi-3), or from two.
#[derive(Module, Debug)]
pub(super) enum GateUpProjection {
    /// `gate_up_proj`.
    Fused(Linear),
    /// `gate_proj`, `up_proj`.
    Separate(SeparateGateUp),
}

/// Two matrices.
#[derive(Module, Debug)]
pub(super) struct SeparateGateUp {
    gate_proj: Linear,
    up_proj: Linear,
}

fn silu_times(gate: Tensor<3>, up: Tensor<3>) -> Tensor<3> {
    let (device, shape) = (gate.device(), gate.dims());
    if !host::is_host(&device) {
        return silu(gate) * up;
    }
    let mut gate = host_values(gate);
    host::silu_times(&mut gate, &host_values(up));
    Tensor::from_data(TensorData::new(gate, shape), &device)
}

/// `down(silu(gate(x)) * up(x))`.
#[derive(Module, Debug)]
pub(super) struct GatedMlp {
    gate_up: GateUpProjection,
    down_proj: Linear,
}

impl GatedMlp {
    fn new(scope: &Scope<'_>, config: &DecoderConfig) -> Result<Self> {
        let (d_model, d_ff) = (config.d_model, config.d_ff);
        let linear = |name: &str, d_out| Linear::without_bias(&scope.at(name), d_model, d_out);
        let gate_up = match config.is_fused {
            true => GateUpProjection::Fused(linear("gate_up_proj", 2 * d_ff)?),
            false => GateUpProjection::Separate(SeparateGateUp {
                gate_proj: linear("gate_proj", d_ff)?,
                up_proj: linear("up_proj", d_ff)?,
            }),
        };
        Ok(Self {
            gate_up,
            down_proj: Linear::without_bias(&scope.at("down_proj"), d_ff, d_model)?,
        })
    }

    fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let (gate, up) = match &self.gate_up {
            GateUpProjection::Fused(gate_up_proj) => {
                let gate_up = gate_up_proj.forward(x);
                if fused::is_tracked_host(&gate_up.device()) {
                    return self.down_proj.forward(fused::silu_times_halves(gate_up));
                }
                let half = gate_up.dims()[2] / 2;
                (gate_up.clone().narrow(2, 0, half), gate_up.narrow(2, half, half))
            }
            GateUpProjection::Separate(SeparateGateUp { gate_proj, up_proj }) => {
                (gate_proj.forward(x.clone()), up_proj.forward(x))
            }
        };
        self.down_proj.forward(silu_times(gate, up))
    }
}

/// A pre-norm block.
#[derive(Module, Debug)]
pub(super) struct DecoderLayer {
    input_layernorm: RmsNorm,
    self_attn: DecoderAttention,
    post_attention_layernorm: RmsNorm,
    mlp: GatedMlp,
}

impl DecoderLayer {
    fn new(scope: &Scope<'_>, config: &DecoderConfig) -> Result<Self> {
        let norm = |name: &str| RmsNorm::new(&scope.at(name), config.d_model, config.norm_eps);
        Ok(Self {
            input_layernorm: norm("input_layernorm")?,
            self_attn: DecoderAttention::new(&scope.at("self_attn"), config)?,
            post_attention_layernorm: norm("post_attention_layernorm")?,
            mlp: GatedMlp::new(&scope.at("mlp"), config)?,
        })
    }

    fn forward(&self, x: Tensor<3>, layer: usize, pass: &mut Pass<'_>) -> Tensor<3> {
        let attended = self.self_attn.forward(self.input_layernorm.forward(x.clone()), layer, pass);
        let x = match pass.rows_read(layer) {
            Some(rows) => rows.of(x),
            None => x,
        };
        let x = x + attended;
        x.clone() + self.mlp.forward(self.post_attention_layernorm.forward(x))
    }
}

/// What one pass over some positions brings along.
pub(super) struct Pass<'a> {
    /// Cosines and sines at the positions.
    pub(super) rope: RopeTables,
    /// What each layer may not attend to.
    pub(super) blocked: Vec<Option<Blocked>>,
    /// The first position of the pass.
    pub(super) first_query: usize,
    /// Keys and values of earlier positions; those of this pass are added, unless it is the last.
    pub(super) cache: &'a mut KvCache,
    /// Set where nothing will be read after this pass: its keys need not be kept, and of the last
    /// layer only these rows are computed and returned.
    pub(super) last_rows: Option<LastRows>,
    /// Sees patterns and hidden states.
    pub(super) recorder: &'a mut dyn Recorder,
}

impl Pass<'_> {
    /// The rows that are all one reads of a layer.
    fn rows_read(&self, layer: usize) -> Option<&LastRows> {
        self.last_rows.as_ref().filter(|_| layer + 1 == self.blocked.len())
    }
}

/// As many rows of each sequence, from a first one that each has for itself.
#[derive(Clone, Debug)]
pub(super) struct LastRows {
    /// The first row of each sequence.
    pub(super) first: Arc<Vec<usize>>,
    /// How many rows.
    pub(super) n: usize,
}

impl LastRows {
    /// # Shapes
    /// `[B, T, D]` to `[B, n, D]`
    fn of(&self, x: Tensor<3>) -> Tensor<3> {
        let [batch, len, width] = x.dims();
        let rows = self
            .first
            .iter()
            .enumerate()
            .flat_map(|(b, first)| (0..self.n).map(move |row| (b * len + first + row) as i32));
        let rows: Vec<i32> = rows.collect();
        let rows = Tensor::<1, Int>::from_data(rows.as_slice(), &x.device());
        x.reshape([batch * len, width]).select(0, rows).reshape([batch, self.n, width])
    }
}

/// A table of the base vocabulary and one of the tokens that AKI adds.
#[derive(Module, Debug)]
pub(super) struct DecoupledEmbedding {
    weight: Weight,
    additional_embedding: Weight,
    base_vocab: usize,
    d_model: usize,
}

impl DecoupledEmbedding {
    /// Base and added rows in one table; `None` for weights in the memory of the CPU.
    ///
    /// # Shapes
    /// output: `[base_vocab + added_vocab, d_model]`
    fn table(&self) -> Option<Tensor<2>> {
        let base = self.weight.on_device()?.narrow(0, 0, self.base_vocab);
        Some(Tensor::cat(vec![base, self.additional_embedding.on_device()?], 0))
    }

    /// # Shapes
    /// output: `[1, ids.len(), d_model]`
    fn forward(&self, ids: &[TokenId], device: &Device) -> Tensor<3> {
        let rows: Vec<usize> = ids.iter().map(|id| *id as usize).collect();
        let runs = rows.chunk_by(|a, b| (*a < self.base_vocab) == (*b < self.base_vocab));
        let parts = runs
            .map(|run| {
                if run[0] < self.base_vocab {
                    return self.weight.rows(run, device);
                }
                let added: Vec<usize> = run.iter().map(|row| row - self.base_vocab).collect();
                self.additional_embedding.rows(&added, device)
            })
            .collect();
        Tensor::cat(parts, 0).reshape([1, rows.len(), self.d_model])
    }
}

/// Logits of the base vocabulary, then of the tokens that AKI adds. Both parts have a bias.
#[derive(Module, Debug)]
pub(super) struct DecoupledHead {
    weight: Weight,
    bias: Param<Tensor<1>>,
    additional_fc: Linear,
}

impl DecoupledHead {
    /// # Shapes
    /// - `x`: `[1, T, d_model]`
    /// - output: `[T, base_vocab + added_vocab]`
    fn forward(&self, x: Tensor<3>) -> Tensor<2> {
        let [_, seq, d_model] = x.dims();
        let base = self.weight.apply(x.clone().reshape([seq, d_model]), Some(&self.bias));
        let added: Tensor<2> = self.additional_fc.forward(x).squeeze_dim(0);
        Tensor::cat(vec![base, added], 1)
    }
}

/// Embedding, layers and norm.
#[derive(Module, Debug)]
pub(super) struct DecoderModel {
    embed_tokens: DecoupledEmbedding,
    layers: Vec<DecoderLayer>,
    norm: RmsNorm,
}

/// `lang_model` of a checkpoint.
///
/// # Source
/// The decoders of transformers; embedding and head: the authors' `DecoupledEmbedding` and
/// `DecoupledLinear`.
#[derive(Module, Debug)]
pub(super) struct Decoder {
    model: DecoderModel,
    lm_head: DecoupledHead,
}

impl Decoder {
    pub(super) fn new(scope: &Scope<'_>, config: &DecoderConfig) -> Result<Self> {
        let model = scope.at("model");
        let (table, head) = tables(scope, config)?;
        let layers = model.at("layers");
        let lm_head = scope.at("lm_head");
        let added = config.added_vocab;
        Ok(Self {
            model: DecoderModel {
                embed_tokens: DecoupledEmbedding {
                    weight: table,
                    additional_embedding: model
                        .at("embed_tokens")
                        .at("additional_embedding")
                        .matrix("weight", [added, config.d_model])?,
                    base_vocab: config.base_vocab,
                    d_model: config.d_model,
                },
                layers: (0..config.n_layers)
                    .map(|layer| DecoderLayer::new(&layers.at(layer), config))
                    .collect::<Result<_>>()?,
                norm: RmsNorm::new(&model.at("norm"), config.d_model, config.norm_eps)?,
            },
            lm_head: DecoupledHead {
                weight: head.first_rows(config.base_vocab),
                bias: first_values(
                    lm_head.param("bias", [config.padded_vocab])?,
                    config.base_vocab,
                ),
                additional_fc: Linear::new(&lm_head.at("additional_fc"), config.d_model, added)?,
            },
        })
    }

    /// # Shapes
    /// output: `[1, ids.len(), d_model]`
    pub(super) fn embed(&self, ids: &[TokenId], device: &Device) -> Tensor<3> {
        self.model.embed_tokens.forward(ids, device)
    }

    /// The whole embedding table; `None` for weights in the memory of the CPU.
    ///
    /// # Shapes
    /// output: `[V, d_model]`
    pub(super) fn embedding_table(&self) -> Option<Tensor<2>> {
        self.model.embed_tokens.table()
    }

    /// All layers and the final norm.
    ///
    /// # Shapes
    /// `x`: `[B, T, d_model]`; output: the same, or `[B, n, d_model]` with [`Pass::last_rows`]
    pub(super) fn forward(&self, mut x: Tensor<3>, pass: &mut Pass<'_>) -> Result<Tensor<3>> {
        let positions = x.dims()[1];
        for (layer, block) in self.model.layers.iter().enumerate() {
            if pass.recorder.wants_hidden() {
                pass.recorder.record_hidden(layer, &x);
            }
            x = block.forward(x, layer, pass);
            finish_layer(pass.recorder, AttentionSite { tower: Tower::Decoder, layer })?;
        }
        let x = self.model.norm.forward(x);
        if pass.recorder.wants_hidden() {
            pass.recorder.record_hidden(self.model.layers.len(), &x);
        }
        pass.cache.advance(positions);
        Ok(x)
    }

    /// # Shapes
    /// - `hidden`: `[1, T, d_model]`
    /// - output: `[T, V]`
    pub(super) fn logits(&self, hidden: Tensor<3>) -> Tensor<2> {
        self.lm_head.forward(hidden)
    }
}

/// The base tables of embedding and head. A tied one is stored under either name, or both.
fn tables(scope: &Scope<'_>, config: &DecoderConfig) -> Result<(Weight, Weight)> {
    let shape = [config.padded_vocab, config.d_model];
    let (embedding, head) = (scope.at("model").at("embed_tokens"), scope.at("lm_head"));
    if !config.is_tied || (embedding.has("weight") && head.has("weight")) {
        return Ok((embedding.matrix("weight", shape)?, head.matrix("weight", shape)?));
    }
    let stored = if embedding.has("weight") { embedding } else { head };
    let table = stored.matrix("weight", shape)?;
    Ok((table.clone(), table))
}

fn first_values(param: Param<Tensor<1>>, n: usize) -> Param<Tensor<1>> {
    if param.shape()[0] == n {
        return param;
    }
    Param::from_tensor(param.val().narrow(0, 0, n).detach())
}
