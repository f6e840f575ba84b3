//! What panels list in numbers, as tables that can be written.

use std::sync::Arc;

use super::{
    jobs::{Drawn, Incoming},
    state::AppState,
    workspace::RunId,
};
use crate::{
    analysis::RegionWeight,
    domain::{ResultTable, Segment, TableCell, TableRow},
};

/// Digits after the point where people read them; CSV has all.
const DIGITS: usize = 4;

fn value(value: f64) -> TableCell {
    TableCell::Value { value, interval: None, digits: DIGITS }
}

fn known(number: Option<f64>) -> TableCell {
    number.map_or(TableCell::Nothing, value)
}

fn named(columns: &[&str]) -> Vec<String> {
    columns.iter().map(|name| (*name).to_owned()).collect()
}

impl AppState {
    /// Where each latent of a run comes from, and what it holds of the chosen map.
    pub(super) fn latents_table(&self, id: RunId) -> Result<Drawn, String> {
        let places = self.latent_places(id).ok_or("ask a question first")?;
        let places = places.as_ref().as_ref().map_err(Clone::clone)?;
        let parts = self.latent_parts(id, &self.workspace.selection.subject);
        let parts = parts.as_ref().and_then(|parts| parts.as_ref().as_ref().ok());
        let row = |(latent, place): (usize, &super::jobs::LatentPlace)| TableRow {
            name: latent.to_string(),
            cells: vec![
                value(place.placed),
                value(place.entropy),
                value(place.effective_area),
                known(parts.and_then(|parts| parts.get(latent).copied())),
            ],
        };
        self.table(
            id,
            "Latents of the resampler",
            ("latent", &["placed", "entropy", "effective area", "in map"]),
            places.iter().enumerate().map(row).collect(),
            vec![
                format!(
                    "placed: the part of a latent that comes from patches, carried back {}; the rest \
                     stays on latents. entropy: of the placed part over the patches, in nats. effective \
                     area: exp(entropy) over the number of patches; 1 is flat, and says nothing of places.",
                    self.workspace.view.projection
                ),
                format!(
                    "in map: the part of the map of {} that a latent holds before it is carried back.",
                    self.subject_title(id)
                ),
            ],
        )
    }

    /// What the recorded rows of a run pay to each position, and which are sinks.
    pub(super) fn sinks_table(&self, id: RunId) -> Result<Drawn, String> {
        let all = self.incoming(id).ok_or("ask a question first")?;
        let all = all.as_ref().as_ref().map_err(Clone::clone)?;
        let sinks = self.sinks(id).ok_or("ask a question first")?;
        let sinks = sinks.as_ref().as_ref().map_err(Clone::clone)?;
        let mut sorted: Vec<&Incoming> = all.iter().collect();
        sorted.sort_by(|a, b| b.lift.total_cmp(&a.lift));
        let row = |key: &Incoming| TableRow {
            name: self.place_name(id, key),
            cells: vec![
                TableCell::Count(key.position),
                value(key.mass),
                value(key.lift),
                TableCell::Count(usize::from(sinks.contains(key.position))),
                TableCell::Count(key.rows),
            ],
        };
        self.table(
            id,
            "What draws attention whatever is asked",
            ("place", &["position", "mass", "times uniform", "is a sink", "rows"]),
            sorted.into_iter().map(row).collect(),
            vec![format!(
                "mass: mean weight that the recorded rows which may see a position pay it, over all \
                 layers and heads; times uniform: that, over what uniform attention under the same mask \
                 would pay. A sink gets at least {} times uniform.",
                sinks.rule.times_uniform
            )],
        )
    }

    /// What each region gets of the chosen map.
    pub(super) fn regions_table(&self, id: RunId) -> Result<Drawn, String> {
        let regions = self.regions.as_ref().ok_or("there are no regions")?;
        let weights = self.region_weights(id, &self.workspace.selection.subject);
        let weights = weights.ok_or("choose a word, a token of the answer or a latent first")?;
        let weights = weights.as_ref().as_ref().map_err(Clone::clone)?;
        let size = regions.set.image();
        let pixels = f64::from(size.width) * f64::from(size.height);
        let regions_and_weights = regions.set.regions().iter().zip(weights);
        let rows = regions_and_weights.map(|(region, weight)| TableRow {
            name: region.name(),
            cells: vec![
                value(f64::from(region.mask.area()) / pixels),
                value(weight.covers),
                known(weight.mass),
                known(weight.density),
                known(weight.lift),
            ],
        });
        let kind = self.workspace.view.map_kind(&self.workspace.selection.subject);
        self.table(
            id,
            &format!("Regions under the map of {}, {kind}", self.subject_title(id)),
            ("region", &["area", "covers", "mass", "density", "lift"]),
            rows.collect(),
            vec![
                format!(
                    "area: part of the picture's pixels; covers: part of its patches. {}. Where regions \
                     overlap: {}.",
                    RegionWeight::meaning(kind),
                    regions.overlaps
                ),
                format!("from {} ({})", regions.set.source(), regions.set.format()),
            ],
        )
    }

    fn table(
        &self,
        id: RunId,
        title: &str,
        (corner, columns): (&str, &[&str]),
        rows: Vec<TableRow>,
        mut notes: Vec<String>,
    ) -> Result<Drawn, String> {
        if rows.is_empty() {
            return Err("there is nothing to list".to_owned());
        }
        let about = self.about(id);
        let about = about.iter().map(|field| format!("{}: {}", field.name, field.value));
        notes.push(about.collect::<Vec<_>>().join(" · "));
        Ok(Drawn::Table(Arc::new(ResultTable {
            title: title.to_owned(),
            corner: corner.to_owned(),
            columns: named(columns),
            rows,
            notes,
        })))
    }

    /// A position as a person reads it.
    fn place_name(&self, id: RunId, key: &Incoming) -> String {
        let Some(answered) = self.run_of(id) else { return key.position.to_string() };
        let prompt = &answered.run.prompt;
        if key.is_latent {
            return format!("latent {}", key.position - prompt.layout.image().start);
        }
        let Some(token) = prompt.tokens.get(key.position) else { return key.position.to_string() };
        let text = token.text.replace('\u{2581}', " ").escape_debug().to_string();
        match token.segment {
            Segment::Question => format!("“{}”", text.trim()),
            segment => format!("“{}”, {}", text.trim(), segment.title()),
        }
    }
}
