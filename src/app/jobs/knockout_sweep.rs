//! One knock-out after another: which word, bucket, region or layer does an answer need?

use std::{collections::BTreeSet, fmt, str::FromStr};

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};

use super::{
    asked_report::AskedReport,
    knock_parts::{Part, Places, RegionParts, knock_outs, n_open},
    knockout::{Knockout, layers_of, nothing_to_take, region_parts},
    steps::Steps,
    subject::{Subject, open_engine},
};
use crate::{
    analysis::{draw_from, rank_among},
    domain::{Bucket, OnProgress, RecordSpec, Segment},
    inference::{Asked, RunRequest},
    model::ComputeDevice,
};

/// What a sweep goes through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SweepOver {
    /// The question's words, as columns.
    Words,
    /// The buckets of its words, as columns.
    Buckets,
    /// The picture's regions, in the place of `image` among rows or columns.
    Regions,
    /// Windows of layers.
    Layers,
}

impl FromStr for SweepOver {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let known = [Self::Words, Self::Buckets, Self::Regions, Self::Layers];
        let found = known.into_iter().find(|over| over.to_string() == name);
        found.ok_or_else(|| {
            format!("unknown sweep \"{name}\": choose words, buckets, regions or layers")
        })
    }
}

impl fmt::Display for SweepOver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Words => "words",
            Self::Buckets => "buckets",
            Self::Regions => "regions",
            Self::Layers => "layers",
        })
    }
}

/// A sweep, and how its control is drawn.
#[derive(Clone, Debug)]
pub struct KnockoutSweep {
    /// What stays the same; of rows and columns, the swept one is replaced.
    pub knockout: Knockout,
    /// What is gone through.
    pub over: SweepOver,
    /// Layers of a window; `None` for a quarter of the decoder.
    pub window: Option<usize>,
    /// Random sets of as many positions, for each entry.
    pub draws: usize,
    /// Where the random numbers start.
    pub seed: u64,
}

/// What as many positions at random do to the answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ControlReport {
    /// Random sets that were taken away instead.
    pub draws: usize,
    /// Mean change of log-probability over them.
    pub mean: f64,
    /// The lowest.
    pub low: f64,
    /// The highest.
    pub high: f64,
    /// `(1 + draws that hurt at least as much) / (1 + draws)`: small where this entry matters more
    /// than its number of positions.
    pub rank: f64,
}

/// One entry of a sweep.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SweepEntry {
    /// As a person calls it.
    pub label: String,
    /// Positions that it has, as rows or columns.
    pub n_positions: usize,
    /// Pairs of row and column that were open and were closed, in each layer.
    pub closed_pairs: usize,
    /// Change of the answer's log-probability, all chosen layers together; `None` where the mask
    /// had closed everything before.
    pub change: Option<f64>,
    /// The same for each window of layers.
    pub by_window: Vec<Option<f64>>,
    /// What is answered then.
    pub answer: String,
    /// Whether that is another answer.
    pub answer_changed: bool,
    /// As many positions at random, in all chosen layers; `None` where there are not as many.
    pub control: Option<ControlReport>,
}

/// A sweep as `knockout --sweep --json` tells it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KnockoutSweepReport {
    version: u32,
    /// Who was asked what.
    #[serde(flatten)]
    pub asked: AskedReport,
    /// The answer before anything was taken away.
    pub answer: String,
    /// Its log-probability in nats.
    pub logprob: f64,
    /// What was gone through.
    pub over: SweepOver,
    /// The rows; of regions in their place, `image`.
    pub rows: String,
    /// The columns; of words and buckets, the question.
    pub columns: String,
    /// The decoder layers.
    pub layers: Vec<usize>,
    /// Windows of them, first and last layer.
    pub windows: Vec<[usize; 2]>,
    /// What the control is drawn from.
    pub control_pool: String,
    /// Where its random numbers start.
    pub seed: u64,
    /// The entries, in the order of the question or of the file.
    pub entries: Vec<SweepEntry>,
    /// What should be known of how this came about.
    pub warnings: Vec<String>,
}

/// What is taken away for one entry.
struct Entry {
    label: String,
    rows: BTreeSet<usize>,
    columns: BTreeSet<usize>,
    /// Positions that the control draws from; none where there is nothing to draw.
    pool: Vec<usize>,
    sweeps_rows: bool,
}

impl Entry {
    fn swept(&self) -> &BTreeSet<usize> {
        if self.sweeps_rows { &self.rows } else { &self.columns }
    }

    /// Rows and columns with the swept ones replaced.
    fn with(&self, swept: BTreeSet<usize>) -> (BTreeSet<usize>, BTreeSet<usize>) {
        match self.sweeps_rows {
            true => (swept, self.columns.clone()),
            false => (self.rows.clone(), swept),
        }
    }
}

/// Loads the model, answers, and sweeps.
///
/// # Errors
/// One line that says what is wrong, where, and what to do.
pub fn knockout_sweep(
    request: &KnockoutSweep,
    device: ComputeDevice,
    on_progress: OnProgress<'_>,
) -> Result<KnockoutSweepReport> {
    let asked = &request.knockout.subject;
    let (engine, image, folder) = open_engine(asked, device, on_progress)?;
    let subject = Subject::ask(&engine, &folder, image, asked, on_progress)?;
    knockout_sweep_of(&subject, request, on_progress)
}

/// Sweeps over a question that was answered.
///
/// # Errors
/// A part that the prompt does not have; nothing to take away anywhere; `stopped`.
pub fn knockout_sweep_of(
    subject: &Subject<'_>,
    request: &KnockoutSweep,
    on_progress: OnProgress<'_>,
) -> Result<KnockoutSweepReport> {
    let knockout = &request.knockout;
    let mut warnings = subject.warnings.clone();
    let regions = region_parts(subject, &knockout.regions, knockout.region_share, &mut warnings)?;
    let (entries, passed_over) = entries_of(subject, request, regions.as_ref())?;
    warnings.extend(passed_over);
    let layers = layers_of(subject, &knockout.layers)?;
    let windows = windows_of(&layers, request);
    let open = |entry: &Entry| n_open(subject, &entry.rows, &entry.columns);
    if entries.iter().all(|entry| open(entry) == 0) {
        bail!("{}", nothing_to_take(subject, &knockout.rows, &knockout.columns));
    }
    let passes = |entry: &Entry| match open(entry) {
        0 => 0,
        _ => 2 + windows.len() + control_draws(entry, request),
    };
    let n_passes = entries.iter().map(passes).sum();
    let mut steps = Steps::new("knocking out", n_passes, on_progress);
    let mut told = Vec::with_capacity(entries.len());
    for (i, entry) in entries.iter().enumerate() {
        let seed = request.seed.wrapping_add((i as u64) << 32);
        let pass = EntryPass { subject, request, layers: &layers, windows: &windows, seed };
        told.push(match open(entry) {
            0 => pass.closed(entry),
            closed_pairs => pass.run(entry, closed_pairs, &mut steps)?,
        });
    }
    let [rows, columns] = match (request.over, entries.first().is_some_and(|e| e.sweeps_rows)) {
        (SweepOver::Words, _) => {
            [knockout.rows.to_string(), "each word of the question".to_owned()]
        }
        (SweepOver::Buckets, _) => [knockout.rows.to_string(), "each bucket of words".to_owned()],
        (SweepOver::Regions, true) => {
            ["the latents of each region".to_owned(), knockout.columns.to_string()]
        }
        (SweepOver::Regions, false) => {
            [knockout.rows.to_string(), "the latents of each region".to_owned()]
        }
        (SweepOver::Layers, _) => [knockout.rows.to_string(), knockout.columns.to_string()],
    };
    Ok(KnockoutSweepReport {
        version: 1,
        asked: AskedReport::of(subject),
        answer: subject.run.answer.clone(),
        logprob: subject.score.total(),
        over: request.over,
        rows,
        columns,
        layers,
        windows: windows.iter().map(|w| [w[0], w[w.len() - 1]]).collect(),
        control_pool: match request.over {
            SweepOver::Regions => "other latents, as many".to_owned(),
            _ => "other words' tokens, as many".to_owned(),
        },
        seed: request.seed,
        entries: told,
        warnings,
    })
}

/// Windows of layers: side by side, or for a sweep over layers each that there is.
fn windows_of(layers: &[usize], request: &KnockoutSweep) -> Vec<Vec<usize>> {
    let quarter = layers.len().div_ceil(4);
    let width = request.window.unwrap_or(quarter).clamp(1, layers.len().max(1));
    match request.over {
        SweepOver::Layers => layers.windows(width).map(<[usize]>::to_vec).collect(),
        _ => layers.chunks(width).map(<[usize]>::to_vec).collect(),
    }
}

fn control_draws(entry: &Entry, request: &KnockoutSweep) -> usize {
    if entry.pool.len() < entry.swept().len() { 0 } else { request.draws }
}

/// What the passes of one entry share.
struct EntryPass<'a> {
    subject: &'a Subject<'a>,
    request: &'a KnockoutSweep,
    layers: &'a [usize],
    windows: &'a [Vec<usize>],
    seed: u64,
}

impl EntryPass<'_> {
    /// An entry that the mask had closed before: there is nothing to measure.
    fn closed(&self, entry: &Entry) -> SweepEntry {
        SweepEntry {
            label: entry.label.clone(),
            n_positions: entry.swept().len(),
            closed_pairs: 0,
            change: None,
            by_window: vec![None; self.windows.len()],
            answer: self.subject.run.answer.clone(),
            answer_changed: false,
            control: None,
        }
    }

    fn run(&self, entry: &Entry, closed_pairs: usize, steps: &mut Steps<'_>) -> Result<SweepEntry> {
        let subject = self.subject;
        let before = subject.score.total();
        let mut change = |rows: &BTreeSet<usize>, columns: &BTreeSet<usize>, layers: &[usize]| {
            let taken = knock_outs(subject, rows, columns, layers)?;
            let score = steps.step(|on_layer| subject.score_without(&taken, on_layer))?;
            Ok::<_, anyhow::Error>((score.total() - before, score.is_greedy()))
        };
        let (all, is_kept) = change(&entry.rows, &entry.columns, self.layers)?;
        let by_window = self
            .windows
            .iter()
            .map(|window| Ok(Some(change(&entry.rows, &entry.columns, window)?.0)));
        let by_window = by_window.collect::<Result<Vec<Option<f64>>>>()?;
        let mut draws = Vec::new();
        for draw in 0..control_draws(entry, self.request) as u64 {
            let seed = self.seed.wrapping_add(draw);
            let drawn = draw_from(&entry.pool, entry.swept().len(), seed)
                .context("the control has fewer positions than the entry")?;
            let (rows, columns) = entry.with(drawn.into_iter().collect());
            draws.push(change(&rows, &columns, self.layers)?.0);
        }
        let answer = self.answer(entry, is_kept, steps)?;
        Ok(SweepEntry {
            label: entry.label.clone(),
            n_positions: entry.swept().len(),
            closed_pairs,
            change: Some(all),
            by_window,
            answer_changed: answer != subject.run.answer,
            answer,
            control: control_report(all, &draws),
        })
    }

    /// What is answered: known where every token is still the likeliest, written anew otherwise.
    fn answer(&self, entry: &Entry, is_kept: bool, steps: &mut Steps<'_>) -> Result<String> {
        let (subject, run) = (self.subject, &self.subject.run);
        steps.step(|on_layer| {
            if is_kept {
                return Ok(run.answer.clone());
            }
            let request = RunRequest {
                asked: Asked::Question(run.question.clone()),
                mode: run.mode,
                max_new_tokens: self.request.knockout.subject.max_new_tokens,
                record: Some(RecordSpec::nothing()),
            };
            let taken = knock_outs(subject, &entry.rows, &entry.columns, self.layers)?;
            Ok(subject.engine.run_encoded(&subject.picture, &request, &taken, on_layer)?.answer)
        })
    }
}

fn control_report(value: f64, draws: &[f64]) -> Option<ControlReport> {
    let low = draws.iter().copied().reduce(f64::min)?;
    let high = draws.iter().copied().reduce(f64::max)?;
    Some(ControlReport {
        draws: draws.len(),
        mean: draws.iter().sum::<f64>() / draws.len() as f64,
        low,
        high,
        rank: rank_among(value, draws),
    })
}

/// The entries of a sweep, and what was passed over.
fn entries_of(
    subject: &Subject<'_>,
    request: &KnockoutSweep,
    regions: Option<&RegionParts>,
) -> Result<(Vec<Entry>, Vec<String>)> {
    let knockout = &request.knockout;
    let places = Places {
        prompt: subject.prompt(),
        words: &subject.words,
        regions,
        n_written: knockout.subject.max_new_tokens,
    };
    let question = subject.prompt().layout.get(Segment::Question).unwrap_or(0..0);
    let buckets = subject.words.buckets();
    let is_word = |position: &usize| buckets[*position].is_some_and(|b| b != Bucket::Template);
    let words: Vec<usize> = question.filter(is_word).collect();
    let by_columns = |label: String, columns: BTreeSet<usize>| -> Result<Entry> {
        let (rows, pool) = (places.rows(&knockout.rows)?, without(&words, &columns));
        Ok(Entry { label, rows, columns, pool, sweeps_rows: false })
    };
    let entries = match request.over {
        SweepOver::Words => {
            let all = subject.words.words.iter().enumerate();
            let entry = |(i, word): (usize, &crate::domain::TaggedWord)| {
                let columns = subject.words.alignment.positions_of_word(i).collect();
                by_columns(word.text.clone(), columns)
            };
            all.map(entry).collect::<Result<Vec<_>>>()?
        }
        SweepOver::Buckets => {
            let is_there = |bucket: &Bucket| buckets.contains(&Some(*bucket));
            let entry = |bucket: Bucket| {
                by_columns(bucket.to_string(), places.columns(&Part::Bucket(bucket))?)
            };
            Bucket::ALL.into_iter().filter(is_there).map(entry).collect::<Result<Vec<_>>>()?
        }
        SweepOver::Regions => return region_entries(&places, knockout),
        SweepOver::Layers => {
            let label = format!("{} without {}", knockout.rows, knockout.columns);
            vec![by_columns(label, places.columns(&knockout.columns)?)?]
        }
    };
    if entries.is_empty() {
        bail!("there is nothing to sweep over: the question has no words");
    }
    Ok((entries, Vec::new()))
}

/// A region an entry, in the place of `image`: among rows if it stands there, else among columns.
fn region_entries(places: &Places<'_>, knockout: &Knockout) -> Result<(Vec<Entry>, Vec<String>)> {
    let Some(regions) = places.regions else {
        bail!("--sweep regions needs the picture's regions: --regions or --box");
    };
    let sweeps_rows = knockout.rows == Part::Image;
    if !sweeps_rows && knockout.columns != Part::Image {
        bail!("--sweep regions stands for image: give --rows image or --columns image");
    }
    let latents: Vec<usize> = places.prompt.layout.image().collect();
    let (mut entries, mut passed_over) = (Vec::new(), Vec::new());
    for name in &regions.names {
        let swept = match places.columns(&Part::Region(name.clone())) {
            Ok(swept) => swept,
            Err(reason) => {
                passed_over.push(reason.to_string());
                continue;
            }
        };
        let pool = without(&latents, &swept);
        let (rows, columns) = match sweeps_rows {
            true => (swept, places.columns(&knockout.columns)?),
            false => (places.rows(&knockout.rows)?, swept),
        };
        entries.push(Entry { label: name.clone(), rows, columns, pool, sweeps_rows });
    }
    if entries.is_empty() {
        bail!("there is nothing to sweep over: {}", passed_over.join("; "));
    }
    Ok((entries, passed_over))
}

fn without(pool: &[usize], taken: &BTreeSet<usize>) -> Vec<usize> {
    pool.iter().copied().filter(|position| !taken.contains(position)).collect()
}
