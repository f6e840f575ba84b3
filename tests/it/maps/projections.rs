//! From latents to patches: what is lost, what is kept, and by which rule.

#![expect(clippy::needless_range_loop, reason = "keys are numbered as in the formula")]

use aki_lens::{
    analysis::{AnalysisError, Projection, Projector},
    domain::{
        AttentionPattern, Choice, Grid, Precision, RecordSpec, Run, Tower, TowerSpec, Weights,
    },
};

use super::{HEADS, Made, N_LATENTS, N_LAYERS, PATCHES, close, site, small_run};

const ALL: [Projection; 4] = [
    Projection::LastLayer,
    Projection::MeanOfLayers,
    Projection::Composed,
    Projection::ThroughVision,
];

fn random(seed: u64) -> Run {
    small_run("mma", Made::Random(seed), Precision::F32)
}

/// A run whose resampler has these layers of one head, `[L, P + L]`.
fn with_resampler(layers: &[Vec<f32>]) -> Run {
    let mut run = random(0);
    run.trace.patterns.retain(|site, _| site.tower != Tower::Resampler);
    for (layer, weights) in layers.iter().enumerate() {
        let keys = 0..PATCHES.len() + N_LATENTS;
        let weights = Weights::F32(weights.clone());
        let pattern = AttentionPattern { heads: vec![0], queries: 0..N_LATENTS, keys, weights };
        run.trace.push(site(Tower::Resampler, layer), pattern);
    }
    run
}

#[test]
fn every_projection_places_the_whole_of_a_latent_or_says_what_it_could_not() {
    for seed in 0..20 {
        for precision in [Precision::F32, Precision::F16] {
            let run = small_run("mma", Made::Random(seed), precision);
            for projection in ALL {
                let projector = Projector::new(&run, projection).unwrap();
                for latent in 0..N_LATENTS {
                    let (parts, unplaced) = projector.of_latent(latent);
                    close(parts.iter().sum::<f64>() + unplaced, 1.0);
                    assert!(parts.iter().all(|part| *part >= 0.0) && unplaced >= 0.0);
                }
                let on_latents = [0.4, 0.05, 0.2];
                let placed = projector.place(&on_latents);
                close(placed.mass.iter().sum::<f64>() + placed.unplaced, 0.65);
            }
        }
    }
}

/// What a latent saw comes out where it saw it. Worked out by hand, in binary fractions.
#[test]
fn a_small_resampler_is_followed_as_by_hand() {
    #[rustfmt::skip]
    let layer = vec![
        0.0, 1.0,  0.0, 0.0, 0.0, 0.0,   0.0, 0.0, 0.0,
        0.0, 0.0,  0.5, 0.0, 0.0, 0.0,   0.5, 0.0, 0.0,
        0.0, 0.25, 0.0, 0.0, 0.0, 0.0,   0.0, 0.0, 0.75,
    ];
    let run = with_resampler(&[layer.clone(), layer]);
    let of = |projection, latent| {
        let projector = Projector::new(&run, projection).unwrap();
        let (parts, unplaced) = projector.of_latent(latent);
        (parts.to_vec(), unplaced)
    };
    assert_eq!(of(Projection::LastLayer, 1), (vec![0.0, 0.0, 0.5, 0.0, 0.0, 0.0], 0.5));
    assert_eq!(of(Projection::MeanOfLayers, 2), (vec![0.0, 0.25, 0.0, 0.0, 0.0, 0.0], 0.75));
    // Latent 0 looks at patch 1 twice: 1/2, then 1/2 of the half that was kept.
    assert_eq!(of(Projection::Composed, 0), (vec![0.0, 0.75, 0.0, 0.0, 0.0, 0.0], 0.25));
    // Latent 1: patch 2 gets 1/4 in the last layer; of the half that stayed, 1/4 before; and the
    // quarter that came from latent 0 leads on to patch 1 by half.
    assert_eq!(of(Projection::Composed, 1), (vec![0.0, 0.125, 0.375, 0.0, 0.0, 0.0], 0.5));
}

#[test]
fn composition_is_the_walk_back_through_the_layers() {
    let run = random(3);
    let projector = Projector::new(&run, Projection::Composed).unwrap();
    let (n_patches, n_keys) = (PATCHES.len(), PATCHES.len() + N_LATENTS);
    for latent in 0..N_LATENTS {
        let mut mass = vec![0.0; n_patches];
        let mut left = [0.0; N_LATENTS];
        left[latent] = 1.0;
        for layer in (0..N_LAYERS).rev() {
            let weight = |j: usize, key: usize| {
                let of_head = HEADS.map(|head| {
                    f64::from(run.trace.get(site(Tower::Resampler, layer), head, j, key).unwrap())
                });
                of_head.iter().sum::<f64>() / HEADS.len() as f64
            };
            let mut next = left.map(|m| 0.5 * m);
            for (j, m) in left.iter().enumerate() {
                for key in 0..n_keys {
                    match key.checked_sub(n_patches) {
                        Some(other) => next[other] += 0.5 * m * weight(j, key),
                        None => mass[key] += 0.5 * m * weight(j, key),
                    }
                }
            }
            left = next;
        }
        let (parts, unplaced) = projector.of_latent(latent);
        for (found, expected) in parts.iter().zip(&mass) {
            assert!((found - expected).abs() < 1e-6, "{found} {expected}");
        }
        assert!((unplaced - left.iter().sum::<f64>()).abs() < 1e-6);
    }
}

#[test]
fn one_head_is_read_alone_and_named() {
    let run = random(5);
    let heads = Choice::Only(vec![1]);
    let projector = Projector::with_heads(&run, Projection::LastLayer, &heads).unwrap();
    assert_eq!(projector.heads(), [1]);
    let last = site(Tower::Resampler, N_LAYERS - 1);
    let expected = f64::from(run.trace.get(last, 1, 2, 4).unwrap());
    assert!((projector.of_latent(2).0[4] - expected).abs() < 1e-6);
    let missing = Projector::with_heads(&run, Projection::Composed, &Choice::Only(vec![7]));
    assert!(matches!(missing, Err(AnalysisError::MissingHead { head: 7, .. })), "{missing:?}");
}

#[test]
fn a_latent_that_looks_everywhere_has_the_whole_picture_for_its_area_and_one_patch_a_sixth() {
    let mut layer = vec![1.0 / 6.0; 6];
    layer.extend([0.0; 3]);
    layer.extend([0.0, 0.0, 0.0, 0.5, 0.0, 0.0, 0.5, 0.0, 0.0]);
    layer.extend([0.25, 0.25, 0.0, 0.0, 0.0, 0.0, 0.0, 0.5, 0.0]);
    let run = with_resampler(&[layer]);
    let latents = Projector::new(&run, Projection::LastLayer).unwrap().latents();
    let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-6, "{a} {b}");
    near(latents[0].effective_area, 1.0);
    near(latents[0].placed, 1.0);
    near(latents[1].effective_area, 1.0 / 6.0);
    near(latents[1].entropy, 0.0);
    near(latents[1].placed, 0.5);
    near(latents[2].effective_area, 2.0 / 6.0);
    near(latents[2].entropy, 2_f64.ln());
}

#[test]
fn through_the_vision_tower_needs_its_recording_and_says_so() {
    let mut run = random(1);
    let through = Projector::new(&run, Projection::ThroughVision).unwrap();
    assert_ne!(
        through.of_latent(0),
        Projector::new(&run, Projection::Composed).unwrap().of_latent(0)
    );
    run.trace.patterns.retain(|site, _| site.tower != Tower::Vision);
    let error = Projector::new(&run, Projection::ThroughVision).unwrap_err().to_string();
    assert!(error.contains("vision tower") && error.contains("record every layer"), "{error}");
    assert!(Projector::new(&run, Projection::Composed).is_ok());
}

/// Patches that look at themselves only do not mix.
#[test]
fn a_vision_tower_that_does_not_mix_changes_nothing() {
    let mut run = random(2);
    let n = PATCHES.len();
    for layer in 0..N_LAYERS {
        let identity = (0..n * n).map(|i| if i / n == i % n { 1.0 } else { 0.0 }).collect();
        let weights = Weights::F32(identity);
        let pattern = AttentionPattern { heads: vec![0], queries: 0..n, keys: 0..n, weights };
        run.trace.patterns.insert(site(Tower::Vision, layer), vec![pattern]);
    }
    let [through, composed] = [Projection::ThroughVision, Projection::Composed]
        .map(|projection| Projector::new(&run, projection).unwrap());
    for latent in 0..N_LATENTS {
        let both = through.of_latent(latent).0.iter().zip(composed.of_latent(latent).0);
        both.for_each(|(a, b)| close(*a, *b));
    }
}

#[test]
fn a_resampler_that_was_not_recorded_whole_is_named() {
    let mut none = random(0);
    none.trace.patterns.retain(|site, _| site.tower != Tower::Resampler);
    let error = Projector::new(&none, Projection::Composed).unwrap_err().to_string();
    assert!(error.contains("resampler") && error.contains("record every layer"), "{error}");

    let mut gap = random(0);
    gap.trace.patterns.remove(&site(Tower::Resampler, 0));
    assert!(Projector::new(&gap, Projection::LastLayer).is_err());

    // The last of the layers that were asked for need not be the last that there is.
    let mut some = random(0);
    let layers = Choice::Only(vec![0, 1]);
    some.spec = RecordSpec {
        resampler: TowerSpec { layers, ..TowerSpec::all() },
        ..RecordSpec::everything()
    };
    assert!(Projector::new(&some, Projection::LastLayer).is_err());

    let mut broken = random(0);
    let patterns = broken.trace.patterns.get_mut(&site(Tower::Resampler, 1)).unwrap();
    let n = patterns[0].weights.len();
    patterns[0].weights = Weights::F32(vec![0.5; n]);
    let error = Projector::new(&broken, Projection::Composed).unwrap_err();
    assert!(matches!(error, AnalysisError::NotADistribution { .. }), "{error}");
}

#[test]
fn a_projector_refuses_a_run_of_another_picture() {
    use aki_lens::{analysis::MapRequest, domain::MapKind};

    let projector = Projector::new(&random(0), Projection::Composed).unwrap();
    let mut other = random(0);
    other.patches = Grid { rows: 3, cols: 2 };
    let request = MapRequest::new(MapKind::LooksAt, vec![super::CAT]);
    let error = projector.map(&other, &request).unwrap_err().to_string();
    assert!(error.contains("rows of patches"), "{error}");
}
