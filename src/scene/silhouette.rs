//! What an icon covers, coarsely, as a table: scenes are laid out with it.
//!
//! The table is a file and not computed here, because where things stand must be the same on every
//! machine, while the last bit of a drawn pixel need not be.

use std::sync::OnceLock;

use super::{icons::ICONS, kind::Kind};

/// Cells along each side of an icon's square.
pub(super) const CELLS: usize = 16;

/// A bit a cell of the icon's square, set where the icon covers half of the cell or more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Silhouette {
    rows: [u16; CELLS],
}

static TABLE: &str = include_str!("../../assets/icons/silhouettes.txt");

impl Silhouette {
    /// The silhouette of a kind.
    pub(super) fn of(kind: Kind) -> Self {
        static PARSED: OnceLock<Vec<Silhouette>> = OnceLock::new();
        let all = PARSED.get_or_init(|| TABLE.lines().map(Self::parse).collect());
        assert_eq!(all.len(), ICONS.len(), "lines of assets/icons/silhouettes.txt");
        all[kind.index()]
    }

    /// From one line: a name and 16 numbers of four hexadecimal digits.
    fn parse(line: &str) -> Self {
        let mut rows = [0; CELLS];
        for (row, digits) in rows.iter_mut().zip(line.split(' ').skip(1)) {
            *row = u16::from_str_radix(digits, 16).unwrap_or(0);
        }
        Self { rows }
    }

    /// Whether it covers a point of the square, whose middle is 0 and whose side is 1.
    pub(super) fn covers(self, x: f32, y: f32) -> bool {
        let cell = |v: f32| ((v + 0.5) * CELLS as f32).floor();
        let (col, row) = (cell(x), cell(y));
        let range = 0.0..CELLS as f32;
        range.contains(&col)
            && range.contains(&row)
            && self.rows[row as usize] >> (CELLS - 1 - col as usize) & 1 == 1
    }

    /// The middles of the cells it covers.
    pub(super) fn points(self) -> impl Iterator<Item = [f32; 2]> {
        let middle = |cell: usize| (cell as f32 + 0.5) / CELLS as f32 - 0.5;
        (0..CELLS * CELLS)
            .map(move |cell| [middle(cell % CELLS), middle(cell / CELLS)])
            .filter(move |[x, y]| self.covers(*x, *y))
    }
}
