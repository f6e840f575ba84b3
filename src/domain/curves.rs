//! Values along an axis of numbers, as a figure: curves with names.

use serde::{Deserialize, Serialize};

use super::{CaptionField, FigureError, Interval};

/// One curve.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Curve {
    /// Its name.
    pub name: String,
    /// `[x, y]`, by ascending `x`.
    pub points: Vec<[f64; 2]>,
    /// 95 % intervals of the points' heights, one each; none at all where they are not known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub intervals: Vec<Interval>,
    /// An earlier curve that it belongs to, by index: drawn in that one's color, dashed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beside: Option<usize>,
}

impl Curve {
    /// A curve whose heights have no intervals.
    pub fn new(name: impl Into<String>, points: Vec<[f64; 2]>) -> Self {
        Self { name: name.into(), points, intervals: Vec::new(), beside: None }
    }
}

/// The parts of a [`CurveFigure`], before they are checked against each other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CurveParts {
    /// Above the plot, if anything.
    pub title: Option<String>,
    /// What the horizontal axis counts.
    pub x_label: String,
    /// What the height of a curve is.
    pub value_label: String,
    /// What the axis of values spans at least, so that figures beside each other have the same one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value_span: Option<[f64; 2]>,
    /// The curves.
    pub curves: Vec<Curve>,
    /// Everything a reader must know to repeat the figure.
    pub caption: Vec<CaptionField>,
    /// Warnings that belong to the figure wherever it goes.
    pub notes: Vec<String>,
}

/// Curves: 1 to 16 of them, each with at least one point, all numbers finite, `x` ascending.
///
/// Sixteen, because a palette of eight colors serves twice: full lines, then dashed ones.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "CurveParts", into = "CurveParts")]
pub struct CurveFigure(CurveParts);

impl CurveFigure {
    /// As many curves as can be told apart.
    pub const MAX_CURVES: usize = 16;

    /// Checks that the parts can be drawn.
    ///
    /// # Errors
    /// [`FigureError`]: too few or too many curves, a curve without a point, a number that is not
    /// finite, points that go back, intervals upside down or not one a point, a curve beside a later one.
    pub fn new(parts: CurveParts) -> Result<Self, FigureError> {
        let found = parts.curves.len();
        if !(1..=Self::MAX_CURVES).contains(&found) {
            return Err(FigureError::Curves { found, most: Self::MAX_CURVES });
        }
        if parts.value_span.is_some_and(|span| !span.iter().all(|value| value.is_finite())) {
            return Err(FigureError::Span);
        }
        for (i, Curve { name, points, intervals, beside }) in parts.curves.iter().enumerate() {
            if beside.is_some_and(|earlier| earlier >= i) {
                return Err(FigureError::CurveBeside { curve: name.clone() });
            }
            let is_ascending = points.is_sorted_by(|a, b| a[0] <= b[0]);
            let is_finite = points.iter().flatten().all(|x| x.is_finite());
            if points.is_empty() || !is_ascending || !is_finite {
                return Err(FigureError::Points { curve: name.clone() });
            }
            let is_interval =
                |i: &Interval| i.low.is_finite() && i.high.is_finite() && i.low <= i.high;
            let is_known = intervals.len() == points.len() && intervals.iter().all(is_interval);
            if !intervals.is_empty() && !is_known {
                return Err(FigureError::CurveIntervals { curve: name.clone() });
            }
        }
        Ok(Self(parts))
    }

    /// What it is made of.
    pub fn parts(&self) -> &CurveParts {
        &self.0
    }
}

impl TryFrom<CurveParts> for CurveFigure {
    type Error = FigureError;

    fn try_from(parts: CurveParts) -> Result<Self, FigureError> {
        Self::new(parts)
    }
}

impl From<CurveFigure> for CurveParts {
    fn from(figure: CurveFigure) -> Self {
        figure.0
    }
}
