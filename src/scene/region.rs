//! The pixels of a thing.

use crate::domain::{ImageSize, RegionMask};

use super::draw::Drawing;

impl Drawing {
    /// The pixels that show a thing.
    pub fn region(&self, thing: usize) -> RegionMask {
        region_of(&self.owner, thing as u8, self.side)
    }

    /// The pixels that show the plate under a thing.
    pub fn plate_region(&self, thing: usize) -> RegionMask {
        region_of(&self.plate_owner, thing as u8, self.side)
    }
}

fn region_of(owner: &[u8], thing: u8, side: u32) -> RegionMask {
    let size = ImageSize { width: side, height: side };
    RegionMask::of_pixels(size, |x, y| owner[(y * side + x) as usize] == thing)
}
