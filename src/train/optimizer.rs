//! AdamW over named parameters, with one norm for all gradients, and moments that can be kept.

use std::collections::BTreeMap;

use burn::{
    module::{Module, ModuleMapper, ModuleVisitor, Param},
    optim::{
        AdamW, AdamWConfig, AdamWState, AdaptiveMomentumState, GradientsParams, Optimizer as _,
    },
    prelude::*,
};

use super::config::StageConfig;
use crate::model::host_values;

/// A parameter's moments, flat.
#[derive(Clone, Debug)]
pub(super) struct Moments {
    /// Updates so far.
    pub(super) time: usize,
    /// The running mean of gradients.
    pub(super) first: Vec<f32>,
    /// The running mean of squared gradients.
    pub(super) second: Vec<f32>,
}

/// The state of AdamW for every parameter that ever had a gradient, by the parameter's identity.
pub(super) struct Optimizer {
    matrices: AdamW,
    vectors: AdamW,
    clip_norm: f64,
    states: BTreeMap<u64, AdamWState<1>>,
}

impl Optimizer {
    pub(super) fn new(config: &StageConfig) -> Self {
        let adamw = |weight_decay: f64| {
            AdamWConfig::new()
                .with_beta_2(config.beta_2 as f32)
                .with_epsilon(1e-8)
                .with_weight_decay(weight_decay as f32)
                .build()
        };
        Self {
            matrices: adamw(config.weight_decay),
            vectors: adamw(0.0),
            clip_norm: config.clip_norm,
            states: BTreeMap::new(),
        }
    }

    /// Updates every parameter of a module that has a gradient, and returns the norm of all
    /// gradients together before it was cut to `clip_norm`.
    pub(super) fn step<M: Module>(
        &mut self,
        module: M,
        gradients: GradientsParams,
        learning_rate: f64,
    ) -> (M, f64) {
        let mut squares = Squares { gradients: &gradients, sum: 0.0 };
        module.visit(&mut squares);
        let norm = squares.sum.sqrt();
        let scale = (self.clip_norm / (norm + 1e-6)).min(1.0);
        let mut update = Update { optimizer: self, gradients, learning_rate, scale };
        (module.map(&mut update), norm)
    }

    /// The moments of all parameters, by identity.
    pub(super) fn moments(&self) -> BTreeMap<u64, Moments> {
        let values = |tensor: &Tensor<1>| host_values(tensor.clone());
        let moments = |state: &AdamWState<1>| Moments {
            time: state.momentum.time,
            first: values(&state.momentum.moment_1),
            second: values(&state.momentum.moment_2),
        };
        self.states.iter().map(|(id, state)| (*id, moments(state))).collect()
    }

    /// Takes up moments that were kept. They live where gradients do: on the device without tracking.
    pub(super) fn restore(&mut self, moments: BTreeMap<u64, Moments>, device: &Device) {
        let device = device.clone().without_autodiff();
        let tensor = |values: Vec<f32>| {
            let shape = [values.len()];
            Tensor::<1>::from_data(TensorData::new(values, shape), &device)
        };
        let state = |moments: Moments| {
            let Moments { time, first, second } = moments;
            AdamWState::new(AdaptiveMomentumState::new(time, tensor(first), tensor(second)))
        };
        self.states = moments.into_iter().map(|(id, m)| (id, state(m))).collect();
    }
}

/// The sum of the gradients of several parts of a step.
pub(super) fn sum_of<M: Module>(module: &M, mut parts: Vec<GradientsParams>) -> GradientsParams {
    let mut sum = parts.pop().unwrap_or_default();
    for part in &mut parts {
        module.visit(&mut Sum { sum: &mut sum, part });
    }
    sum
}

struct Sum<'a> {
    sum: &'a mut GradientsParams,
    part: &'a mut GradientsParams,
}

impl ModuleVisitor for Sum<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let Some(more) = self.part.remove::<D>(param.id) else { return };
        let sum = match self.sum.remove::<D>(param.id) {
            Some(sum) => sum + more,
            None => more,
        };
        self.sum.register(param.id, sum);
    }
}

/// The same parameters as leaves of a graph of their own: computations that share a leaf wait for
/// each other.
pub(super) fn with_own_leaves<M: Module>(module: M) -> M {
    module.map(&mut OwnLeaves)
}

struct OwnLeaves;

impl ModuleMapper for OwnLeaves {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        param.map(|tensor| Tensor::from_inner(tensor.inner()).require_grad())
    }
}

/// Adds up the squares of all gradients.
struct Squares<'a> {
    gradients: &'a GradientsParams,
    sum: f64,
}

impl ModuleVisitor for Squares<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = self.gradients.get::<D>(param.id) {
            self.sum += f64::from(gradient.square().sum().into_scalar::<f32>());
        }
    }
}

struct Update<'a> {
    optimizer: &'a mut Optimizer,
    gradients: GradientsParams,
    learning_rate: f64,
    scale: f64,
}

impl ModuleMapper for Update<'_> {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let (id, tensor, mapper) = param.consume();
        let Some(gradient) = self.gradients.remove::<D>(id) else {
            return Param::from_mapped_value(id, tensor, mapper);
        };
        let shape = tensor.dims();
        let n: usize = shape.iter().product();
        let adamw = match D {
            1 => &self.optimizer.vectors,
            _ => &self.optimizer.matrices,
        };
        let state = self.optimizer.states.remove(&id.val());
        let gradient = gradient.mul_scalar(self.scale).reshape([n]);
        let values = tensor.inner().reshape([n]);
        let (values, state) = adamw.step(self.learning_rate, values, gradient, state);
        if let Some(state) = state {
            self.optimizer.states.insert(id.val(), state);
        }
        let tensor = Tensor::from_inner(values.reshape(shape)).require_grad();
        Param::from_mapped_value(id, tensor, mapper)
    }
}
