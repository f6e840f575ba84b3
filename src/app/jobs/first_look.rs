//! What every look at a run begins with. It is the largest piece of work that a window has with a run, so it
//! is done where the run is answered or read, and no frame waits for it.

use std::sync::{Arc, OnceLock};

use super::answer::Answered;
use crate::{
    analysis::{AnswerRows, BucketRows, BucketSpec, Incoming, Projection, Projector, incoming},
    domain::{Bucket, Choice},
};

/// A result, or why there is none.
type Maybe<T> = Arc<Result<T, String>>;

/// What was computed of a run, once and for all.
#[derive(Clone, Debug, Default)]
pub struct FirstLook {
    composed: OnceLock<Maybe<Projector>>,
    incoming: OnceLock<Maybe<Vec<Incoming>>>,
    answer_rows: OnceLock<Maybe<AnswerRows>>,
    bucket_rows: OnceLock<Maybe<BucketRows>>,
}

impl Answered {
    /// The way from latents to patches through all layers of the resampler.
    pub fn composed(&self) -> Maybe<Projector> {
        let make = || Projector::new(&self.run, Projection::Composed);
        let made = || Arc::new(make().map_err(|error| error.to_string()));
        Arc::clone(self.first_look.composed.get_or_init(made))
    }

    /// What every position of the prompt gets, over all recorded layers and heads.
    pub fn incoming(&self) -> Maybe<Vec<Incoming>> {
        let make = || incoming(&self.run, &Choice::All, &Choice::All);
        let made = || Arc::new(make().map_err(|error| error.to_string()));
        Arc::clone(self.first_look.incoming.get_or_init(made))
    }

    /// What the rows that chose the answer's tokens pay to each part of the sequence.
    pub fn answer_rows(&self) -> Maybe<AnswerRows> {
        let made = || Arc::new(AnswerRows::new(&self.run).map_err(|error| error.to_string()));
        Arc::clone(self.first_look.answer_rows.get_or_init(made))
    }

    /// What the picture's rows pay to the question, by the buckets of the words as they are here.
    pub fn bucket_rows(&self) -> Maybe<BucketRows> {
        let made = || Arc::new(self.read_buckets(&self.words.buckets()));
        Arc::clone(self.first_look.bucket_rows.get_or_init(made))
    }

    /// The same by other buckets, one a position.
    pub(in crate::app) fn read_buckets(
        &self,
        buckets: &[Option<Bucket>],
    ) -> Result<BucketRows, String> {
        let (run, spec) = (&self.run, BucketSpec::default());
        BucketRows::new(&run.trace, &run.plan, &run.prompt.layout, buckets, &spec)
            .map_err(|error| error.to_string())
    }

    /// This with all of it computed.
    #[must_use]
    pub(super) fn looked_at(self) -> Self {
        self.composed();
        self.incoming();
        self.answer_rows();
        self.bucket_rows();
        self
    }
}
