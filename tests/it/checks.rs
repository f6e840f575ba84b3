//! Checks beside a map: what deletion and insertion count, and what they are compared with.

use std::{ops::ControlFlow, path::PathBuf};

use aki_lens::{
    analysis::{area_under, by_value, counts, draw_from, random_order, region_hit, shifted_order},
    app::jobs::{
        Checks, Fill, MapAsked, RegionSource, SubjectRequest, TaggerChoice, checks, checks_figure,
    },
    domain::{Figure, Grid, PixelInput, Progress},
    vision::painted,
};
use serde_json::Value;

use crate::{
    cli::{QUESTION, aki_lens, specimen, text},
    golden::{device, silent},
};

fn request(mode: &str, map: &str) -> Checks {
    let (model, image) = specimen();
    Checks {
        subject: SubjectRequest {
            model,
            image: PathBuf::from(image),
            question: QUESTION.to_owned(),
            mode: mode.parse().unwrap(),
            max_new_tokens: 8,
            dtype: None,
            tagger: TaggerChoice::Brill,
            edits: Vec::new(),
        },
        map: map.parse().unwrap(),
        fill: Fill::Grey,
        n_steps: 4,
        draws: 2,
        seed: 3,
        regions: RegionSource::default(),
    }
}

#[test]
fn orders_hold_every_unit_once_and_areas_are_means() {
    assert_eq!(by_value(&[0.1, 0.5, 0.5, 0.9]), [3, 1, 2, 0]);
    let sorted = |mut order: Vec<usize>| {
        order.sort_unstable();
        order
    };
    let all: Vec<usize> = (0..12).collect();
    let random = random_order(12, 5);
    assert_eq!((sorted(random.clone()), random_order(12, 5)), (all.clone(), random.clone()));
    assert_ne!(random, random_order(12, 6));
    let grid = Grid { rows: 3, cols: 4 };
    let moved = shifted_order(&all, grid, 1);
    assert_eq!(sorted(moved.clone()), all);
    // Every patch moved by the same rows and columns, and none stayed.
    let by = (moved[0] / 4, moved[0] % 4);
    for (patch, place) in moved.iter().enumerate() {
        assert_eq!(((patch / 4 + by.0) % 3, (patch % 4 + by.1) % 4), (place / 4, place % 4));
        assert_ne!(patch, *place);
    }
    assert_eq!(counts(144, 4), [0, 36, 72, 108, 144]);
    assert_eq!(counts(3, 10), [0, 1, 2, 3]);
    assert!((area_under(&[[0.0, -1.0], [0.5, -3.0], [1.0, -3.0]]) + 2.5).abs() < 1e-12);
    assert_eq!(draw_from(&[4, 6, 8], 4, 0), None);
    assert_eq!(draw_from(&[4, 6, 8], 3, 0), Some(vec![4, 6, 8]));
}

#[test]
fn a_map_hits_a_region_where_its_largest_patch_lies_mostly_inside() {
    let hit = region_hit(&[0.1, 0.6, 0.2, 0.1], &[0.0, 0.5, 1.0, 0.0]).unwrap();
    assert!(hit.pointing_hit);
    assert!((hit.energy_inside - 0.5).abs() < 1e-12 && (hit.area - 0.375).abs() < 1e-12);
    assert!(!region_hit(&[0.1, 0.6, 0.2, 0.1], &[1.0, 0.4, 1.0, 0.0]).unwrap().pointing_hit);
    assert_eq!(region_hit(&[0.0; 4], &[1.0; 4]), None);
}

#[test]
fn what_is_removed_is_grey_or_blurred_and_nothing_else_changes() {
    let side = 16;
    let values: Vec<f32> =
        (0..3 * side * side).map(|i| if i % side < side / 2 { -1.0 } else { 1.0 }).collect();
    let pixels = PixelInput { side, values };
    let left: Vec<bool> = (0..side * side).map(|i| i % side < 4).collect();
    let grey = painted(&pixels, &Fill::Grey.of(&pixels), &left);
    for (i, (value, was)) in grey.values.iter().zip(&pixels.values).enumerate() {
        assert_eq!(*value, if i % side < 4 { 0.0 } else { *was });
    }
    let blur = Fill::Blur.of(&pixels);
    let row = &blur.values[..side];
    assert!(row.is_sorted(), "an edge becomes a slope: {row:?}");
    assert!(row[4] > -1.0 && row[11] < 1.0, "{row:?}");
    assert!((row[7] + row[8]).abs() < 1e-5, "and stays where it was: {row:?}");
    let flat = PixelInput { side, values: vec![0.25; 3 * side * side] };
    assert!(Fill::Blur.of(&flat).values.iter().all(|v| (v - 0.25).abs() < 1e-6));
}

#[test]
fn curves_run_from_the_picture_to_nothing_and_back() {
    let mut asked = request("mma", "looks-at:fish");
    asked.regions.boxes = vec!["18,23,31,31".to_owned(), "60,60,20,20".to_owned()];
    let report = checks(&asked, device(), &mut silent()).unwrap();
    assert_eq!(report.parts, [0.0, 0.25, 0.5, 0.75, 1.0]);
    for curve in [&report.deletion, &report.insertion] {
        assert_eq!((curve.random.len(), curve.moved.len()), (2, 2));
        for points in [&curve.by_map].into_iter().chain(&curve.random).chain(&curve.moved) {
            assert_eq!(points.len(), 5);
        }
    }
    let ends = |curve: &[f64]| (curve[0], curve[4]);
    let (whole, nothing) = (report.logprob, report.logprob_without_picture);
    assert_eq!(ends(&report.deletion.by_map), (whole, nothing));
    assert_eq!(ends(&report.insertion.by_map), (nothing, whole));
    assert!(nothing < whole, "the answer was read from the picture: {nothing} {whole}");
    assert_eq!(report.regions.len(), 2);
    for region in &report.regions {
        assert_eq!(region.removed_elsewhere.len(), 2);
        assert!(region.energy_inside.unwrap() > 0.0 && region.area.unwrap() > 0.0);
    }
    // The plate that was asked for, against a place on the bare table.
    assert!(report.regions[0].removed < report.regions[1].removed, "{:?}", report.regions);
    assert_eq!(checks(&asked, device(), &mut silent()).unwrap(), report, "seeded");
    let Figure::Curves(figure) = checks_figure(&report).unwrap() else { panic!("curves") };
    assert_eq!(figure.parts().curves.len(), 6);
    assert_eq!(figure.parts().curves[1].intervals.len(), 5);
}

#[test]
fn a_map_that_the_mask_closes_cannot_be_checked() {
    let error = checks(&request("causal", "read-by:fish"), device(), &mut silent());
    let error = error.unwrap_err().to_string();
    assert!(error.contains("causal") && error.contains("--map"), "{error}");
    assert!("looks-at".parse::<MapAsked>().is_err());
    assert!("read-by:".parse::<MapAsked>().is_err());
}

#[test]
fn checks_stop_where_they_are_told_to() {
    let mut listener = |progress: Progress| match progress {
        Progress::Step { done: 3, .. } => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    };
    let error = checks(&request("mma", "answered-from"), device(), &mut listener).unwrap_err();
    assert_eq!(error.to_string(), "stopped");
}

#[test]
fn the_command_writes_curves_and_a_figure() {
    let folder = tempfile::TempDir::new().unwrap();
    let figure = folder.path().join("checks.csv");
    let (model, image) = specimen();
    let args = [
        "checks",
        "--device",
        "cpu",
        "--model",
        &model,
        "--image",
        &image,
        "--question",
        QUESTION,
        "--steps",
        "3",
        "--draws",
        "1",
        "--fill",
        "blur",
        "--json",
        "-",
        "--figure",
        figure.to_str().unwrap(),
    ];
    let output = aki_lens(&args);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&report["version"], &report["fill"]), (&1.into(), &"blur".into()));
    let table = std::fs::read_to_string(figure).unwrap();
    assert!(table.starts_with("curve,x,y,low,high\n") && table.lines().count() == 1 + 6 * 4);
}
