//! Floor 1: a recorded run becomes numbers with a meaning.
//!
//! - **Owns**: readings of a trace, their projection onto the picture, their summary over runs, and
//!   the figures made of them.
//! - **May import**: `domain`.
//! - **Never**: disk, the network, drawing; everything here is a pure function.
//! - **Invariant**: mass is conserved: what a projection cannot place, it reports. What was not
//!   recorded is an error, never a zero.

mod answer_rows;
mod block;
mod bootstrap;
mod bucket_differences;
mod bucket_figure;
mod bucket_mask;
mod bucket_matrix;
mod bucket_rows;
mod bucket_sums;
mod by_bucket;
mod by_layer;
mod difference;
mod entity_map;
mod error;
mod faithfulness;
mod latents_by_region;
mod made_from;
mod map_caption;
mod map_request;
mod maps;
mod mean_block;
mod modality;
mod over_runs;
mod parts;
mod pointing;
mod product;
mod projection;
mod reading;
mod region_weights;
mod region_words;
mod rollout;
mod sight;
mod sinks;
mod spread;
mod towers;

pub use self::{
    answer_rows::AnswerRows,
    bootstrap::Bootstrap,
    bucket_differences::{RunPair, SideNames, bucket_difference_figure},
    bucket_figure::{BucketChart, RunGroup, bucket_figure, ranges},
    bucket_matrix::bucket_matrix,
    bucket_rows::BucketRows,
    by_bucket::{BucketReading, BucketTables, ByBucket, by_bucket},
    by_layer::{LayerShares, shares_by_layer},
    difference::{
        ComparedWord, first_differing_token, latent_drift, map_difference, word_differences,
    },
    entity_map::{Entities, EntityMap, EntityReading, Words, entity_map},
    error::AnalysisError,
    faithfulness::{
        RegionHit, area_under, by_value, counts, draw_from, random_order, rank_among, region_hit,
        shifted_order,
    },
    latents_by_region::LatentsByRegion,
    map_request::{MapRequest, SinkPolicy},
    modality::{Flow, Flows, flows},
    over_runs::{BucketSummary, over_runs},
    parts::Part,
    pointing::measured_pointing,
    projection::{LatentPlace, PatchMass, Projection, Projector},
    reading::{BucketSpec, HeadWeighting, Per, TemplateTokens},
    region_weights::RegionWeight,
    region_words::WordWeight,
    rollout::{Rollout, RolloutMaps, rollout},
    sinks::{Incoming, SinkRule, Sinks, find_sinks, incoming},
    spread::{Spread, Spreads, spreads},
};
pub use crate::domain::Reading;
