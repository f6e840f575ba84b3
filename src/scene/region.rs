//! The pixels of a thing: their number, their box, and their mask in COCO's uncompressed form.

use serde::{Deserialize, Serialize};

use super::draw::Drawing;

/// A set of pixels of a picture.
///
/// # Source
/// COCO API, `common/maskApi.h`: runs go down the columns, and the first one is of pixels outside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Region {
    /// Lengths of the runs, outside and inside in turn.
    pub counts: Vec<u32>,
    /// Height and width of the picture.
    pub size: [u32; 2],
}

/// An upright box in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Box2 {
    /// Pixels left of it.
    pub x: u32,
    /// Pixels above it.
    pub y: u32,
    /// Pixels from left to right.
    pub width: u32,
    /// Pixels from top to bottom.
    pub height: u32,
}

impl Drawing {
    /// The pixels that show a thing.
    pub fn region(&self, thing: usize) -> Region {
        Region::of(&self.owner, thing as u8, self.side)
    }

    /// The pixels that show the plate under a thing.
    pub fn plate_region(&self, thing: usize) -> Region {
        Region::of(&self.plate_owner, thing as u8, self.side)
    }
}

impl Region {
    fn of(owner: &[u8], thing: u8, side: u32) -> Self {
        let n = side as usize;
        let mut counts = Vec::new();
        let (mut run, mut is_inside) = (0, false);
        for at in 0..n * n {
            let owns = owner[(at % n) * n + at / n] == thing;
            if owns != is_inside {
                counts.push(run);
                run = 0;
                is_inside = owns;
            }
            run += 1;
        }
        counts.push(run);
        Self { counts, size: [side, side] }
    }

    /// Number of pixels.
    pub fn area(&self) -> u32 {
        self.counts.iter().skip(1).step_by(2).sum()
    }

    /// The smallest box around the pixels; `None` where there are none.
    pub fn bounds(&self) -> Option<Box2> {
        let height = self.size[0].max(1);
        let (mut left, mut right, mut top, mut bottom) = (u32::MAX, 0, u32::MAX, 0);
        let mut at = 0;
        for (i, count) in self.counts.iter().enumerate() {
            if i % 2 == 1 {
                let last = at + count - 1;
                left = left.min(at / height);
                right = right.max(last / height);
                // A run that turns into the next column touches the bottom and the top.
                let turns = at / height != last / height;
                top = top.min(if turns { 0 } else { at % height });
                bottom = bottom.max(if turns { height - 1 } else { last % height });
            }
            at += count;
        }
        (left <= right).then(|| Box2 {
            x: left,
            y: top,
            width: right - left + 1,
            height: bottom - top + 1,
        })
    }
}
