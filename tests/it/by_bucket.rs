//! What the picture pays to the words, by bucket: small traces whose answers are known by heart.

use std::collections::BTreeSet;

use aki_lens::{
    analysis::{
        AnalysisError, Bootstrap, BucketChart, BucketReading, BucketSpec, ByBucket, HeadWeighting,
        Per, Reading, RunGroup, TemplateTokens, bucket_figure, by_bucket, over_runs,
    },
    domain::{
        AttentionMode, AttentionPattern, AttentionPlan, AttentionSite, AttentionTrace, Bucket,
        Choice, KnockOut, Segment, SequenceLayout, Tower, Weights,
    },
};

/// One position before the picture, two latents, three of the question.
fn layout() -> SequenceLayout {
    SequenceLayout::new()
        .push(Segment::Prelude, 1)
        .push(Segment::Image, 2)
        .push(Segment::Question, 3)
}

const BUCKETS: [Option<Bucket>; 6] =
    [None, None, None, Some(Bucket::Objects), Some(Bucket::Function), Some(Bucket::Template)];

fn plan(mode: &str, layout: &SequenceLayout) -> AttentionPlan {
    AttentionPlan::new(mode.parse().unwrap(), layout).unwrap()
}

fn site(layer: usize) -> AttentionSite {
    AttentionSite { tower: Tower::Decoder, layer }
}

/// A trace of both latents' whole rows; `layers[layer][head]` are two rows of six weights.
fn trace(layers: &[&[[[f32; 6]; 2]]]) -> AttentionTrace {
    let mut trace = AttentionTrace::default();
    for (layer, heads) in layers.iter().enumerate() {
        let weights = Weights::F32(heads.iter().flatten().flatten().copied().collect());
        let heads = (0..heads.len()).collect();
        trace.push(site(layer), AttentionPattern { heads, queries: 1..3, keys: 0..6, weights });
    }
    trace
}

/// All weights are binary fractions, so every number below is exact.
const ROWS: [[f32; 6]; 2] = [
    [0.125, 0.125, 0.0, 0.5, 0.125, 0.125], // may attend to 5 keys
    [0.125, 0.125, 0.25, 0.25, 0.125, 0.125], // may attend to 6
];

fn read(layers: &[&[[[f32; 6]; 2]]], mode: &str, spec: &BucketSpec) -> ByBucket {
    by_bucket(&trace(layers), &plan(mode, &layout()), &layout(), &BUCKETS, spec).unwrap()
}

fn of(run: &ByBucket, bucket: Bucket) -> BucketReading {
    *run.get(bucket).unwrap()
}

#[track_caller]
fn close(found: impl Into<Option<f64>>, expected: f64) {
    let found = found.into().unwrap();
    assert!((found - expected).abs() < 1e-12, "{found} is not {expected}");
}

#[test]
fn mass_share_and_lift_of_one_head_are_those_done_by_hand() {
    let run = read(&[&[ROWS]], "mma", &BucketSpec::default());
    let objects = of(&run, Bucket::Objects);
    close(objects.mass, f64::midpoint(0.5, 0.25));
    close(objects.share, f64::midpoint(0.5 / 0.625, 0.25 / 0.375));
    close(objects.lift, f64::midpoint(0.5 * 5.0, 0.25 * 6.0));
    close(objects.expected, f64::midpoint(1.0 / 5.0, 1.0 / 6.0));
    let function = of(&run, Bucket::Function);
    close(function.mass, 0.125);
    close(function.share, f64::midpoint(0.125 / 0.625, 0.125 / 0.375));
    close(run.unplaced, f64::midpoint(0.25, 0.5));
    close(run.template_share, 0.125 / 0.625);
    assert_eq!((run.layers.as_slice(), run.heads.as_slice()), (&[0][..], &[0][..]));
    assert_eq!(run.latents, [0, 1]);
}

#[test]
fn template_tokens_are_left_out_of_shares_unless_asked_for() {
    let out = read(&[&[ROWS]], "mma", &BucketSpec::default());
    assert_eq!(of(&out, Bucket::Template).share, None);
    close(of(&out, Bucket::Template).mass, 0.125);
    let spec = BucketSpec { template: TemplateTokens::Included, ..BucketSpec::default() };
    let with = read(&[&[ROWS]], "mma", &spec);
    close(of(&with, Bucket::Objects).share, f64::midpoint(0.5 / 0.75, 0.25 / 0.5));
    close(of(&with, Bucket::Template).share, f64::midpoint(0.125 / 0.75, 0.125 / 0.5));
    close(with.template_share, 0.2);
}

#[test]
fn heads_count_by_their_mass_unless_each_is_to_count_the_same() {
    // The second head hardly looks at the question, and there only at the function word.
    let away = [[0.5, 0.484_375, 0.0, 0.0, 0.015_625, 0.0]; 2];
    let by_mass = read(&[&[ROWS, away]], "mma", &BucketSpec::default());
    let rows = [(0.5, 0.140_625), (0.25, 0.140_625)];
    let share = rows.map(|(objects, function)| objects / (objects + function));
    close(of(&by_mass, Bucket::Objects).share, f64::midpoint(share[0], share[1]));
    close(of(&by_mass, Bucket::Objects).mass, 0.1875);
    let spec = BucketSpec { heads_weigh: HeadWeighting::EachHeadEqual, ..BucketSpec::default() };
    let equal = read(&[&[ROWS, away]], "mma", &spec);
    let share = [f64::midpoint(0.8, 0.0), f64::midpoint(0.25 / 0.375, 0.0)];
    close(of(&equal, Bucket::Objects).share, f64::midpoint(share[0], share[1]));
    close(of(&equal, Bucket::Objects).mass, 0.1875);
    // Layers are to heads as heads are to each other.
    let layers = read(&[&[ROWS], &[away]], "mma", &spec);
    assert_eq!(of(&layers, Bucket::Objects).share, of(&equal, Bucket::Objects).share);
}

#[test]
fn chosen_layers_heads_and_rows_are_the_ones_read() {
    let away = [[0.5, 0.484_375, 0.0, 0.0, 0.015_625, 0.0]; 2];
    let spec = BucketSpec {
        layers: Choice::Only(vec![1]),
        heads: Choice::Only(vec![0]),
        latents: Choice::Only(vec![1]),
        ..BucketSpec::default()
    };
    let run = read(&[&[away, away], &[ROWS, away]], "mma", &spec);
    close(of(&run, Bucket::Objects).mass, 0.25);
    close(run.unplaced, 0.5);
    assert_eq!((run.layers, run.heads, run.latents), (vec![1], vec![0], vec![1]));
}

#[test]
fn a_block_that_the_mask_closes_is_zero_by_construction_and_has_no_share() {
    let closed = [[0.5, 0.5, 0.0, 0.0, 0.0, 0.0], [0.25, 0.25, 0.5, 0.0, 0.0, 0.0]];
    let run = read(&[&[closed]], "causal", &BucketSpec::default());
    assert!(run.by_construction() && of(&run, Bucket::Objects).by_construction());
    assert!(!of(&run, Bucket::Actions).by_construction(), "it has no token at all");
    for bucket in &run.buckets {
        assert_eq!((bucket.mass, bucket.share, bucket.lift), (0.0, None, None));
    }
    assert_eq!((run.template_share, run.unplaced), (None, 1.0));
    assert_eq!(of(&run, Bucket::Objects).value(Reading::Mass, Per::Token), Some(0.0));
    assert_eq!(of(&run, Bucket::Actions).value(Reading::Mass, Per::Bucket), None);
    let json = serde_json::to_value(run.tables()).unwrap();
    assert!(json["share"]["Objects"].is_null() && json["mass"]["Objects"] == 0.0);
    assert!(json["by_construction"] == true && json["tokens"]["Objects"] == 1);
}

#[test]
fn a_question_that_gets_nothing_although_it_could_has_a_lift_but_no_share() {
    let away = [[0.5, 0.5, 0.0, 0.0, 0.0, 0.0]; 2];
    let run = read(&[&[away]], "mma", &BucketSpec::default());
    let objects = of(&run, Bucket::Objects);
    assert!(!objects.by_construction());
    assert_eq!((objects.share, objects.lift), (None, Some(0.0)));
    assert_eq!(run.rows_without_share, 2);
}

/// Every mode and knock-out in which the block is open, on a layout with rows of many lengths.
pub(crate) fn open_plans() -> Vec<(SequenceLayout, AttentionPlan)> {
    let image_first = SequenceLayout::new()
        .push(Segment::Prelude, 2)
        .push(Segment::Image, 14)
        .push(Segment::Question, 7)
        .push(Segment::Cue, 1);
    let text_first = SequenceLayout::new().push(Segment::Question, 7).push(Segment::Image, 14);
    let modes = ["mma", "sparsity50", "sparsity10", "generalised"];
    let mut plans: Vec<_> =
        modes.iter().map(|mode| (image_first.clone(), plan(mode, &image_first))).collect();
    plans.push((text_first.clone(), plan("text_first", &text_first)));
    let knock_out =
        KnockOut { queries: (2..9).collect(), keys: BTreeSet::from([16, 17, 20]), layers: 1..2 };
    plans.push((image_first.clone(), plan("mma", &image_first).without(knock_out).unwrap()));
    plans
}

/// The question's seven tokens.
pub(crate) fn buckets(layout: &SequenceLayout) -> Vec<Option<Bucket>> {
    let words = [
        Bucket::Template,
        Bucket::Function,
        Bucket::Attributes,
        Bucket::Objects,
        Bucket::Relations,
        Bucket::Objects,
        Bucket::Other,
    ];
    let start = layout.get(Segment::Question).unwrap().start;
    let at = |position: usize| position.checked_sub(start).and_then(|i| words.get(i).copied());
    (0..layout.len()).map(at).collect()
}

/// Two layers and two heads in which a key's weight is `weight(layer, head, row, key)` over the
/// row's sum; keys that the plan closes get nothing.
pub(crate) fn full_trace(
    layout: &SequenceLayout,
    plan: &AttentionPlan,
    weight: impl Fn(usize, usize, usize, usize) -> f64,
) -> AttentionTrace {
    let (len, image) = (layout.len(), layout.image());
    let mut trace = AttentionTrace::default();
    for layer in 0..2 {
        let mask = plan.mask_of_layer(layer);
        let mut weights = Vec::new();
        for head in 0..2 {
            for row in image.clone() {
                let open = |key| f64::from(u8::from(mask.allows(row, key)));
                let row: Vec<f64> =
                    (0..len).map(|key| open(key) * weight(layer, head, row, key)).collect();
                let sum: f64 = row.iter().sum();
                weights.extend(row.iter().map(|w| (w / sum) as f32));
            }
        }
        let weights = Weights::F32(weights);
        let pattern =
            AttentionPattern { heads: vec![0, 1], queries: image.clone(), keys: 0..len, weights };
        trace.push(site(layer), pattern);
    }
    trace
}

#[test]
fn uniform_attention_has_lift_one_under_every_mask() {
    for (layout, plan) in open_plans() {
        let trace = full_trace(&layout, &plan, |_, _, _, _| 1.0);
        // One over a power of two is exact in the trace, so nothing blurs these rows.
        let n_keys = |layer: usize, row: usize| {
            let mask = plan.mask_of_layer(layer);
            (0..layout.len()).filter(|key| mask.allows(row, *key)).count()
        };
        let image = layout.image();
        let is_exact = |row: &usize| (0..2).all(|layer| n_keys(layer, *row).is_power_of_two());
        let exact: Vec<usize> = image.clone().filter(is_exact).map(|r| r - image.start).collect();
        let checks = [(Choice::Only(exact), 1e-12), (Choice::All, 1e-6)];
        for heads_weigh in [HeadWeighting::ByMass, HeadWeighting::EachHeadEqual] {
            for (latents, tolerance) in checks.clone() {
                if latents == Choice::Only(Vec::new()) {
                    continue;
                }
                let spec = BucketSpec { latents, heads_weigh, ..BucketSpec::default() };
                let run = by_bucket(&trace, &plan, &layout, &buckets(&layout), &spec).unwrap();
                assert!(run.buckets.iter().any(|b| b.lift.is_some()));
                for reading in run.buckets.iter().filter(|b| b.visible > 0) {
                    let lift = reading.lift.unwrap();
                    let mode = plan.mode;
                    assert!((lift - 1.0).abs() < tolerance, "{mode} {reading:?}");
                }
            }
        }
    }
}

#[test]
fn the_masses_of_all_buckets_and_what_is_unplaced_sum_to_one() {
    let uneven = |layer: usize, head: usize, row: usize, key: usize| {
        ((layer * 7 + head * 5 + row * 3 + key * 11) % 13 + 1) as f64
    };
    for (layout, plan) in open_plans() {
        let trace = full_trace(&layout, &plan, uneven);
        let buckets = buckets(&layout);
        for latent in 0..layout.image().len() {
            let spec = BucketSpec { latents: Choice::Only(vec![latent]), ..BucketSpec::default() };
            let run = by_bucket(&trace, &plan, &layout, &buckets, &spec).unwrap();
            let placed: f64 = run.buckets.iter().map(|b| b.mass).sum();
            close(placed + run.unplaced, 1.0);
            let row = layout.image().start + latent;
            let mut elsewhere = 0.0;
            for (layer, head) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
                let keys = (0..layout.len()).filter(|key| buckets[*key].is_none());
                elsewhere += keys
                    .map(|key| f64::from(trace.get(site(layer), head, row, key).unwrap()))
                    .sum::<f64>();
            }
            assert!((run.unplaced - elsewhere / 4.0).abs() < 1e-6);
            // Where the template's newline alone is open, there is nothing to share.
            let is_shared = |b: &&BucketReading| b.bucket != Bucket::Template && b.visible > 0;
            let is_open = run.buckets.iter().any(|b| is_shared(&b));
            let shares: f64 = run.buckets.iter().filter_map(|b| b.share).sum();
            close(shares, f64::from(u8::from(is_open)));
        }
    }
}

#[test]
fn a_bucket_that_sparsity_closes_is_zero_by_construction_beside_open_ones() {
    let (layout, plan) = open_plans().swap_remove(1);
    assert_eq!(plan.mode, AttentionMode::Sparsity(50));
    let trace = full_trace(&layout, &plan, |_, _, _, _| 1.0);
    let spec = BucketSpec::default();
    let run = by_bucket(&trace, &plan, &layout, &buckets(&layout), &spec).unwrap();
    assert!(!run.by_construction());
    let relations = of(&run, Bucket::Relations);
    assert!(relations.by_construction() && relations.share.is_none() && relations.lift.is_none());
    // One of two tokens is open, and a mean by the token is over that one.
    let objects = of(&run, Bucket::Objects);
    assert_eq!((objects.tokens, objects.visible), (2, 1));
    assert_eq!(objects.value(Reading::Mass, Per::Token), Some(objects.mass));
}

#[test]
fn a_reading_by_the_token_is_the_sum_over_the_visible_tokens() {
    let (layout, plan) = open_plans().swap_remove(0);
    let trace = full_trace(&layout, &plan, |_, _, _, _| 1.0);
    let spec = BucketSpec::default();
    let run = by_bucket(&trace, &plan, &layout, &buckets(&layout), &spec).unwrap();
    let objects = of(&run, Bucket::Objects);
    close(objects.value(Reading::Mass, Per::Token), objects.mass / 2.0);
    close(objects.value(Reading::Share, Per::Token), 1.0 / 6.0);
    assert_eq!(objects.value(Reading::Lift, Per::Token), objects.lift);
}

#[test]
fn what_was_not_recorded_is_named() {
    let good = trace(&[&[ROWS]]);
    let plan = plan("mma", &layout());
    let ask = |trace: &AttentionTrace, spec: BucketSpec| {
        by_bucket(trace, &plan, &layout(), &BUCKETS, &spec).unwrap_err()
    };
    let spec = BucketSpec { layers: Choice::Only(vec![0, 3]), ..BucketSpec::default() };
    assert_eq!(ask(&good, spec), AnalysisError::MissingSite { site: site(3) });
    let spec = BucketSpec { heads: Choice::Only(vec![0, 2]), ..BucketSpec::default() };
    assert_eq!(ask(&good, spec), AnalysisError::MissingHead { site: site(0), head: 2 });
    let spec = BucketSpec { latents: Choice::Only(vec![2]), ..BucketSpec::default() };
    assert_eq!(ask(&good, spec), AnalysisError::NoSuchLatent { latent: 2, n_latents: 2 });
    for nothing in [
        BucketSpec { layers: Choice::None, ..BucketSpec::default() },
        BucketSpec { heads: Choice::Only(Vec::new()), ..BucketSpec::default() },
        BucketSpec { latents: Choice::None, ..BucketSpec::default() },
    ] {
        assert!(matches!(ask(&good, nothing), AnalysisError::Nothing { .. }));
    }
    // The second latent's row, and the last column, are not there.
    let weights = Weights::F32(ROWS[0][..5].to_vec());
    let mut part = AttentionTrace::default();
    part.push(site(0), AttentionPattern { heads: vec![0], queries: 1..2, keys: 0..5, weights });
    let missing = AnalysisError::MissingWeight { site: site(0), head: 0, query: 1, key: 5 };
    assert!(missing.to_string().contains("row 1, column 5 of head 0 of decoder.0.pattern"));
    assert_eq!(ask(&part, BucketSpec::default()), missing);
    assert!(matches!(
        ask(&AttentionTrace::default(), BucketSpec::default()),
        AnalysisError::Nothing { what: "decoder layer" }
    ));
}

#[test]
fn a_trace_of_another_plan_or_of_no_attention_is_refused() {
    let open = trace(&[&[ROWS]]);
    let ask = |trace: &AttentionTrace, mode: &str, buckets: &[Option<Bucket>]| {
        let plan = plan(mode, &layout());
        by_bucket(trace, &plan, &layout(), buckets, &BucketSpec::default()).unwrap_err()
    };
    assert!(matches!(
        ask(&open, "causal", &BUCKETS),
        AnalysisError::PlanDisagrees { query: 1, key: 3, .. }
    ));
    let mut broken = ROWS;
    broken[1][4] = f32::NAN;
    assert!(matches!(
        ask(&trace(&[&[broken]]), "mma", &BUCKETS),
        AnalysisError::NotAWeight { query: 2, key: 4, .. }
    ));
    assert!(matches!(
        ask(&open, "mma", &BUCKETS[..5]),
        AnalysisError::Length { found: 5, expected: 6, .. }
    ));
    assert!(matches!(ask(&open, "mma", &[None; 6]), AnalysisError::Nothing { .. }));
}

/// A run of two latents whose objects get `objects` in each row, with one token of them or none.
fn run_with(objects: f32, has_objects: bool) -> ByBucket {
    let rows = [[1.0 - objects - 0.125, 0.0, 0.0, objects, 0.125, 0.0]; 2];
    let mut buckets = BUCKETS;
    if !has_objects {
        buckets[3] = Some(Bucket::Function);
    }
    let plan = plan("mma", &layout());
    by_bucket(&trace(&[&[rows]]), &plan, &layout(), &buckets, &BucketSpec::default()).unwrap()
}

#[test]
fn a_run_without_a_bucket_does_not_count_for_it() {
    let runs = [run_with(0.25, true), run_with(0.5, true), run_with(0.125, false)];
    let summaries = over_runs(&runs, Reading::Mass, Per::Bucket, &Bootstrap::default());
    let of = |bucket: Bucket| *summaries.iter().find(|s| s.bucket == bucket).unwrap();
    assert_eq!((of(Bucket::Objects).n, of(Bucket::Function).n, of(Bucket::Actions).n), (2, 3, 0));
    close(of(Bucket::Objects).mean, 0.375);
    close(of(Bucket::Function).mean, (0.125 + 0.125 + 0.25) / 3.0);
    assert_eq!((of(Bucket::Actions).mean, of(Bucket::Actions).pooled), (None, None));
    // By the token, four tokens of function words stand behind the pooled value, not three runs.
    let summaries = over_runs(&runs, Reading::Mass, Per::Token, &Bootstrap::default());
    let function = summaries.iter().find(|s| s.bucket == Bucket::Function).unwrap();
    close(function.mean, 0.125);
    close(function.pooled, (0.125 + 0.125 + 0.25) / 4.0);
    let lift = over_runs(&runs[..2], Reading::Lift, Per::Bucket, &Bootstrap::default());
    close(lift[0].pooled, 0.375 / f64::midpoint(1.0 / 5.0, 1.0 / 6.0));
}

#[test]
fn intervals_are_seeded_percentiles_and_one_run_has_none() {
    let bootstrap = Bootstrap::default();
    assert_eq!(bootstrap.mean_interval(&[0.5]), None);
    assert_eq!(bootstrap.mean_interval(&[]), None);
    let same = bootstrap.mean_interval(&[0.25; 7]).unwrap();
    assert_eq!((same.low, same.high), (0.25, 0.25));
    // Of two values a quarter of the samples draws only the first, a quarter only the second.
    let two = bootstrap.mean_interval(&[0.0, 1.0]).unwrap();
    assert_eq!((two.low, two.high), (0.0, 1.0));
    // Mean 49.5, standard error 28.87 / 10 = 2.887, times 1.96.
    let hundred: Vec<f64> = (0..100).map(f64::from).collect();
    let found = bootstrap.mean_interval(&hundred).unwrap();
    assert!((found.low - 43.84).abs() < 0.3 && (found.high - 55.16).abs() < 0.3, "{found:?}");
    assert_eq!(bootstrap.mean_interval(&hundred), Some(found));
    let other = Bootstrap { seed: 1, ..bootstrap };
    assert_ne!(other.mean_interval(&hundred), Some(found));
}

#[test]
fn a_chart_says_how_it_was_made() {
    let runs = [run_with(0.25, true), run_with(0.5, true)];
    let closed = [[0.5, 0.5, 0.0, 0.0, 0.0, 0.0], [0.25, 0.25, 0.5, 0.0, 0.0, 0.0]];
    let causal = [read(&[&[closed]], "causal", &BucketSpec::default())];
    let groups =
        [RunGroup { name: "mma", runs: &runs }, RunGroup { name: "causal", runs: &causal }];
    let mut chart = BucketChart::of(Reading::Lift);
    chart.n_edited_words = 3;
    let figure = bucket_figure(&groups, &chart).unwrap();
    let parts = figure.parts();
    let names: Vec<&str> = parts.categories.iter().map(|c| c.name.as_str()).collect();
    let expected = ["Objects", "Relations", "Attributes", "Actions", "Function", "Other"];
    assert_eq!(names, expected, "excluded template tokens have no place");
    let controls: Vec<bool> = parts.categories.iter().map(|c| c.is_control).collect();
    assert_eq!(controls, [false, false, false, false, true, true]);
    assert_eq!(parts.reference.as_ref().unwrap().value, 1.0);
    let [mma, causal] = [&parts.groups[0].bars[0], &parts.groups[1].bars[0]];
    assert!(mma.interval.is_some() && mma.n == 2 && !mma.by_construction);
    assert!(causal.by_construction && causal.value.is_none() && causal.interval.is_none());
    assert!(parts.notes.iter().any(|note| note.contains("Zero by construction in causal")));
    let field = |name: &str| {
        let found = parts.caption.iter().find(|field| field.name == name);
        found.map(|field| field.value.clone()).unwrap_or_default()
    };
    assert_eq!(field("layers"), "0");
    assert_eq!(field("rows"), "latents 0–1");
    assert_eq!(field("n"), "2 runs (mma), 1 run (causal)");
    assert_eq!(field("excluded"), "template tokens, 0.0 % (mma) of the opened text mass");
    assert_eq!(field("elsewhere").split(" of ").next(), Some("50.0 % (mma), 100.0 % (causal)"));
    assert!(field("buckets").contains("3 words edited"));
    assert!(field("intervals").contains("seed 0"));
}

#[test]
fn runs_that_were_read_in_different_ways_are_not_averaged() {
    let spec = BucketSpec { latents: Choice::Only(vec![0]), ..BucketSpec::default() };
    let runs = [run_with(0.25, true), read(&[&[ROWS]], "mma", &spec)];
    let groups = [RunGroup { name: "mixed", runs: &runs }];
    let found = bucket_figure(&groups, &BucketChart::of(Reading::Mass)).unwrap_err();
    assert_eq!(found, AnalysisError::MixedReadings { group: "mixed".to_owned() });
    let nothing = [RunGroup { name: "empty", runs: &[] }];
    let found = bucket_figure(&nothing, &BucketChart::of(Reading::Mass)).unwrap_err();
    assert_eq!(found, AnalysisError::Nothing { what: "run" });
}
