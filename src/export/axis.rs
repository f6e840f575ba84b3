//! The axis of values: round numbers from zero up, and how they are written.

/// Round numbers that span values, and their common power of ten.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Axis {
    /// Ascending; the first is at most, the last at least, every value. Zero is one of them.
    pub ticks: Vec<f64>,
    /// What ticks are written in multiples of, as a power of ten; 0 for plain numbers.
    pub exponent: i32,
    decimals: usize,
}

impl Axis {
    /// An axis over zero and all `values`, with about `n_steps` steps of 1, 2, 2.5 or 5 times a
    /// power of ten. Without any value but zero it runs to 1.
    pub(super) fn over(values: impl IntoIterator<Item = f64>, n_steps: usize) -> Self {
        let (mut low, mut high) = (0.0_f64, 0.0_f64);
        for value in values {
            low = low.min(value);
            high = high.max(value);
        }
        if low == high {
            high = 1.0;
        }
        let Step { step, power, factor } = Step::of(low, high, n_steps);
        let first = (low / step + 1e-9).floor() as i64;
        let last = (high / step - 1e-9).ceil() as i64;
        let ticks: Vec<f64> = (first..=last).map(|i| i as f64 * step).collect();
        let exponent = exponent(&ticks);
        // 2.5 is the only factor with a digit behind its first.
        let digits = if factor == Some(2.5) { power - 1 } else { step.log10().floor() as i32 };
        let decimals = (exponent - digits).max(0) as usize;
        Self { ticks, exponent, decimals }
    }

    /// An axis from one number to a larger one, both of them ticks, with round numbers between them
    /// where they keep their distance from the ends.
    pub(super) fn between(low: f64, high: f64, n_steps: usize) -> Self {
        let Step { step, .. } = Step::of(low, high, n_steps);
        let first = (low / step + 0.6).ceil() as i64;
        let last = (high / step - 0.6).floor() as i64;
        let round = (first..=last).map(|i| i as f64 * step);
        let ticks: Vec<f64> = [low].into_iter().chain(round).chain([high]).collect();
        let exponent = exponent(&ticks);
        // As fine as a person can tell colors apart: a hundredth of the scale or less.
        let digits = (high / 2.0 - low / 2.0).log10().floor() as i32 - 2;
        let decimals = (exponent - digits).max(0) as usize;
        Self { ticks, exponent, decimals }
    }

    /// How a tick is written.
    pub(super) fn text(&self, tick: f64) -> String {
        if tick == 0.0 {
            return "0".to_owned();
        }
        let (value, decimals) = (tick / 10.0_f64.powi(self.exponent), self.decimals);
        format!("{value:.decimals$}").replace('-', "\u{2212}")
    }

    /// What ticks are multiples of, to stand beside the axis's name: ` (× 10⁻⁶)`.
    pub(super) fn unit(&self) -> String {
        if self.exponent == 0 {
            return String::new();
        }
        let raised = self.exponent.to_string();
        let raised: String = raised.chars().map(superscript).collect();
        format!(" (× 10{raised})")
    }

    /// Where a value lies, from 0 at the first tick to 1 at the last.
    pub(super) fn part(&self, value: f64) -> f64 {
        let first = self.ticks.first().copied().unwrap_or(0.0);
        let last = self.ticks.last().copied().unwrap_or(1.0);
        (value / 2.0 - first / 2.0) / (last / 2.0 - first / 2.0)
    }
}

/// The distance of ticks: `factor` times ten to the `power`.
struct Step {
    step: f64,
    power: i32,
    /// `None` for the next power of ten.
    factor: Option<f64>,
}

impl Step {
    fn of(low: f64, high: f64, n_steps: usize) -> Self {
        // Halves keep the span of the largest numbers finite.
        let raw = (high / 2.0 - low / 2.0) / n_steps as f64 * 2.0;
        let power = raw.log10().floor() as i32;
        // The smallest numbers have no power of ten of their own.
        let ten = 10.0_f64.powi(power).max(f64::MIN_POSITIVE);
        let factor = [1.0, 2.0, 2.5, 5.0].into_iter().find(|f| f * ten >= raw * (1.0 - 1e-9));
        Self { step: factor.unwrap_or(10.0) * ten, power, factor }
    }
}

/// The power of ten in multiples of which ticks are written: none for numbers that can be read plainly.
fn exponent(ticks: &[f64]) -> i32 {
    let largest = ticks.iter().fold(0.0_f64, |most, tick| most.max(tick.abs()));
    let magnitude = largest.log10().floor() as i32;
    if (-2..5).contains(&magnitude) { 0 } else { magnitude }
}

fn superscript(c: char) -> char {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    c.to_digit(10).map_or('⁻', |digit| DIGITS[digit as usize])
}
