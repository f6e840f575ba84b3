//! The paper's five training methods on one world: same base, same data, same steps, several seeds.

use std::{
    collections::BTreeMap,
    fs,
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use serde::Serialize;

use super::{Eval, eval, write_whole};
use crate::{
    domain::AttentionMode,
    eval::{EvalProgress, EvalReport},
    model::ComputeDevice,
    train::{self, Method, Outcome, Pools, TrainProgress, TrainingConfig},
};

/// What the paper compares: causal, mixed (Show-o), concentric causal attention, dual-order training
/// and modality-mutual attention.
const METHODS: [Method; 5] = [
    Method::Attention(AttentionMode::Causal),
    Method::Attention(AttentionMode::Mixed),
    Method::Attention(AttentionMode::Concentric),
    Method::DualOrder,
    Method::Attention(AttentionMode::ModalityMutual),
];
const MAX_NEW_TOKENS: usize = 40;

/// What to compare.
#[derive(Clone, Debug)]
pub struct Methods {
    /// The TOML file.
    pub config: PathBuf,
    /// What all begin with: what the tower stage wrote, or captions.
    pub from: PathBuf,
    /// The questions that are asked.
    pub data: PathBuf,
    /// The folder of all models and reports.
    pub out: PathBuf,
    /// Seeds of the question stage.
    pub seeds: Vec<u64>,
}

/// How far a comparison is.
#[derive(Clone, Copy, Debug)]
pub enum MethodsProgress<'a> {
    /// A folder's training begins.
    Trains(&'a str),
    /// A step of it.
    Step(&'a TrainProgress),
    /// Questions were asked.
    Asked(&'a EvalProgress),
}

/// Told how far a comparison is; breaking stops it, and the same request goes on.
pub type OnMethods<'a> = &'a mut (dyn FnMut(MethodsProgress<'_>) -> ControlFlow<()> + Send);

/// One method's share of right answers to one kind of question, over seeds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OverSeeds {
    /// One share a seed, 0..=1, in the order of the seeds.
    pub by_seed: Vec<f64>,
    /// Their mean.
    pub mean: f64,
    /// Half of the 95 % interval of the mean over seeds (Student's t); none for a single seed.
    pub half_width: Option<f64>,
}

/// All methods, by kind of question.
#[derive(Clone, Debug, Serialize)]
pub struct MethodsTable {
    version: u32,
    /// Questions asked of each model.
    pub questions: usize,
    /// The seeds.
    pub seeds: Vec<u64>,
    /// Steps of the question stage; DOT makes twice as many.
    pub steps: usize,
    /// By the method's name, then by the kind of question (`all` for all).
    pub methods: BTreeMap<String, BTreeMap<String, OverSeeds>>,
    /// Differences of each method from causal, seed by seed, in the same way.
    pub minus_causal: BTreeMap<String, BTreeMap<String, OverSeeds>>,
}

impl OverSeeds {
    /// Summarizes one number a seed.
    ///
    /// ```text
    /// half width = t(0.975, n - 1) s / sqrt(n),  s^2 = sum (x - mean)^2 / (n - 1)
    /// ```
    pub fn new(by_seed: Vec<f64>) -> Self {
        // Student's t at 0.975 for 1, 2, .. 9 degrees of freedom; the normal one beyond.
        const T: [f64; 9] = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262];
        let n = by_seed.len();
        let mean = by_seed.iter().sum::<f64>() / n.max(1) as f64;
        let half_width = (n > 1).then(|| {
            let squares: f64 = by_seed.iter().map(|x| (x - mean).powi(2)).sum();
            let t = T.get(n - 2).copied().unwrap_or(1.96);
            t * (squares / (n - 1) as f64).sqrt() / (n as f64).sqrt()
        });
        Self { by_seed, mean, half_width }
    }
}

/// Trains what is not yet trained, asks, and writes `methods.json` and `methods.md`; `None` where it
/// was stopped.
///
/// # Errors
/// One line that says what is wrong, where, and what to do.
pub fn methods(
    request: &Methods,
    device: &ComputeDevice,
    on_progress: OnMethods<'_>,
) -> Result<Option<MethodsTable>> {
    let Methods { config, from, data, out, seeds } = request;
    let config = TrainingConfig::open(config)?;
    fs::create_dir_all(out).with_context(|| format!("cannot make {}", out.display()))?;
    let tracked = device.clone().with_gradients();
    let causal = Method::Attention(AttentionMode::Causal);
    // All begin with one tower, so its pictures are drawn and encoded once.
    let mut pools = Pools::default();
    let mut reports: BTreeMap<String, Vec<EvalReport>> = BTreeMap::new();
    for method in METHODS {
        // Both stages of DOT take both orders; all other methods share one base.
        let of_base = if method == Method::DualOrder { method } else { causal };
        let base = out.join(format!("base-{of_base}"));
        let done = is_trained(&base, on_progress, |on_step| {
            train::pretrain(&config, of_base, from, &base, &tracked, &mut pools, on_step)
        })?;
        if !done {
            return Ok(None);
        }
        for seed in seeds {
            let name = format!("{method}-{seed}");
            let folder = out.join(&name);
            let config = TrainingConfig { seed: *seed, ..config.clone() };
            let done = is_trained(&folder, on_progress, |on_step| {
                train::finetune(&config, method, &base, &folder, &tracked, &mut pools, on_step)
            })?;
            if !done {
                return Ok(None);
            }
            let asked = Eval {
                model: folder.display().to_string(),
                mode: method.answers_under(),
                data: data.clone(),
                out: out.join("reports").join(&name),
                max_new_tokens: MAX_NEW_TOKENS,
            };
            let report =
                eval(&asked, device.clone(), &mut |p| on_progress(MethodsProgress::Asked(&p)))?;
            reports.entry(method.to_string()).or_default().push(report);
        }
    }
    let table = MethodsTable::new(&reports, seeds, config.finetune.steps);
    let json = serde_json::to_string_pretty(&table).context("while writing the table")?;
    for (file, text) in [("methods.json", format!("{json}\n")), ("methods.md", table.markdown())] {
        let path = out.join(file);
        write_whole(&path, text.as_bytes())
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(Some(table))
}

/// Trains a folder unless it is a finished checkpoint; `false` where it was stopped.
fn is_trained(
    folder: &Path,
    on_progress: OnMethods<'_>,
    train: impl FnOnce(train::OnStep<'_>) -> Result<Outcome, train::TrainError>,
) -> Result<bool> {
    // The weights come last: until then a folder is no checkpoint.
    if folder.join("model.safetensors").exists() {
        return Ok(true);
    }
    if on_progress(MethodsProgress::Trains(&folder.display().to_string())).is_break() {
        return Ok(false);
    }
    let outcome = train(&mut |step| on_progress(MethodsProgress::Step(step)))
        .with_context(|| format!("while training {}", folder.display()))?;
    Ok(outcome == Outcome::Done)
}

impl MethodsTable {
    fn new(reports: &BTreeMap<String, Vec<EvalReport>>, seeds: &[u64], steps: usize) -> Self {
        let shares = |report: &EvalReport| -> BTreeMap<String, f64> {
            let kinds = report.by_type.iter().map(|(kind, share)| (kind.clone(), share.accuracy));
            kinds.chain([("all".to_owned(), report.overall.accuracy)]).collect()
        };
        let by_method: BTreeMap<&String, Vec<BTreeMap<String, f64>>> =
            reports.iter().map(|(name, of)| (name, of.iter().map(shares).collect())).collect();
        let summed = |of: &[BTreeMap<String, f64>], minus: Option<&[BTreeMap<String, f64>]>| {
            let kinds = of.first().map(|first| first.keys().cloned().collect::<Vec<_>>());
            let of_kind = |kind: String| {
                let value = |(i, shares): (usize, &BTreeMap<String, f64>)| {
                    let base = minus.map_or(0.0, |minus| minus[i][&kind]);
                    shares.get(&kind).map(|share| share - base)
                };
                let by_seed: Option<Vec<f64>> = of.iter().enumerate().map(value).collect();
                Some((kind.clone(), OverSeeds::new(by_seed?)))
            };
            kinds.unwrap_or_default().into_iter().filter_map(of_kind).collect()
        };
        let causal = by_method.get(&"causal".to_owned()).map(Vec::as_slice);
        let methods =
            by_method.iter().map(|(name, of)| ((*name).clone(), summed(of, None))).collect();
        let others = by_method.iter().filter(|(name, _)| *name.as_str() != *"causal");
        let minus_causal = match causal {
            Some(causal) => {
                others.map(|(name, of)| ((*name).clone(), summed(of, Some(causal)))).collect()
            }
            None => BTreeMap::new(),
        };
        let questions = reports.values().flatten().next().map_or(0, |report| report.questions);
        Self { version: 1, questions, seeds: seeds.to_vec(), steps, methods, minus_causal }
    }

    /// The table in Markdown, in percent: mean over seeds ± half of its 95 % interval.
    pub fn markdown(&self) -> String {
        let names: Vec<String> = METHODS.iter().map(ToString::to_string).collect();
        let kinds = self.methods.values().next().map(|of| of.keys().collect::<Vec<_>>());
        let mut kinds = kinds.unwrap_or_default();
        kinds.sort_by_key(|kind| (*kind == "all", (*kind).clone()));
        let cell = |of: &BTreeMap<String, BTreeMap<String, OverSeeds>>, name: &str, kind: &str| {
            let Some(value) = of.get(name).and_then(|kinds| kinds.get(kind)) else {
                return String::new();
            };
            let mean = 100.0 * value.mean;
            match value.half_width {
                Some(half) => format!("{mean:.1} ± {:.1}", 100.0 * half),
                None => format!("{mean:.1}"),
            }
        };
        let row = |label: &str, of: &BTreeMap<String, BTreeMap<String, OverSeeds>>, kind: &str| {
            let cells: Vec<String> = names.iter().map(|name| cell(of, name, kind)).collect();
            format!("| {label} | {} |", cells.join(" | "))
        };
        let mut lines = vec![
            format!("| percent right | {} |", names.join(" | ")),
            format!("|---|{}", "---|".repeat(names.len())),
        ];
        lines.extend(kinds.iter().map(|kind| row(kind, &self.methods, kind)));
        lines.push(row("all, minus causal", &self.minus_causal, "all"));
        lines.push(String::new());
        lines.join("\n")
    }
}
