//! A checkpoint folder as released: configurations, presets for what they only name, and weights.

use std::{
    fs, io,
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use serde::de::DeserializeOwned;

use super::{
    ComputeDevice, Dtype, Mllm, MllmConfig,
    checkpoint::Checkpoint,
    config::{AkiJson, ResamplerJson, TextJson, VisionJson},
    error::{ModelError, Result},
    presets,
    source::{FileSource, Placement, Scope},
};

/// An opened checkpoint folder: configurations read, weights mapped but not yet loaded.
pub struct ModelFolder {
    path: PathBuf,
    config: MllmConfig,
    checkpoint: Checkpoint,
}

impl std::fmt::Debug for ModelFolder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ModelFolder {}", self.path.display())
    }
}

/// How far a load has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoadProgress {
    /// Bytes of weights read.
    pub bytes: u64,
    /// Bytes of weights in the folder.
    pub total: u64,
}

impl ModelFolder {
    /// Reads the configurations and maps the weights.
    ///
    /// # Errors
    /// Whatever is missing, unreadable or contradictory, with the file and the field.
    pub fn open(path: &Path) -> Result<Self> {
        let config = read_config(path)?;
        let checkpoint = Checkpoint::open(path)?;
        Ok(Self { path: path.to_owned(), config, checkpoint })
    }

    /// The sizes of the network.
    pub fn config(&self) -> &MllmConfig {
        &self.config
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether another folder has the same vision tower: what it makes of a picture is then the
    /// same, and need not be computed twice.
    pub fn has_same_vision(&self, other: &Self) -> bool {
        self.config.vision == other.config.vision
            && self.checkpoint.is_same_under(&other.checkpoint, "vision_encoder.")
    }

    /// Whether another folder has the same resampler, behind the same vision tower.
    pub fn has_same_resampler(&self, other: &Self) -> bool {
        self.has_same_vision(other)
            && self.config.resampler == other.config.resampler
            && self.checkpoint.is_same_under(&other.checkpoint, "vision_tokenizer.")
    }

    /// Builds the network on a device, checking every tensor.
    ///
    /// # Errors
    /// A missing, extra, misshaped or non-finite tensor; [`ModelError::Stopped`] where `on_progress`
    /// breaks.
    pub fn load(
        &self,
        device: &ComputeDevice,
        dtype: Option<Dtype>,
        on_progress: &mut dyn FnMut(LoadProgress) -> ControlFlow<()>,
    ) -> Result<(Mllm, Dtype)> {
        let dtype = dtype.unwrap_or_else(|| device.default_dtype(self.checkpoint.main_dtype()));
        device.check_dtype(dtype)?;
        let placement = Placement {
            device: device.burn().clone(),
            on_host: device.reads_mapped_weights(),
            dtype,
        };
        let total = self.checkpoint.total_bytes();
        let mut on_bytes = |bytes| on_progress(LoadProgress { bytes, total });
        let source = FileSource::new(&self.checkpoint, placement, &mut on_bytes);
        let network = Mllm::new(&Scope::root(&source), &self.config)?;
        self.checkpoint.check_all_used()?;
        Ok((network, dtype))
    }
}

impl MllmConfig {
    /// Reads the configurations of a folder, whether or not it holds weights yet.
    ///
    /// # Errors
    /// Whatever is missing, unreadable or contradictory, with the file and the field.
    pub fn of_folder(folder: &Path) -> Result<Self> {
        read_config(folder)
    }
}

fn read_config(folder: &Path) -> Result<MllmConfig> {
    let path = folder.join("config.json");
    if !folder.is_dir() {
        let source = io::Error::new(io::ErrorKind::NotFound, "no such folder");
        return Err(ModelError::Unreadable { path: folder.to_owned(), source });
    }
    let aki: AkiJson = read_json(&path)?.ok_or_else(|| ModelError::NotACheckpoint {
        folder: folder.to_owned(),
        missing: "config.json",
    })?;
    let vision: VisionJson = beside_or_preset(
        folder,
        "vision_config.json",
        "vision_encoder_path",
        &aki.vision_encoder_path,
    )?;
    let text: TextJson =
        beside_or_preset(folder, "text_config.json", "lang_model_path", &aki.lang_model_path)?;
    let resampler: ResamplerJson =
        read_json(&folder.join("resampler_config.json"))?.unwrap_or_default();
    let bad = |file: &str| {
        let path = folder.join(file);
        move |reason: String| ModelError::BadConfig { path, reason }
    };
    Ok(MllmConfig {
        vision: vision.into_config().map_err(bad("vision_config.json"))?,
        resampler: resampler
            .into_config(aki.num_vision_tokens)
            .map_err(bad("resampler_config.json"))?,
        decoder: text.into_config(aki.initial_tokenizer_len).map_err(bad("text_config.json"))?,
    })
}

/// A file's JSON; `None` where there is no such file.
pub(super) fn read_json<T: DeserializeOwned>(path: &Path) -> Result<Option<T>> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(ModelError::Unreadable { path: path.to_owned(), source }),
    };
    let parsed = serde_json::from_str(&text);
    parsed
        .map(Some)
        .map_err(|e| ModelError::BadConfig { path: path.to_owned(), reason: e.to_string() })
}

fn beside_or_preset<T: DeserializeOwned>(
    folder: &Path,
    beside: &'static str,
    field: &'static str,
    name: &str,
) -> Result<T> {
    if let Some(config) = read_json(&folder.join(beside))? {
        return Ok(config);
    }
    let unknown = || ModelError::UnknownPreset {
        path: folder.join("config.json"),
        field,
        name: name.to_owned(),
        beside,
        known: presets::names().join(", "),
    };
    let preset = presets::find(name).ok_or_else(unknown)?;
    // A preset of the wrong kind (a language model as the vision tower) does not parse.
    serde_json::from_str(preset).ok().ok_or_else(unknown)
}
