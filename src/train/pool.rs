//! Scenes, drawn as a picture is and read by a frozen vision tower once.

use std::{
    fmt,
    ops::{ControlFlow, Range},
    sync::Arc,
};

use burn::prelude::*;
use rayon::prelude::*;
use serde::Serialize;

use super::{error::Result, log::TrainProgress, stage::OnStep};
use crate::{
    domain::{ImageSize, PixelInput},
    model::{ComputeDevice, Mllm, ModelError, host_values, picture_outline},
    scene::{Drawing, Scene, Split, World},
    vision::{pixels_from_resized, resize_square},
};

/// Pictures encoded together.
const BATCH: usize = 64;

/// Scenes and the vectors of their patches.
pub(super) struct Pool {
    pub(super) scenes: Vec<Scene>,
    /// `[scenes, P, d_vision]`
    features: Vec<f32>,
    shape: [usize; 2],
}

/// Pools that trainings have in common: those of one vision tower over the same scenes.
///
/// Drawing and encoding 20,000 scenes takes minutes, and a comparison of methods trains many models with
/// one frozen tower.
#[derive(Default)]
pub struct Pools(Vec<(Key, Arc<Pool>)>);

/// What a pool is of. Towers are told apart by what they make of the first scene, bit by bit.
#[derive(Clone, PartialEq)]
struct Key {
    split: Split,
    range: Range<u64>,
    seed: u64,
    first: Vec<u32>,
}

impl fmt::Debug for Pools {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pools({})", self.0.len())
    }
}

impl Pools {
    /// The pool of these scenes under this tower: the one that is there, or a new one.
    pub(super) fn take(
        &mut self,
        (world, split, range, seed): (&World, Split, Range<u64>, u64),
        (encoder, device): (&Mllm, &ComputeDevice),
        on_step: OnStep<'_>,
    ) -> Result<Arc<Pool>> {
        let one = range.start..range.end.min(range.start + 1);
        let quiet: OnStep<'_> = &mut |_| ControlFlow::Continue(());
        let first = Pool::new(world, split, one, seed, (encoder, device), quiet)?;
        let first = first.features.iter().map(|x| x.to_bits()).collect();
        let key = Key { split, range, seed, first };
        if let Some((_, pool)) = self.0.iter().find(|(there, _)| *there == key) {
            return Ok(Arc::clone(pool));
        }
        let scenes = key.range.clone();
        let pool = Arc::new(Pool::new(world, split, scenes, seed, (encoder, device), on_step)?);
        self.0.push((key, Arc::clone(&pool)));
        Ok(pool)
    }
}

/// What pictures look like to the vision tower: the distribution of their outlines.
#[derive(Debug, Serialize)]
pub(super) struct Looks {
    /// Mean of [`picture_outline`], `[2 d_vision]`.
    mean: Vec<f32>,
    /// Its standard deviation, `[2 d_vision]`.
    spread: Vec<f32>,
    /// The distance from the mean that 99 % of the pictures stay within: the root mean square over
    /// dimensions, in units of the spread.
    usual_distance: f64,
}

/// Draws a scene twice as large as the network sees it and brings it to size as a file would be.
pub(super) fn pixels_of(world: &World, scene: &Scene, side: usize) -> PixelInput {
    let large = 2 * side as u32;
    let drawing = world.draw(scene, large);
    let size = ImageSize { width: large, height: large };
    pixels_from_resized(&resize_square(&drawing.rgb, size, side), side)
}

/// Pixels and the drawing at the network's own size, whose regions are exact there.
pub(super) fn pixels_and_truth(world: &World, scene: &Scene, side: usize) -> (PixelInput, Drawing) {
    let drawing = world.draw(scene, side as u32);
    (pixels_from_resized(&drawing.rgb, side), drawing)
}

impl Pool {
    /// Draws and encodes the scenes of a range.
    pub(super) fn new(
        world: &World,
        split: Split,
        range: Range<u64>,
        seed: u64,
        (encoder, device): (&Mllm, &ComputeDevice),
        on_step: OnStep<'_>,
    ) -> Result<Self> {
        let side = encoder.config().vision.image_side;
        let n = (range.end - range.start) as usize;
        let indices: Vec<u64> = range.collect();
        let scenes: Vec<Scene> =
            indices.par_iter().map(|index| world.scene(split, *index, seed)).collect();
        let (mut features, mut shape) = (Vec::new(), [0, 0]);
        for (batch, scenes) in scenes.chunks(BATCH).enumerate() {
            let pixels: Vec<PixelInput> =
                scenes.par_iter().map(|scene| pixels_of(world, scene, side)).collect();
            let pixels: Vec<&PixelInput> = pixels.iter().collect();
            let encoded = encoder.encode_pictures(&pixels, device)?;
            let [_, patches, width] = encoded.dims();
            shape = [patches, width];
            features.extend(host_values(encoded));
            let done = (batch * BATCH + scenes.len()).min(n);
            if let ControlFlow::Break(()) = on_step(&TrainProgress::Preparing { done, of: n }) {
                return Err(ModelError::Stopped.into());
            }
        }
        Ok(Self { scenes, features, shape })
    }

    /// What the pictures look like to the vision tower.
    pub(super) fn looks(&self) -> Looks {
        let [patches, width] = self.shape;
        let outlines = self.features.chunks_exact((patches * width).max(1));
        let outlines: Vec<Vec<f32>> =
            outlines.map(|picture| picture_outline(picture, width)).collect();
        let n = outlines.len().max(1) as f64;
        let over = |i: usize, f: &dyn Fn(f64) -> f64| {
            outlines.iter().map(|outline| f(f64::from(outline[i]))).sum::<f64>() / n
        };
        let mean: Vec<f64> = (0..2 * width).map(|i| over(i, &|x| x)).collect();
        let variance = |i: usize| over(i, &|x| (x - mean[i]).powi(2));
        let spread: Vec<f64> = (0..2 * width).map(|i| variance(i).sqrt().max(1e-6)).collect();
        let distance = |outline: &Vec<f32>| {
            let off = outline.iter().zip(&mean).zip(&spread);
            let squares = off.map(|((x, m), s)| ((f64::from(*x) - m) / s).powi(2));
            (squares.sum::<f64>() / mean.len().max(1) as f64).sqrt()
        };
        let mut distances: Vec<f64> = outlines.iter().map(distance).collect();
        distances.sort_by(f64::total_cmp);
        // All but the 1 % that lie farthest out.
        let at = (distances.len() * 99 / 100).min(distances.len().saturating_sub(1));
        let usual_distance = distances.get(at).copied().unwrap_or(0.0);
        let narrow = |values: Vec<f64>| values.into_iter().map(|v| v as f32).collect();
        Looks { mean: narrow(mean), spread: narrow(spread), usual_distance }
    }

    /// The vectors of some scenes' patches. Shape `[picks, P, d_vision]`.
    pub(super) fn features(&self, picks: &[usize], device: &Device) -> Tensor<3> {
        let [patches, width] = self.shape;
        let each = patches * width;
        let values: Vec<f32> = picks
            .iter()
            .flat_map(|pick| &self.features[pick * each..(pick + 1) * each])
            .copied()
            .collect();
        Tensor::from_data(TensorData::new(values, [picks.len(), patches, width]), device)
    }
}
