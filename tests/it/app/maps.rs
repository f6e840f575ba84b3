//! Maps in the window: the same numbers as on paper, whatever is chosen.

use std::collections::{BTreeMap, BTreeSet};

use aki_lens::{
    analysis::{MapRequest, Projection, Projector, Reading, SinkPolicy, SinkRule, find_sinks},
    app::{AppState, Command, Job, JobOutput, RunId, Selection, Subject, ViewChoice},
    domain::{
        AttentionMode, Choice, Heatmap, MapKind, MapRates, POINTING_VERSION, PointingRates,
        Precision, Rate, Run, TokenRow,
    },
};

use crate::{
    app::{Desk, answer_with, fake, region},
    maps::{Made, small_run},
    session::SIZE,
};

const ID: RunId = RunId(0);

/// A run of "red cat" with random weights, and rates of its weights under its mask.
fn random_run(mode: &str) -> Run {
    let mut run = small_run(mode, Made::Random(5), Precision::F32);
    run.fit.image = SIZE;
    run
}

fn rates() -> PointingRates {
    let rate = |share| Rate { n: 100, share, low: share - 0.1, high: share + 0.1 };
    let by_reading = [("mass", 0.7), ("share", 0.71), ("lift", 0.72)];
    let map = MapRates {
        by_reading: by_reading.map(|(name, share)| (name.to_owned(), rate(share))).into(),
        by_layer: vec![rate(0.5), rate(0.6)],
    };
    let names = ["looks_at", "read_by", "answered_from"];
    PointingRates {
        version: POINTING_VERSION,
        weights: "w".to_owned(),
        attention: AttentionMode::ModalityMutual,
        over: "all".to_owned(),
        chance: 0.03,
        uniform_latents: rate(0.2),
        names: BTreeSet::from(["cat".to_owned()]),
        maps: BTreeMap::from(names.map(|name| (name.to_owned(), map.clone()))),
    }
}

/// A desk whose one question was answered with a run.
pub(crate) fn looking_at(run: Run) -> Desk {
    let mut desk = Desk::with(move |slots, job, on_progress| match job {
        Job::Ask(question) => {
            let mut answered = answer_with(run.clone(), &question);
            answered.pointing = Some(rates());
            Ok(JobOutput::Answered(Box::new(answered)))
        }
        other => fake(slots, other, on_progress),
    });
    desk.open(1);
    desk.ask("red cat");
    desk
}

/// A desk whose question was answered with one run, and under the causal mask with another.
fn looking_at_two(run: Run, beside: Run) -> Desk {
    let mut desk = Desk::with(move |slots, job, on_progress| match job {
        Job::Ask(question) => {
            let run = if question.mode == AttentionMode::Causal { &beside } else { &run };
            Ok(JobOutput::Answered(Box::new(answer_with(run.clone(), &question))))
        }
        other => fake(slots, other, on_progress),
    });
    desk.open(1);
    desk.ask("red cat");
    desk.send(Command::AskBeside(AttentionMode::Causal));
    desk.until(|state| state.runs.len() == 2);
    desk
}

fn view(desk: &mut Desk, change: impl FnOnce(&mut ViewChoice)) {
    let mut view = desk.state.workspace.view.clone();
    change(&mut view);
    desk.send(Command::SetView(view));
}

fn select(desk: &mut Desk, change: impl FnOnce(&mut Selection)) {
    let mut selection = desk.state.workspace.selection.clone();
    change(&mut selection);
    desk.send(Command::Select(selection));
}

fn map(state: &AppState, subject: &Subject) -> Heatmap {
    state.heatmap(ID, subject).unwrap().as_ref().clone().unwrap()
}

fn choose(
    desk: &mut Desk,
    (projection, reading, kind): (Projection, Reading, MapKind),
    (layers, heads): (&Choice, &Choice),
) {
    view(desk, |view| {
        (view.projection, view.reading) = (projection, reading);
        match kind {
            MapKind::AnsweredFrom(row) => view.token_row = row,
            word_map => view.word_map = word_map,
        }
    });
    select(desk, |selection| {
        (selection.layers, selection.heads) = (layers.clone(), heads.clone());
    });
}

#[test]
fn a_map_in_the_window_is_that_of_ask_in_every_reading_and_on_every_way_back() {
    let run = random_run("mma");
    let mut desk = looking_at(run.clone());
    let subjects = [
        (Subject::word(1), MapKind::LooksAt, vec![5]),
        (Subject::Words(BTreeSet::from([0, 1])), MapKind::ReadBy, vec![4, 5]),
        (Subject::token(1), MapKind::AnsweredFrom(TokenRow::AfterWriting), vec![1]),
    ];
    let choices = [(Choice::All, Choice::All), (Choice::Only(vec![1]), Choice::Only(vec![0]))];
    for projection in [Projection::Composed, Projection::LastLayer, Projection::MeanOfLayers] {
        let projector = Projector::new(&run, projection).unwrap();
        for reading in Reading::ALL {
            for (subject, kind, positions) in &subjects {
                for (layers, heads) in &choices {
                    choose(&mut desk, (projection, reading, *kind), (layers, heads));
                    let request = MapRequest {
                        layers: layers.clone(),
                        heads: heads.clone(),
                        reading,
                        ..MapRequest::new(*kind, positions.clone())
                    };
                    let expected = projector.map(&run, &request).unwrap();
                    assert_eq!(map(&desk.state, subject), expected, "{projection} {request:?}");
                }
            }
        }
    }
}

#[test]
fn the_grid_shows_each_head_as_it_is_when_it_is_chosen_alone() {
    let mut desk = looking_at(random_run("mma"));
    for reading in Reading::ALL {
        view(&mut desk, |view| view.reading = reading);
        select(&mut desk, |selection| {
            (selection.layers, selection.heads) = (Choice::All, Choice::All);
        });
        let grid = desk.state.head_maps(ID, &Subject::word(0)).unwrap();
        let grid = grid.as_ref().as_ref().unwrap();
        assert_eq!((&grid.layers[..], &grid.heads[..]), (&[0, 1][..], &[0, 1][..]));
        for (i, (layer, head)) in [(0, 0), (0, 1), (1, 0), (1, 1)].into_iter().enumerate() {
            select(&mut desk, |selection| {
                selection.layers = Choice::Only(vec![layer]);
                selection.heads = Choice::Only(vec![head]);
            });
            let alone = map(&desk.state, &Subject::word(0));
            let shown = grid.map(i).unwrap();
            assert_eq!(shown.values, alone.values);
            let total = match reading {
                Reading::Mass => alone.values.iter().sum::<f64>() + alone.unplaced,
                _ => alone.range().unwrap().1,
            };
            assert_eq!(shown.total, total);
        }
    }
}

#[test]
fn sinks_are_left_out_of_maps_on_request_and_their_part_is_stated() {
    let run = random_run("mma");
    let mut desk = looking_at(run.clone());
    let whole = map(&desk.state, &Subject::word(1));
    assert_eq!(whole.excluded, 0.0);
    view(&mut desk, |view| (view.sink_threshold, view.without_sinks) = (1.05, true));
    let sinks = find_sinks(&run, SinkRule { times_uniform: 1.05 }).unwrap();
    let n_latents = sinks.found.iter().filter(|sink| sink.is_latent).count();
    assert!((1..3).contains(&n_latents), "{sinks:?}");
    assert_eq!(desk.state.sinks(ID).unwrap().as_ref().as_ref().unwrap(), &sinks);
    let part = desk.state.part_on_sinks(ID, &Subject::word(1)).unwrap();
    let without = map(&desk.state, &Subject::word(1));
    assert_eq!(without.excluded, part);
    view(&mut desk, |view| view.without_sinks = false);
    assert_eq!(desk.state.part_on_sinks(ID, &Subject::word(1)), Some(part), "said though kept");
    let request = MapRequest {
        reading: Reading::Share,
        sinks: SinkPolicy::Exclude(sinks),
        ..MapRequest::new(MapKind::LooksAt, vec![5])
    };
    let projector = Projector::new(&run, Projection::Composed).unwrap();
    assert_eq!(without, projector.map(&run, &request).unwrap());
    assert!(without.excluded > 0.0 && without.values != whole.values);
}

#[test]
fn a_latent_shows_where_it_was_made_from_and_how_much_of_a_map_it_holds() {
    let run = random_run("mma");
    let mut desk = looking_at(run.clone());
    for projection in [Projection::Composed, Projection::LastLayer] {
        view(&mut desk, |view| view.projection = projection);
        let projector = Projector::new(&run, projection).unwrap();
        assert_eq!(
            desk.state.latent_places(ID).unwrap().as_ref().as_ref().unwrap(),
            &projector.latents()
        );
        for latent in 0..3 {
            let shown = map(&desk.state, &Subject::latent(latent));
            let (parts, unplaced) = projector.of_latent(latent);
            assert_eq!(shown.kind, MapKind::MadeFrom);
            assert!(shown.values.iter().zip(parts).all(|(a, b)| (a - b).abs() < 1e-12));
            assert!((shown.unplaced - unplaced).abs() < 1e-12);
        }
        let both = map(&desk.state, &Subject::Latents(BTreeSet::from([0, 2])));
        let mean = |patch: usize| {
            f64::midpoint(projector.of_latent(0).0[patch], projector.of_latent(2).0[patch])
        };
        let values = both.values.iter().enumerate();
        assert!({ values }.all(|(patch, value)| (value - mean(patch)).abs() < 1e-12));
        assert!((both.values.iter().sum::<f64>() + both.unplaced - 1.0).abs() < 1e-9);
        // A map is what its latents hold, each carried back.
        view(&mut desk, |view| view.reading = Reading::Mass);
        let parts = desk.state.latent_parts(ID, &Subject::word(1)).unwrap();
        let parts = parts.as_ref().as_ref().unwrap();
        let whole = map(&desk.state, &Subject::word(1));
        let total = whole.values.iter().sum::<f64>() + whole.unplaced;
        for (patch, value) in whole.values.iter().enumerate() {
            let of = |latent: usize| total * parts[latent] * projector.of_latent(latent).0[patch];
            assert!((value - (0..3).map(of).sum::<f64>()).abs() < 1e-12);
        }
    }
    let why = desk.state.heatmap(ID, &Subject::latent(3)).unwrap().as_ref().clone().unwrap_err();
    assert!(why.contains("no latent 3"), "{why}");
    assert!(desk.state.head_maps(ID, &Subject::latent(0)).is_none());
}

#[test]
fn two_runs_share_a_scale_and_their_difference_is_that_of_compare() {
    let (mma, causal) = (random_run("mma"), random_run("causal"));
    let mut desk = looking_at_two(mma, causal);
    let ids = [ID, RunId(1)];
    let cat = Subject::word(1);
    for reading in Reading::ALL {
        view(&mut desk, |view| view.reading = reading);
        let compared = desk.state.compared(ids, &cat);
        let [left, right] =
            ids.map(|id| desk.state.heatmap(id, &cat).unwrap().as_ref().clone().unwrap());
        let (low, high) = compared.scale;
        assert_eq!((low, high), (0.0, left.range().unwrap().1.max(right.range().unwrap().1)));
        let difference = compared.difference.unwrap().as_ref().clone().unwrap();
        let expected: Vec<f64> =
            left.values.iter().zip(&right.values).map(|(own, its)| its - own).collect();
        assert_eq!((&difference.values, difference.reading), (&expected, reading));
        let reach = expected.iter().map(|value| value.abs()).fold(0.0, f64::max);
        assert_eq!(compared.reach, reach);
    }
    view(&mut desk, |view| view.word_map = MapKind::ReadBy);
    let closed = desk.state.compared(ids, &cat).difference.unwrap().as_ref().clone();
    assert!(closed.unwrap_err().contains("closes it on the right"), "no zero is subtracted");
    // The same maps are one difference, so that nothing is computed or drawn twice.
    let again = [desk.state.compared(ids, &cat), desk.state.compared(ids, &cat)];
    let [a, b] = again.map(|compared| compared.difference.unwrap());
    assert!(std::sync::Arc::ptr_eq(&a, &b));
}

#[test]
fn a_region_gets_what_the_analysis_says_and_lights_the_words_that_look_there() {
    let run = random_run("mma");
    let mut desk = looking_at(run.clone());
    desk.send(Command::AddRegion(region(4, "right")));
    let coverage = desk.state.regions.as_ref().unwrap().coverage.clone().unwrap();
    let projector = Projector::new(&run, Projection::Composed).unwrap();
    let by_region = projector.latents_by_region(&coverage).unwrap();
    let of_word = |reading, position| {
        let request = MapRequest { reading, ..MapRequest::new(MapKind::LooksAt, vec![position]) };
        projector.regions(&run, &request, &by_region).unwrap()[0]
    };
    for reading in Reading::ALL {
        view(&mut desk, |view| view.reading = reading);
        let found = desk.state.region_weights(ID, &Subject::word(0)).unwrap();
        assert_eq!(found.as_ref().as_ref().unwrap()[0], of_word(reading, 4));
        let value = |position| {
            let weight = of_word(reading, position);
            if reading == Reading::Lift { weight.lift } else { weight.mass }.unwrap()
        };
        let (red, cat) = (value(4), value(5));
        let top = red.max(cat);
        let lights = desk.state.words_at_region(ID, 0);
        assert_eq!(lights.values, [Some(red), Some(cat)]);
        assert_eq!([lights.part(0), lights.part(1)], [Some(red / top), Some(cat / top)]);
        assert_eq!(lights.reading == Reading::Lift, reading == Reading::Lift);
    }
    // A latent has its part of each region too.
    let of_latents = MapRequest::new(MapKind::MadeFrom, vec![0, 2]);
    let expected = projector.regions(&run, &of_latents, &by_region).unwrap();
    let found = desk.state.region_weights(ID, &Subject::Latents(BTreeSet::from([0, 2]))).unwrap();
    assert_eq!(found.as_ref().as_ref().unwrap(), &expected);
}

#[test]
fn what_the_mask_closes_is_said_and_has_no_share() {
    let mut desk = looking_at(random_run("causal"));
    view(&mut desk, |view| view.word_map = MapKind::ReadBy);
    let closed = map(&desk.state, &Subject::word(0));
    assert!(closed.by_construction && closed.range().is_none());
    let lights = desk.state.words_at(ID, 0);
    assert_eq!((&lights.values[..], lights.part(0)), (&[None, None][..], None));
    // A patch that this run does not have.
    assert_eq!(desk.state.words_at(ID, 10_000).part(0), None);
}

#[test]
fn a_map_without_the_resamplers_weights_says_what_is_missing() {
    let mut run = random_run("mma");
    run.trace.patterns.retain(|site, _| site.tower == aki_lens::domain::Tower::Decoder);
    let desk = looking_at(run);
    let why = desk.state.heatmap(ID, &Subject::word(0)).unwrap().as_ref().clone().unwrap_err();
    assert!(why.contains("resampler"), "{why}");
}

#[test]
fn a_map_carries_a_measured_rate_only_where_it_was_measured() {
    let mut desk = looking_at(random_run("mma"));
    let cat = Subject::word(1);
    let shown = |desk: &Desk, subject: &Subject| {
        desk.state.pointing_of(ID, subject).map(|pointing| pointing.rate.share)
    };
    assert_eq!(shown(&desk, &cat), Some(0.71), "share is the reading at first");
    assert_eq!(shown(&desk, &Subject::token(0)), Some(0.71));
    // An attribute, two words, a later token, a token's own row: none was measured.
    assert_eq!(shown(&desk, &Subject::word(0)), None);
    assert_eq!(shown(&desk, &Subject::Words(BTreeSet::from([0, 1]))), None);
    assert_eq!(shown(&desk, &Subject::token(1)), None);
    view(&mut desk, |view| view.token_row = TokenRow::AfterWriting);
    assert_eq!(shown(&desk, &Subject::token(0)), None);
    select(&mut desk, |selection| selection.layers = Choice::Only(vec![1]));
    assert_eq!(shown(&desk, &cat), None, "one layer was measured as mass only");
    view(&mut desk, |view| view.reading = Reading::Mass);
    assert_eq!(shown(&desk, &cat), Some(0.6));
    select(&mut desk, |selection| selection.layers = Choice::All);
    assert_eq!(shown(&desk, &cat), Some(0.7));
    view(&mut desk, |view| view.projection = Projection::LastLayer);
    assert_eq!(shown(&desk, &cat), None);
    view(&mut desk, |view| (view.projection, view.without_sinks) = (Projection::Composed, true));
    assert_eq!(shown(&desk, &cat), None);
}

#[test]
fn the_view_as_a_command_line_says_how_maps_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = crate::command_line::asked(folder.path(), "Is the cup red?");
    view(&mut desk, |view| {
        view.reading = Reading::Lift;
        view.projection = Projection::MeanOfLayers;
        (view.without_sinks, view.sink_threshold) = (true, 5.0);
    });
    let made = desk.state.command_line().unwrap();
    for part in ["--reading lift", "--projection mean", "--no-sinks --sink-times 5"] {
        assert!(made.line.contains(part), "{}", made.line);
    }
    assert!(made.leaves_out.is_empty(), "{:?}", made.leaves_out);
}
