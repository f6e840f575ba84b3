//! The benchmarks that are known by name.

use std::{fmt, str::FromStr};

use serde::{Serialize, Serializer};

/// A benchmark whose rules are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Benchmark {
    /// MME: yes or no, two questions a picture.
    Mme,
    /// POPE: yes or no about objects.
    Pope,
    /// MMBench 1.0 dev, English: choices, asked again with rotated options.
    MmBench,
    /// SEED-Bench, its pictures: choices.
    SeedBenchImg,
    /// RealWorldQA: choices.
    RealWorldQa,
    /// MMMU, dev and validation: choices and open questions, pictures within the text.
    Mmmu,
    /// CV-Bench: choices.
    CvBench,
    /// MathVista testmini: choices, numbers and texts.
    MathVista,
    /// MM-Vet: open questions for a judge.
    MmVet,
    /// LLaVA-Bench in the wild: open questions for a judge.
    LlavaBench,
}

/// In which words a benchmark is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum QuestionForm {
    /// Yes or no.
    YesNo,
    /// Options with letters.
    Choice,
    /// Anything.
    Open,
}

impl Benchmark {
    /// All, in the order of the paper's tables.
    pub const ALL: [Self; 10] = [
        Self::Mme,
        Self::MmBench,
        Self::SeedBenchImg,
        Self::LlavaBench,
        Self::Mmmu,
        Self::MathVista,
        Self::Pope,
        Self::MmVet,
        Self::RealWorldQa,
        Self::CvBench,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mme => "MME",
            Self::Pope => "POPE",
            Self::MmBench => "MMBench",
            Self::SeedBenchImg => "SEEDBench_IMG",
            Self::RealWorldQa => "RealWorldQA",
            Self::Mmmu => "MMMU",
            Self::CvBench => "CV-Bench",
            Self::MathVista => "MathVista",
            Self::MmVet => "MMVet",
            Self::LlavaBench => "LLaVABench",
        }
    }

    /// Other spellings: VLMEvalKit's names of the tables, and the paper's.
    fn spellings(self) -> &'static [&'static str] {
        match self {
            Self::Mme | Self::Pope | Self::RealWorldQa => &[],
            Self::MmBench => &["MMBench_DEV_EN"],
            Self::SeedBenchImg => &["SEED-I", "SEEDBench", "SEED"],
            Self::Mmmu => &["MMMU_DEV_VAL"],
            Self::CvBench => &["CVBench", "CV-Bench-2D", "CV-Bench-3D"],
            Self::MathVista => &["MathVista_MINI"],
            Self::MmVet => &["MM-Vet"],
            Self::LlavaBench => &["LLaVA-Bench", "LLaVA-W"],
        }
    }

    /// The benchmark whose table a file's name says it is.
    pub fn of_file_name(stem: &str) -> Option<Self> {
        let stem = stem.strip_suffix("_local").unwrap_or(stem);
        let names = |benchmark: Self| {
            [benchmark.name()].into_iter().chain(benchmark.spellings().iter().copied())
        };
        let is_named = |benchmark: &Self| {
            names(*benchmark).any(|name| {
                let tail = stem.len().checked_sub(name.len()).and_then(|at| stem.get(at..));
                // As a whole, or behind a model's name: AKI_MMBench_DEV_EN.
                stem.eq_ignore_ascii_case(name)
                    || tail.is_some_and(|tail| tail.eq_ignore_ascii_case(name))
                        && stem[..stem.len() - name.len()].ends_with('_')
            })
        };
        Self::ALL.into_iter().find(is_named)
    }

    /// Rows of the published table.
    ///
    /// # Source
    /// VLMEvalKit's tables; CV-Bench: both halves, `nyu-visionx/CV-Bench`.
    pub fn n_rows(self) -> usize {
        match self {
            Self::Mme => 2374,
            Self::Pope => 5127,
            Self::MmBench => 4329,
            Self::SeedBenchImg => 14_232,
            Self::RealWorldQa => 765,
            Self::Mmmu => 1050,
            Self::CvBench => 2638,
            Self::MathVista => 1000,
            Self::MmVet => 218,
            Self::LlavaBench => 60,
        }
    }

    /// How it is asked.
    pub fn form(self) -> QuestionForm {
        match self {
            Self::Mme | Self::Pope => QuestionForm::YesNo,
            Self::MmBench | Self::SeedBenchImg | Self::RealWorldQa | Self::Mmmu | Self::CvBench => {
                QuestionForm::Choice
            }
            Self::MathVista | Self::MmVet | Self::LlavaBench => QuestionForm::Open,
        }
    }
}

impl fmt::Display for Benchmark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Benchmark {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl FromStr for Benchmark {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_meant = |benchmark: &Self| {
            benchmark.name().eq_ignore_ascii_case(text)
                || benchmark.spellings().iter().any(|name| name.eq_ignore_ascii_case(text))
        };
        Self::ALL.into_iter().find(is_meant).ok_or_else(|| {
            let names: Vec<&str> = Self::ALL.iter().map(|benchmark| benchmark.name()).collect();
            format!("unknown benchmark \"{text}\"; known are {}", names.join(", "))
        })
    }
}
