//! The maps of a trained model's run, held against the trace weight by weight.

use aki_lens::{
    analysis::{
        MapRequest, Projection, Projector, Reading, SinkRule, find_sinks, flows, rollout, spreads,
    },
    domain::{Choice, MapKind, RecordSpec, Run, TokenRow, Tower},
    inference::{Asked, RunRequest},
    vision,
};

use crate::golden::{golden_folder, open_engine, silent};

fn run(mode: &str, record: Option<RecordSpec>) -> Run {
    let folder = golden_folder().join("specimen");
    let image = vision::open(&folder.join("examples/scene_01.png")).unwrap();
    let engine = open_engine(&folder.join("checkpoint"), None);
    let asked = Asked::Question("The fish is on which color plate?".to_owned());
    let request = RunRequest { asked, mode: mode.parse().unwrap(), max_new_tokens: 4, record };
    engine.run(&image, &request, &mut silent()).unwrap()
}

fn position_of(run: &Run, word: &str) -> usize {
    let token = run.prompt.tokens.iter().find(|token| token.text.trim() == word);
    token.unwrap_or_else(|| panic!("no token {word}")).position
}

/// Sum over latents of the mean over recorded layers and heads.
fn paid(run: &Run, weight: impl Fn(usize) -> (usize, usize)) -> f64 {
    let mut sum = 0.0;
    let mut n = 0;
    for (site, patterns) in &run.trace.patterns {
        if site.tower != Tower::Decoder {
            continue;
        }
        for head in &patterns[0].heads {
            n += 1;
            for latent in run.prompt.layout.image() {
                let (query, key) = weight(latent);
                sum += f64::from(run.trace.get(*site, *head, query, key).unwrap());
            }
        }
    }
    sum / f64::from(n)
}

#[test]
fn the_three_maps_of_a_real_run_hold_what_its_rows_paid() {
    let run = run("mma", None);
    let fish = position_of(&run, "fish");
    let last = run.prompt.layout.len() - 1;
    let n_latents = run.prompt.layout.image().len() as f64;
    let chosen = MapKind::AnsweredFrom(TokenRow::WhileChoosing);
    let maps = [
        (MapKind::ReadBy, fish, paid(&run, |latent| (latent, fish)) / n_latents),
        (MapKind::LooksAt, fish, paid(&run, |latent| (fish, latent))),
        (chosen, 0, paid(&run, |latent| (last, latent))),
    ];
    for projection in [Projection::LastLayer, Projection::MeanOfLayers, Projection::Composed] {
        let projector = Projector::new(&run, projection).unwrap();
        let mut shown = Vec::new();
        for (kind, position, expected) in &maps {
            let request = MapRequest::new(*kind, vec![*position]);
            let mass = projector.map(&run, &request).unwrap();
            let total = mass.values.iter().sum::<f64>() + mass.unplaced;
            assert!((total - expected).abs() < 1e-9, "{kind}: {total} {expected}");
            let lift = MapRequest { reading: Reading::Lift, ..request };
            let lift = projector.map(&run, &lift).unwrap();
            assert!(lift.values.iter().all(|value| value.is_finite() && *value >= 0.0));
            shown.push(mass.values);
        }
        assert!(shown[0] != shown[1] && shown[1] != shown[2], "different questions, one answer");
        let latents = projector.latents();
        assert!(latents.iter().all(|l| l.effective_area > 0.0 && l.effective_area <= 1.0 + 1e-9));
    }
}

#[test]
fn without_the_opened_block_nothing_of_a_word_is_read() {
    let run = run("causal", None);
    let projector = Projector::new(&run, Projection::Composed).unwrap();
    let request = MapRequest::new(MapKind::ReadBy, vec![position_of(&run, "fish")]);
    assert!(projector.map(&run, &request).unwrap().by_construction);
    let looks = MapRequest { kind: MapKind::LooksAt, ..request };
    assert!(!projector.map(&run, &looks).unwrap().by_construction);
}

#[test]
fn what_stands_beside_the_maps_can_be_made_of_a_real_run() {
    let run = run("mma", Some(RecordSpec::everything()));
    let rolled = rollout(&run, &[0], &Choice::All).unwrap();
    assert!((rolled.paths.iter().sum::<f64>() - 1.0).abs() < 1e-9);
    let projector = Projector::new(&run, Projection::ThroughVision).unwrap();
    let maps = projector.rollout_maps(&run, &rolled).unwrap();
    assert!(maps.lift.values.iter().all(|value| value.is_finite()));
    let all = flows(&run, &Choice::All, &Choice::All).unwrap();
    assert!(all.not_recorded.is_empty());
    assert!(all.figure(Reading::Lift, Vec::new()).is_ok());
    assert!(spreads(&run, &Choice::All, &Choice::All).unwrap().figure(Vec::new()).is_ok());
    let sinks = find_sinks(&run, SinkRule { times_uniform: 1.5 }).unwrap();
    assert!(sinks.found.iter().all(|sink| sink.lift >= 1.5 && sink.rows > 0));
}
