//! Maps as pixels, and maps and matrices as files.

use aki_lens::{
    domain::{
        Colormap, Figure, FigureError, Grid, Heatmap, ImageFit, ImageSize, MapKind, MatrixFigure,
        MatrixParts, Reading, TokenRow, ValueScale, heatmap_rgba,
    },
    export::{figure_csv, figure_from_json, figure_json},
};

/// A gray that is the value in hundredths.
fn gray(t: f64) -> [u8; 3] {
    [(t * 100.0).round() as u8; 3]
}

fn map(values: &[f64]) -> Heatmap {
    Heatmap::new(Grid { rows: 1, cols: 3 }, values.to_vec(), MapKind::LooksAt, Reading::Mass)
}

#[test]
fn each_pixel_has_the_color_of_its_patch_and_what_no_patch_saw_stays_clear() {
    // The model's square has 10 pixels: three patches of 3, and a column that no patch sees; its one
    // row of patches covers it from top to bottom.
    let fit = ImageFit { image: ImageSize { width: 30, height: 10 }, model_side: 10 };
    let scale = ValueScale { low: 0.0, high: 1.0 };
    let size = ImageSize { width: 30, height: 2 };
    let map = map(&[0.1, f64::NAN, 1.0]);
    let pixels = heatmap_rgba(&map, gray, scale, &fit, size, 0.5);
    assert_eq!(pixels.len(), 30 * 2 * 4);
    for (x, pixel) in pixels.chunks(4).enumerate().map(|(i, pixel)| (i % 30, pixel)) {
        let expected = match x {
            0..9 => [10, 10, 10, 128],
            18..27 => [100, 100, 100, 128],
            _ => [0; 4],
        };
        assert_eq!(pixel, expected, "column {x}");
    }
}

#[test]
fn a_scale_over_maps_holds_all_of_them_and_ends_where_the_largest_value_does() {
    let maps = [map(&[0.2, f64::NAN, 0.4]), map(&[0.1, 0.1, 0.8])];
    let scale = ValueScale::over(&maps).unwrap();
    assert_eq!((scale.low, scale.high), (0.0, 0.8));
    assert_eq!(scale.part(0.8), 1.0);
    assert_eq!(scale.part(2.0), 1.0);
    assert_eq!(ValueScale::over(&[map(&[f64::NAN; 3])]), None);
    assert_eq!(ValueScale { low: 1.0, high: 1.0 }.part(1.0), 0.0);
    let fit = ImageFit { image: ImageSize { width: 3, height: 1 }, model_side: 3 };
    let full = heatmap_rgba(
        &maps[1],
        |t| Colormap::Viridis.rgb(t),
        scale,
        &fit,
        ImageSize { width: 3, height: 1 },
        1.0,
    );
    assert_eq!(full[8..11], Colormap::Viridis.rgb(1.0));
}

#[test]
fn a_map_without_a_value_somewhere_survives_json_and_points_past_it() {
    let map = map(&[f64::NAN, 2.0, 2.0]);
    assert_eq!(map.peak(), Some((0, 1)));
    assert_eq!((map.value(0), map.value(1), map.range()), (None, Some(2.0), Some((2.0, 2.0))));
    let json = serde_json::to_string(&map).unwrap();
    let back: Heatmap = serde_json::from_str(&json).unwrap();
    assert!(back.values[0].is_nan() && back.values[1..] == map.values[1..]);
    let kinds = [
        (MapKind::ReadBy, "read by"),
        (MapKind::LooksAt, "looks at"),
        (MapKind::AnsweredFrom(TokenRow::WhileChoosing), "answered from (while choosing)"),
        (MapKind::AnsweredFrom(TokenRow::AfterWriting), "answered from (after writing)"),
    ];
    for (kind, name) in kinds {
        assert_eq!(kind.to_string(), name);
    }
}

fn parts() -> MatrixParts {
    MatrixParts {
        title: None,
        row_label: "regions".to_owned(),
        column_label: "words".to_owned(),
        rows: vec!["a, b".to_owned(), "c".to_owned()],
        columns: vec!["red".to_owned(), "cat".to_owned()],
        values: vec![Some(0.1), None, Some(2.0), Some(0.0)],
        value_label: "lift".to_owned(),
        center: Some(1.0),
        caption: Vec::new(),
        notes: Vec::new(),
    }
}

#[test]
fn a_matrix_is_written_as_a_table_and_read_back_from_json() {
    let matrix = MatrixFigure::new(parts()).unwrap();
    assert_eq!((matrix.value(1, 0), matrix.value(0, 1)), (Some(2.0), None));
    assert!(matrix.is_diverging());
    let figure = Figure::Matrix(matrix);
    let csv = "row,column,value\n\"a, b\",red,0.1\n\"a, b\",cat,\nc,red,2.0\nc,cat,0.0\n";
    assert_eq!(figure_csv(&figure).unwrap(), csv);
    assert_eq!(figure_from_json(&figure_json(&figure).unwrap()).unwrap(), figure);
}

#[test]
fn a_matrix_whose_parts_do_not_fit_is_refused() {
    let short = MatrixParts { values: vec![Some(1.0); 3], ..parts() };
    assert_eq!(MatrixFigure::new(short), Err(FigureError::Cells { found: 3, expected: 4 }));
    let empty = MatrixParts { rows: Vec::new(), values: Vec::new(), ..parts() };
    assert!(matches!(MatrixFigure::new(empty), Err(FigureError::Sides { what: "rows", .. })));
    let wide = vec!["x".to_owned(); 257];
    let wide = MatrixParts { columns: wide, values: vec![None; 514], ..parts() };
    assert!(matches!(MatrixFigure::new(wide), Err(FigureError::Sides { found: 257, .. })));
    let infinite = MatrixParts { values: vec![None, Some(f64::INFINITY), None, None], ..parts() };
    let error = MatrixFigure::new(infinite).unwrap_err().to_string();
    assert!(error.contains("\"a, b\" and \"cat\""), "{error}");
}
