//! What an analysis cannot do with a trace.

use crate::domain::{AttentionSite, FigureError};

/// Why attention could not be read.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum AnalysisError {
    /// A list does not have one entry a position.
    #[error("{what} speak of {found} positions, and the prompt has {expected}")]
    Length {
        /// What was counted.
        what: &'static str,
        /// Its entries.
        found: usize,
        /// The prompt's positions.
        expected: usize,
    },
    /// A choice holds nothing.
    #[error("no {what} to read: none is chosen, or there is none")]
    Nothing {
        /// Of what.
        what: &'static str,
    },
    /// A latent that the picture does not have.
    #[error("there is no latent {latent}: the picture has {n_latents}")]
    NoSuchLatent {
        /// What was chosen.
        latent: usize,
        /// How many there are.
        n_latents: usize,
    },
    /// A layer was not recorded.
    #[error("{site} was not recorded; record this layer and ask again")]
    MissingSite {
        /// Where.
        site: AttentionSite,
    },
    /// A head was not recorded.
    #[error("head {head} of {site} was not recorded; record this head and ask again")]
    MissingHead {
        /// Where.
        site: AttentionSite,
        /// Which.
        head: usize,
    },
    /// A place of a pattern was not recorded.
    #[error(
        "row {query}, column {key} of head {head} of {site} was not recorded; record that row and \
         column and ask again"
    )]
    MissingWeight {
        /// Where.
        site: AttentionSite,
        /// The head.
        head: usize,
        /// The row.
        query: usize,
        /// The column.
        key: usize,
    },
    /// A recorded number is no attention weight.
    #[error("row {query}, column {key} of head {head} of {site} is {found}, which is no weight")]
    NotAWeight {
        /// Where.
        site: AttentionSite,
        /// The head.
        head: usize,
        /// The row.
        query: usize,
        /// The column.
        key: usize,
        /// What stands there.
        found: f32,
    },
    /// The trace was not recorded under this plan.
    #[error(
        "row {query}, column {key} of head {head} of {site} has weight {found}, but the plan \
         closes it: trace and plan are of different runs"
    )]
    PlanDisagrees {
        /// Where.
        site: AttentionSite,
        /// The head.
        head: usize,
        /// The row.
        query: usize,
        /// The column.
        key: usize,
        /// What stands there.
        found: f32,
    },
    /// A tower of which an analysis needs more than was recorded.
    #[error("{what} was not recorded; record {record} and ask again")]
    NotRecorded {
        /// What is missing.
        what: String,
        /// What to record.
        record: &'static str,
    },
    /// A recorded row whose weights are no distribution.
    #[error("row {query} of {site} sums to {sum} on average over heads, not to 1")]
    NotADistribution {
        /// Where.
        site: AttentionSite,
        /// The row.
        query: usize,
        /// Its sum.
        sum: f64,
    },
    /// A projection of another picture.
    #[error("the projection is of {expected} {what}, and the run has {found}: take the run's own")]
    OtherRun {
        /// What was counted.
        what: &'static str,
        /// In the run.
        found: usize,
        /// In the projection.
        expected: usize,
    },
    /// A position that the prompt does not have.
    #[error("there is no position {position}: the prompt has {len}")]
    NoSuchPosition {
        /// What was chosen.
        position: usize,
        /// How many there are.
        len: usize,
    },
    /// A latent where a word was to be.
    #[error("position {position} is a latent of the picture, not a word")]
    NotText {
        /// What was chosen.
        position: usize,
    },
    /// A share of the question was asked for something that is not in it.
    #[error(
        "position {position} (\"{text}\") is no word of the question, of which shares are taken; \
         read mass or lift"
    )]
    NotInQuestion {
        /// What was chosen.
        position: usize,
        /// What stands there.
        text: String,
    },
    /// A token that the answer does not have.
    #[error("there is no token {token} in the answer: it has {n_tokens}")]
    NoSuchToken {
        /// What was chosen, from 0.
        token: usize,
        /// How many there are.
        n_tokens: usize,
    },
    /// The last token of an answer, after writing.
    #[error(
        "token {token} is the last of the answer and was never read again, so it has no row after \
         writing; look at it while choosing"
    )]
    NeverReadAgain {
        /// What was chosen, from 0.
        token: usize,
    },
    /// Nothing is left to read.
    #[error("every {what} is an excluded sink; keep sinks, or choose others")]
    AllAreSinks {
        /// What was left out.
        what: &'static str,
    },
    /// Shares of patches that are not those of the picture.
    #[error("the regions cover {found} patches, and the picture has {expected}")]
    Coverage {
        /// In the regions.
        found: usize,
        /// In the picture.
        expected: usize,
    },
    /// A kind of map that this analysis cannot make.
    #[error("{what} cannot be read from {kind}")]
    WrongKind {
        /// What was asked for.
        what: &'static str,
        /// Of what.
        kind: String,
    },
    /// Runs of one group were read in different ways, so their mean means nothing.
    #[error("the runs of \"{group}\" were not read in the same way")]
    MixedReadings {
        /// The group.
        group: String,
    },
    /// The numbers make no figure.
    #[error(transparent)]
    Figure(#[from] FigureError),
}
