//! What is looked at as a command line: what a shell and the program's own reader make of it.

use std::{fs, path::Path};

use aki_lens::{
    app::{Command, Drawing, RunId, Subject, quoted},
    cli::{Args, Command as Typed},
    domain::{AttentionMode, Bucket, Choice},
};
use clap::Parser as _;
use proptest::prelude::*;

use crate::app::Desk;

/// The words that a POSIX shell makes of a line.
#[cfg(unix)]
fn words_of(line: &str) -> Vec<String> {
    let script = format!("printf '%s\\0' {line}");
    let output = std::process::Command::new("sh").arg("-c").arg(script).output().unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    text.split_terminator('\0').map(str::to_owned).collect()
}

#[cfg(unix)]
proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_quoted_text_is_one_word_of_a_shell(text in "[^\\x00]{0,20}") {
        prop_assert_eq!(words_of(&quoted(&text)), vec![text]);
    }
}

/// A run of a picture in a file, looked at.
pub(crate) fn asked(folder: &Path, question: &str) -> Desk {
    let mut desk = Desk::new();
    let picture = folder.join("1");
    fs::write(&picture, "the fake reads the name").unwrap();
    desk.open_file(&picture);
    desk.ask(question);
    desk
}

#[cfg(unix)]
#[test]
fn the_view_as_a_command_line_is_read_as_what_was_meant() {
    for question in ["Is the cup red?", "It's \"$HOME\" `ls` \\ \n or cup?", "--help me, cup!"] {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("a folder, isn't it");
        fs::create_dir(&folder).unwrap();
        let mut desk = asked(&folder, question);
        let mut selection = desk.state.workspace.selection.clone();
        selection.layers = Choice::Only(vec![0, 1]);
        selection.subject = Subject::word(2);
        desk.send(Command::Select(selection));
        desk.send(Command::SetBucket(1, Some(Bucket::Actions)));
        desk.send(Command::SetModel(None));
        let made = desk.state.command_line().unwrap();
        let args = Args::try_parse_from(words_of(&made.line)).unwrap_or_else(|e| panic!("{e}"));
        let Some(Typed::Ask(ask)) = args.command else { panic!("{} is no question", made.line) };
        assert_eq!(ask.asked.image, folder.join("1"));
        assert_eq!(ask.asked.question, question);
        assert_eq!(ask.asked.model.as_deref(), Some("none"));
        assert_eq!(ask.asked.attention, AttentionMode::ModalityMutual);
        assert_eq!(ask.measure.layers, Choice::Only(vec![0, 1]));
        assert_eq!(ask.tagging.edits[0].bucket, Bucket::Actions);
        assert_eq!(ask.heatmap.of.len(), 1);
        assert_eq!(ask.heatmap.opacity, 0.85);
        assert!(made.leaves_out.is_empty());
    }
}

#[test]
fn a_word_that_stands_twice_is_named_by_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = asked(folder.path(), "Is a cup on the Cup?");
    let words = &desk.state.run().unwrap().words.words;
    let second = words.iter().rposition(|word| word.text == "Cup").unwrap();
    desk.send(Command::SelectSubject(Subject::word(second)));
    let line = desk.state.command_line().unwrap().line;
    assert!(line.contains("--of 'Cup#2'"), "{line}");
}

#[test]
fn what_no_command_line_can_say_is_said() {
    let mut desk = Desk::new();
    assert!(desk.state.command_line().unwrap_err().contains("ask a question first"));
    desk.open(1);
    desk.ask("cup");
    assert!(desk.state.command_line().unwrap_err().contains("lies in no file"));

    let folder = tempfile::tempdir().unwrap();
    let mut desk = asked(folder.path(), "cup");
    desk.send(Command::AskBeside(AttentionMode::Causal));
    desk.until(|state| state.runs.len() == 2);
    assert_eq!(desk.state.command_line().unwrap().leaves_out.len(), 1);
    // Boxes are said by their corners, every other outline needs a file.
    desk.send(Command::DrawRegion(Drawing::Box([1.0, 1.0], [3.0, 4.0]), "box".to_owned()));
    let made = desk.state.command_line().unwrap();
    assert!(made.line.contains(" --box 1,1,2,3"), "{}", made.line);
    assert_eq!(made.leaves_out.len(), 1, "{:?}", made.leaves_out);
    let corner = Drawing::Polygon(vec![[0.0, 0.0], [4.0, 0.0], [0.0, 4.0]]);
    desk.send(Command::DrawRegion(corner, "corner".to_owned()));
    let made = desk.state.command_line().unwrap();
    assert!(!made.line.contains("--box"), "{}", made.line);
    assert_eq!(made.leaves_out.len(), 2, "{:?}", made.leaves_out);
}

#[test]
fn a_picture_that_only_the_session_holds_is_named_there() {
    let sessions = tempfile::tempdir().unwrap();
    let mut desk = Desk::kept_in(sessions.path());
    desk.open(1);
    desk.ask("cup");
    desk.until(|state| state.session.names.contains_key(&RunId(0)));
    let line = desk.state.command_line().unwrap().line;
    let image = desk.state.session.folder.as_ref().unwrap().join("runs/0001-mma/image.png");
    assert!(line.contains(image.to_str().unwrap()), "{line}");
    assert!(image.is_file());
}

#[test]
fn the_window_is_opened_with_batches_and_with_a_picture() {
    let typed = ["aki-lens", "--batch", "one", "two", "--image", "a.png"];
    let window = Args::try_parse_from(typed).unwrap().window().unwrap();
    assert_eq!(window.batch, [Path::new("one"), Path::new("two")]);
    assert_eq!(window.image.as_deref(), Some(Path::new("a.png")));
    assert!(Args::try_parse_from(["aki-lens"]).unwrap().window().unwrap().batch.is_empty());
    // Commands have folders of their own.
    let figure = Args::try_parse_from(["aki-lens", "figure", "one", "--out", "a.svg"]).unwrap();
    assert!(figure.window().is_none());
}
