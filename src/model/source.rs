//! Where a network's parameters come from while it is built.

use std::{
    cell::{Cell, RefCell},
    fmt,
    ops::ControlFlow,
    sync::Arc,
};

use burn::{
    module::{Param, ParamId},
    prelude::*,
    tensor::DType,
};

use super::{
    Dtype, Weight,
    checkpoint::Checkpoint,
    error::{ModelError, Result},
    host::{HostMatrix, WeightBytes},
    stored::StoredTensor,
};

/// Where large matrices live, and in which type.
#[derive(Clone, Debug)]
pub(super) struct Placement {
    /// The device of everything that is computed by Burn.
    pub(super) device: Device,
    /// Matrices stay in the memory of the CPU, read by our own products.
    pub(super) on_host: bool,
    /// The type matrices are kept in.
    pub(super) dtype: Dtype,
}

/// Called with the bytes read so far; breaking stops the load.
type OnBytes<'a> = &'a mut dyn FnMut(u64) -> ControlFlow<()>;

/// The identity of a parameter, made from its full name (FNV-1a), so that a network finds its
/// tensors' names again after training, and an optimizer its moments after a restart.
pub(crate) fn param_id(name: &str) -> ParamId {
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    ParamId::from(hash)
}

/// A trainable parameter of a full name.
fn named_param<const D: usize>(name: &str, tensor: Tensor<D>) -> Param<Tensor<D>> {
    let mut param = Param::from_tensor(tensor);
    param.id = param_id(name);
    param
}

/// Gives out parameters by their full names.
pub(super) trait Source {
    /// Whether a tensor is there.
    fn has(&self, name: &str) -> bool;

    /// A tensor's values in `f32` and the device they belong on; `None` where there is no data.
    fn values(&self, name: &str, shape: &[usize]) -> Result<Option<(Vec<f32>, &Device)>>;

    /// A matrix that is stored in a shape of as many values; `None` where there is no data.
    fn matrix(&self, name: &str, stored: &[usize], shape: [usize; 2]) -> Result<Option<Weight>>;
}

/// The parameters of a checkpoint.
pub(super) struct FileSource<'a> {
    checkpoint: &'a Checkpoint,
    placement: Placement,
    on_bytes: RefCell<OnBytes<'a>>,
    bytes_read: Cell<u64>,
}

impl<'a> FileSource<'a> {
    pub(super) fn new(
        checkpoint: &'a Checkpoint,
        placement: Placement,
        on_bytes: OnBytes<'a>,
    ) -> Self {
        Self { checkpoint, placement, on_bytes: RefCell::new(on_bytes), bytes_read: Cell::new(0) }
    }

    fn report(&self, stored: &StoredTensor<'_>) -> Result<()> {
        self.bytes_read.set(self.bytes_read.get() + stored.range.len() as u64);
        match (self.on_bytes.borrow_mut())(self.bytes_read.get()) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(ModelError::Stopped),
        }
    }
}

impl Source for FileSource<'_> {
    fn has(&self, name: &str) -> bool {
        self.checkpoint.has(name)
    }

    fn values(&self, name: &str, shape: &[usize]) -> Result<Option<(Vec<f32>, &Device)>> {
        let stored = self.checkpoint.get(name, shape)?;
        let values = stored.values()?;
        self.report(&stored)?;
        Ok(Some((values, &self.placement.device)))
    }

    fn matrix(&self, name: &str, stored: &[usize], shape: [usize; 2]) -> Result<Option<Weight>> {
        let stored = self.checkpoint.get(name, stored)?;
        let weight = placed(name, &stored, shape, &self.placement)?;
        self.report(&stored)?;
        Ok(Some(weight))
    }
}

/// No data: the network is laid out, and the tensors it asks for are listed.
#[derive(Default)]
pub(super) struct ListingSource {
    asked: RefCell<Vec<(String, Vec<usize>)>>,
}

impl ListingSource {
    /// Every tensor that was asked for, in order.
    pub(super) fn into_asked(self) -> Vec<(String, Vec<usize>)> {
        self.asked.into_inner()
    }
}

impl Source for ListingSource {
    fn has(&self, _: &str) -> bool {
        false
    }

    fn values(&self, name: &str, shape: &[usize]) -> Result<Option<(Vec<f32>, &Device)>> {
        self.asked.borrow_mut().push((name.to_owned(), shape.to_vec()));
        Ok(None)
    }

    fn matrix(&self, name: &str, stored: &[usize], _: [usize; 2]) -> Result<Option<Weight>> {
        self.asked.borrow_mut().push((name.to_owned(), stored.to_vec()));
        Ok(None)
    }
}

/// A [`Source`] seen from one module: names are relative, as in the file's own hierarchy.
#[derive(Clone)]
pub(super) struct Scope<'a> {
    source: &'a dyn Source,
    prefix: String,
}

impl<'a> Scope<'a> {
    /// The scope whose names have no prefix.
    pub(super) fn root(source: &'a dyn Source) -> Self {
        Self { source, prefix: String::new() }
    }

    /// The scope of a child module.
    pub(super) fn at(&self, name: impl fmt::Display) -> Self {
        Self { source: self.source, prefix: self.full(name) }
    }

    fn full(&self, name: impl fmt::Display) -> String {
        if self.prefix.is_empty() { name.to_string() } else { format!("{}.{name}", self.prefix) }
    }

    /// Whether the files hold a tensor; without files, no.
    pub(super) fn has(&self, name: &str) -> bool {
        self.source.has(&self.full(name))
    }

    /// A parameter that Burn computes with, in `f32`.
    pub(super) fn param<const D: usize>(
        &self,
        name: &str,
        shape: [usize; D],
    ) -> Result<Param<Tensor<D>>> {
        let full = self.full(name);
        Ok(match self.source.values(&full, &shape)? {
            Some((values, device)) => {
                named_param(&full, Tensor::from_data(TensorData::new(values, shape), device))
            }
            None => blank(shape),
        })
    }

    /// A large matrix `[rows, cols]`, where and as the [`Placement`] says.
    pub(super) fn matrix(&self, name: &str, shape: [usize; 2]) -> Result<Weight> {
        self.reshaped_matrix(name, &shape, shape)
    }

    /// A matrix that the file holds in another shape of as many values.
    pub(super) fn reshaped_matrix(
        &self,
        name: &str,
        stored: &[usize],
        shape: [usize; 2],
    ) -> Result<Weight> {
        let weight = self.source.matrix(&self.full(name), stored, shape)?;
        Ok(weight.unwrap_or_else(|| Weight::device(blank(shape))))
    }
}

/// A parameter that is never filled: for listing a network's tensors.
fn blank<const D: usize>(shape: [usize; D]) -> Param<Tensor<D>> {
    let init = move |device: &Device, _| Tensor::zeros(shape, device);
    Param::uninitialized(ParamId::new(), init, Device::flex(), false, shape.into())
}

fn placed(
    name: &str,
    stored: &StoredTensor<'_>,
    shape: [usize; 2],
    placement: &Placement,
) -> Result<Weight> {
    let Placement { device, on_host, dtype } = placement;
    if !on_host {
        let data = match dtype {
            Dtype::F32 => TensorData::new(stored.values()?, shape),
            Dtype::Bf16 => TensorData::new(stored.bf16_values()?, shape),
            Dtype::F16 => TensorData::new(stored.f16_values()?, shape),
        };
        let tensor = Tensor::from_data(data, (device, dtype.burn()));
        return Ok(Weight::device(named_param(name, tensor)));
    }
    let mapped = if stored.dtype == *dtype { stored.mapped()? } else { None };
    let bytes = match (mapped, dtype) {
        (Some((map, range)), _) => WeightBytes::Mapped(map, range),
        (None, Dtype::F32) => WeightBytes::F32(Arc::new(stored.values()?)),
        (None, Dtype::Bf16) => WeightBytes::Bf16(Arc::new(stored.bf16_values()?)),
        (None, Dtype::F16) => WeightBytes::F16(Arc::new(stored.f16_values()?)),
    };
    Ok(Weight::host(HostMatrix::new(bytes, *dtype, shape)))
}

impl Dtype {
    /// Burn's word for it.
    pub(super) fn burn(self) -> DType {
        match self {
            Self::F32 => DType::F32,
            Self::F16 => DType::F16,
            Self::Bf16 => DType::BF16,
        }
    }
}
