//! Means that forget, for a loss that is watched while it falls.

/// Loss and share of right answers, of which each step counts 2 %.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct RunningMean {
    n: usize,
    pub(super) loss: f64,
    pub(super) accuracy: f64,
}

impl RunningMean {
    pub(super) fn add(&mut self, loss: f64, accuracy: f64) {
        self.n += 1;
        let weight = (1.0 / self.n as f64).max(0.02);
        self.loss += weight * (loss - self.loss);
        self.accuracy += weight * (accuracy - self.accuracy);
    }

    /// For a file that keeps whole numbers, bit for bit.
    pub(super) fn to_words(self) -> [i64; 3] {
        [self.n as i64, self.loss.to_bits().cast_signed(), self.accuracy.to_bits().cast_signed()]
    }

    /// What [`Self::to_words`] wrote.
    pub(super) fn from_words([n, loss, accuracy]: [i64; 3]) -> Self {
        let value = |word: i64| f64::from_bits(word.cast_unsigned());
        Self { n: n as usize, loss: value(loss), accuracy: value(accuracy) }
    }
}
