//! Sizes and colors on paper.

use super::ExportError;

/// Pixels an inch of a PNG.
pub const PNG_DPI: u32 = 300;

/// A tenth of a point. Drawings have whole coordinates, and these are fine enough that no eye sees
/// the rounding.
pub(super) type Tenths = i32;

/// Tenths of a point in an inch.
pub(super) const INCH: Tenths = 720;

/// Tenths of a point in a point.
pub(super) const PT: Tenths = 10;

/// Five pixels at 300 dpi: sizes are multiples of it, so that a PNG has whole pixels.
const STEP: Tenths = 12;

/// The size of a figure. The height grows where names and caption ask for more.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PaperSize {
    /// Inches.
    pub width_in: f64,
    /// Inches, at least.
    pub height_in: f64,
}

impl PaperSize {
    /// Across both columns of a two-column page.
    pub const FULL_WIDTH: Self = Self { width_in: 6.9, height_in: 3.6 };
    /// One column of it.
    pub const ONE_COLUMN: Self = Self { width_in: 3.4, height_in: 2.8 };
    /// The narrowest and lowest figure, in inches.
    pub const LEAST_IN: f64 = 2.5;
    /// The widest and highest figure, in inches.
    pub const MOST_IN: f64 = 20.0;

    /// Width and height, up to what gives whole pixels.
    pub(super) fn tenths(self) -> Result<[Tenths; 2], ExportError> {
        let Self { width_in, height_in } = self;
        let is_fine = |inches: f64| (Self::LEAST_IN..=Self::MOST_IN).contains(&inches);
        if !is_fine(width_in) || !is_fine(height_in) {
            return Err(ExportError::Size { width_in, height_in });
        }
        let tenths = |inches: f64| whole_pixels((inches * f64::from(INCH)).round() as Tenths);
        Ok([tenths(width_in), tenths(height_in)])
    }
}

/// The next size up that is a whole number of pixels.
pub(super) fn whole_pixels(tenths: Tenths) -> Tenths {
    (tenths + STEP - 1) / STEP * STEP
}

/// Heights of an em on a figure of some width.
#[derive(Clone, Copy, Debug)]
pub(super) struct TypeSizes {
    /// The title.
    pub title: Tenths,
    /// Names on axes and in legends.
    pub label: Tenths,
    /// Numbers on axes, caption, notes.
    pub small: Tenths,
}

impl TypeSizes {
    /// Type for a figure; in a narrow column all is a point smaller.
    pub(super) fn for_width(width: Tenths) -> Self {
        if width < 5 * INCH {
            Self { title: 8 * PT, label: 7 * PT, small: 6 * PT }
        } else {
            Self { title: 9 * PT, label: 8 * PT, small: 7 * PT }
        }
    }
}

/// Red, green, blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Color(pub u8, pub u8, pub u8);

/// Text, axes, whiskers.
pub(super) const INK: Color = Color(0x22, 0x22, 0x22);
/// Text of lesser weight; 7.0 : 1 on white.
pub(super) const FAINT_INK: Color = Color(0x59, 0x59, 0x59);
/// The grid.
pub(super) const GRID: Color = Color(0xdd, 0xdd, 0xdd);
/// Behind the control group.
pub(super) const CONTROL_BAND: Color = Color(0xf2, 0xf2, 0xf2);
/// The paper.
pub(super) const WHITE: Color = Color(0xff, 0xff, 0xff);

/// Colors of groups, which readers with any color vision tell apart; neighbors in the list, and so
/// in a cluster of bars, also differ in lightness, for print without color.
///
/// # Source
/// Okabe and Ito 2008, "Color Universal Design"; the order is ours.
pub(super) const GROUPS: [Color; 8] = [
    Color(0x00, 0x72, 0xb2), // blue
    Color(0xe6, 0x9f, 0x00), // orange
    Color(0x00, 0x9e, 0x73), // bluish green
    Color(0x56, 0xb4, 0xe9), // sky blue
    Color(0xd5, 0x5e, 0x00), // vermilion
    Color(0xf0, 0xe4, 0x42), // yellow
    Color(0x2b, 0x2b, 0x2b), // black, softened so that whiskers stand out
    Color(0xcc, 0x79, 0xa7), // reddish purple
];
