//! Regions as a person arranges and draws them.

use std::{collections::BTreeSet, path::PathBuf, sync::Arc};

use aki_lens::{
    app::{Command, Drawing, Job, JobOutput, RunId, jobs::Overlaps, update},
    domain::{Bucket, Coverage, ImageSize, RegionFormat, RegionMask, RegionSet},
};

use proptest::prelude::*;

use super::{Desk, fake, region};
use crate::session::SIZE;

#[test]
fn each_run_has_its_own_corrections_and_each_picture_its_own_regions() {
    let mut desk = Desk::new();
    desk.open(1);
    desk.ask("cup");
    desk.send(Command::SetBucket(0, Some(Bucket::Actions)));
    desk.send(Command::AddRegion(region(2, "left")));
    desk.open(2);
    assert!(desk.state.regions.is_none());
    desk.ask("pear");
    desk.send(Command::AddRegion(region(4, "right")));
    let bucket = |desk: &Desk, id| {
        let words = desk.state.words(id).unwrap();
        words.as_ref().as_ref().unwrap().words[0].bucket
    };
    assert_eq!(bucket(&desk, RunId(0)), Bucket::Actions);
    assert_ne!(bucket(&desk, RunId(1)), Bucket::Actions);
    desk.send(Command::SelectRun(RunId(0)));
    assert_eq!(desk.state.regions.as_ref().unwrap().set.regions()[0].label, "left");
    assert!(desk.state.regions.as_ref().unwrap().coverage.is_some());
    desk.send(Command::SelectRun(RunId(1)));
    assert_eq!(desk.state.regions.as_ref().unwrap().set.regions()[0].label, "right");
}

#[test]
fn regions_that_are_read_too_late_go_to_the_picture_they_are_of() {
    let mut desk = Desk::with(|slots, job, on_progress| match job {
        Job::ImportRegions(_, picture, _) => {
            let source = "late".to_owned();
            let set = RegionSet::new(SIZE, RegionFormat::Coco, source, vec![region(1, "late")]);
            Ok(JobOutput::Regions(picture, set, Vec::new()))
        }
        other => fake(slots, other, on_progress),
    });
    desk.open(1);
    update(&mut desk.state, Command::OpenPicture(PathBuf::from("2")));
    update(&mut desk.state, Command::ImportRegions(PathBuf::from("x.json"), None));
    desk.until(|state| state.jobs.is_empty());
    assert!(desk.state.regions.is_none());
    desk.open(1);
    assert_eq!(desk.state.regions.as_ref().unwrap().set.regions()[0].label, "late");
}

#[test]
fn regions_are_named_colored_hidden_and_taken_away_and_the_others_keep_theirs() {
    let mut desk = Desk::new();
    desk.open(1);
    for (left, name) in [(0, "a"), (2, "b"), (4, "c")] {
        desk.send(Command::AddRegion(region(left, name)));
    }
    desk.send(Command::RenameRegion(2, "sea".to_owned()));
    desk.send(Command::RecolorRegion(2, Some([1, 2, 3])));
    desk.send(Command::ShowRegion(0, false));
    desk.send(Command::ShowRegion(9, false));
    desk.send(Command::SetOverlap(Overlaps::Exclusive));
    let areas = |desk: &Desk| {
        let regions = desk.state.regions.as_ref().unwrap();
        regions.set.regions().iter().map(|region| region.mask.area()).collect::<Vec<_>>()
    };
    assert_eq!(areas(&desk), [8, 8, 8]);
    desk.send(Command::SetOverlap(Overlaps::All));
    assert_eq!(areas(&desk), [24, 16, 8]);
    desk.send(Command::RemoveRegion(Some(1)));
    let regions = desk.state.regions.as_ref().unwrap();
    assert_eq!(regions.set.regions()[1].label, "sea");
    assert_eq!(regions.colors.get(&1), Some(&[1, 2, 3]));
    assert_eq!(regions.hidden, BTreeSet::from([0]));
    assert_eq!(desk.state.workspace.selection.region, Some(1));
    desk.send(Command::RemoveRegion(None));
    assert!(desk.state.regions.is_none());
}

#[test]
fn regions_that_are_left_out_inside_larger_ones_keep_their_places_in_the_list() {
    let mut desk = Desk::new();
    desk.open(1);
    for (left, name) in [(4, "inside"), (0, "all"), (5, "edge")] {
        desk.send(Command::AddRegion(region(left, name)));
    }
    desk.send(Command::SetOverlap(Overlaps::TopLevel));
    let listed = |desk: &Desk| {
        let regions = desk.state.regions.as_ref().unwrap().set.regions().to_vec();
        regions.into_iter().map(|region| (region.label, region.mask.area())).collect::<Vec<_>>()
    };
    let of = |names: [&str; 3]| names.map(str::to_owned).into_iter().zip([0, 24, 0]).collect();
    let expected: Vec<(String, u32)> = of(["inside", "all", "edge"]);
    assert_eq!(listed(&desk), expected);
    // What is done to a row is done to that region.
    desk.send(Command::RenameRegion(1, "sky".to_owned()));
    let expected: Vec<(String, u32)> = of(["inside", "sky", "edge"]);
    assert_eq!(listed(&desk), expected);
    desk.send(Command::RemoveRegion(Some(1)));
    desk.send(Command::SetOverlap(Overlaps::All));
    assert_eq!(listed(&desk), [("inside".to_owned(), 8), ("edge".to_owned(), 4)]);
}

#[test]
fn another_name_changes_nothing_of_what_is_known_of_the_masks() {
    let mut desk = Desk::new();
    desk.open(1);
    desk.ask("cup");
    for overlaps in [Overlaps::All, Overlaps::Exclusive, Overlaps::TopLevel] {
        desk.send(Command::AddRegion(region(2, "left")));
        desk.send(Command::SetOverlap(overlaps));
        let before = desk.state.regions.clone().unwrap();
        desk.send(Command::RenameRegion(0, format!("{overlaps}")));
        let after = desk.state.regions.clone().unwrap();
        assert_eq!(after.set.regions()[0].label, overlaps.to_string());
        assert!(Arc::ptr_eq(&before.shapes, &after.shapes));
        assert!(Arc::ptr_eq(&before.coverage.unwrap(), &after.coverage.unwrap()));
        desk.send(Command::AddRegion(region(3, "more")));
        assert!(!Arc::ptr_eq(&before.shapes, &desk.state.regions.as_ref().unwrap().shapes));
    }
}

#[test]
fn overlaps_that_are_taken_back_leave_what_was_known_of_the_regions_as_they_came() {
    let mut desk = Desk::new();
    desk.open(1);
    desk.ask("cup");
    desk.send(Command::AddRegion(region(2, "left")));
    desk.send(Command::AddRegion(region(3, "more")));
    let known = |desk: &Desk| {
        let regions = desk.state.regions.clone().unwrap();
        (regions.shapes, regions.coverage.unwrap())
    };
    let before = known(&desk);
    desk.send(Command::SetOverlap(Overlaps::Exclusive));
    assert!(!Arc::ptr_eq(&before.0, &known(&desk).0) && before.1 != known(&desk).1);
    desk.send(Command::SetOverlap(Overlaps::All));
    let after = known(&desk);
    assert!(Arc::ptr_eq(&before.0, &after.0) && Arc::ptr_eq(&before.1, &after.1));
    // Not so, where one was added meanwhile.
    desk.send(Command::SetOverlap(Overlaps::Exclusive));
    desk.send(Command::AddRegion(region(4, "third")));
    desk.send(Command::SetOverlap(Overlaps::All));
    assert!(!Arc::ptr_eq(&before.0, &known(&desk).0) && before.1 != known(&desk).1);
}

#[test]
fn what_an_edit_leaves_of_the_shares_of_patches_is_what_covering_all_anew_would_find() {
    let mut desk = Desk::new();
    desk.open(1);
    desk.ask("cup");
    let check = |desk: &Desk| {
        let regions = desk.state.regions.as_ref().unwrap();
        let run = &desk.state.run().unwrap().run;
        let masks = regions.set.regions().iter().map(|region| &region.mask);
        let anew = Coverage::of(masks, run.patches, &run.fit);
        assert_eq!(**regions.coverage.as_ref().unwrap(), anew);
    };
    for (left, name) in [(0, "a"), (2, "b"), (2, "b again"), (4, "c"), (1, "d")] {
        desk.send(Command::AddRegion(region(left, name)));
        check(&desk);
    }
    for overlaps in [Overlaps::Exclusive, Overlaps::TopLevel, Overlaps::All] {
        desk.send(Command::SetOverlap(overlaps));
        check(&desk);
        desk.send(Command::RemoveRegion(Some(1)));
        check(&desk);
        desk.send(Command::AddRegion(region(3, "more")));
        check(&desk);
    }
    desk.send(Command::RemoveRegion(Some(0)));
    check(&desk);
}

proptest! {
    #[test]
    fn a_drawn_box_holds_the_pixels_whose_middles_lie_between_its_corners(
        corners in prop::array::uniform4(prop_oneof![
            -3.0..12.0_f64,
            (-6_i32..24).prop_map(|half| f64::from(half) / 2.0),
            prop::sample::select(vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY]),
        ]),
    ) {
        let size = ImageSize { width: 9, height: 7 };
        let [x0, y0, x1, y1] = corners;
        let inside = |at: u32, a: f64, b: f64| {
            let middle = f64::from(at) + 0.5;
            middle >= a.min(b) && middle < a.max(b)
        };
        let expected =
            RegionMask::of_pixels(size, |x, y| inside(x, x0, x1) && inside(y, y0, y1));
        match Drawing::Box([x0, y0], [x1, y1]).region(size, String::new()) {
            Ok(region) => prop_assert_eq!(region.mask, expected),
            Err(_) => prop_assert!(expected.is_empty()),
        }
    }
}

/// Draws into a picture and compares with a picture of `#` and `.`.
#[track_caller]
fn check_drawing(drawing: &Drawing, picture: &str) {
    let rows: Vec<&str> = picture.split_whitespace().collect();
    let size = ImageSize { width: rows[0].len() as u32, height: rows.len() as u32 };
    let region = drawing.region(size, "it".to_owned()).unwrap();
    let row =
        |y| (0..size.width).map(|x| if region.mask.contains(x, y) { '#' } else { '.' }).collect();
    let drawn: Vec<String> = (0..size.height).map(row).collect();
    assert_eq!(drawn, rows, "\n{}", drawn.join("\n"));
}

#[test]
fn what_a_person_draws_becomes_the_pixels_whose_middles_lie_inside() {
    check_drawing(&Drawing::Box([4.0, 3.0], [1.0, 1.0]), "..... .###. .###. .....");
    check_drawing(&Drawing::Box([-9.0, -9.0], [1.5, 99.0]), "#.... #.... #....");
    check_drawing(&Drawing::Brush(vec![[2.5, 1.5]], 1.1), "..#.. .###. ..#..");
    check_drawing(&Drawing::Brush(vec![[0.5, 0.5], [4.5, 0.5]], 0.6), "##### ..... .....");
    check_drawing(
        &Drawing::Brush(vec![[0.5, 0.5], [4.5, 4.5]], 0.8),
        "##... ###.. .###. ..### ...##",
    );
    check_drawing(&Drawing::Brush(vec![[1.5, 0.0], [1.5, 2.5]], 0.6), ".#... .#... .#... .....");
    let square = vec![[1.0, 1.0], [4.0, 1.0], [4.0, 3.0], [1.0, 3.0]];
    check_drawing(&Drawing::Polygon(square), "..... .###. .###. .....");
}

#[test]
fn a_drawing_beside_the_picture_is_refused() {
    let outside = [
        Drawing::Box([50.0, 50.0], [60.0, 60.0]),
        Drawing::Brush(vec![[50.0, 50.0]], 2.0),
        Drawing::Brush(Vec::new(), 2.0),
        Drawing::Brush(vec![[f64::NAN, 0.0]], 2.0),
        Drawing::Polygon(vec![[0.0, 0.0], [1.0, 1.0]]),
    ];
    for drawing in outside {
        assert!(drawing.region(SIZE, String::new()).is_err(), "{drawing:?}");
    }
}
