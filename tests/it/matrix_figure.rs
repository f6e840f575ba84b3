//! Matrices on paper: no name cut or over another from one cell to forty by forty.

use aki_lens::{
    domain::{CaptionField, Colormap, Figure, MatrixFigure, MatrixParts},
    export::{PaperSize, figure_csv, figure_from_json, figure_json, figure_png, figure_svg},
};

use crate::figures::check_svg_texts;

const NAMES: [&str; 6] = [
    "fish",
    "a region with a name of several words",
    "models/with_a_name/that-has.no-space",
    "WWWWWWWWWWWWWWWWWWWWWWWW",
    "ж λ ő",
    "?",
];

fn parts(n_rows: usize, n_columns: usize, scale: f64) -> MatrixParts {
    let name = |i: usize| NAMES.get(i).map_or_else(|| format!("word {i}"), |n| (*n).to_owned());
    let value = |i: usize| (i % 7 != 3).then(|| scale * ((i * 29) % 83) as f64 / 83.0);
    MatrixParts {
        title: Some("Which part of the picture does each word look at?".to_owned()),
        row_label: "regions".to_owned(),
        column_label: "words of the question".to_owned(),
        rows: (0..n_rows).map(name).collect(),
        columns: (0..n_columns).map(name).collect(),
        values: (0..n_rows * n_columns).map(value).collect(),
        value_label: "mass in the region".to_owned(),
        center: None,
        caption: vec![CaptionField { name: "model".to_owned(), value: "tabletop/mma".to_owned() }],
        notes: vec!["Regions overlap.".to_owned()],
    }
}

fn figure(parts: MatrixParts) -> Figure {
    Figure::Matrix(MatrixFigure::new(parts).unwrap())
}

#[test]
fn no_name_is_cut_or_lies_on_another_from_one_cell_to_forty_by_forty() {
    for size in [PaperSize::FULL_WIDTH, PaperSize::ONE_COLUMN] {
        for (rows, columns) in
            [(1, 1), (1, 40), (40, 1), (2, 3), (6, 6), (5, 12), (12, 20), (40, 40)]
        {
            let svg = figure_svg(&figure(parts(rows, columns, 0.01)), size).unwrap();
            check_svg_texts(&svg, rows + columns);
        }
    }
}

#[test]
fn every_name_is_there_whole() {
    let svg = figure_svg(&figure(parts(6, 40, 1.0)), PaperSize::FULL_WIDTH).unwrap();
    assert!(svg.matches("rotate(270").count() >= 40, "forty names find room only when turned");
    for i in 6..40 {
        assert!(svg.contains(&format!(">\nword {i}\n</text>")), "word {i}");
    }
}

#[test]
fn tiny_huge_and_absent_values_are_drawn_too() {
    for scale in [1e-300, 3e-7, 0.0, 42.0, 99_999.0, 1e300, -1.0] {
        let mut parts = parts(3, 4, scale);
        check_svg_texts(&figure_svg(&figure(parts.clone()), PaperSize::FULL_WIDTH).unwrap(), 7);
        parts.center = Some(0.0);
        check_svg_texts(&figure_svg(&figure(parts.clone()), PaperSize::FULL_WIDTH).unwrap(), 7);
        parts.values.fill(None);
        let svg = figure_svg(&figure(parts), PaperSize::FULL_WIDTH).unwrap();
        assert!(svg.contains("\u{2013}: no value."));
    }
}

#[test]
fn numbers_stand_in_all_cells_or_in_none() {
    let few = figure_svg(&figure(parts(2, 2, 0.9)), PaperSize::FULL_WIDTH).unwrap();
    assert!(few.contains(">\n0.314\n</text>"), "{few}");
    let many = figure_svg(&figure(parts(40, 40, 0.9)), PaperSize::ONE_COLUMN).unwrap();
    assert!(!many.contains("0.314"));
}

fn hex([red, green, blue]: [u8; 3]) -> String {
    format!("#{red:02X}{green:02X}{blue:02X}")
}

#[test]
fn colors_part_from_the_value_that_says_nothing() {
    let mut parts = parts(1, 4, 1.0);
    // Lift from 0.25 to 3: as far below 1 as above means as strong, so 0.25 is faint.
    parts.values = [0.25, 1.0, 2.0, 3.0].map(Some).to_vec();
    parts.center = Some(1.0);
    let svg = figure_svg(&figure(parts.clone()), PaperSize::FULL_WIDTH).unwrap();
    for (t, value) in [(0.5 - 0.75 / 4.0, 0.25), (0.5, 1.0), (0.75, 2.0), (1.0, 3.0)] {
        assert!(svg.contains(&hex(Colormap::Diverging.rgb(t))), "{value}");
    }
    parts.values = [-2.0, 0.0, 0.5, 1.0].map(Some).to_vec();
    parts.center = Some(0.0);
    let svg = figure_svg(&figure(parts), PaperSize::FULL_WIDTH).unwrap();
    for (t, value) in [(0.0, -2.0), (0.5, 0.0), (0.75, 1.0)] {
        assert!(svg.contains(&hex(Colormap::Diverging.rgb(t))), "{value}");
    }
}

#[test]
fn a_matrix_comes_back_from_its_json_and_has_a_table() {
    let figure = figure(parts(3, 5, 0.1));
    assert_eq!(figure_from_json(&figure_json(&figure).unwrap()).unwrap(), figure);
    let table = figure_csv(&figure).unwrap();
    assert!(table.starts_with("row,column,value\n") && table.lines().count() == 16, "{table}");
    assert!(figure_png(&figure, PaperSize::ONE_COLUMN).unwrap().len() > 1000);
}
