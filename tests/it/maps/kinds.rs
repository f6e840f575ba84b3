//! The three maps: which weights they are made of, in which reading, and when there is none.

use std::collections::BTreeSet;

use aki_lens::{
    analysis::{AnalysisError, MapRequest, Projection, Projector},
    domain::{
        AttentionPlan, Choice, Heatmap, KnockOut, MapKind, Precision, Reading, RecordSpec, Run,
        TokenRow, Tower,
    },
};

use super::{
    CAT, HEADS, LATENTS, LEN, MARKER, Made, N_LATENTS, N_LAYERS, RED, close, mean_weight, run_of,
    site, small_prompt, small_run,
};

const CHOOSING: MapKind = MapKind::AnsweredFrom(TokenRow::WhileChoosing);
const WRITTEN: MapKind = MapKind::AnsweredFrom(TokenRow::AfterWriting);

fn map(run: &Run, kind: MapKind, positions: &[usize], reading: Reading) -> Heatmap {
    let projector = Projector::new(run, Projection::Composed).unwrap();
    let request = MapRequest { reading, ..MapRequest::new(kind, positions.to_vec()) };
    projector.map(run, &request).unwrap()
}

fn refused(run: &Run, kind: MapKind, positions: &[usize], reading: Reading) -> AnalysisError {
    let projector = Projector::new(run, Projection::Composed).unwrap();
    let request = MapRequest { reading, ..MapRequest::new(kind, positions.to_vec()) };
    projector.map(run, &request).unwrap_err()
}

fn total(map: &Heatmap) -> f64 {
    map.values.iter().sum::<f64>() + map.unplaced
}

/// The rows (of read by: the columns) that a map is made of, and its positions.
fn cases() -> [(MapKind, Vec<usize>, Vec<usize>); 6] {
    [
        (MapKind::ReadBy, vec![CAT], vec![CAT]),
        (MapKind::ReadBy, vec![RED, CAT], vec![CAT, RED, CAT]),
        (MapKind::LooksAt, vec![RED, CAT], vec![RED, CAT]),
        (CHOOSING, vec![LEN - 1], vec![0]),
        (CHOOSING, vec![LEN, LEN + 1], vec![1, 2]),
        (WRITTEN, vec![LEN, LEN + 1], vec![0, 1]),
    ]
}

#[test]
fn a_map_holds_exactly_the_mass_that_was_paid() {
    for seed in 0..10 {
        let run = small_run("mma", Made::Random(seed), Precision::F32);
        for (kind, rows, positions) in cases() {
            let weights = rows.iter().map(|row| {
                let weight = |latent| match kind {
                    MapKind::ReadBy => mean_weight(&run, latent, *row) / N_LATENTS as f64,
                    _ => mean_weight(&run, *row, latent) / rows.len() as f64,
                };
                LATENTS.map(weight).sum::<f64>()
            });
            let map = map(&run, kind, &positions, Reading::Mass);
            close(total(&map), weights.sum());
            assert!(!map.by_construction && map.excluded == 0.0);
        }
    }
}

#[test]
fn a_map_is_the_latents_weights_carried_back() {
    let run = small_run("mma", Made::Random(4), Precision::F32);
    let projector = Projector::new(&run, Projection::Composed).unwrap();
    let looks = map(&run, MapKind::LooksAt, &[CAT], Reading::Mass);
    let read = map(&run, MapKind::ReadBy, &[CAT], Reading::Mass);
    for patch in 0..6 {
        let part = |latent: usize| projector.of_latent(latent - LATENTS.start).0[patch];
        close(looks.values[patch], LATENTS.map(|l| mean_weight(&run, CAT, l) * part(l)).sum());
        let paid = LATENTS.map(|l| mean_weight(&run, l, CAT) * part(l)).sum::<f64>();
        close(read.values[patch], paid / N_LATENTS as f64);
    }
}

#[test]
fn shares_sum_to_one() {
    for mode in ["causal", "mma", "generalised", "mixed"] {
        let run = small_run(mode, Made::Random(6), Precision::F32);
        for (kind, _, positions) in cases().into_iter().skip(2) {
            close(total(&map(&run, kind, &positions, Reading::Share)), 1.0);
        }
    }
    // Read by: over the question's words, of which there are two; the marker is none.
    let run = small_run("mma", Made::Random(6), Precision::F32);
    close(total(&map(&run, MapKind::ReadBy, &[RED, CAT], Reading::Share)), 1.0);
    let [red, cat] = [RED, CAT].map(|word| map(&run, MapKind::ReadBy, &[word], Reading::Share));
    close(total(&red) + total(&cat), 1.0);
    let of_first =
        mean_weight(&run, 1, RED) / (mean_weight(&run, 1, RED) + mean_weight(&run, 1, CAT));
    let projector = Projector::new(&run, Projection::Composed).unwrap();
    let others = [2, 3].map(|l| {
        mean_weight(&run, l, RED) / (mean_weight(&run, l, RED) + mean_weight(&run, l, CAT))
    });
    let expected: f64 = [of_first, others[0], others[1]]
        .iter()
        .enumerate()
        .map(|(latent, share)| share * projector.of_latent(latent).0[2] / 3.0)
        .sum();
    close(red.values[2], expected);
}

#[test]
fn uniform_attention_lifts_no_patch_whatever_the_resampler_prefers() {
    let modes = ["causal", "mma", "sparsity50", "generalised", "mixed", "text_first"];
    for mode in modes {
        let run = small_run(mode, Made::Uniform, Precision::F32);
        let words: Vec<usize> =
            (0..LEN).filter(|at| !run.prompt.layout.image().contains(at)).collect();
        let projections = [Projection::LastLayer, Projection::MeanOfLayers, Projection::Composed];
        for projection in projections {
            let projector = Projector::new(&run, projection).unwrap();
            let kinds = [
                (MapKind::ReadBy, words.clone()),
                (MapKind::LooksAt, words.clone()),
                (CHOOSING, vec![0, 1, 2]),
                (WRITTEN, vec![0, 1]),
            ];
            for (kind, positions) in kinds {
                let reading = Reading::Lift;
                let request = MapRequest { reading, ..MapRequest::new(kind, positions) };
                let map = projector.map(&run, &request).unwrap();
                if map.by_construction {
                    continue;
                }
                for value in &map.values {
                    assert!((value - 1.0).abs() < 1e-6, "{mode} {kind} {projection}: {value}");
                }
            }
        }
    }
}

/// Under a causal mask latent 0 may attend to 2 keys and latent 2 to 4, which raw mass shows as if
/// the model had done it.
#[test]
fn lift_takes_knocked_out_keys_out_of_what_was_expected() {
    let prompt = small_prompt("mma".parse().unwrap());
    let plan = AttentionPlan::new("mma".parse().unwrap(), &prompt.layout).unwrap();
    let set = |positions: &[usize]| positions.iter().copied().collect::<BTreeSet<usize>>();
    let knock_out = KnockOut { queries: set(&[1, CAT, LEN]), keys: set(&[RED, 2]), layers: 0..1 };
    let plan = plan.without(knock_out).unwrap();
    let run = run_of(prompt, plan, Made::Uniform, Precision::F32);
    let kinds = [(MapKind::ReadBy, vec![RED]), (MapKind::LooksAt, vec![CAT]), (WRITTEN, vec![0])];
    for (kind, positions) in kinds {
        let map = map(&run, kind, &positions, Reading::Lift);
        assert!(map.values.iter().all(|v| (v - 1.0).abs() < 1e-6), "{kind} {:?}", map.values);
    }
}

#[test]
fn what_the_mask_closes_is_zero_by_construction_and_said() {
    let causal = small_run("causal", Made::Random(1), Precision::F32);
    for reading in Reading::ALL {
        let map = map(&causal, MapKind::ReadBy, &[CAT], reading);
        assert!(map.by_construction && map.notes[0].contains("by construction"), "{map:?}");
        assert_eq!(map.peak().is_some(), reading == Reading::Mass);
    }
    let text_first = small_run("text_first", Made::Random(1), Precision::F32);
    assert!(map(&text_first, MapKind::LooksAt, &[1, 2], Reading::Mass).by_construction);
    assert!(!map(&text_first, MapKind::ReadBy, &[1, 2], Reading::Mass).by_construction);
    // Rows before the picture are left out, not averaged in as zeros.
    let run = small_run("mma", Made::Random(1), Precision::F32);
    let both = map(&run, MapKind::LooksAt, &[0, CAT], Reading::Mass);
    assert_eq!(both.values, map(&run, MapKind::LooksAt, &[CAT], Reading::Mass).values);
    assert!(both.notes[0].contains("1 of 2 rows"), "{:?}", both.notes);
}

#[test]
fn while_choosing_is_the_row_before_the_token_and_after_writing_its_own() {
    let run = small_run("mma", Made::Random(2), Precision::F32);
    for token in 0..2 {
        let written = map(&run, WRITTEN, &[token], Reading::Mass);
        let next_chosen = map(&run, CHOOSING, &[token + 1], Reading::Mass);
        assert_eq!(written.values, next_chosen.values);
        assert_ne!(written.kind, next_chosen.kind);
    }
    let first = map(&run, CHOOSING, &[0], Reading::Mass);
    close(total(&first), LATENTS.map(|l| mean_weight(&run, LEN - 1, l)).sum());
    let last = refused(&run, WRITTEN, &[2], Reading::Mass);
    assert!(last.to_string().contains("while choosing"), "{last}");
}

#[test]
fn chosen_layers_and_heads_are_the_ones_read_and_named() {
    let run = small_run("mma", Made::Random(3), Precision::F32);
    let projector = Projector::new(&run, Projection::Composed).unwrap();
    let request = MapRequest {
        layers: Choice::Only(vec![1]),
        heads: Choice::Only(vec![0]),
        ..MapRequest::new(MapKind::LooksAt, vec![CAT])
    };
    let one = projector.map(&run, &request).unwrap();
    let weight =
        |latent| f64::from(run.trace.get(site(Tower::Decoder, 1), 0, CAT, latent).unwrap());
    close(total(&one), LATENTS.map(weight).sum());
    let said = |name: &str| one.caption.iter().find(|f| f.name == name).unwrap().value.clone();
    assert_eq!(said("layers"), "1");
    assert!(said("heads").starts_with('0') && said("map").starts_with("looks at"));
    assert!(said("words").contains("\"cat\"") && said("unplaced").contains('%'));

    let all: Vec<Heatmap> = (0..N_LAYERS)
        .flat_map(|layer| HEADS.map(|head| (layer, head)))
        .map(|(layer, head)| {
            let (layers, heads) = (Choice::Only(vec![layer]), Choice::Only(vec![head]));
            projector.map(&run, &MapRequest { layers, heads, ..request.clone() }).unwrap()
        })
        .collect();
    let mean = map(&run, MapKind::LooksAt, &[CAT], Reading::Mass);
    for patch in 0..6 {
        close(mean.values[patch], all.iter().map(|m| m.values[patch]).sum::<f64>() / 4.0);
    }
}

#[test]
fn half_precision_changes_a_map_by_its_rounding_only() {
    let [full, half] =
        [Precision::F32, Precision::F16].map(|p| small_run("mma", Made::Random(8), p));
    for (kind, _, positions) in cases() {
        for reading in Reading::ALL {
            let [full, half] = [&full, &half].map(|run| map(run, kind, &positions, reading));
            for (a, b) in full.values.iter().zip(&half.values) {
                assert!((a - b).abs() <= 3e-3 * a.abs().max(1e-3), "{kind} {reading}: {a} {b}");
            }
        }
    }
}

#[test]
fn what_cannot_be_read_is_refused_by_name() {
    let run = small_run("mma", Made::Random(0), Precision::F32);
    let cases = [
        (MapKind::LooksAt, vec![], Reading::Mass, "no word or token"),
        (MapKind::LooksAt, vec![LEN], Reading::Mass, "no position 7: the prompt has 7"),
        (MapKind::ReadBy, vec![2], Reading::Mass, "position 2 is a latent"),
        (MapKind::ReadBy, vec![MARKER], Reading::Share, "position 6"),
        (CHOOSING, vec![3], Reading::Mass, "no token 3 in the answer: it has 3"),
        (MapKind::Rollout, vec![CAT], Reading::Mass, "rollout"),
    ];
    for (kind, positions, reading, expected) in cases {
        let error = refused(&run, kind, &positions, reading).to_string();
        assert!(error.contains(expected), "{error}");
    }

    let mut closed = run.clone();
    closed.plan = small_run("causal", Made::Uniform, Precision::F32).plan;
    let error = refused(&closed, MapKind::ReadBy, &[CAT], Reading::Mass);
    assert!(matches!(error, AnalysisError::PlanDisagrees { key: CAT, .. }), "{error}");

    let mut unrecorded = run;
    for patterns in unrecorded.trace.patterns.values_mut() {
        patterns.truncate(1);
    }
    unrecorded.spec = RecordSpec { generated_rows: false, ..RecordSpec::everything() };
    let error = refused(&unrecorded, WRITTEN, &[0], Reading::Mass).to_string();
    assert!(error.contains("row 7") && error.contains("not recorded"), "{error}");
}
