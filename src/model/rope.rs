//! Rotary position embedding with given positions; Llama-3 and LongRoPE scaling.

use std::{f64::consts::TAU, sync::Arc};

use burn::prelude::*;

use super::{
    config::{RopeConfig, RopeScaling},
    fused::Rotation,
};

/// Cosines and sines of one call.
#[derive(Clone, Debug)]
pub(super) struct RopeTables {
    cos: Tensor<4>,
    sin: Tensor<4>,
    values: Rotation,
}

impl RopeConfig {
    /// Inverse frequencies and the factor on cosines and sines, for a call whose largest position
    /// is `seq_len - 1`. Shape `[d_head / 2]`.
    ///
    /// The frequencies are rounded to `f32`, as every framework does.
    ///
    /// # Source
    /// `_compute_longrope_parameters` and `_compute_llama3_parameters` of transformers.
    fn inverse_frequencies(&self, seq_len: usize) -> (Vec<f32>, f64) {
        let half = self.d_head / 2;
        let base = |i: usize| self.theta.powf(2.0 * i as f64 / self.d_head as f64) as f32;
        match &self.scaling {
            RopeScaling::None => ((0..half).map(|i| 1.0 / base(i)).collect(), 1.0),
            RopeScaling::LongRope { short, long, original_max, magnitude } => {
                let factors = if seq_len > *original_max { long } else { short };
                let freq = |i: usize| 1.0 / (factors[i] as f32 * base(i));
                ((0..half).map(freq).collect(), *magnitude)
            }
            RopeScaling::Llama3 { factor, low_freq_factor, high_freq_factor, original_max } => {
                let original = *original_max as f64;
                let scaled = |i: usize| {
                    let freq = f64::from(1.0 / base(i));
                    let wavelength = TAU / freq;
                    if wavelength > original / low_freq_factor {
                        (freq / factor) as f32
                    } else if wavelength < original / high_freq_factor {
                        freq as f32
                    } else {
                        let smooth = (original / wavelength - low_freq_factor)
                            / (high_freq_factor - low_freq_factor);
                        ((1.0 - smooth) * freq / factor + smooth * freq) as f32
                    }
                };
                ((0..half).map(scaled).collect(), 1.0)
            }
        }
    }

    /// Cosines and sines at rope positions, both halves of a head alike.
    ///
    /// # Shapes
    /// two times `[positions.len(), d_head]`, row-major
    pub fn cos_sin(&self, positions: &[u32]) -> (Vec<f32>, Vec<f32>) {
        let seq_len = positions.iter().max().map_or(0, |p| *p as usize + 1);
        let (freqs, magnitude) = self.inverse_frequencies(seq_len);
        let angles: Vec<f64> = positions
            .iter()
            .flat_map(|position| {
                let angle = move |freq: &f32| f64::from(*position) * f64::from(*freq);
                freqs.iter().map(angle).chain(freqs.iter().map(angle))
            })
            .collect();
        let cos = angles.iter().map(|a| (a.cos() * magnitude) as f32).collect();
        let sin = angles.iter().map(|a| (a.sin() * magnitude) as f32).collect();
        (cos, sin)
    }

    /// [`cos_sin`](Self::cos_sin) on a device.
    pub(super) fn tables(&self, positions: &[u32], device: &Device) -> RopeTables {
        let (cos, sin) = self.cos_sin(positions);
        let shape = [1, 1, positions.len(), self.d_head];
        let on_device =
            |values: &[f32]| Tensor::from_data(TensorData::new(values.to_vec(), shape), device);
        RopeTables { cos: on_device(&cos), sin: on_device(&sin), values: Arc::new([cos, sin]) }
    }
}

impl RopeTables {
    /// The tables of `batch` sequences whose positions were given one after the other.
    pub(super) fn of_batch(self, batch: usize) -> Self {
        let [_, _, n, d_head] = self.cos.dims();
        let shape = [batch, 1, n / batch, d_head];
        let (cos, sin) = (self.cos.reshape(shape), self.sin.reshape(shape));
        Self { cos, sin, values: self.values }
    }

    /// Cosines and sines as they were computed, one sequence after the other.
    pub(super) fn values(&self) -> Rotation {
        self.values.clone()
    }

    /// Turns each pair `(x[i], x[i + d_head / 2])` by its angle.
    ///
    /// # Shapes
    /// input and output: `[B, H, T, d_head]`
    pub(super) fn rotate(&self, x: Tensor<4>) -> Tensor<4> {
        let half = x.dims()[3] / 2;
        let (a, b) = (x.clone().narrow(3, 0, half), x.clone().narrow(3, half, half));
        let turned = Tensor::cat(vec![b.neg(), a], 3);
        x * self.cos.clone() + turned * self.sin.clone()
    }
}
