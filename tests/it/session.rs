//! Sessions on disk: what is read back, what survives a kill, and what damaged files still give.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use aki_lens::{
    domain::{
        AttentionMode, AttentionPattern, AttentionPlan, AttentionSite, AttentionTrace, Bucket,
        Ending, Grid, ImageFit, ImageSize, KnockOut, PositionedToken, Precision, Prompt,
        RecordSpec, Region, RegionFormat, RegionId, RegionMask, RegionSet, Run, Segment,
        SequenceLayout, TaggedWord, TextRole, Timing, Tower, UserText, Weights,
    },
    session::{
        KeptRegions, Moment, Pixels, RunFacts, SessionError, SessionStore, read_picture,
        sessions_in,
    },
};
use proptest::prelude::*;
use serde_json::{Value, json};

const NOW: u64 = 1_795_624_200; // 2026-11-25T16:30:00Z
pub(crate) const SIZE: ImageSize = ImageSize { width: 6, height: 4 };

/// A run about a picture of 6 x 4 pixels, with weights that count up from `first`.
pub(crate) fn small_run(question: &str, mode: AttentionMode, first: f32) -> Run {
    let text = format!("<s><image>\n{question}<|end|>");
    let layout = SequenceLayout::new()
        .push(Segment::Prelude, 1)
        .push(Segment::Image, 2)
        .push(Segment::Question, 2);
    let question_bytes = 11..11 + question.len();
    let at = |position, segment, byte_range: std::ops::Range<usize>| PositionedToken {
        position,
        id: position as u32,
        text: text[byte_range.clone()].to_owned(),
        segment,
        byte_range,
    };
    let tokens = vec![
        at(0, Segment::Prelude, 0..3),
        at(1, Segment::Image, 3..10),
        at(2, Segment::Image, 3..10),
        at(3, Segment::Question, question_bytes.clone()),
        at(4, Segment::Question, question_bytes.end..text.len()),
    ];
    let mut trace = AttentionTrace::default();
    let pattern = |heads: Vec<usize>, queries: std::ops::Range<usize>, precision| {
        let n = heads.len() * queries.len() * 5;
        let values = (0..n).map(|i| first + i as f32 / 3.0).collect();
        AttentionPattern { heads, queries, keys: 0..5, weights: Weights::new(values, precision) }
    };
    let site = |tower, layer| AttentionSite { tower, layer };
    trace.push(site(Tower::Decoder, 1), pattern(vec![0, 2], 1..3, Precision::F32));
    trace.push(site(Tower::Decoder, 1), pattern(vec![0, 2], 4..5, Precision::F16));
    trace.push(site(Tower::Resampler, 0), pattern(vec![1], 0..2, Precision::F32));
    let plan = AttentionPlan::new(mode, &layout).unwrap();
    Run {
        mode,
        question: question.to_owned(),
        prompt: Prompt {
            text,
            ids: vec![0, 1, 3, 4],
            image_index: 1,
            question_bytes,
            tokens,
            layout,
        },
        plan,
        patches: Grid { rows: 2, cols: 2 },
        fit: ImageFit { image: SIZE, model_side: 28 },
        answer: "yes".to_owned(),
        answer_ids: vec![7, 2],
        answer_logprobs: vec![-0.1, -1.0 / 3.0],
        ending: Ending::Stop,
        spec: RecordSpec::everything(),
        trace,
        timing: Timing { vision_secs: 0.1, prefill_secs: 0.2, decode_secs: 0.3 },
    }
}

fn facts(question: &str) -> RunFacts {
    let words = vec![TaggedWord {
        text: question.to_owned(),
        byte_range: 0..question.len(),
        tag: "NOUN".to_owned(),
        bucket: Bucket::Objects,
        edited: false,
    }];
    let mut turn = UserText::default();
    turn.push_picture();
    turn.push(Some(TextRole::Question), question);
    RunFacts {
        made: Moment::from_secs(NOW),
        model: "tabletop/mma".to_owned(),
        weights: Some("fnv1a64:00".to_owned()),
        device: "cpu".to_owned(),
        picture_name: "table.png".to_owned(),
        picture_path: None,
        tagger: "brill".to_owned(),
        words,
        token_texts: vec!["yes".to_owned(), "<|end|>".to_owned()],
        warnings: vec!["one".to_owned()],
        pointing: None,
        turn: Some(turn),
    }
}

pub(crate) fn colors(seed: u8) -> Vec<u8> {
    (0..SIZE.width * SIZE.height * 3)
        .map(|i| (i as u8).wrapping_mul(7).wrapping_add(seed))
        .collect()
}

fn pixels(rgb: &[u8]) -> Pixels<'_> {
    Pixels { size: SIZE, rgb }
}

/// A session with two runs and a region, and its folder.
fn session_of_two(sessions: &Path) -> PathBuf {
    let now = Moment::from_secs(NOW);
    let mut store = SessionStore::create(sessions, "Is it red?", now).unwrap();
    for (question, mode) in
        [("apple", AttentionMode::ModalityMutual), ("pear", AttentionMode::Causal)]
    {
        let run = small_run(question, mode, 0.5);
        store.append(&run, &facts(question), pixels(&colors(1))).unwrap();
    }
    store.save("Is it red?", json!({"opacity": 0.25}), now).unwrap();
    store.save_regions(&[kept_regions()]).unwrap();
    store.folder().to_owned()
}

fn kept_regions() -> KeptRegions {
    let region = |i: i64, label: &str| Region {
        id: RegionId::Number(i),
        label: label.to_owned(),
        mask: RegionMask::of_pixels(SIZE, |x, y| i64::from(x) > i && y > 0),
    };
    let regions = vec![region(0, "apple"), region(3, "")];
    KeptRegions {
        picture: pixels(&colors(1)).checksum(),
        set: RegionSet::new(SIZE, RegionFormat::Boxes, "drawn".to_owned(), regions),
        hidden: BTreeSet::from([1]),
        colors: BTreeMap::from([(0, [1, 2, 3])]),
        overlaps: "exclusive".to_owned(),
    }
}

fn any_mode() -> impl Strategy<Value = AttentionMode> {
    prop_oneof![
        Just(AttentionMode::Causal),
        Just(AttentionMode::ModalityMutual),
        (0_u8..=100).prop_map(AttentionMode::Sparsity),
        Just(AttentionMode::Generalised),
        Just(AttentionMode::Mixed),
        Just(AttentionMode::TextFirst),
    ]
}

fn any_pattern() -> impl Strategy<Value = (AttentionSite, AttentionPattern)> {
    let tower = prop_oneof![Just(Tower::Vision), Just(Tower::Resampler), Just(Tower::Decoder)];
    let heads = prop::collection::btree_set(0_usize..40, 0..4);
    let weight = prop::num::f32::NORMAL | prop::num::f32::ZERO | prop::num::f32::SUBNORMAL;
    (tower, 0_usize..40, heads, 0_usize..9, 0_usize..4, 0_usize..4, any::<bool>(), weight).prop_map(
        |(tower, layer, heads, start, n_queries, n_keys, is_half, weight)| {
            let heads: Vec<usize> = heads.into_iter().collect();
            let n = heads.len() * n_queries * n_keys;
            let values = (0..n).map(|i| weight * i as f32).collect();
            let precision = if is_half { Precision::F16 } else { Precision::F32 };
            let weights = Weights::new(values, precision);
            let (queries, keys) = (start..start + n_queries, 2..2 + n_keys);
            (AttentionSite { tower, layer }, AttentionPattern { heads, queries, keys, weights })
        },
    )
}

fn any_run() -> impl Strategy<Value = Run> {
    let number = || prop::num::f64::NORMAL | prop::num::f64::ZERO;
    let ending = prop_oneof![Just(Ending::Stop), Just(Ending::Length), Just(Ending::Stopped)];
    let answer = prop::collection::vec((any::<u32>(), number()), 0..5);
    let patterns = prop::collection::vec(any_pattern(), 0..9);
    (
        any_mode(),
        "\\PC{0,20}",
        "\\PC*",
        ending,
        answer,
        patterns,
        [number(), number(), number()],
        any::<bool>(),
    )
        .prop_map(|(mode, question, answer, ending, tokens, patterns, secs, knocks)| {
            let mut run = small_run(&question, mode, 0.0);
            if knocks {
                let (queries, keys) = (BTreeSet::from([3, 9]), BTreeSet::from([0, 1]));
                run.plan = run.plan.without(KnockOut { queries, keys, layers: 1..3 }).unwrap();
            }
            // A mask that its mode does not make any more.
            run.plan.next_rope_position += 1;
            run.plan.rope_positions[0] = 77;
            run.answer = answer;
            (run.answer_ids, run.answer_logprobs) = tokens.into_iter().unzip();
            run.ending = ending;
            run.trace = AttentionTrace::default();
            for (site, pattern) in patterns {
                run.trace.push(site, pattern);
            }
            let [vision_secs, prefill_secs, decode_secs] = secs;
            run.timing = Timing { vision_secs, prefill_secs, decode_secs };
            run
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_run_is_read_back_as_it_was_written(run in any_run(), seed in any::<u8>()) {
        let folder = tempfile::tempdir().unwrap();
        let mut store =
            SessionStore::create(folder.path(), &run.question, Moment::from_secs(NOW)).unwrap();
        let rgb = colors(seed);
        let facts = facts(&run.question);
        let name = store.append(&run, &facts, pixels(&rgb)).unwrap();
        let (_, kept) = SessionStore::open(store.folder()).unwrap();
        prop_assert_eq!(kept.faults, Vec::<String>::new());
        prop_assert_eq!(kept.runs.len(), 1);
        prop_assert_eq!(&kept.runs[0].name, &name);
        prop_assert_eq!(&kept.runs[0].run, &run);
        prop_assert_eq!(&kept.runs[0].facts, &facts);
        prop_assert_eq!(&kept.runs[0].picture.as_ref().unwrap().rgb, &rgb);
    }

    #[test]
    fn a_moment_is_read_back_as_it_was_written(secs in 0_u64..250_000_000_000) {
        let moment = Moment::from_secs(secs);
        prop_assert_eq!(moment.to_string().parse::<Moment>().unwrap(), moment);
    }
}

#[test]
fn moments_are_days_of_the_calendar() {
    let check = |secs: u64, text: &str| assert_eq!(Moment::from_secs(secs).to_string(), text);
    check(0, "1970-01-01T00:00:00Z");
    check(951_782_400, "2000-02-29T00:00:00Z");
    check(NOW, "2026-11-25T16:30:00Z");
    check(4_107_542_399, "2100-02-28T23:59:59Z");
    check(4_107_542_400, "2100-03-01T00:00:00Z");
    for wrong in
        ["", "2026-02-30T00:00:00Z", "2026-11-25T24:00:00Z", "2026-11-25", "1969-01-01T00:00:00Z"]
    {
        assert!(wrong.parse::<Moment>().is_err(), "{wrong}");
    }
}

#[test]
fn a_session_is_called_by_its_day_and_its_question_and_none_takes_the_place_of_another() {
    let folder = tempfile::tempdir().unwrap();
    let name = |title: &str| {
        let store = SessionStore::create(folder.path(), title, Moment::from_secs(NOW)).unwrap();
        store.folder().file_name().unwrap().to_str().unwrap().to_owned()
    };
    assert_eq!(name("Is there a cup?"), "2026-11-25-is-there-a-cup");
    assert_eq!(name("Is there a cup?"), "2026-11-25-is-there-a-cup-2");
    assert_eq!(name("../../etc"), "2026-11-25-etc");
    assert_eq!(name("何ですか"), "2026-11-25-session");
    assert_eq!(name(&"long ".repeat(30)).len(), "2026-11-25-".len() + 39);
}

#[test]
fn a_session_gives_back_its_arrangement_and_its_regions() {
    let folder = tempfile::tempdir().unwrap();
    let session = session_of_two(folder.path());
    let (store, kept) = SessionStore::open(&session).unwrap();
    assert!(store.is_some());
    assert_eq!(kept.faults, Vec::<String>::new());
    assert_eq!(kept.manifest.title, "Is it red?");
    assert_eq!(kept.manifest.view, json!({"opacity": 0.25}));
    assert_eq!(kept.regions, vec![kept_regions()]);
    let names: Vec<&str> = kept.runs.iter().map(|run| run.name.as_str()).collect();
    assert_eq!(names, ["0001-mma", "0002-causal"]);
}

#[test]
fn a_run_whose_writing_was_cut_short_is_no_run_and_costs_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let session = session_of_two(folder.path());
    // What a kill leaves: each prefix of the files that a run is made of.
    let whole = session.join("runs/0001-mma");
    let files = ["trace.safetensors", "image.png", "run.json"];
    for n in 0..=files.len() {
        let left = session.join(format!("runs/.writing-{n}"));
        fs::create_dir(&left).unwrap();
        for file in &files[..n] {
            fs::copy(whole.join(file), left.join(file)).unwrap();
        }
    }
    let (store, kept) = SessionStore::open(&session).unwrap();
    assert_eq!((kept.runs.len(), kept.faults.len()), (2, 0));
    let run = small_run("cup", AttentionMode::Causal, 0.0);
    let name = store.unwrap().append(&run, &facts("cup"), pixels(&colors(1))).unwrap();
    assert_eq!(name, "0003-causal");
    assert_eq!(sessions_in(folder.path())[0].n_runs, 3);
}

/// Every file of a session, by its path within.
fn files_of(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_of(&path));
        } else {
            files.push(path);
        }
    }
    files
}

#[test]
fn any_file_cut_short_is_said_and_the_rest_opens() {
    let folder = tempfile::tempdir().unwrap();
    let session = session_of_two(folder.path());
    let mut n_checked = 0;
    for file in files_of(&session) {
        let name = file.file_name().unwrap().to_str().unwrap().to_owned();
        if name == "thumbnail.png" {
            continue; // only looked at, never needed
        }
        let bytes = fs::read(&file).unwrap();
        for len in [0, 1, bytes.len() / 2, bytes.len() - 1] {
            // A new file: the pictures of both runs may be one.
            fs::remove_file(&file).unwrap();
            fs::write(&file, &bytes[..len]).unwrap();
            let (_, kept) = SessionStore::open(&session).unwrap();
            let place = format!("{name} cut to {len} bytes: {:?}", kept.faults);
            assert!(kept.faults.iter().any(|fault| fault.contains(&name)), "{place}");
            let n_runs = if name == "run.json" { 1 } else { 2 };
            assert_eq!(kept.runs.len(), n_runs, "{place}");
            let n_traces = kept.runs.iter().filter(|run| run.run.trace.bytes() > 0).count();
            let n_whole = if name == "trace.safetensors" { 1 } else { n_runs };
            assert_eq!(n_traces, n_whole, "{place}");
            let n_pictures = kept.runs.iter().filter(|run| run.picture.is_some()).count();
            assert_eq!(n_pictures, if name == "image.png" { 1 } else { n_runs }, "{place}");
            assert_eq!(kept.regions.len(), usize::from(name != "regions.json"), "{place}");
            n_checked += 1;
        }
        fs::write(&file, &bytes).unwrap();
    }
    assert_eq!(n_checked, 4 * 8);
}

#[test]
fn a_run_without_its_arrays_opens_under_the_mask_of_its_mode() {
    let folder = tempfile::tempdir().unwrap();
    let session = session_of_two(folder.path());
    fs::remove_file(session.join("runs/0001-mma/trace.safetensors")).unwrap();
    let (_, kept) = SessionStore::open(&session).unwrap();
    let expected = small_run("apple", AttentionMode::ModalityMutual, 0.5);
    assert_eq!(kept.runs[0].run.plan, expected.plan);
    assert_eq!(kept.runs[0].run.answer, "yes");
    assert_eq!(kept.faults.len(), 1);
    assert!(kept.faults[0].contains("without its attention"), "{}", kept.faults[0]);
}

/// Changes a JSON file of the first run or of the session.
fn change(path: &Path, change: impl FnOnce(&mut Value)) {
    let mut value: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    change(&mut value);
    fs::write(path, value.to_string()).unwrap();
}

#[test]
fn a_run_that_contradicts_itself_is_left_out_with_the_reason() {
    let check = |reason: &str, make: &dyn Fn(&mut Value)| {
        let folder = tempfile::tempdir().unwrap();
        let session = session_of_two(folder.path());
        change(&session.join("runs/0001-mma/run.json"), make);
        let (_, kept) = SessionStore::open(&session).unwrap();
        assert_eq!(kept.runs.len(), 1, "{reason}");
        assert!(kept.faults.iter().any(|fault| fault.contains(reason)), "{:?}", kept.faults);
    };
    check("prompt.tokens", &|run| {
        run["prompt"]["tokens"].as_array_mut().unwrap().pop();
    });
    check("prompt.layout", &|run| run["prompt"]["layout"]["spans"][1][1]["start"] = json!(0));
    check("question_bytes", &|run| run["prompt"]["question_bytes"]["end"] = json!(10_000));
    check("answer_logprobs", &|run| run["answer_logprobs"] = json!([]));
    check("patches", &|run| run["patches"]["rows"] = json!(1000));
    check("patches", &|run| run["patches"]["cols"] = json!(0));
    check("words", &|run| run["words"][0]["byte_range"]["end"] = json!(99));
    check("unknown attention mode", &|run| run["attention"] = json!("telepathy"));
}

#[test]
fn arrays_that_are_not_what_the_run_says_are_not_shown() {
    let check = |make: &dyn Fn(&mut Value)| {
        let folder = tempfile::tempdir().unwrap();
        let session = session_of_two(folder.path());
        change(&session.join("runs/0001-mma/run.json"), make);
        let (_, kept) = SessionStore::open(&session).unwrap();
        assert_eq!(kept.runs[0].run.trace.bytes(), 0);
        assert!(kept.faults[0].contains("decoder.1.pattern.0"), "{:?}", kept.faults);
    };
    check(&|run| run["trace"]["patterns"][1]["queries"]["end"] = json!(4));
    check(&|run| run["trace"]["patterns"][1]["keys"] = json!({"start": 5, "end": 0}));
    check(&|run| run["trace"]["heads"][1] = json!([2, 0]));
    check(&|run| run["trace"]["patterns"][1]["heads"] = json!(9));
    check(&|run| run["trace"]["patterns"][1]["precision"] = json!("f16"));
}

#[test]
fn a_session_of_version_0_is_migrated() {
    let folder = tempfile::tempdir().unwrap();
    let session = session_of_two(folder.path());
    let old = json!({"version": 0, "name": "old", "created": NOW, "question": "Is it red?",
                     "mode": "causal", "model": null});
    fs::write(session.join("session.json"), old.to_string()).unwrap();
    let (store, kept) = SessionStore::open(&session).unwrap();
    assert_eq!(kept.faults, Vec::<String>::new());
    assert_eq!((kept.manifest.version, kept.manifest.title.as_str()), (1, "old"));
    assert_eq!(kept.manifest.made, Moment::from_secs(NOW));
    let view = json!({"workspace": {"question": "Is it red?", "mode": "causal", "model": null}});
    assert_eq!(kept.manifest.view, view);
    assert_eq!(kept.runs.len(), 2);
    assert!(store.is_some());
}

#[test]
fn a_newer_session_is_shown_as_far_as_it_is_understood_and_never_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let session = session_of_two(folder.path());
    change(&session.join("session.json"), |manifest| {
        manifest["version"] = json!(2);
        manifest["invented"] = json!([1, 2]);
        // A field that has another form there is no damage.
        manifest["made"] = json!({"at": 1, "by": "hand"});
    });
    change(&session.join("runs/0001-mma/run.json"), |run| {
        run["version"] = json!(3);
        run["invented"] = json!(true);
    });
    change(&session.join("runs/0002-causal/run.json"), |run| {
        run["version"] = json!(3);
        run["prompt"] = json!("in another form");
    });
    let (store, kept) = SessionStore::open(&session).unwrap();
    assert!(store.is_none());
    assert_eq!(kept.runs.len(), 1);
    assert_eq!(kept.manifest.title, "Is it red?");
    let said = kept.faults.iter().filter(|fault| fault.contains("newer aki-lens")).count();
    assert_eq!(said, 3, "{:?}", kept.faults);
    let error = SessionStore::at(&session, "x", Moment::from_secs(NOW)).unwrap_err();
    assert!(matches!(error, SessionError::Newer { found: 2, .. }), "{error}");
}

#[test]
fn a_damaged_region_costs_only_itself() {
    let folder = tempfile::tempdir().unwrap();
    let session = session_of_two(folder.path());
    change(&session.join("regions.json"), |file| {
        file["pictures"][0]["regions"][0]["mask"]["counts"] = json!([-1]);
    });
    let (_, kept) = SessionStore::open(&session).unwrap();
    assert_eq!(kept.regions[0].set.regions(), &kept_regions().set.regions()[1..]);
    assert_eq!(kept.regions[0].hidden, BTreeSet::from([0]));
    assert!(kept.faults[0].contains("region 0 is damaged"), "{:?}", kept.faults);
}

#[test]
fn what_could_not_be_read_is_set_aside_before_anything_is_written_over_it() {
    let sessions = tempfile::tempdir().unwrap();
    let folder = session_of_two(sessions.path());
    let whole = ["session.json", "regions.json"].map(|name| fs::read(folder.join(name)).unwrap());
    let cut = |bytes: &[u8]| bytes[..bytes.len() / 2].to_owned();
    for (name, bytes) in ["session.json", "regions.json"].iter().zip(&whole) {
        fs::write(folder.join(name), cut(bytes)).unwrap();
    }
    let (store, kept) = SessionStore::open(&folder).unwrap();
    assert_eq!((kept.runs.len(), kept.regions.len()), (2, 0));
    let told = kept.faults.iter().filter(|fault| fault.contains("set aside")).count();
    assert_eq!((kept.faults.len(), told), (2, 2), "{:?}", kept.faults);
    // Nothing is moved by looking.
    assert_eq!(fs::read(folder.join("regions.json")).unwrap(), cut(&whole[1]));
    let mut store = store.unwrap();
    for _ in 0..2 {
        store.save("again", json!({}), Moment::from_secs(NOW)).unwrap();
        store.save_regions(&[]).unwrap();
    }
    for (name, bytes) in ["session.json", "regions.json"].iter().zip(&whole) {
        assert_eq!(fs::read(folder.join(format!("{name}.damaged"))).unwrap(), cut(bytes));
        assert!(!folder.join(format!("{name}.damaged-2")).exists());
    }
    let (_, kept) = SessionStore::open(&folder).unwrap();
    assert_eq!((&kept.manifest.title[..], kept.faults.len()), ("again", 0), "{:?}", kept.faults);
}

#[test]
fn a_text_that_no_session_has_is_refused_before_memory_is_taken_for_it() {
    let sessions = tempfile::tempdir().unwrap();
    let folder = session_of_two(sessions.path());
    for name in ["regions.json", "session.json", "runs/0001-mma/run.json"] {
        fs::File::create(folder.join(name)).unwrap().set_len(2 << 30).unwrap();
    }
    let (_, kept) = SessionStore::open(&folder).unwrap();
    assert_eq!(kept.runs.len(), 1);
    for (name, fault) in ["session.json", "run.json", "regions.json"].iter().zip(&kept.faults) {
        assert!(fault.contains(name) && fault.contains("larger than the 256 MiB"), "{fault}");
    }
    assert_eq!(kept.faults.len(), 3);
}

#[test]
fn a_list_shows_the_last_changed_first_and_says_what_is_damaged() {
    let folder = tempfile::tempdir().unwrap();
    let session = session_of_two(folder.path());
    let later = Moment::from_secs(NOW + 5);
    SessionStore::create(folder.path(), "later", later).unwrap();
    let broken = SessionStore::create(folder.path(), "broken", later).unwrap();
    fs::write(broken.folder().join("session.json"), "{").unwrap();
    fs::create_dir(folder.path().join("something else")).unwrap();
    let all = sessions_in(folder.path());
    let titles: Vec<&str> = all.iter().map(|one| one.title.as_str()).collect();
    assert_eq!(titles, ["later", "Is it red?", "2026-11-25-broken"]);
    assert!(all[2].fault.as_ref().unwrap().contains("session.json is damaged"));
    assert_eq!((all[1].n_runs, all[1].folder.as_path()), (2, session.as_path()));
    let thumbnail = read_picture(all[1].thumbnail.as_ref().unwrap()).unwrap();
    assert_eq!((thumbnail.size, thumbnail.rgb), (SIZE, colors(1)));
    assert!(sessions_in(&folder.path().join("nowhere")).is_empty());
}

#[test]
fn a_thumbnail_is_the_mean_of_what_lies_under_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = SessionStore::create(folder.path(), "", Moment::from_secs(NOW)).unwrap();
    let size = ImageSize { width: 512, height: 256 };
    // Columns of black and white: every pixel of the thumbnail lies over four of them.
    let rgb: Vec<u8> = (0..size.width * size.height)
        .flat_map(|i| if i % 2 == 0 { [0, 0, 100] } else { [200, 0, 100] })
        .collect();
    let mut run = small_run("cup", AttentionMode::Causal, 0.0);
    run.fit.image = size;
    store.append(&run, &facts("cup"), Pixels { size, rgb: &rgb }).unwrap();
    let small = read_picture(&store.folder().join("thumbnail.png")).unwrap();
    assert_eq!(small.size, ImageSize { width: 128, height: 64 });
    assert!(small.rgb.chunks_exact(3).all(|pixel| pixel == [100, 0, 100]));
}

#[cfg(unix)]
#[test]
fn a_picture_that_many_runs_ask_about_is_on_disk_once() {
    use std::os::unix::fs::MetadataExt as _;
    let folder = tempfile::tempdir().unwrap();
    let session = session_of_two(folder.path());
    let inode =
        |run: &str| fs::metadata(session.join("runs").join(run).join("image.png")).unwrap().ino();
    assert_eq!(inode("0001-mma"), inode("0002-causal"));
}

#[test]
fn a_folder_with_other_things_is_not_made_a_session() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("thesis.txt"), "mine").unwrap();
    let now = Moment::from_secs(NOW);
    for error in [
        SessionStore::at(folder.path(), "x", now).unwrap_err(),
        SessionStore::open(folder.path()).unwrap_err(),
    ] {
        assert!(matches!(error, SessionError::NotSession { .. }), "{error}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    let new = folder.path().join("a/b");
    SessionStore::at(&new, "x", now).unwrap();
    let again = SessionStore::at(&new, "y", now).unwrap();
    assert_eq!(again.manifest().title, "x");
}
