//! A network's tensors by their names in a checkpoint, to be written.

use std::collections::BTreeMap;

use burn::{
    module::{Module as _, ModuleVisitor, Param},
    prelude::*,
};

use super::{
    Mllm,
    error::{ModelError, Result},
    linear::host_values,
    source::param_id,
};

/// A tensor as a checkpoint holds it.
#[derive(Clone, Debug)]
pub struct NamedTensor {
    /// Its full name.
    pub name: String,
    /// Its stored shape.
    pub shape: Vec<usize>,
    /// Its values, row-major.
    pub values: Vec<f32>,
}

impl Mllm {
    /// Every tensor of the network, in the order of [`Mllm::layout`].
    ///
    /// # Errors
    /// [`ModelError::NotOnDevice`] where a matrix lives in a mapped file, and so was never trained.
    pub fn named_tensors(&self) -> Result<Vec<NamedTensor>> {
        let mut collector = Collector::default();
        self.visit(&mut collector);
        let named = |(name, shape): (String, Vec<usize>)| {
            let values = collector.values.get(&param_id(&name).val());
            match values.filter(|values| values.len() == shape.iter().product::<usize>()) {
                Some(values) => Ok(NamedTensor { name, shape, values: values.clone() }),
                None => Err(ModelError::NotOnDevice { tensor: name }),
            }
        };
        Self::layout(&self.config)?.into_iter().map(named).collect()
    }
}

#[derive(Default)]
struct Collector {
    values: BTreeMap<u64, Vec<f32>>,
}

impl ModuleVisitor for Collector {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let values = host_values(param.val().cast(burn::tensor::DType::F32));
        self.values.insert(param.id.val(), values);
    }
}
