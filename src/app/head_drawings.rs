//! What is written of layers and heads, and of the mask.

use std::sync::Arc;

use super::{
    derived::Maybe,
    head_maps::HeadMaps,
    jobs::{Drawn, HeadMapsDrawing, MaskDrawing},
    state::AppState,
    workspace::{MapScale, RunId},
};
use crate::domain::{CaptionField, Figure, MatrixFigure, MatrixParts, Reading};

impl AppState {
    /// Whether the maps of all heads are not all made yet.
    pub(super) fn heads_grow(&self) -> bool {
        let subject = &self.workspace.selection.subject;
        let maps = self.workspace.selection.run.and_then(|id| self.head_maps(id, subject));
        maps.is_some_and(|maps| maps.as_ref().as_ref().is_ok_and(HeadMaps::is_growing))
    }

    /// The maps of all heads of what is chosen.
    fn whole_heads(&self, id: RunId) -> Result<Arc<Maybe<HeadMaps>>, String> {
        let subject = &self.workspace.selection.subject;
        let all = self.head_maps(id, subject).ok_or("choose a word or a token first")?;
        let maps = all.as_ref().as_ref().map_err(Clone::clone)?;
        if let Some(why) = maps.fault() {
            return Err(why.to_owned());
        }
        if !maps.is_whole() {
            let (made, all) = (maps.n_made(), maps.n_maps());
            return Err(format!("the maps of all heads are being made: {made} of {all}"));
        }
        Ok(all)
    }

    fn heads_caption(&self, id: RunId) -> Vec<CaptionField> {
        let kind = self.workspace.view.map_kind(&self.workspace.selection.subject);
        let mut caption = self.about(id);
        caption.push(CaptionField::new("map", format!("{kind}: {}", kind.meaning())));
        caption.push(CaptionField::new("of", self.subject_title(id)));
        caption
    }

    /// What each layer and head pays to the picture, as a matrix.
    pub(super) fn heads_drawing(&self, id: RunId) -> Result<Drawn, String> {
        let all = self.whole_heads(id)?;
        let maps = all.as_ref().as_ref().map_err(Clone::clone)?;
        let parts = MatrixParts {
            title: None,
            row_label: "decoder layer".to_owned(),
            column_label: "query head".to_owned(),
            rows: maps.layers.iter().map(|layer| format!("L{layer}")).collect(),
            columns: maps.heads.iter().map(|head| format!("H{head}")).collect(),
            values: maps.maps().map(|map| map.total.is_finite().then_some(map.total)).collect(),
            value_label: match maps.reading {
                Reading::Mass => "attention mass on the picture".to_owned(),
                reading => format!("largest {reading} of a patch"),
            },
            center: None,
            caption: self.heads_caption(id),
            notes: Vec::new(),
        };
        let matrix = MatrixFigure::new(parts).map_err(|error| error.to_string())?;
        Ok(Drawn::Figure(Arc::new(Figure::Matrix(matrix))))
    }

    /// The map of each layer and head, as they stand in the window.
    pub(super) fn head_maps_drawing(&self, id: RunId) -> Result<Drawn, String> {
        let maps = self.whole_heads(id)?;
        let reading = maps.as_ref().as_ref().map_err(Clone::clone)?.reading;
        let (view, projection) = (&self.workspace.view, self.workspace.view.projection);
        let mut caption = self.heads_caption(id);
        caption.push(CaptionField::new("back to patches", projection.to_string()));
        caption
            .push(CaptionField::new("colors", format!("{}: {reading} of a patch", view.colormap)));
        Ok(Drawn::HeadMaps(Arc::new(HeadMapsDrawing {
            maps,
            shared_scale: view.scale == MapScale::Shared,
            colormap: view.colormap,
            value_label: format!("{reading} of a patch"),
            caption,
        })))
    }

    /// The mask of a run as it was.
    pub(super) fn mask_drawing(&self, id: RunId) -> Result<Drawn, String> {
        let run = Arc::clone(self.run_of(id).ok_or("ask a question first")?);
        let notes = vec![format!("{}.", run.kinship().meaning())];
        Ok(Drawn::Mask(Arc::new(MaskDrawing { run, caption: self.about(id), notes })))
    }
}
