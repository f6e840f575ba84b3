//! What is shown, as a value that can be written: a figure, or maps over their picture.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context as _, Result, bail};

use super::{answer::Answered, contrast::ComparisonDrawing};
use crate::{
    app::{head_maps::HeadMaps, picture::Picture},
    domain::{
        CaptionField, Colormap, Figure, ImageFit, Meter, OnProgress, RegionSet, ResultTable, go_on,
    },
    export::{
        HeadMapsFigure, MaskFigure, OverlayFigure, OverlayPanel, OverlayStyle, PaperSize,
        check_folder, head_maps_csv, head_maps_json, head_maps_png, head_maps_svg, mask_csv,
        mask_json, mask_png, mask_svg, regions_coco, table_csv, table_latex, table_markdown,
        write_figure_while, write_overlay_while, write_whole,
    },
};

/// Maps over their picture, with everything that a figure of them needs.
#[derive(Clone, Debug)]
pub struct MapDrawing {
    /// The picture as shown.
    pub picture: Arc<Picture>,
    /// How it was brought to the model's square.
    pub fit: ImageFit,
    /// The maps, from left to right.
    pub panels: Vec<OverlayPanel>,
    /// Outlines over every panel.
    pub regions: Option<Arc<RegionSet>>,
    /// What a color's number is.
    pub value_label: String,
    /// How it looks.
    pub style: OverlayStyle,
    /// Everything a reader must know to repeat the figure.
    pub caption: Vec<CaptionField>,
    /// Warnings that belong to the figure wherever it goes.
    pub notes: Vec<String>,
}

/// The map of every layer and head, and how they look.
#[derive(Clone, Debug)]
pub struct HeadMapsDrawing {
    /// The maps, all of them made.
    pub maps: Arc<Result<HeadMaps, String>>,
    /// Whether colors mean the same in all of them.
    pub shared_scale: bool,
    /// The colors.
    pub colormap: Colormap,
    /// What a value is.
    pub value_label: String,
    /// Everything a reader must know to repeat the figure.
    pub caption: Vec<CaptionField>,
}

/// The mask of a run.
#[derive(Clone, Debug)]
pub struct MaskDrawing {
    /// The run.
    pub run: Arc<Answered>,
    /// Everything a reader must know to repeat the figure.
    pub caption: Vec<CaptionField>,
    /// Whether its model was trained for it.
    pub notes: Vec<String>,
}

/// Something shown that can be written.
#[derive(Clone, Debug)]
pub enum Drawn {
    /// Bars, curves or a matrix.
    Figure(Arc<Figure>),
    /// Maps over a picture.
    Map(Arc<MapDrawing>),
    /// Two runs compared in full.
    Comparison(ComparisonDrawing),
    /// The map of every layer and head.
    HeadMaps(Arc<HeadMapsDrawing>),
    /// The mask of a run.
    Mask(Arc<MaskDrawing>),
    /// A list of numbers.
    Table(Arc<ResultTable>),
    /// The masks of regions, and the name of their picture.
    Regions(Arc<RegionSet>, String),
}

/// What to write, and where.
#[derive(Clone, Debug)]
pub struct ExportRequest {
    /// What.
    pub drawn: Drawn,
    /// The file; its ending names the format.
    pub path: PathBuf,
    /// Whether a file of that name may be replaced.
    pub replaces: bool,
}

impl Drawn {
    /// The endings of the formats that it can be written in, the best for a paper first.
    pub fn formats(&self) -> &'static [&'static str] {
        match self {
            Self::Figure(_) | Self::Mask(_) | Self::Comparison(_) => &["svg", "png", "csv", "json"],
            Self::Map(_) | Self::HeadMaps(_) => &["png", "svg", "csv", "json"],
            Self::Table(_) => &["csv", "md", "tex"],
            Self::Regions(..) => &["json"],
        }
    }

    /// What is written beneath it.
    pub fn caption(&self) -> &[CaptionField] {
        match self {
            Self::Figure(figure) => match figure.as_ref() {
                Figure::Bars(bars) => &bars.parts().caption,
                Figure::Curves(curves) => &curves.parts().caption,
                Figure::Matrix(matrix) => &matrix.parts().caption,
            },
            Self::Map(map) => &map.caption,
            Self::HeadMaps(maps) => &maps.caption,
            Self::Mask(mask) => &mask.caption,
            // They say everything in themselves.
            Self::Comparison(_) | Self::Table(_) | Self::Regions(..) => &[],
        }
    }

    /// Writes it in the format that the file's ending names; the file appears whole or not at all.
    ///
    /// # Errors
    /// An ending that names no format of it, numbers that make no figure, a place that cannot be
    /// written to.
    pub fn write(&self, path: &Path) -> Result<()> {
        self.write_while(path, &mut go_on)
    }

    /// The same, telling how far it is, and stopped from outside between; what was at that place is
    /// still there then.
    ///
    /// # Errors
    /// As [`write`](Self::write); `stopped`.
    pub fn write_while(&self, path: &Path, on_progress: OnProgress<'_>) -> Result<()> {
        let ending = self.ending(path)?;
        let meter = &Meter::new(on_progress);
        meter.begin("drawing", 0)?;
        match self {
            Self::Figure(figure) => {
                write_figure_while(figure, path, PaperSize::FULL_WIDTH, meter)?;
            }
            Self::Map(map) => write_overlay_while(&map.overlay(), path, meter)?,
            Self::Comparison(drawing) => drawing.write(path, meter)?,
            Self::HeadMaps(maps) => write_whole(path, &maps.bytes(ending, meter)?, meter)?,
            Self::Mask(mask) => write_whole(path, &mask.bytes(ending, meter)?, meter)?,
            Self::Table(table) => {
                write_whole(path, table_text(table, ending)?.as_bytes(), meter)?;
            }
            Self::Regions(set, picture) => {
                write_whole(path, regions_coco(set, picture)?.as_bytes(), meter)?;
            }
        }
        Ok(())
    }

    /// The format that a file's ending names, where there is one.
    fn ending(&self, path: &Path) -> Result<&'static str> {
        let ending = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        let known = self.formats().iter().find(|known| **known == ending);
        known.copied().with_context(|| {
            let formats: Vec<String> = self.formats().iter().map(|f| format!(".{f}")).collect();
            format!("end the name in one of {}: {}", formats.join(", "), path.display())
        })
    }
}

fn table_text(table: &ResultTable, ending: &str) -> Result<String> {
    Ok(match ending {
        "md" => table_markdown(table),
        "tex" => table_latex(table),
        _ => table_csv(table)?,
    })
}

impl HeadMapsDrawing {
    fn bytes(&self, ending: &str, meter: &Meter<'_>) -> Result<Vec<u8>> {
        let maps = self.maps.as_ref().as_ref().map_err(|why| anyhow::anyhow!("{why}"))?;
        let figure = HeadMapsFigure {
            layers: maps.layers.clone(),
            heads: maps.heads.clone(),
            patches: maps.patches,
            values: maps.maps().map(|map| map.values.clone()).collect(),
            shared_scale: self.shared_scale,
            colormap: self.colormap,
            value_label: self.value_label.clone(),
            caption: self.caption.clone(),
            notes: Vec::new(),
        };
        Ok(match ending {
            "svg" => head_maps_svg(&figure, meter)?.into_bytes(),
            "csv" => head_maps_csv(&figure)?.into_bytes(),
            "json" => head_maps_json(&figure)?.into_bytes(),
            _ => head_maps_png(&figure, meter)?,
        })
    }
}

impl MaskDrawing {
    fn bytes(&self, ending: &str, meter: &Meter<'_>) -> Result<Vec<u8>> {
        let run = &self.run.run;
        let figure = MaskFigure {
            mask: run.plan.mask.clone(),
            layout: run.prompt.layout.clone(),
            caption: self.caption.clone(),
            notes: self.notes.clone(),
        };
        Ok(match ending {
            "svg" => mask_svg(&figure, meter)?.into_bytes(),
            "csv" => mask_csv(&figure)?.into_bytes(),
            "json" => mask_json(&figure)?.into_bytes(),
            _ => mask_png(&figure, meter)?,
        })
    }
}

impl MapDrawing {
    fn overlay(&self) -> OverlayFigure<'_> {
        OverlayFigure {
            rgb: &self.picture.image.rgb,
            fit: self.fit,
            panels: self.panels.clone(),
            regions: self.regions.as_deref(),
            value_label: self.value_label.clone(),
            style: self.style,
            caption: self.caption.clone(),
            notes: self.notes.clone(),
        }
    }
}

/// Writes one thing that is shown.
///
/// # Errors
/// As [`Drawn::write`]; a folder that is not there; a file of that name that may not be replaced.
pub fn export(request: &ExportRequest) -> Result<()> {
    export_while(request, &mut go_on)
}

/// The same, telling how far it is, and stopped from outside between; what was at that place is still
/// there then.
///
/// # Errors
/// As [`export`]; `stopped`.
pub fn export_while(request: &ExportRequest, on_progress: OnProgress<'_>) -> Result<()> {
    let path = &request.path;
    request.drawn.ending(path)?;
    check_folder(path)?;
    if path.exists() && !request.replaces {
        bail!("{} is there already; choose another name, or allow to replace it", path.display());
    }
    let written = request.drawn.write_while(path, on_progress);
    written.with_context(|| format!("while writing {}", path.display()))
}
