//! Which of the stretches that lie over each other is on top, in a window of pixels.

use super::overlap::WINDOW;

/// Pixels that are painted in the time in which the two edges of a stretch are sorted and passed.
const AS_LONG: usize = 64;

/// Stretches painted over each other, in one of two ways: where they are few, their edges are passed from
/// left to right, and no pixel is looked at; where they are many, pixels are painted.
pub(super) struct Topmost {
    edges: Vec<(usize, usize)>,
    /// A bit a place, set where its stretch goes on.
    open: Vec<u64>,
    /// One more than the place that each pixel has; 0 where there is none.
    painted: Vec<u32>,
}

impl Topmost {
    /// For stretches of so many places.
    pub(super) fn new(n_places: usize) -> Self {
        let open = vec![0; n_places.div_ceil(64)];
        Self { edges: Vec::new(), open, painted: Vec::new() }
    }

    /// Calls `each` for every run of pixels, from left to right, with the last place whose stretch is there.
    /// Stretches are a place, start and end; those of one place do not overlap.
    pub(super) fn each_run(
        &mut self,
        window: usize,
        stretches: &mut [(usize, usize, usize)],
        each: impl FnMut(usize, usize, usize),
    ) {
        if stretches.len() * AS_LONG < window {
            self.pass_edges(stretches, each);
        } else {
            self.paint(window, stretches, each);
        }
    }

    fn pass_edges(
        &mut self,
        stretches: &[(usize, usize, usize)],
        mut each: impl FnMut(usize, usize, usize),
    ) {
        self.edges.clear();
        let both = |(place, start, end): &(usize, usize, usize)| [(*start, *place), (*end, *place)];
        self.edges.extend(stretches.iter().flat_map(both));
        self.edges.sort_unstable();
        let mut from = 0;
        for edges in self.edges.chunk_by(|a, b| a.0 == b.0) {
            let at = edges[0].0;
            if let Some(place) = last_set(&self.open) {
                each(place, from, at);
            }
            // What begins is set and what ends is not any more.
            for (_, place) in edges {
                self.open[place / 64] ^= 1 << (place % 64);
            }
            from = at;
        }
    }

    fn paint(
        &mut self,
        window: usize,
        stretches: &mut [(usize, usize, usize)],
        mut each: impl FnMut(usize, usize, usize),
    ) {
        self.painted.resize(WINDOW as usize, 0);
        let painted = &mut self.painted[..window];
        painted.fill(0);
        stretches.sort_unstable();
        for (place, start, end) in stretches.iter() {
            painted[*start..*end].fill(*place as u32 + 1);
        }
        let mut start = 0;
        for run in painted.chunk_by(|a, b| a == b) {
            let end = start + run.len();
            if run[0] > 0 {
                each(run[0] as usize - 1, start, end);
            }
            start = end;
        }
    }
}

fn last_set(bits: &[u64]) -> Option<usize> {
    let word = bits.iter().rposition(|bits| *bits != 0)?;
    Some(64 * word + bits[word].ilog2() as usize)
}
