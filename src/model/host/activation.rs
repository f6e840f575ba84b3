//! Exponentials in vectors and over all threads: activations and softmax on the CPU.
//!
//! Burn's CPU backend calls the C library once a value, on one thread for most functions, which
//! costs more than the products between them.

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

/// Values that one task takes.
const CHUNK: usize = 1 << 14;

/// `e^x`, with a relative error below 2e-7; exactly 0 for `x < -87.3`, so for negative infinity.
///
/// `x = n ln 2 + r` with `|r| <= ln 2 / 2`; a polynomial for `e^r` (Cephes, `expf`), and `n` is
/// added to the exponent.
#[inline(always)]
pub(in crate::model) fn exp(x: f32) -> f32 {
    const ROUND: f32 = 12_582_912.0; // 1.5 * 2^23: adding it rounds to an integer
    let clamped = x.clamp(-87.3, 88.3);
    let n = clamped * std::f32::consts::LOG2_E + ROUND - ROUND;
    // ln 2 in two parts, so that n ln 2 is subtracted without an error.
    let r = clamped - n * 0.693_359_4 + n * 2.121_944_4e-4;
    let mut p = 1.987_569_2e-4;
    for c in [1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 0.5] {
        p = p * r + c;
    }
    let power = f32::from_bits(((n as i32 + 127) << 23) as u32);
    let result = (p * r * r + r + 1.0) * power;
    if x < -87.3 { 0.0 } else { result }
}

/// `x / (1 + e^-x) * up`, in place of the gate.
///
/// # Shapes
/// `gate` and `up`: as many values
pub(in crate::model) fn silu_times(gate: &mut [f32], up: &[f32]) {
    struct SiluTimes<'a>(&'a mut [f32], &'a [f32]);

    impl WithSimd for SiluTimes<'_> {
        type Output = ();

        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) {
            for (gate, up) in self.0.iter_mut().zip(self.1) {
                *gate = *gate / (1.0 + exp(-*gate)) * *up;
            }
        }
    }

    let arch = Arch::new();
    let chunks = gate.par_chunks_mut(CHUNK).zip(up.par_chunks(CHUNK));
    chunks.for_each(|(gate, up)| arch.dispatch(SiluTimes(gate, up)));
}

/// GELU by its tanh form: `x / (1 + e^(-2 u))` with `u = sqrt(2 / pi) (x + 0.044715 x^3)`.
///
/// The same function as `0.5 x (1 + tanh u)`, without its cancellation.
pub(in crate::model) fn gelu_tanh(values: &mut [f32]) {
    const SQRT_2_OVER_PI: f32 = 0.797_884_6;

    struct Gelu<'a>(&'a mut [f32]);

    impl WithSimd for Gelu<'_> {
        type Output = ();

        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) {
            for x in self.0 {
                let u = SQRT_2_OVER_PI * (*x + 0.044_715 * *x * *x * *x);
                *x /= 1.0 + exp(-2.0 * u);
            }
        }
    }

    let arch = Arch::new();
    values.par_chunks_mut(CHUNK).for_each(|values| arch.dispatch(Gelu(values)));
}

/// [`softmax`] of every row of `[Q, len]`.
pub(super) struct SoftmaxRows<'a> {
    pub(super) scores: &'a mut [f32],
    pub(super) len: usize,
    pub(super) blocked: Option<&'a [bool]>,
    pub(super) scale: f32,
}

impl WithSimd for SoftmaxRows<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for (query, row) in self.scores.chunks_exact_mut(self.len).enumerate() {
            let blocked = self.blocked.map(|b| &b[query * self.len..(query + 1) * self.len]);
            softmax(row, blocked, self.scale);
        }
    }
}

/// `softmax(scale * row)` in place, over the entries that are not blocked; those become exactly 0.
#[inline(always)]
pub(in crate::model) fn softmax(row: &mut [f32], blocked: Option<&[bool]>, scale: f32) {
    if let Some(blocked) = blocked {
        for (score, blocked) in row.iter_mut().zip(blocked) {
            *score = if *blocked { f32::NEG_INFINITY } else { *score };
        }
    }
    let largest = largest(row);
    for score in row.iter_mut() {
        *score = exp((*score - largest) * scale);
    }
    let inverse = 1.0 / sum(row);
    for score in row.iter_mut() {
        *score *= inverse;
    }
}

const LANES: usize = 32;

#[inline(always)]
fn largest(row: &[f32]) -> f32 {
    let (chunks, rest) = row.as_chunks::<LANES>();
    let mut lanes = [f32::NEG_INFINITY; LANES];
    for chunk in chunks {
        for lane in 0..LANES {
            lanes[lane] = if chunk[lane] > lanes[lane] { chunk[lane] } else { lanes[lane] };
        }
    }
    lanes.into_iter().chain(rest.iter().copied()).fold(f32::NEG_INFINITY, f32::max)
}

/// The sum, in as many independent parts as there are lanes.
#[inline(always)]
fn sum(row: &[f32]) -> f32 {
    let (chunks, rest) = row.as_chunks::<LANES>();
    let mut lanes = [0.0; LANES];
    for chunk in chunks {
        for lane in 0..LANES {
            lanes[lane] += chunk[lane];
        }
    }
    lanes.into_iter().chain(rest.iter().copied()).sum()
}

/// The sum of `f(a, b)` over pairs, in as many independent parts as there are lanes.
#[inline(always)]
pub(in crate::model) fn sum_of_pairs(a: &[f32], b: &[f32], f: impl Fn(f32, f32) -> f32) -> f32 {
    let ((a, rest_a), (b, rest_b)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    let mut lanes = [0.0; LANES];
    for (a, b) in a.iter().zip(b) {
        for lane in 0..LANES {
            lanes[lane] += f(a[lane], b[lane]);
        }
    }
    let rest = rest_a.iter().zip(rest_b).map(|(a, b)| f(*a, *b));
    lanes.into_iter().chain(rest).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exponential_is_right_to_the_last_digits() {
        let mut x = -87.0f32;
        while x < 88.0 {
            let exact = f64::from(x).exp();
            let error = (f64::from(exp(x)) - exact).abs() / exact;
            assert!(error < 2e-7, "exp({x}) is off by {error:e}");
            x += 0.003_7;
        }
        assert_eq!(exp(0.0), 1.0);
        assert_eq!(exp(f32::NEG_INFINITY), 0.0);
        assert_eq!(exp(-100.0), 0.0);
    }

    #[test]
    fn activations_equal_their_definitions() {
        let values: Vec<f32> = (-4000..4000).map(|i| i as f32 / 400.0).collect();
        let (mut gelu, mut silu) = (values.clone(), values.clone());
        gelu_tanh(&mut gelu);
        silu_times(&mut silu, &values);
        for ((x, gelu), silu) in values.iter().map(|x| f64::from(*x)).zip(gelu).zip(silu) {
            let u = (2.0 / std::f64::consts::PI).sqrt() * (x + 0.044_715 * x * x * x);
            let expected = 0.5 * x * (1.0 + u.tanh());
            assert!((f64::from(gelu) - expected).abs() < 1e-6, "gelu({x}) = {gelu}");
            let expected = x * x / (1.0 + (-x).exp());
            let error = (f64::from(silu) - expected).abs();
            assert!(error < 1e-6 + 3e-7 * expected.abs(), "silu({x}) * {x} = {silu}");
        }
    }

    #[test]
    fn a_softmax_over_open_entries_sums_to_one_and_blocked_ones_are_exactly_zero() {
        for len in [1, 2, 31, 32, 33, 729] {
            let mut row: Vec<f32> =
                (0..len).map(|i| ((i * 37) % 101) as f32 / 3.0 - 20.0).collect();
            let scores = row.clone();
            let blocked: Vec<bool> = (0..len).map(|i| i % 3 == 1).collect();
            softmax(&mut row, Some(&blocked), 0.25);
            let weight =
                |i: usize| if blocked[i] { 0.0 } else { (f64::from(scores[i]) * 0.25).exp() };
            let total: f64 = (0..len).map(weight).sum();
            for i in 0..len {
                assert!((f64::from(row[i]) - weight(i) / total).abs() < 1e-6, "{i} of {len}");
                assert_eq!(row[i] == 0.0, blocked[i], "{i} of {len}");
            }
        }
    }
}
