//! Activations: `SiLU` with its gate, and GELU by its tanh form.

use burn::prelude::*;
use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use super::tracked::{Operation, apply, input};
use crate::model::host::exp;

/// Values that one task takes, at least.
const CHUNK: usize = 1 << 14;

/// `silu(gate) * up`, where gate and up are the halves of the last dimension.
///
/// # Shapes
/// `[B, T, 2 F]` to `[B, T, F]`
pub(in crate::model) fn silu_times_halves(gate_up: Tensor<3>) -> Tensor<3> {
    let [batch, seq, width] = gate_up.dims();
    let d_ff = width / 2;
    apply(SiluTimes { d_ff }, [input(gate_up)], [batch, seq, d_ff])
}

/// GELU by its tanh form.
pub(in crate::model) fn gelu_tanh<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    let shape = x.dims();
    apply(GeluTanh, [input(x)], shape)
}

#[derive(Debug)]
struct SiluTimes {
    d_ff: usize,
}

/// Rows of gate and up to rows of their product.
struct SiluForward<'a>(usize, &'a [f32], &'a mut [f32]);

impl WithSimd for SiluForward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self(d_ff, gate_up, out) = self;
        for (gate_up, out) in gate_up.chunks_exact(2 * d_ff).zip(out.chunks_exact_mut(d_ff)) {
            let (gate, up) = gate_up.split_at(d_ff);
            for ((o, g), u) in out.iter_mut().zip(gate).zip(up) {
                *o = g / (1.0 + exp(-g)) * u;
            }
        }
    }
}

struct SiluBack<'a>(usize, &'a [f32], &'a [f32], &'a mut [f32]);

impl WithSimd for SiluBack<'_> {
    type Output = ();

    /// With `s = 1 / (1 + e^-g)`: `d_gate = d * u * s * (1 + g (1 - s))`, `d_up = d * g * s`.
    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self(d_ff, gate_up, gradient, out) = self;
        let rows = gate_up.chunks_exact(2 * d_ff).zip(gradient.chunks_exact(d_ff));
        for ((gate_up, gradient), out) in rows.zip(out.chunks_exact_mut(2 * d_ff)) {
            let (gate, up) = gate_up.split_at(d_ff);
            let (d_gate, d_up) = out.split_at_mut(d_ff);
            for ((((g, u), d), d_g), d_u) in gate.iter().zip(up).zip(gradient).zip(d_gate).zip(d_up)
            {
                let s = 1.0 / (1.0 + exp(-g));
                *d_g = d * u * s * (1.0 + g * (1.0 - s));
                *d_u = d * g * s;
            }
        }
    }
}

impl Operation<1> for SiluTimes {
    type Kept = ();

    fn forward(&self, [gate_up]: [&[f32]; 1]) -> (Vec<f32>, ()) {
        let mut out = vec![0.0; gate_up.len() / 2];
        let rows = CHUNK.div_ceil(self.d_ff);
        let tasks = gate_up.par_chunks(2 * rows * self.d_ff);
        tasks.zip(out.par_chunks_mut(rows * self.d_ff)).for_each(|(gate_up, out)| {
            Arch::new().dispatch(SiluForward(self.d_ff, gate_up, out));
        });
        (out, ())
    }

    fn backward(
        &self,
        [gate_up]: [&[f32]; 1],
        (): &(),
        gradient: &[f32],
        _: [bool; 1],
    ) -> [Vec<f32>; 1] {
        let mut out = vec![0.0; gate_up.len()];
        let rows = CHUNK.div_ceil(self.d_ff);
        let tasks = gate_up.par_chunks(2 * rows * self.d_ff);
        let tasks = tasks.zip(gradient.par_chunks(rows * self.d_ff));
        let tasks = tasks.zip(out.par_chunks_mut(2 * rows * self.d_ff));
        tasks.for_each(|((gate_up, gradient), out)| {
            Arch::new().dispatch(SiluBack(self.d_ff, gate_up, gradient, out));
        });
        [out]
    }
}

const SQRT_2_OVER_PI: f32 = 0.797_884_6;
const CUBIC: f32 = 0.044_715;

#[derive(Debug)]
struct GeluTanh;

struct GeluForward<'a>(&'a [f32], &'a mut [f32]);

impl WithSimd for GeluForward<'_> {
    type Output = ();

    /// `x / (1 + e^(-2 u))` with `u = sqrt(2 / pi) (x + 0.044715 x^3)`, which is
    /// `0.5 x (1 + tanh u)`.
    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for (x, out) in self.0.iter().zip(self.1) {
            let u = SQRT_2_OVER_PI * (x + CUBIC * x * x * x);
            *out = x / (1.0 + exp(-2.0 * u));
        }
    }
}

struct GeluBack<'a>(&'a [f32], &'a [f32], &'a mut [f32]);

impl WithSimd for GeluBack<'_> {
    type Output = ();

    /// With `s = 1 / (1 + e^(-2 u))`: `s + 2 x s (1 - s) u'`.
    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for ((x, gradient), out) in self.0.iter().zip(self.1).zip(self.2) {
            let u = SQRT_2_OVER_PI * (x + CUBIC * x * x * x);
            let slope = SQRT_2_OVER_PI * (1.0 + 3.0 * CUBIC * x * x);
            let s = 1.0 / (1.0 + exp(-2.0 * u));
            *out = gradient * (s + 2.0 * x * s * (1.0 - s) * slope);
        }
    }
}

impl Operation<1> for GeluTanh {
    type Kept = ();

    fn forward(&self, [x]: [&[f32]; 1]) -> (Vec<f32>, ()) {
        let mut out = vec![0.0; x.len()];
        let tasks = x.par_chunks(CHUNK).zip(out.par_chunks_mut(CHUNK));
        tasks.for_each(|(x, out)| Arch::new().dispatch(GeluForward(x, out)));
        (out, ())
    }

    fn backward(&self, [x]: [&[f32]; 1], (): &(), gradient: &[f32], _: [bool; 1]) -> [Vec<f32>; 1] {
        let mut out = vec![0.0; x.len()];
        let tasks = x.par_chunks(CHUNK).zip(gradient.par_chunks(CHUNK));
        let tasks = tasks.zip(out.par_chunks_mut(CHUNK));
        tasks.for_each(|((x, gradient), out)| Arch::new().dispatch(GeluBack(x, gradient, out)));
        [out]
    }
}
