//! Half-precision weights to `f32`, exactly, in a form the compiler vectorizes.

/// A weight as stored, and its exact value.
pub(super) trait Stored: bytemuck::Pod + Send + Sync {
    /// The value as `f32`; no stored type is wider.
    fn widen(self) -> f32;
}

impl Stored for f32 {
    #[inline(always)]
    fn widen(self) -> f32 {
        self
    }
}

/// bf16: the upper half of an `f32`.
#[derive(Clone, Copy, bytemuck::Zeroable, bytemuck::Pod)]
#[repr(transparent)]
pub(super) struct Bf16Bits(u16);

impl Stored for Bf16Bits {
    #[inline(always)]
    fn widen(self) -> f32 {
        f32::from_bits(u32::from(self.0) << 16)
    }
}

/// IEEE half precision: 1 sign, 5 exponent, 10 fraction bits.
#[derive(Clone, Copy, bytemuck::Zeroable, bytemuck::Pod)]
#[repr(transparent)]
pub(super) struct F16Bits(u16);

impl Stored for F16Bits {
    // Written without a branch on data and without a denormal product, so that it becomes a few
    // vector instructions. Weights are checked to be finite, so infinities need no case.
    #[inline(always)]
    fn widen(self) -> f32 {
        const REBIAS: u32 = (127 - 15) << 23;
        const SMALLEST_NORMAL: u32 = (127 - 14) << 23;
        let sign = u32::from(self.0 & 0x8000) << 16;
        let magnitude = u32::from(self.0 & 0x7fff) << 13;
        let normal = magnitude + REBIAS;
        let subnormal = f32::from_bits(magnitude | SMALLEST_NORMAL);
        let subnormal = (subnormal - f32::from_bits(SMALLEST_NORMAL)).to_bits();
        f32::from_bits(sign | if magnitude < 1 << 23 { subnormal } else { normal })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_finite_f16_widens_as_the_half_crate_says() {
        for bits in 0..=u16::MAX {
            let expected = half::f16::from_bits(bits);
            if expected.is_finite() {
                assert_eq!(
                    F16Bits(bits).widen().to_bits(),
                    expected.to_f32().to_bits(),
                    "{bits:04x}"
                );
            }
        }
    }

    #[test]
    fn every_bf16_widens_as_the_half_crate_says() {
        for bits in 0..=u16::MAX {
            let expected = half::bf16::from_bits(bits);
            if !expected.is_nan() {
                assert_eq!(Bf16Bits(bits).widen().to_bits(), expected.to_f32().to_bits());
            }
        }
    }
}
