//! Floor 1: segmentations from outside become the regions of a picture.
//!
//! - **Owns**: the formats of Segment Anything, COCO, `LabelMe`, Label Studio and `NumPy`, mask
//!   pictures and typed boxes; what is done where regions overlap; their share of each patch.
//! - **May import**: `domain`.
//! - **Never**: the picture's own pixels, writing files, dense masks of a whole set at once.
//! - **Invariant**: every mask has the size of the picture as shown, and a hostile file costs one
//!   line of text: sizes and counts are checked before memory is taken.
//!
//! A format is told by content, never by a file's extension.

mod boxes;
mod brush;
mod coco;
mod collect;
mod coverage;
mod detect;
mod error;
mod fields;
mod fix;
mod folder;
mod import;
mod json;
mod label_studio;
mod label_sweep;
mod labelme;
mod limits;
mod metadata;
mod npy;
mod npy_header;
mod npz;
mod overlap;
mod png_masks;
mod polygon;
mod record;
mod report;
mod rle;
mod sam;
mod sweep;
mod target;
mod topmost;

pub use self::{
    boxes::from_boxes,
    brush::decode as decode_brush,
    coverage::{coverage, small_regions},
    error::{MaskFault, RegionsError},
    fix::{SizeFix, UnknownSizeFix},
    import::{import, import_bytes, import_while},
    limits::{
        MAX_ARRAY_BYTES, MAX_COORDINATE, MAX_JSON_BYTES, MAX_OUTLINE, MAX_OUTLINES, MAX_PIXELS,
        MAX_POINTS, MAX_REGIONS, MAX_RUNS, MAX_SIDE,
    },
    overlap::{
        Overlaps, Shares, UnknownOverlaps, rest_of_image, shares, with_overlaps,
        with_overlaps_in_place, with_rest,
    },
    polygon::fill as fill_polygon,
    report::{RegionReport, RegionsReport, RleReport},
    rle::{decode as decode_rle, encode as encode_rle},
    target::{Imported, Target},
};
