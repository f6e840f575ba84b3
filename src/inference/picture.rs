//! A picture encoded once, for as many prompts and plans as one likes.
//!
//! Vision tower and resampler know nothing of the question, so whatever is asked of a picture, and
//! under whatever mask, begins with the same latents.

use std::time::Instant;

use super::{engine::Engine, error::Result};
use crate::{
    domain::{
        AttentionTrace, ImageFit, OnProgress, PixelInput, Precision, RecordSpec, Tower, TowerSpec,
        Weights,
    },
    model::{Latents, PatchFeatures, TraceRecorder},
    vision::{DecodedImage, preprocess},
};

/// A picture as the vision tower saw it. Networks with the same vision tower can share it.
#[derive(Clone, Debug)]
pub struct SeenPicture {
    patches: PatchFeatures,
    fit: ImageFit,
    spec: TowerSpec,
    trace: AttentionTrace,
    secs: f64,
}

/// A picture as the decoder reads it, with what was recorded on the way.
#[derive(Clone, Debug)]
pub struct EncodedPicture {
    latents: Latents,
    fit: ImageFit,
    /// What was recorded of vision tower and resampler.
    spec: RecordSpec,
    trace: AttentionTrace,
    secs: f64,
}

impl EncodedPicture {
    /// The latents, on the device.
    pub(super) fn latents(&self) -> &Latents {
        &self.latents
    }

    /// How the picture was brought to the model's square.
    pub fn fit(&self) -> ImageFit {
        self.fit
    }

    /// The patterns of the picture's own towers.
    pub fn trace(&self) -> &AttentionTrace {
        &self.trace
    }

    /// Seconds that vision tower and resampler took.
    pub(super) fn secs(&self) -> f64 {
        self.secs
    }

    /// What a run's spec says of the towers that this picture went through: what was recorded of
    /// them, or nothing where the run asks for nothing.
    pub(super) fn put_towers_into(&self, spec: &mut RecordSpec) {
        let wants = |asked: &TowerSpec| *asked != TowerSpec::none();
        if wants(&spec.vision) {
            spec.vision = self.spec.vision.clone();
        }
        if wants(&spec.resampler) {
            spec.resampler = self.spec.resampler.clone();
        }
    }

    /// The recorded patterns that a run's spec asks for, at its precision.
    pub(super) fn trace_for(&self, spec: &RecordSpec) -> AttentionTrace {
        let mut trace = self.trace.clone();
        trace.patterns.retain(|site, _| spec.wants(*site));
        for pattern in trace.patterns.values_mut().flatten() {
            if let (Weights::F32(values), Precision::F16) = (&pattern.weights, spec.precision) {
                pattern.weights = Weights::new(values.clone(), Precision::F16);
            }
        }
        trace
    }
}

impl Engine {
    /// A picture as this model's square, and how it came there.
    pub fn pixels(&self, image: &DecodedImage) -> (PixelInput, ImageFit) {
        preprocess(image, self.network().config().vision.image_side)
    }

    /// Vision tower and resampler, with all the resampler's patterns, for many runs.
    ///
    /// # Errors
    /// A pass that `on_progress` stopped.
    pub fn encode(
        &self,
        image: &DecodedImage,
        on_progress: OnProgress<'_>,
    ) -> Result<EncodedPicture> {
        let seen = self.see(image, on_progress)?;
        self.encode_seen(&seen, on_progress)
    }

    /// The same of a square that was made in another way, without recording anything.
    ///
    /// # Errors
    /// A pass that `on_progress` stopped.
    pub fn encode_pixels(
        &self,
        pixels: &PixelInput,
        fit: ImageFit,
        on_progress: OnProgress<'_>,
    ) -> Result<EncodedPicture> {
        let nothing = RecordSpec::nothing();
        let seen = self.see_pixels(pixels, fit, &nothing, on_progress)?;
        self.encode_recorded(&seen, &nothing, on_progress)
    }

    /// The vision tower alone, without recording anything.
    ///
    /// # Errors
    /// A pass that `on_progress` stopped.
    pub fn see(&self, image: &DecodedImage, on_progress: OnProgress<'_>) -> Result<SeenPicture> {
        self.see_recorded(image, &RecordSpec::nothing(), on_progress)
    }

    /// The resampler, with all its patterns.
    ///
    /// # Errors
    /// A pass that `on_progress` stopped.
    ///
    /// # Panics
    /// For patches of a vision tower of another size.
    pub fn encode_seen(
        &self,
        seen: &SeenPicture,
        on_progress: OnProgress<'_>,
    ) -> Result<EncodedPicture> {
        let spec = RecordSpec { resampler: TowerSpec::all(), ..RecordSpec::nothing() };
        self.encode_recorded(seen, &spec, on_progress)
    }

    pub(super) fn see_recorded(
        &self,
        image: &DecodedImage,
        spec: &RecordSpec,
        on_progress: OnProgress<'_>,
    ) -> Result<SeenPicture> {
        let (pixels, fit) = self.pixels(image);
        self.see_pixels(&pixels, fit, spec, on_progress)
    }

    fn see_pixels(
        &self,
        pixels: &PixelInput,
        fit: ImageFit,
        spec: &RecordSpec,
        on_progress: OnProgress<'_>,
    ) -> Result<SeenPicture> {
        let start = Instant::now();
        let mut recorder =
            TraceRecorder::new(spec.clone(), 0).with_progress(self.on_layer(on_progress));
        let patches = self.network.encode_patches(pixels, &self.device, &mut recorder)?;
        let trace = recorder.into_parts().0;
        let secs = start.elapsed().as_secs_f64();
        Ok(SeenPicture { patches, fit, spec: spec.vision.clone(), trace, secs })
    }

    pub(super) fn encode_recorded(
        &self,
        seen: &SeenPicture,
        spec: &RecordSpec,
        on_progress: OnProgress<'_>,
    ) -> Result<EncodedPicture> {
        let start = Instant::now();
        let mut recorder =
            TraceRecorder::new(spec.clone(), 0).with_progress(self.on_layer(on_progress));
        let latents = self.network.resample(&seen.patches, &mut recorder)?;
        let mut trace = seen.trace.clone();
        let resampler = recorder.into_parts().0.patterns;
        trace.patterns.extend(resampler.into_iter().filter(|(s, _)| s.tower == Tower::Resampler));
        let spec = RecordSpec {
            vision: seen.spec.clone(),
            resampler: spec.resampler.clone(),
            precision: spec.precision,
            ..RecordSpec::nothing()
        };
        let secs = seen.secs + start.elapsed().as_secs_f64();
        Ok(EncodedPicture { latents, fit: seen.fit, spec, trace, secs })
    }
}
