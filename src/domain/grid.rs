//! Places: patches, the model's square input, and the pixels of the picture a person sees.

use serde::{Deserialize, Serialize};

/// Rows and columns of a regular arrangement, numbered row by row.
///
/// For patches the arrangement is a place in the picture; for latents it is only an ordering.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grid {
    /// Number of rows.
    pub rows: usize,
    /// Number of columns.
    pub cols: usize,
}

impl Grid {
    /// Number of cells.
    pub fn len(self) -> usize {
        self.rows * self.cols
    }

    /// Whether there is no cell.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The square arrangement of `n` cells, if `n` is a square number.
    pub fn square(n: usize) -> Option<Self> {
        let side = n.isqrt();
        (side * side == n).then_some(Self { rows: side, cols: side })
    }
}

/// Size of a picture in pixels, as shown (after its EXIF orientation was applied).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageSize {
    /// Pixels from left to right.
    pub width: u32,
    /// Pixels from top to bottom.
    pub height: u32,
}

/// What the vision tower reads: three planes (red, green, blue) of a square picture.
///
/// # Shapes
/// `values`: `[3, side, side]`, row-major.
///
/// # Units
/// `(v / 255 - 0.5) / 0.5`, so -1 is black and 1 is full.
#[derive(Clone, Debug, PartialEq)]
pub struct PixelInput {
    /// Pixels along each side.
    pub side: usize,
    /// The planes, one after the other.
    pub values: Vec<f32>,
}

/// How a picture was brought to the model's square: squashed, never cropped and never padded.
///
/// Each axis is scaled by itself, so a map is carried back to the picture axis by axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageFit {
    /// The picture as shown.
    pub image: ImageSize,
    /// Side of the model's square input in pixels.
    pub model_side: u32,
}

impl ImageFit {
    /// Width and height of a patch in pixels of the picture as shown.
    ///
    /// Patches are whole pixels of the model's square, `model_side / cols` wide, rounded down.
    ///
    /// # Panics
    /// Where the square has fewer pixels than patches.
    pub fn patch_size(self, patches: Grid) -> [f64; 2] {
        let along = |side: u32, n: usize| {
            let in_model = (self.model_side as usize).checked_div(n).unwrap_or(0);
            assert!(in_model > 0, "{n} patches do not fit into {} pixels", self.model_side);
            in_model as f64 * f64::from(side) / f64::from(self.model_side)
        };
        [along(self.image.width, patches.cols), along(self.image.height, patches.rows)]
    }

    /// Where patches begin and end in pixels of the picture as shown: from left to right, then from
    /// top to bottom.
    ///
    /// What remains at the right and at the bottom (6 of 384 pixels of the model's square where
    /// patches have 14) is seen by no patch.
    ///
    /// # Shapes
    /// `[cols + 1]`, `[rows + 1]`
    ///
    /// # Panics
    /// As [`patch_size`](Self::patch_size).
    pub fn patch_edges(self, patches: Grid) -> [Vec<f64>; 2] {
        let [width, height] = self.patch_size(patches);
        let edges = |size: f64, n: usize| (0..=n).map(|i| i as f64 * size).collect();
        [edges(width, patches.cols), edges(height, patches.rows)]
    }
}
