//! Which of the stretches that lie over each other is on top, in a window of pixels.

use super::overlap::WINDOW;

/// Pixels that are painted in the time in which the two edges of a stretch are sorted and passed.
const AS_LONG: usize = 64;

/// Stretches painted over each other, in one of two ways: where they are few, their edges are passed from
/// left to right, and no pixel is looked at; where they are many, pixels are painted.
pub(super) struct Topmost {
    edges: Edges,
    /// A bit a place, set where its stretch goes on.
    open: Vec<u64>,
    /// One more than the place that each pixel has; 0 where there is none.
    painted: Vec<u32>,
}

impl Topmost {
    /// For stretches of so many places.
    pub(super) fn new(n_places: usize) -> Self {
        let open = vec![0; n_places.div_ceil(64)];
        Self { edges: Edges::default(), open, painted: Vec::new() }
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
        let mut from = 0;
        for edges in self.edges.sorted(stretches).chunk_by(|a, b| a.0 == b.0) {
            let at = edges[0].0 as usize;
            if let Some(place) = last_set(&self.open) {
                each(place, from, at);
            }
            // What begins is set and what ends is not any more.
            for (_, place) in edges {
                self.open[*place as usize / 64] ^= 1 << (place % 64);
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

/// Where stretches begin and end, with their places.
#[derive(Default)]
struct Edges {
    all: Vec<(u32, u32)>,
    half: Vec<(u32, u32)>,
}

/// Bits of a pixel's number in a window that are sorted at once: two times as many hold them all.
const DIGIT: u32 = 9;

impl Edges {
    /// Those of all stretches, from left to right. They are dealt out by the lower and then by the upper half
    /// of their pixel's number: that looks at each four times, where comparing looks some ten times.
    fn sorted(&mut self, stretches: &[(usize, usize, usize)]) -> &[(u32, u32)] {
        let both = |(place, start, end): &(usize, usize, usize)| {
            [(*start as u32, *place as u32), (*end as u32, *place as u32)]
        };
        self.all.clear();
        self.all.extend(stretches.iter().flat_map(both));
        self.half.resize(self.all.len(), (0, 0));
        deal(&self.all, &mut self.half, 0);
        deal(&self.half, &mut self.all, DIGIT);
        &self.all
    }
}

/// Brings edges in the order of some bits of their pixels; those that have them in common stay as they are.
fn deal(from: &[(u32, u32)], to: &mut [(u32, u32)], shift: u32) {
    let digit = |(at, _): &(u32, u32)| (at >> shift) as usize % (1 << DIGIT);
    let mut next = [0; (1 << DIGIT) + 1];
    for edge in from {
        next[digit(edge) + 1] += 1;
    }
    for i in 1..next.len() {
        next[i] += next[i - 1];
    }
    for edge in from {
        let place = &mut next[digit(edge)];
        to[*place] = *edge;
        *place += 1;
    }
}

fn last_set(bits: &[u64]) -> Option<usize> {
    let word = bits.iter().rposition(|bits| *bits != 0)?;
    Some(64 * word + bits[word].ilog2() as usize)
}
