//! A model folder, opened on a device: network, tokenizer and template, checked against each other.

use std::{ops::ControlFlow, path::Path, time::Instant};

use super::error::Result;
use crate::{
    domain::{OnProgress, Progress, Tower},
    model::{ComputeDevice, Dtype, Mllm, ModelFolder, NullRecorder, OnLayer, picture_outline},
    text::{ChatTemplate, TextTokenizer},
    vision::{DecodedImage, preprocess},
};

/// A loaded model.
#[derive(Debug)]
pub struct Engine {
    pub(super) network: Mllm,
    pub(super) tokenizer: TextTokenizer,
    pub(super) template: &'static ChatTemplate,
    pub(super) device: ComputeDevice,
    loaded: Loaded,
}

/// What is known of a loaded model.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The type of its large matrices.
    pub dtype: Dtype,
    /// How long loading took, in seconds.
    pub secs: f64,
}

impl Engine {
    /// Opens a folder on a device.
    ///
    /// # Errors
    /// Whatever is missing or contradictory, with file and field.
    pub fn open(
        folder: &Path,
        device: ComputeDevice,
        dtype: Option<Dtype>,
        on_progress: OnProgress<'_>,
    ) -> Result<Self> {
        let start = Instant::now();
        let folder = ModelFolder::open(folder)?;
        let decoder = &folder.config().decoder;
        // The tokenizer first: a folder that cannot be asked anything should not load for minutes.
        let template = ChatTemplate::for_model_type(&decoder.model_type)?;
        let tokenizer = TextTokenizer::open(folder.path(), template, decoder.base_vocab)?;
        let mut on_load = |progress: crate::model::LoadProgress| -> ControlFlow<()> {
            on_progress(Progress::Loading { bytes: progress.bytes, total: progress.total })
        };
        let (network, dtype) = folder.load(&device, dtype, &mut on_load)?;
        let loaded = Loaded { dtype, secs: start.elapsed().as_secs_f64() };
        Ok(Self { network, tokenizer, template, device, loaded })
    }

    /// Tells `on_progress` of each layer, with the number its tower has.
    pub(super) fn on_layer<'a>(&self, on_progress: OnProgress<'a>) -> OnLayer<'a> {
        let config = self.network.config();
        let (vision, resampler, decoder) =
            (config.vision.n_layers, config.resampler.n_layers, config.decoder.n_layers);
        Box::new(move |site| {
            let of = match site.tower {
                Tower::Vision => vision,
                Tower::Resampler => resampler,
                Tower::Decoder => decoder,
            };
            on_progress(Progress::Layer { site, of })
        })
    }

    /// What a picture looks like to the vision tower, as [`picture_outline`] says. Shape
    /// `[2 d_vision]`.
    ///
    /// # Errors
    /// As for every pass.
    pub fn outline(&self, image: &DecodedImage) -> Result<Vec<f32>> {
        let (pixels, _) = preprocess(image, self.network.config().vision.image_side);
        let values =
            self.network.encode_patches(&pixels, &self.device, &mut NullRecorder)?.values();
        Ok(picture_outline(&values, self.network.config().vision.d_model))
    }

    /// The network.
    pub fn network(&self) -> &Mllm {
        &self.network
    }

    /// The device it runs on.
    pub fn device(&self) -> &ComputeDevice {
        &self.device
    }

    /// The tokenizer.
    pub fn tokenizer(&self) -> &TextTokenizer {
        &self.tokenizer
    }

    /// Type and time of the load.
    pub fn loaded(&self) -> &Loaded {
        &self.loaded
    }
}
