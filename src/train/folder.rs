//! Reading and writing the folders between stages.

use std::{fs, path::Path};

use serde_json::Value;

use super::{
    dense::DenseHead,
    error::{Result, TrainError},
    stage::Learner,
};
use crate::{
    model::{Dtype, NamedTensor},
    session::{ArrayError, NamedArrays, write_whole},
};

/// Makes a folder, or takes an empty one.
pub(super) fn empty_folder(path: &Path) -> Result<()> {
    let is_occupied = fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_some());
    if is_occupied {
        return Err(TrainError::Occupied { path: path.to_owned() });
    }
    fs::create_dir_all(path).map_err(TrainError::file("make", path))
}

pub(super) fn write_json(path: &Path, value: &Value) -> Result<()> {
    let text = format!("{value:#}\n");
    write_whole(path, text.as_bytes()).map_err(TrainError::file("write", path))
}

/// Writes `model.safetensors`.
pub(super) fn write_weights(folder: &Path, tensors: &[NamedTensor], dtype: Dtype) -> Result<()> {
    write_tensors(&folder.join("model.safetensors"), tensors, dtype)
}

pub(super) fn write_tensors(path: &Path, tensors: &[NamedTensor], dtype: Dtype) -> Result<()> {
    let mut arrays = NamedArrays::default();
    for NamedTensor { name, shape, values } in tensors {
        match dtype {
            Dtype::F16 => arrays.f16(name, shape, values),
            _ => arrays.f32(name, shape, values),
        }
    }
    arrays.write(path).map_err(|e| match e {
        ArrayError::Unwritable { path, source } => TrainError::File { what: "write", path, source },
        other => TrainError::BadState { path: path.to_owned(), reason: other.to_string() },
    })
}

const HEADS: &str = "dense_heads.safetensors";

/// Writes the dense heads beside the network, for a stage that goes on teaching with them.
pub(super) fn write_heads(folder: &Path, learner: &Learner) -> Result<()> {
    let heads = [("patch_head", &learner.patch_head), ("latent_head", &learner.latent_head)];
    let tensors: Vec<NamedTensor> =
        heads.iter().flat_map(|(name, head)| head.named_tensors(name)).collect();
    write_tensors(&folder.join(HEADS), &tensors, Dtype::F32)
}

/// Reads the dense heads; those of a folder without any are as they were made.
pub(super) fn read_heads(folder: &Path, learner: Learner) -> Result<Learner> {
    let path = folder.join(HEADS);
    if !path.exists() {
        return Ok(learner);
    }
    let arrays = NamedArrays::open(&path)
        .map_err(|e| TrainError::BadState { path: path.clone(), reason: e.to_string() })?;
    let Learner { network, patch_head, latent_head } = learner;
    let fits = |name: &str, head: DenseHead| {
        head.with_values(name, &arrays).ok_or_else(|| TrainError::BadState {
            path: path.clone(),
            reason: format!("{name} does not fit this world"),
        })
    };
    Ok(Learner {
        network,
        patch_head: fits("patch_head", patch_head)?,
        latent_head: fits("latent_head", latent_head)?,
    })
}
