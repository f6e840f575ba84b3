//! Captions, and what counts as the same answer.

use aki_lens::scene::{Direction, Kind, PlateColor, QuestionKind, Scene, Split, Thing, matches};

use super::{NUMBERS, rng, scenes};

#[test]
fn captions_are_short_and_true() {
    let rng = &mut rng();
    let (mut n_words, mut n_inventories, mut n_notes) = (0, 0, 0);
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
        } else if caption.contains(':') {
            n_notes += 1;
            check_notes(scene, &caption);
        } else {
            n_inventories += 1;
            check_inventory(scene, &caption);
        }
    }
    assert!((560..640).contains(&n_notes), "{n_notes} captions of notes");
    assert!((160..240).contains(&n_inventories), "{n_inventories} inventories");
    let mean = n_words as f64 / (scenes.len() - n_inventories - n_notes) as f64;
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

/// Each note is true; read by its form alone, without the code that wrote it.
fn check_notes(scene: &Scene, caption: &str) {
    let (notes, from_left) = match caption.split_once(" From left to right: ") {
        Some((notes, list)) => (notes, Some(list)),
        None => (caption, None),
    };
    let kind = |word: &str| Kind::named(word);
    let only = |word: &str| {
        let things = scene.things_of(kind(word).unwrap());
        assert_eq!(things.len(), 1, "{word} is not unique in {caption}");
        things[0]
    };
    let color_named = |word: &str| PlateColor::ALL.into_iter().find(|c| c.name() == word);
    let name_of = |i: usize| scene.things[i].kind.name();
    let notes: Vec<&str> = notes.trim_end_matches('.').split(", ").collect();
    assert!(notes.len() <= 12 && !notes.is_empty(), "{caption}");
    for note in notes {
        let (asked, answer) = note.split_once(": ").unwrap();
        let asked: Vec<&str> = asked.split(' ').collect();
        let is_true = match (asked.as_slice(), answer) {
            ([name], "yes" | "no") => {
                scene.things_of(kind(name).unwrap()).is_empty() == (answer == "no")
            }
            ([name, color], "yes" | "no") if color_named(color).is_some() => {
                let things = scene.things_of(kind(name).unwrap());
                let has = things.iter().any(|i| scene.things[*i].plate == color_named(color));
                has == (answer == "yes")
            }
            (["things"], number) => NUMBERS[scene.things.len()] == number,
            ([plural], number) => {
                let kind = Kind::all().find(|kind| kind.plural() == *plural).unwrap();
                NUMBERS[scene.things_of(kind).len()] == number
            }
            ([color, "plates"], number) => {
                NUMBERS[scene.on_plates(color_named(color).unwrap()).len()] == number
            }
            ([name, "plate"], color) if kind(name).is_some() => {
                scene.things[only(name)].plate == color_named(color)
            }
            ([color, "plate"], name) => {
                let things = scene.on_plates(color_named(color).unwrap());
                things.len() == 1 && name_of(things[0]) == name
            }
            ([name, "at"], place) => place == place_name(scene.things[only(name)].center),
            (["left" | "right" | "above" | "below", name], answer) => {
                let direction = Direction::ALL.into_iter().find(|d| d.name() == asked[0]).unwrap();
                scene.beside(only(name), direction).is_some_and(|i| name_of(i) == answer)
            }
            ([x, y], direction) => {
                let found = scene.direction(only(x), only(y));
                found.is_some_and(|found| found.name() == direction)
            }
            (["bigger", x, y], name) => {
                let [x, y] = [only(x), only(y)];
                name_of(if scene.is_bigger(x, y) { x } else { y }) == name
            }
            (["smaller", x, y], name) => {
                let [x, y] = [only(x), only(y)];
                name_of(if scene.is_bigger(x, y) { y } else { x }) == name
            }
            _ => false,
        };
        assert!(is_true, "{note} in {caption}");
    }
    if let Some(list) = from_left {
        let names: Vec<&str> = scene.kinds_from_left().into_iter().map(Kind::name).collect();
        assert_eq!(list, format!("{}.", names.join(", ")));
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
