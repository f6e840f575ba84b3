//! What a recording keeps, and the bytes it says beforehand.

use aki_lens::domain::{
    AttentionSite, Block, Choice, Precision, RecordSpec, Segment, SequenceLayout, Tower,
    TowerShape, TowerSpec, TraceShapes,
};

fn shape(n_layers: usize, n_heads: usize, queries: usize, keys: usize) -> TowerShape {
    TowerShape { n_layers, n_heads, queries, keys }
}

/// AKI-4B, a question of 40 tokens in Phi's template, an answer of 100 tokens.
fn aki_4b() -> (SequenceLayout, TraceShapes) {
    // 28 tokens before the picture; after it the newline's two, the question, <|end|>, <|assistant|>.
    let layout = SequenceLayout::new()
        .push(Segment::Prelude, 28)
        .push(Segment::Image, 144)
        .push(Segment::Question, 2 + 40 + 2);
    let shapes = TraceShapes {
        vision: shape(27, 16, 729, 729),
        resampler: shape(6, 8, 144, 873),
        decoder: shape(32, 32, layout.len(), layout.len()),
        n_generated: 99,
    };
    (layout, shapes)
}

#[test]
fn the_default_of_the_full_size_model_stays_under_200_megabytes() {
    let (layout, shapes) = aki_4b();
    let spec = RecordSpec::picture_and_words(&layout, &shapes);
    let bytes = spec.bytes(&shapes);
    assert_eq!(spec.precision, Precision::F16);
    assert!((90_000_000..200_000_000).contains(&bytes), "{bytes} bytes");
    let site = |tower, layer| AttentionSite { tower, layer };
    assert!(spec.wants(site(Tower::Decoder, 31)) && spec.wants(site(Tower::Resampler, 5)));
    assert!(!spec.wants(site(Tower::Vision, 0)));
}

#[test]
fn the_default_keeps_both_blocks_between_picture_and_words_and_the_choosing_row() {
    let (layout, shapes) = aki_4b();
    let spec = RecordSpec::picture_and_words(&layout, &shapes);
    let (image, len) = (layout.image(), layout.len());
    let is_kept = |query: usize, key: usize| {
        let holds = |b: &&Block| b.queries.contains(&query) && b.keys.contains(&key);
        spec.decoder.blocks.iter().filter(holds).count()
    };
    for query in 0..len {
        for key in 0..len {
            let is_mixed = image.contains(&query) != image.contains(&key);
            let expected = usize::from(is_mixed || query == len - 1);
            assert_eq!(is_kept(query, key), expected, "({query}, {key})");
        }
    }
    assert!(spec.generated_rows);
}

#[test]
fn a_small_model_is_kept_as_computed() {
    let (layout, mut shapes) = aki_4b();
    shapes.decoder = shape(4, 4, layout.len(), layout.len());
    shapes.resampler = shape(2, 4, 144, 873);
    assert_eq!(RecordSpec::picture_and_words(&layout, &shapes).precision, Precision::F32);
}

#[test]
fn bytes_count_layers_heads_and_rectangles() {
    let (_, shapes) = aki_4b();
    assert_eq!(RecordSpec::nothing().bytes(&shapes), 0);
    let one_row = TowerSpec {
        layers: Choice::Only(vec![0, 31]),
        heads: Choice::Only(vec![3]),
        blocks: vec![Block { queries: 5..6, keys: 0..usize::MAX }],
    };
    let spec = RecordSpec { decoder: one_row, ..RecordSpec::nothing() };
    assert_eq!(spec.bytes(&shapes), 2 * shapes.decoder.keys as u64 * 4);
    // Layers and heads that the model does not have take nothing.
    let beyond =
        TowerSpec { layers: Choice::Only(vec![32]), heads: Choice::All, blocks: vec![Block::ALL] };
    assert_eq!(RecordSpec { decoder: beyond, ..RecordSpec::nothing() }.bytes(&shapes), 0);
}
