//! A run's maps over its picture, and its regions by words, as figures.

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};

use super::{
    map_choice::{MapChoice, MapOf, MapTarget, MapTexts},
    region_table::RegionTable,
    regions::RegionSource,
};
use crate::{
    analysis::{
        Entities, EntityReading, MapRequest, Projection, Projector, SinkPolicy, SinkRule, Words,
        entity_map, find_sinks, measured_pointing,
    },
    domain::{
        CaptionField, Choice, Coverage, Figure, Heatmap, MapKind, PointingRates, Reading, Region,
        RegionSet, Run,
    },
    export::{
        OverlayFigure, OverlayPanel, OverlayStyle, PaperSize, check_format, check_overlay_format,
        write_figure, write_overlay,
    },
    regions::{Imported, small_regions},
    vision::DecodedImage,
};

/// Which maps are made of a run, and what is drawn of them.
#[derive(Clone, Debug, Default)]
pub struct Maps {
    /// Which; several stand beside each other. Without any, as [`MapTexts::find`] says.
    pub maps: Vec<MapChoice>,
    /// Of which words or tokens; several stand beside each other.
    pub of: Vec<MapOf>,
    /// How latents are carried back to patches.
    pub projection: Projection,
    /// The rule by which sinks are left out, if they are.
    pub without_sinks: Option<SinkRule>,
    /// How maps look.
    pub style: OverlayStyle,
    /// Where the maps go, if anywhere: PNG, SVG or CSV by the name's ending.
    pub heatmap: Option<PathBuf>,
    /// Whether regions are counted only, and not outlined.
    pub without_outlines: bool,
    /// The regions that are outlined and counted.
    pub regions: RegionSource,
    /// Where the matrix of regions by words goes, if anywhere: SVG, PNG, CSV or JSON.
    pub matrix: Option<PathBuf>,
    /// What its cells say.
    pub matrix_reading: EntityReading,
}

/// What is read of attention, as for every other figure of the run.
#[derive(Clone, Copy, Debug)]
pub struct Reads<'a> {
    /// Decoder layers.
    pub layers: &'a Choice,
    /// Query heads.
    pub heads: &'a Choice,
    /// How it is read.
    pub reading: Reading,
}

impl Maps {
    /// Refuses what cannot be written or does not go together, before a model is loaded for it.
    pub(super) fn check(&self) -> Result<()> {
        self.heatmap.as_deref().map_or(Ok(()), check_overlay_format).context("--heatmap")?;
        self.matrix.as_deref().map_or(Ok(()), check_format).context("--matrix")?;
        if self.matrix.is_some() && !self.regions.is_some() {
            bail!("--matrix has regions as rows: give --regions FILE|DIR or --box X,Y,W,H");
        }
        Ok(())
    }

    /// Makes what was asked for: figures into files, and the table of regions.
    ///
    /// # Errors
    /// A word that there is not, attention that was not recorded, a file that cannot be written.
    pub(super) fn make(
        &self,
        texts: MapTexts<'_>,
        reads: Reads<'_>,
        picture: &DecodedImage,
        (model, imported): (&str, Option<&Imported>),
        pointing: Option<&PointingRates>,
    ) -> Result<Option<RegionTable>> {
        if self.heatmap.is_none() && imported.is_none() {
            return Ok(None);
        }
        let projector = Projector::new(texts.run, self.projection)?;
        let shown = self.shown(&projector, texts, reads, pointing)?;
        let about = about(model, texts.run);
        let outlined = imported.filter(|_| !self.without_outlines).map(|imported| &imported.set);
        if let Some(path) = &self.heatmap {
            let figure = self.figure(texts.run, &shown, picture, (outlined, about.clone()));
            write_overlay(&figure, path).context("--heatmap")?;
        }
        let Some(imported) = imported else { return Ok(None) };
        let coverage = Coverage::of(
            imported.set.regions().iter().map(|r| &r.mask),
            texts.run.patches,
            &texts.run.fit,
        );
        let Some(first) = shown.first() else { return Ok(None) };
        let by_region = projector.latents_by_region(&coverage)?;
        let matrix = |reading| {
            let kind = match first.target.kind {
                MapKind::ReadBy => MapKind::ReadBy,
                _ => MapKind::LooksAt,
            };
            let request = MapRequest { kind, ..first.request.clone() };
            let names: Vec<String> = imported.set.regions().iter().map(Region::name).collect();
            let entities = Entities { names: &names, by_region: &by_region };
            let words = Words { words: &texts.words.words, alignment: &texts.words.alignment };
            let asked = (&request, reading);
            entity_map(&projector, texts.run, entities, words, asked, about.clone())
                .map(|made| made.figure)
        };
        if let Some(path) = &self.matrix {
            let figure = Figure::Matrix(matrix(self.matrix_reading)?);
            write_figure(&figure, path, PaperSize::FULL_WIDTH).context("--matrix")?;
        }
        let small = small_regions(&imported.set, texts.run.patches, &texts.run.fit);
        let weights = projector.regions(texts.run, &first.request, &by_region)?;
        let [mass, density, lift] = EntityReading::ALL.map(matrix);
        let matrices = [mass?, density?, lift?];
        Ok(Some(RegionTable::new(imported, &first.target, &weights, &matrices, small)))
    }

    /// Every map of every word, in that order.
    fn shown(
        &self,
        projector: &Projector,
        texts: MapTexts<'_>,
        reads: Reads<'_>,
        pointing: Option<&PointingRates>,
    ) -> Result<Vec<Shown>> {
        let maps: Vec<Option<MapKind>> = match &self.maps[..] {
            [] => vec![None],
            maps => maps.iter().map(|map| Some(map.0)).collect(),
        };
        let of: Vec<Option<&MapOf>> = match &self.of[..] {
            [] => vec![None],
            of => of.iter().map(Some).collect(),
        };
        let sinks = match self.without_sinks {
            Some(rule) => SinkPolicy::Exclude(find_sinks(texts.run, rule)?),
            None => SinkPolicy::Keep,
        };
        let mut shown = Vec::new();
        for (map, of) in maps.iter().flat_map(|map| of.iter().map(move |of| (*map, *of))) {
            let target = texts.find(map, of)?;
            let request = MapRequest {
                layers: reads.layers.clone(),
                heads: reads.heads.clone(),
                reading: reads.reading,
                sinks: sinks.clone(),
                ..MapRequest::new(target.kind, target.positions.clone())
            };
            let mut map = projector.map(texts.run, &request)?;
            let words = Words { words: &texts.words.words, alignment: &texts.words.alignment };
            let measured = pointing
                .filter(|_| !map.by_construction)
                .and_then(|rates| measured_pointing(rates, &request, self.projection, words));
            if let Some(measured) = measured {
                let value = measured.sentence(target.kind);
                map.caption.push(CaptionField::new("pointing", value));
            }
            shown.push(Shown { target, request, map });
        }
        Ok(shown)
    }

    fn figure<'a>(
        &self,
        run: &Run,
        shown: &[Shown],
        picture: &'a DecodedImage,
        (regions, mut caption): (Option<&'a RegionSet>, Vec<CaptionField>),
    ) -> OverlayFigure<'a> {
        // What holds for all panels is said once, below all of them.
        let is_common = |field: &CaptionField| shown.iter().all(|s| s.map.caption.contains(field));
        let panels = shown.iter().map(|shown| {
            let own = shown.map.caption.iter().filter(|field| !is_common(field));
            let own: Vec<String> = own.map(|f| format!("{}: {}", f.name, f.value)).collect();
            OverlayPanel {
                title: shown.target.title(),
                note: (!own.is_empty()).then(|| own.join("\u{a0}\u{b7} ")),
                map: Some(shown.map.clone()),
            }
        });
        let panels: Vec<OverlayPanel> = panels.collect();
        let mut notes: Vec<String> = Vec::new();
        for note in shown.iter().flat_map(|shown| &shown.map.notes) {
            if !notes.contains(note) {
                notes.push(note.clone());
            }
        }
        let fields = shown.first().map(|shown| &shown.map.caption[..]).unwrap_or_default();
        caption.extend(fields.iter().filter(|field| is_common(field)).cloned());
        caption.push(CaptionField::new("colors", self.style.covering()));
        OverlayFigure {
            rgb: &picture.rgb,
            fit: run.fit,
            panels,
            regions,
            value_label: shown.first().map_or(String::new(), |s| value_label(&s.map)),
            style: self.style,
            caption,
            notes,
        }
    }
}

/// A map that is shown, and of what.
struct Shown {
    target: MapTarget,
    request: MapRequest,
    map: Heatmap,
}

fn about(model: &str, run: &Run) -> Vec<CaptionField> {
    vec![
        CaptionField::new("model", model.to_owned()),
        CaptionField::new("question", run.question.clone()),
        CaptionField::new("answer", run.answer.trim().to_owned()),
    ]
}

/// What a color's number is.
fn value_label(map: &Heatmap) -> String {
    match (map.reading, map.kind) {
        (_, MapKind::MadeFrom) => "part of the latents that comes from a patch",
        (Reading::Mass, _) => "attention mass of a patch",
        (Reading::Share, MapKind::ReadBy) => "share of the attention to the question, by patch",
        (Reading::Share, _) => "share of the attention to the picture, by patch",
        (Reading::Lift, _) => "lift of a patch over uniform attention (1 says nothing)",
    }
    .to_owned()
}
