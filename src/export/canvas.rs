//! A drawing as a list of marks: text, areas and lines at whole tenths of a point.
//!
//! It knows nothing of what it shows; [`super::svg`] puts it down.

use super::{
    font,
    paper::{Color, INK, Tenths},
};

/// Which end of a text its place is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// A place on the drawing, from its upper left corner.
pub(super) type Point = (Tenths, Tenths);

/// One thing to put down.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Mark {
    /// One line of text on a baseline.
    Text { text: String, at: Point, em: Tenths, anchor: Anchor, color: Color },
    /// One line of text that reads upwards from a place, its baseline at the right.
    Turned { text: String, at: Point, em: Tenths, color: Color },
    /// A filled rectangle, by two corners.
    Area { from: Point, to: Point, color: Color },
    /// A filled outline.
    Shape { points: Vec<Point>, color: Color },
    /// Straight lines from point to point.
    Line { points: Vec<Point>, width: Tenths, color: Color },
}

/// Marks in the order in which they are put down.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Drawing {
    pub width: Tenths,
    pub height: Tenths,
    pub marks: Vec<Mark>,
}

impl Drawing {
    /// Lines of text below each other, the first one's top at `top`; gives back their bottom.
    pub(super) fn lines(
        &mut self,
        lines: &[String],
        top: Point,
        em: Tenths,
        anchor: Anchor,
    ) -> Tenths {
        self.colored_lines(lines, top, em, (anchor, INK))
    }

    /// The same in a color.
    pub(super) fn colored_lines(
        &mut self,
        lines: &[String],
        (x, top): Point,
        em: Tenths,
        (anchor, color): (Anchor, Color),
    ) -> Tenths {
        for (i, line) in lines.iter().enumerate() {
            let baseline = top + font::height(i, em) + ascent(em);
            let at = (x, baseline);
            self.marks.push(Mark::Text { text: line.clone(), at, em, anchor, color });
        }
        top + font::height(lines.len(), em)
    }

    /// Lines of text that read upwards from `bottom`, one to the right of the other, the first one's
    /// left side at `left`.
    pub(super) fn turned_lines(&mut self, lines: &[String], (left, bottom): Point, em: Tenths) {
        for (i, line) in lines.iter().enumerate() {
            let at = (left + font::height(i, em) + ascent(em), bottom);
            self.marks.push(Mark::Turned { text: line.clone(), at, em, color: INK });
        }
    }

    /// A filled rectangle.
    pub(super) fn area(&mut self, from: Point, to: Point, color: Color) {
        self.marks.push(Mark::Area { from, to, color });
    }

    /// A straight line.
    pub(super) fn line(&mut self, from: Point, to: Point, width: Tenths, color: Color) {
        self.marks.push(Mark::Line { points: vec![from, to], width, color });
    }

    /// Lines from point to point.
    pub(super) fn path(&mut self, points: Vec<Point>, width: Tenths, color: Color) {
        self.marks.push(Mark::Line { points, width, color });
    }

    /// A filled outline.
    pub(super) fn shape(&mut self, points: Vec<Point>, color: Color) {
        self.marks.push(Mark::Shape { points, color });
    }
}

/// From the top of a line to its baseline.
pub(super) fn ascent(em: Tenths) -> Tenths {
    em * 95 / 100
}
