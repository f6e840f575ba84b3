//! aki-lens's client and this program understand each other: the client's own source, compiled here,
//! against the real program.

use std::{path::PathBuf, time::Duration};

use self::source::{
    RustBert, RustBertError, RustBertLimits, RustBertPlaces, RustBertState, Surroundings,
};
use crate::tiny_model::{LABELS, plain_model, tiny_model};

#[path = "../../../src/text/rust_bert/mod.rs"]
#[expect(dead_code, unreachable_pub, reason = "it is written for aki-lens, which uses all of it")]
mod source;

fn client(model: PathBuf) -> RustBert {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_aki-lens-pos-rust-bert"));
    let places = RustBertPlaces::new(Some(program), Some(model), &Surroundings::default());
    let patient = Duration::from_mins(2);
    RustBert::start(places, RustBertLimits { start: patient, answer: patient })
}

#[test]
fn the_client_gets_tags_by_byte() {
    let folder = plain_model();
    let mut client = client(folder.path().to_owned());
    for question in ["Où est the T-shirt?", "", "What’s \"that\" 🦊\n", &"dog ".repeat(300)] {
        let tags = client.tags(question).unwrap();
        assert!(tags.iter().all(|tag| tag.tag.is_some()));
        let words: Vec<_> = tags.iter().map(|tag| &question[tag.byte_range.clone()]).collect();
        assert!(question.is_empty() || words.len() >= 4, "{words:?}");
    }
    let model = folder.path().to_str().unwrap().to_owned();
    assert_eq!(*client.state(), RustBertState::Ready { model });
}

#[test]
fn the_client_learns_why_there_are_no_tags() {
    let folder = tiny_model("rust_model.ot", [1000.0; LABELS.len()]);
    let mut ready = client(folder.path().to_owned());
    assert!(matches!(ready.tags("red dog"), Err(RustBertError::NoScores)));
    let too_long = "x".repeat(1 << 20);
    assert!(matches!(ready.tags(&too_long), Err(RustBertError::Refused { .. })));
    assert!(matches!(ready.state(), RustBertState::Ready { .. }));

    std::fs::write(folder.path().join("rust_model.ot"), "nothing").unwrap();
    let mut failing = client(folder.path().to_owned());
    let error = failing.tags("red dog").unwrap_err();
    assert!(matches!(error, RustBertError::BadModel { .. }), "{error}");
}
