//! Floor 1: a figure becomes a file that can stand in a paper.
//!
//! - **Owns**: how figures look on paper, and their files: SVG, PNG, CSV, JSON.
//! - **May import**: `domain`.
//! - **Never**: arithmetic that a paper would describe; numbers arrive finished.
//! - **Invariant**: nothing is cut and no two texts touch; the same figure gives the same bytes;
//!   a file is whole or not there.

mod axis;
mod bar_marks;
mod bars;
mod canvas;
mod caption;
mod curves;
mod error;
mod font;
mod legend;
mod paper;
mod png;
mod svg;
mod table;
mod write;

pub use self::{
    error::ExportError,
    paper::{PNG_DPI, PaperSize},
    png::figure_png,
    svg::figure_svg,
    table::{figure_csv, figure_from_json, figure_json},
    write::{check_format, write_figure},
};
