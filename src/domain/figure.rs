//! What an analysis shows, before anyone draws it: the same value for the screen and for paper.
//!
//! A figure holds numbers and words, no colors and no places. Its JSON is the data behind it.

use serde::{Deserialize, Serialize};

use super::{CurveFigure, MatrixFigure};

/// Something that an analysis shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "figure", rename_all = "snake_case")]
pub enum Figure {
    /// Grouped bars over named categories.
    Bars(BarFigure),
    /// Curves over an axis of numbers.
    Curves(CurveFigure),
    /// Values over two named axes.
    Matrix(MatrixFigure),
}

/// Where a value lies, as surely as its bar says: `low <= high`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// One bar: a group's value in a category.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Bar {
    /// Its height; `None` where there is none (and `0` only where zero was measured or follows
    /// from the mask).
    pub value: Option<f64>,
    /// 95 % interval of the value; `None` where one run cannot tell.
    pub interval: Option<Interval>,
    /// The same reading over all runs' rows and tokens together.
    pub pooled: Option<f64>,
    /// Runs behind the value.
    pub n: usize,
    /// Whether the mask alone decides: nothing was looked at because nothing could be.
    pub by_construction: bool,
}

/// A place on the axis.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BarCategory {
    /// Its name.
    pub name: String,
    /// Whether it is there to compare with.
    pub is_control: bool,
}

/// Bars of one color.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BarGroup {
    /// Its name.
    pub name: String,
    /// One bar a category, in their order.
    pub bars: Vec<Bar>,
}

/// A line across the plot that says what "nothing special" is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReferenceLine {
    /// Where it lies.
    pub value: f64,
    /// What it means.
    pub label: String,
}

/// One fact under the figure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaptionField {
    /// What it is about: model, layers, rows.
    pub name: String,
    /// What holds.
    pub value: String,
}

impl CaptionField {
    /// A fact and what it is about.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into() }
    }
}

/// The parts of a [`BarFigure`], before they are checked against each other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BarParts {
    /// Above the plot, if anything.
    pub title: Option<String>,
    /// What the height of a bar is.
    pub value_label: String,
    /// The axis of categories, left to right.
    pub categories: Vec<BarCategory>,
    /// One color each.
    pub groups: Vec<BarGroup>,
    /// What bars are compared with, if anything.
    pub reference: Option<ReferenceLine>,
    /// Everything a reader must know to repeat the figure.
    pub caption: Vec<CaptionField>,
    /// Warnings that belong to the figure wherever it goes.
    pub notes: Vec<String>,
}

/// Grouped bars: 1 to 8 groups over at least one category, all numbers finite.
///
/// Eight, because no palette holds more colors that all readers can tell apart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "BarParts", into = "BarParts")]
pub struct BarFigure(BarParts);

impl BarFigure {
    /// As many groups as a palette has colors.
    pub const MAX_GROUPS: usize = 8;
    /// As many categories as still have room for their names.
    pub const MAX_CATEGORIES: usize = 12;

    /// Checks that the parts fit each other.
    ///
    /// # Errors
    /// [`FigureError`]: too few or too many groups or categories, a group without one bar a
    /// category, a number that is not finite, an interval upside down.
    pub fn new(parts: BarParts) -> Result<Self, FigureError> {
        let (n_groups, n_categories) = (parts.groups.len(), parts.categories.len());
        if !(1..=Self::MAX_GROUPS).contains(&n_groups) {
            return Err(FigureError::Groups { found: n_groups, most: Self::MAX_GROUPS });
        }
        if !(1..=Self::MAX_CATEGORIES).contains(&n_categories) {
            return Err(FigureError::Categories {
                found: n_categories,
                most: Self::MAX_CATEGORIES,
            });
        }
        if let Some(group) = parts.groups.iter().find(|g| g.bars.len() != n_categories) {
            let (group, found) = (group.name.clone(), group.bars.len());
            return Err(FigureError::Bars { group, found, expected: n_categories });
        }
        for group in &parts.groups {
            for (bar, category) in group.bars.iter().zip(&parts.categories) {
                let place = || (group.name.clone(), category.name.clone());
                let ends = bar.interval.map(|i| [i.low, i.high]).into_iter().flatten();
                let mut numbers = bar.value.into_iter().chain(bar.pooled).chain(ends);
                if numbers.any(|x| !x.is_finite()) {
                    let (group, category) = place();
                    return Err(FigureError::NotFinite { group, category });
                }
                if bar.interval.is_some_and(|i| i.low > i.high) {
                    let (group, category) = place();
                    return Err(FigureError::UpsideDown { group, category });
                }
            }
        }
        if parts.reference.as_ref().is_some_and(|line| !line.value.is_finite()) {
            return Err(FigureError::Reference);
        }
        Ok(Self(parts))
    }

    /// What it is made of.
    pub fn parts(&self) -> &BarParts {
        &self.0
    }
}

impl TryFrom<BarParts> for BarFigure {
    type Error = FigureError;

    fn try_from(parts: BarParts) -> Result<Self, FigureError> {
        Self::new(parts)
    }
}

impl From<BarFigure> for BarParts {
    fn from(figure: BarFigure) -> Self {
        figure.0
    }
}

/// What is wrong with the parts of a figure.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FigureError {
    /// Nothing to compare, or more than colors can tell apart.
    #[error("a bar chart shows 1 to {most} groups, not {found}")]
    Groups {
        /// How many there are.
        found: usize,
        /// How many there may be.
        most: usize,
    },
    /// No axis, or one without room for names.
    #[error("a bar chart shows 1 to {most} categories, not {found}")]
    Categories {
        /// How many there are.
        found: usize,
        /// How many there may be.
        most: usize,
    },
    /// A group does not have one bar a category.
    #[error("group \"{group}\" has {found} bars for {expected} categories")]
    Bars {
        /// Its name.
        group: String,
        /// Its bars.
        found: usize,
        /// The categories.
        expected: usize,
    },
    /// A number that cannot be drawn.
    #[error("group \"{group}\" has a number in \"{category}\" that is not finite")]
    NotFinite {
        /// Its name.
        group: String,
        /// The category.
        category: String,
    },
    /// An interval whose lower end lies above its upper end.
    #[error("group \"{group}\" has an interval in \"{category}\" that ends below its start")]
    UpsideDown {
        /// Its name.
        group: String,
        /// The category.
        category: String,
    },
    /// Nothing to draw, or more than can be told apart.
    #[error("a figure shows 1 to {most} curves, not {found}")]
    Curves {
        /// How many there are.
        found: usize,
        /// How many there may be.
        most: usize,
    },
    /// A curve that cannot be drawn.
    #[error("curve \"{curve}\" has no point, one that is not finite, or goes back")]
    Points {
        /// Its name.
        curve: String,
    },
    /// No row or column, or more than have a place.
    #[error("a matrix has 1 to {most} {what}, not {found}")]
    Sides {
        /// Rows or columns.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many there may be.
        most: usize,
    },
    /// A matrix without one value, or none, in each place.
    #[error("a matrix has {found} values for {expected} places")]
    Cells {
        /// Its values.
        found: usize,
        /// Its places.
        expected: usize,
    },
    /// A value that cannot be drawn.
    #[error("the value of \"{row}\" and \"{column}\" is not finite")]
    CellNotFinite {
        /// Its row.
        row: String,
        /// Its column.
        column: String,
    },
    /// Intervals that cannot be drawn.
    #[error("curve \"{curve}\" has intervals that are not finite, upside down, or not one a point")]
    CurveIntervals {
        /// Its name.
        curve: String,
    },
    /// A curve that belongs to none before it.
    #[error("curve \"{curve}\" is said to belong to one that does not stand before it")]
    CurveBeside {
        /// Its name.
        curve: String,
    },
    /// An axis that cannot be drawn.
    #[error("the axis of values is to span something that is not finite")]
    Span,
    /// The reference line has no place.
    #[error("the reference line is not at a finite value")]
    Reference,
}
