//! Figures on paper: nothing cut, nothing overlapping, the same bytes, the same numbers.

use std::fs;

use aki_lens::{
    domain::{
        Bar, BarCategory, BarFigure, BarGroup, BarParts, CaptionField, Curve, CurveFigure,
        CurveParts, Figure, FigureError, Interval, ReferenceLine,
    },
    export::{
        ExportError, FigureRow, PaperSize, figure_csv, figure_from_json, figure_json, figure_png,
        figure_svg, write_figure,
    },
};
use resvg::usvg::{Group, Node, Options, Rect, TextChunk, Tree};

const BUCKETS: [&str; 7] =
    ["Objects", "Relations", "Attributes", "Actions", "Function", "Other", "Template"];

const LONG_BUCKETS: [&str; 7] = [
    "Things that a picture can show",
    "Relations",
    "models/with_a_name/that-has.no-space",
    "Antidisestablishmentarianism",
    "Function",
    "WWWWWWWWWWWWWWWWWWWWWWWW",
    "Template",
];

const LONG_GROUPS: [&str; 8] = [
    "AKI-4B-phi-3.5-mini with modality-mutual attention in all layers and all heads",
    "/home/someone/models/of_a_person/with_a_very_long_folder_name_and_no_spaces_at_all/000123000",
    "mma",
    "causal & <trained> \"so\"",
    "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW",
    "ж λ ő → ×",
    "tab\tand\nline",
    "",
];

/// Bars of uneven heights: with intervals, one without tokens, one closed by the mask.
fn bars(group: usize, n_categories: usize, scale: f64) -> Vec<Bar> {
    let bar = |category: usize| {
        let value = scale * ((group * 5 + category * 3) % 11 + 1) as f64 / 37.0;
        let interval = Interval { low: value * 0.8, high: value * 1.3 };
        let n = 20 + (group + category) % 3;
        let full = Bar { interval: Some(interval), n, ..Bar::default() };
        match (group + category) % 7 {
            5 => Bar { value: None, ..Bar::default() },
            6 => Bar { value: Some(0.0), n, by_construction: true, ..Bar::default() },
            _ => Bar { value: Some(value), pooled: Some(value * 0.95), ..full },
        }
    };
    (0..n_categories).map(bar).collect()
}

fn figure(groups: &[&str], categories: &[&str], scale: f64) -> Figure {
    Figure::Bars(bar_figure(groups, categories, scale))
}

fn bar_figure(groups: &[&str], categories: &[&str], scale: f64) -> BarFigure {
    let group = |(i, name): (usize, &&str)| BarGroup {
        name: (*name).to_owned(),
        bars: bars(i, categories.len(), scale),
    };
    let category = |name: &&str| BarCategory {
        name: (*name).to_owned(),
        is_control: ["Function", "Other"].contains(name),
    };
    let field =
        |name: &str, value: &str| CaptionField { name: name.to_owned(), value: value.to_owned() };
    let parts = BarParts {
        title: Some("Which words does the picture look at, and how surely do we know?".to_owned()),
        value_label: "share of attention to the question".to_owned(),
        categories: categories.iter().map(category).collect(),
        groups: groups.iter().enumerate().map(group).collect(),
        reference: Some(ReferenceLine { value: scale, label: "uniform attention".to_owned() }),
        caption: vec![
            field("model", "tabletop/mma"),
            field("reading", "share (mass over the mass on the question's tokens, row by row)"),
            field("excluded", "template tokens, 12.3 % of the opened text mass"),
        ],
        notes: vec!["Zero by construction in causal.".to_owned()],
    };
    BarFigure::new(parts).unwrap()
}

/// The picture as another program reads it.
fn parse(svg: &str) -> Tree {
    let mut options = Options { font_family: "Arimo".to_owned(), ..Options::default() };
    let font = include_bytes!("../../assets/fonts/Arimo-Regular-subset.ttf");
    options.fontdb_mut().load_font_data(font.to_vec());
    Tree::from_str(svg, &options).unwrap()
}

/// Where texts stand, as that program measures them.
fn text_boxes(group: &Group, into: &mut Vec<(String, Rect)>) {
    for node in group.children() {
        match node {
            Node::Group(group) => text_boxes(group, into),
            Node::Text(text) => {
                let words = text.chunks().iter().map(TextChunk::text).collect();
                into.push((words, text.abs_bounding_box()));
            }
            _ => {}
        }
    }
}

#[track_caller]
fn check_texts(figure: &Figure, size: PaperSize) {
    check_svg_texts(&figure_svg(figure, size).unwrap(), 10);
}

/// No text leaves the figure or touches another, and there are more than some.
#[track_caller]
pub(crate) fn check_svg_texts(svg: &str, more_than: usize) {
    let tree = parse(svg);
    let mut boxes = Vec::new();
    text_boxes(tree.root(), &mut boxes);
    assert!(boxes.len() > more_than, "{} texts", boxes.len());
    let (width, height) = (tree.size().width(), tree.size().height());
    for (i, (text, a)) in boxes.iter().enumerate() {
        let is_inside =
            a.left() >= 0.0 && a.top() >= 0.0 && a.right() <= width && a.bottom() <= height;
        assert!(is_inside, "\"{text}\" leaves the figure: {a:?} in {width} x {height}");
        for (other, b) in &boxes[..i] {
            let apart = a.right() <= b.left()
                || b.right() <= a.left()
                || a.bottom() <= b.top()
                || b.bottom() <= a.top();
            assert!(apart, "\"{text}\" lies on \"{other}\": {a:?}, {b:?}");
        }
    }
}

#[test]
fn no_text_is_cut_or_lies_on_another_for_one_to_eight_groups() {
    for size in [PaperSize::FULL_WIDTH, PaperSize::ONE_COLUMN] {
        for n in 1..=8 {
            let short: Vec<String> = (0..n).map(|i| format!("g{i}")).collect();
            let short: Vec<&str> = short.iter().map(String::as_str).collect();
            for groups in [&short[..], &LONG_GROUPS[..n]] {
                check_texts(&figure(groups, &BUCKETS, 1.0), size);
                check_texts(&figure(groups, &LONG_BUCKETS, 1.0), size);
                check_texts(&figure(groups, &BUCKETS[..1], 1.0), size);
            }
        }
    }
    let twelve = ["Attributes"; 12];
    check_texts(&figure(&LONG_GROUPS, &twelve, 1.0), PaperSize { width_in: 2.5, height_in: 2.5 });
}

#[test]
fn tiny_huge_and_absent_values_are_drawn_too() {
    for scale in [1e-300, 1e-9, 3e-4, 0.0, 42.0, 99_999.0, 1e7, 1e300] {
        check_texts(&figure(&["a", "b"], &BUCKETS, scale), PaperSize::FULL_WIDTH);
    }
    let mut parts = BarParts::from(bar_figure(&["causal"], &BUCKETS, 1.0));
    parts.reference = None;
    parts.groups[0].bars =
        vec![Bar { value: Some(0.0), n: 1, by_construction: true, ..Bar::default() }; 7];
    let closed = Figure::Bars(BarFigure::new(parts).unwrap());
    check_texts(&closed, PaperSize::ONE_COLUMN);
    let svg = figure_svg(&closed, PaperSize::FULL_WIDTH).unwrap();
    assert!(svg.contains("zero by construction"));
}

#[test]
fn texts_of_the_svg_are_texts_and_its_size_is_that_of_paper() {
    let svg = figure_svg(&figure(&["mma", "a < b & c"], &BUCKETS, 1.0), PaperSize::FULL_WIDTH);
    let svg = svg.unwrap();
    assert!(svg.starts_with("<svg width=\"496.8pt\" height=\"259.2pt\""), "{}", &svg[..80]);
    assert!(svg.contains(">\nAttributes\n</text>") && svg.contains("a &lt; b &amp; c"));
    assert!(svg.contains("font-family=\"Arimo, Liberation Sans, Arial, Helvetica, sans-serif\""));
}

/// Width, height and pixels a meter that a PNG claims.
pub(crate) fn claims(png: &[u8]) -> (u32, u32, u32, u32) {
    let reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().unwrap();
    let info = reader.info();
    let dims = info.pixel_dims.unwrap();
    assert_eq!(dims.unit, png::Unit::Meter);
    (info.width, info.height, dims.xppu, dims.yppu)
}

#[test]
fn a_png_has_300_pixels_an_inch_and_says_so() {
    let small = figure(&["mma"], &BUCKETS, 1.0);
    // 300 pixels an inch are 11,811 a meter.
    let full = figure_png(&small, PaperSize::FULL_WIDTH).unwrap();
    assert_eq!(claims(&full), (2070, 1080, 11_811, 11_811));
    let one = figure_png(&small, PaperSize { height_in: 4.0, ..PaperSize::ONE_COLUMN }).unwrap();
    assert_eq!(claims(&one), (1020, 1200, 11_811, 11_811));
    // A figure that needs more room grows, by whole pixels.
    let grown = figure_png(&figure(&LONG_GROUPS, &LONG_BUCKETS, 1.0), PaperSize::ONE_COLUMN);
    let (width, height, ..) = claims(&grown.unwrap());
    assert!(width == 1020 && height > 840 && height % 5 == 0, "{width} x {height}");
}

#[test]
fn a_png_shows_the_colors_of_its_groups_on_white() {
    let png = figure_png(&figure(&["a", "b"], &BUCKETS, 1.0), PaperSize::FULL_WIDTH).unwrap();
    let mut reader = png::Decoder::new(std::io::Cursor::new(&png)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    reader.next_frame(&mut pixels).unwrap();
    let count = |color: [u8; 3]| pixels.chunks_exact(3).filter(|p| **p == color).count();
    assert!(count([0x00, 0x72, 0xb2]) > 10_000 && count([0xe6, 0x9f, 0x00]) > 10_000);
    assert!(count([0xff; 3]) > pixels.len() / 6);
}

#[test]
fn json_and_csv_give_back_the_same_numbers() {
    let bars = bar_figure(&LONG_GROUPS[..3], &BUCKETS, std::f64::consts::PI * 1e-7);
    let figure = Figure::Bars(bars.clone());
    let json = figure_json(&figure).unwrap();
    assert_eq!(figure_from_json(&json).unwrap(), figure);
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert!(value["version"] == 1 && value["figure"] == "bars");
    let csv = figure_csv(&figure).unwrap();
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let heading = ["group", "category", "is_control", "value", "low", "high", "pooled", "n"];
    assert_eq!(reader.headers().unwrap().iter().take(8).collect::<Vec<_>>(), heading);
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 3 * 7);
    let all = bars.parts().groups.iter().flat_map(|g| g.bars.iter().map(move |bar| (g, bar)));
    for (row, (group, bar)) in rows.iter().zip(all) {
        let number = |at: usize| row[at].parse::<f64>().ok();
        assert_eq!(row[0], group.name);
        assert_eq!((number(3), number(6)), (bar.value, bar.pooled));
        assert_eq!(
            (number(4), number(5)),
            (bar.interval.map(|i| i.low), bar.interval.map(|i| i.high))
        );
        assert_eq!(
            (&row[7], &row[8]),
            (bar.n.to_string().as_str(), bar.by_construction.to_string().as_str())
        );
    }
}

#[test]
fn json_that_makes_no_figure_is_refused() {
    let json = figure_json(&figure(&["a"], &BUCKETS[..1], 1.0)).unwrap();
    let later = json.replacen("\"version\": 1", "\"version\": 2", 1);
    let found = figure_from_json(&later).unwrap_err();
    assert!(matches!(found, ExportError::Version { found: 2, known: 1 }));
    let bent = json.replacen("\"groups\": [", "\"groups\": [], \"more\": [", 1);
    let found = figure_from_json(&bent).unwrap_err();
    let source = std::error::Error::source(&found).unwrap().to_string();
    assert!(source.contains("1 to 8 groups, not 0"), "{source}");
}

#[test]
fn the_same_figure_gives_the_same_bytes() {
    let figure = figure(&LONG_GROUPS[..4], &BUCKETS, 1.0);
    let size = PaperSize::ONE_COLUMN;
    assert_eq!(figure_svg(&figure, size).unwrap(), figure_svg(&figure, size).unwrap());
    assert_eq!(figure_png(&figure, size).unwrap(), figure_png(&figure, size).unwrap());
}

#[test]
fn a_file_is_written_in_the_format_of_its_name_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let figure = figure(&["mma"], &BUCKETS, 1.0);
    let write =
        |name: &str| write_figure(&figure, &folder.path().join(name), PaperSize::FULL_WIDTH);
    for name in ["a.svg", "a.PNG", "a.csv", "a.json"] {
        write(name).unwrap();
        assert!(fs::metadata(folder.path().join(name)).unwrap().len() > 500, "{name}");
    }
    assert!(matches!(write("a.pdf"), Err(ExportError::UnknownFormat { .. })));
    assert!(matches!(write("missing/a.svg"), Err(ExportError::Write { .. })));
    let found = write_figure(
        &figure,
        &folder.path().join("b.svg"),
        PaperSize { width_in: f64::NAN, height_in: 3.0 },
    );
    assert!(matches!(found, Err(ExportError::Size { .. })));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 4, "nothing half-written is left");
}

#[test]
fn parts_that_do_not_fit_make_no_figure() {
    let good = bar_figure(&["a", "b"], &BUCKETS, 1.0);
    let check = |change: fn(&mut BarParts)| {
        let mut parts = good.parts().clone();
        change(&mut parts);
        BarFigure::new(parts).unwrap_err()
    };
    let none = check(|p| p.groups.clear());
    assert_eq!(none, FigureError::Groups { found: 0, most: 8 });
    let nine = check(|p| p.groups = vec![p.groups[0].clone(); 9]);
    assert_eq!(nine, FigureError::Groups { found: 9, most: 8 });
    let short = check(|p| p.groups[1].bars.truncate(6));
    assert_eq!(short, FigureError::Bars { group: "b".to_owned(), found: 6, expected: 7 });
    let nan = check(|p| p.groups[0].bars[1].pooled = Some(f64::NAN));
    assert!(matches!(nan, FigureError::NotFinite { .. }));
    let bent = check(|p| p.groups[0].bars[0].interval = Some(Interval { low: 1.0, high: 0.0 }));
    assert!(matches!(bent, FigureError::UpsideDown { .. }));
    assert_eq!(
        check(|p| p.reference.as_mut().unwrap().value = f64::INFINITY),
        FigureError::Reference
    );
    assert!(matches!(check(|p| p.categories.clear()), FigureError::Categories { found: 0, .. }));
}

/// Curves that rise unevenly, `n` of them, over steps up to `last`.
fn curve_parts(n: usize, last: f64) -> CurveParts {
    let curve = |i: usize| {
        let rise = |p: usize| (p as f64 / (3.0 + i as f64)).min(0.9 + i as f64 / 200.0);
        let points = (0..=20).map(|p| [last * p as f64 / 20.0, rise(p)]);
        let name =
            LONG_GROUPS.get(i).map_or_else(|| format!("curve {i}"), |name| (*name).to_owned());
        Curve::new(name, points.collect())
    };
    CurveParts {
        title: Some("How fast is it learned?".to_owned()),
        x_label: "steps".to_owned(),
        value_label: "share right".to_owned(),
        value_span: None,
        curves: (0..n).map(curve).collect(),
        caption: vec![CaptionField { name: "stage".to_owned(), value: "finetune, mma".to_owned() }],
        notes: vec!["One seed.".to_owned()],
    }
}

#[test]
fn no_text_is_cut_or_lies_on_another_for_one_to_sixteen_curves() {
    for size in [PaperSize::FULL_WIDTH, PaperSize::ONE_COLUMN] {
        for (n, last) in [(1, 6000.0), (4, 123_456_789.0), (9, 0.001), (16, 1.0)] {
            let figure = CurveFigure::new(curve_parts(n, last)).unwrap();
            check_texts(&Figure::Curves(figure), size);
        }
    }
    let mut lone = curve_parts(2, 1.0);
    lone.curves.iter_mut().for_each(|curve| curve.points.truncate(1));
    let lone = Figure::Curves(CurveFigure::new(lone).unwrap());
    assert!(figure_svg(&lone, PaperSize::FULL_WIDTH).unwrap().contains("polyline"));
}

/// The texts of a figure, each as it is written.
fn svg_texts(svg: &str) -> Vec<String> {
    let mut boxes = Vec::new();
    text_boxes(parse(svg).root(), &mut boxes);
    boxes.into_iter().map(|(text, _)| text).collect()
}

#[test]
fn what_is_counted_whole_has_whole_numbers_on_its_axis() {
    let layers = |last: f64| {
        let mut parts = curve_parts(1, 1.0);
        let points = (0..=last as usize).map(|layer| [layer as f64, 0.5]);
        parts.curves = vec![Curve::new("a layer each", points.collect())];
        figure_svg(&Figure::Curves(CurveFigure::new(parts).unwrap()), PaperSize::FULL_WIDTH)
            .unwrap()
    };
    for last in [1.0, 2.0, 3.0, 4.0, 31.0] {
        let texts = svg_texts(&layers(last));
        let bottom = texts.iter().filter(|text| text.parse::<f64>().is_ok());
        let halves: Vec<&String> = bottom.filter(|text| text.contains(".5")).collect();
        // The one half is the height.
        assert!(halves.len() <= 1, "{last}: {halves:?}");
    }
}

#[test]
fn a_curve_beside_another_shares_its_color_and_stands_after_it() {
    let mut parts = curve_parts(3, 10.0);
    parts.curves[2].beside = Some(0);
    let svg = figure_svg(
        &Figure::Curves(CurveFigure::new(parts.clone()).unwrap()),
        PaperSize::FULL_WIDTH,
    );
    let svg = svg.unwrap().to_lowercase();
    assert!(svg.contains("#0072b2") && svg.contains("#e69f00"), "the first two colors");
    assert!(!svg.contains("#009e73"), "the third color is not used");
    parts.curves[1].beside = Some(1);
    assert!(matches!(CurveFigure::new(parts), Err(FigureError::CurveBeside { .. })));
}

#[test]
fn figures_beside_each_other_share_a_page_and_its_captions() {
    let figure = |name: &str| {
        let mut parts = curve_parts(2, 10.0);
        parts.title = Some(name.to_owned());
        parts.value_span = Some([0.0, 70.0]);
        Figure::Curves(CurveFigure::new(parts).unwrap())
    };
    let row = FigureRow {
        title: Some("Both".to_owned()),
        figures: vec![figure("left one"), figure("right one")],
        caption: vec![CaptionField { name: "model".to_owned(), value: "some".to_owned() }],
        notes: vec!["Read together.".to_owned()],
    };
    let svg = row.svg(PaperSize::FULL_WIDTH).unwrap();
    for said in ["Both", "left one", "right one", "model: some", "Read together."] {
        assert!(svg.contains(said), "{said}");
    }
    let texts = svg_texts(&svg);
    assert_eq!(
        texts.iter().filter(|text| *text == "80").count(),
        2,
        "both axes span 70: {texts:?}"
    );
    let png = row.png(PaperSize::FULL_WIDTH).unwrap();
    let info = png::Decoder::new(std::io::Cursor::new(png)).read_info().unwrap();
    assert_eq!(info.info().width, 2070);
}

#[test]
fn curves_come_back_from_their_json_and_have_a_table() {
    let figure = Figure::Curves(CurveFigure::new(curve_parts(3, 6000.0)).unwrap());
    assert_eq!(figure_from_json(&figure_json(&figure).unwrap()).unwrap(), figure);
    let table = figure_csv(&figure).unwrap();
    assert!(
        table.starts_with("curve,x,y,low,high\n") && table.lines().count() == 1 + 3 * 21,
        "{table}"
    );
}

#[test]
fn curves_that_cannot_be_drawn_are_refused() {
    let check = |change: fn(&mut CurveParts)| {
        let mut parts = curve_parts(2, 1.0);
        change(&mut parts);
        CurveFigure::new(parts).unwrap_err()
    };
    assert_eq!(check(|p| p.curves.clear()), FigureError::Curves { found: 0, most: 16 });
    for change in [
        (|p: &mut CurveParts| p.curves[1].points.clear()) as fn(&mut CurveParts),
        |p| p.curves[1].points[3][1] = f64::NAN,
        |p| p.curves[1].points[3][0] = -1.0,
    ] {
        assert!(matches!(check(change), FigureError::Points { .. }));
    }
}
