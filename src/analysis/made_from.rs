//! What latents were made from: the resampler's part of every map, by itself.

use crate::domain::{CaptionField, Heatmap, MapKind, Reading};

use super::{
    AnalysisError, Projector,
    block::ascending,
    bucket_figure::ranges,
    map_caption::{percent, projection_field},
    maps::OnLatents,
};

impl Projector {
    /// The parts of some latents that come from each patch, averaged over them. Values and unplaced
    /// sum to 1.
    ///
    /// # Errors
    /// [`AnalysisError::Nothing`]; [`AnalysisError::NoSuchLatent`].
    pub fn made_from(&self, latents: &[usize]) -> Result<Heatmap, AnalysisError> {
        let placed = self.place(&self.of_latents(latents)?.held);
        let latents = ascending(latents);
        let kind = MapKind::MadeFrom;
        let mut map = Heatmap::new(self.patches(), placed.mass, kind, Reading::Share);
        map.unplaced = placed.unplaced;
        map.caption = vec![
            CaptionField::new("map", format!("{kind}: {}", kind.meaning())),
            CaptionField::new("latents", format!("{} (mean)", ranges(&latents))),
            CaptionField::new("reading", "share (the part of a latent that comes from each patch)"),
            projection_field(self),
            CaptionField::new(
                "unplaced",
                format!("{} stays on latents, without place", percent(placed.unplaced)),
            ),
        ];
        Ok(map)
    }

    /// 1, split among some latents; what is expected is 1, split among all.
    pub(super) fn of_latents(&self, latents: &[usize]) -> Result<OnLatents, AnalysisError> {
        let latents = ascending(latents);
        if latents.is_empty() {
            return Err(AnalysisError::Nothing { what: "latent" });
        }
        let n_latents = self.n_latents();
        if let Some(&latent) = latents.iter().find(|latent| **latent >= n_latents) {
            return Err(AnalysisError::NoSuchLatent { latent, n_latents });
        }
        let mut held = vec![0.0; n_latents];
        for latent in &latents {
            held[*latent] = 1.0 / latents.len() as f64;
        }
        let expected = vec![1.0 / n_latents as f64; n_latents];
        let n_rows = latents.len();
        Ok(OnLatents { held, expected, excluded: 0.0, n_open: n_rows, n_rows })
    }
}
