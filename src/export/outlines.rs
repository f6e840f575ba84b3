//! Outlines of regions over a picture, and their names.

use crate::domain::{ImageSize, RegionSet};

use super::{
    canvas::{Anchor, Drawing, Point, ascent},
    font,
    paper::{INK, PT, Tenths, WHITE},
};

/// From this many regions on, lines are thin.
const MANY: usize = 40;

/// Draws the outlines of all regions over a picture of a size at a corner: a white line in a dark
/// one, which shows on every color. Names stand where there is room for them.
pub(super) fn draw_regions(
    drawing: &mut Drawing,
    set: &RegionSet,
    (corner, size): ([Tenths; 2], [Tenths; 2]),
    em: Tenths,
) {
    let ImageSize { width, height } = set.image();
    let place = |(x, y): (u32, u32)| -> Point {
        let along = |at: u32, of: u32, corner: Tenths, size: Tenths| {
            corner + (f64::from(at) / f64::from(of) * f64::from(size)).round() as Tenths
        };
        (along(x, width, corner[0], size[0]), along(y, height, corner[1], size[1]))
    };
    let wide = if set.regions().len() < MANY { em / 4 } else { em / 8 };
    let paths: Vec<Vec<Point>> = set
        .regions()
        .iter()
        .flat_map(|region| region.mask.outlines())
        .map(|path| path.iter().chain(path.first()).copied().map(place).collect())
        .collect();
    for (width, color) in [(wide, INK), ((wide / 2).max(2), WHITE)] {
        for path in &paths {
            drawing.path(path.clone(), width, color);
        }
    }
    let frame = (corner[0], corner[1], corner[0] + size[0], corner[1] + size[1]);
    let mut taken: Vec<Rect> = Vec::new();
    for region in set.regions().iter().filter(|region| !region.mask.is_empty()) {
        let bounds = region.mask.bounds();
        let from = place((bounds.x, bounds.y));
        let to = place((bounds.x + bounds.width, bounds.y + bounds.height));
        let name = region.name();
        let label = [font::width(&name, em) + 4 * PT / 2, font::height(1, em)];
        let free = candidates(from, to, label).into_iter().find(|rect| {
            is_inside(*rect, frame) && taken.iter().all(|other| is_apart(*rect, *other))
        });
        if let Some(rect) = free {
            taken.push(rect);
            drawing.area((rect.0, rect.1), (rect.2, rect.3), WHITE);
            let baseline_top = rect.1 + (label[1] - ascent(em)) / 4;
            drawing.lines(&[name], (rect.0 + PT, baseline_top), em, Anchor::Start);
        }
    }
}

/// Left, top, right, bottom.
type Rect = (Tenths, Tenths, Tenths, Tenths);

/// Places for a name: on the upper edge of its region, outside it, on the lower edge, within.
fn candidates(from: Point, to: Point, [width, height]: [Tenths; 2]) -> Vec<Rect> {
    let at = |x: Tenths, y: Tenths| (x, y, x + width, y + height);
    let middle =
        (i32::midpoint(from.0, to.0) - width / 2, i32::midpoint(from.1, to.1) - height / 2);
    vec![
        at(from.0, from.1 - height),
        at(to.0 - width, from.1 - height),
        at(from.0, to.1),
        at(to.0 - width, to.1),
        at(to.0, from.1),
        at(from.0 - width, from.1),
        at(from.0, from.1),
        at(to.0 - width, from.1),
        at(middle.0, middle.1),
        at(from.0, to.1 - height),
    ]
}

fn is_inside(a: Rect, frame: Rect) -> bool {
    a.0 >= frame.0 && a.1 >= frame.1 && a.2 <= frame.2 && a.3 <= frame.3
}

fn is_apart(a: Rect, b: Rect) -> bool {
    a.2 <= b.0 || b.2 <= a.0 || a.3 <= b.1 || b.3 <= a.1
}
