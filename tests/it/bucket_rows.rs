//! What the picture pays to the words, read once and chosen from: the same as reading each choice.

use aki_lens::{
    analysis::{AnalysisError, BucketRows, BucketSpec, HeadWeighting, TemplateTokens, by_bucket},
    domain::{AttentionSite, AttentionTrace, Bucket, Choice, SequenceLayout, Tower},
};

use crate::by_bucket::{buckets, full_trace, open_plans};

/// Numbers of which no two are alike.
fn uneven(layer: usize, head: usize, row: usize, key: usize) -> f64 {
    ((layer * 7 + head * 5 + row * 3 + key * 11) % 13 + 1) as f64 + 0.1 * layer as f64
}

fn choices() -> Vec<(Choice, Choice)> {
    let only = |numbers: &[usize]| Choice::Only(numbers.to_vec());
    let all = [Choice::All, only(&[0]), only(&[1]), only(&[1, 0, 1])];
    let some = [only(&[0, 5]), only(&[]), Choice::None];
    let each = || all.iter().chain(&some);
    each().flat_map(|layers| each().map(|heads| (layers.clone(), heads.clone()))).collect()
}

/// The question's buckets, as tagged, and with a word corrected, and with a word that has none.
fn edited(layout: &SequenceLayout) -> Vec<Vec<Option<Bucket>>> {
    let as_tagged = buckets(layout);
    let word = as_tagged.iter().position(|bucket| *bucket == Some(Bucket::Objects)).unwrap();
    let with = |bucket| {
        let mut buckets = as_tagged.clone();
        buckets[word] = bucket;
        buckets
    };
    vec![as_tagged.clone(), with(Some(Bucket::Actions)), with(None)]
}

#[track_caller]
fn check(
    trace: &AttentionTrace,
    (layout, plan): &(SequenceLayout, aki_lens::domain::AttentionPlan),
) {
    let weighings = [HeadWeighting::ByMass, HeadWeighting::EachHeadEqual];
    let templates = [TemplateTokens::Excluded, TemplateTokens::Included];
    for buckets in edited(layout) {
        for (heads_weigh, template) in
            weighings.into_iter().flat_map(|weigh| templates.map(|template| (weigh, template)))
        {
            let whole = BucketSpec { heads_weigh, template, ..BucketSpec::default() };
            let rows = BucketRows::new(trace, plan, layout, &buckets, &whole).unwrap();
            for (layers, heads) in choices() {
                let found = rows.read(&layers, &heads);
                let spec = BucketSpec { layers, heads, ..whole.clone() };
                assert_eq!(found, by_bucket(trace, plan, layout, &buckets, &spec), "{spec:?}");
            }
        }
    }
}

#[test]
fn every_choice_of_layers_and_heads_has_the_numbers_of_reading_it_alone() {
    for of in open_plans() {
        check(&full_trace(&of.0, &of.1, uneven), &of);
    }
}

#[test]
fn what_was_not_recorded_costs_only_the_choices_that_ask_for_it() {
    let of = open_plans().swap_remove(0);
    let mut trace = full_trace(&of.0, &of.1, uneven);
    let site = AttentionSite { tower: Tower::Decoder, layer: 1 };
    // Of the second layer one head, and of that not the last row.
    for pattern in trace.patterns.get_mut(&site).unwrap() {
        pattern.heads = vec![1];
        pattern.queries.end -= 1;
    }
    check(&trace, &of);
    let (layout, plan) = &of;
    let rows =
        BucketRows::new(&trace, plan, layout, &buckets(layout), &BucketSpec::default()).unwrap();
    let only = |number| Choice::Only(vec![number]);
    assert!(rows.read(&only(0), &Choice::All).is_ok());
    let missing = AnalysisError::MissingHead { site, head: 0 };
    assert_eq!(rows.read(&Choice::All, &Choice::All).unwrap_err(), missing);
    let error = rows.read(&only(1), &only(1)).unwrap_err();
    assert!(matches!(error, AnalysisError::MissingWeight { head: 1, .. }), "{error}");
}
