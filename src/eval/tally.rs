//! Shares and their intervals.

/// Hits among tries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Tries.
    pub n: usize,
    /// Hits.
    pub hits: usize,
}

impl Tally {
    /// Counts one try.
    pub fn add(&mut self, hit: bool) {
        self.n += 1;
        self.hits += usize::from(hit);
    }

    /// The share of hits, 0..=1; 0 where nothing was tried.
    pub fn share(self) -> f64 {
        self.hits as f64 / self.n.max(1) as f64
    }
}

/// The 95 % interval of a share after Wilson, as `(low, high)` in 0..=1.
///
/// `(p + z^2 / 2n ± z sqrt(p (1 - p) / n + z^2 / 4n^2)) / (1 + z^2 / n)` with `z = 1.96`; all of
/// 0..=1 where nothing was tried.
pub fn wilson(tally: Tally) -> (f64, f64) {
    const Z: f64 = 1.959_963_984_540_054;
    if tally.n == 0 {
        return (0.0, 1.0);
    }
    let (n, p) = (tally.n as f64, tally.share());
    let middle = p + Z * Z / (2.0 * n);
    let spread = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + Z * Z / n;
    (((middle - spread) / scale).max(0.0), ((middle + spread) / scale).min(1.0))
}
