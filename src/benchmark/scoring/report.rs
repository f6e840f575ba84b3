//! A score as `score --json` tells it.

use serde::{Serialize, Serializer};

use super::{
    cv_bench::score_cv_bench,
    judged::{score_llava_bench, score_mm_vet},
    math_vista::score_math_vista,
    metrics::Metrics,
    mm_bench::score_mm_bench,
    vanilla::{score_choices, score_mmmu},
    yes_no::{score_mme, score_pope},
};
use crate::benchmark::{Benchmark, BenchmarkError, Cell, Extraction, Predictions};

/// What an answer was taken for.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Extracted {
    /// Nothing could be made of it.
    Nothing,
    /// A letter, a word, or the answer as it is.
    Text(String),
    /// An integer.
    Int(i64),
    /// Another number.
    Float(f64),
}

impl From<Option<char>> for Extracted {
    fn from(letter: Option<char>) -> Self {
        letter.map_or(Self::Nothing, |letter| Self::Text(letter.to_string()))
    }
}

/// One row as it was counted.
#[derive(Clone, Debug, Serialize)]
pub struct RowDetail {
    /// Its index: a number where it is one.
    #[serde(serialize_with = "number_or_text")]
    pub index: Cell,
    /// The answer as it stands in the file.
    pub prediction: String,
    /// What it was taken for.
    pub extracted: Extracted,
    /// 1 for a hit, 0 for a miss; none where it cannot be told. In MMBench the question's, over all
    /// its rotations.
    pub hit: Option<u8>,
    /// What else there is to say of it, by name.
    #[serde(flatten)]
    pub more: Metrics,
}

fn number_or_text<S: Serializer>(index: &Cell, serializer: S) -> Result<S::Ok, S::Error> {
    match index {
        Cell::Int(value) if i64::try_from(*value).is_ok() => {
            serializer.serialize_i64(i64::try_from(*value).unwrap_or_default())
        }
        other => serializer.serialize_str(&other.to_string()),
    }
}

/// How much of what belongs together is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// What is counted: pairs of questions, or rotations of a question.
    pub groups: &'static str,
    /// Whole ones.
    pub whole: usize,
    /// All that the file begins.
    pub of: usize,
}

/// What a benchmark's rules give.
#[derive(Clone, Debug)]
pub(super) struct Scored {
    pub(super) metrics: Metrics,
    pub(super) rows: Vec<RowDetail>,
    /// Where rows belong together.
    pub(super) coverage: Option<Coverage>,
    /// Why the score is none; each becomes a warning.
    pub(super) gaps: Vec<String>,
    /// What else should be known.
    pub(super) notes: Vec<String>,
}

/// A benchmark's score.
#[derive(Clone, Debug, Serialize)]
pub struct ScoreReport {
    version: u32,
    /// The benchmark.
    pub benchmark: Benchmark,
    /// Whose rules read the answers.
    pub extraction: Extraction,
    /// Rows of the file.
    pub rows: usize,
    /// Rows of the published table.
    pub expected_rows: usize,
    /// Whether every row is there, once, with all that belongs to it.
    pub complete: bool,
    /// Groups of rows that only count together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coverage: Option<Coverage>,
    /// Answers of which nothing could be made: what a judge could change at most.
    pub not_inferred: usize,
    /// Names and scales as in the programs that define them.
    pub metrics: Metrics,
    /// What should be known of the numbers.
    pub notes: Vec<String>,
    /// What is wrong with the file.
    pub warnings: Vec<String>,
    /// Every row, in the order of the file.
    pub rows_detail: Vec<RowDetail>,
}

/// Scores predictions.
///
/// # Errors
/// A column that the rules need and the file lacks; MM-Vet and LLaVA-Bench without a judge's scores.
pub fn score(
    predictions: &Predictions,
    benchmark: Benchmark,
    extraction: Extraction,
) -> Result<ScoreReport, BenchmarkError> {
    let scored = match benchmark {
        Benchmark::Mme => score_mme(predictions, extraction),
        Benchmark::Pope => score_pope(predictions, extraction),
        Benchmark::MmBench => score_mm_bench(predictions, extraction),
        Benchmark::SeedBenchImg | Benchmark::RealWorldQa => score_choices(predictions, extraction),
        Benchmark::Mmmu => score_mmmu(predictions, extraction),
        Benchmark::CvBench => score_cv_bench(predictions, extraction),
        Benchmark::MathVista => score_math_vista(predictions, extraction),
        Benchmark::MmVet => score_mm_vet(predictions),
        Benchmark::LlavaBench => score_llava_bench(predictions),
    }?;
    let Scored { metrics, rows: rows_detail, coverage, gaps, notes } = scored;
    let mut warnings = gaps;
    let (_, repeated) = predictions.last_of_index();
    if let Some(first) = repeated.first() {
        warnings.push(format!(
            "{} of its indices come more than once, {first} for one; where results are kept by index, the last row's answer counts for each",
            repeated.len()
        ));
    }
    let rows = predictions.n_rows();
    let is_nothing = |row: &&RowDetail| match &row.extracted {
        Extracted::Nothing => true,
        Extracted::Text(text) => text == "Unknown",
        _ => false,
    };
    Ok(ScoreReport {
        version: 1,
        benchmark,
        extraction,
        rows,
        expected_rows: benchmark.n_rows(),
        complete: rows == benchmark.n_rows() && warnings.is_empty(),
        coverage,
        not_inferred: rows_detail.iter().filter(is_nothing).count(),
        metrics,
        notes,
        warnings,
        rows_detail,
    })
}
