//! Maps over their picture: patches where they are, colors that compare, and all that must be said.

use std::{fs, io::Cursor, path::Path};

use aki_lens::{
    domain::{
        CaptionField, Colormap, Grid, Heatmap, ImageFit, ImageSize, MapKind, Reading, Region,
        RegionFormat, RegionId, RegionMask, RegionSet, TokenRow, ValueScale,
    },
    export::{
        ExportError, OverlayFigure, OverlayPanel, OverlayStyle, check_overlay_format, overlay_csv,
        overlay_png, overlay_svg, write_overlay,
    },
};

use crate::figures::{check_svg_texts, claims};

const PATCHES: Grid = Grid { rows: 2, cols: 3 };

/// A picture whose pixels are all different where it has at most 65,536.
fn picture(width: u32, height: u32) -> Vec<u8> {
    let n = width * height;
    (0..n).flat_map(|i| [(i >> 8) as u8, (i & 0xff) as u8, 200]).collect()
}

fn fit(width: u32, height: u32) -> ImageFit {
    ImageFit { image: ImageSize { width, height }, model_side: 12 }
}

fn map(values: &[f64]) -> Heatmap {
    Heatmap::new(PATCHES, values.to_vec(), MapKind::LooksAt, Reading::Mass)
}

fn panel(map: Heatmap) -> OverlayPanel {
    OverlayPanel { title: format!("{}: \"fish\"", map.kind), note: None, map: Some(map) }
}

fn figure(rgb: &[u8], fit: ImageFit, panels: Vec<OverlayPanel>) -> OverlayFigure<'_> {
    OverlayFigure {
        rgb,
        fit,
        panels,
        regions: None,
        value_label: "attention mass of a patch".to_owned(),
        style: OverlayStyle::default(),
        caption: vec![CaptionField { name: "model".to_owned(), value: "specimen".to_owned() }],
        notes: Vec::new(),
    }
}

/// Width, height and pixels of a PNG.
fn pixels(png: &[u8]) -> (usize, usize, Vec<[u8; 3]>) {
    let mut reader = png::Decoder::new(Cursor::new(png)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    (info.width as usize, info.height as usize, pixels.as_chunks::<3>().0.to_vec())
}

/// Left and top of the first pixel of a color.
fn find(width: usize, pixels: &[[u8; 3]], color: [u8; 3]) -> [usize; 2] {
    let at = pixels.iter().position(|pixel| *pixel == color).unwrap();
    [at % width, at / width]
}

fn count(pixels: &[[u8; 3]], color: [u8; 3]) -> usize {
    pixels.iter().filter(|pixel| **pixel == color).count()
}

#[test]
fn a_picture_keeps_its_own_pixels() {
    let (width, height) = (600, 90);
    let rgb = picture(width, height);
    let mut clear = figure(&rgb, fit(width, height), vec![panel(map(&[0.5; 6]))]);
    clear.style.opacity = 0.0;
    let png = overlay_png(&clear).unwrap();
    assert_eq!(claims(&png).2, 11_811, "300 pixels an inch");
    let (sheet, _, found) = pixels(&png);
    // The frame's line covers half of the outermost pixels, so the second of the second row is the
    // first that is whole.
    let own = rgb.as_chunks::<3>().0;
    let [left, top] = find(sheet, &found, own[600 + 1]);
    for y in 1..height as usize - 1 {
        for x in 1..width as usize - 1 {
            let there = found[(top + y - 1) * sheet + left + x - 1];
            assert_eq!(there, own[y * width as usize + x], "{x}, {y}");
        }
    }
}

#[test]
fn patches_lie_where_each_axis_of_the_squashed_square_says() {
    // Twelve pixels of the model's square are 600 wide and 90 high here: three patches of 200 across,
    // two of 45 down.
    let (width, height) = (600, 90);
    let rgb = vec![10; 3 * 600 * 90];
    let values = [0.0, 0.2, 0.4, 0.6, 0.8, 1.0];
    let mut opaque = figure(&rgb, fit(width, height), vec![panel(map(&values))]);
    opaque.style.opacity = 1.0;
    let (sheet, _, found) = pixels(&overlay_png(&opaque).unwrap());
    let color = |value: f64| Colormap::Viridis.rgb(value);
    // Below the frame's line.
    let [left, top] = find(sheet, &found, color(0.2));
    for (i, value) in values.into_iter().enumerate() {
        let (row, col) = (i / 3, i % 3);
        let (x, y) = ((left - 200) + col * 200, (top - 1) + row * 45);
        for [dx, dy] in [[3, 3], [198, 3], [3, 42], [198, 42]] {
            let there = found[(y + dy) * sheet + x + dx];
            assert_eq!(there, color(value), "patch {i} at {dx}, {dy}");
        }
    }
}

#[test]
fn what_no_patch_sees_stays_as_it_is() {
    // Patches of 4 of 14 pixels, three of them: two pixels of the square belong to none.
    let fit = ImageFit { image: ImageSize { width: 700, height: 700 }, model_side: 14 };
    assert_eq!(fit.patch_edges(PATCHES), [vec![0.0, 200.0, 400.0, 600.0], vec![0.0, 350.0, 700.0]]);
    let rgb = vec![10; 3 * 700 * 700];
    let png = overlay_png(&figure(&rgb, fit, vec![panel(map(&[1.0; 6]))])).unwrap();
    let n_bare = count(&pixels(&png).2, [10; 3]);
    assert!((68_000..=70_000).contains(&n_bare), "{n_bare} of 100 x 700, less the frame");
}

#[test]
fn the_same_number_has_the_same_color_in_all_panels_unless_asked_otherwise() {
    let rgb = vec![10; 3 * 60 * 60];
    let panels = || vec![panel(map(&[0.0, 0.1, 0.2, 0.3, 0.4, 0.5])), panel(map(&[1.0; 6]))];
    let mut shared = figure(&rgb, fit(60, 60), panels());
    shared.style.opacity = 1.0;
    let half = |figure: &OverlayFigure<'_>| {
        count(&pixels(&overlay_png(figure).unwrap()).2, Colormap::Viridis.rgb(0.5)) > 5000
    };
    assert!(half(&shared));
    assert!(!overlay_svg(&shared).unwrap().contains("own scale"));
    shared.style.shared_scale = false;
    assert!(!half(&shared));
    assert!(overlay_svg(&shared).unwrap().contains("own scale"));
}

#[test]
fn a_given_scale_says_both_its_ends_and_what_lies_beyond_has_the_color_of_its_end() {
    let rgb = vec![10; 3 * 60 * 60];
    let mut given = figure(&rgb, fit(60, 60), vec![panel(map(&[0.0, 0.25, 0.5, 0.75, 0.75, 0.5]))]);
    given.style.opacity = 1.0;
    let scale = |low, high| Some(ValueScale { low, high });
    given.style.scale = scale(0.25, 0.75);
    let svg = overlay_svg(&given).unwrap();
    assert!(svg.contains("0.250") && svg.contains("0.750"), "{svg}");
    assert!(svg.contains("beyond the scale"));
    let (_, _, found) = pixels(&overlay_png(&given).unwrap());
    // Of 240 by 240 pixels: two patches at the lower end, one of them beyond it.
    for (t, n) in [(0.0, 2), (0.5, 2), (1.0, 2)] {
        let patches = count(&found, Colormap::Viridis.rgb(t));
        assert!(patches > n * 30_000, "{t}: {patches}");
    }
    given.style.scale = scale(0.0, 0.75);
    assert!(!overlay_svg(&given).unwrap().contains("beyond the scale"));
    for wrong in [scale(0.5, 0.5), scale(1.0, 0.0), scale(f64::NAN, 1.0), scale(0.0, f64::INFINITY)]
    {
        given.style.scale = wrong;
        check_refused(&given, "to a larger one");
    }
}

#[test]
fn small_values_let_the_picture_through_only_where_that_was_asked_for() {
    let rgb = vec![100; 3 * 60 * 60];
    let mut fading = figure(&rgb, fit(60, 60), vec![panel(map(&[0.0, 0.25, 1.0, 1.0, 1.0, 1.0]))]);
    fading.style.opacity = 1.0;
    assert!(!overlay_svg(&fading).unwrap().contains("fill-opacity"));
    fading.style.fades = true;
    assert!(overlay_svg(&fading).unwrap().contains("fill-opacity=\"0.6000\""));
    let (_, _, found) = pixels(&overlay_png(&fading).unwrap());
    for (value, cover) in [(0.0, 0.2), (0.25, 0.6), (1.0, 1.0)] {
        let color = Colormap::Viridis
            .rgb(value)
            .map(|c| (100.0 + (f64::from(c) - 100.0) * cover).round() as u8);
        assert!(count(&found, color) > 5000, "{value}");
    }
}

#[test]
fn a_diverging_map_has_zero_in_its_middle_and_lift_one() {
    let rgb = vec![10; 3 * 60 * 60];
    let check = |map: Heatmap, parts: [f64; 3]| {
        let mut figure = figure(&rgb, fit(60, 60), vec![panel(map)]);
        figure.style = OverlayStyle { colormap: Colormap::Diverging, opacity: 1.0, ..figure.style };
        let (_, _, found) = pixels(&overlay_png(&figure).unwrap());
        for t in parts {
            assert!(count(&found, Colormap::Diverging.rgb(t)) > 5000, "{t}");
        }
    };
    check(map(&[-0.2, 0.0, 0.1, 0.1, 0.1, 0.1]), [0.0, 0.5, 0.75]);
    let lift = Heatmap { reading: Reading::Lift, ..map(&[0.5, 1.0, 3.0, 3.0, 3.0, 3.0]) };
    check(lift, [0.375, 0.5, 1.0]);
}

#[test]
fn smooth_maps_say_that_they_are_and_make_no_color_beyond_those_of_patches() {
    let rgb = vec![10; 3 * 60 * 60];
    let values = [0.2, 1.0, 0.2, 1.0, 0.2, 1.0];
    let mut smooth = figure(&rgb, fit(60, 60), vec![panel(map(&values))]);
    assert!(!overlay_svg(&smooth).unwrap().contains("Smoothed"));
    smooth.style.smooth = true;
    smooth.style.opacity = 1.0;
    assert!(overlay_svg(&smooth).unwrap().contains("Smoothed"));
    let (_, _, found) = pixels(&overlay_png(&smooth).unwrap());
    let colors = &Colormap::Viridis.table()[(0.2 * 256.0) as usize..];
    let inside: usize = colors.iter().map(|color| count(&found, *color)).sum();
    assert!(inside > 220_000, "{inside} of 480 x 480 pixels have colors between those of patches");
    let between = count(&found, Colormap::Viridis.rgb(0.6));
    assert!(between > 500, "{between}");
}

#[test]
fn a_map_that_the_mask_closes_is_said_to_be_and_has_no_color() {
    let rgb = vec![10; 3 * 600 * 600];
    let closed = Heatmap { by_construction: true, ..map(&[0.0; 6]) };
    let figure = figure(&rgb, fit(600, 600), vec![panel(closed)]);
    let svg = overlay_svg(&figure).unwrap();
    assert!(svg.contains("Zero by construction") && !svg.contains("crispEdges"));
    assert!(count(&pixels(&overlay_png(&figure).unwrap()).2, [10; 3]) > 350_000);
}

#[test]
fn a_patch_without_a_value_shows_the_picture_and_the_figure_says_why() {
    let rgb = vec![10; 3 * 600 * 600];
    let values = [f64::NAN, 0.1, 0.2, 0.3, 0.4, 0.5];
    let figure = figure(&rgb, fit(600, 600), vec![panel(map(&values))]);
    assert!(overlay_svg(&figure).unwrap().contains("without color"));
    let n_bare = count(&pixels(&overlay_png(&figure).unwrap()).2, [10; 3]);
    assert!((55_000..=60_000).contains(&n_bare), "{n_bare} of 200 x 300");
}

fn regions(size: ImageSize, labels: &[&str]) -> RegionSet {
    let region = |(i, label): (usize, &&str)| {
        let left = (i as u32 * 7) % size.width.max(1);
        let mask = RegionMask::of_pixels(size, |x, y| {
            x >= left && x < left + 1 + size.width / 3 && y >= size.height / 4
        });
        Region { id: RegionId::Number(i as i64), label: (*label).to_owned(), mask }
    };
    let regions = labels.iter().enumerate().map(region).collect();
    RegionSet::new(size, RegionFormat::Boxes, "test".to_owned(), regions)
}

#[test]
fn no_text_is_cut_or_lies_on_another_whatever_the_pictures_shape() {
    let kinds = [MapKind::ReadBy, MapKind::AnsweredFrom(TokenRow::WhileChoosing)];
    for (width, height) in
        [(1, 1), (96, 96), (600, 90), (30, 900), (5000, 3), (10_000, 1), (1, 10_000)]
    {
        let size = ImageSize { width, height };
        let rgb = vec![90; 3 * (width * height) as usize];
        let set = regions(size, &["fish", "a plate with a long name", "fish", ""]);
        for n in [1, 2, 5] {
            let panels = (0..n).map(|i| OverlayPanel {
                title: format!("{}: \"a rather long word of the question, no. {i}\"", kinds[i % 2]),
                note: Some("unplaced 41.2 % of the mass on the picture".to_owned()),
                map: Some(map(&[0.0, 1e-4, 2e-4, 3e-4, 4e-4, 5e-4])),
            });
            let mut figure = figure(&rgb, fit(width, height), panels.collect());
            figure.regions = Some(&set);
            for shared_scale in [true, false] {
                figure.style.shared_scale = shared_scale;
                check_svg_texts(&overlay_svg(&figure).unwrap(), 5);
            }
        }
    }
}

#[test]
fn a_picture_of_one_pixel_and_one_of_one_row_have_their_figure() {
    for (width, height) in [(1, 1), (10_000, 1)] {
        let rgb = vec![90; 3 * (width * height) as usize];
        let figure = figure(&rgb, fit(width, height), vec![panel(map(&[0.1; 6]))]);
        let (sheet, _, _) = pixels(&overlay_png(&figure).unwrap());
        assert!(sheet >= 480.max(width as usize), "{sheet}");
        let says = overlay_svg(&figure).unwrap().contains("thinner than a pixel");
        assert_eq!(says, width > 1, "{width} x {height}");
    }
}

#[test]
fn outlines_and_names_of_regions_stand_over_the_map() {
    let rgb = vec![90; 3 * 300 * 300];
    let set = regions(ImageSize { width: 300, height: 300 }, &["fish"]);
    let mut figure = figure(&rgb, fit(300, 300), vec![panel(map(&[0.1; 6]))]);
    let bare = overlay_svg(&figure).unwrap();
    assert!(!bare.contains(">\nfish\n<"));
    figure.regions = Some(&set);
    let svg = overlay_svg(&figure).unwrap();
    assert!(svg.contains(">\nfish\n<"));
    assert_eq!(svg.matches("<polyline").count(), bare.matches("<polyline").count() + 2);
    let other = regions(ImageSize { width: 301, height: 300 }, &["fish"]);
    figure.regions = Some(&other);
    check_refused(&figure, "another size");
}

#[track_caller]
fn check_refused(figure: &OverlayFigure<'_>, part: &str) {
    let found = overlay_png(figure).unwrap_err();
    let ExportError::Overlay { reason } = &found else { panic!("{found}") };
    assert!(reason.contains(part) && !reason.contains('\n'), "{reason}");
    assert!(overlay_svg(figure).is_err() && overlay_csv(figure).is_err());
}

#[test]
fn parts_that_do_not_fit_make_no_figure() {
    let rgb = vec![90; 3 * 60 * 60];
    let good = || figure(&rgb, fit(60, 60), vec![panel(map(&[0.1; 6]))]);
    check_refused(&OverlayFigure { rgb: &rgb[3..], ..good() }, "10800 samples, not 10797");
    check_refused(&OverlayFigure { rgb: &[], fit: fit(0, 60), ..good() }, "0 samples");
    check_refused(&OverlayFigure { panels: Vec::new(), ..good() }, "1 to 32 panels, not 0");
    for opacity in [-0.1, 1.1, f64::NAN] {
        let style = OverlayStyle { opacity, ..OverlayStyle::default() };
        check_refused(&OverlayFigure { style, ..good() }, "opacity");
    }
    let mut endless = map(&[0.1; 6]);
    endless.values[4] = f64::INFINITY;
    check_refused(&OverlayFigure { panels: vec![panel(endless)], ..good() }, "row 1, column 1");
    let mut short = map(&[0.1; 6]);
    short.values.pop();
    check_refused(
        &OverlayFigure { panels: vec![panel(short)], ..good() },
        "5 values for 6 patches",
    );
}

#[test]
fn the_table_has_one_line_a_patch_with_its_place() {
    let rgb = vec![90; 3 * 600 * 90];
    let values = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0];
    let table = overlay_csv(&figure(&rgb, fit(600, 90), vec![panel(map(&values))])).unwrap();
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines.len(), 7);
    assert_eq!(lines[0], "panel,map,reading,row,col,left,top,right,bottom,value");
    assert_eq!(lines[5], "\"looks at: \"\"fish\"\"\",looks at,mass,1,1,200.0,45.0,400.0,90.0,4.0");
}

#[test]
fn a_map_is_written_in_the_format_of_its_name_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let rgb = vec![90; 3 * 60 * 60];
    let figure = figure(&rgb, fit(60, 60), vec![panel(map(&[0.1; 6]))]);
    let write = |name: &str| write_overlay(&figure, &folder.path().join(name));
    for name in ["a.svg", "a.PNG", "a.csv"] {
        check_overlay_format(Path::new(name)).unwrap();
        write(name).unwrap();
    }
    assert!(matches!(write("a.pdf"), Err(ExportError::UnknownOverlayFormat { .. })));
    assert!(check_overlay_format(Path::new("a")).is_err());
    assert!(matches!(write("missing/a.png"), Err(ExportError::Write { .. })));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3, "nothing half-written is left");
    let (first, second) = (overlay_png(&figure).unwrap(), overlay_png(&figure).unwrap());
    assert!(first == second, "the same figure gives the same bytes");
}
