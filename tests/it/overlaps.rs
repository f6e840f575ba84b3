//! Regions that lie over each other, and what each covers of a patch.

use aki_lens::domain::{Grid, ImageFit, Region, RegionFormat, RegionId, RegionMask, RegionSet};
use aki_lens::regions::{
    Overlaps, coverage, from_boxes, rest_of_image, shares, small_regions, with_overlaps, with_rest,
};
use proptest::prelude::*;

use crate::regions::{drawn, set, size};

#[test]
fn overlaps_follow_their_policy() {
    let nested = set(&[
        "###### ###### ###### ......",
        "..##.. ..##.. ...... ......",
        ".....# .....# .....# .....#",
    ]);
    let draw = |policy| -> Vec<String> {
        with_overlaps(&nested, policy).regions().iter().map(|r| drawn(&r.mask)).collect()
    };
    assert_eq!(draw(Overlaps::All)[0], "###### ###### ###### ......");
    let exclusive = [
        "##..#. ##..#. #####. ......",
        "..##.. ..##.. ...... ......",
        ".....# .....# .....# .....#",
    ];
    assert_eq!(draw(Overlaps::Exclusive), exclusive);
    // The second lies within the first; the third does so to three quarters only.
    assert_eq!(
        draw(Overlaps::TopLevel),
        ["#####. #####. #####. ......", ".....# .....# .....# .....#"]
    );
    let of = shares(&nested);
    assert_eq!(
        (of.covered, of.overlapping, of.uncovered),
        (19.0 / 24.0, 7.0 / 24.0, 1.0 - 19.0 / 24.0)
    );
    assert_eq!(drawn(&rest_of_image(&nested).unwrap().mask), "...... ...... ...... #####.");
    let whole = set(&["## ##"]);
    assert!(rest_of_image(&whole).is_none());
    for policy in [Overlaps::All, Overlaps::Exclusive, Overlaps::TopLevel] {
        assert_eq!(policy.to_string().parse(), Ok(policy));
    }
}

#[test]
fn of_equal_regions_the_first_keeps_the_pixels() {
    let twins = set(&["##. ...", "##. ..."]);
    let exclusive = with_overlaps(&twins, Overlaps::Exclusive);
    assert_eq!((exclusive.regions()[0].mask.area(), exclusive.regions()[1].mask.area()), (2, 0));
    assert_eq!(with_overlaps(&twins, Overlaps::TopLevel).regions().len(), 1);
}

#[test]
fn in_a_large_picture_each_pixel_is_the_smallest_regions_too() {
    // More pixels than are looked at together, with stretches over whole columns and up to the last pixel.
    let shown = size(300, 700);
    let whole = RegionMask::of_box(shown, 0..300, 0..700).unwrap();
    let boxes = [(0..180, 0..700), (90..300, 350..700), (93..94, 399..400)];
    let boxes = boxes.map(|(columns, rows)| RegionMask::of_box(shown, columns, rows).unwrap());
    let masks = [vec![whole], boxes.to_vec()].concat();
    let region = |(i, mask)| Region { id: RegionId::Number(i as i64), label: String::new(), mask };
    let regions = masks.into_iter().enumerate().map(region).collect();
    let set = RegionSet::new(shown, RegionFormat::Boxes, String::new(), regions);
    let own = with_overlaps(&set, Overlaps::Exclusive);
    let area = |i: usize| own.regions()[i].mask.area();
    assert_eq!(area(3), 1);
    assert_eq!(area(2), 210 * 350 - 1);
    assert_eq!(area(1), 180 * 700 - 90 * 350);
    assert_eq!(area(0), 120 * 350);
    for (x, y) in (0..300).step_by(7).flat_map(|x| (0..700).step_by(11).map(move |y| (x, y))) {
        let smallest = match (x < 180, x >= 90 && y >= 350) {
            (_, true) if (x, y) == (93, 399) => 3,
            (_, true) => 2,
            (true, false) => 1,
            (false, false) => 0,
        };
        let owners: Vec<usize> = (0..4).filter(|i| own.regions()[*i].mask.contains(x, y)).collect();
        assert_eq!(owners, [smallest], "at {x}, {y}");
    }
}

#[test]
fn coverage_weighs_by_area_and_maps_the_axes_by_themselves() {
    // 12 x 4 pixels squashed to 8 x 8, in 2 x 2 patches of 6 x 2 pixels of the picture.
    let wide = set(&["####........ ####........ ####........ ............"]);
    let fit = ImageFit { image: size(12, 4), model_side: 8 };
    let grid = Grid { rows: 2, cols: 2 };
    assert_eq!(coverage(&wide, grid, &fit).of_region(0), [8.0 / 12.0, 0.0, 4.0 / 12.0, 0.0]);
    assert_eq!(small_regions(&wide, grid, &fit), Vec::<String>::new());
    let dot = set(&["#........... ............ ............ ............"]);
    assert_eq!(
        small_regions(&dot, grid, &fit),
        ["region 0 is smaller than a patch (1 of 12 pixels)"]
    );
}

#[test]
fn patches_are_whole_pixels_of_the_square_and_leave_its_rest_unseen() {
    // Side 10 in 3 patches: 3 pixels each, the last pixel unseen.
    let all = set(&[&["##########"; 10].join(" ")]);
    let fit = ImageFit { image: size(10, 10), model_side: 10 };
    let one = coverage(&all, Grid { rows: 3, cols: 3 }, &fit);
    assert!(one.shares.iter().all(|share| (share - 1.0).abs() < 1e-6));
    let edge = set(&[&[".........#"; 10].join(" ")]);
    assert!(coverage(&edge, Grid { rows: 3, cols: 3 }, &fit).shares.iter().all(|s| *s == 0.0));
}

prop_compose! {
    fn any_set()(width in 1_u32..20, height in 1_u32..20)
        (boxes in proptest::collection::vec((0..width, 0..height, 1..=width, 1..=height), 1..8), width in Just(width), height in Just(height))
        -> RegionSet {
        let texts: Vec<String> = boxes.iter().map(|(x, y, w, h)| format!("{x},{y},{w},{h}")).collect();
        from_boxes(texts.iter().map(String::as_str), size(width, height)).unwrap()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn each_pixel_belongs_to_the_smallest_region_over_it_whether_stretches_are_few_or_many(
        stretches in prop::collection::vec(prop::collection::vec((0_u32..4000, 1_u32..900), 1..4), 1..6),
        n_dots in prop_oneof![Just(0_u32), Just(300)],
    ) {
        let shown = size(80, 50);
        let blank = RegionMask::empty(shown).unwrap();
        let region = |(i, stretches): (usize, Vec<(u32, u32)>)| {
            let mask = blank.with_stretches(stretches);
            Region { id: RegionId::Number(i as i64), label: String::new(), mask }
        };
        let dots = (0..n_dots).map(|i| (13 * i, 13 * i + 2)).collect();
        let all: Vec<Region> = stretches
            .into_iter()
            .map(|of_one| of_one.into_iter().map(|(at, n)| (at, at + n)).collect())
            .chain([dots])
            .enumerate()
            .map(region)
            .collect();
        let set = RegionSet::new(shown, RegionFormat::Boxes, String::new(), all);
        let own = with_overlaps(&set, Overlaps::Exclusive);
        for (x, y) in (0..80).flat_map(|x| (0..50).map(move |y| (x, y))) {
            let over = |i: &usize| set.regions()[*i].mask.contains(x, y);
            let smallest =
                (0..set.regions().len()).filter(over).min_by_key(|i| set.regions()[*i].mask.area());
            let has_it = |i: &usize| own.regions()[*i].mask.contains(x, y);
            let owners: Vec<usize> = (0..own.regions().len()).filter(has_it).collect();
            prop_assert_eq!(owners, smallest.into_iter().collect::<Vec<_>>());
        }
    }

    #[test]
    fn disjoint_regions_and_the_rest_sum_to_one_in_every_patch(set in any_set(), rows in 1_usize..5, cols in 1_usize..5, side in 5_u32..40) {
        let fit = ImageFit { image: set.image(), model_side: side };
        let grid = Grid { rows, cols };
        for policy in [Overlaps::Exclusive, Overlaps::TopLevel] {
            let split = with_rest(&with_overlaps(&set, policy));
            let pixels: u32 = split.regions().iter().map(|region| region.mask.area()).sum();
            prop_assert_eq!(pixels, set.image().width * set.image().height);
            let coverage = coverage(&split, grid, &fit);
            for patch in 0..grid.len() {
                let sum: f32 = (0..split.regions().len()).map(|r| coverage.of_region(r)[patch]).sum();
                prop_assert!((sum - 1.0).abs() < 1e-5, "{sum}");
            }
        }
        let all = with_rest(&set);
        let rest = if all.regions().len() > set.regions().len() { all.regions().last().map_or(0, |r| r.mask.area()) } else { 0 };
        let n = f64::from(set.image().width * set.image().height);
        prop_assert!((shares(&set).uncovered - f64::from(rest) / n).abs() < 1e-12);
    }
}
