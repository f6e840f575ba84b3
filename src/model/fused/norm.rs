//! RMS norm and layer norm, a row at a time.

use burn::prelude::*;
use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use super::tracked::{Operation, apply, input};
use crate::model::host::sum_of_pairs;

/// Rows that one task takes.
const ROWS: usize = 256;

/// `x / sqrt(mean(x^2) + eps) * weight` over the last dimension.
pub(in crate::model) fn rms_norm<const D: usize>(
    x: Tensor<D>,
    weight: Tensor<1>,
    eps: f64,
) -> Tensor<D> {
    let shape = x.dims();
    let norm = Norm { d: shape[D - 1], eps: eps as f32, is_centered: false };
    apply(norm, [input(x), input(weight)], shape)
}

/// `(x - mean) / sqrt(var + eps) * weight + bias` over the last dimension.
pub(in crate::model) fn layer_norm<const D: usize>(
    x: Tensor<D>,
    weight: Tensor<1>,
    bias: Tensor<1>,
    eps: f64,
) -> Tensor<D> {
    let shape = x.dims();
    let norm = Norm { d: shape[D - 1], eps: eps as f32, is_centered: true };
    apply(norm, [input(x), input(weight), input(bias)], shape)
}

/// Both norms: an RMS norm is a layer norm without a mean and without a bias.
#[derive(Debug)]
struct Norm {
    d: usize,
    eps: f32,
    is_centered: bool,
}

/// `(mean, 1 / sqrt(mean of squares + eps))` of each row.
type Moments = Vec<[f32; 2]>;

struct Forward<'a> {
    norm: &'a Norm,
    x: &'a [f32],
    weight: &'a [f32],
    bias: Option<&'a [f32]>,
    out: &'a mut [f32],
    moments: &'a mut [[f32; 2]],
}

impl WithSimd for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { norm, x, weight, bias, out, moments } = self;
        let d = norm.d;
        let rows = x.chunks_exact(d).zip(out.chunks_exact_mut(d)).zip(moments);
        for ((x, out), moments) in rows {
            let mean = match norm.is_centered {
                true => sum_of_pairs(x, x, |x, _| x) / d as f32,
                false => 0.0,
            };
            let square = sum_of_pairs(x, x, |x, _| (x - mean) * (x - mean)) / d as f32;
            let inverse = 1.0 / (square + norm.eps).sqrt();
            *moments = [mean, inverse];
            for ((o, x), w) in out.iter_mut().zip(x).zip(weight) {
                *o = (x - mean) * inverse * w;
            }
            if let Some(bias) = bias {
                out.iter_mut().zip(bias).for_each(|(o, b)| *o += b);
            }
        }
    }
}

struct Back<'a> {
    norm: &'a Norm,
    x: &'a [f32],
    weight: &'a [f32],
    moments: &'a [[f32; 2]],
    gradient: &'a [f32],
    /// Of `x`.
    d_x: &'a mut [f32],
    /// Of weight and bias, added up over the rows.
    d_weight: &'a mut [f32],
    d_bias: &'a mut [f32],
}

impl WithSimd for Back<'_> {
    type Output = ();

    /// With `n = (x - mean) * inverse` and `g = gradient * weight`:
    /// `d_x = inverse * (g - mean(g) - n * mean(g * n))`, the first mean only where centered;
    /// `d_weight = sum of gradient * n`, `d_bias = sum of gradient`.
    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { norm, x, weight, moments, gradient, d_x, d_weight, d_bias } = self;
        let d = norm.d;
        let mut scaled = vec![0.0; d];
        let rows = x.chunks_exact(d).zip(gradient.chunks_exact(d)).zip(d_x.chunks_exact_mut(d));
        for (((x, gradient), d_x), [mean, inverse]) in rows.zip(moments) {
            let sums = d_weight.iter_mut().zip(d_bias.iter_mut());
            let inputs = x.iter().zip(gradient).zip(weight);
            let results = d_x.iter_mut().zip(scaled.iter_mut());
            for ((((x, g), w), (normed, scaled)), (d_w, d_b)) in inputs.zip(results).zip(sums) {
                *normed = (x - mean) * inverse;
                *scaled = g * w;
                *d_w += g * *normed;
                *d_b += g;
            }
            let along = sum_of_pairs(&scaled, d_x, |g, n| g * n) / d as f32;
            let offset = match norm.is_centered {
                true => sum_of_pairs(&scaled, d_x, |g, _| g) / d as f32,
                false => 0.0,
            };
            for (d_x, g) in d_x.iter_mut().zip(&scaled) {
                *d_x = inverse * (g - offset - *d_x * along);
            }
        }
    }
}

impl Norm {
    fn output(&self, x: &[f32], weight: &[f32], bias: Option<&[f32]>) -> (Vec<f32>, Moments) {
        let mut out = vec![0.0; x.len()];
        let mut moments = vec![[0.0; 2]; x.len() / self.d];
        let block = ROWS * self.d;
        let tasks = x.par_chunks(block).zip(out.par_chunks_mut(block));
        tasks.zip(moments.par_chunks_mut(ROWS)).for_each(|((x, out), moments)| {
            Arch::new().dispatch(Forward { norm: self, x, weight, bias, out, moments });
        });
        (out, moments)
    }

    /// Gradients of `x`, weight and bias.
    fn gradients(
        &self,
        x: &[f32],
        weight: &[f32],
        moments: &Moments,
        gradient: &[f32],
    ) -> [Vec<f32>; 3] {
        let mut d_x = vec![0.0; x.len()];
        let block = ROWS * self.d;
        let tasks = x.par_chunks(block).zip(gradient.par_chunks(block));
        let tasks = tasks.zip(d_x.par_chunks_mut(block)).zip(moments.par_chunks(ROWS));
        // In order, so that the sum is the same whatever the number of threads.
        let sums: Vec<[Vec<f32>; 2]> = tasks
            .map(|(((x, gradient), d_x), moments)| {
                let mut d_weight = vec![0.0; self.d];
                let mut d_bias = vec![0.0; self.d];
                let back = Back {
                    norm: self,
                    x,
                    weight,
                    moments,
                    gradient,
                    d_x,
                    d_weight: &mut d_weight,
                    d_bias: &mut d_bias,
                };
                Arch::new().dispatch(back);
                [d_weight, d_bias]
            })
            .collect();
        let mut total = [vec![0.0; self.d], vec![0.0; self.d]];
        for sum in &sums {
            for (total, sum) in total.iter_mut().zip(sum) {
                total.iter_mut().zip(sum).for_each(|(t, s)| *t += s);
            }
        }
        let [d_weight, d_bias] = total;
        [d_x, d_weight, d_bias]
    }
}

impl Operation<2> for Norm {
    type Kept = Moments;

    fn forward(&self, [x, weight]: [&[f32]; 2]) -> (Vec<f32>, Moments) {
        self.output(x, weight, None)
    }

    fn backward(
        &self,
        [x, weight]: [&[f32]; 2],
        moments: &Moments,
        gradient: &[f32],
        _: [bool; 2],
    ) -> [Vec<f32>; 2] {
        let [d_x, d_weight, _] = self.gradients(x, weight, moments, gradient);
        [d_x, d_weight]
    }
}

impl Operation<3> for Norm {
    type Kept = Moments;

    fn forward(&self, [x, weight, bias]: [&[f32]; 3]) -> (Vec<f32>, Moments) {
        self.output(x, weight, Some(bias))
    }

    fn backward(
        &self,
        [x, weight, _]: [&[f32]; 3],
        moments: &Moments,
        gradient: &[f32],
        _: [bool; 3],
    ) -> [Vec<f32>; 3] {
        self.gradients(x, weight, moments, gradient)
    }
}
