//! What a network looks like, read from configurations in Hugging Face's words.

use serde::Deserialize;

use crate::domain::Grid;

/// Sizes of the SigLIP vision tower.
#[derive(Clone, Debug, PartialEq)]
pub struct VisionConfig {
    /// Width of a patch's vector.
    pub d_model: usize,
    /// Width of the MLP.
    pub d_ff: usize,
    /// Number of layers.
    pub n_layers: usize,
    /// Number of heads.
    pub n_heads: usize,
    /// Pixels along each side of the input.
    pub image_side: usize,
    /// Pixels along each side of a patch.
    pub patch_side: usize,
    /// Epsilon of the layer norms.
    pub norm_eps: f64,
}

impl VisionConfig {
    /// The patches; pixels beyond the last whole patch are not read.
    pub fn patches(&self) -> Grid {
        let side = self.image_side / self.patch_side;
        Grid { rows: side, cols: side }
    }
}

/// Sizes of the Perceiver resampler.
#[derive(Clone, Debug, PartialEq)]
pub struct ResamplerConfig {
    /// Number of layers.
    pub n_layers: usize,
    /// Number of heads.
    pub n_heads: usize,
    /// Width of a head.
    pub d_head: usize,
    /// Width of the feed-forward block, as a multiple of the vision tower's width.
    pub ff_mult: usize,
    /// Number of latents.
    pub n_latents: usize,
}

/// How rotary frequencies are stretched for long sequences.
#[derive(Clone, Debug, PartialEq)]
pub enum RopeScaling {
    /// Not at all.
    None,
    /// Llama 3.1: low frequencies divided, a band between blended.
    Llama3 {
        /// What low frequencies are divided by.
        factor: f64,
        /// Wavelengths above `original_max / low_freq_factor` are divided.
        low_freq_factor: f64,
        /// Wavelengths below `original_max / high_freq_factor` stay.
        high_freq_factor: f64,
        /// Positions the model was first trained on.
        original_max: usize,
    },
    /// Phi-3.5: a factor for each frequency, one list for short calls and one for long ones.
    LongRope {
        /// Factors where no position of the call lies beyond `original_max`.
        short: Vec<f64>,
        /// Factors for all positions of the call otherwise.
        long: Vec<f64>,
        /// Positions the model was first trained on.
        original_max: usize,
        /// What cosines and sines are multiplied by.
        magnitude: f64,
    },
}

/// Rotary position embedding.
#[derive(Clone, Debug, PartialEq)]
pub struct RopeConfig {
    /// Width of a head, all of which is rotated.
    pub d_head: usize,
    /// Base of the frequencies.
    pub theta: f64,
    /// How they are stretched.
    pub scaling: RopeScaling,
}

/// Sizes and variations of the decoder: one network for Phi-3, Llama, Qwen2 and Qwen3.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each is one way in which families differ")]
pub struct DecoderConfig {
    /// The language model's family, as its configuration names it.
    pub model_type: String,
    /// Width of a position's vector.
    pub d_model: usize,
    /// Width of the MLP.
    pub d_ff: usize,
    /// Number of layers.
    pub n_layers: usize,
    /// Number of query heads.
    pub n_heads: usize,
    /// Number of key and value heads.
    pub n_kv_heads: usize,
    /// Width of a head.
    pub d_head: usize,
    /// Rows of the (padded) vocabulary tables.
    pub padded_vocab: usize,
    /// Tokens before the two that AKI adds; rows beyond are cut off.
    pub base_vocab: usize,
    /// Tokens that AKI adds.
    pub added_vocab: usize,
    /// Epsilon of the norms.
    pub norm_eps: f64,
    /// Rotary position embedding.
    pub rope: RopeConfig,
    /// Queries, keys and values from one matrix, and gate and up from one (Phi-3).
    pub is_fused: bool,
    /// Whether queries, keys and values have a bias (Qwen2).
    pub has_qkv_bias: bool,
    /// Whether the attention's output has a bias.
    pub has_output_bias: bool,
    /// Whether queries and keys are normalized a head (Qwen3).
    pub has_qk_norm: bool,
    /// Whether embedding and head are one table.
    pub is_tied: bool,
    /// Positions beyond which keys would be forgotten, which this program does not do.
    pub sliding_window: Option<usize>,
    /// Largest number of positions.
    pub max_positions: usize,
}

/// A whole network.
#[derive(Clone, Debug, PartialEq)]
pub struct MllmConfig {
    /// The vision tower.
    pub vision: VisionConfig,
    /// The resampler.
    pub resampler: ResamplerConfig,
    /// The decoder.
    pub decoder: DecoderConfig,
}

/// `config.json`: the arguments of the authors' constructor.
#[derive(Debug, Deserialize)]
pub(super) struct AkiJson {
    pub(super) initial_tokenizer_len: usize,
    pub(super) lang_model_path: String,
    pub(super) vision_encoder_path: String,
    #[serde(default)]
    pub(super) num_vision_tokens: Option<usize>,
}

/// `vision_config.json`, as Hugging Face writes it.
#[derive(Debug, Deserialize)]
pub(super) struct VisionJson {
    hidden_size: usize,
    intermediate_size: usize,
    num_hidden_layers: usize,
    num_attention_heads: usize,
    image_size: usize,
    patch_size: usize,
    #[serde(default = "three")]
    num_channels: usize,
    #[serde(default = "gelu_tanh")]
    hidden_act: String,
    #[serde(default = "siglip_eps")]
    layer_norm_eps: f64,
}

/// `resampler_config.json`; the authors fix the defaults in code.
#[derive(Debug, Deserialize)]
pub(super) struct ResamplerJson {
    #[serde(default = "six")]
    depth: usize,
    #[serde(default = "eight")]
    heads: usize,
    #[serde(default = "sixty_four")]
    dim_head: usize,
    #[serde(default = "four")]
    ff_mult: usize,
    num_latents: Option<usize>,
}

/// `text_config.json`, as Hugging Face writes it.
#[derive(Debug, Deserialize)]
pub(super) struct TextJson {
    model_type: String,
    vocab_size: usize,
    hidden_size: usize,
    intermediate_size: usize,
    num_hidden_layers: usize,
    num_attention_heads: usize,
    num_key_value_heads: Option<usize>,
    head_dim: Option<usize>,
    hidden_act: String,
    rms_norm_eps: f64,
    rope_theta: f64,
    rope_scaling: Option<RopeJson>,
    #[serde(default)]
    partial_rotary_factor: Option<f64>,
    max_position_embeddings: usize,
    original_max_position_embeddings: Option<usize>,
    #[serde(default)]
    tie_word_embeddings: bool,
    #[serde(default)]
    attention_bias: bool,
    #[serde(default)]
    mlp_bias: bool,
    sliding_window: Option<usize>,
    use_sliding_window: Option<bool>,
}

#[derive(Debug, Deserialize)]
struct RopeJson {
    #[serde(alias = "type")]
    rope_type: String,
    factor: Option<f64>,
    low_freq_factor: Option<f64>,
    high_freq_factor: Option<f64>,
    original_max_position_embeddings: Option<usize>,
    short_factor: Option<Vec<f64>>,
    long_factor: Option<Vec<f64>>,
}

fn three() -> usize {
    3
}
fn four() -> usize {
    4
}
fn six() -> usize {
    6
}
fn eight() -> usize {
    8
}
fn sixty_four() -> usize {
    64
}
fn gelu_tanh() -> String {
    "gelu_pytorch_tanh".to_owned()
}
fn siglip_eps() -> f64 {
    1e-6
}

/// Field, expected and found, as one sentence.
type Reason = String;

fn ensure(holds: bool, reason: impl FnOnce() -> Reason) -> Result<(), Reason> {
    if holds { Ok(()) } else { Err(reason()) }
}

/// Sizes beyond this are no model's; products of two still fit into 64 bits.
const MAX_SIZE: usize = 1 << 24;

/// Every size of a network is positive and not absurd.
fn ensure_sizes(sizes: &[(&str, usize)]) -> Result<(), Reason> {
    let is_wrong = |(_, size): &&(&str, usize)| *size == 0 || *size > MAX_SIZE;
    match sizes.iter().find(is_wrong) {
        None => Ok(()),
        Some((field, size)) => Err(format!("\"{field}\" must lie in 1..={MAX_SIZE}, found {size}")),
    }
}

impl VisionJson {
    pub(super) fn into_config(self) -> Result<VisionConfig, Reason> {
        ensure_sizes(&[
            ("hidden_size", self.hidden_size),
            ("intermediate_size", self.intermediate_size),
            ("num_attention_heads", self.num_attention_heads),
            ("image_size", self.image_size),
            ("patch_size", self.patch_size),
        ])?;
        ensure(self.hidden_act == "gelu_pytorch_tanh", || {
            format!("\"hidden_act\" must be \"gelu_pytorch_tanh\", found \"{}\"", self.hidden_act)
        })?;
        ensure(self.num_channels == 3, || {
            format!("\"num_channels\" must be 3, found {}", self.num_channels)
        })?;
        ensure(self.patch_size <= self.image_size, || {
            let (patch, image) = (self.patch_size, self.image_size);
            format!("\"patch_size\" must lie in 1..=\"image_size\" ({image}), found {patch}")
        })?;
        ensure_heads(
            "hidden_size",
            self.hidden_size,
            "num_attention_heads",
            self.num_attention_heads,
        )?;
        Ok(VisionConfig {
            d_model: self.hidden_size,
            d_ff: self.intermediate_size,
            n_layers: self.num_hidden_layers,
            n_heads: self.num_attention_heads,
            image_side: self.image_size,
            patch_side: self.patch_size,
            norm_eps: self.layer_norm_eps,
        })
    }
}

fn ensure_heads(width: &str, d_model: usize, count: &str, n_heads: usize) -> Result<(), Reason> {
    ensure(n_heads > 0 && n_heads <= MAX_SIZE && d_model.is_multiple_of(n_heads), || {
        format!("\"{width}\" ({d_model}) must be a multiple of \"{count}\" ({n_heads})")
    })
}

impl Default for ResamplerJson {
    fn default() -> Self {
        Self {
            depth: six(),
            heads: eight(),
            dim_head: sixty_four(),
            ff_mult: four(),
            num_latents: None,
        }
    }
}

impl ResamplerJson {
    /// `n_latents` is what `config.json` says, 144 in the authors' code where it says nothing.
    pub(super) fn into_config(self, n_latents: Option<usize>) -> Result<ResamplerConfig, Reason> {
        if let (Some(here), Some(there)) = (self.num_latents, n_latents) {
            ensure(here == there, || {
                format!(
                    "\"num_latents\" is {here}, but config.json has \"num_vision_tokens\" {there}"
                )
            })?;
        }
        let n_latents = n_latents.or(self.num_latents).unwrap_or(144);
        ensure_sizes(&[
            ("depth", self.depth),
            ("heads", self.heads),
            ("dim_head", self.dim_head),
            ("ff_mult", self.ff_mult),
            ("num_vision_tokens", n_latents),
        ])?;
        Ok(ResamplerConfig {
            n_layers: self.depth,
            n_heads: self.heads,
            d_head: self.dim_head,
            ff_mult: self.ff_mult,
            n_latents,
        })
    }
}

/// Families whose decoder this program computes.
const FAMILIES: [&str; 4] = ["phi3", "llama", "qwen2", "qwen3"];

impl TextJson {
    /// `base_vocab` is `initial_tokenizer_len` of `config.json`.
    pub(super) fn into_config(self, base_vocab: usize) -> Result<DecoderConfig, Reason> {
        let family = self.model_type.as_str();
        ensure(FAMILIES.contains(&family), || {
            format!("\"model_type\" must be one of {}, found \"{family}\"", FAMILIES.join(", "))
        })?;
        ensure(self.hidden_act == "silu", || {
            format!("\"hidden_act\" must be \"silu\", found \"{}\"", self.hidden_act)
        })?;
        ensure(!self.mlp_bias, || "\"mlp_bias\" true is not supported".to_owned())?;
        ensure(self.partial_rotary_factor.is_none_or(|f| f == 1.0), || {
            "\"partial_rotary_factor\" other than 1 is not supported".to_owned()
        })?;
        ensure(base_vocab <= self.vocab_size, || {
            let rows = self.vocab_size;
            format!(
                "\"vocab_size\" is {rows}, but config.json has \"initial_tokenizer_len\" {base_vocab}"
            )
        })?;
        ensure_sizes(&[
            ("hidden_size", self.hidden_size),
            ("intermediate_size", self.intermediate_size),
            ("num_hidden_layers", self.num_hidden_layers),
            ("num_attention_heads", self.num_attention_heads),
            ("vocab_size", self.vocab_size),
            ("max_position_embeddings", self.max_position_embeddings),
            ("initial_tokenizer_len", base_vocab),
        ])?;
        let n_heads = self.num_attention_heads;
        let n_kv_heads = self.num_key_value_heads.unwrap_or(n_heads);
        if self.head_dim.is_none() {
            ensure_heads("hidden_size", self.hidden_size, "num_attention_heads", n_heads)?;
        }
        ensure_heads("num_attention_heads", n_heads, "num_key_value_heads", n_kv_heads)?;
        let d_head = self.head_dim.unwrap_or(self.hidden_size / n_heads.max(1));
        ensure(d_head > 0 && d_head <= MAX_SIZE && d_head.is_multiple_of(2), || {
            format!("rotary embedding needs an even \"head_dim\", found {d_head}")
        })?;
        let slides = self.use_sliding_window.unwrap_or(family == "phi3");
        Ok(DecoderConfig {
            d_model: self.hidden_size,
            d_ff: self.intermediate_size,
            n_layers: self.num_hidden_layers,
            n_heads,
            n_kv_heads,
            d_head,
            padded_vocab: self.vocab_size,
            base_vocab,
            added_vocab: 2,
            norm_eps: self.rms_norm_eps,
            rope: RopeConfig {
                d_head,
                theta: self.rope_theta,
                scaling: self.rope_scaling(d_head)?,
            },
            is_fused: family == "phi3",
            has_qkv_bias: family == "qwen2" || self.attention_bias,
            has_output_bias: self.attention_bias,
            has_qk_norm: family == "qwen3",
            is_tied: self.tie_word_embeddings,
            sliding_window: self.sliding_window.filter(|_| slides),
            max_positions: self.max_position_embeddings,
            model_type: self.model_type,
        })
    }

    fn rope_scaling(&self, d_head: usize) -> Result<RopeScaling, Reason> {
        let Some(rope) = &self.rope_scaling else { return Ok(RopeScaling::None) };
        let missing =
            |field: &str| format!("\"rope_scaling\" of type {} needs \"{field}\"", rope.rope_type);
        match rope.rope_type.as_str() {
            "default" => Ok(RopeScaling::None),
            "llama3" => Ok(RopeScaling::Llama3 {
                factor: rope.factor.ok_or_else(|| missing("factor"))?,
                low_freq_factor: rope.low_freq_factor.ok_or_else(|| missing("low_freq_factor"))?,
                high_freq_factor: rope
                    .high_freq_factor
                    .ok_or_else(|| missing("high_freq_factor"))?,
                original_max: rope
                    .original_max_position_embeddings
                    .ok_or_else(|| missing("original_max_position_embeddings"))?,
            }),
            "longrope" | "su" => {
                let list = |factors: &Option<Vec<f64>>, field: &str| {
                    let factors = factors.clone().ok_or_else(|| missing(field))?;
                    ensure(factors.len() == d_head / 2, || {
                        let (n, half) = (factors.len(), d_head / 2);
                        format!("\"{field}\" must hold {half} factors (half a head), found {n}")
                    })?;
                    Ok::<_, Reason>(factors)
                };
                let original_max = self
                    .original_max_position_embeddings
                    .or(rope.original_max_position_embeddings)
                    .ok_or_else(|| missing("original_max_position_embeddings"))?;
                let ratio = self.max_position_embeddings as f64 / original_max as f64;
                // sqrt(1 + ln(max / original) / ln(original)), for short and long alike
                let stretched = (1.0 + ratio.ln() / (original_max as f64).ln()).sqrt();
                Ok(RopeScaling::LongRope {
                    short: list(&rope.short_factor, "short_factor")?,
                    long: list(&rope.long_factor, "long_factor")?,
                    original_max,
                    magnitude: if ratio > 1.0 { stretched } else { 1.0 },
                })
            }
            other => Err(format!(
                "\"rope_scaling\" must be of type default, llama3 or longrope, found \"{other}\""
            )),
        }
    }
}
