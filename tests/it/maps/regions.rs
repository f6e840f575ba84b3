//! From regions to words: the maps read the other way, and the matrix made of it.

#![expect(
    clippy::excessive_nesting,
    reason = "each reading of each region of each word is one expected number"
)]

use aki_lens::{
    analysis::{
        AnalysisError, Entities, EntityReading, MapRequest, Projection, Projector, Reading, Words,
        entity_map,
    },
    domain::{
        Bucket, Coverage, MapKind, PositionWords, Precision, Run, TaggedWord, TokenRow,
        WordAlignment, WordShare,
    },
};

use proptest::prelude::*;

use super::{CAT, LEN, Made, PATCHES, RED, close, small_run};

const CHOOSING: MapKind = MapKind::AnsweredFrom(TokenRow::WhileChoosing);

/// Two regions that split the picture, the second patch half and half.
const LEFT: [f32; 6] = [1.0, 0.5, 0.0, 1.0, 0.0, 0.0];
const RIGHT: [f32; 6] = [0.0, 0.5, 1.0, 0.0, 1.0, 1.0];

fn open(made: Made) -> (Run, Projector) {
    let run = small_run("mma", made, Precision::F32);
    let projector = Projector::new(&run, Projection::Composed).unwrap();
    (run, projector)
}

fn request(kind: MapKind, positions: &[usize], reading: Reading) -> MapRequest {
    MapRequest { reading, ..MapRequest::new(kind, positions.to_vec()) }
}

#[test]
fn regions_that_split_the_picture_share_what_the_map_has_on_patches() {
    let (run, projector) = open(Made::Random(1));
    for (kind, positions) in
        [(MapKind::ReadBy, vec![RED, CAT]), (MapKind::LooksAt, vec![CAT]), (CHOOSING, vec![0, 2])]
    {
        let sides = [LEFT, RIGHT].map(|coverage| {
            projector.words(&run, &request(kind, &positions, Reading::Mass), &coverage).unwrap()
        });
        for (i, position) in positions.iter().enumerate() {
            let map = projector.map(&run, &request(kind, &[*position], Reading::Mass)).unwrap();
            assert_eq!(sides[0][i].position, *position);
            let by_hand: f64 = map.values.iter().zip(LEFT).map(|(v, c)| v * f64::from(c)).sum();
            close(sides[0][i].value.unwrap(), by_hand);
            let both = sides[0][i].value.unwrap() + sides[1][i].value.unwrap();
            close(both + map.unplaced, map.values.iter().sum::<f64>() + map.unplaced);
        }
    }
}

#[test]
fn a_regions_share_of_its_reading_sums_to_one_over_the_questions_words() {
    let (run, projector) = open(Made::Random(2));
    let words = request(MapKind::ReadBy, &[RED, CAT], Reading::Share);
    for coverage in [LEFT, RIGHT, [1.0; 6]] {
        let words = projector.words(&run, &words, &coverage).unwrap();
        close(words.iter().filter_map(|word| word.value).sum(), 1.0);
    }
    // Of what a row pays to the picture, regions and what is unplaced make up the whole.
    let looks = request(MapKind::LooksAt, &[CAT], Reading::Share);
    let sides = [LEFT, RIGHT].map(|c| projector.words(&run, &looks, &c).unwrap()[0].value.unwrap());
    let unplaced = projector.map(&run, &looks).unwrap().unplaced;
    close(sides[0] + sides[1] + unplaced, 1.0);
}

#[test]
fn uniform_attention_lifts_no_word_in_any_region() {
    let (run, projector) = open(Made::Uniform);
    for (kind, positions) in
        [(MapKind::ReadBy, vec![RED, CAT]), (MapKind::LooksAt, vec![RED, CAT]), (CHOOSING, vec![0])]
    {
        for coverage in [LEFT, RIGHT] {
            let request = request(kind, &positions, Reading::Lift);
            for word in projector.words(&run, &request, &coverage).unwrap() {
                assert!((word.value.unwrap() - 1.0).abs() < 1e-6, "{kind}");
            }
        }
    }
}

#[test]
fn words_that_the_mask_closes_have_no_value_and_say_why() {
    let run = small_run("causal", Made::Random(0), Precision::F32);
    let projector = Projector::new(&run, Projection::Composed).unwrap();
    let read = request(MapKind::ReadBy, &[0, CAT], Reading::Mass);
    let words = projector.words(&run, &read, &LEFT).unwrap();
    assert!(words[0].value.is_some() && !words[0].by_construction);
    assert!(words[1].value.is_none() && words[1].by_construction);
    let short = projector.words(&run, &read, &[1.0; 4]).unwrap_err();
    assert_eq!(short, AnalysisError::Coverage { found: 4, expected: 6 });
}

#[test]
fn regions_hold_of_a_latent_what_its_map_has_there_and_lift_is_over_all_latents() {
    let (run, projector) = open(Made::Random(3));
    let shares = [LEFT, RIGHT].concat();
    let by_region = projector.latents_by_region(&Coverage { n_patches: 6, shares }).unwrap();
    let of = |latents: &[usize]| {
        projector.regions(&run, &request(MapKind::MadeFrom, latents, Reading::Share), &by_region)
    };
    let n_latents = run.prompt.layout.image().len();
    let all: Vec<usize> = (0..n_latents).collect();
    for latents in [&[0][..], &[0, 2], &all] {
        let map = projector.made_from(latents).unwrap();
        let asked = request(MapKind::MadeFrom, latents, Reading::Lift);
        assert_eq!(projector.map(&run, &asked).unwrap(), map, "no reading is in it");
        let regions = of(latents).unwrap();
        let by_hand: f64 = map.values.iter().zip(LEFT).map(|(v, c)| v * f64::from(c)).sum();
        close(regions[0].mass.unwrap(), by_hand);
        close(regions[0].mass.unwrap() + regions[1].mass.unwrap() + map.unplaced, 1.0);
        let picture = of(&all).unwrap()[0].mass.unwrap();
        close(regions[0].lift.unwrap(), by_hand / picture);
    }
    let error = of(&[n_latents]).unwrap_err();
    assert_eq!(error, AnalysisError::NoSuchLatent { latent: n_latents, n_latents });
}

/// "red" and "cat" as the small prompt has them, each on one position.
fn words() -> (Vec<TaggedWord>, WordAlignment) {
    let word = |text: &str, start: usize, bucket| TaggedWord {
        text: text.to_owned(),
        byte_range: start..start + 3,
        tag: "X".to_owned(),
        bucket,
        edited: false,
    };
    let at = |position: usize| {
        let word_idx = match position {
            RED => 0,
            CAT => 1,
            _ => return PositionWords { words: Vec::new(), bucket: None },
        };
        let words = vec![WordShare { word_idx, n_bytes: 3 }];
        PositionWords { words, bucket: Some(Bucket::Objects) }
    };
    let words = vec![word("red", 0, Bucket::Attributes), word("cat", 4, Bucket::Objects)];
    (words, WordAlignment { positions: (0..LEN).map(at).collect() })
}

#[test]
fn a_matrix_of_regions_and_words_holds_the_words_of_each_region() {
    let (run, projector) = open(Made::Random(5));
    let (words, alignment) = words();
    let words = Words { words: &words, alignment: &alignment };
    let names = ["left".to_owned(), "right".to_owned()];
    let coverage = Coverage { n_patches: PATCHES.len(), shares: [LEFT, RIGHT].concat() };
    let by_region = projector.latents_by_region(&coverage).unwrap();
    let entities = Entities { names: &names, by_region: &by_region };
    for kind in [MapKind::ReadBy, MapKind::LooksAt] {
        for reading in [EntityReading::Mass, EntityReading::Density, EntityReading::Lift] {
            let asked = MapRequest::new(kind, Vec::new());
            let made = entity_map(&projector, &run, entities, words, (&asked, reading), Vec::new());
            let matrix = made.unwrap().figure;
            assert_eq!(matrix.parts().columns, ["red", "cat"]);
            assert_eq!(matrix.is_diverging(), reading == EntityReading::Lift);
            for (row, (region, covered)) in
                [(LEFT, 2.5 / 6.0), (RIGHT, 3.5 / 6.0)].iter().enumerate()
            {
                let of_words =
                    if reading == EntityReading::Lift { Reading::Lift } else { Reading::Mass };
                let of_words = request(kind, &[RED, CAT], of_words);
                let of_words = projector.words(&run, &of_words, region).unwrap();
                for (column, word) in of_words.iter().enumerate() {
                    let per = if reading == EntityReading::Density { *covered } else { 1.0 };
                    close(matrix.value(row, column).unwrap(), word.value.unwrap() / per);
                }
            }
        }
    }
    let answered = MapRequest::new(CHOOSING, Vec::new());
    let made =
        entity_map(&projector, &run, entities, words, (&answered, EntityReading::Mass), vec![]);
    assert!(matches!(made, Err(AnalysisError::WrongKind { .. })), "{made:?}");
}

#[test]
fn a_token_over_two_words_counts_once_and_for_the_larger() {
    let (run, projector) = open(Made::Random(5));
    let (words, mut alignment) = words();
    // "red" becomes a word of two tokens, of which the second also touches "cat".
    alignment.positions[CAT].words =
        vec![WordShare { word_idx: 0, n_bytes: 2 }, WordShare { word_idx: 1, n_bytes: 1 }];
    let words = Words { words: &words, alignment: &alignment };
    let names = ["all".to_owned()];
    let coverage = Coverage { n_patches: PATCHES.len(), shares: vec![1.0; 6] };
    let by_region = projector.latents_by_region(&coverage).unwrap();
    let entities = Entities { names: &names, by_region: &by_region };
    let matrix = |kind| {
        let asked = MapRequest::new(kind, Vec::new());
        let how = (&asked, EntityReading::Mass);
        entity_map(&projector, &run, entities, words, how, Vec::new()).unwrap().figure
    };
    let of = |kind| {
        let both = request(kind, &[RED, CAT], Reading::Mass);
        projector.map(&run, &both).unwrap().values.iter().sum::<f64>()
    };
    // A word is read by all its tokens together, and looks with each of them.
    let read = matrix(MapKind::ReadBy);
    assert_eq!(read.parts().columns, ["red"]);
    close(read.value(0, 0).unwrap(), of(MapKind::ReadBy));
    close(matrix(MapKind::LooksAt).value(0, 0).unwrap(), of(MapKind::LooksAt));
}

#[test]
fn a_column_knows_its_word_where_one_before_it_has_no_token_of_its_own() {
    let (run, projector) = open(Made::Random(5));
    let (mut words, mut alignment) = words();
    // A quotation mark and a comma in one token: `",` counts for the first of them.
    words.insert(1, TaggedWord { text: ",".to_owned(), byte_range: 3..4, ..words[0].clone() });
    alignment.positions[RED].words =
        vec![WordShare { word_idx: 0, n_bytes: 1 }, WordShare { word_idx: 1, n_bytes: 1 }];
    alignment.positions[CAT].words = vec![WordShare { word_idx: 2, n_bytes: 3 }];
    let words = Words { words: &words, alignment: &alignment };
    let names = ["all".to_owned()];
    let coverage = Coverage { n_patches: PATCHES.len(), shares: vec![1.0; 6] };
    let by_region = projector.latents_by_region(&coverage).unwrap();
    let entities = Entities { names: &names, by_region: &by_region };
    let how = (&MapRequest::new(MapKind::LooksAt, Vec::new()), EntityReading::Mass);
    let made = entity_map(&projector, &run, entities, words, how, Vec::new()).unwrap();
    assert_eq!(made.figure.parts().columns, ["red", "cat"]);
    assert_eq!(made.words, [0, 2]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// What is left out of the sums is 0, so they are the same numbers and not only near them.
    #[test]
    fn latents_by_region_are_the_parts_of_each_region_by_itself(
        seed in 0_u64..20,
        shares in prop::collection::vec(
            prop::collection::vec(prop_oneof![Just(0.0_f32), Just(1.0), 0.0_f32..1.0], 6), 0..5),
    ) {
        let (run, projector) = open(Made::Random(seed));
        let coverage = Coverage { n_patches: 6, shares: shares.concat() };
        let by_region = projector.latents_by_region(&coverage).unwrap();
        prop_assert_eq!(by_region.n_regions(), shares.len());
        for (region, shares) in shares.iter().enumerate() {
            let alone = projector.part_in_region(shares).unwrap();
            prop_assert_eq!(by_region.of_region(region), &alone[..]);
            let covers = shares.iter().map(|share| f64::from(*share)).sum::<f64>() / 6.0;
            prop_assert_eq!(by_region.covers(region), covers);
        }
        let request = request(MapKind::LooksAt, &[CAT], Reading::Mass);
        let held = projector.held(&run, &request).unwrap();
        let weights = projector.regions(&run, &request, &by_region).unwrap();
        for (weight, shares) in weights.iter().zip(&shares) {
            let parts = projector.part_in_region(shares).unwrap();
            let mass: f64 = held.iter().zip(&parts).map(|(held, part)| held * part).sum();
            prop_assert_eq!(weight.mass, Some(mass));
        }
    }
}

#[test]
fn a_causal_matrix_of_read_by_is_empty_by_construction() {
    let run = small_run("causal", Made::Random(0), Precision::F32);
    let projector = Projector::new(&run, Projection::Composed).unwrap();
    let (words, alignment) = words();
    let words = Words { words: &words, alignment: &alignment };
    let names = ["left".to_owned()];
    let coverage = Coverage { n_patches: PATCHES.len(), shares: LEFT.to_vec() };
    let by_region = projector.latents_by_region(&coverage).unwrap();
    let entities = Entities { names: &names, by_region: &by_region };
    let how = (&MapRequest::new(MapKind::ReadBy, Vec::new()), EntityReading::Mass);
    let matrix = entity_map(&projector, &run, entities, words, how, Vec::new()).unwrap().figure;
    assert!(matrix.parts().values.iter().all(Option::is_none));
    assert!(matrix.parts().notes[0].contains("by construction"));
}
