//! Color maps: matplotlib's colors, an honest order of lightness, and a color for what has no value.

use aki_lens::domain::{Colormap, UnknownColormap};

/// `matplotlib.colormaps[name](t)` of matplotlib 3.11.2, rounded to bytes.
const SAMPLES: [(Colormap, [[u8; 3]; 7]); 4] = [
    (
        Colormap::Viridis,
        [
            [68, 1, 84],
            [72, 36, 117],
            [59, 82, 139],
            [33, 145, 140],
            [68, 191, 112],
            [189, 223, 38],
            [253, 231, 37],
        ],
    ),
    (
        Colormap::Inferno,
        [
            [0, 0, 4],
            [22, 11, 57],
            [87, 16, 110],
            [188, 55, 84],
            [243, 120, 25],
            [246, 215, 70],
            [252, 255, 164],
        ],
    ),
    (
        Colormap::Cividis,
        [
            [0, 34, 78],
            [8, 51, 112],
            [67, 78, 108],
            [125, 124, 120],
            [174, 163, 113],
            [229, 207, 82],
            [254, 232, 56],
        ],
    ),
    (
        Colormap::Diverging,
        [
            [59, 76, 192],
            [89, 119, 227],
            [141, 176, 254],
            [221, 220, 220],
            [247, 172, 142],
            [214, 82, 68],
            [180, 4, 38],
        ],
    ),
];

const AT: [f64; 7] = [0.0, 0.1, 0.25, 0.5, 0.7, 0.9, 1.0];

#[test]
fn colors_are_matplotlibs() {
    for (map, colors) in SAMPLES {
        for (t, color) in AT.into_iter().zip(colors) {
            assert_eq!(map.rgb(t), color, "{map} at {t}");
        }
    }
}

/// CIE lightness of an sRGB color, 0 to 100.
fn lightness(color: [u8; 3]) -> f64 {
    let linear = color.map(|v| {
        let v = f64::from(v) / 255.0;
        if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
    });
    let y = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
    if y > 0.008_856 { 116.0 * y.cbrt() - 16.0 } else { 903.3 * y }
}

#[test]
fn lightness_rises_in_three_maps_and_is_the_same_on_both_sides_of_the_fourth() {
    for map in Colormap::ALL {
        let light = map.table().map(lightness);
        for i in 0..255 {
            let is_in_order = match map.is_diverging() {
                // Bytes are rounded, so neighbors may swap by a hair.
                false => light[i + 1] - light[i] > -0.05,
                true => (light[i] - light[255 - i]).abs() < 0.5,
            };
            assert!(is_in_order, "{map}, color {i}: {} and {}", light[i], light[i + 1]);
        }
    }
    let ends = [0.0, 0.5, 1.0].map(|t| lightness(Colormap::Diverging.rgb(t)));
    assert!(ends[1] > ends[0] + 40.0 && ends[1] > ends[2] + 40.0, "{ends:?}");
}

#[test]
fn what_lies_outside_gets_the_nearer_end_and_what_is_no_number_shows() {
    for map in Colormap::ALL {
        assert_eq!(map.rgb(-7.0), map.rgb(0.0));
        assert_eq!(map.rgb(f64::NEG_INFINITY), map.rgb(0.0));
        assert_eq!(map.rgb(f64::INFINITY), map.rgb(1.0));
        assert_eq!(map.rgb(f64::NAN), Colormap::NO_VALUE);
        assert!(!map.table().contains(&Colormap::NO_VALUE));
    }
}

#[test]
fn a_map_is_found_by_its_name() {
    for map in Colormap::ALL {
        assert_eq!(map.to_string().parse(), Ok(map));
        assert_eq!(serde_json::to_string(&map).unwrap(), format!("\"{map}\""));
    }
    let found: Result<Colormap, UnknownColormap> = "turbo".parse();
    assert!(found.unwrap_err().to_string().contains("viridis, inferno, cividis or diverging"));
}
