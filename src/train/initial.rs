//! The first weights, and the folder they live in.

use std::{fs, path::Path};

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use super::{
    config::{ModelShape, TrainingConfig},
    error::{Result, TrainError},
    examples::{CAPTION_REQUEST, words_of},
    folder::{empty_folder, write_json, write_weights},
};
use crate::{
    model::{Dtype, Mllm, MllmConfig, NamedTensor},
    scene,
    text::{ChatTemplate, world_tokenizer},
};

/// Writes a checkpoint folder with first weights: configurations, tokenizer, tensors in `f32`.
///
/// # Errors
/// A folder that holds something, sizes that make no network, or the disk.
pub fn initialize(config: &TrainingConfig, out: &Path) -> Result<()> {
    empty_folder(out)?;
    let template = ChatTemplate::for_model_type("phi3")?;
    let mut words = scene::vocabulary();
    words.extend(words_of(CAPTION_REQUEST).map(str::to_owned));
    let tokenizer = world_tokenizer(template, &words);
    for (file, value) in config_files(&config.model, tokenizer.initial_len) {
        write_json(&out.join(file), &value)?;
    }
    write_json(&out.join("tokenizer.json"), &tokenizer.json)?;
    let network = MllmConfig::of_folder(out)?;
    let tensors: Vec<NamedTensor> = Mllm::layout(&network)?
        .into_iter()
        .map(|(name, shape)| {
            let values = first_values(&name, &shape, &network, config.seed);
            NamedTensor { name, shape, values }
        })
        .collect();
    write_weights(out, &tensors, Dtype::F32)
}

/// The released folder's configuration files. The hub names belong to the layout.
fn config_files(shape: &ModelShape, initial_len: usize) -> [(&'static str, Value); 4] {
    let end = initial_len - 6; // <|endoftext|>, the first of the special tokens behind the words
    [
        (
            "config.json",
            json!({
                "base_img_size": null,
                "decoder_layers_attr_name": "model.layers",
                "gradient_checkpointing": false,
                "initial_tokenizer_len": initial_len,
                "lang_model_path": "microsoft/Phi-3.5-mini-instruct",
                "num_vision_tokens": shape.latents,
                "pad_token_id": initial_len - 1,
                "tokenizer": null,
                "vision_encoder_path": "google/siglip-so400m-patch14-384",
            }),
        ),
        (
            "vision_config.json",
            json!({
                "model_type": "siglip_vision_model",
                "hidden_size": shape.vision_width,
                "intermediate_size": shape.vision_ff,
                "num_hidden_layers": shape.vision_layers,
                "num_attention_heads": shape.vision_heads,
                "num_channels": 3,
                "image_size": shape.image_size,
                "patch_size": shape.patch_size,
                "hidden_act": "gelu_pytorch_tanh",
                "layer_norm_eps": 1e-6,
                "attention_dropout": 0.0,
            }),
        ),
        (
            "resampler_config.json",
            json!({
                "depth": shape.resampler_layers,
                "heads": shape.resampler_heads,
                "dim_head": shape.vision_width / shape.resampler_heads,
                "ff_mult": shape.resampler_ff_mult,
                "num_latents": shape.latents,
            }),
        ),
        (
            "text_config.json",
            json!({
                "model_type": "phi3",
                "architectures": ["Phi3ForCausalLM"],
                "vocab_size": initial_len,
                "hidden_size": shape.decoder_width,
                "intermediate_size": shape.decoder_ff,
                "num_hidden_layers": shape.decoder_layers,
                "num_attention_heads": shape.decoder_heads,
                "num_key_value_heads": shape.decoder_heads,
                "hidden_act": "silu",
                "rms_norm_eps": 1e-5,
                "rope_theta": 10000.0,
                "rope_scaling": null,
                "max_position_embeddings": 4096,
                "original_max_position_embeddings": 4096,
                "tie_word_embeddings": false,
                "attention_bias": false,
                "sliding_window": null,
                "bos_token_id": 1,
                "eos_token_id": end,
                "pad_token_id": end,
            }),
        ),
    ]
}

/// Values that a tensor starts with.
///
/// - norms 1, biases 0;
/// - patch positions and latents: sines and cosines of their place on a square, so that a latent
///   and the patches of its cell are alike from the beginning;
/// - matrices: normal, with variance `1 / (3 d_in)`; those that write into a residual stream
///   smaller by `sqrt(2 n_layers)`, as in GPT-2;
/// - embeddings: normal, 0.1;
/// - the resampler's queries and keys: also a permutation, the same for both and such that each head
///   gets every fourth wavelength of all four parts of a place, so that a latent looks around its
///   own cell from the first step on.
fn first_values(name: &str, shape: &[usize], network: &MllmConfig, seed: u64) -> Vec<f32> {
    let n: usize = shape.iter().product();
    if name.ends_with("bias") {
        return vec![0.0; n];
    }
    if shape.len() == 1 {
        return vec![1.0; n];
    }
    if name.ends_with("position_embedding.weight") || name.ends_with("latents") {
        return square_positions(shape[0].isqrt(), shape[1], 0.5);
    }
    let std = if name.contains("embed_tokens") {
        0.1
    } else {
        let d_in: usize = shape[1..].iter().product();
        let base = (1.0 / (3.0 * d_in as f64)).sqrt();
        let n_layers = match name.split('.').next() {
            Some("vision_encoder") => network.vision.n_layers,
            Some("vision_tokenizer") => network.resampler.n_layers,
            _ => network.decoder.n_layers,
        };
        let writes = ["out_proj.weight", "fc2.weight", "to_out.weight", "1.3.weight"];
        let writes = writes.iter().chain(&["o_proj.weight", "down_proj.weight"]);
        match writes.into_iter().any(|end| name.ends_with(end)) {
            true => base / (2.0 * n_layers as f64).sqrt(),
            false => base,
        }
    };
    let mut values = normal_values(name, n, std, seed);
    if name.starts_with("vision_tokenizer")
        && (name.ends_with("to_q.weight") || name.ends_with("to_kv.weight"))
    {
        add_place_heads(&mut values, shape[1], network.resampler.n_heads, network.resampler.d_head);
    }
    values
}

/// Adds the permutation that gives each head its part of a place to the first `heads * d_head` rows.
///
/// # Shapes
/// `values`: `[at least heads * d_head, width]`
fn add_place_heads(values: &mut [f32], width: usize, n_heads: usize, d_head: usize) {
    const STRENGTH: f32 = 1.4; // squared, it doubles the score of a matching place
    let (quarter, each) = (width / 4, d_head / 4);
    for row in 0..n_heads * d_head {
        let (head, j) = (row / d_head, row % d_head);
        let wavelength = j % each.max(1) * n_heads + head;
        let column = (j / each.max(1)) * quarter + wavelength;
        if wavelength < quarter && column < width {
            values[row * width + column] += STRENGTH;
        }
    }
}

/// Independent of the order in which tensors are made.
fn normal_values(name: &str, n: usize, std: f64, seed: u64) -> Vec<f32> {
    let salt = name.bytes().fold(seed ^ 0x9e37_79b9_7f4a_7c15, |h, b| {
        (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3)
    });
    let mut rng = ChaCha8Rng::seed_from_u64(salt);
    // Box and Muller; 1 - u lies in (0, 1], whose logarithm is finite.
    let mut normal = || {
        let (u, v) = (1.0 - rng.random::<f64>(), rng.random::<f64>());
        (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
    };
    (0..n).map(|_| (normal() * std) as f32).collect()
}

/// Sines and cosines of the row and the column of each cell's middle, at growing wavelengths.
///
/// # Shapes
/// output: `[side * side, width]`: a quarter each of `sin x`, `cos x`, `sin y`, `cos y`
fn square_positions(side: usize, width: usize, amplitude: f32) -> Vec<f32> {
    let quarter = width / 4;
    let mut values = vec![0.0; side * side * width];
    for (cell, row) in values.chunks_mut(width).enumerate() {
        let middle = |i: usize| (i as f32 + 0.5) / side as f32;
        for (axis, place) in [middle(cell % side), middle(cell / side)].into_iter().enumerate() {
            for k in 0..quarter {
                // From half a turn across the picture to many.
                let turns = 0.5 * 24_f32.powf(k as f32 / quarter.max(2) as f32);
                let angle = std::f32::consts::TAU * turns * place;
                row[2 * axis * quarter + k] = amplitude * angle.sin();
                row[(2 * axis + 1) * quarter + k] = amplitude * angle.cos();
            }
        }
    }
    values
}

/// Copies what is not weights from one folder to another.
pub(super) fn copy_configuration(from: &Path, to: &Path) -> Result<()> {
    let files = [
        "config.json",
        "vision_config.json",
        "resampler_config.json",
        "text_config.json",
        "tokenizer.json",
    ];
    for file in files.iter().filter(|file| from.join(file).exists()) {
        fs::copy(from.join(file), to.join(file))
            .map_err(TrainError::file("write", to.join(file)))?;
    }
    Ok(())
}
