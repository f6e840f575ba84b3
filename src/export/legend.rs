//! The legend: outside the plot, in rows that wrap.

use crate::domain::BarParts;

use super::{
    bar_marks::{Ink, cross, dashes, diamond, filled_bar, whisker},
    canvas::{Anchor, Drawing},
    curves::draw_curve,
    font,
    paper::{self, Color, PT, Tenths},
};

const SWATCH: (Tenths, Tenths) = (11 * PT, 65);
/// From a swatch to its text.
const TEXT_GAP: Tenths = 4 * PT;
/// From an entry to the next.
const ENTRY_GAP: Tenths = 11 * PT;

/// What stands left of an entry's text.
#[derive(Debug)]
pub(super) enum Swatch {
    Group(Color),
    Curve { color: Color, is_dashed: bool },
    Control,
    Interval,
    Pooled,
    Reference,
    Closed,
}

/// Space from a row of entries to the next, in em.
const ROW: f64 = 1.4;

/// Draws the legend from `top` down, between `left` and `right`; gives back its bottom.
pub(super) fn draw(
    drawing: &mut Drawing,
    entries: Vec<(Swatch, String)>,
    (left, right): (Tenths, Tenths),
    top: Tenths,
    em: Tenths,
) -> Tenths {
    let between_rows = ((ROW - font::LEADING) * f64::from(em)) as Tenths;
    let (mut x, mut y, mut row_height) = (left, top, 0);
    for (swatch, text) in entries {
        let most = right - left - SWATCH.0 - TEXT_GAP;
        let lines = font::wrap(&text, em, most);
        let text_width = lines.iter().map(|line| font::width(line, em)).max().unwrap_or(0);
        let width = SWATCH.0 + TEXT_GAP + text_width;
        if x > left && x + width > right {
            (x, y, row_height) = (left, y + row_height + between_rows, 0);
        }
        let middle = y + font::height(1, em) / 2;
        draw_swatch(drawing, &swatch, (x, middle));
        drawing.lines(&lines, (x + SWATCH.0 + TEXT_GAP, y), em, Anchor::Start);
        row_height = row_height.max(font::height(lines.len().max(1), em));
        x += width + ENTRY_GAP;
    }
    y + row_height
}

/// What a chart's legend says: groups first, then every kind of mark that stands in the plot.
pub(super) fn entries(parts: &BarParts, shows_pooled: bool) -> Vec<(Swatch, String)> {
    let groups = parts.groups.iter().zip(paper::GROUPS);
    let mut entries: Vec<(Swatch, String)> =
        groups.map(|(group, color)| (Swatch::Group(color), group.name.clone())).collect();
    let bars = || parts.groups.iter().flat_map(|group| &group.bars);
    let has_interval = bars().any(|bar| bar.interval.is_some());
    let is_closed = bars().any(|bar| bar.by_construction);
    let mut add = |is_there: bool, swatch: Swatch, text: &str| {
        if is_there {
            entries.push((swatch, text.to_owned()));
        }
    };
    add(parts.categories.iter().any(|c| c.is_control), Swatch::Control, "control");
    add(has_interval, Swatch::Interval, "95 % interval of the mean");
    add(shows_pooled, Swatch::Pooled, "pooled over all rows and tokens");
    if let Some(line) = &parts.reference {
        add(true, Swatch::Reference, &line.label);
    }
    add(is_closed, Swatch::Closed, "zero by construction: closed by the mask");
    entries
}

fn draw_swatch(drawing: &mut Drawing, swatch: &Swatch, (x, middle): (Tenths, Tenths)) {
    let (width, height) = SWATCH;
    let (from, to) = ((x, middle - height / 2), (x + width, middle + height / 2));
    let center = (x + width / 2, middle);
    let sample = |color, is_control| Ink { color, is_control };
    match swatch {
        Swatch::Group(color) => filled_bar(drawing, (from, to), sample(*color, false)),
        Swatch::Curve { color, is_dashed } => {
            draw_curve(drawing, &[(x, middle), (x + width, middle)], (*color, *is_dashed));
        }
        Swatch::Control => filled_bar(drawing, (from, to), sample(paper::FAINT_INK, true)),
        Swatch::Interval => whisker(drawing, center.0, (from.1, to.1), 4 * PT),
        Swatch::Pooled => diamond(drawing, center, 24),
        Swatch::Reference => dashes(drawing, (x, x + width), middle),
        Swatch::Closed => cross(drawing, center, 28),
    }
}
