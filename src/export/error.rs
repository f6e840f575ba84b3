//! What can go wrong between a figure and its file.

use std::{io, path::PathBuf};

use crate::domain::Stopped;

/// Why a figure did not become a file.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The file's name does not say in which format.
    #[error("end the name in .svg, .png, .csv or .json: {path}", path = .path.display())]
    UnknownFormat {
        /// What was asked for.
        path: PathBuf,
    },
    /// The folder that the file is to lie in is not there.
    #[error("there is no folder {folder}; make it, or choose another", folder = .folder.display())]
    NoFolder {
        /// The folder.
        folder: PathBuf,
    },
    /// The file's name does not say in which format a map is to be drawn.
    #[error("end the name in .png, .svg, .csv or .json: {path}", path = .path.display())]
    UnknownOverlayFormat {
        /// What was asked for.
        path: PathBuf,
    },
    /// The file's name does not say in which format a comparison is to be drawn.
    #[error("end the name in .svg or .png: {path}", path = .path.display())]
    UnknownComparisonFormat {
        /// What was asked for.
        path: PathBuf,
    },
    /// Picture, maps and regions do not fit each other.
    #[error("the map cannot be drawn: {reason}")]
    Overlay {
        /// What does not fit.
        reason: String,
    },
    /// More pixels than a PNG of ours may have.
    #[error(
        "the figure would have {width} x {height} pixels, more than {most} million: \
         write SVG, or show fewer panels",
        most = super::png::MOST_PIXELS / 1_000_000
    )]
    TooManyPixels {
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
    },
    /// A width or height that paper does not have.
    #[error(
        "a figure is {least} to {most} inches wide and high, not {width_in} x {height_in}",
        least = super::PaperSize::LEAST_IN,
        most = super::PaperSize::MOST_IN
    )]
    Size {
        /// Inches.
        width_in: f64,
        /// Inches.
        height_in: f64,
    },
    /// The bundled font is not usable.
    #[error("the bundled font cannot be read")]
    Font,
    /// The drawing could not be put down.
    #[error("the figure could not be drawn: {reason}")]
    Draw {
        /// What the drawing crate says.
        reason: String,
    },
    /// The drawing could not be turned into pixels.
    #[error("the figure could not be rasterized: {reason}")]
    Raster {
        /// What the rasterizer says.
        reason: String,
    },
    /// The text of an SVG could not be put together.
    #[error("the SVG could not be written")]
    Text(#[from] std::fmt::Error),
    /// The PNG could not be written.
    #[error("the PNG could not be encoded")]
    Png(#[from] png::EncodingError),
    /// The table could not be written.
    #[error("the table could not be written")]
    Csv(#[from] csv::Error),
    /// The data could not be written or read.
    #[error("the figure's JSON is not one")]
    Json(#[from] serde_json::Error),
    /// The data are of a later program.
    #[error("the figure's data have version {found}; this program knows version {known}")]
    Version {
        /// In the file.
        found: u32,
        /// Ours.
        known: u32,
    },
    /// Somebody asked to stop.
    #[error(transparent)]
    Stopped(#[from] Stopped),
    /// The file could not be written.
    #[error("cannot write {path}", path = .path.display())]
    Write {
        /// Where.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}
