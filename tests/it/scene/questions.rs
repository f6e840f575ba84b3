//! Questions: true, spread, and not to be guessed.

use std::collections::{BTreeMap, BTreeSet};

use aki_lens::scene::{
    Kind, PlateColor, Question, QuestionKind, Scene, Split, punctuation, vocabulary,
};

use super::{NUMBERS, asked, counts, reading::answer_of, rng, scenes};

#[test]
fn every_answer_follows_from_the_scene() {
    for split in [Split::Train, Split::Test] {
        let scenes = scenes(split, 500);
        let mut kinds = BTreeSet::new();
        for (scene, question) in asked(&scenes) {
            kinds.insert(question.kind);
            assert!(question.about.iter().all(|i| *i < scene.things.len()));
            if question.kind == QuestionKind::MultipleChoice {
                check_choices(scene, &question);
                continue;
            }
            assert!(question.choices.is_empty());
            assert_eq!(answer_of(scene, &question), question.answer, "{}", question.text);
            assert!(question.text.split(' ').count() <= 16, "{}", question.text);
        }
        assert_eq!(kinds.len(), QuestionKind::ALL.len());
    }
}

/// The letter's text is right, and no other one is.
fn check_choices(scene: &Scene, question: &Question) {
    let lines: Vec<&str> = question.text.lines().collect();
    assert_eq!(lines.len(), 6, "{}", question.text);
    assert_eq!(lines[5], "Answer with the letter.");
    let distinct: BTreeSet<_> = question.choices.iter().collect();
    assert_eq!(distinct.len(), 4, "{}", question.text);
    for (i, letter) in ["A", "B", "C", "D"].into_iter().enumerate() {
        let choice = &question.choices[i];
        assert_eq!(lines[i + 1], format!("{letter}. {choice}"));
        let is_right = if lines[0].starts_with("Which of these") {
            scene.things.iter().any(|t| t.kind.name() == choice)
        } else {
            base_answer(scene, question) == *choice
        };
        assert_eq!(is_right, question.answer == letter, "{}", question.text);
    }
}

fn base_answer(scene: &Scene, question: &Question) -> String {
    let text = question.text.lines().next().unwrap();
    let kind = match text {
        _ if text.contains("How many") || text.contains("Count") => QuestionKind::Counting,
        _ if text.contains("here is") || text.contains("direction") => QuestionKind::Relation,
        _ if text.contains("plate") => QuestionKind::Color,
        _ => QuestionKind::Beside,
    };
    answer_of(scene, &Question { kind, ..question.clone() })
}

#[test]
fn answers_are_spread() {
    let scenes = scenes(Split::Train, 3000);
    let asked = asked(&scenes);
    let share = |kind: QuestionKind| {
        let answers = asked.iter().filter(|(_, q)| q.kind == kind).map(|(_, q)| q.answer.clone());
        let counts = counts(answers);
        let all: usize = counts.values().sum();
        counts.into_iter().map(|(a, n)| (a, n as f64 / all as f64)).collect::<BTreeMap<_, _>>()
    };
    for kind in [QuestionKind::Existence, QuestionKind::YesNo] {
        assert!((0.45..0.55).contains(&share(kind)["yes"]), "{kind} {:?}", share(kind));
    }
    for kind in [QuestionKind::MultipleChoice, QuestionKind::Relation] {
        let share = share(kind);
        assert!(share.len() == 4 && share.values().all(|s| *s > 0.2), "{kind} {share:?}");
    }
    let counting = share(QuestionKind::Counting);
    assert!(counting.len() == 6, "{counting:?}");
    assert!(counting.values().all(|s| (0.06..0.27).contains(s)), "{counting:?}");
    for kind in [QuestionKind::Beside, QuestionKind::Size, QuestionKind::Color] {
        assert!(share(kind).values().all(|s| *s < 0.1), "{kind} {:?}", share(kind));
    }
}

#[test]
fn words_alone_do_not_give_the_answer_away() {
    let scenes = scenes(Split::Train, 4000);
    let rng = &mut rng();
    let mut with_plate = [0, 0];
    let mut rivals = [0, 0];
    for scene in &scenes {
        let question = scene.ask(QuestionKind::Existence, rng).unwrap();
        let is_yes = question.answer == "yes";
        let has_plate = question.text.contains("plate");
        with_plate[usize::from(is_yes)] += i32::from(has_plate);
        if !is_yes {
            let named = question.text.split([' ', '?']).find_map(Kind::named).unwrap();
            let is_rival = scene.things.iter().any(|t| t.kind.theme() == named.theme());
            rivals[usize::from(is_rival)] += 1;
            // What is denied is not there.
            assert!(has_plate || scene.things_of(named).is_empty());
            assert_eq!(question.about, scene.things_of(named));
        }
    }
    let [no, yes] = with_plate;
    assert!((0.75..1.35).contains(&(f64::from(yes) / f64::from(no))), "{with_plate:?}");
    // Half of the denied things are almost there on purpose, and some of the others by chance.
    let share = f64::from(rivals[1]) / f64::from(rivals[0] + rivals[1]);
    assert!((0.45..0.85).contains(&share), "{share}");
}

#[test]
fn a_number_said_does_not_tell_whether_it_is_true() {
    let scenes = scenes(Split::Train, 6000);
    let rng = &mut rng();
    let mut said: BTreeMap<&str, [f64; 2]> = BTreeMap::new();
    for scene in &scenes {
        let question = scene.ask(QuestionKind::YesNo, rng).unwrap();
        if let Some(number) = NUMBERS.iter().find(|n| question.text.split(' ').any(|w| w == **n)) {
            said.entry(number).or_default()[usize::from(question.answer == "yes")] += 1.0;
        }
    }
    for (number, [no, yes]) in said {
        let share = yes / (yes + no);
        assert!((0.3..0.7).contains(&share), "{number}: {share:.2} of {}", yes + no);
    }
}

#[test]
fn every_kind_of_question_has_its_phrasings() {
    let scenes = scenes(Split::Train, 2000);
    let mut shapes: BTreeMap<QuestionKind, BTreeSet<String>> = BTreeMap::new();
    for (_, question) in asked(&scenes) {
        let line = question.text.lines().next().unwrap();
        let is_open = |word: &&str| {
            let bare = word.trim_end_matches(['?', '.', ',']);
            Kind::all().all(|k| k.name() != bare && k.plural() != bare)
                && PlateColor::ALL.iter().all(|c| c.name() != bare)
                && !["a", "an"].contains(&bare)
        };
        let shape: Vec<&str> = line.split(' ').filter(is_open).collect();
        shapes.entry(question.kind).or_default().insert(shape.join(" "));
    }
    for (kind, shapes) in shapes {
        assert!(shapes.len() >= 3, "{kind}: {shapes:?}");
    }
}

#[test]
fn the_vocabulary_covers_all_that_is_said() {
    let words = vocabulary();
    assert!(words.is_sorted());
    assert!(words.len() < 300, "{}", words.len());
    let known: BTreeSet<&str> = words.iter().map(String::as_str).collect();
    assert_eq!(known.len(), words.len());
    let mut seen = BTreeSet::new();
    let mut check = |text: &str| {
        let separators = [' ', '\n', ',', '.', ':', '?'];
        assert!(punctuation().iter().all(|sign| separators.contains(sign)));
        for word in text.split(separators).filter(|word| !word.is_empty()) {
            assert!(known.contains(word), "{word} in {text}");
            seen.insert(word.to_owned());
        }
    };
    let rng = &mut rng();
    for split in [Split::Train, Split::Test] {
        for scene in scenes(split, 2000) {
            for kind in QuestionKind::ALL {
                if let Some(question) = scene.ask(kind, rng) {
                    check(&question.text);
                    check(&question.answer);
                }
            }
            check(&scene.caption(rng));
        }
    }
    let unused: Vec<_> = words.iter().filter(|word| !seen.contains(*word)).collect();
    assert!(unused.is_empty(), "never said: {unused:?}");
}
