//! What latents were made from: the resampler's part of every map, by itself.

use crate::domain::{CaptionField, Heatmap, MapKind, Reading};

use super::{
    AnalysisError, Projector,
    block::ascending,
    bucket_figure::ranges,
    map_caption::{percent, projection_field},
};

impl Projector {
    /// The parts of some latents that come from each patch, averaged over them. Values and unplaced
    /// sum to 1.
    ///
    /// # Errors
    /// [`AnalysisError::Nothing`]; [`AnalysisError::NoSuchLatent`].
    pub fn made_from(&self, latents: &[usize]) -> Result<Heatmap, AnalysisError> {
        let latents = ascending(latents);
        if latents.is_empty() {
            return Err(AnalysisError::Nothing { what: "latent" });
        }
        let n_latents = self.n_latents();
        if let Some(&latent) = latents.iter().find(|latent| **latent >= n_latents) {
            return Err(AnalysisError::NoSuchLatent { latent, n_latents });
        }
        let mut on_latents = vec![0.0; n_latents];
        for latent in &latents {
            on_latents[*latent] = 1.0 / latents.len() as f64;
        }
        let placed = self.place(&on_latents);
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
}
