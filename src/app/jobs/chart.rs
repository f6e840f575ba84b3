//! A run's attention by bucket as a figure.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::question_words::QuestionWords;
use crate::{
    analysis::{
        BucketChart, BucketSpec, ByBucket, Per, Reading, RunGroup, bucket_figure, by_bucket,
    },
    domain::{CaptionField, Choice, Figure, Run},
    export::{PaperSize, check_format, write_figure},
};

/// Which part of the attention is read, and what is drawn of it.
#[derive(Clone, Debug)]
pub struct Measure {
    /// Decoder layers.
    pub layers: Choice,
    /// Query heads.
    pub heads: Choice,
    /// Rows: latents of the picture.
    pub latents: Choice,
    /// The height of the chart's bars.
    pub reading: Reading,
    /// Whole buckets or single tokens.
    pub per: Per,
    /// Where the chart goes, if anywhere: SVG, PNG, CSV or JSON by its ending.
    pub chart: Option<PathBuf>,
}

impl Default for Measure {
    fn default() -> Self {
        Self {
            layers: Choice::All,
            heads: Choice::All,
            latents: Choice::All,
            reading: Reading::Share,
            per: Per::Bucket,
            chart: None,
        }
    }
}

impl Measure {
    /// Refuses a chart that cannot be written before a model is loaded for it.
    pub(super) fn check(&self) -> Result<()> {
        self.chart.as_deref().map_or(Ok(()), check_format).context("--chart")
    }

    /// Reads a run's attention from its picture to its words.
    pub(super) fn of_run(&self, run: &Run, words: &QuestionWords) -> Result<ByBucket> {
        let spec = BucketSpec {
            layers: self.layers.clone(),
            heads: self.heads.clone(),
            latents: self.latents.clone(),
            ..BucketSpec::default()
        };
        by_bucket(&run.trace, &run.plan, &run.prompt.layout, &words.buckets(), &spec)
            .context("while reading attention by bucket")
    }

    /// Writes the chart of one run, if one was asked for.
    pub(super) fn write_chart(
        &self,
        model: &str,
        run: &Run,
        words: &QuestionWords,
        read: &ByBucket,
    ) -> Result<()> {
        let Some(path) = &self.chart else { return Ok(()) };
        let figure = self.figure(model, run, words, read)?;
        write(&figure, path)
    }

    fn figure(
        &self,
        model: &str,
        run: &Run,
        words: &QuestionWords,
        read: &ByBucket,
    ) -> Result<Figure> {
        let mut chart = BucketChart::of(self.reading);
        chart.per = self.per;
        chart.about = vec![
            CaptionField::new("model", model.to_owned()),
            CaptionField::new("attention", run.mode.to_string()),
            CaptionField::new("question", run.question.clone()),
            CaptionField::new("tagger", words.tagger.to_string()),
        ];
        chart.n_edited_words = words.n_edited();
        let name = run.mode.to_string();
        let group = RunGroup { name: &name, runs: std::slice::from_ref(read) };
        Ok(Figure::Bars(bucket_figure(&[group], &chart)?))
    }
}

fn write(figure: &Figure, path: &Path) -> Result<()> {
    write_figure(figure, path, PaperSize::FULL_WIDTH)?;
    Ok(())
}
