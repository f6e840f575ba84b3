//! The first stage: vision tower and resampler learn what stands where.

use std::path::Path;

use rand::RngExt as _;
use rayon::prelude::*;

use super::{
    config::TrainingConfig,
    dense::DenseLabels,
    error::Result,
    examples::rng_of_step,
    pool::{pixels_and_truth, pixels_of},
    stage::{Learner, OnStep, Outcome, Setting, Stage, StepLoss},
};
use crate::{
    domain::{Grid, PixelInput},
    model::{ComputeDevice, Dtype, MllmConfig},
    scene::{Split, World},
};

const SALT: u64 = 1;

/// Trains tower and resampler of a folder with dense labels, into another folder.
///
/// # Errors
/// Folders that do not fit, a loss that is no number, or the disk.
pub fn train_tower(
    config: &TrainingConfig,
    from: &Path,
    out: &Path,
    device: &ComputeDevice,
    on_step: OnStep<'_>,
) -> Result<Outcome> {
    let network = MllmConfig::of_folder(from)?;
    let cells = Grid::square(network.resampler.n_latents);
    let stage = TowerStage {
        config,
        world: World::new(),
        side: network.vision.image_side,
        patches: network.vision.patches(),
        cells: cells.unwrap_or(Grid { rows: 1, cols: network.resampler.n_latents }),
        device,
    };
    let setting = Setting {
        name: "tower",
        config,
        stage: &config.tower,
        from,
        out,
        device,
        dtype: Dtype::F32,
    };
    setting.run(&stage, on_step)
}

struct TowerStage<'a> {
    config: &'a TrainingConfig,
    world: World,
    side: usize,
    patches: Grid,
    cells: Grid,
    device: &'a ComputeDevice,
}

/// Pictures with the labels of their patches and of their latents.
struct Lesson {
    pixels: Vec<PixelInput>,
    of_patches: DenseLabels,
    of_latents: DenseLabels,
}

impl TowerStage<'_> {
    fn lesson(&self, split: Split, indices: &[u64]) -> Lesson {
        let drawn: Vec<_> = indices
            .par_iter()
            .map(|index| {
                let scene = self.world.scene(split, *index, self.config.world_seed);
                let (pixels, drawing) = pixels_and_truth(&self.world, &scene, self.side);
                // Half of the pictures come to their size as a file does, by a larger drawing.
                let pixels = match index % 2 {
                    0 => pixels,
                    _ => pixels_of(&self.world, &scene, self.side),
                };
                let of_patches = DenseLabels::of_patches(&scene, &drawing, self.patches);
                (pixels, of_patches, DenseLabels::of_latents(&scene, self.cells))
            })
            .collect();
        let mut lesson = Lesson {
            pixels: Vec::with_capacity(drawn.len()),
            of_patches: DenseLabels::default(),
            of_latents: DenseLabels::default(),
        };
        for (pixels, of_patches, of_latents) in drawn {
            lesson.pixels.push(pixels);
            lesson.of_patches.append(&of_patches);
            lesson.of_latents.append(&of_latents);
        }
        lesson
    }
}

impl Stage for TowerStage<'_> {
    fn step(&self, learner: &Learner, step: usize, part: usize) -> Result<StepLoss> {
        let stage = &self.config.tower;
        let n = stage.pictures / stage.parts;
        let number = step * stage.parts + part;
        let first = (number * n) as u64;
        let indices: Vec<u64> = match stage.scenes {
            0 => (first..first + n as u64).collect(),
            scenes => {
                let mut rng = rng_of_step(self.config.seed, SALT, number as u64);
                (0..n).map(|_| rng.random_range(0..scenes as u64)).collect()
            }
        };
        let lesson = self.lesson(Split::Train, &indices);
        let pixels: Vec<&PixelInput> = lesson.pixels.iter().collect();
        let patches = learner.network.encode_pictures(&pixels, self.device)?;
        let latents = learner.network.resample_pictures(&patches)?;
        let patch = learner.patch_head.read(patches, &lesson.of_patches);
        let latent = learner.latent_head.read(latents, &lesson.of_latents);
        Ok(StepLoss {
            loss: patch.loss + latent.loss.mul_scalar(stage.dense_weight),
            right: latent.kinds_right,
            asked: latent.shown,
        })
    }

    fn validate(&self, learner: &Learner) -> Result<Vec<(String, f64)>> {
        let indices: Vec<u64> = (0..self.config.tower.validation_scenes as u64).collect();
        let mut sums = [0_usize; 6];
        for indices in indices.chunks(32) {
            let lesson = self.lesson(Split::Validation, indices);
            let pixels: Vec<&PixelInput> = lesson.pixels.iter().collect();
            let patches = learner.network.encode_pictures(&pixels, self.device)?;
            let latents = learner.network.resample_pictures(&patches)?;
            let patch = learner.patch_head.read(patches, &lesson.of_patches);
            let latent = learner.latent_head.read(latents, &lesson.of_latents);
            let of = |r: &super::dense::DenseReading| [r.shown, r.kinds_right, r.colors_right];
            let counts = of(&patch).into_iter().chain(of(&latent));
            sums.iter_mut().zip(counts).for_each(|(sum, n)| *sum += n);
        }
        let share = |n: usize, of: usize| n as f64 / of.max(1) as f64;
        Ok(vec![
            ("accuracy.patch_kind".to_owned(), share(sums[1], sums[0])),
            ("accuracy.patch_color".to_owned(), share(sums[2], sums[0])),
            ("accuracy.latent_kind".to_owned(), share(sums[4], sums[3])),
            ("accuracy.latent_color".to_owned(), share(sums[5], sums[3])),
        ])
    }
}
