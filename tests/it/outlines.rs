//! Outlines of regions: closed, along pixels, around the very pixels of the mask.

use aki_lens::domain::{ImageSize, PixelCorner, RegionMask};
use proptest::prelude::*;

/// A mask from a picture of `#` and `.`, rows separated by spaces.
fn mask(picture: &str) -> RegionMask {
    let rows: Vec<&[u8]> = picture.split_whitespace().map(str::as_bytes).collect();
    let size = ImageSize { width: rows[0].len() as u32, height: rows.len() as u32 };
    RegionMask::of_pixels(size, |x, y| rows[y as usize][x as usize] == b'#')
}

/// Pixels inside a path to its right, less those to its left.
fn area(path: &[PixelCorner]) -> i64 {
    let next = path.iter().cycle().skip(1);
    let cross = path
        .iter()
        .zip(next)
        .map(|(a, b)| i64::from(a.0) * i64::from(b.1) - i64::from(b.0) * i64::from(a.1));
    cross.sum::<i64>() / 2
}

#[test]
fn one_pixel_has_four_corners_and_the_picture_has_its_own() {
    assert_eq!(mask("... .#. ...").outlines(), [[(1, 1), (2, 1), (2, 2), (1, 2)]]);
    assert_eq!(mask("## ## ##").outlines(), [[(0, 0), (2, 0), (2, 3), (0, 3)]]);
    assert!(mask("... ...").outlines().is_empty());
}

#[test]
fn a_hole_is_a_path_of_its_own_that_runs_the_other_way() {
    let paths = mask("### #.# ###").outlines();
    assert_eq!(paths.len(), 2);
    assert_eq!(paths.iter().map(|path| area(path)).collect::<Vec<_>>(), [9, -1]);
}

#[test]
fn pixels_that_touch_at_a_corner_are_in_different_paths() {
    for picture in ["#. .#", ".# #."] {
        let paths = mask(picture).outlines();
        assert_eq!(paths.iter().map(|path| area(path)).collect::<Vec<_>>(), [1, 1], "{picture}");
    }
    // The hole of a ring that is closed at a corner.
    let paths = mask("##. #.# ###").outlines();
    assert_eq!(paths.iter().map(|path| area(path)).sum::<i64>(), 7);
}

proptest! {
    #[test]
    fn paths_close_turn_at_each_corner_and_hold_the_pixels_of_the_mask(
        width in 1_u32..9, height in 1_u32..9, bits in any::<u128>(),
    ) {
        let is_inside = |x: u32, y: u32| bits >> (x * height + y) & 1 == 1;
        let mask = RegionMask::of_pixels(ImageSize { width, height }, is_inside);
        let paths = mask.outlines();
        prop_assert_eq!(paths.iter().map(|path| area(path)).sum::<i64>(), i64::from(mask.area()));
        for path in &paths {
            for i in 0..path.len() {
                let [a, b, c] = [0, 1, 2].map(|j| path[(i + j) % path.len()]);
                let is_level = |p: PixelCorner, q: PixelCorner| p.1 == q.1;
                prop_assert!(is_level(a, b) != is_level(b, c), "{:?}", path);
                prop_assert!(a.0 == b.0 || a.1 == b.1, "{:?}", path);
            }
        }
        // Each edge between inside and outside lies on exactly one path.
        let at = |x: i64, y: i64| {
            (0..i64::from(width)).contains(&x) && (0..i64::from(height)).contains(&y)
                && is_inside(x as u32, y as u32)
        };
        let mut n_edges = 0;
        for x in 0..=i64::from(width) {
            for y in 0..=i64::from(height) {
                n_edges += i64::from(at(x, y) != at(x - 1, y)) + i64::from(at(x, y) != at(x, y - 1));
            }
        }
        let length = |path: &Vec<PixelCorner>| {
            let next = path.iter().cycle().skip(1);
            path.iter().zip(next).map(|(a, b)| i64::from(a.0.abs_diff(b.0) + a.1.abs_diff(b.1))).sum::<i64>()
        };
        prop_assert_eq!(paths.iter().map(length).sum::<i64>(), n_edges);
    }
}

#[test]
fn a_stretch_over_many_columns_is_cut_at_their_ends() {
    let blank = mask("......... ......... .........");
    // Within a column, over four of them, two in one after some without, and up to the last pixel.
    let stretches = vec![(0, 1), (2, 10), (18, 19), (20, 21), (26, 27)];
    let found: Vec<(u32, u32, u32)> = blank
        .with_stretches(stretches)
        .segments()
        .map(|segment| (segment.x, segment.top, segment.bottom))
        .collect();
    let expected =
        [(0, 0, 1), (0, 2, 3), (1, 0, 3), (2, 0, 3), (3, 0, 1), (6, 0, 1), (6, 2, 3), (8, 2, 3)];
    assert_eq!(found, expected);
    assert_eq!(blank.segments().count(), 0);
    assert_eq!(mask("## ## ##").segments().count(), 2);
}
