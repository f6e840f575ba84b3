//! Floor 1: the network on Burn. Host types in, host types out.
//!
//! - **Owns**: SigLIP, resampler, decoder, their weights, devices, and the recording of patterns.
//! - **May import**: `domain`.
//! - **Never**: words, picture files, windows; a device tensor never leaves but inside
//!   [`PatchFeatures`], [`Latents`] and [`KvCache`].
//! - **Invariant**: every parameter came from a file and was checked; none is ever left at random.

mod attention;
mod batch;
mod checkpoint;
mod config;
mod decoder;
mod device;
mod dtype;
mod error;
mod folder;
mod fused;
mod host;
mod kv_cache;
mod linear;
mod mask_bias;
mod mllm;
mod named;
mod named_models;
mod norm;
mod outline;
mod presets;
mod recorder;
mod resampler;
mod rope;
mod siglip;
mod source;
mod stored;

#[cfg(test)]
pub(crate) use self::batch::Row;
pub(crate) use self::batch::{Sequence, common_prefix};
use self::linear::Weight;
pub use self::{
    config::{DecoderConfig, MllmConfig, ResamplerConfig, RopeConfig, RopeScaling, VisionConfig},
    device::{ComputeDevice, DeviceChoice, DeviceKind, DeviceReport, PassedOver},
    dtype::Dtype,
    error::ModelError,
    folder::{LoadProgress, ModelFolder},
    kv_cache::KvCache,
    mllm::{Latents, Mllm, PatchFeatures},
    named::NamedTensor,
    named_models::NamedModels,
    outline::picture_outline,
    recorder::{NullRecorder, OnLayer, Recorder, TraceRecorder},
};
pub(crate) use self::{linear::host_values, source::param_id};
