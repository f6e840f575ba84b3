//! A comparison as a figure: like the qualitative ones of the paper, with its numbers. It is drawn of what
//! is kept of a comparison, so a session's needs no model.

use std::path::Path;

use anyhow::{Context as _, Result};

use super::{
    compare::{Compare, Comparison},
    compare_report::{DifferenceReport, Sides},
    compare_side::SideRequest,
    patch_map::MapReport,
};
use crate::{
    analysis::{BucketChart, ComparedWord, LayerShares, RunGroup, bucket_figure},
    domain::{
        CaptionField, Colormap, Curve, CurveFigure, CurveParts, Figure, ImageFit, ImageSize, Meter,
        go_on,
    },
    export::{
        ComparedSide, ComparisonFigure, MarkedWord, OverlayFigure, OverlayPanel, OverlayStyle,
        check_comparison_format, overlay_csv, write_comparison_while,
    },
};

/// The longest side of the picture in the figure: four of them stand beside each other on a page.
const MOST_PIXELS: u32 = 480;

/// Refuses a figure that cannot be written before anything is computed for it.
///
/// # Errors
/// An ending that names no format.
pub fn check_comparison_figure(path: Option<&Path>) -> Result<()> {
    path.map_or(Ok(()), check_comparison_format).context("--figure")
}

/// What the figure of a comparison is drawn of.
pub(super) struct ComparisonParts<'a> {
    /// The picture's pixels, row by row, and how many.
    pub rgb: &'a [u8],
    /// The picture's size.
    pub size: ImageSize,
    /// The side of the model's square, in pixels.
    pub model_side: u32,
    /// The question of both sides, or of the left one.
    pub question: &'a str,
    /// The right side's question, where it is another one.
    pub right_question: Option<&'a str>,
    /// Model and mode of each side.
    pub sides: Sides<SideRequest>,
    /// What separates them.
    pub difference: &'a DifferenceReport,
    /// One line of what can be trusted.
    pub trust_line: String,
    /// Both sides' bars by bucket.
    pub bars: Figure,
    /// How far the latents lie apart between two questions.
    pub drift: Figure,
}

/// Writes both sides and their difference as SVG or PNG.
///
/// # Errors
/// Numbers that make no figure; a place that cannot be written to.
pub fn write_comparison_figure(
    comparison: &Comparison,
    request: &Compare,
    path: &Path,
) -> Result<()> {
    let report = &comparison.report;
    let parts = ComparisonParts {
        rgb: &comparison.image.rgb,
        size: comparison.image.size,
        model_side: comparison.examined.left.run.fit.model_side,
        question: &request.question,
        right_question: request.right_question.as_deref(),
        sides: Sides { left: request.left.clone(), right: request.right.clone() },
        difference: &report.difference,
        trust_line: report.trust.line(),
        bars: bars(comparison, request)?,
        drift: drift(comparison, request)?,
    };
    parts.write(path, &Meter::new(&mut go_on))
}

impl ComparisonParts<'_> {
    /// Writes the figure as SVG or PNG, whole or not at all.
    ///
    /// # Errors
    /// As [`write_comparison_figure`]; `stopped`.
    pub(super) fn write(&self, path: &Path, meter: &Meter<'_>) -> Result<()> {
        let small = Reduced::of(self.rgb, self.size);
        let figure = ComparisonFigure {
            question: self.question.to_owned(),
            sides: [self.side(false), self.side(true)],
            maps: self.maps(&small),
            below: vec![
                vec![self.bars.clone(), self.drift.clone()],
                vec![self.on_picture()?, self.evenness()?],
            ],
            facts: self.facts(),
        };
        write_comparison_while(&figure, path, meter)?;
        Ok(())
    }

    /// Both maps and right less left as CSV, one line a patch; `NaN` where the mask closes a map.
    ///
    /// # Errors
    /// Numbers that make no table.
    pub(super) fn csv(&self) -> Result<String> {
        let maps = &self.difference.map;
        let of_side = |name: &str, side: &SideRequest, map: &MapReport| {
            let mut map_of = map.heatmap();
            if map.by_construction {
                map_of.values.fill(f64::NAN);
            }
            OverlayPanel { title: format!("{name}: {side}"), note: None, map: Some(map_of) }
        };
        let mut panels = vec![
            of_side("left", &self.sides.left, &maps.left),
            of_side("right", &self.sides.right, &maps.right),
        ];
        panels.extend(self.difference_panel());
        let figure = OverlayFigure {
            rgb: self.rgb,
            fit: ImageFit { image: self.size, model_side: self.model_side },
            panels,
            regions: None,
            value_label: "attention mass on a patch".to_owned(),
            style: OverlayStyle::default(),
            caption: Vec::new(),
            notes: Vec::new(),
        };
        Ok(overlay_csv(&figure)?)
    }

    /// Right less left, where both sides have a map.
    fn difference_panel(&self) -> Option<OverlayPanel> {
        let mut map = self.difference.map.right.heatmap();
        map.values.clone_from(self.difference.map_difference.as_ref()?);
        Some(OverlayPanel { title: "right \u{2212} left".to_owned(), note: None, map: Some(map) })
    }

    fn side(&self, is_right: bool) -> ComparedSide {
        let difference = self.difference;
        let (name, label, words) = match is_right {
            false => (&self.sides.left, &difference.labels.left, &difference.words.left),
            true => (&self.sides.right, &difference.labels.right, &difference.words.right),
        };
        let of = |sides: &Sides<Option<f64>>| if is_right { sides.right } else { sides.left };
        let mark =
            |word: &ComparedWord| MarkedWord { text: word.text.clone(), is_marked: word.differs };
        let own = self.right_question.filter(|_| is_right);
        ComparedSide {
            name: format!("{}: {name}", if is_right { "right" } else { "left" }),
            label: label.as_ref().map(|label| format!("out of distribution: {label}")),
            question: own.map(str::to_owned),
            answer: words.iter().map(mark).collect(),
            logprobs: [of(&difference.logprob.left_answer), of(&difference.logprob.right_answer)],
        }
    }
}

/// A picture made small enough for a page; maps are on patches, which stay where they are.
struct Reduced {
    rgb: Vec<u8>,
    size: ImageSize,
}

impl Reduced {
    /// The mean of the pixels that fall on each.
    fn of(rgb: &[u8], size: ImageSize) -> Self {
        let long = size.width.max(size.height);
        if long <= MOST_PIXELS {
            return Self { rgb: rgb.to_vec(), size };
        }
        let shorter = |n: u32| {
            (u64::from(n) * u64::from(MOST_PIXELS)).div_ceil(u64::from(long)).max(1) as u32
        };
        let small = ImageSize { width: shorter(size.width), height: shorter(size.height) };
        let span = |i: u32, n: u32, of: u32| {
            let at = |i: u32| (u64::from(i) * u64::from(of) / u64::from(n)) as usize;
            at(i)..at(i + 1).max(at(i) + 1)
        };
        let mean = |[x, y]: [u32; 2], channel: usize| {
            let (rows, columns) =
                (span(y, small.height, size.height), span(x, small.width, size.width));
            let n = (rows.len() * columns.len()) as u64;
            let of_row = |row: usize| {
                let start = 3 * row * size.width as usize + channel;
                columns.clone().map(|x| u64::from(rgb[start + 3 * x])).sum::<u64>()
            };
            (rows.map(of_row).sum::<u64>() / n) as u8
        };
        let places = (0..small.height).flat_map(|y| (0..small.width).map(move |x| [x, y]));
        let reduced = places.flat_map(|at| [0, 1, 2].map(|channel| mean(at, channel))).collect();
        Self { rgb: reduced, size: small }
    }
}

/// Both sides' bars.
pub(super) fn bars(comparison: &Comparison, request: &Compare) -> Result<Figure> {
    let mut chart = BucketChart::of(request.measure.reading);
    chart.per = request.measure.per;
    let examined = &comparison.examined;
    chart.n_edited_words = examined.left.words.n_edited();
    let names = [format!("left: {}", request.left.mode), format!("right: {}", request.right.mode)];
    let groups = [
        RunGroup { name: &names[0], runs: std::slice::from_ref(&examined.left.read) },
        RunGroup { name: &names[1], runs: std::slice::from_ref(&examined.right.read) },
    ];
    Ok(Figure::Bars(bucket_figure(&groups, &chart)?))
}

/// How far the latents lie apart between two questions, layer by layer.
pub(super) fn drift(comparison: &Comparison, request: &Compare) -> Result<Figure> {
    let difference = &comparison.report.difference;
    let curve = |name: String, drift: &[f64]| {
        let points = (1..).zip(drift).map(|(layer, d)| [f64::from(layer), *d]);
        Curve::new(name, points.collect())
    };
    let drift = &difference.latent_drift_by_layer;
    let [first, second] = &difference.latent_drift_between;
    Ok(Figure::Curves(CurveFigure::new(CurveParts {
        title: None,
        x_label: "decoder layers passed".to_owned(),
        value_label: "drift of the latents between two questions".to_owned(),
        value_span: None,
        curves: vec![
            curve(format!("left: {}", request.left.mode), &drift.left),
            curve(format!("right: {}", request.right.mode), &drift.right),
        ],
        caption: vec![
            CaptionField::new(
                "between",
                format!("\u{201c}{first}\u{201d} and \u{201c}{second}\u{201d}"),
            ),
            CaptionField::new("drift", "mean over latents of 2 |a \u{2212} b| / (|a| + |b|)"),
        ],
        notes: vec!["0: the picture's states know nothing of the question.".to_owned()],
    })?))
}

/// A number of a layer, by the name it has in a legend.
type NamedOfLayer<'a> = (&'a str, fn(&LayerShares) -> Option<f64>);

impl ComparisonParts<'_> {
    /// Picture and both maps on one scale; then, where both sides have a map, their difference.
    fn maps<'a>(&self, small: &'a Reduced) -> Vec<OverlayFigure<'a>> {
        let difference = self.difference;
        let model_side = self.model_side;
        let overlay = |panels, colormap, value_label: &str, caption| OverlayFigure {
            rgb: &small.rgb,
            fit: ImageFit { image: small.size, model_side },
            panels,
            regions: None,
            value_label: value_label.to_owned(),
            style: OverlayStyle { colormap, ..OverlayStyle::default() },
            caption,
            notes: Vec::new(),
        };
        let panel = |title: &str, note: Option<String>, map| OverlayPanel {
            title: title.to_owned(),
            note,
            map,
        };
        let side = |name: &str, map: &MapReport| {
            let note = match (map.by_construction, map.unplaced) {
                (true, _) => "closed by the mask".to_owned(),
                (_, Some(unplaced)) => format!("unplaced {unplaced:.3}"),
                _ => String::new(),
            };
            panel(name, Some(note).filter(|note| !note.is_empty()), Some(map.heatmap()))
        };
        let panels = vec![
            panel("picture", None, None),
            side(&format!("left: {}", self.sides.left.mode), &difference.map.left),
            side(&format!("right: {}", self.sides.right.mode), &difference.map.right),
        ];
        let caption = vec![
            CaptionField::new("map", difference.map.left.kind.clone()),
            CaptionField::new(
                "reading",
                "mass, mean over decoder layers and heads, through all resampler layers",
            ),
        ];
        let mut figures =
            vec![overlay(panels, Colormap::Viridis, "attention mass on a patch", caption)];
        if let Some(panel) = self.difference_panel() {
            let label = "difference of mass";
            figures.push(overlay(vec![panel], Colormap::Diverging, label, Vec::new()));
        }
        figures
    }

    /// One curve a side and name over decoder layers; what is not known of a layer is left out.
    fn by_layer(&self, of: &[NamedOfLayer<'_>]) -> Vec<Curve> {
        let layers = &self.difference.by_layer;
        let sides = [
            (format!("left: {}", self.sides.left.mode), &layers.left),
            (format!("right: {}", self.sides.right.mode), &layers.right),
        ];
        let mut curves: Vec<Curve> = Vec::new();
        for (side, layers) in &sides {
            let first = curves.len();
            for (name, value) in of {
                let points = layers.iter().filter_map(|l| Some([l.layer as f64, value(l)?]));
                let curve = Curve::new(format!("{side}, {name}"), points.collect());
                // A side has one color: its first curve's.
                let beside = (curves.len() > first).then_some(first);
                if !curve.points.is_empty() {
                    curves.push(Curve { beside, ..curve });
                }
            }
        }
        curves
    }

    /// How much of their attention words and answer pay to the picture, layer by layer.
    fn on_picture(&self) -> Result<Figure> {
        Ok(Figure::Curves(CurveFigure::new(CurveParts {
            title: None,
            x_label: "decoder layer".to_owned(),
            value_label: "attention mass on the picture".to_owned(),
            value_span: Some([0.0, 1.0]),
            curves: self.by_layer(&[
                ("words", |layer| layer.words_on_picture),
                ("answer", |layer| Some(layer.answer_on_picture)),
            ]),
            caption: vec![
                CaptionField::new(
                    "reading",
                    "mass on all latents together, mean over heads and rows",
                ),
                CaptionField::new("words", "positions behind the picture but the last"),
                CaptionField::new("answer", "rows that chose its tokens"),
            ],
            notes: Vec::new(),
        })?))
    }

    /// How many keys the answer's rows spread their attention over, layer by layer.
    fn evenness(&self) -> Result<Figure> {
        Ok(Figure::Curves(CurveFigure::new(CurveParts {
            title: None,
            x_label: "decoder layer".to_owned(),
            value_label: "entropy of the answer's attention (nats)".to_owned(),
            value_span: None,
            curves: self.by_layer(&[
                ("all keys", |layer| Some(layer.answer_entropy)),
                ("the picture alone", |layer| layer.answer_entropy_on_picture),
            ]),
            caption: vec![
                CaptionField::new(
                    "entropy",
                    "of each row and head by itself, then mean; exp of it is as many keys, paid evenly",
                ),
                CaptionField::new("the picture alone", "over latents, renormalised"),
            ],
            notes: Vec::new(),
        })?))
    }

    fn facts(&self) -> Vec<String> {
        let difference = self.difference;
        let mut facts = Vec::new();
        if let (Some(at), Some(alternatives)) =
            (difference.first_differing_token, &difference.alternatives)
        {
            let list = |chances: &[super::compare_report::TokenChance]| {
                let chance = |c: &super::compare_report::TokenChance| {
                    format!("\u{201c}{}\u{201d} {:.1} %", c.text.trim(), 100.0 * c.logprob.exp())
                };
                chances.iter().take(3).map(chance).collect::<Vec<_>>().join(", ")
            };
            facts.push(format!(
                "Likeliest at token {at}, the first that differs: left {}; right {}.",
                list(&alternatives.left),
                list(&alternatives.right)
            ));
        }
        facts.push(format!("Log-probabilities in nats, teacher-forced. {}.", self.trust_line));
        if !difference.not_comparable.is_empty() {
            facts.push(format!("Not comparable: {}.", difference.not_comparable.join("; ")));
        }
        facts
    }
}
