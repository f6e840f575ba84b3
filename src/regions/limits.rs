//! How much an import may take: stated once, and checked before memory or time is spent.

/// The longest JSON file that is read, in bytes.
pub const MAX_JSON_BYTES: u64 = 512 << 20;

/// The most regions of one picture.
pub const MAX_REGIONS: usize = 10_000;

/// The most run lengths of one import, all regions together.
pub const MAX_RUNS: usize = 32 << 20;

/// The most corners of the polygons of one region.
pub const MAX_POINTS: usize = 1 << 20;

/// How far from the origin a corner may lie, in pixels.
pub const MAX_COORDINATE: f64 = 1_000_000.0;

/// The longest outline of one polygon, in fifths of a pixel, in which COCO's rule walks along it.
pub const MAX_OUTLINE: u64 = 50_000_000;

/// The longest outlines of one import together, in fifths of a pixel.
pub const MAX_OUTLINES: u64 = 500_000_000;

/// The most pixels a mask may have.
pub const MAX_PIXELS: u64 = 100_000_000;

/// The longest side a mask may have, in pixels.
pub const MAX_SIDE: u32 = 65_535;

/// The most bytes that an array may unpack to; they are read row by row, never held.
pub const MAX_ARRAY_BYTES: u64 = 8 << 30;

/// What a decoder of pictures may allocate, in bytes.
pub(super) const MAX_DECODER_BYTES: usize = 256 << 20;

/// The most files of a folder that are looked at.
pub(super) const MAX_FILES: usize = 20_000;

/// The most warnings of one import; the last one then counts the others.
pub(super) const MAX_WARNINGS: usize = 20;
