//! Where the patches of a run lie in its picture.

use egui::{Pos2, Rect, Vec2};

use crate::domain::{Grid, ImageFit, Run};

/// The patches of a picture, and how much of it they cover.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct PatchField {
    /// How many there are.
    pub(crate) grid: Grid,
    /// Width and height of all of them, in parts of the picture, from its upper left corner. What remains at
    /// the right and at the bottom is seen by no patch: 6 of 384 pixels where patches have 14.
    pub(crate) covers: Vec2,
}

impl PatchField {
    /// Those of a run.
    pub(crate) fn of(run: &Run) -> Self {
        Self::new(run.patches, run.fit)
    }

    fn new(grid: Grid, fit: ImageFit) -> Self {
        let image = fit.image;
        let [width, height] = fit.patch_size(grid);
        let part = |patch: f64, n: usize, side: u32| (patch * n as f64 / f64::from(side)) as f32;
        let across = part(width, grid.cols, image.width);
        Self { grid, covers: Vec2::new(across, part(height, grid.rows, image.height)) }
    }

    /// All of them, in parts of the picture.
    pub(crate) fn part(self) -> Rect {
        Rect::from_min_size(Pos2::ZERO, self.covers)
    }

    /// The patch at a place in parts of the picture; none outside them.
    pub(crate) fn at(self, part: Pos2) -> Option<usize> {
        let at = part.to_vec2() / self.covers;
        let inside = (0.0..1.0).contains(&at.x) && (0.0..1.0).contains(&at.y);
        let (col, row) = (at.x * self.grid.cols as f32, at.y * self.grid.rows as f32);
        inside.then_some(row as usize * self.grid.cols + col as usize)
    }

    /// The place of a patch, in parts of the picture.
    pub(crate) fn part_of(self, patch: usize) -> Rect {
        let Grid { rows, cols } = self.grid;
        let corner = |col: usize, row: usize| {
            let part = Vec2::new(col as f32 / cols as f32, row as f32 / rows as f32);
            (part * self.covers).to_pos2()
        };
        let (col, row) = (patch % cols, patch / cols);
        Rect::from_min_max(corner(col, row), corner(col + 1, row + 1))
    }
}

#[cfg(test)]
mod tests {
    use egui::{Pos2, Vec2};

    use super::PatchField;
    use crate::domain::{Grid, ImageFit, ImageSize};

    fn field(side: usize, model_side: u32) -> PatchField {
        let image = ImageSize { width: 1000, height: 600 };
        PatchField::new(Grid { rows: side, cols: side }, ImageFit { image, model_side })
    }

    #[test]
    fn patches_that_do_not_fill_the_square_leave_a_rim_that_belongs_to_none() {
        // SigLIP's 384 pixels in patches of 14: 27 of them are 378 pixels.
        let aki = field(27, 384);
        assert_eq!(aki.covers, Vec2::splat(378.0 / 384.0));
        assert_eq!(aki.at(Pos2::new(377.9 / 384.0, 0.0)), Some(26));
        assert_eq!(aki.at(Pos2::new(378.1 / 384.0, 0.0)), None);
        assert_eq!(aki.at(Pos2::new(0.0, 0.999)), None);
        // The boundary of the 14th patch, where stretched ones would be further on.
        assert_eq!(aki.at(Pos2::new(14.0 * 14.0 / 384.0 - 0.001, 0.0)), Some(13));
        assert_eq!(aki.part_of(27 * 27 - 1).max, Pos2::new(378.0 / 384.0, 378.0 / 384.0));
    }

    #[test]
    fn patches_that_fill_the_square_fill_the_picture() {
        let tabletop = field(12, 96);
        assert_eq!(tabletop.covers, Vec2::splat(1.0));
        for patch in 0..144 {
            assert_eq!(tabletop.at(tabletop.part_of(patch).center()), Some(patch));
        }
        assert_eq!(tabletop.at(Pos2::new(1.0, 0.5)), None);
    }
}
