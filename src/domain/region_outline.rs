//! The outline of a region: where its pixels end, for whoever draws it.

use std::collections::BTreeMap;

use super::RegionMask;

/// A corner of pixels, counted from the picture's upper left corner: columns, then rows.
pub type PixelCorner = (u32, u32);

impl RegionMask {
    /// The closed paths around the pixels inside, along the pixels' own edges.
    ///
    /// Each path turns at every corner, ends where it begins (the first corner is not repeated), and
    /// has the pixels inside to its right: clockwise around them, the other way round holes. Pixels
    /// that touch at a corner only are in different paths.
    pub fn outlines(&self) -> Vec<Vec<PixelCorner>> {
        let mut edges = Edges::default();
        let mut left: (u32, Vec<(u32, u32)>) = (0, Vec::new());
        let mut here: Vec<(u32, u32)> = Vec::new();
        let mut column = 0;
        for segment in self.segments() {
            if segment.x != column {
                edges.between(&mut left, (column, std::mem::take(&mut here)));
                column = segment.x;
            }
            edges.add((column, segment.top), (column + 1, segment.top));
            edges.add((column + 1, segment.bottom), (column, segment.bottom));
            here.push((segment.top, segment.bottom));
        }
        edges.between(&mut left, (column, here));
        let last = left.0;
        edges.between(&mut left, (last + 1, Vec::new()));
        edges.into_paths()
    }
}

/// Edges between a pixel inside and one outside, the inside to their right.
#[derive(Debug, Default)]
struct Edges {
    /// Where the one or two edges that begin at a corner lead.
    from: BTreeMap<PixelCorner, Vec<PixelCorner>>,
}

impl Edges {
    fn add(&mut self, from: PixelCorner, to: PixelCorner) {
        self.from.entry(from).or_default().push(to);
    }

    /// Adds the edges between a column and the one before it that holds pixels, which `left`
    /// remembers: both by their number and their stretches from top to bottom.
    fn between(
        &mut self,
        left: &mut (u32, Vec<(u32, u32)>),
        (column, here): (u32, Vec<(u32, u32)>),
    ) {
        if left.0 + 1 != column || left.1.is_empty() {
            // No common edge: the left one ends on its right, this one begins on its left.
            for &(top, bottom) in &left.1 {
                self.add((left.0 + 1, top), (left.0 + 1, bottom));
            }
            for &(top, bottom) in &here {
                self.add((column, bottom), (column, top));
            }
        } else {
            for (top, bottom, is_here) in differences(&left.1, &here) {
                match is_here {
                    true => self.add((column, bottom), (column, top)),
                    false => self.add((column, top), (column, bottom)),
                }
            }
        }
        *left = (column, here);
    }

    /// Chains edges until none is left.
    fn into_paths(mut self) -> Vec<Vec<PixelCorner>> {
        let mut paths = Vec::new();
        while let Some((&start, _)) = self.from.first_key_value() {
            let mut path: Vec<PixelCorner> = Vec::new();
            let (mut at, mut before) = (start, None);
            while let Some(next) = self.take(at, before) {
                match path.last() {
                    // Straight on: the corner in between is none.
                    Some(_) if before.is_some_and(|b| is_straight(b, at, next)) => {}
                    _ => path.push(at),
                }
                (before, at) = (Some(at), next);
                if at == start {
                    break;
                }
            }
            // The start may lie in the middle of a straight line.
            if let (Some(b), Some(&second)) = (before, path.get(1))
                && is_straight(b, start, second)
            {
                path.remove(0);
            }
            paths.push(path);
        }
        paths
    }

    /// Takes an edge that begins at a corner; of two, the one that turns right, which stays with
    /// the pixel that it came along.
    fn take(&mut self, at: PixelCorner, before: Option<PixelCorner>) -> Option<PixelCorner> {
        let ends = self.from.get_mut(&at)?;
        let is_right = |end: &PixelCorner| before.is_some_and(|b| turns_right(b, at, *end));
        let chosen = ends.iter().position(is_right).unwrap_or(0);
        let end = ends.swap_remove(chosen);
        if ends.is_empty() {
            self.from.remove(&at);
        }
        Some(end)
    }
}

fn direction(a: PixelCorner, b: PixelCorner) -> (i64, i64) {
    let sign = |a: u32, b: u32| (i64::from(b) - i64::from(a)).signum();
    (sign(a.0, b.0), sign(a.1, b.1))
}

fn is_straight(a: PixelCorner, b: PixelCorner, c: PixelCorner) -> bool {
    direction(a, b) == direction(b, c)
}

/// Rows count downwards, so a turn from right to down is one to the right.
fn turns_right(a: PixelCorner, b: PixelCorner, c: PixelCorner) -> bool {
    let ((ax, ay), (bx, by)) = (direction(a, b), direction(b, c));
    ax * by - ay * bx > 0
}

/// The stretches that lie in one of two lists and not in the other, and whether that is the second.
fn differences(left: &[(u32, u32)], here: &[(u32, u32)]) -> Vec<(u32, u32, bool)> {
    let ends = |list: &[(u32, u32)], is_here: bool| {
        list.iter().flat_map(|(top, bottom)| [*top, *bottom]).map(|y| (y, is_here)).collect()
    };
    let mut all: Vec<(u32, bool)> = ends(left, false);
    all.extend::<Vec<(u32, bool)>>(ends(here, true));
    all.sort_unstable();
    let (mut in_left, mut in_here, mut from) = (false, false, 0);
    let mut found = Vec::new();
    for (y, is_here) in all {
        if in_left != in_here && from < y {
            found.push((from, y, in_here));
        }
        match is_here {
            true => in_here = !in_here,
            false => in_left = !in_left,
        }
        from = y;
    }
    found
}
