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
    running_mean::RunningMean,
};
use crate::{
    model::host_values,
    session::{ArrayError, NamedArrays},
};

/// The folder of a stage's state, inside the folder it writes.
pub(super) const STATE: &str = "state";

/// The identity of a parameter that is no tensor of the checkpoint.
pub(super) fn identity(name: &str) -> ParamId {
    crate::model::param_id(name)
}

/// How far a stage is.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Standing {
    /// Steps done.
    pub(super) step: usize,
    /// Of the steps so far.
    pub(super) mean: RunningMean,
}

/// A stage that was not finished.
#[derive(Debug)]
pub(super) struct Saved {
    pub(super) standing: Standing,
    path: PathBuf,
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
    standing: Standing,
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
    arrays.i64("mean", &[3], &standing.mean.to_words());
    arrays.i64("step", &[1], &[standing.step as i64]);
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
    let step = step.ok_or_else(bad)? as usize;
    // A state of an older version has none, and the mean begins anew.
    let mean = arrays.get_i64("mean").and_then(|words| words.try_into().ok());
    let mean = mean.map_or_else(RunningMean::default, RunningMean::from_words);
    Ok(Some(Saved { standing: Standing { step, mean }, path, arrays }))
}

impl Saved {
    /// Puts the saved values into a module and an optimizer of the same making.
    ///
    /// # Errors
    /// [`TrainError::BadState`] for a parameter whose values or moments are missing or too few.
    pub(super) fn restore<M: Module>(
        self,
        module: M,
        optimizer: &mut Optimizer,
        device: &Device,
    ) -> Result<M> {
        let mut reader = Reader { arrays: &self.arrays, moments: BTreeMap::new(), wrong: None };
        let module = module.map(&mut reader);
        if let Some(name) = reader.wrong {
            let reason = format!("\"{name}\" is missing or has another size than its parameter");
            return Err(TrainError::BadState { path: self.path, reason });
        }
        optimizer.restore(reader.moments, device);
        Ok(module)
    }
}

struct Writer<'a> {
    arrays: &'a mut NamedArrays,
}

impl ModuleVisitor for Writer<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let values = host_values(param.val());
        self.arrays.f32(format!("weight.{}", key(param.id.val())), &[values.len()], &values);
    }
}

struct Reader<'a> {
    arrays: &'a NamedArrays,
    moments: BTreeMap<u64, Moments>,
    /// The first array that does not fit.
    wrong: Option<String>,
}

impl Reader<'_> {
    /// `n` values of an array; none, and a note of its name, where they are not there.
    fn values(&mut self, name: String, n: usize) -> Option<Vec<f32>> {
        let found = self.arrays.get_f32(&name).map(|(_, values)| values);
        let fitting = found.filter(|values| values.len() == n);
        if fitting.is_none() {
            self.wrong.get_or_insert(name);
        }
        fitting
    }
}

impl ModuleMapper for Reader<'_> {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let (id, tensor, mapper) = param.consume();
        let shape = tensor.dims();
        let n = shape.iter().product();
        let key = key(id.val());
        // A parameter that never had a gradient, such as a frozen one, has no moments.
        if let Some(time) = self.arrays.get_i64(&format!("time.{key}")) {
            let first = self.values(format!("first.{key}"), n);
            let second = self.values(format!("second.{key}"), n);
            if let (Some(time), Some(first), Some(second)) = (time.first(), first, second) {
                let moments = Moments { time: *time as usize, first, second };
                self.moments.insert(id.val(), moments);
            }
        }
        let tensor = match self.values(format!("weight.{key}"), n) {
            Some(values) => {
                let data = TensorData::new(values, shape);
                Tensor::from_data(data, &tensor.device()).require_grad()
            }
            None => tensor,
        };
        Param::from_mapped_value(id, tensor, mapper)
    }
}
