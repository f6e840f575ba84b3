//! Numbers that look random, smooth steps, and waves as a coarse picture keeps them.

/// A number that looks random, of a cell.
pub(super) fn hashed(x: i32, y: i32, seed: u32) -> f32 {
    let mut h = (x as u32).wrapping_mul(0x9E37_79B1)
        ^ (y as u32).wrapping_mul(0x85EB_CA77)
        ^ seed.wrapping_mul(0xC2B2_AE3D);
    h = (h ^ (h >> 15)).wrapping_mul(0x2C1B_3C6D);
    h = (h ^ (h >> 12)).wrapping_mul(0x297A_2D39);
    ((h ^ (h >> 15)) >> 8) as f32 / (1 << 24) as f32
}

/// The whole number below. `f32::floor` is a call on processors without a rounding instruction,
/// and here it is called for every pixel.
pub(super) fn floor(x: f32) -> i32 {
    let cut = x as i32;
    cut - i32::from(x < cut as f32)
}

/// 0 below 0, 1 above 1, with level ends between.
pub(super) fn smooth(t: f32) -> f32 {
    let t = t.clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// The part of a wave's height that is left when its picture is averaged to `side` pixels.
///
/// A box filter leaves `sinc(cycles / side)`; what would come out as a false pattern, above half a
/// cycle a pixel, is taken out altogether.
pub(super) fn kept(cycles: f32, side: f32) -> f32 {
    let x = cycles / side;
    let phase = std::f32::consts::PI * x;
    let sinc = if x < 1e-3 { 1.0 } else { phase.sin() / phase };
    sinc * smooth((0.5 - x) / 0.15)
}

/// A wave of period 1 that is 1 in its first half and 0 in its second, averaged over `width`.
pub(super) fn bars(x: f32, width: f32) -> f32 {
    band(x, 0.5, width)
}

/// A wave of period 1 that is 1 for the first `duty` of it and 0 else, averaged over `width`.
pub(super) fn band(x: f32, duty: f32, width: f32) -> f32 {
    // The wave's integral from 0, of which the average over an interval is a difference.
    let integral = |x: f32| {
        let whole = floor(x) as f32;
        whole * duty + (x - whole).min(duty)
    };
    (integral(x + width / 2.0) - integral(x - width / 2.0)) / width
}
