//! `aki-lens regions`: what an import of segmentations would give.

#![expect(clippy::print_stdout, reason = "the report goes to standard output")]

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Context as _, Result};
use clap::Args as ClapArgs;

use super::commands::Voice;
use crate::app::jobs::{self, Overlaps, RegionSource, Regions, RegionsReport, SizeFix};

/// Flags of `regions`.
#[derive(Debug, ClapArgs)]
pub struct RegionsArgs {
    /// A file or folder of segmentations; its format is told by content
    #[arg(value_name = "FILE|DIR", required_unless_present = "boxes", conflicts_with = "boxes")]
    pub source: Option<PathBuf>,
    /// The picture they belong to
    #[arg(long, value_name = "FILE")]
    pub image: PathBuf,
    /// What is made of them.
    #[command(flatten)]
    pub how: OverlapArgs,
    /// A box in pixels of the picture as shown, as in 10,20,100,50, or with a name as in
    /// cup=10,20,100,50; may be given several times
    #[arg(long = "box", value_name = "X,Y,W,H", allow_hyphen_values = true)]
    pub boxes: Vec<String>,
    /// Print the regions as JSON, run lengths included
    #[arg(long)]
    pub json: bool,
}

/// What is made of regions that were read.
#[derive(Debug, ClapArgs)]
pub struct OverlapArgs {
    /// Accept regions of another size: swap (width and height exchanged) or scale
    #[arg(long, value_name = "FIX")]
    pub size_fix: Option<SizeFix>,
    /// Where regions lie over each other: all (as they are), exclusive (each pixel to the smallest)
    /// or top-level (regions within others left out, then as exclusive)
    #[arg(long, value_name = "POLICY", default_value = "all")]
    pub overlap: Overlaps,
    /// Add the rest of the image as a region, so that disjoint regions sum to the whole
    #[arg(long)]
    pub rest: bool,
}

impl OverlapArgs {
    /// The regions in a file or folder, or in boxes, so treated.
    pub(super) fn source(&self, path: Option<PathBuf>, boxes: Vec<String>) -> RegionSource {
        let (size_fix, overlaps, with_rest) = (self.size_fix, self.overlap, self.rest);
        RegionSource { path, boxes, size_fix, overlaps, with_rest, ..RegionSource::default() }
    }
}

/// Reads regions and prints what they are.
///
/// # Errors
/// Whatever failed, in one line.
pub(super) fn run_regions(args: RegionsArgs, voice: Voice) -> Result<ExitCode> {
    let RegionsArgs { source, image, how, boxes, json } = args;
    let report = jobs::regions(&Regions { source: how.source(source, boxes), image })?;
    if json {
        println!("{}", serde_json::to_string_pretty(&report).context("while writing JSON")?);
    } else {
        print_regions(&report);
    }
    Ok(voice.warn(&report.warnings))
}

fn print_regions(report: &RegionsReport) {
    let [width, height] = report.image;
    let n = match report.regions.len() {
        1 => "1 region".to_owned(),
        n => format!("{n} regions"),
    };
    println!("{n} ({}) of a picture of {width} x {height}", report.format);
    for region in &report.regions {
        let [x, y, w, h] = region.bbox;
        let (id, label, area) = (region.id.to_string(), &region.label, region.area);
        println!("  {id:<8} {area:>9} pixels  {w} x {h} at {x}, {y}  {label}");
    }
    let [covered, overlapping, uncovered] =
        [report.covered, report.overlapping, report.uncovered].map(|share| 100.0 * share);
    println!(
        "  covered {covered:.1} %, by several {overlapping:.1} %, rest of image {uncovered:.1} %"
    );
}
