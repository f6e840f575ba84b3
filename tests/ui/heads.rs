//! Many heads are many maps: a frame makes as many as fit into it, and none is waited for.

use std::{path::Path, sync::Arc, time::Instant};

use aki_lens::{
    analysis::{MapRequest, Projection, Projector},
    app::{AppState, Command, Drawing, HeadMaps, Maybe, Picture, RunId, Subject, settle, update},
    domain::{AttentionMode, Choice, MapKind, Reading},
    ui::Shell,
};
use egui_kittest::{Harness, kittest::Queryable as _};

use crate::made_up::{SMALL, Shape, made_up};

/// Latents and patches as many as AKI-4B's, and so much work a map; fewer layers and heads.
const LARGE: Shape = Shape { decoder: [8, 16], latents: 12, patches: 27, side: 384, ..SMALL };

const ID: RunId = RunId(0);

fn looking_at(shape: Shape) -> AppState {
    asking(shape, "Is it red?")
}

fn asking(shape: Shape, question: &str) -> AppState {
    let path = "tests/golden/specimen/examples/scene_01.png";
    let picture = Picture::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    let picture = Arc::new(picture);
    let mut state = AppState::new(None, None);
    state.settings.tour_done = true;
    let mode = AttentionMode::ModalityMutual;
    state.runs = vec![Arc::new(made_up(shape, question, mode, Arc::clone(&picture)))];
    state.picture = Some(picture);
    state.workspace.selection.run = Some(ID);
    state.workspace.selection.subject = Subject::word(2);
    state
}

fn maps(state: &AppState, word: usize) -> Arc<Maybe<HeadMaps>> {
    state.head_maps(ID, &Subject::word(word)).unwrap()
}

fn n_made(maps: &Maybe<HeadMaps>) -> usize {
    maps.as_ref().unwrap().n_made()
}

#[test]
fn a_frame_makes_no_more_maps_of_heads_than_fit_into_it_however_often_it_is_asked() {
    let mut state = looking_at(LARGE);
    let most = state.head_maps_a_frame(ID).unwrap();
    let all = 8 * 16;
    assert!(most > 0 && most < all / 2, "{most} a frame shows nothing of a budget");
    let mut before = 0;
    for frame in 1.. {
        settle(&mut state, Instant::now());
        let grid = (0..3).map(|_| maps(&state, 2)).last().unwrap();
        let made = n_made(&grid);
        assert_eq!(made, (frame * most).min(all), "frame {frame}");
        assert_eq!(state.needs_another_frame(), made < all);
        if made < all {
            // What this frame had time for is spent.
            assert_eq!(n_made(&maps(&state, 1)), 0);
        }
        let grid = grid.as_ref().as_ref().unwrap();
        assert!(grid.map(made).is_none() && grid.map(before).is_some());
        before = made;
        if grid.is_whole() {
            break;
        }
    }
    // They are the maps that each head alone would have.
    let run = &state.run().unwrap().run;
    let projector = Projector::new(run, Projection::Composed).unwrap();
    let grid = maps(&state, 2);
    for (place, layer, head) in [(0, 0, 0), (most, most / 16, most % 16), (all - 1, 7, 15)] {
        let words = state.words(ID).unwrap();
        let alignment = &words.as_ref().as_ref().unwrap().alignment;
        let alone = projector.map(
            run,
            &MapRequest {
                layers: Choice::Only(vec![layer]),
                heads: Choice::Only(vec![head]),
                reading: Reading::Share,
                ..MapRequest::new(MapKind::LooksAt, alignment.positions_of_word(2).collect())
            },
        );
        assert_eq!(
            grid.as_ref().as_ref().unwrap().map(place).unwrap().values,
            alone.unwrap().values
        );
    }
}

#[test]
fn a_small_grid_is_there_in_the_frame_that_asks_for_it() {
    let state = looking_at(SMALL);
    assert_eq!(n_made(&maps(&state, 2)), 16);
    assert!(!state.needs_another_frame());
}

#[test]
fn everything_of_a_view_is_written_once_its_last_maps_are_made() {
    let mut state = looking_at(LARGE);
    let folder = tempfile::tempdir().unwrap();
    settle(&mut state, Instant::now());
    update(&mut state, Command::ExportView(folder.path().to_owned()));
    assert!(state.notices.is_empty(), "{:?}", state.notices);
    let mut n_frames = 1;
    while state.notices.is_empty() {
        settle(&mut state, Instant::now());
        n_frames += 1;
    }
    assert!(maps(&state, 2).as_ref().as_ref().unwrap().is_whole());
    assert_eq!(n_frames, 128_usize.div_ceil(state.head_maps_a_frame(ID).unwrap()));
    // There is no thread that could write it, which is said only now.
    assert!(state.notices[0].text.contains("no worker thread"), "{:?}", state.notices);
}

#[test]
fn a_window_asks_for_frames_until_its_maps_of_heads_are_made_and_then_for_none() {
    let shape = Shape { decoder: [16, 16], ..LARGE };
    let mut harness: Harness<'_, Shell> = Harness::builder()
        .with_size([1280.0, 800.0])
        .with_max_steps(2)
        .build_eframe(|cc| Shell::with_state(cc, looking_at(shape)));
    let delay = |harness: &Harness<'_, Shell>| {
        let views = harness.output().viewport_output.values();
        views.map(|view| view.repaint_delay).min().unwrap()
    };
    harness.get_by_label_contains(" of 256 maps. Each map on its own scale");
    let mut n_frames = 0;
    while harness.state().state().needs_another_frame() {
        assert!(delay(&harness).is_zero());
        harness.step();
        n_frames += 1;
        assert!(n_frames < 20);
    }
    harness.step();
    harness.get_by_label_contains("Each map on its own scale");
    assert!(harness.query_by_label_contains(" of 256 maps").is_none());
}

#[test]
fn words_light_up_as_their_maps_are_made_and_no_frame_makes_all_of_many() {
    let question = vec!["red"; 40].join(" ");
    let mut state = asking(LARGE, &question);
    let (mut before, mut n_frames) = (0, 0);
    let lights = loop {
        settle(&mut state, Instant::now());
        let lights = state.words_at(ID, 300);
        let lit = lights.values.iter().flatten().count();
        n_frames += 1;
        assert!(lit > before || n_frames == 1, "{lit} after {before}");
        before = lit;
        if !state.needs_another_frame() {
            break lights;
        }
        assert!(lit < 40);
    };
    assert!(n_frames > 1, "all in one frame");
    let value = |word| {
        let map = state.heatmap(ID, &Subject::word(word)).unwrap();
        map.as_ref().as_ref().unwrap().value(300).unwrap()
    };
    let values: Vec<Option<f64>> = (0..40).map(|word| Some(value(word))).collect();
    assert_eq!(lights.values, values);
    let top = values.iter().flatten().copied().fold(0.0, f64::max);
    assert_eq!(lights.part(7), Some(value(7) / top));
}

/// As many boxes, all over the picture.
fn with_boxes(state: &mut AppState, n: u32) {
    for i in 0..n {
        let (x, y) = (f64::from(i % 20) * 4.0, f64::from(i / 20 % 10) * 8.0);
        let drawing = Drawing::Box([x, y], [x + 12.0, y + 10.0]);
        update(state, Command::DrawRegion(drawing, format!("box {i}")));
    }
}

#[test]
fn words_that_look_at_a_region_light_up_as_frames_have_time_for_all_regions_they_are_read_for() {
    let question = vec!["red"; 40].join(" ");
    let lit_first = |n_regions| {
        let mut state = asking(LARGE, &question);
        with_boxes(&mut state, n_regions);
        settle(&mut state, Instant::now());
        let lit = state.words_at_region(ID, 0).values.iter().flatten().count();
        (state, lit)
    };
    let (_, of_one) = lit_first(1);
    let (mut state, of_many) = lit_first(200);
    assert!(of_many < of_one && of_many > 4, "{of_many} words of 200 regions, {of_one} of one");
    let lights = loop {
        settle(&mut state, Instant::now());
        let lights = state.words_at_region(ID, 199);
        if !state.needs_another_frame() {
            break lights;
        }
    };
    // They are what each region has of each latent, found region by region.
    let run = &state.run().unwrap().run;
    let projector = Projector::new(run, Projection::Composed).unwrap();
    let coverage = state.regions.as_ref().unwrap().coverage.clone().unwrap();
    let parts = projector.part_in_region(coverage.of_region(199)).unwrap();
    let words = state.words(ID).unwrap();
    let alignment = &words.as_ref().as_ref().unwrap().alignment;
    for (word, value) in lights.values.iter().enumerate() {
        let positions = alignment.positions_of_word(word).collect();
        let request =
            MapRequest { reading: Reading::Mass, ..MapRequest::new(MapKind::LooksAt, positions) };
        let held = projector.held(run, &request).unwrap();
        let mass: f64 = held.iter().zip(&parts).map(|(held, part)| held * part).sum();
        assert_eq!(*value, Some(mass), "word {word}");
    }
}
