//! A run that no model made: every word looks at a place of its own in the picture, by a formula, so that
//! windows can be drawn, timed and compared without a model and without a chance.

use std::{ops::Range, sync::Arc};

use aki_lens::{
    app::{
        Picture,
        jobs::{Answered, FirstLook, Moment, QuestionWords, TaggerChoice},
    },
    domain::{
        AttentionMode, AttentionPattern, AttentionPlan, AttentionSite, AttentionTrace, Ending,
        Grid, ImageFit, PositionedToken, Precision, Prompt, RecordSpec, Run, Segment,
        SequenceLayout, TaggedWord, Timing, Tower, TowerShape, TraceShapes, Weights,
    },
    text::{Tagger, align},
};

/// How large a model's blocks are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    /// Decoder layers and heads.
    pub(crate) decoder: [usize; 2],
    /// Resampler layers and heads.
    pub(crate) resampler: [usize; 2],
    /// Latents along a side of a square: places that the formula gives them.
    pub(crate) latents: usize,
    /// Patches along a side.
    pub(crate) patches: usize,
    /// Positions before the picture.
    pub(crate) prelude: usize,
    /// The side of the model's square, in pixels.
    pub(crate) side: u32,
    /// Tokens of the answer.
    pub(crate) answer: usize,
}

/// Like the embedded model's.
pub(crate) const SMALL: Shape = Shape {
    decoder: [4, 4],
    resampler: [2, 4],
    latents: 6,
    patches: 12,
    prelude: 3,
    side: 96,
    answer: 2,
};

/// The answer's tokens, as many times the first as there is room for; all but the last were read again.
const ANSWER: [&str; 2] = [" red", "<|end|>"];

/// A question as it was answered.
pub(crate) fn made_up(
    shape: Shape,
    question: &str,
    mode: AttentionMode,
    picture: Arc<Picture>,
) -> Answered {
    let words = Tagger::embedded().tag(question);
    let prompt = prompt(shape, question, &words);
    let layout = prompt.layout.clone();
    let (n_latents, n_patches) = (shape.latents.pow(2), shape.patches.pow(2));
    let plan = AttentionPlan::new(mode, &layout).unwrap();
    let n_written = shape.answer - 1;
    let tower = |[n_layers, n_heads]: [usize; 2], queries, keys| TowerShape {
        n_layers,
        n_heads,
        queries,
        keys,
    };
    let shapes = TraceShapes {
        vision: tower([2, 4], n_patches, n_patches),
        resampler: tower(shape.resampler, n_latents, n_patches + n_latents),
        decoder: tower(shape.decoder, layout.len(), layout.len()),
        n_generated: n_written,
    };
    let texts = [vec![ANSWER[0]; n_written], vec![ANSWER[1]]].concat();
    let spec = RecordSpec::picture_and_words(&layout, &shapes);
    let run = Run {
        mode,
        question: question.to_owned(),
        trace: trace(shape, &layout, &plan, &spec),
        prompt,
        plan,
        patches: Grid { rows: shape.patches, cols: shape.patches },
        fit: ImageFit { image: picture.image.size, model_side: shape.side },
        answer: texts[..n_written].concat().trim().to_owned(),
        answer_ids: (0..shape.answer as u32).collect(),
        answer_logprobs: [vec![-0.25; n_written], vec![-0.125]].concat(),
        ending: Ending::Stop,
        spec,
        timing: Timing { vision_secs: 0.1, prefill_secs: 0.2, decode_secs: 0.1 },
    };
    let alignment = align(&run.prompt, &words).unwrap();
    Answered {
        words: QuestionWords { tagger: TaggerChoice::Brill, words, alignment, notice: None },
        token_texts: texts.into_iter().map(str::to_owned).collect(),
        picture,
        model: "made up".to_owned(),
        weights: None,
        device: "no device".to_owned(),
        made: Moment::from_secs(1),
        warnings: Vec::new(),
        pointing: None,
        first_look: FirstLook::default(),
        turn: None,
        run,
    }
}

/// One token a word; behind the question three of a template.
fn prompt(shape: Shape, question: &str, words: &[TaggedWord]) -> Prompt {
    const TEMPLATE: [&str; 3] = ["<|end|>", "\n", "<|assistant|>"];
    let head = "<s>".repeat(shape.prelude);
    let picture = head.len()..head.len() + "<image>".len();
    let first = picture.end;
    let text = format!("{head}<image>{question}{}", TEMPLATE.concat());
    let n_latents = shape.latents.pow(2);
    let layout = SequenceLayout::new()
        .push(Segment::Prelude, shape.prelude)
        .push(Segment::Image, n_latents)
        .push(Segment::Question, words.len() + TEMPLATE.len());
    let mut ranges: Vec<(Segment, Range<usize>)> =
        (0..shape.prelude).map(|i| (Segment::Prelude, 3 * i..3 * i + 3)).collect();
    ranges.extend((0..n_latents).map(|_| (Segment::Image, picture.clone())));
    let of_word = |word: &TaggedWord| first + word.byte_range.start..first + word.byte_range.end;
    ranges.extend(words.iter().map(|word| (Segment::Question, of_word(word))));
    let mut at = first + question.len();
    for part in TEMPLATE {
        ranges.push((Segment::Question, at..at + part.len()));
        at += part.len();
    }
    let token = |(position, (segment, range)): (usize, (Segment, Range<usize>))| PositionedToken {
        position,
        id: position as u32,
        text: text[range.clone()].to_owned(),
        segment,
        byte_range: range,
    };
    let tokens: Vec<PositionedToken> = ranges.into_iter().enumerate().map(token).collect();
    Prompt {
        ids: vec![0; tokens.len() - n_latents + 1],
        image_index: shape.prelude,
        question_bytes: first..first + question.len(),
        tokens,
        layout,
        text,
    }
}

/// What the default recording keeps.
fn trace(
    shape: Shape,
    layout: &SequenceLayout,
    plan: &AttentionPlan,
    spec: &RecordSpec,
) -> AttentionTrace {
    let (len, image) = (layout.len(), layout.image());
    let (n_latents, n_patches) = (shape.latents.pow(2), shape.patches.pow(2));
    let mut trace = AttentionTrace::default();
    for layer in 0..shape.resampler[0] {
        // A latent reads the patches around its place, and other latents a little.
        let weight = |head: usize, latent: usize, key: usize| match key < n_patches {
            true => {
                let far = apart((latent, shape.latents), (key, shape.patches));
                1.0 / (1.0 + (2 + layer + head) as f32 * far)
            }
            false => 0.05,
        };
        let rows = pattern(shape.resampler[1], 0..n_latents, 0..n_patches + n_latents, &weight);
        trace.push(AttentionSite { tower: Tower::Resampler, layer }, rows);
    }
    for layer in 0..shape.decoder[0] {
        // A word and a latent pay each other the more the nearer the latent is to the word's place.
        let weight = |head: usize, query: usize, key: usize| {
            let is_open = query >= len || plan.mask.allows(query, key);
            // Without the block, words look at a smaller place.
            let is_narrow = plan.mode == AttentionMode::Causal;
            let sharp = (1 + (2 * layer + 3 * head) % 7 + 4 * usize::from(is_narrow)) as f32;
            let near = |latent: usize, word: usize| {
                let place = (7 * word + layer) % n_latents;
                1.0 / (0.1
                    + sharp * apart((latent - image.start, shape.latents), (place, shape.latents)))
            };
            match (is_open, image.contains(&query), image.contains(&key)) {
                (false, _, _) => 0.0,
                (_, false, true) => near(key, query),
                (_, true, false) if key >= image.end => near(query, key),
                _ => 0.5,
            }
        };
        let site = AttentionSite { tower: Tower::Decoder, layer };
        for block in &spec.decoder.blocks {
            let block = block.within(0..len, 0..len);
            trace.push(site, pattern(shape.decoder[1], block.queries, block.keys, &weight));
        }
        for query in len..len + shape.answer - 1 {
            trace.push(site, pattern(shape.decoder[1], query..query + 1, 0..query + 1, &weight));
        }
    }
    trace
}

/// The square of how far two places lie apart, each a number on a square of so many along its side; the
/// picture is 6 wide.
fn apart((a, side): (usize, usize), (b, other): (usize, usize)) -> f32 {
    let place = |i: usize, side: usize| {
        [i % side, i / side].map(|at| 6.0 * (at as f32 + 0.5) / side as f32)
    };
    let ([ax, ay], [bx, by]) = (place(a, side), place(b, other));
    (ax - bx) * (ax - bx) + (ay - by) * (ay - by)
}

/// Rows that sum to 1 over the keys that are kept.
fn pattern(
    n_heads: usize,
    queries: Range<usize>,
    keys: Range<usize>,
    weight: &dyn Fn(usize, usize, usize) -> f32,
) -> AttentionPattern {
    let mut weights = Vec::with_capacity(n_heads * queries.len() * keys.len());
    for head in 0..n_heads {
        for query in queries.clone() {
            let start = weights.len();
            weights.extend(keys.clone().map(|key| weight(head, query, key)));
            let sum: f32 = weights[start..].iter().sum();
            weights[start..].iter_mut().for_each(|weight| *weight /= sum.max(f32::MIN_POSITIVE));
        }
    }
    let weights = Weights::new(weights, Precision::F32);
    AttentionPattern { heads: (0..n_heads).collect(), queries, keys, weights }
}
