//! Times the way from a recorded run to the pixels of a map, on a made-up run of AKI-4B's size: the
//! decoder's 32 layers of 32 heads over 144 latents and 40 words, the resampler's 6 layers of 8 heads
//! of 144 latents over 729 patches and themselves, shown at 768 x 768.
//!
//! ```text
//! taskset -c 0 cargo bench --bench project
//! ```
//!
//! Everything runs on one thread. On a busy machine a clock on the wall counts what others do; so the
//! thread's own time on the processor is reported as well (on Linux): the mean of a batch, since the
//! system counts it in ticks, and of several batches the smallest.

#![expect(clippy::print_stdout, reason = "a benchmark reports")]

use std::{hint::black_box, time::Instant};

use aki_lens::{
    analysis::{
        AnalysisError, MapRequest, Projection, Projector, Reading, SinkPolicy, SinkRule, find_sinks,
    },
    domain::{
        AttentionMode, AttentionPattern, AttentionPlan, AttentionSite, AttentionTrace, Choice,
        Colormap, Ending, Grid, Heatmap, ImageFit, ImageSize, MapKind, PositionedToken, Precision,
        Prompt, RecordSpec, Run, Segment, SequenceLayout, Timing, TokenRow, Tower, TowerShape,
        TraceShapes, ValueScale, Weights, heatmap_rgba,
    },
};
use anyhow::{Context as _, Result};

const N_LAYERS: usize = 32;
const N_HEADS: usize = 32;
const N_LATENTS: usize = 144;
const N_PRELUDE: usize = 37;
const N_QUESTION: usize = 40;
const PATCHES: Grid = Grid { rows: 27, cols: 27 };
const RESAMPLER: (usize, usize) = (6, 8);
const N_ANSWER: usize = 17;
const SHOWN: ImageSize = ImageSize { width: 768, height: 768 };
const BATCHES: usize = 4;
const REPEATS: usize = 15;

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<()> {
    println!("milliseconds; {BATCHES} batches of {REPEATS} repetitions each");
    println!("| recorded in | what | processor | wall |");
    println!("|---|---|---|---|");
    for precision in [Precision::F32, Precision::F16] {
        let run = made_up_run(precision)?;
        first_projections(&run, precision)?;
        changes(&run, precision)?;
    }
    Ok(())
}

/// What a person waits for when a run is looked at for the first time.
fn first_projections(run: &Run, precision: Precision) -> Result<()> {
    let request = MapRequest::new(MapKind::LooksAt, vec![word(20)]);
    for projection in [Projection::LastLayer, Projection::MeanOfLayers, Projection::Composed] {
        let first = || {
            let projector = Projector::new(run, projection)?;
            Ok(pixels(&projector.map(run, &request)?, run))
        };
        report(precision, &format!("first map, {projection}"), first)?;
    }
    report(precision, "finding sinks, once a run", || Ok(find_sinks(run, SinkRule::default())?))
}

/// What a person waits for at each click after that.
fn changes(run: &Run, precision: Precision) -> Result<()> {
    let projector = Projector::new(run, Projection::Composed)?;
    let even: Vec<usize> = (0..N_LAYERS).step_by(2).collect();
    let choices = [
        ("all layers, all heads", Choice::All, Choice::All),
        ("one layer, all heads", Choice::Only(vec![17]), Choice::All),
        ("all layers, one head", Choice::All, Choice::Only(vec![5])),
        ("half of both", Choice::Only(even.clone()), Choice::Only(even)),
    ];
    let answered = MapKind::AnsweredFrom(TokenRow::WhileChoosing);
    let kinds = [
        (MapKind::ReadBy, vec![word(20)]),
        (MapKind::ReadBy, (8..24).map(word).collect()),
        (MapKind::LooksAt, vec![word(20)]),
        (MapKind::LooksAt, (8..24).map(word).collect()),
        (answered, vec![3]),
    ];
    let mut sinks = find_sinks(run, SinkRule { times_uniform: 0.0 })?;
    sinks.found.retain(|key| key.is_latent && key.position % 50 == 0);
    let sinks = SinkPolicy::Exclude(sinks);
    let mut worst: Option<(f64, String)> = None;
    for (kind, positions) in kinds {
        for (name, layers, heads) in &choices {
            for reading in Reading::ALL {
                let request = MapRequest {
                    layers: layers.clone(),
                    heads: heads.clone(),
                    reading,
                    sinks: sinks.clone(),
                    ..MapRequest::new(kind, positions.clone())
                };
                let map = || -> Result<Heatmap, AnalysisError> { projector.map(run, &request) };
                let times = times(|| Ok(pixels(&map()?, run)))?;
                let what =
                    format!("{kind}, {} rows or columns, {name}, {reading}", positions.len());
                if *name == "all layers, all heads" {
                    print_times(precision, &what, times);
                }
                if worst.as_ref().is_none_or(|(slowest, _)| times.processor > *slowest) {
                    worst = Some((times.processor, what));
                }
            }
        }
    }
    let (slowest, what) = worst.context("nothing was timed")?;
    println!("| {precision:?} | **slowest of 60 changes**: {what} | {slowest:.2} | |");
    let coverage: Vec<f32> = (0..PATCHES.len()).map(|patch| (patch % 3) as f32 / 2.0).collect();
    let all = MapRequest::new(MapKind::ReadBy, (0..N_QUESTION - 3).map(word).collect());
    report(precision, "a region's weight in each word, read by", || {
        Ok(projector.words(run, &all, &coverage)?)
    })?;
    let map = projector.map(run, &all)?;
    report(precision, "pixels alone", || Ok(pixels(&map, run)))
}

fn pixels(map: &Heatmap, run: &Run) -> Vec<u8> {
    let scale = ValueScale::over([map]).unwrap_or(ValueScale { low: 0.0, high: 1.0 });
    heatmap_rgba(map, |t| Colormap::Viridis.rgb(t), scale, &run.fit, SHOWN, 0.6)
}

fn report<T>(precision: Precision, what: &str, job: impl FnMut() -> Result<T>) -> Result<()> {
    print_times(precision, what, times(job)?);
    Ok(())
}

/// Milliseconds a repetition.
#[derive(Clone, Copy)]
struct Times {
    /// Of this thread on the processor: the mean of a batch, of all batches the smallest.
    processor: f64,
    /// By the clock, the smallest of all repetitions.
    wall: f64,
}

fn times<T>(mut job: impl FnMut() -> Result<T>) -> Result<Times> {
    let mut times = Times { processor: f64::INFINITY, wall: f64::INFINITY };
    for _ in 0..BATCHES {
        let (start, before) = (Instant::now(), on_processor());
        for _ in 0..REPEATS {
            let start = Instant::now();
            black_box(job()?);
            times.wall = times.wall.min(start.elapsed().as_secs_f64() * 1e3);
        }
        let spent = on_processor().zip(before).map(|(after, before)| after - before);
        let spent = spent.unwrap_or_else(|| start.elapsed().as_secs_f64() * 1e3);
        times.processor = times.processor.min(spent / REPEATS as f64);
    }
    Ok(times)
}

/// Milliseconds that this thread has run so far, where the system tells (Linux).
fn on_processor() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(stat.split_whitespace().next()?.parse::<f64>().ok()? / 1e6)
}

fn print_times(precision: Precision, what: &str, Times { processor, wall }: Times) {
    println!("| {precision:?} | {what} | {processor:.2} | {wall:.2} |");
}

/// The position of a word of the question.
fn word(number: usize) -> usize {
    N_PRELUDE + N_LATENTS + number
}

/// Weights that differ and are no more regular than real ones.
struct Chance(u64);

impl Chance {
    /// In 0.5..1.5.
    fn next(&mut self) -> f32 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        0.5 + (self.0 >> 40) as f32 / (1 << 24) as f32
    }
}

/// What the default recording keeps of a run, with made-up weights.
fn made_up_run(precision: Precision) -> Result<Run> {
    let layout = SequenceLayout::new()
        .push(Segment::Prelude, N_PRELUDE)
        .push(Segment::Image, N_LATENTS)
        .push(Segment::Question, N_QUESTION);
    let len = layout.len();
    let plan = AttentionPlan::new(AttentionMode::ModalityMutual, &layout)?;
    let n_keys = PATCHES.len() + N_LATENTS;
    let (n_layers, n_heads) = RESAMPLER;
    let shape = |n_layers, n_heads, queries, keys| TowerShape { n_layers, n_heads, queries, keys };
    let shapes = TraceShapes {
        vision: shape(27, 16, PATCHES.len(), PATCHES.len()),
        resampler: shape(n_layers, n_heads, N_LATENTS, n_keys),
        decoder: shape(N_LAYERS, N_HEADS, len, len),
        n_generated: N_ANSWER - 1,
    };
    let spec = RecordSpec { precision, ..RecordSpec::picture_and_words(&layout, &shapes) };
    let mut chance = Chance(1);
    let mut trace = AttentionTrace::default();
    for layer in 0..n_layers {
        let site = AttentionSite { tower: Tower::Resampler, layer };
        let rows = pattern(&mut chance, n_heads, 0..N_LATENTS, 0..n_keys, precision, |_, _| true);
        trace.push(site, rows);
    }
    for layer in 0..N_LAYERS {
        let site = AttentionSite { tower: Tower::Decoder, layer };
        for block in &spec.decoder.blocks {
            let block = block.within(0..len, 0..len);
            let is_open = |query, key| plan.mask.allows(query, key);
            let rows = pattern(&mut chance, N_HEADS, block.queries, block.keys, precision, is_open);
            trace.push(site, rows);
        }
        for query in len..len + N_ANSWER - 1 {
            let rows = query..query + 1;
            trace.push(
                site,
                pattern(&mut chance, N_HEADS, rows, 0..query + 1, precision, |_, _| true),
            );
        }
    }
    Ok(Run {
        mode: AttentionMode::ModalityMutual,
        question: String::new(),
        prompt: prompt(layout),
        plan,
        patches: PATCHES,
        fit: ImageFit { image: ImageSize { width: 1536, height: 1024 }, model_side: 384 },
        answer: String::new(),
        answer_ids: vec![0; N_ANSWER],
        answer_logprobs: vec![0.0; N_ANSWER],
        ending: Ending::Stop,
        spec,
        trace,
        timing: Timing::default(),
    })
}

/// Rows that sum to 1, over the keys that are kept.
fn pattern(
    chance: &mut Chance,
    n_heads: usize,
    queries: std::ops::Range<usize>,
    keys: std::ops::Range<usize>,
    precision: Precision,
    is_open: impl Fn(usize, usize) -> bool,
) -> AttentionPattern {
    let mut weights = Vec::with_capacity(n_heads * queries.len() * keys.len());
    for _ in 0..n_heads {
        for query in queries.clone() {
            let start = weights.len();
            weights.extend(
                keys.clone().map(|key| if is_open(query, key) { chance.next() } else { 0.0 }),
            );
            let row = &mut weights[start..];
            let sum = row.iter().sum::<f32>().max(1.0);
            for weight in row {
                *weight /= sum;
            }
        }
    }
    let weights = Weights::new(weights, precision);
    AttentionPattern { heads: (0..n_heads).collect(), queries, keys, weights }
}

/// A prompt whose tokens have a byte each; the last three of the question are template.
fn prompt(layout: SequenceLayout) -> Prompt {
    let len = layout.len();
    let token = |position: usize| PositionedToken {
        position,
        id: 0,
        text: "x".to_owned(),
        segment: layout.segment_of(position).unwrap_or(Segment::Cue),
        byte_range: position..position + 1,
    };
    Prompt {
        text: "x".repeat(len),
        ids: vec![0; len - N_LATENTS + 1],
        image_index: N_PRELUDE,
        question_bytes: word(0)..word(N_QUESTION - 3),
        tokens: (0..len).map(token).collect(),
        layout,
    }
}
