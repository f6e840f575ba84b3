//! What an analysis cannot do with a trace.

use crate::domain::{AttentionSite, FigureError};

/// Why attention could not be read by bucket.
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
        "row {query}, column {key} of head {head} of {site} was not recorded; record the rows of \
         the picture and ask again"
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
