//! What a finding shows: its table, its maps before and after, and how two sides differ.

use std::sync::Arc;

use super::{
    derived::Maybe,
    findings::{Finding, Found},
    jobs::{ComparisonDrawing, Contrast, Drawn, MapDrawing, MapReport, OverlayStyle, sweep_figure},
    state::AppState,
    workspace::RunId,
};
use crate::{
    analysis::ranges,
    domain::{CaptionField, Colormap, Figure, Heatmap},
    export::OverlayPanel,
};

/// Maps of the left and the right side of a finding (of a knock-out: before and after), and where
/// both have one, right less left.
#[derive(Clone, Debug)]
pub struct FindingMaps {
    /// Left, or before.
    pub left: Arc<Maybe<Heatmap>>,
    /// Right, or after.
    pub right: Arc<Maybe<Heatmap>>,
    /// Right less left.
    pub difference: Arc<Maybe<Heatmap>>,
    /// The largest value of both sides: one scale for both, from 0.
    pub top: f64,
    /// The largest value of the difference, up or down.
    pub far: f64,
}

impl AppState {
    /// The finding about the chosen run that is looked at: the one that was chosen, else the last.
    pub fn shown_cause(&self) -> Option<(usize, &Found)> {
        let id = self.workspace.selection.run?;
        let chosen = self.causes_of(id).find(|(number, _)| Some(*number) == self.shown_cause);
        chosen.or_else(|| self.causes_of(id).next())
    }

    /// The comparison of the chosen run with the one beside it, with its number.
    pub fn shown_contrast(&self) -> Option<(usize, &Arc<Contrast>)> {
        let (left, right) = (self.workspace.selection.run?, self.workspace.beside?);
        let all = self.findings.iter().enumerate().rev();
        all.filter(|(_, found)| found.runs == [left, right]).find_map(|(number, found)| match found
            .finding
            .as_ref()
        {
            Finding::Contrast(contrast) => Some((number, contrast)),
            _ => None,
        })
    }

    /// The heat table of a sweep; none for other findings.
    pub fn sweep_table(&self, number: usize) -> Option<Arc<Maybe<Figure>>> {
        let Finding::Sweep(report) = self.findings.get(number)?.finding.as_ref() else {
            return None;
        };
        let make = || sweep_figure(report).map_err(|error| format!("{error:#}"));
        Some(self.derived.tables.get(number, make))
    }

    /// The maps of a knock-out or a comparison; none for a sweep.
    pub fn finding_maps(&self, number: usize) -> Option<Arc<FindingMaps>> {
        let (left, right) = match self.findings.get(number)?.finding.as_ref() {
            Finding::Knockout(report) => (&report.before.map, &report.after.map),
            Finding::Contrast(contrast) => {
                (&contrast.difference.map.left, &contrast.difference.map.right)
            }
            Finding::Sweep(_) => return None,
        };
        Some(self.derived.finding_maps.get(number, || FindingMaps::of(left, right)))
    }

    /// The table of the sweep, or the maps of the knock-out, that is looked at.
    pub(super) fn cause_drawing(&self) -> Result<Drawn, String> {
        let (number, found) = self.shown_cause().ok_or("knock something out first")?;
        if let Some(table) = self.sweep_table(number) {
            return table.as_ref().clone().map(|figure| Drawn::Figure(Arc::new(figure)));
        }
        let Finding::Knockout(report) = found.finding.as_ref() else {
            return Err("knock something out first".to_owned());
        };
        let maps = self.finding_maps(number).ok_or("knock something out first")?;
        let titles = [
            format!("before: {}", report.before.answer.trim()),
            format!("after: {}", report.after.answer.trim()),
        ];
        let layers = ranges(&report.layers);
        let facts = vec![
            CaptionField::new(
                "knocked out",
                format!("{} \u{2192} {}", report.rows.part, report.columns.part),
            ),
            CaptionField::new("in decoder layers", layers),
            CaptionField::new("change of log-probability", format!("{:+.4} nats", report.change)),
            CaptionField::new(
                "map",
                format!("{}, mass, mean over layers and heads", report.before.map.kind),
            ),
        ];
        let panels = [(&titles[0], &maps.left), (&titles[1], &maps.right)];
        self.two_maps(found.runs[0], &panels, facts, None)
    }

    /// How the maps of two sides differ.
    pub(super) fn contrast_drawing(&self) -> Result<Drawn, String> {
        let (number, contrast) = self.shown_contrast().ok_or("compare two runs in full first")?;
        let maps = self.finding_maps(number).ok_or("compare two runs in full first")?;
        let name = "right \u{2212} left".to_owned();
        let facts = vec![
            CaptionField::new("map", format!("{}, mass", contrast.difference.map.left.kind)),
            CaptionField::new("right", side(&contrast.sides.right)),
            CaptionField::new("left", side(&contrast.sides.left)),
            CaptionField::new("trust", contrast.trust_line.clone()),
        ];
        let id = self.workspace.selection.run.ok_or("ask a question first")?;
        self.two_maps(id, &[(&name, &maps.difference)], facts, Some(Colormap::Diverging))
    }

    /// Two runs compared in full, as one figure.
    pub(super) fn comparison_drawing(&self) -> Result<Drawn, String> {
        let (_, contrast) = self.shown_contrast().ok_or("compare two runs in full first")?;
        let answered = self.run().ok_or("ask a question first")?;
        Ok(Drawn::Comparison(ComparisonDrawing {
            picture: Arc::clone(&answered.picture),
            fit: answered.run.fit,
            contrast: Arc::clone(contrast),
        }))
    }

    fn two_maps(
        &self,
        id: RunId,
        panels: &[(&String, &Arc<Maybe<Heatmap>>)],
        facts: Vec<CaptionField>,
        colormap: Option<Colormap>,
    ) -> Result<Drawn, String> {
        let answered = self.run_of(id).ok_or("ask a question first")?;
        let view = &self.workspace.view;
        let mut shown = Vec::new();
        for (title, map) in panels {
            let map = map.as_ref().as_ref().map_err(Clone::clone)?;
            shown.push(OverlayPanel {
                title: (*title).clone(),
                note: None,
                map: Some(map.clone()),
            });
        }
        let mut caption = self.about(id);
        caption.extend(facts);
        Ok(Drawn::Map(Arc::new(MapDrawing {
            picture: Arc::clone(&answered.picture),
            fit: answered.run.fit,
            panels: shown,
            regions: None,
            value_label: "attention mass of a patch".to_owned(),
            style: OverlayStyle {
                colormap: colormap.unwrap_or(view.colormap),
                ..view.overlay_style()
            },
            caption,
            notes: Vec::new(),
        })))
    }
}

impl FindingMaps {
    fn of(left: &MapReport, right: &MapReport) -> Self {
        let map = |report: &MapReport| match report.by_construction {
            true => Err("closed by the mask: zero by construction".to_owned()),
            false => Ok(report.heatmap()),
        };
        let (left, right) = (map(left), map(right));
        let top = |map: &Maybe<Heatmap>| {
            map.as_ref().ok().and_then(Heatmap::range).map_or(0.0, |(_, high)| high)
        };
        let (top, difference) = (top(&left).max(top(&right)), difference(&left, &right));
        let far = difference
            .as_ref()
            .map_or(0.0, |map| map.values.iter().map(|value| value.abs()).fold(0.0, f64::max));
        Self {
            left: Arc::new(left),
            right: Arc::new(right),
            difference: Arc::new(difference),
            top,
            far,
        }
    }
}

fn difference(left: &Maybe<Heatmap>, right: &Maybe<Heatmap>) -> Maybe<Heatmap> {
    let (left, right) =
        (left.as_ref().map_err(Clone::clone)?, right.as_ref().map_err(Clone::clone)?);
    if left.patches != right.patches {
        return Err("the sides have other patches".to_owned());
    }
    let values = left.values.iter().zip(&right.values).map(|(left, right)| right - left).collect();
    let unplaced = right.unplaced - left.unplaced;
    Ok(Heatmap { unplaced, ..Heatmap::new(left.patches, values, left.kind, left.reading) })
}

fn side(side: &super::jobs::ContrastSide) -> String {
    format!("{}:{}, \u{201c}{}\u{201d}", side.model, side.attention, side.answer.trim())
}
