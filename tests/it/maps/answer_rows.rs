//! What the answer's rows pay to each part of the sequence: read once, and the same as weight by weight.

use aki_lens::{
    analysis::{AnalysisError, AnswerRows},
    domain::{AttentionPattern, Choice, Precision, Run, Segment, Tower, Weights},
};

use super::{HEADS, LEN, Made, N_LAYERS, close, site, small_run};

/// The sum of a row's weights over part of its keys.
fn paid(run: &Run, (layer, head): (usize, usize), query: usize, part: Segment) -> f64 {
    let keys = match part {
        Segment::Answer => LEN..query + 1,
        part => run.prompt.layout.get(part).unwrap(),
    };
    let weight = |key| run.trace.get(site(Tower::Decoder, layer), head, query, key).unwrap();
    keys.map(|key| f64::from(weight(key))).sum()
}

#[track_caller]
fn check(run: &Run, tokens: &[usize], heads: &[usize]) {
    let rows = AnswerRows::new(run).unwrap();
    let found = rows.mass(run, tokens, &Choice::Only(heads.to_vec())).unwrap();
    let parts: Vec<Segment> = found.iter().map(|(part, _)| *part).collect();
    assert_eq!(parts, [Segment::Prelude, Segment::Image, Segment::Question, Segment::Answer]);
    for layer in 0..N_LAYERS {
        for (part, layers) in &found {
            let rows =
                tokens.iter().flat_map(|token| heads.iter().map(move |head| (*token, *head)));
            let all: f64 =
                rows.map(|(token, head)| paid(run, (layer, head), LEN - 1 + token, *part)).sum();
            close(layers[layer], all / (tokens.len() * heads.len()) as f64);
        }
        let all: f64 = found.iter().map(|(_, layers)| layers[layer]).sum();
        assert!((all - 1.0).abs() < 2e-3, "a row's parts sum to 1: {all}");
    }
}

#[test]
fn rows_of_any_tokens_and_heads_are_the_sums_of_their_weights() {
    for precision in [Precision::F32, Precision::F16] {
        let run = small_run("mma", Made::Random(3), precision);
        for tokens in [&[0][..], &[2], &[0, 2], &[0, 1, 2]] {
            for heads in [&HEADS[..], &[0], &[1]] {
                check(&run, tokens, heads);
            }
        }
    }
}

/// Each pattern cut into two, at a column.
fn cut(run: &mut Run, at: usize) {
    for patterns in run.trace.patterns.values_mut() {
        let part = |pattern: &AttentionPattern, keys: std::ops::Range<usize>| {
            let mut weights = Vec::new();
            for head in &pattern.heads {
                for query in pattern.queries.clone() {
                    weights.extend(keys.clone().map(|key| pattern.get(*head, query, key).unwrap()));
                }
            }
            let (heads, queries) = (pattern.heads.clone(), pattern.queries.clone());
            AttentionPattern {
                heads,
                queries,
                keys,
                weights: Weights::new(weights, Precision::F32),
            }
        };
        let cut = |p: &AttentionPattern| [part(p, 0..at), part(p, at..p.keys.end)];
        *patterns = patterns.iter().flat_map(cut).collect();
    }
}

#[test]
fn a_row_that_was_recorded_in_parts_is_brought_together() {
    let mut run = small_run("mma", Made::Random(4), Precision::F32);
    cut(&mut run, 3);
    check(&run, &[0, 1, 2], &HEADS);
}

#[test]
fn a_row_of_which_a_part_was_not_recorded_is_named_where_it_is_asked_for() {
    let mut run = small_run("mma", Made::Random(4), Precision::F32);
    cut(&mut run, 3);
    let last = LEN + 1;
    let patterns = run.trace.patterns.get_mut(&site(Tower::Decoder, 1)).unwrap();
    patterns.retain(|pattern| !(pattern.queries.contains(&last) && pattern.keys.start == 3));
    let rows = AnswerRows::new(&run).unwrap();
    assert!(rows.mass(&run, &[0, 1], &Choice::All).is_ok());
    let expected = AnalysisError::MissingWeight {
        site: site(Tower::Decoder, 1),
        head: 0,
        query: last,
        key: 3,
    };
    assert_eq!(rows.mass(&run, &[0, 2], &Choice::All).unwrap_err(), expected);
    for (tokens, heads) in
        [(&[][..], Choice::All), (&[0], Choice::None), (&[0], Choice::Only(vec![7]))]
    {
        let error = rows.mass(&run, tokens, &heads).unwrap_err();
        assert!(matches!(error, AnalysisError::Nothing { .. }), "{error}");
    }
    // A token that the answer does not have.
    assert!(rows.mass(&run, &[9], &Choice::All).is_err());
}
