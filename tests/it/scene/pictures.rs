//! Pictures and their regions.

use std::{collections::BTreeSet, fmt::Write as _};

use aki_lens::scene::{Drawing, Kind, NOTHING, Scene, Split, World};

use super::{alone, scenes};

#[test]
fn every_thing_is_at_least_65_percent_visible() {
    let world = World::new();
    let mut least = 1.0f64;
    for scene in scenes(Split::Train, 400) {
        let drawing = world.draw(&scene, 192);
        for (i, thing) in scene.things.iter().enumerate() {
            let whole = Scene { things: vec![*thing], ..scene.clone() };
            let whole = world.draw(&whole, 192).region(0).area();
            let visible = f64::from(drawing.region(i).area()) / f64::from(whole);
            least = least.min(visible);
            assert!(visible >= 0.65, "{} is {visible:.2} visible", thing.kind);
            let plate = drawing.plate_region(i).area();
            assert_eq!(thing.plate.is_some(), plate > 0, "the plate under {}", thing.kind);
        }
    }
    assert!(least < 0.9, "nothing ever stands before anything: {least}");
}

#[test]
fn a_small_picture_is_a_large_one_scaled_down() {
    let world = World::new();
    let mut total = 0.0;
    for scene in scenes(Split::Test, 40) {
        let (small, large) = (world.draw(&scene, 96), world.draw(&scene, 768));
        let scaled = scaled_down(&large, 8);
        let off: f64 =
            small.rgb.iter().zip(&scaled).map(|(a, b)| (f64::from(*a) - b).abs()).sum::<f64>()
                / scaled.len() as f64;
        assert!(off < 2.0, "{off:.2} of 255 on {:?}", scene.background.pattern);
        total += off;
    }
    assert!(total / 40.0 < 1.5, "{}", total / 40.0);
}

fn scaled_down(drawing: &Drawing, factor: usize) -> Vec<f64> {
    let side = drawing.side as usize;
    let n = side / factor;
    let mean = |at: usize| {
        let (row, col, channel) = (at / 3 / n * factor, at / 3 % n * factor, at % 3);
        let value = |i: usize| {
            let pixel = (row + i / factor) * side + col + i % factor;
            f64::from(drawing.rgb[pixel * 3 + channel])
        };
        (0..factor * factor).map(value).sum::<f64>() / (factor * factor) as f64
    };
    (0..n * n * 3).map(mean).collect()
}

#[test]
fn a_picture_is_drawn_twice_the_same() {
    let world = World::new();
    for scene in scenes(Split::Test, 5) {
        assert_eq!(world.draw(&scene, 96), World::new().draw(&scene, 96));
    }
}

#[test]
fn owned_pixels_are_those_that_change_when_the_thing_goes() {
    let world = World::new();
    for scene in scenes(Split::Test, 60) {
        let drawing = world.draw(&scene, 128);
        assert_eq!(drawing.rgb.len(), 128 * 128 * 3);
        for (i, thing) in scene.things.iter().enumerate() {
            let mut without = scene.clone();
            without.things.remove(i);
            let empty = world.draw(&without, 128);
            let mut same = 0;
            for (at, owner) in drawing.owner.iter().enumerate() {
                let [x, y] = [at % 128, at / 128].map(|v| (v as f32 + 0.5) / 128.0);
                let near = (x - thing.center[0]).hypot(y - thing.center[1]);
                if usize::from(*owner) == i {
                    assert!(near <= 0.6 * thing.size, "a pixel of {} far off", thing.kind);
                    let rgb = at * 3..at * 3 + 3;
                    same += usize::from(drawing.rgb[rgb.clone()] == empty.rgb[rgb]);
                }
                // A pixel shows a thing or a plate, never both.
                assert!(*owner == NOTHING || drawing.plate_owner[at] == NOTHING);
                if usize::from(drawing.plate_owner[at]) == i {
                    assert!(near <= 0.63 * thing.size + 0.01);
                }
            }
            let area = drawing.region(i).area() as usize;
            assert!(same * 20 <= area, "{same} of {area} pixels of {} do not show it", thing.kind);
        }
    }
}

#[test]
fn a_region_tells_its_pixels_its_number_and_its_box() {
    let world = World::new();
    for scene in scenes(Split::Test, 30) {
        let drawing = world.draw(&scene, 64);
        for i in 0..scene.things.len() {
            let region = drawing.region(i);
            assert_eq!(region.counts().iter().sum::<u32>(), 64 * 64);
            let mut at = 0;
            let mut inside = BTreeSet::new();
            for (run, count) in region.counts().iter().enumerate() {
                if run % 2 == 1 {
                    // Down the columns.
                    inside.extend((at..at + count).map(|at| (at / 64, at % 64)));
                }
                at += count;
            }
            let owned: BTreeSet<(u32, u32)> = (0..64 * 64)
                .filter(|at| usize::from(drawing.owner[*at as usize]) == i)
                .map(|at| (at % 64, at / 64))
                .collect();
            assert_eq!(inside, owned);
            assert_eq!(region.area() as usize, owned.len());
            let bounds = region.bounds();
            let (xs, ys) = (owned.iter().map(|p| p.0), owned.iter().map(|p| p.1));
            assert_eq!(
                [bounds.x, bounds.y, bounds.x + bounds.width - 1, bounds.y + bounds.height - 1],
                [
                    xs.clone().min().unwrap(),
                    ys.clone().min().unwrap(),
                    xs.max().unwrap(),
                    ys.max().unwrap()
                ]
            );
        }
    }
}

#[test]
fn silhouettes_are_those_of_the_drawings() {
    let told = include_str!("../../../assets/icons/silhouettes.txt");
    let world = World::new();
    let mut drawn = String::new();
    for kind in Kind::all() {
        // The icon's square is 128 pixels wide: 8 a cell.
        let drawing = world.draw(&alone(kind, 0.8), 160);
        drawn += kind.name();
        for row in 0..16 {
            let is_covered = |col: usize| {
                let pixel = |i: usize| (16 + row * 8 + i / 8) * 160 + 16 + col * 8 + i % 8;
                (0..64).filter(|i| drawing.owner[pixel(*i)] == 0).count() >= 32
            };
            let bits = (0..16).fold(0, |bits, col| bits << 1 | u16::from(is_covered(col)));
            write!(drawn, " {bits:04x}").unwrap();
        }
        drawn.push('\n');
    }
    // A machine may round another way at the edge of a cell.
    let bits = |text: &str| -> Vec<u32> {
        text.split_whitespace().map(|w| u32::from_str_radix(w, 16).unwrap_or(0)).collect()
    };
    let (a, b) = (bits(told), bits(&drawn));
    let off: u32 = a.iter().zip(&b).map(|(a, b)| (a ^ b).count_ones()).sum();
    assert!(a.len() == b.len() && off < 40, "silhouettes.txt should be:\n{drawn}");
}
