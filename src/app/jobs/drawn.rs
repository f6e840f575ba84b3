//! What is shown, as a value that can be written: a figure, or maps over their picture.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context as _, Result, bail};

use super::contrast::ComparisonDrawing;
use crate::{
    app::picture::Picture,
    domain::{CaptionField, Figure, ImageFit, RegionSet},
    export::{
        OverlayFigure, OverlayPanel, OverlayStyle, PaperSize, check_comparison_format,
        check_format, check_overlay_format, write_figure, write_overlay,
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

/// Something shown that can be written.
#[derive(Clone, Debug)]
pub enum Drawn {
    /// Bars, curves or a matrix.
    Figure(Arc<Figure>),
    /// Maps over a picture.
    Map(Arc<MapDrawing>),
    /// Two runs compared in full.
    Comparison(ComparisonDrawing),
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
            Self::Figure(_) => &["svg", "png", "csv", "json"],
            Self::Map(_) => &["png", "svg", "csv"],
            Self::Comparison(_) => &["svg", "png"],
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
            // It says everything in itself.
            Self::Comparison(_) => &[],
        }
    }

    /// Writes it in the format that the file's ending names; the file appears whole or not at all.
    ///
    /// # Errors
    /// An ending that names no format of it, numbers that make no figure, a place that cannot be
    /// written to.
    pub fn write(&self, path: &Path) -> Result<()> {
        match self {
            Self::Figure(figure) => write_figure(figure, path, PaperSize::FULL_WIDTH)?,
            Self::Map(map) => write_overlay(&map.overlay(), path)?,
            Self::Comparison(drawing) => drawing.write(path)?,
        }
        Ok(())
    }

    fn check(&self, path: &Path) -> Result<()> {
        match self {
            Self::Figure(_) => check_format(path)?,
            Self::Map(_) => check_overlay_format(path)?,
            Self::Comparison(_) => check_comparison_format(path)?,
        }
        Ok(())
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
    let path = &request.path;
    request.drawn.check(path)?;
    if path.exists() && !request.replaces {
        bail!("{} is there already; choose another name, or allow to replace it", path.display());
    }
    request.drawn.write(path).with_context(|| format!("while writing {}", path.display()))
}
