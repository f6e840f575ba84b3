//! Scenes, drawn as a picture is and read by a frozen vision tower once.

use std::ops::{ControlFlow, Range};

use burn::prelude::*;
use rayon::prelude::*;

use super::{error::Result, log::TrainProgress, stage::OnStep};
use crate::{
    domain::{ImageSize, PixelInput},
    model::{ComputeDevice, Mllm, ModelError, host_values},
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

    /// Mean and spread of the pictures' mean patch vectors, `[d_vision]` each, and the largest
    /// distance from that mean: the root mean square over dimensions, in units of the spread.
    pub(super) fn outline(&self) -> (Vec<f32>, Vec<f32>, f64) {
        let [patches, width] = self.shape;
        let pooled: Vec<Vec<f64>> = self
            .features
            .chunks_exact((patches * width).max(1))
            .map(|picture| {
                let mut sum = vec![0.0; width];
                for vector in picture.chunks_exact(width) {
                    sum.iter_mut().zip(vector).for_each(|(s, v)| *s += f64::from(*v));
                }
                sum.iter().map(|s| s / patches as f64).collect()
            })
            .collect();
        let n = pooled.len().max(1) as f64;
        let mean: Vec<f64> =
            (0..width).map(|i| pooled.iter().map(|v| v[i]).sum::<f64>() / n).collect();
        let variance = |i: usize| pooled.iter().map(|v| (v[i] - mean[i]).powi(2)).sum::<f64>() / n;
        let spread: Vec<f64> = (0..width).map(|i| variance(i).sqrt().max(1e-6)).collect();
        let distance = |v: &Vec<f64>| {
            let squares = v.iter().zip(&mean).zip(&spread).map(|((x, m), s)| ((x - m) / s).powi(2));
            (squares.sum::<f64>() / width as f64).sqrt()
        };
        let largest = pooled.iter().map(distance).fold(0.0, f64::max);
        let narrow = |values: Vec<f64>| values.into_iter().map(|v| v as f32).collect();
        (narrow(mean), narrow(spread), largest)
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
