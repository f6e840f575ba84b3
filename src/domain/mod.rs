//! Floor 0: the words every room uses.
//!
//! - **Owns**: plain values that two or more rooms speak of.
//! - **May import**: nothing of ours.
//! - **Never**: files, tensors of a device, windows.
//! - **Invariant**: a value that can be built is valid; what could be wrong is refused when built.

mod attention;
mod colormap;
mod coverage;
mod curves;
mod figure;
mod grid;
mod heatmap;
mod heatmap_rgba;
mod matrix;
mod meter;
mod metered_reader;
mod part_of_speech;
mod plan;
mod pointing;
mod reading;
mod record;
mod region;
mod region_mask;
mod region_outline;
mod result_table;
mod run;
mod sequence;
mod user_text;

pub use self::{
    attention::{AttentionPattern, AttentionSite, AttentionTrace, Precision, Tower, Weights},
    colormap::{Colormap, UnknownColormap},
    curves::{Curve, CurveFigure, CurveParts},
    figure::{
        Bar, BarCategory, BarFigure, BarGroup, BarParts, CaptionField, Figure, FigureError,
        Interval, ReferenceLine,
    },
    grid::{Grid, ImageFit, ImageSize, PixelInput},
    heatmap::{Heatmap, MapKind, TokenRow},
    heatmap_rgba::{ValueScale, heatmap_rgba},
    matrix::{MatrixFigure, MatrixParts},
    meter::{Meter, Stopped, go_on},
    metered_reader::MeteredReader,
    part_of_speech::{
        Bucket, BucketEdits, BucketError, PositionWords, TaggedWord, WordAlignment, WordShare,
    },
    plan::{AttentionMask, AttentionMode, AttentionPlan, KnockOut, PlanError},
    pointing::{MapRates, POINTING_VERSION, Pointing, PointingRates, Rate},
    reading::Reading,
    record::{Block, Choice, RecordSpec, TowerShape, TowerSpec, TraceShapes},
    region::{Coverage, Region, RegionFormat, RegionId, RegionSet},
    region_mask::{ColumnSegment, PixelBox, RegionMask, RunsError},
    region_outline::PixelCorner,
    result_table::{ResultTable, TableCell, TableRow},
    run::{Ending, OnProgress, Progress, Run, Timing},
    sequence::{PositionedToken, Prompt, Segment, SequenceLayout, SequenceOrder, TokenId},
    user_text::{PICTURE, TextRole, TextSpan, UserText},
};
