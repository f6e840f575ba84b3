//! Floor 1: the network on Burn. Host types in, host types out.
//!
//! - **Owns**: SigLIP, resampler, decoder, their weights, devices, and the recording of patterns.
//! - **May import**: `domain`.
//! - **Never**: words, picture files, windows; a device tensor never leaves but inside
//!   [`PatchFeatures`], [`Latents`] and [`KvCache`].
//! - **Invariant**: every parameter came from a file and was checked; none is ever left at random.

mod attention;
mod checkpoint;
mod config;
mod decoder;
mod device;
mod dtype;
mod error;
mod folder;
mod host;
mod kv_cache;
mod linear;
mod mask_bias;
mod mllm;
mod norm;
mod presets;
mod recorder;
mod resampler;
mod rope;
mod siglip;
mod source;
mod stored;

use self::linear::Weight;
pub use self::{
    config::{DecoderConfig, MllmConfig, ResamplerConfig, RopeConfig, RopeScaling, VisionConfig},
    device::{ComputeDevice, DeviceChoice, DeviceKind, DeviceReport, PassedOver},
    dtype::Dtype,
    error::ModelError,
    folder::{LoadProgress, ModelFolder},
    kv_cache::KvCache,
    mllm::{Latents, Mllm, PatchFeatures},
    recorder::{NullRecorder, OnLayer, Recorder, TraceRecorder},
};
