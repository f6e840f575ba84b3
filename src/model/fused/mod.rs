//! Operations with gradients of their own, for training on the CPU.
//!
//! Burn's autodiff composes a softmax or a norm from a dozen passes over memory, each on values
//! that the one before has just written, and calls the C library for every exponential. On
//! networks as small as the embedded pair those passes cost three times the products between them.
//! Here each such operation is one pass forward and one backward, over plain slices; Burn keeps
//! the graph, the parameters and the products. The formulas stand beside the lines, and every
//! operation is compared with Burn's own, values and gradients, in `tests`.

#![expect(
    clippy::inline_always,
    reason = "`pulp` compiles for a processor what is inlined into its call"
)]

mod attention;
mod gate;
mod heads;
mod norm;
mod product;
mod tracked;

#[cfg(test)]
mod tests;

pub(super) use self::{
    attention::{HeadShape, Rotation, attend_apart, attend_shared, attend_with_prefix},
    gate::{gelu_tanh, silu_times_halves},
    norm::{layer_norm, rms_norm},
    tracked::is_tracked_host,
};
