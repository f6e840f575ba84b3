//! The picture with the map of what is chosen, as it can be written: of the colors that the window has.

use std::sync::Arc;

use super::{
    jobs::{Answered, MapDrawing, OverlayStyle},
    picture::Picture,
    state::AppState,
    workspace::{RunId, Subject, Texels, ViewChoice},
};
use crate::{
    analysis::ranges,
    domain::{CaptionField, Heatmap, RegionSet, ValueScale},
    export::OverlayPanel,
};

impl ViewChoice {
    /// How maps look on paper: as in the window, on a scale from 0.
    pub(super) fn overlay_style(&self) -> OverlayStyle {
        OverlayStyle {
            colormap: self.colormap,
            opacity: f64::from(self.opacity),
            smooth: self.texels == Texels::Smooth,
            fades: true,
            ..OverlayStyle::default()
        }
    }
}

impl AppState {
    /// What the map is of, in words.
    pub(super) fn subject_title(&self, id: RunId) -> String {
        self.title_of(id, &self.workspace.selection.subject)
    }

    /// What a subject is in a run, in words.
    pub(super) fn title_of(&self, id: RunId, subject: &Subject) -> String {
        let Some(answered) = self.run_of(id) else { return String::new() };
        let quoted = |texts: Vec<&str>| format!("\u{201c}{}\u{201d}", texts.join(" "));
        match subject {
            Subject::Nothing => "nothing".to_owned(),
            Subject::Words(words) => {
                let text = |i: &usize| Some(answered.words.words.get(*i)?.text.as_str());
                quoted(words.iter().filter_map(text).collect())
            }
            Subject::Answer(tokens) => {
                let text = |i: &usize| Some(answered.token_texts.get(*i)?.trim());
                quoted(tokens.iter().filter_map(text).collect())
            }
            Subject::Latents(latents) => {
                let chosen: Vec<usize> = latents.iter().copied().collect();
                format!("latents {}", ranges(&chosen))
            }
        }
    }

    /// The picture with the map of what is chosen; where a run stands beside it, both on one scale.
    pub(super) fn map_drawing(&self, id: RunId) -> Result<MapDrawing, String> {
        let answered = self.run_of(id).ok_or("ask a question first")?;
        let subject = &self.workspace.selection.subject;
        let none = "choose a word or a token of the answer first: a map is of something";
        let map = self.heatmap(id, subject).ok_or(none)?.as_ref().clone()?;
        let title = self.title_of(id, subject);
        let mut panels = vec![panel((&title, &map), answered, None)];
        let mut scale = self.whole_map_scale(id, subject, &map);
        let mut caption = self.about(id);
        let mut notes = map.notes.clone();
        let beside = self.workspace.beside.and_then(|beside| Some((beside, self.run_of(beside)?)));
        if let Some((beside, other)) = beside {
            match self.panel_beside([id, beside], answered) {
                Ok((its, of_both)) => {
                    panels.push(its);
                    scale = of_both;
                    caption.push(CaptionField::new("right", about_right(other)));
                }
                Err(why) => notes.push(format!("The run beside this one is not drawn: {why}.")),
            }
        }
        let is_new = |field: &&CaptionField| caption.iter().all(|known| known.name != field.name);
        let of_map: Vec<CaptionField> = map.caption.iter().filter(is_new).cloned().collect();
        caption.extend(of_map);
        if let Some(pointing) = self.pointing_of(id, subject) {
            caption.push(CaptionField::new("pointing", pointing.sentence(map.kind)));
        }
        let (low, high) = scale;
        let scale = Some(ValueScale { low, high });
        let style = OverlayStyle { scale, ..self.workspace.view.overlay_style() };
        caption.push(CaptionField::new("colors", style.covering()));
        Ok(MapDrawing {
            picture: Arc::clone(&answered.picture),
            fit: answered.run.fit,
            panels,
            regions: self.shown_regions(&answered.picture),
            value_label: format!("{} of a patch", map.reading),
            style,
            caption,
            notes,
        })
    }

    /// The map of the run beside, of its own word for what is chosen, and the scale of both maps.
    fn panel_beside(
        &self,
        ids: [RunId; 2],
        left: &Answered,
    ) -> Result<(OverlayPanel, (f64, f64)), String> {
        let right = self.run_of(ids[1]).ok_or("it is gone")?;
        if !self.is_of_one_picture(ids) {
            return Err("it is of another picture".to_owned());
        }
        let compared = self.compared(ids, &self.workspace.selection.subject);
        let [_, map] = &compared.maps;
        let map = map.as_ref().ok_or("it has no map")?.as_ref().as_ref().map_err(Clone::clone)?;
        let question = Some(&right.run.question).filter(|its| **its != left.run.question);
        let panel = panel((&compared.titles[1], map), right, question.map(String::as_str));
        Ok((panel, compared.scale))
    }

    /// The regions that are drawn over a picture: those of the very picture.
    fn shown_regions(&self, picture: &Picture) -> Option<Arc<RegionSet>> {
        let regions = self.regions_of(picture).filter(|_| self.workspace.view.has_regions)?;
        let all = regions.set.regions().iter().enumerate();
        let shown = all.filter(|(i, _)| !regions.hidden.contains(i)).map(|(_, r)| r.clone());
        Some(Arc::new(regions.set.with_regions(shown.collect())))
    }
}

fn panel(
    (subject, map): (&str, &Heatmap),
    answered: &Answered,
    question: Option<&str>,
) -> OverlayPanel {
    let asked = question.map(|question| format!("in \u{201c}{question}\u{201d} \u{b7} "));
    OverlayPanel {
        title: format!("{subject} {}, {}", map.kind, answered.run.mode),
        note: Some(format!("{}{}", asked.unwrap_or_default(), unplaced(map))),
        map: Some(map.clone()),
    }
}

fn about_right(answered: &Answered) -> String {
    let run = &answered.run;
    format!(
        "{}, {}: \u{201c}{}\u{201d} \u{2192} \u{201c}{}\u{201d}",
        answered.model,
        run.mode,
        run.question,
        run.answer.trim()
    )
}

fn unplaced(map: &Heatmap) -> String {
    if map.by_construction {
        return "closed by the mask: zero by construction".to_owned();
    }
    format!("unplaced: {:.3}", map.unplaced)
}
