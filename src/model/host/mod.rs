//! Weights on the CPU as they stand in the file, and the two products that read them.
//!
//! Burn's CPU backend has no kernel for bf16 and needs `f16` activations for `f16` weights. An
//! instrument can afford neither the memory of widened weights nor rounded activations, so large
//! matrices stay mapped from the file in their own type, are widened to `f32` a tile at a time in
//! the cache, and are multiplied and summed in `f32`.

#![expect(
    clippy::inline_always,
    reason = "`pulp` compiles for a processor what is inlined into its call"
)]

mod activation;
mod attend;
mod dot;
mod gemm;
mod matrix;
mod widen;

pub(super) use self::{
    activation::{exp, gelu_tanh, silu_times, softmax, sum_of_pairs},
    attend::HostKeysValues,
    matrix::{HostMatrix, WeightBytes},
};
use burn::prelude::Device;

/// Whether tensors of a device are plain memory of this process: not on a card, not tracked for
/// gradients.
pub(super) fn is_host(device: &Device) -> bool {
    // Burn's comparison takes a device that tracks gradients for the same one.
    !device.is_autodiff() && *device == Device::flex()
}
