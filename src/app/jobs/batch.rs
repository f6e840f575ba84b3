//! Run a batch: every question of a file under every mode, resumable, in shards.

use std::{
    fs,
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::Mutex,
};

use anyhow::{Context as _, Result, bail};

use super::{
    batch_results::{RECORD, write_results},
    model_folder,
    question_words::QuestionWords,
    tagging::{TaggerChoice, Tagging},
};
use crate::{
    domain::{AttentionMode, Bucket, Run, TextRole},
    eval::{
        Truth,
        batch::{
            BatchError, BatchHeader, BatchProgress, BatchRow, BatchRun, BatchSource, BatchSummary,
            RecordReader, RecordWriter, Shard, fingerprint, run_batch, summarize,
        },
    },
    inference::Engine,
    model::{ComputeDevice, DeviceKind, Dtype},
};

/// Weights above this many bytes are used for one picture at a time: a layer of theirs already
/// keeps all cores busy, and each run's cache and patterns take memory.
const LARGE_WEIGHTS: u64 = 1 << 30;

/// Which model, on which questions, how.
#[derive(Clone, Debug)]
pub struct Batch {
    /// A checkpoint folder, or a name.
    pub model: String,
    /// The attention modes; each question is asked under all of them.
    pub modes: Vec<AttentionMode>,
    /// A table of questions.
    pub data: PathBuf,
    /// The folder of the record and of what is made of it.
    pub out: PathBuf,
    /// Whether a record that is there is gone on with.
    pub resume: bool,
    /// The part of the pictures.
    pub shard: Shard,
    /// In which words questions are asked; `None` for the tabletop world's own, else
    /// `VLMEvalKit`'s.
    pub prompts: Option<String>,
    /// The words that are counted, where prompts say what theirs are for; all others' attention is
    /// left out of buckets.
    pub words: Vec<TextRole>,
    /// Tokens an answer has at most.
    pub max_new_tokens: usize,
    /// Who says what words do.
    pub tagger: TaggerChoice,
    /// Type of the large weight matrices.
    pub dtype: Option<Dtype>,
}

/// What a batch came to.
#[derive(Clone, Debug)]
pub struct BatchReport {
    /// What there is; `None` where it was stopped before it came to the end.
    pub summary: Option<BatchSummary>,
    /// Rows and modes that are recorded, and how many there should be.
    pub rows: (usize, usize),
    /// Of these, how many were recorded before.
    pub before: usize,
    /// Seconds from the first question to the last.
    pub secs: f64,
    /// What a person should know.
    pub warnings: Vec<String>,
}

/// Runs what is missing of a batch and writes what came of it.
///
/// # Errors
/// One line that says what is wrong, where, and what to do.
pub fn batch(
    request: &Batch,
    device: ComputeDevice,
    on_progress: &mut (dyn FnMut(BatchProgress) -> ControlFlow<()> + Send),
) -> Result<BatchReport> {
    let record = request.out.join(RECORD);
    if request.modes.is_empty() {
        bail!("--attention names no mode");
    }
    if record.exists() && !request.resume {
        return Err(BatchError::IsThere { path: record }.into());
    }
    let folder = model_folder(&request.model)?;
    let source = BatchSource::open(&request.data, request.prompts.as_deref())?;
    let at_once = pictures_at_once(&folder, &device);
    let engine = Engine::open(&folder, device, request.dtype, &mut |_| ControlFlow::Continue(()))?;
    let header = header(request, &folder, &source, &engine)?;
    fs::create_dir_all(&request.out)
        .with_context(|| format!("cannot make {}", request.out.display()))?;
    let (mut writer, before) = open_record(&record, &header, &source)?;
    let mut warnings = source.file().warnings().to_vec();
    let truth = Truth::read_beside(&request.data).unwrap_or_else(|reason| {
        warnings.push(format!("answers are not placed in regions: {reason}"));
        None
    });
    let words = Words::new(request.tagger);
    let run = BatchRun {
        engine: &engine,
        header: &header,
        truth: truth.as_ref(),
        words: &|run: &Run| words.buckets(run),
        at_once,
        data: &request.data,
    };
    let rows = source.pictures(request.shard)?;
    let mut done = before;
    let start = std::time::Instant::now();
    let mut on_row = |progress: BatchProgress| {
        done = progress.done;
        on_progress(progress)
    };
    let flow = run_batch(&run, rows, &mut writer, before, &mut on_row)?;
    let secs = start.elapsed().as_secs_f64();
    let of = header.rows_here * header.attention.len();
    warnings.extend(words.notices());
    drop(writer);
    if flow.is_break() {
        let kept = count_rows(&record)?;
        warnings.push(format!(
            "stopped after {kept} of {of}; the same command with --resume goes on from there"
        ));
        return Ok(BatchReport { summary: None, rows: (kept, of), before, secs, warnings });
    }
    let summary = summarize(&record)?;
    warnings.extend(failure_warning(&summary));
    warnings.extend(write_results(&summary, &request.out, Some(source.file()))?);
    Ok(BatchReport { summary: Some(summary), rows: (done, of), before, secs, warnings })
}

/// Says how many rows could not be asked, and why the first could not.
pub(super) fn failure_warning(summary: &BatchSummary) -> Option<String> {
    let first = summary.failed.first()?;
    let n: usize = summary.by_attention.values().map(|mode| mode.coverage.failed).sum();
    let asked = if n == 1 { "1 row" } else { "some rows" };
    Some(format!(
        "{asked} could not be asked ({n} with every mode counted); first row {} (index {}): {}",
        first.row + 1,
        first.index,
        first.reason
    ))
}

fn header(
    request: &Batch,
    folder: &Path,
    source: &BatchSource,
    engine: &Engine,
) -> Result<BatchHeader> {
    let config = engine.network().config();
    Ok(BatchHeader {
        batch: BatchHeader::VERSION,
        model: request.model.clone(),
        weights: weights_sum(folder)?,
        attention: request.modes.clone(),
        data: request.data.display().to_string(),
        data_sum: source.content().to_owned(),
        prompt: source.prompt_name(),
        words: request.words.clone(),
        max_new_tokens: request.max_new_tokens,
        tagger: request.tagger.to_string(),
        layers: (0..config.decoder.n_layers).collect(),
        heads: (0..config.decoder.n_heads).collect(),
        n_latents: config.resampler.n_latents,
        rows: source.n_rows(Shard::WHOLE),
        rows_here: source.n_rows(request.shard),
        shard: request.shard,
    })
}

/// Fingerprints of all weight files, as one.
pub(super) fn weights_sum(folder: &Path) -> Result<String> {
    let mut sums = Vec::new();
    for path in weight_files(folder)? {
        sums.push(fingerprint(&path).with_context(|| format!("cannot read {}", path.display()))?);
    }
    Ok(sums.join("-"))
}

fn weight_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.with_context(|| format!("cannot read {}", folder.display()))?.path();
        if path.extension().is_some_and(|end| end == "safetensors") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// On the CPU a small model leaves cores idle, so several pictures are computed side by side.
fn pictures_at_once(folder: &Path, device: &ComputeDevice) -> usize {
    let sizes = weight_files(folder).unwrap_or_default();
    let bytes: u64 = sizes.iter().filter_map(|path| fs::metadata(path).ok()).map(|f| f.len()).sum();
    if device.kind() == DeviceKind::Cpu && bytes < LARGE_WEIGHTS {
        std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
    } else {
        1
    }
}

/// Opens the record and checks that its rows are those of the questions, in their order.
fn open_record(
    path: &Path,
    header: &BatchHeader,
    source: &BatchSource,
) -> Result<(RecordWriter, usize)> {
    let modes = &header.attention;
    let mut asked =
        source.row_numbers(header.shard).flat_map(|row| modes.iter().map(move |mode| (row, *mode)));
    let mut n_done = 0;
    let writer = RecordWriter::open(path, header, &mut |row: &BatchRow, line| {
        n_done += 1;
        let there = (row.row, row.attention);
        let say = |(row, mode): (usize, AttentionMode)| format!("{} under {mode}", row + 1);
        match asked.next() {
            Some(here) if here == there => Ok(()),
            here => Err(BatchError::OtherRow {
                path: path.to_owned(),
                line,
                there: say(there),
                here: here.map_or_else(|| "nothing".to_owned(), say),
            }),
        }
    })?;
    Ok((writer, n_done))
}

fn count_rows(record: &Path) -> Result<usize> {
    let Some(mut reader) = RecordReader::open(record)? else { return Ok(0) };
    let mut n = 0;
    while reader.next_row()?.is_some() {
        n += 1;
    }
    Ok(n)
}

/// The tagger, one question at a time, and what it had to say.
struct Words {
    tagging: Mutex<Tagging>,
    notices: Mutex<Vec<String>>,
}

impl Words {
    fn new(choice: TaggerChoice) -> Self {
        Self { tagging: Mutex::new(Tagging::open(choice)), notices: Mutex::default() }
    }

    fn buckets(&self, run: &Run) -> std::result::Result<Vec<Option<Bucket>>, String> {
        let mut tagging = self.tagging.lock().map_err(|e| e.to_string())?;
        let words = QuestionWords::of_run(run, &mut tagging, &[]).map_err(|e| format!("{e:#}"))?;
        if let (Some(notice), Ok(mut notices)) = (&words.notice, self.notices.lock())
            && !notices.contains(notice)
        {
            notices.push(notice.clone());
        }
        Ok(words.buckets())
    }

    fn notices(&self) -> Vec<String> {
        self.notices.lock().map(|notices| notices.clone()).unwrap_or_default()
    }
}
