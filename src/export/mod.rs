//! Floor 1: a figure becomes a file that can stand in a paper.
//!
//! - **Owns**: how figures look on paper, and their files: SVG, PNG, CSV, JSON; maps over their picture.
//! - **May import**: `domain`.
//! - **Never**: arithmetic that a paper would describe; numbers arrive finished.
//! - **Invariant**: nothing is cut and no two texts touch; the same figure gives the same bytes;
//!   a file is whole or not there.

mod axis;
mod bar_marks;
mod bars;
mod beside;
mod canvas;
mod caption;
mod cells;
mod coco;
mod colorbar;
mod comparison;
mod curves;
mod error;
mod font;
mod head_maps;
mod heat;
mod legend;
mod mask;
mod matrix;
mod outlines;
mod overlay;
mod overlay_layout;
mod overlay_pixels;
mod page;
mod paper;
mod png;
mod result_table;
mod svg;
mod table;
mod write;

pub use self::{
    beside::{FigureRow, write_figure_row},
    coco::regions_coco,
    comparison::{
        ComparedSide, ComparisonFigure, MarkedWord, check_comparison_format, comparison_png,
        comparison_svg, write_comparison, write_comparison_while,
    },
    error::ExportError,
    head_maps::{HeadMapsFigure, head_maps_csv, head_maps_json, head_maps_png, head_maps_svg},
    mask::{MaskFigure, mask_csv, mask_json, mask_png, mask_svg},
    overlay::{
        OverlayFigure, OverlayPanel, OverlayStyle, check_overlay_format, overlay_csv, overlay_json,
        overlay_png, overlay_svg, write_overlay, write_overlay_while,
    },
    paper::{PNG_DPI, PaperSize},
    png::figure_png,
    result_table::{table_csv, table_latex, table_markdown},
    svg::figure_svg,
    table::{figure_csv, figure_from_json, figure_json},
    write::{check_folder, check_format, write_figure, write_figure_while, write_whole},
};
