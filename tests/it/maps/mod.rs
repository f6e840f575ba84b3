//! Maps, their way back to the picture, and what stands beside them: on traces small enough to be
//! worked out by hand, on random ones, and on the specimen.

mod answer_rows;
mod beside;
mod kinds;
mod pixels;
mod projections;
mod regions;
mod specimen;

use aki_lens::domain::{
    AttentionMode, AttentionPattern, AttentionPlan, AttentionSite, AttentionTrace, Ending, Grid,
    ImageFit, ImageSize, PositionedToken, Precision, Prompt, RecordSpec, Run, Segment,
    SequenceLayout, Timing, Tower, Weights,
};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

/// How the weights of a small run are made.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Made {
    /// Every row pays all keys it may attend to the same.
    Uniform,
    /// Random weights, from a seed.
    Random(u64),
}

/// Two layers of two heads; six patches; the prompt is `<s>`, three latents, "red", " cat", "\n";
/// the answer has three tokens, two of which were read again. Everything is recorded.
const N_LAYERS: usize = 2;
const HEADS: [usize; 2] = [0, 1];
const PATCHES: Grid = Grid { rows: 2, cols: 3 };
const N_LATENTS: usize = 3;
const LATENTS: std::ops::Range<usize> = 1..4;
const RED: usize = 4;
const CAT: usize = 5;
const MARKER: usize = 6;
const LEN: usize = 7;
const N_READ_AGAIN: usize = 2;

fn site(tower: Tower, layer: usize) -> AttentionSite {
    AttentionSite { tower, layer }
}

fn small_prompt(mode: AttentionMode) -> Prompt {
    let layout = SequenceLayout::new().push(Segment::Prelude, 1);
    let layout = match mode {
        AttentionMode::TextFirst => {
            layout.push(Segment::Question, 3).push(Segment::Image, N_LATENTS)
        }
        _ => layout.push(Segment::Image, N_LATENTS).push(Segment::Question, 3),
    };
    let (text, question_bytes) = match mode {
        AttentionMode::TextFirst => ("<s>red cat\n<image>", 3..10),
        _ => ("<s><image>red cat\n", 10..17),
    };
    let mut tokens = Vec::new();
    let mut words = ["red", " cat", "\n"].into_iter();
    let mut start = 0;
    for position in 0..LEN {
        let segment = layout.segment_of(position).unwrap();
        let (token, end) = match segment {
            Segment::Prelude => ("<s>", start + 3),
            Segment::Image => ("<image>", text.find("<image>").unwrap() + 7),
            _ => words.next().map(|word| (word, start + word.len())).unwrap(),
        };
        let from = if segment == Segment::Image { text.find("<image>").unwrap() } else { start };
        tokens.push(PositionedToken {
            position,
            id: position as u32,
            text: token.to_owned(),
            segment,
            byte_range: from..end,
        });
        start = end;
    }
    Prompt {
        text: text.to_owned(),
        ids: vec![0; 5],
        image_index: 1,
        question_bytes,
        tokens,
        layout,
    }
}

/// Weights over some keys that sum to 1; closed ones are exactly 0.
fn row(made: Made, rng: &mut ChaCha8Rng, open: &[bool]) -> Vec<f64> {
    let raw: Vec<f64> = open
        .iter()
        .map(|open| match made {
            _ if !open => 0.0,
            Made::Uniform => 1.0,
            Made::Random(_) => (4.0 * rng.random::<f64>()).exp(),
        })
        .collect();
    let sum: f64 = raw.iter().sum();
    raw.into_iter().map(|weight| weight / sum).collect()
}

fn pattern(
    made: Made,
    rng: &mut ChaCha8Rng,
    queries: std::ops::Range<usize>,
    n_keys: usize,
    precision: Precision,
    is_open: impl Fn(usize, usize) -> bool,
) -> AttentionPattern {
    let mut weights = Vec::new();
    for _ in HEADS {
        for query in queries.clone() {
            let open: Vec<bool> = (0..n_keys).map(|key| is_open(query, key)).collect();
            weights.extend(row(made, rng, &open).into_iter().map(|w| w as f32));
        }
    }
    let weights = Weights::new(weights, precision);
    AttentionPattern { heads: HEADS.to_vec(), queries, keys: 0..n_keys, weights }
}

/// A small run whose decoder has the given weights; the towers before it have random ones.
pub(crate) fn small_run(mode: &str, decoder: Made, precision: Precision) -> Run {
    let mode: AttentionMode = mode.parse().unwrap();
    let prompt = small_prompt(mode);
    let plan = AttentionPlan::new(mode, &prompt.layout).unwrap();
    run_of(prompt, plan, decoder, precision)
}

/// A small run under a plan.
fn run_of(prompt: Prompt, plan: AttentionPlan, decoder: Made, precision: Precision) -> Run {
    let seed = if let Made::Random(seed) = decoder { seed } else { 0 };
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let rng = &mut rng;
    let mut trace = AttentionTrace::default();
    let n_patches = PATCHES.len();
    let random = Made::Random(seed);
    for layer in 0..N_LAYERS {
        let vision = pattern(random, rng, 0..n_patches, n_patches, precision, |_, _| true);
        trace.push(site(Tower::Vision, layer), vision);
        let n_keys = n_patches + N_LATENTS;
        let resampler = pattern(random, rng, 0..N_LATENTS, n_keys, precision, |_, _| true);
        trace.push(site(Tower::Resampler, layer), resampler);
        let mask = plan.mask_of_layer(layer);
        let decoder_site = site(Tower::Decoder, layer);
        let allows = |query: usize, key: usize| mask.allows(query, key);
        trace.push(decoder_site, pattern(decoder, rng, 0..LEN, LEN, precision, allows));
        for query in LEN..LEN + N_READ_AGAIN {
            let blocked = plan.blocked_while_decoding(query, layer);
            let allows = |_: usize, key: usize| !blocked.contains(&key);
            let row = pattern(decoder, rng, query..query + 1, query + 1, precision, allows);
            trace.push(decoder_site, row);
        }
    }
    Run {
        mode: plan.mode,
        question: "red cat".to_owned(),
        prompt,
        plan,
        patches: PATCHES,
        fit: ImageFit { image: ImageSize { width: 60, height: 20 }, model_side: 7 },
        answer: "a b".to_owned(),
        answer_ids: vec![1, 2, 3],
        answer_logprobs: vec![-0.1; 3],
        ending: Ending::Stop,
        spec: RecordSpec::everything(),
        trace,
        timing: Timing::default(),
    }
}

/// The mean over all layers and heads of one weight of the decoder.
fn mean_weight(run: &Run, query: usize, key: usize) -> f64 {
    let sites = (0..N_LAYERS).flat_map(|layer| HEADS.map(|head| (layer, head)));
    let weight = |(layer, head)| {
        f64::from(run.trace.get(site(Tower::Decoder, layer), head, query, key).unwrap())
    };
    sites.map(weight).sum::<f64>() / (N_LAYERS * HEADS.len()) as f64
}

#[track_caller]
fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
}
