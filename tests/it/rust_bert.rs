//! The client of the rust-bert side program, with stand-ins that answer, hang, die and talk nonsense.
//! The program itself is tested in its own package, where a libtorch is.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use aki_lens::text::{
    RustBert, RustBertError, RustBertLimits, RustBertPlaces, RustBertState, Surroundings, TagAt,
};
use tempfile::TempDir;

const QUESTION: &str = "Où est T-shirt?";
const HELLO: &str = r#"echo '{"protocol":1,"program":"stand-in","model":"m","labels":["NN"]}'"#;
const ANSWER: &str = r#"'{"question":"Où est T-shirt?","pieces":1,"words":[{"text":"Où","start":0,"end":3,"tag":"WRB","score":0.9},{"text":"est","start":4,"end":7,"tag":"VBZ","score":0.8},{"text":"T","start":8,"end":9,"tag":"NN","score":null},{"text":"shirt","start":10,"end":15,"tag":null,"score":null}]}'"#;
/// Long enough for a shell on a busy machine.
const PATIENT: Duration = Duration::from_secs(30);
const HASTY: Duration = Duration::from_millis(200);

/// A stand-in that is told what to do by a shell script in its model folder.
struct StandIn {
    folder: TempDir,
    rust_bert: RustBert,
}

impl StandIn {
    fn new(behavior: &str, start: Duration, answer: Duration) -> Self {
        let folder = TempDir::new().unwrap();
        write_model(folder.path());
        let pid = folder.path().join("pid");
        let behavior = format!("echo $$ > '{}'\n{behavior}\n", pid.display());
        fs::write(folder.path().join("behavior.sh"), behavior).unwrap();
        let places = RustBertPlaces::new(
            Some(program()),
            Some(folder.path().to_owned()),
            &Surroundings::default(),
        );
        let rust_bert = RustBert::start(places, RustBertLimits { start, answer });
        Self { folder, rust_bert }
    }

    fn patient(behavior: &str) -> Self {
        Self::new(behavior, PATIENT, PATIENT)
    }

    fn tags(&mut self) -> Result<Vec<TagAt>, RustBertError> {
        self.rust_bert.tags(QUESTION)
    }

    /// Whether the stand-in's process is there, dead or alive.
    fn has_process(&self) -> bool {
        // A shell that was ended before it wrote its number is not there either.
        let pid = fs::read_to_string(self.folder.path().join("pid")).unwrap_or_default();
        let mut check = Command::new("sh");
        check.args(["-c", &format!("kill -0 {}", pid.trim())]).stderr(Stdio::null());
        check.status().unwrap().success()
    }

    /// Asserts that asking failed as `is_expected` says, and that nothing is left of the program.
    fn assert_failed(&mut self, says: &str, is_expected: fn(&RustBertError) -> bool) {
        let error = self.tags().unwrap_err();
        let text = error.to_string();
        assert!(is_expected(&error) && text.contains(says), "{error:?}: {text}");
        assert!(!text.contains('\n'), "{text}");
        assert!(!self.has_process(), "the process is still there");
        let RustBertState::Failed { reason } = self.rust_bert.state().clone() else {
            panic!("{:?}", self.rust_bert.state())
        };
        assert_eq!(reason, text);
        // It stays failed, and says so, until it is started again.
        let again = self.tags().unwrap_err();
        assert!(matches!(again, RustBertError::NotReady(RustBertState::Failed { .. })));
        assert!(again.to_string().contains(&reason), "{again}");
    }
}

fn program() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/rust_bert/stand-in")
}

fn write_model(folder: &Path) {
    for name in ["config.json", "vocab.txt", "rust_model.ot"] {
        fs::write(folder.join(name), "").unwrap();
    }
}

/// Greets, and answers every line with the same.
fn answers(answer: &str) -> String {
    format!("{HELLO}\nwhile read -r line; do printf '%s\\n' {answer}; done")
}

#[test]
fn tags_come_with_the_bytes_of_their_words() {
    let mut stand_in = StandIn::patient(&answers(ANSWER));
    for _ in 0..3 {
        let tags = stand_in.tags().unwrap();
        let tags: Vec<_> = tags
            .iter()
            .map(|tag| (&QUESTION[tag.byte_range.clone()], tag.tag.as_deref()))
            .collect();
        // A tag without a score is none.
        let expected = [("Où", Some("WRB")), ("est", Some("VBZ")), ("T", None), ("shirt", None)];
        assert_eq!(tags, expected);
    }
    assert_eq!(*stand_in.rust_bert.state(), RustBertState::Ready { model: "m".to_owned() });
}

#[test]
fn it_is_asked_in_json_and_told_its_model() {
    let mut stand_in =
        StandIn::patient(&format!("{HELLO}\nread -r line\nprintf %s \"$line\" >\"$0.said\"\n"));
    stand_in.rust_bert.tags("a \"b\"\n\u{0}é").unwrap_err();
    let said = fs::read_to_string(stand_in.folder.path().join("behavior.sh.said")).unwrap();
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(said, serde_json::json!({ "question": "a \"b\"\n\u{0}é" }));
}

#[test]
fn its_state_is_known_without_asking_it() {
    let mut stand_in = StandIn::patient(&format!(
        "while [ ! -e \"$0.go\" ]; do sleep 0.05; done\n{}",
        answers(ANSWER)
    ));
    assert_eq!(*stand_in.rust_bert.state(), RustBertState::Starting);
    fs::write(stand_in.folder.path().join("behavior.sh.go"), "").unwrap();
    let start = Instant::now();
    while *stand_in.rust_bert.state() == RustBertState::Starting && start.elapsed() < PATIENT {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(*stand_in.rust_bert.state(), RustBertState::Ready { model: "m".to_owned() });
}

#[test]
fn a_program_that_is_dropped_is_gone() {
    let mut stand_in = StandIn::patient(&answers(ANSWER));
    stand_in.tags().unwrap();
    assert!(stand_in.has_process());
    let places = RustBertPlaces::new(None, None, &Surroundings::default());
    stand_in.rust_bert = RustBert::start(places, RustBertLimits::default());
    assert!(!stand_in.has_process());
}

#[test]
fn a_program_that_hangs_is_ended() {
    let is_slow = |error: &RustBertError| matches!(error, RustBertError::SlowAnswer { .. });
    let mut hangs = StandIn::new(&format!("{HELLO}\nexec sleep 1000"), PATIENT, HASTY);
    hangs.assert_failed("no answer within 0.2 s", is_slow);
    let is_slow = |error: &RustBertError| matches!(error, RustBertError::SlowStart { .. });
    let mut hangs = StandIn::new("exec sleep 1000", Duration::from_secs(1), PATIENT);
    hangs.assert_failed("no model within 1 s", is_slow);
}

#[test]
fn a_start_that_takes_too_long_shows_in_the_state() {
    let mut hangs = StandIn::new("exec sleep 1000", Duration::from_millis(1), PATIENT);
    std::thread::sleep(Duration::from_millis(2));
    assert!(matches!(hangs.rust_bert.state(), RustBertState::Failed { .. }));
}

#[test]
fn a_program_that_does_not_read_a_long_question_is_ended() {
    let mut deaf = StandIn::new(&format!("{HELLO}\nexec sleep 1000"), PATIENT, HASTY);
    let start = Instant::now();
    let error = deaf.rust_bert.tags(&"dog ".repeat(250_000)).unwrap_err();
    assert!(matches!(error, RustBertError::SlowAnswer { .. }), "{error}");
    assert!(start.elapsed() < PATIENT);
    assert!(!deaf.has_process());
}

#[test]
fn what_a_dead_program_left_running_is_not_waited_for() {
    // The sleeping process keeps the pipes open after its parent was ended.
    let behavior = format!("{HELLO}\nsleep 90 &\necho $! >\"$0.left\"\nwait");
    let mut stand_in = StandIn::new(&behavior, PATIENT, HASTY);
    let left = stand_in.folder.path().join("behavior.sh.left");
    let start = Instant::now();
    stand_in.assert_failed("no answer", |error| matches!(error, RustBertError::SlowAnswer { .. }));
    assert!(start.elapsed() < Duration::from_mins(1), "it waited for the sleeper");
    let left = fs::read_to_string(left).unwrap();
    Command::new("kill").arg(left.trim()).status().unwrap();
}

#[test]
fn a_program_that_dies_is_named_with_its_last_words() {
    let is_dead = |error: &RustBertError| matches!(error, RustBertError::Died { .. });
    let without_library = "echo 'warming up' >&2\necho 'cannot open libtorch_cpu.so' >&2\nexit 127";
    StandIn::patient(without_library)
        .assert_failed("exit status: 127, after \"cannot open libtorch_cpu.so\"", is_dead);
    StandIn::patient(&format!("{HELLO}\nread -r line\nexit 3"))
        .assert_failed("exit status: 3", is_dead);
    StandIn::patient(&format!("{HELLO}\nread -r line\nprintf '{{\"quest'\nkill -9 $$"))
        .assert_failed("signal: 9", is_dead);
    StandIn::patient(&format!("{HELLO}\nread -r line\nexec >&-\nexec sleep 1000"))
        .assert_failed("it closed its output", is_dead);
}

#[test]
fn a_program_that_died_meanwhile_is_an_error_and_can_be_started_again() {
    let once = format!("{HELLO}\nread -r line\nprintf '%s\\n' {ANSWER}\nexit 0");
    let mut stand_in = StandIn::patient(&once);
    assert_eq!(stand_in.tags().unwrap().len(), 4);
    stand_in.assert_failed("ended", |error| matches!(error, RustBertError::Died { .. }));
    stand_in.rust_bert.restart();
    assert_eq!(stand_in.tags().unwrap().len(), 4);
}

#[test]
fn nonsense_is_not_believed() {
    let is_garbled = |error: &RustBertError| matches!(error, RustBertError::Garbled { .. });
    StandIn::patient("echo hello").assert_failed("`hello`", is_garbled);
    StandIn::patient("printf '\\377\\376\\n'").assert_failed("", is_garbled);
    StandIn::patient("echo '{\"protocol\":2,\"model\":\"m\"}'")
        .assert_failed("speaks protocol 2", is_garbled);
    StandIn::patient("echo '{}'").assert_failed("no greeting", is_garbled);
    for (answer, says) in [
        ("nonsense", "nonsense"),
        (r#"'{"question":"Où est T-shirt?"}'"#, "no words"),
        (r#"'{"question":"another","words":[]}'"#, "another question"),
        (r#"'{"question":"Où est T-shirt?","words":[{"score":NaN}]}'"#, ""),
        (&word(r#""text":"Où","start":0,"end":2"#), "bytes 0 to 2"),
        (&word(r#""text":"ù","start":2,"end":3"#), "bytes 2 to 3"),
        (&word(r#""text":"est","start":5,"end":8"#), "bytes 5 to 8"),
        (&word(r#""text":"est","start":400,"end":403"#), "bytes 400 to 403"),
        (&word(r#""text":"","start":4,"end":4"#), "bytes 4 to 4"),
    ] {
        StandIn::patient(&answers(answer)).assert_failed(says, is_garbled);
    }
}

/// An answer of one word with these fields.
fn word(fields: &str) -> String {
    format!(r#"'{{"question":"{QUESTION}","words":[{{{fields},"tag":"NN","score":0.5}}]}}'"#)
}

#[test]
fn scores_that_are_no_numbers_are_an_error_and_nothing_ends() {
    let answer = word(r#""text":"est","start":4,"end":7"#).replace("0.5", "null");
    let mut stand_in = StandIn::patient(&answers(&answer));
    assert!(matches!(stand_in.tags(), Err(RustBertError::NoScores)));
    assert!(matches!(stand_in.rust_bert.state(), RustBertState::Ready { .. }));
}

#[test]
fn a_refused_question_ends_nothing() {
    let mut stand_in = StandIn::patient(&answers(r#"'{"error":"too long"}'"#));
    for _ in 0..2 {
        let error = stand_in.tags().unwrap_err();
        assert!(matches!(&error, RustBertError::Refused { reason } if reason == "too long"));
    }
    assert!(matches!(stand_in.rust_bert.state(), RustBertState::Ready { .. }));
}

#[test]
fn a_model_that_does_not_load_is_named() {
    StandIn::patient(r#"echo '{"error":"no vocab.txt"}'"#)
        .assert_failed("no vocab.txt", |error| matches!(error, RustBertError::BadModel { .. }));
}

#[test]
fn a_program_that_cannot_be_started_is_named() {
    let folder = TempDir::new().unwrap();
    write_model(folder.path());
    let program = folder.path().join("config.json");
    let places = RustBertPlaces::new(
        Some(program.clone()),
        Some(folder.path().to_owned()),
        &Surroundings::default(),
    );
    let mut rust_bert = RustBert::start(places, RustBertLimits::default());
    let text = rust_bert.state().to_string();
    assert!(text.contains("does not start") && text.contains(program.to_str().unwrap()), "{text}");
    assert!(matches!(rust_bert.tags("dog"), Err(RustBertError::NotReady(_))));
}

#[test]
fn the_program_is_looked_for_where_the_readme_says() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    let make = |name: &str| {
        let path = at(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "").unwrap();
        path
    };
    let model = at("data/aki-lens/models/mobilebert-finetuned-pos");
    fs::create_dir_all(&model).unwrap();
    write_model(&model);
    let mut surroundings = Surroundings {
        own_folder: Some(at("own")),
        path: Some(std::env::join_paths([at("path"), at("other")]).unwrap()),
        data: Some(at("data")),
        ..Surroundings::default()
    };
    let program = |given: Option<&str>, surroundings: &Surroundings| {
        let places = RustBertPlaces::new(given.map(at), None, surroundings);
        places.find().map(|(program, found)| {
            assert_eq!(found, model);
            program
        })
    };

    let state = program(None, &surroundings).unwrap_err();
    assert!(matches!(state, RustBertState::NotFound { .. }), "{state}");
    let text = state.to_string();
    for word in ["own/aki-lens-pos-rust-bert", "2 folders of PATH", "AKI_LENS_POS_RUST_BERT"] {
        assert!(text.contains(word), "{text}");
    }
    let in_path = make("other/aki-lens-pos-rust-bert");
    assert_eq!(program(None, &surroundings).unwrap(), in_path);
    let beside = make("own/aki-lens-pos-rust-bert");
    assert_eq!(program(None, &surroundings).unwrap(), beside);
    let of_variable = make("variable");
    surroundings.program = Some(of_variable.clone());
    assert_eq!(program(None, &surroundings).unwrap(), of_variable);
    let given = make("given");
    assert_eq!(program(Some("given"), &surroundings).unwrap(), given);
    let bare = RustBertPlaces::new(Some("Cargo.toml".into()), None, &surroundings).find();
    assert!(bare.unwrap().0.is_absolute(), "starting it would look in PATH");
    // What was named is not replaced by another.
    let state = program(Some("gone"), &surroundings).unwrap_err();
    assert_eq!(
        state,
        RustBertState::NotFound { looked_in: vec![at("gone").display().to_string()] }
    );
}

#[test]
fn a_model_folder_that_is_incomplete_is_said_to_be() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir_all(at("model")).unwrap();
    fs::write(at("model/config.json"), "").unwrap();
    let find = |model: Option<&str>, surroundings: &Surroundings| {
        RustBertPlaces::new(Some(program()), model.map(at), surroundings).find()
    };
    let text = find(Some("model"), &Surroundings::default()).unwrap_err().to_string();
    assert!(text.contains("lacks vocab.txt and model.safetensors or rust_model.ot"), "{text}");
    let mut surroundings = Surroundings { model: Some(at("gone")), ..Surroundings::default() };
    let text = find(None, &surroundings).unwrap_err().to_string();
    assert!(text.contains("gone, which is not there") && text.contains("AKI_LENS_POS_MODEL"));
    surroundings.model = None;
    let text = find(None, &surroundings).unwrap_err().to_string();
    assert!(text.contains("models/mobilebert-finetuned-pos"), "{text}");
    write_model(&at("model"));
    assert_eq!(find(Some("model"), &surroundings).unwrap().1, at("model"));
}
