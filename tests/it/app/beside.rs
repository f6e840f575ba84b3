//! A run beside another: of another question, where words have other places, and of another picture,
//! where patches have.

use aki_lens::{
    app::{AppState, Command, Compared, RunId, Subject, ViewPart, jobs::Drawn},
    domain::Precision,
};

use crate::{
    app::{Desk, maps::looking_at, region},
    maps::{Made, small_run},
    session::SIZE,
};

/// A desk that asked all of these about one picture; the first is looked at.
fn asked(mut desk: Desk, questions: &[&str]) -> Desk {
    for question in questions {
        desk.ask(question);
    }
    desk.send(Command::SelectRun(RunId(0)));
    desk
}

fn compared(state: &AppState, right: usize, word: usize) -> Compared {
    state.compared([RunId(0), RunId(right)], &Subject::word(word))
}

fn why(compared: &Compared) -> String {
    compared.maps[1].as_ref().unwrap().as_ref().clone().unwrap_err()
}

#[test]
fn a_word_is_found_in_another_question_by_its_text_and_which_of_its_occurrences_it_is() {
    let mut desk = Desk::new();
    desk.open(1);
    let questions = [
        "Is the cup red?",
        "Where on the table is the red Cup?",
        "Is the dog red?",
        "A cup or a cup?",
    ];
    let desk = asked(desk, &questions);
    assert_eq!(compared(&desk.state, 1, 2).titles, ["\u{201c}cup\u{201d}", "\u{201c}Cup\u{201d}"]);
    let missing = compared(&desk.state, 2, 2);
    assert_eq!(missing.titles[1], "nothing");
    let said = why(&missing);
    assert!(said.contains("question of run 3 has no word \u{201c}cup\u{201d}"), "{said}");
    // The other way round there is a second cup that the first question lacks.
    let second = |word| desk.state.compared([RunId(3), RunId(0)], &Subject::word(word));
    let words = &desk.state.run_of(RunId(3)).unwrap().words.words;
    let cups: Vec<usize> = (0..words.len()).filter(|i| words[*i].text == "cup").collect();
    assert_eq!(second(cups[0]).titles[1], "\u{201c}cup\u{201d}");
    let said = why(&second(cups[1]));
    assert!(said.contains("has no word \u{201c}cup#2\u{201d}"), "{said}");
}

#[test]
fn the_run_beside_is_exported_with_the_map_and_the_name_of_its_own_word() {
    let desk = Desk::of_specimen("The fish is on which color plate?");
    let mut desk = asked(desk, &["Which color is the plate?"]);
    let place = |state: &AppState, run: usize| {
        let words = &state.run_of(RunId(run)).unwrap().words.words;
        words.iter().position(|word| word.text == "plate").unwrap()
    };
    let [left, right] = [0, 1].map(|run| place(&desk.state, run));
    assert_ne!(left, right);
    desk.send(Command::SetBeside(Some(RunId(1))));
    desk.send(Command::SelectSubject(Subject::word(left)));
    let drawn = |state: &AppState| match state.drawn(ViewPart::Map).unwrap() {
        Drawn::Map(map) => map,
        other => panic!("{other:?}"),
    };
    let map = drawn(&desk.state);
    let own = desk.state.heatmap(RunId(1), &Subject::word(right)).unwrap();
    assert_eq!(map.panels[1].map.as_ref(), own.as_ref().as_ref().ok());
    assert!(map.panels[1].title.starts_with("\u{201c}plate\u{201d} looks at"), "{:?}", map.panels);
    let note = map.panels[1].note.as_ref().unwrap();
    assert!(note.contains("Which color is the plate?"), "{note}");
    let line = desk.state.command_line().unwrap().line;
    assert!(line.contains("--map looks-at:plate"), "{line}");
    // A word that the other question does not have.
    desk.send(Command::SelectSubject(Subject::word(1)));
    let nothing = compared(&desk.state, 1, 1).difference.unwrap().as_ref().clone().unwrap_err();
    assert!(nothing.contains("no word \u{201c}fish\u{201d}"), "{nothing}");
    let map = drawn(&desk.state);
    let said = map.notes.iter().find(|note| note.contains("not drawn")).unwrap();
    assert!(map.panels.len() == 1 && said.contains("no word \u{201c}fish\u{201d}"), "{said}");
    let made = desk.state.command_line().unwrap();
    assert!(!made.line.contains("looks-at:fish"), "{}", made.line);
    assert!(made.leaves_out.iter().any(|out| out.contains("fish")), "{:?}", made.leaves_out);
}

#[test]
fn runs_of_two_pictures_are_not_subtracted_and_share_no_region() {
    let mut run = small_run("mma", Made::Random(5), Precision::F32);
    run.fit.image = SIZE;
    let mut desk = looking_at(run);
    desk.send(Command::AddRegion(region(4, "right")));
    desk.open(2);
    desk.ask("red cat");
    desk.send(Command::SelectRun(RunId(0)));
    desk.send(Command::SetBeside(Some(RunId(1))));
    desk.send(Command::SelectSubject(Subject::word(1)));
    let compared = compared(&desk.state, 1, 1);
    assert!(compared.maps.iter().all(|map| map.as_ref().unwrap().is_ok()));
    let said = compared.difference.unwrap().as_ref().clone().unwrap_err();
    assert!(said.contains("of two pictures"), "{said}");
    let [here, other] = [0, 1].map(|run| desk.state.run_of(RunId(run)).unwrap().picture.clone());
    assert!(desk.state.regions_of(&here).is_some());
    assert!(desk.state.regions_of(&other).is_none());
    let Drawn::Map(map) = desk.state.drawn(ViewPart::Map).unwrap() else { panic!("no map") };
    assert_eq!((map.panels.len(), map.regions.is_some()), (1, true));
    assert!(map.notes.iter().any(|note| note.contains("another picture")), "{:?}", map.notes);
}
