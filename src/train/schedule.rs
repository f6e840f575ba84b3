//! Learning rates over a training.

use super::config::{Decay, StageConfig};

impl StageConfig {
    /// The learning rate of a step, counted from 0.
    ///
    /// Rises in a line over `warmup_steps`, stays, and from `decay_from * steps` on falls to
    /// `min_learning_rate` at the end: by `(1 + cos(pi t)) / 2` or `1 - t`, where `t` runs from 0 to 1.
    pub fn learning_rate_at(&self, step: usize) -> f64 {
        let warmup = match self.warmup_steps {
            0 => 1.0,
            n => ((step + 1) as f64 / n as f64).min(1.0),
        };
        let start = self.decay_from * self.steps as f64;
        let t = ((step as f64 - start) / (self.steps as f64 - start).max(1.0)).clamp(0.0, 1.0);
        let decay = match self.decay {
            Decay::Cosine => f64::midpoint(1.0, (std::f64::consts::PI * t).cos()),
            Decay::Linear => 1.0 - t,
        };
        let above = self.learning_rate - self.min_learning_rate;
        warmup * (self.min_learning_rate + above * decay)
    }
}
