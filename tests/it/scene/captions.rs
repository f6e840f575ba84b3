//! Captions, and what counts as the same answer.

use aki_lens::scene::{Direction, Kind, PlateColor, QuestionKind, Scene, Split, Thing, matches};

use super::{NUMBERS, rng, scenes};

#[test]
fn captions_are_short_and_true() {
    let rng = &mut rng();
    let (mut n_words, mut n_inventories) = (0, 0);
    let scenes = scenes(Split::Train, 1000);
    for scene in &scenes {
        let caption = scene.caption(rng);
        if caption.starts_with(char::is_uppercase) {
            n_words += caption.split(' ').count();
            let sentences: Vec<&str> = caption.trim_end_matches('.').split(". ").collect();
            assert!((4..=8).contains(&sentences.len()), "{caption}");
            for sentence in sentences {
                assert!(is_true(scene, sentence), "{sentence} in {caption}");
            }
        } else {
            n_inventories += 1;
            check_inventory(scene, &caption);
        }
    }
    assert!((700..800).contains(&n_inventories), "{n_inventories} inventories");
    let mean = n_words as f64 / (scenes.len() - n_inventories) as f64;
    assert!((38.0..60.0).contains(&mean), "{mean} words");
}

/// Every thing once, with what is true of it and nothing left out.
fn check_inventory(scene: &Scene, caption: &str) {
    let entries: Vec<&str> = caption.trim_end_matches('.').split(", ").collect();
    assert_eq!(entries.len(), scene.things.len(), "{caption}");
    let mut left: Vec<_> = scene.things.iter().collect();
    for entry in entries {
        let (name, rest) = entry.split_once(' ').unwrap();
        let fits = |thing: &&Thing| {
            let size = match thing.size {
                s if s <= 0.21 => "small ",
                s if s >= 0.29 => "big ",
                _ => "",
            };
            let color = thing.plate.map_or(String::new(), |color| format!("{} ", color.name()));
            let place = rest.strip_prefix(size).and_then(|r| r.strip_prefix(color.as_str()));
            thing.kind.name() == name
                && place.is_some_and(|place| place == place_name(thing.center))
        };
        let found = left.iter().position(fits);
        assert!(found.is_some(), "{entry} in {caption}");
        left.swap_remove(found.unwrap());
    }
}

fn place_name(center: [f32; 2]) -> String {
    let [x, y] = center.map(|v| (v * 3.0) as usize);
    let (row, col) = (["top", "", "bottom"][y], ["left", "", "right"][x]);
    match format!("{row} {col}").trim() {
        "" => "center".to_owned(),
        there => there.to_owned(),
    }
}

fn is_true(scene: &Scene, sentence: &str) -> bool {
    let words: Vec<&str> = sentence.split([' ', ':', ',']).filter(|w| !w.is_empty()).collect();
    let has = |word: &str| words.contains(&word);
    let named: Vec<Kind> = words.iter().filter_map(|word| Kind::named(word)).collect();
    let color = PlateColor::ALL.into_iter().find(|color| has(color.name()));
    let of = |kind: Kind| scene.things.iter().filter(move |t| t.kind == kind);
    if has("no") {
        return of(named[0]).count() == 0;
    }
    if has("From") {
        return named == scene.kinds_from_left();
    }
    if let Some(n) = NUMBERS.iter().position(|number| has(number)) {
        let kind = Kind::all().find(|kind| has(kind.plural()) || has(kind.name()));
        return n
            == match (color, kind) {
                (Some(color), _) => scene.on_plates(color).len(),
                (None, Some(kind)) => of(kind).count(),
                (None, None) => scene.things.len(),
            };
    }
    if named.len() == 2 {
        let [a, b] = [named[0], named[1]].map(|kind| scene.things_of(kind)[0]);
        assert!(of(named[0]).count() == 1 && of(named[1]).count() == 1);
        return if has("bigger") {
            scene.is_bigger(a, b)
        } else if has("smaller") {
            scene.is_bigger(b, a)
        } else {
            scene.direction(a, b).is_some_and(|direction: Direction| has(direction.name()))
        };
    }
    let place = sentence.split_once("at the ").map(|(_, place)| place);
    of(named[0]).any(|thing| {
        let there = place_name(thing.center);
        let fits_size = !(has("small") && thing.size > 0.21 || has("big") && thing.size < 0.29);
        place.is_none_or(|place| place == there)
            && fits_size
            && (color.is_none() || thing.plate == color)
    })
}

#[test]
fn an_answer_matches_but_for_case_space_and_the_order_of_a_listing() {
    let right = |kind, expected, given| assert!(matches(kind, expected, given), "{given}");
    let wrong = |kind, expected, given| assert!(!matches(kind, expected, given), "{given}");
    right(QuestionKind::Existence, "yes", " Yes\n");
    wrong(QuestionKind::Existence, "yes", "no");
    wrong(QuestionKind::Existence, "yes", "yes it is");
    wrong(QuestionKind::Existence, "yes", "");
    right(QuestionKind::MultipleChoice, "B", "b");
    right(QuestionKind::Listing, "apple, cup, dog", "dog,cup , Apple");
    wrong(QuestionKind::Listing, "apple, cup, dog", "apple, cup");
    wrong(QuestionKind::Listing, "apple, cup", "apple, cup, cup");
    wrong(QuestionKind::Listing, "apple, cup", "apple cup");
    wrong(QuestionKind::Relation, "left", "right");
}

#[test]
fn names_of_splits_and_kinds_of_questions_can_be_read_back() {
    for split in Split::ALL {
        assert_eq!(split.to_string().parse(), Ok(split));
        assert_eq!(serde_json::to_value(split).unwrap(), split.name());
    }
    for kind in QuestionKind::ALL {
        assert_eq!(kind.to_string().parse(), Ok(kind));
        assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
    }
    let error = "trian".parse::<Split>().unwrap_err().to_string();
    assert_eq!(error, "unknown split trian: expected train, validation or test");
}
