//! What stands beside the maps: sinks, rollout, flows between parts, and how widely rows spread.

use aki_lens::{
    analysis::{
        MapRequest, Part, Projection, Projector, Reading, SinkPolicy, SinkRule, find_sinks, flows,
        incoming, rollout, spreads,
    },
    domain::{
        AttentionPattern, Choice, MapKind, Precision, RecordSpec, Run, TokenRow, TowerShape,
        TraceShapes, Weights,
    },
};

use super::{
    CAT, HEADS, LATENTS, LEN, Made, N_LAYERS, RED, Tower, close, mean_weight, site, small_run,
};

/// The same run, with every row paying `part` of its mass to one key it may attend to.
fn with_sink(run: &Run, sink: usize, part: f32) -> Run {
    let mut run = run.clone();
    for (site, patterns) in &mut run.trace.patterns {
        for pattern in patterns.iter_mut().filter(|_| site.tower == Tower::Decoder) {
            let n_keys = pattern.keys.len();
            let mut weights: Vec<f32> =
                (0..pattern.weights.len()).map(|i| pattern.weights.get(i)).collect();
            for row in weights.chunks_mut(n_keys).filter(|row| row[sink] > 0.0) {
                for weight in row.iter_mut() {
                    *weight *= 1.0 - part;
                }
                row[sink] += part;
            }
            pattern.weights = Weights::F32(weights);
        }
    }
    run
}

fn uniform(mode: &str) -> Run {
    small_run(mode, Made::Uniform, Precision::F32)
}

#[test]
fn under_uniform_attention_every_position_gets_once_what_was_expected() {
    for mode in ["causal", "mma", "mixed"] {
        let run = uniform(mode);
        let all = incoming(&run, &Choice::All, &Choice::All).unwrap();
        assert_eq!(all.len(), LEN);
        for key in all {
            assert!((key.lift - 1.0).abs() < 1e-6, "{key:?}");
            assert_eq!(key.is_latent, LATENTS.contains(&key.position));
        }
        assert!(find_sinks(&run, SinkRule::default()).unwrap().found.is_empty());
    }
}

#[test]
fn a_planted_sink_is_found_and_leaving_it_out_is_stated() {
    let sink = 2; // a latent
    let run = with_sink(&uniform("mma"), sink, 0.5);
    let rule = SinkRule { times_uniform: 3.0 };
    let sinks = find_sinks(&run, rule).unwrap();
    assert_eq!(sinks.found.iter().map(|s| s.position).collect::<Vec<_>>(), [sink]);
    assert!(sinks.found[0].is_latent && sinks.found[0].lift > 3.0);
    // Rows 2 to 6 and both generated ones may attend to it; MMA opens no latent to another.
    assert_eq!(sinks.found[0].rows, 7);

    let projector = Projector::new(&run, Projection::Composed).unwrap();
    let kept = MapRequest::new(MapKind::LooksAt, vec![CAT]);
    let left_out = MapRequest { sinks: SinkPolicy::Exclude(sinks), ..kept.clone() };
    let [kept, without] = [&kept, &left_out].map(|r| projector.map(&run, r).unwrap());
    let on_sink = mean_weight(&run, CAT, sink);
    let on_all: f64 = LATENTS.map(|latent| mean_weight(&run, CAT, latent)).sum();
    close(without.excluded, on_sink / on_all);
    let total = |map: &aki_lens::domain::Heatmap| map.values.iter().sum::<f64>() + map.unplaced;
    close(total(&kept) - total(&without), on_sink);
    let said = without.caption.iter().find(|field| field.name == "excluded").unwrap();
    assert!(said.value.contains("at least 3 times uniform"), "{}", said.value);

    let share = MapRequest { reading: Reading::Share, ..left_out };
    close(total(&projector.map(&run, &share).unwrap()), 1.0);
}

#[test]
fn when_every_word_is_an_excluded_sink_nothing_is_left_to_read() {
    let run = with_sink(&uniform("mma"), RED, 0.9);
    let sinks = find_sinks(&run, SinkRule { times_uniform: 3.0 }).unwrap();
    assert!(sinks.contains(RED));
    let projector = Projector::new(&run, Projection::Composed).unwrap();
    let sinks = SinkPolicy::Exclude(sinks);
    let request = MapRequest { sinks, ..MapRequest::new(MapKind::ReadBy, vec![RED]) };
    let error = projector.map(&run, &request).unwrap_err().to_string();
    assert!(error.contains("excluded sink"), "{error}");
    let both = MapRequest { positions: vec![RED, CAT], ..request };
    let map = projector.map(&run, &both).unwrap();
    assert!(map.excluded > 0.9, "{}", map.excluded);
}

/// One layer: half of the row stays where it is, half goes where it looked.
#[test]
fn a_rollout_of_one_layer_is_half_the_row_and_half_itself() {
    let mut run = small_run("mma", Made::Random(1), Precision::F32);
    run.trace.patterns.remove(&site(Tower::Decoder, 1));
    let found = rollout(&run, &[0], &Choice::All).unwrap();
    assert_eq!((found.n_layers, found.tokens.as_slice()), (1, &[0][..]));
    for key in 0..LEN {
        let weight =
            |head| f64::from(run.trace.get(site(Tower::Decoder, 0), head, 6, key).unwrap());
        let looked = HEADS.map(weight).iter().sum::<f64>() / 2.0;
        let own = if key == LEN - 1 { 0.5 } else { 0.0 };
        assert!((found.paths[key] - (0.5 * looked + own)).abs() < 1e-6, "{key}");
        assert!((found.uniform[key] - (0.5 / LEN as f64 + own)).abs() < 1e-9, "{key}");
    }
}

#[test]
fn the_rollout_of_uniform_attention_is_the_one_it_is_compared_with() {
    for mode in ["causal", "mma", "generalised"] {
        let run = uniform(mode);
        for tokens in [vec![0], vec![2], vec![0, 1, 2]] {
            let found = rollout(&run, &tokens, &Choice::All).unwrap();
            close(found.paths.iter().sum(), 1.0);
            close(found.uniform.iter().sum(), 1.0);
            for (a, b) in found.paths.iter().zip(&found.uniform) {
                assert!((a - b).abs() < 1e-6);
            }
            let projector = Projector::new(&run, Projection::Composed).unwrap();
            let maps = projector.rollout_maps(&run, &found).unwrap();
            assert!(maps.lift.values.iter().all(|v| (v - 1.0).abs() < 1e-5));
            let on_latents: f64 = found.paths[LATENTS].iter().sum();
            close(maps.measured.values.iter().sum::<f64>() + maps.measured.unplaced, on_latents);
        }
    }
}

/// What the default recording keeps of the small run: no rows of words over words.
fn as_by_default(run: &Run) -> Run {
    let shape = TowerShape { n_layers: N_LAYERS, n_heads: 2, queries: LEN, keys: LEN };
    let shapes = TraceShapes { vision: shape, resampler: shape, decoder: shape, n_generated: 2 };
    let spec = RecordSpec::picture_and_words(&run.prompt.layout, &shapes);
    let mut kept = run.clone();
    for layer in 0..N_LAYERS {
        let patterns = kept.trace.patterns.get_mut(&site(Tower::Decoder, layer)).unwrap();
        let whole = patterns.remove(0);
        for block in &spec.decoder.blocks {
            let block = block.within(0..LEN, 0..LEN);
            let mut weights = Vec::new();
            for head in HEADS {
                for query in block.queries.clone() {
                    weights.extend(block.keys.clone().map(|k| whole.get(head, query, k).unwrap()));
                }
            }
            let weights = Weights::F32(weights);
            let heads = HEADS.to_vec();
            patterns.push(AttentionPattern {
                heads,
                queries: block.queries,
                keys: block.keys,
                weights,
            });
        }
    }
    kept.spec = spec;
    kept
}

#[test]
fn the_default_recording_gives_the_same_maps_and_says_what_a_rollout_needs() {
    let whole = small_run("mma", Made::Random(9), Precision::F32);
    let kept = as_by_default(&whole);
    let projector = Projector::new(&kept, Projection::Composed).unwrap();
    let kinds = [
        (MapKind::ReadBy, vec![RED, CAT]),
        (MapKind::LooksAt, vec![RED, CAT]),
        (MapKind::AnsweredFrom(TokenRow::WhileChoosing), vec![0, 1, 2]),
    ];
    for (kind, positions) in kinds {
        for reading in Reading::ALL {
            let request = MapRequest { reading, ..MapRequest::new(kind, positions.clone()) };
            let [a, b] = [&whole, &kept].map(|run| projector.map(run, &request).unwrap());
            assert_eq!(a.values, b.values, "{kind} {reading}");
        }
    }
    let error = rollout(&kept, &[0], &Choice::All).unwrap_err().to_string();
    assert!(error.contains("row") && error.contains("record every row and column"), "{error}");
}

#[test]
fn what_a_row_pays_to_all_parts_is_all_it_pays() {
    let run = small_run("mma", Made::Random(2), Precision::F32);
    let all = flows(&run, &Choice::All, &Choice::All).unwrap();
    assert!(all.not_recorded.is_empty());
    for from in Part::ALL {
        for layer in 0..N_LAYERS {
            let of_part = all.flows.iter().filter(|flow| flow.from == from);
            let sum: f64 = of_part.map(|flow| flow.mass[layer]).sum();
            assert!((sum - 1.0).abs() < 1e-6, "{from}: {sum}");
        }
    }
    let to_answer = all.flows.iter().find(|f| (f.from, f.to) == (Part::Image, Part::Answer));
    assert!(to_answer.unwrap().by_construction);
    let figure = all.figure(Reading::Mass, Vec::new()).unwrap();
    let names: Vec<&str> = figure.parts().curves.iter().map(|c| c.name.as_str()).collect();
    assert!(names.contains(&"picture to question") && !names.contains(&"picture to answer"));
    assert!(figure.parts().notes[0].contains("picture to answer"));

    let even = flows(&uniform("mma"), &Choice::All, &Choice::All).unwrap();
    let lift = even.figure(Reading::Lift, Vec::new()).unwrap();
    let points = lift.parts().curves.iter().flat_map(|curve| &curve.points);
    for [_, lift] in points {
        assert!((lift - 1.0).abs() < 1e-6, "{lift}");
    }
}

#[test]
fn flows_that_were_not_recorded_are_named_and_not_drawn() {
    let kept = as_by_default(&small_run("mma", Made::Random(2), Precision::F32));
    let some = flows(&kept, &Choice::All, &Choice::All).unwrap();
    assert!(some.not_recorded.contains(&(Part::Image, Part::Image)));
    assert!(some.not_recorded.contains(&(Part::Question, Part::Question)));
    assert!(some.flows.iter().any(|f| (f.from, f.to) == (Part::Image, Part::Question)));
    let figure = some.figure(Reading::Mass, Vec::new()).unwrap();
    let notes = figure.parts().notes.join(" ");
    assert!(notes.contains("Not recorded") && notes.contains("picture to picture"), "{notes}");
}

#[test]
fn uniform_attention_is_even_and_a_row_with_one_key_is_not() {
    let even = spreads(&uniform("mma"), &Choice::All, &Choice::All).unwrap();
    for spread in &even.spreads {
        for (evenness, keys) in spread.evenness.iter().zip(&spread.effective_keys) {
            let n = if spread.over == Part::Image { 3.0 } else { 2.0 };
            assert!((evenness.unwrap() - 1.0).abs() < 1e-6);
            assert!((keys.unwrap() - n).abs() < 1e-5, "{spread:?}");
        }
    }
    let one = with_sink(&uniform("mma"), 2, 1.0);
    let one = spreads(&one, &Choice::All, &Choice::All).unwrap();
    let of_question = one.spreads.iter().find(|s| s.from == Part::Question).unwrap();
    assert!(of_question.evenness[0].unwrap() < 1e-6);
    assert!((of_question.effective_keys[0].unwrap() - 1.0).abs() < 1e-6);
    assert!(even.figure(Vec::new()).unwrap().parts().curves.len() >= 3);
}
