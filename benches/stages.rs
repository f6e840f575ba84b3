//! Times the stages of one question on a checkpoint of AKI-4B's shape: our side of
//! `benches/compare.py`, whose other side is `benches/reference_torch.py`.
//!
//! ```text
//! cargo bench --bench stages -- run --checkpoint DIR [--device cpu] [--dtype bf16] [--threads 2]
//!     [--prompt 220] [--decode 16] [--repeat 5] --json OUT
//! ```
//!
//! Both sides build the same input from the formulas at the head of `reference_torch.py`, read the
//! same files and write the same JSON; the ids and logits they reach are compared, too.

#![expect(clippy::print_stdout, reason = "a benchmark reports")]

use std::{collections::BTreeMap, fs, ops::ControlFlow, path::PathBuf, time::Instant};

use aki_lens::{
    domain::{
        AttentionMode, AttentionPlan, AttentionSite, PixelInput, Prompt, RecordSpec, Tower,
        TowerSpec,
    },
    inference::{Asked, Engine},
    model::{ComputeDevice, DeviceChoice, Dtype, KvCache, Latents, TraceRecorder},
};
use anyhow::{Context as _, Result, ensure};
use clap::Parser;
use serde_json::{Value, json};

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const IMAGE_AT: usize = 28;
const IMAGE: u32 = 32012;
const END: u32 = 32001;

#[derive(Parser)]
struct Args {
    #[arg(value_parser = ["run"], default_value = "run")]
    _command: String,
    #[arg(long)]
    checkpoint: PathBuf,
    #[arg(long, default_value = "cpu")]
    device: DeviceChoice,
    #[arg(long)]
    dtype: Option<Dtype>,
    #[arg(long, default_value_t = 2)]
    threads: usize,
    #[arg(long, default_value_t = 220)]
    prompt: usize,
    #[arg(long, default_value_t = 16)]
    decode: usize,
    #[arg(long, default_value_t = 5)]
    repeat: usize,
    #[arg(long)]
    json: PathBuf,
    /// Cargo passes this to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

/// Wall and process seconds of every round, by stage.
#[derive(Default)]
struct Stages(BTreeMap<&'static str, Vec<[f64; 2]>>);

impl Stages {
    fn time<T>(
        &mut self,
        stage: &'static str,
        parts: usize,
        work: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        let (start, cpu) = (Instant::now(), process_secs());
        let result = work()?;
        let parts = parts as f64;
        let seconds = [start.elapsed().as_secs_f64() / parts, (process_secs() - cpu) / parts];
        self.0.entry(stage).or_default().push(seconds);
        Ok(result)
    }

    fn json(&self) -> Value {
        let stage = |(name, rounds): (&&str, &Vec<[f64; 2]>)| {
            let sorted = |which: usize| {
                let mut values: Vec<f64> = rounds.iter().map(|r| r[which]).collect();
                values.sort_by(f64::total_cmp);
                (values[0], values[values.len() / 2])
            };
            let ((min, median), (cpu_min, cpu_median)) = (sorted(0), sorted(1));
            let n = rounds.len();
            let value = json!({"min": min, "median": median, "n": n, "cpu_min": cpu_min, "cpu_median": cpu_median});
            ((*name).to_owned(), value)
        };
        Value::Object(self.0.iter().map(stage).collect())
    }
}

/// Processor seconds of this process, over all threads; 0 where the system does not tell.
fn process_secs() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
    let ticks = |i: usize| fields.get(i).and_then(|f| f.parse::<f64>().ok()).unwrap_or(0.0);
    // Fields 14 and 15 of proc(5), counted from after the name; 100 ticks a second on Linux.
    (ticks(11) + ticks(12)) / 100.0
}

fn peak_rss_bytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|l| l.starts_with("VmHWM:")).unwrap_or("");
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) * 1024
}

fn pixels(side: usize) -> PixelInput {
    let value =
        |c: usize, y: usize, x: usize| ((31 * x + 17 * y + 101 * c) % 255) as f32 / 127.5 - 1.0;
    let values =
        (0..3 * side * side).map(|i| value(i / (side * side), i / side % side, i % side)).collect();
    PixelInput { side, values }
}

fn prompt(engine: &Engine, positions: usize) -> Result<Prompt> {
    let n_text = positions - engine.network().config().resampler.n_latents + 1;
    let mut ids: Vec<u32> = (0..n_text as u32).map(|i| (7 * i + 13) % 32000).collect();
    ids[IMAGE_AT] = IMAGE;
    ids[n_text - 1] = END;
    Ok(engine.prompt(&Asked::Ids(ids), AttentionMode::ModalityMutual)?)
}

fn argmax(logits: &[f32]) -> u32 {
    let best = (0..logits.len()).max_by(|a, b| logits[*a].total_cmp(&logits[*b]).then(b.cmp(a)));
    best.unwrap_or(0) as u32
}

/// One network, one prompt, and what the stages hand to each other.
struct Bench {
    engine: Engine,
    device: ComputeDevice,
    prompt: Prompt,
    plan: AttentionPlan,
    pixels: PixelInput,
    n_decode: usize,
}

impl Bench {
    fn recorder(&self, tower: Option<Tower>, generated_rows: bool) -> TraceRecorder<'static> {
        let mut spec = RecordSpec { generated_rows, ..RecordSpec::nothing() };
        match tower {
            Some(Tower::Resampler) => spec.resampler = TowerSpec::all(),
            Some(Tower::Decoder) => spec.decoder = TowerSpec::all(),
            _ => {}
        }
        TraceRecorder::new(spec, self.prompt.layout.len())
    }

    fn prefill(
        &self,
        latents: &Latents,
        recorder: &mut TraceRecorder<'_>,
    ) -> Result<(Vec<f32>, KvCache)> {
        let mut cache = self.engine.network().new_cache();
        let network = self.engine.network();
        let logits = network.prefill(latents, &self.prompt, &self.plan, &mut cache, recorder)?;
        Ok((logits, cache))
    }

    fn decode(
        &self,
        first: u32,
        cache: &mut KvCache,
        recorder: &mut TraceRecorder<'_>,
    ) -> Result<Vec<u32>> {
        let mut written = vec![first];
        for _ in 0..self.n_decode {
            let token = written[written.len() - 1];
            let network = self.engine.network();
            let logits = network.decode_step(token, &self.plan, cache, &self.device, recorder)?;
            written.push(argmax(&logits));
        }
        Ok(written)
    }

    /// All stages once. Returns the logits of the prompt's last position and the greedy tokens.
    fn round(&self, stages: &mut Stages) -> Result<(Vec<f32>, Vec<u32>, Value)> {
        let network = self.engine.network();
        let mut silent = self.recorder(None, false);
        let patches = stages.time("vision_s", 1, || {
            let patches = network.encode_patches(&self.pixels, &self.device, &mut silent)?;
            // Reading a value back is what makes a card finish.
            ensure!(patches.values()[0].is_finite(), "vision tower");
            Ok(patches)
        })?;
        let mut recorder = self.recorder(Some(Tower::Resampler), false);
        let latents = stages.time("resampler_s", 1, || {
            let latents = network.resample(&patches, &mut recorder)?;
            ensure!(latents.values()[0].is_finite(), "resampler");
            Ok(latents)
        })?;
        let (logits, mut cache) =
            stages.time("prefill_s", 1, || self.prefill(&latents, &mut silent))?;
        let first = argmax(&logits);
        let n = self.n_decode;
        let decoded =
            stages.time("decode_s_per_token", n, || self.decode(first, &mut cache, &mut silent))?;
        let mut recorder = self.recorder(Some(Tower::Decoder), true);
        let (recorded, mut cache) =
            stages.time("prefill_recorded_s", 1, || self.prefill(&latents, &mut recorder))?;
        ensure!(recorded == logits, "recording changed the logits");
        let again = stages.time("decode_recorded_s_per_token", n, || {
            self.decode(first, &mut cache, &mut recorder)
        })?;
        ensure!(again == decoded, "recording changed the answer");
        Ok((logits, decoded, self.check_patterns(recorder)))
    }

    fn check_patterns(&self, recorder: TraceRecorder<'_>) -> Value {
        let (trace, _) = recorder.into_parts();
        let (mut row_error, mut masked) = (0.0f64, 0.0f32);
        let site = AttentionSite { tower: Tower::Decoder, layer: 0 };
        for pattern in trace.patterns.get(&site).into_iter().flatten() {
            for (head, query) in
                pattern.heads.iter().flat_map(|h| pattern.queries.clone().map(move |q| (*h, q)))
            {
                let row = pattern
                    .keys
                    .clone()
                    .filter_map(|key| Some((key, pattern.get(head, query, key)?)));
                row_error = row_error
                    .max((row.clone().map(|(_, w)| f64::from(w)).sum::<f64>() - 1.0).abs());
                if query < self.plan.mask.len() {
                    let blocked = row.filter(|(key, _)| !self.plan.mask.allows(query, *key));
                    masked = blocked.map(|(_, w)| w).fold(masked, f32::max);
                }
            }
        }
        json!({"max_row_sum_error": row_error, "max_masked": masked, "recorded_bytes": trace.bytes()})
    }
}

fn main() -> Result<()> {
    let args = Args::parse();
    rayon::ThreadPoolBuilder::new().num_threads(args.threads).build_global()?;
    let (device, _) = ComputeDevice::open(args.device)?;
    let mut stages = Stages::default();
    let open = || {
        Ok(Engine::open(&args.checkpoint, device.clone(), args.dtype, &mut |_| {
            ControlFlow::Continue(())
        })?)
    };
    let engine = stages.time("load_s", 1, open)?;
    let prompt = prompt(&engine, args.prompt)?;
    let plan = AttentionPlan::new(AttentionMode::ModalityMutual, &prompt.layout)?;
    let pixels = pixels(engine.network().config().vision.image_side);
    let bench = Bench { engine, device, prompt, plan, pixels, n_decode: args.decode };
    bench.round(&mut Stages::default()).context("warm-up")?;
    let mut reached = None;
    for _ in 0..args.repeat {
        reached = Some(bench.round(&mut stages)?);
    }
    let (logits, decoded, attention) = reached.context("--repeat must be at least 1")?;
    let mut best: Vec<usize> = (0..logits.len()).collect();
    best.sort_by(|a, b| logits[*b].total_cmp(&logits[*a]));
    let probe: Vec<Value> = (0..=32000).step_by(1000).map(|id| json!([id, logits[id]])).collect();
    let config = bench.engine.network().config();
    let report = json!({
        "program": concat!("aki-lens ", env!("CARGO_PKG_VERSION")),
        "dtype": bench.engine.loaded().dtype.to_string(),
        "device": bench.device.to_string(),
        "threads": args.threads, "prompt": args.prompt, "decode": args.decode, "repeat": args.repeat,
        "layers": config.decoder.n_layers, "vision_layers": config.vision.n_layers,
        "resampler_depth": config.resampler.n_layers,
        "stages": stages.json(),
        "peak_rss_bytes": peak_rss_bytes(),
        "top5": best[..5].iter().map(|id| json!([id, logits[*id]])).collect::<Vec<_>>(),
        "probe": probe,
        "attention": attention,
        "decoded": &decoded[..args.decode],
    });
    fs::write(&args.json, serde_json::to_string_pretty(&report)?)?;
    for (stage, value) in report["stages"].as_object().into_iter().flatten() {
        println!("{stage:30} min {:9.4} s  median {:9.4} s", value["min"], value["median"]);
    }
    println!("peak {:.2} GB", peak_rss_bytes() as f64 / 1e9);
    Ok(())
}
