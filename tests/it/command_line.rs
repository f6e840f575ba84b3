//! What is looked at as a command line: what a shell and the program's own reader make of it.

use std::{collections::BTreeSet, fs, path::Path};

use aki_lens::{
    app::{AppState, Command, Drawing, Job, JobOutput, MapScale, RunId, Subject, ViewPart, quoted},
    cli::{Args, Command as Typed},
    domain::{AttentionMode, Bucket, Choice, Ending, MapKind, Reading},
};
use clap::Parser as _;
use proptest::prelude::*;
use serde_json::Value;

use crate::{
    app::{Desk, answer_with, fake},
    cli::{QUESTION, aki_lens, specimen, text},
    session::small_run,
};

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
    let made = desk.state.command_line().unwrap();
    assert!(made.line.contains("\naki-lens compare "), "{}", made.line);
    assert!(made.leaves_out[0].contains("mass"), "{:?}", made.leaves_out);
    assert_eq!(made.leaves_out.len(), 1);
    // Boxes are said by their corners, every other outline needs a file.
    desk.send(Command::DrawRegion(Drawing::Box([1.0, 1.0], [3.0, 4.0]), "box".to_owned()));
    let made = desk.state.command_line().unwrap();
    assert!(made.line.contains(" --box box=1,1,2,3"), "{}", made.line);
    assert_eq!(made.leaves_out.len(), 1, "{:?}", made.leaves_out);
    let corner = Drawing::Polygon(vec![[0.0, 0.0], [4.0, 0.0], [0.0, 4.0]]);
    desk.send(Command::DrawRegion(corner, "corner".to_owned()));
    let made = desk.state.command_line().unwrap();
    assert!(!made.line.contains("--box"), "{}", made.line);
    assert_eq!(made.leaves_out.len(), 2, "{:?}", made.leaves_out);
}

#[cfg(unix)]
#[test]
fn regions_that_the_view_does_not_draw_are_drawn_by_no_copied_line_either() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = asked(folder.path(), "Is the cup red?");
    desk.send(Command::DrawRegion(Drawing::Box([1.0, 1.0], [3.0, 4.0]), "box".to_owned()));
    desk.send(Command::ShowRegion(0, false));
    let seen = |desk: &Desk| {
        let made = desk.state.command_line().unwrap();
        let args = Args::try_parse_from(words_of(&made.line)).unwrap_or_else(|e| panic!("{e}"));
        let Some(Typed::Ask(ask)) = args.command else { panic!("{}", made.line) };
        assert_eq!(ask.heatmap.boxes, ["box=1,1,2,3"], "regions are counted either way");
        (ask.heatmap.no_outlines, made.leaves_out.len())
    };
    let mut view = desk.state.workspace.view.clone();
    desk.send(Command::SelectSubject(Subject::word(2)));
    assert_eq!(seen(&desk), (false, 1));
    view.has_regions = false;
    desk.send(Command::SetView(view));
    // None is drawn, so which of them are not need not be said.
    assert_eq!(seen(&desk), (true, 0));
    // Without a map there is no figure.
    desk.send(Command::SelectSubject(Subject::Nothing));
    assert_eq!(seen(&desk), (false, 0));
}

/// The map and the names of the regions that a copied line makes.
#[cfg(unix)]
fn made_by(line: &str, folder: &Path) -> (Vec<f64>, Vec<String>) {
    let (map, report) = (folder.join("map.csv"), folder.join("answer.json"));
    let words = words_of(&line.replace("map.png", map.to_str().unwrap()));
    let words = words.iter().skip(1).map(String::as_str);
    let more = ["--json", report.to_str().unwrap()];
    let output = aki_lens(&words.chain(more).collect::<Vec<_>>());
    assert_eq!(output.status.code(), Some(0), "{line}\n{}", text(&output.stderr));
    let mut reader = csv::Reader::from_path(map).unwrap();
    let values = reader.records().map(|row| row.unwrap()[9].parse().unwrap_or(f64::NAN));
    let report: Value = serde_json::from_slice(&fs::read(report).unwrap()).unwrap();
    let regions = report["regions"]["table"].as_array().cloned().unwrap_or_default();
    let name = |region: &Value| region["label"].as_str().unwrap_or_default().to_owned();
    (values.collect(), regions.iter().map(name).collect())
}

#[cfg(unix)]
#[test]
fn a_copied_line_makes_the_very_map_and_regions_that_were_looked_at() {
    let sessions = tempfile::tempdir().unwrap();
    let mut desk = Desk::of_specimen_in(sessions.path(), QUESTION);
    desk.send(Command::DrawRegion(Drawing::Box([10.0, 10.0], [40.0, 50.0]), "a cup".to_owned()));
    desk.until(|state| state.session.folder.is_some());
    let one = |n: usize| Subject::word(n);
    let several = |all: [usize; 2]| BTreeSet::from(all);
    let mut lines = Vec::new();
    for (i, subject) in [
        one(1),
        Subject::Words(several([1, 5])),
        Subject::Answer(several([0, 1])),
        Subject::Latents(several([3, 14])),
    ]
    .into_iter()
    .enumerate()
    {
        let mut view = desk.state.workspace.view.clone();
        match i {
            0 => view.word_map = MapKind::ReadBy,
            1 => (view.word_map, view.reading) = (MapKind::LooksAt, Reading::Lift),
            2 => (view.without_sinks, view.sink_threshold) = (true, 1.5),
            // From here on an outline that is no box, which only the session can say.
            _ => {
                let corner = Drawing::Polygon(vec![[0.0, 0.0], [60.0, 0.0], [0.0, 60.0]]);
                desk.send(Command::DrawRegion(corner, "a corner".to_owned()));
            }
        }
        desk.send(Command::SetView(view));
        let mut selection = desk.state.workspace.selection.clone();
        (selection.subject, selection.layers) = (subject.clone(), Choice::Only(vec![1]));
        desk.send(Command::Select(selection));
        let made = desk.state.command_line().unwrap();
        assert_eq!(made.leaves_out, Vec::<String>::new());
        let map = desk.state.heatmap(RunId(0), &subject).unwrap();
        lines.push((made.line, map.as_ref().as_ref().unwrap().values.clone()));
    }
    // What was drawn last reaches the disk.
    desk.state.close();
    let folder = tempfile::tempdir().unwrap();
    for (i, (line, shown)) in lines.iter().enumerate() {
        let (values, regions) = made_by(line, folder.path());
        assert_eq!(&values, shown, "{line}");
        let drawn = ["a cup", "a corner"];
        assert_eq!(regions, drawn[..if i < 3 { 1 } else { 2 }], "{line}");
    }
}

#[cfg(unix)]
#[test]
fn two_runs_beside_each_other_are_compared_by_a_line_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = asked(folder.path(), "Is the cup red?");
    desk.send(Command::AskBeside(AttentionMode::Causal));
    desk.until(|state| state.runs.len() == 2);
    desk.send(Command::SelectSubject(Subject::word(2)));
    let line = desk.state.command_line().unwrap().line;
    let compare = line.lines().nth(1).unwrap();
    let args = Args::try_parse_from(words_of(compare)).unwrap_or_else(|e| panic!("{e}"));
    let Some(Typed::Compare(compare)) = args.command else { panic!("{compare}") };
    assert_eq!(
        (&compare.left.model[..], compare.left.mode),
        ("none", AttentionMode::ModalityMutual)
    );
    assert_eq!((&compare.right.model[..], compare.right.mode), ("none", AttentionMode::Causal));
    assert_eq!(compare.map.to_string(), "\"cup\" looks at");
}

#[test]
fn regions_of_a_session_are_those_of_the_very_picture() {
    let sessions = tempfile::tempdir().unwrap();
    let mut desk = Desk::of_specimen_in(sessions.path(), QUESTION);
    let corner = Drawing::Polygon(vec![[0.0, 0.0], [60.0, 0.0], [0.0, 60.0]]);
    desk.send(Command::DrawRegion(corner, "a corner".to_owned()));
    desk.until(|state| state.session.folder.is_some());
    desk.state.close();
    let session = desk.state.session.folder.clone().unwrap();
    let (_, image) = specimen();
    let other = image.replace("scene_01", "scene_02");
    for path in [session.join("regions.json"), session.clone()] {
        let path = path.to_str().unwrap();
        let output = aki_lens(&["regions", path, "--image", &image]);
        assert!(text(&output.stdout).contains("a corner"), "{}", text(&output.stderr));
        let output = aki_lens(&["regions", path, "--image", &other]);
        assert_eq!(output.status.code(), Some(2));
        let error = text(&output.stderr);
        assert!(error.contains("regions.json has no regions of this picture"), "{error}");
        assert!(error.contains("those of another picture"), "{error}");
    }
    fs::write(session.join("regions.json"), "{\"version\": 1, \"pictures\": [{").unwrap();
    let output = aki_lens(&["regions", session.to_str().unwrap(), "--image", &image]);
    assert_eq!(output.status.code(), Some(2));
    let error = text(&output.stderr);
    assert!(error.contains("regions.json is damaged") && !error.contains("opens"), "{error}");
}

#[test]
fn files_are_named_so_that_the_line_can_be_typed_in_any_folder() {
    let within = tempfile::tempdir_in(".").unwrap();
    let name = within.path().file_name().unwrap().to_str().unwrap().to_owned();
    let relative = Path::new(&name);
    assert!(relative.is_dir() && !relative.is_absolute());
    let line = asked(relative, "cup").state.command_line().unwrap().line;
    let picture = within.path().canonicalize().unwrap().join("1");
    assert!(line.contains(picture.to_str().unwrap()), "{line}");
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

/// A desk whose answers of two tokens, under the causal mask of three, ended in some way on a card.
fn answered_so(folder: &Path, ending: Ending, set: usize) -> Desk {
    let mut desk = Desk::with(move |slots, job, on_progress| match job {
        Job::Ask(question) => {
            let mut run = small_run(&question.text, question.mode, 0.25);
            if question.mode == AttentionMode::Causal {
                run.answer_ids.push(2);
            } else {
                run.ending = ending;
            }
            let mut answered = answer_with(run, &question);
            "cuda:1 (a card)".clone_into(&mut answered.device);
            Ok(JobOutput::Answered(Box::new(answered)))
        }
        other => fake(slots, other, on_progress),
    });
    let picture = folder.join("1");
    fs::write(&picture, "the fake reads the name").unwrap();
    desk.open_file(&picture);
    desk.ask("Is the cup red?");
    desk.send(Command::SetMaxNewTokens(set));
    desk
}

#[test]
fn an_answer_is_asked_for_again_as_long_as_it_was_and_on_its_own_device() {
    let folder = tempfile::tempdir().unwrap();
    for (ending, set, limit) in [
        (Ending::Length, 40, 2),
        (Ending::Length, 1, 2),
        (Ending::Stopped, 40, 2),
        (Ending::Stop, 40, 40),
        (Ending::Stop, 1, 2),
    ] {
        let mut desk = answered_so(folder.path(), ending, set);
        let made = desk.state.command_line().unwrap();
        let asked = format!(" --max-new-tokens {limit} --device cuda:1 ");
        assert!(made.line.contains(&asked), "{ending:?}: {}", made.line);
        let by_hand = made.leaves_out.iter().any(|out| out.contains("stopped by hand"));
        assert_eq!(by_hand, ending == Ending::Stopped, "{:?}", made.leaves_out);
        // A comparison has one limit for both of its sides.
        desk.send(Command::AskBeside(AttentionMode::Causal));
        desk.until(|state| state.runs.len() == 2);
        let made = desk.state.command_line().unwrap();
        let compare = made.line.lines().nth(1).unwrap();
        let limit = if ending == Ending::Stop { set.max(3) } else { 3 };
        assert!(compare.contains(&format!(" --max-new-tokens {limit} ")), "{compare}");
        let is_said = made.leaves_out.iter().any(|out| out.contains("ended after 2 tokens"));
        assert_eq!(is_said, ending != Ending::Stop, "{:?}", made.leaves_out);
    }
}

/// The patches of a figure: their places, colors, and how much of the picture they cover.
fn patches_of(svg: &str) -> Vec<&str> {
    let (_, rest) = svg.split_once("shape-rendering=\"crispEdges\">").unwrap();
    let (patches, _) = rest.split_once("</g>").unwrap();
    patches.lines().collect()
}

#[cfg(unix)]
#[test]
fn a_copied_line_draws_the_colors_of_the_window_on_either_scale() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = Desk::of_specimen(QUESTION);
    desk.send(Command::SelectSubject(Subject::word(1)));
    let scale = |state: &AppState| {
        let map = state.heatmap(RunId(0), &Subject::word(1)).unwrap();
        state.map_scale(RunId(0), &Subject::word(1), map.as_ref().as_ref().unwrap())
    };
    let mut drawn = Vec::new();
    for kind in [MapScale::Own, MapScale::Shared] {
        let mut view = desk.state.workspace.view.clone();
        view.scale = kind;
        desk.send(Command::SetView(view));
        let made = desk.state.command_line().unwrap();
        assert_eq!(made.leaves_out, Vec::<String>::new());
        let (low, high) = scale(&desk.state);
        assert_eq!(low > 0.0, kind == MapScale::Own, "{low}");
        assert!(made.line.contains(&format!(" --scale {low},{high}")), "{}", made.line);
        let [here, there] = ["here.svg", "there.svg"].map(|name| folder.path().join(name));
        desk.state.drawn(ViewPart::Map).unwrap().write(&here).unwrap();
        let words = words_of(&made.line.replace("map.png", there.to_str().unwrap()));
        let output = aki_lens(&words.iter().skip(1).map(String::as_str).collect::<Vec<_>>());
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        let [here, there] = [here, there].map(|path| fs::read_to_string(path).unwrap());
        assert_eq!(patches_of(&here), patches_of(&there));
        assert!(here.contains("fill-opacity"), "small values cover less");
        drawn.push(patches_of(&here).join(""));
    }
    assert_ne!(drawn[0], drawn[1]);
}

#[test]
fn a_scale_is_two_numbers_that_rise() {
    let parse = |flags: &[&str]| {
        let asked = ["aki-lens", "ask", "--image", "a.png", "--question", "b"];
        Args::try_parse_from([&asked[..], flags].concat())
    };
    let Some(Typed::Ask(ask)) = parse(&["--scale", "-0.5,0.25"]).unwrap().command else {
        panic!("no question")
    };
    let scale = ask.heatmap.scale.unwrap();
    assert_eq!((scale.low, scale.high), (-0.5, 0.25));
    for wrong in ["0.5,0.5", "1,0", "nan,1", "0,inf", "1", "a,b", ""] {
        let error = parse(&["--scale", wrong]).unwrap_err().to_string();
        assert!(error.contains("a larger one"), "{wrong}: {error}");
    }
    assert!(parse(&["--scale", "0,1", "--own-scales"]).is_err());
}
