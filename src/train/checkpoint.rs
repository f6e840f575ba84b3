//! The files of an unfinished stage: weights, moments and the step, from which it goes on exactly.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use burn::{
    module::{Module, ModuleMapper, ModuleVisitor, Param, ParamId},
    prelude::*,
};
use serde_json::json;

use super::{
    config::TrainingConfig,
    error::{Result, TrainError},
    folder::write_json,
    optimizer::{Moments, Optimizer},
};
use crate::session::{ArrayError, NamedArrays};

/// The folder of a stage's state, inside the folder it writes.
pub(super) const STATE: &str = "state";

/// The identity of a parameter that is no tensor of the checkpoint.
pub(super) fn identity(name: &str) -> ParamId {
    crate::model::param_id(name)
}

/// Where a stage stood.
#[derive(Debug)]
pub(super) struct Saved {
    pub(super) step: usize,
    arrays: NamedArrays,
}

fn key(id: u64) -> String {
    format!("{id:016x}")
}

/// What must agree for a state to be gone on from.
fn fingerprint(stage: &str, config: &TrainingConfig, from: &Path) -> serde_json::Value {
    json!({ "stage": stage, "config": config, "from": from.display().to_string() })
}

/// Writes the state of a stage. The step is written last: what is older is not taken for newer.
pub(super) fn save<M: Module>(
    out: &Path,
    stage: &str,
    config: &TrainingConfig,
    from: &Path,
    step: usize,
    module: &M,
    optimizer: &Optimizer,
) -> Result<()> {
    let folder = out.join(STATE);
    fs::create_dir_all(&folder).map_err(TrainError::file("make", &folder))?;
    let mut arrays = NamedArrays::default();
    module.visit(&mut Writer { arrays: &mut arrays });
    for (id, Moments { time, first, second }) in optimizer.moments() {
        arrays.f32(format!("first.{}", key(id)), &[first.len()], &first);
        arrays.f32(format!("second.{}", key(id)), &[second.len()], &second);
        arrays.i64(format!("time.{}", key(id)), &[1], &[time as i64]);
    }
    arrays.i64("step", &[1], &[step as i64]);
    let path = folder.join("state.safetensors");
    write_json(&folder.join("state.json"), &fingerprint(stage, config, from))?;
    arrays.write(&path).map_err(|e| unreadable(&path, &e))
}

fn unreadable(path: &Path, error: &ArrayError) -> TrainError {
    TrainError::BadState { path: path.to_owned(), reason: error.to_string() }
}

/// Reads the state of this very stage and configuration; `None` where a stage begins.
///
/// # Errors
/// [`TrainError::Occupied`] for a folder that holds something else.
pub(super) fn open(
    out: &Path,
    stage: &str,
    config: &TrainingConfig,
    from: &Path,
) -> Result<Option<Saved>> {
    let folder = out.join(STATE);
    let path: PathBuf = folder.join("state.safetensors");
    if !path.exists() {
        super::folder::empty_folder(out)?;
        return Ok(None);
    }
    let about = fs::read_to_string(folder.join("state.json")).unwrap_or_default();
    let about: serde_json::Value = serde_json::from_str(&about).unwrap_or_default();
    if about != fingerprint(stage, config, from) {
        return Err(TrainError::Occupied { path: out.to_owned() });
    }
    let arrays = NamedArrays::open(&path).map_err(|e| unreadable(&path, &e))?;
    let step = arrays.get_i64("step").and_then(|values| values.first().copied());
    let bad = || TrainError::BadState { path: path.clone(), reason: "it has no step".to_owned() };
    Ok(Some(Saved { step: step.ok_or_else(bad)? as usize, arrays }))
}

impl Saved {
    /// Puts the saved values into a module and an optimizer of the same making.
    pub(super) fn restore<M: Module>(
        self,
        module: M,
        optimizer: &mut Optimizer,
        device: &Device,
    ) -> M {
        let mut moments = BTreeMap::new();
        for name in self.arrays.names().filter_map(|name| name.strip_prefix("time.")) {
            let id = u64::from_str_radix(name, 16).unwrap_or_default();
            let values = |kind: &str| {
                self.arrays.get_f32(&format!("{kind}.{name}")).map_or_else(Vec::new, |(_, v)| v)
            };
            let time = self.arrays.get_i64(&format!("time.{name}"));
            let time = time.and_then(|t| t.first().copied()).unwrap_or(0) as usize;
            moments.insert(id, Moments { time, first: values("first"), second: values("second") });
        }
        optimizer.restore(moments, device);
        module.map(&mut Reader { arrays: &self.arrays })
    }
}

struct Writer<'a> {
    arrays: &'a mut NamedArrays,
}

impl ModuleVisitor for Writer<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let values = param.val().into_data().try_into_vec::<f32>().unwrap_or_default();
        self.arrays.f32(format!("weight.{}", key(param.id.val())), &[values.len()], &values);
    }
}

struct Reader<'a> {
    arrays: &'a NamedArrays,
}

impl ModuleMapper for Reader<'_> {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let (id, tensor, mapper) = param.consume();
        let shape = tensor.dims();
        let saved = self.arrays.get_f32(&format!("weight.{}", key(id.val())));
        let tensor = match saved {
            Some((_, values)) if values.len() == shape.iter().product::<usize>() => {
                let data = TensorData::new(values, shape);
                Tensor::from_data(data, &tensor.device()).require_grad()
            }
            _ => tensor,
        };
        Param::from_mapped_value(id, tensor, mapper)
    }
}
