//! Flags of maps over the picture and of its regions.

use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::{args::positive, regions::OverlapArgs};
use crate::{
    app::jobs::{EntityReading, MapChoice, MapOf, Maps, OverlayStyle, Projection, SinkRule},
    domain::{Colormap, ValueScale},
};

/// What is drawn over the picture, and counted in its regions.
#[derive(Debug, ClapArgs)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct HeatmapArgs {
    /// Also draw attention over the picture: .png (300 dpi) or .svg, or .csv for the numbers behind it
    #[arg(long, value_name = "FILE")]
    pub heatmap: Option<PathBuf>,
    /// Which map: looks-at (where a word of the question looks), answered-from (where the model
    /// looked while choosing a token), answered-from-after (where that token looked once written),
    /// read-by (which parts of the picture attend to a word; no locator) or made-from (what a latent
    /// was made from); several, separated by commas, stand side by side [default: looks-at for a word
    /// of the question, otherwise answered-from]
    #[arg(long = "map", value_name = "MAP", value_delimiter = ',')]
    pub maps: Vec<MapChoice>,
    /// Of which word (fish, or fish#2 for its second occurrence) or token (#7: a position of the
    /// prompt, of answered-from a token of the answer, of made-from a latent); the mean of several with
    /// a plus between them (fish+bowl); given several times, maps stand side by side [default: the
    /// answer's first word; of looks-at and read-by, the question's first object]
    #[arg(long, value_name = "WORD|#N")]
    pub of: Vec<MapOf>,
    /// How latents are carried back to patches: composed, last-layer, mean or through-vision
    #[arg(long, value_name = "HOW", default_value = "composed", value_parser = projection)]
    pub projection: Projection,
    /// Leave out sinks, tokens and latents that draw attention whatever is asked; the figure says how
    /// much that is
    #[arg(long)]
    pub no_sinks: bool,
    /// With --no-sinks: a position is a sink from this many times what uniform attention would bring
    /// it
    #[arg(long, value_name = "TIMES", default_value_t = SinkRule::default().times_uniform, value_parser = positive)]
    pub sink_times: f64,
    /// Colors: viridis, inferno, cividis or diverging
    #[arg(long, value_name = "NAME", default_value = "viridis")]
    pub colormap: Colormap,
    /// How much of the picture colors cover, from 0 to 1
    #[arg(long, value_name = "PART", default_value = "0.6", value_parser = part)]
    pub opacity: f64,
    /// Draw values between the middles of patches, and say so
    #[arg(long)]
    pub smooth: bool,
    /// Give each map its own scale of colors, and say so
    #[arg(long)]
    pub own_scales: bool,
    /// The numbers between which colors run, for all maps, as in 0,0.05; what lies beyond has the color
    /// of its end [default: 0 to the largest value]
    #[arg(long, value_name = "LOW,HIGH", value_parser = scale, allow_hyphen_values = true, conflicts_with = "own_scales")]
    pub scale: Option<ValueScale>,
    /// Let the picture through where values say little, as the window does
    #[arg(long)]
    pub fade: bool,
    /// Regions that are outlined and counted: a file or folder of segmentations, or of a session
    #[arg(long, value_name = "FILE|DIR", conflicts_with = "boxes")]
    pub regions: Option<PathBuf>,
    /// Count regions, and do not draw their outlines
    #[arg(long)]
    pub no_outlines: bool,
    /// A box in pixels of the picture as shown, as in 10,20,100,50, or with a name as in
    /// cup=10,20,100,50; may be given several times
    #[arg(long = "box", value_name = "X,Y,W,H", allow_hyphen_values = true)]
    pub boxes: Vec<String>,
    /// What is made of them.
    #[command(flatten)]
    pub overlaps: OverlapArgs,
    /// Also draw regions by words: .svg or .png (300 dpi), or .csv or .json for the numbers behind it
    #[arg(long, value_name = "FILE")]
    pub matrix: Option<PathBuf>,
    /// What its cells say: mass, density (mass over the covered part of the picture) or lift (over
    /// uniform attention under the same mask)
    #[arg(long, value_name = "READING", default_value = "lift", value_parser = entity_reading)]
    pub matrix_reading: EntityReading,
}

impl HeatmapArgs {
    /// What was asked for.
    pub(super) fn maps(&self) -> Maps {
        Maps {
            maps: self.maps.clone(),
            of: self.of.clone(),
            projection: self.projection,
            without_sinks: self.no_sinks.then_some(SinkRule { times_uniform: self.sink_times }),
            style: OverlayStyle {
                colormap: self.colormap,
                opacity: self.opacity,
                smooth: self.smooth,
                shared_scale: !self.own_scales,
                scale: self.scale,
                fades: self.fade,
            },
            heatmap: self.heatmap.clone(),
            without_outlines: self.no_outlines,
            regions: self.overlaps.source(self.regions.clone(), self.boxes.clone()),
            matrix: self.matrix.clone(),
            matrix_reading: self.matrix_reading,
        }
    }
}

fn part(text: &str) -> Result<f64, String> {
    let found = text.parse().ok().filter(|part| (0.0..=1.0).contains(part));
    found.ok_or_else(|| format!("\"{text}\" is no number from 0 to 1"))
}

fn scale(text: &str) -> Result<ValueScale, String> {
    let number = |text: &str| text.trim().parse().ok().filter(|number: &f64| number.is_finite());
    let ends = text.split_once(',').and_then(|(low, high)| Some((number(low)?, number(high)?)));
    let scale = ends.filter(|(low, high)| low < high).map(|(low, high)| ValueScale { low, high });
    scale.ok_or_else(|| format!("write a number and a larger one, as in 0,0.05, not \"{text}\""))
}

fn projection(name: &str) -> Result<Projection, String> {
    match name {
        "composed" => Ok(Projection::Composed),
        "last-layer" => Ok(Projection::LastLayer),
        "mean" => Ok(Projection::MeanOfLayers),
        "through-vision" => Ok(Projection::ThroughVision),
        _ => Err("choose composed, last-layer, mean or through-vision".to_owned()),
    }
}

fn entity_reading(name: &str) -> Result<EntityReading, String> {
    let found = EntityReading::ALL.into_iter().find(|reading| reading.to_string() == name);
    found.ok_or_else(|| "choose mass, density or lift".to_owned())
}
