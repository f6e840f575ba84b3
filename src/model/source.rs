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
use half::{bf16, f16};

use super::{
    Dtype, Weight,
    checkpoint::{Checkpoint, StoredTensor},
    error::{ModelError, Result},
    host::{HostMatrix, WeightBytes},
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
        self.bytes_read.set(self.bytes_read.get() + stored.bytes().len() as u64);
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
        self.report(&stored)?;
        Ok(Some((stored.values(), &self.placement.device)))
    }

    fn matrix(&self, name: &str, stored: &[usize], shape: [usize; 2]) -> Result<Option<Weight>> {
        let stored = self.checkpoint.get(name, stored)?;
        let weight = placed(&stored, shape, &self.placement)?;
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
        Ok(match self.source.values(&self.full(name), &shape)? {
            Some((values, device)) => {
                Param::from_tensor(Tensor::from_data(TensorData::new(values, shape), device))
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

fn placed(stored: &StoredTensor<'_>, shape: [usize; 2], placement: &Placement) -> Result<Weight> {
    if !placement.on_host {
        let data = device_data(stored, shape, placement.dtype)?;
        let options = (&placement.device, placement.dtype.burn());
        return Ok(Weight::device(Param::from_tensor(Tensor::from_data(data, options))));
    }
    let is_aligned = stored.bytes().as_ptr().align_offset(stored.dtype.bytes()) == 0;
    let as_stored = stored.dtype == placement.dtype && is_aligned && cfg!(target_endian = "little");
    let bytes = if as_stored {
        WeightBytes::Mapped(Arc::clone(stored.map), stored.range.clone())
    } else {
        match placement.dtype {
            Dtype::F32 => WeightBytes::F32(Arc::new(stored.values())),
            Dtype::Bf16 => WeightBytes::Half(Arc::new(
                stored.values().into_iter().map(|v| bf16::from_f32(v).to_bits()).collect(),
            )),
            Dtype::F16 => WeightBytes::Half(Arc::new(
                rounded_to_f16(stored)?.into_iter().map(f16::to_bits).collect(),
            )),
        }
    };
    Ok(Weight::host(HostMatrix::new(bytes, placement.dtype, shape)))
}

fn device_data(stored: &StoredTensor<'_>, shape: [usize; 2], dtype: Dtype) -> Result<TensorData> {
    Ok(match dtype {
        Dtype::F32 => TensorData::new(stored.values(), shape),
        Dtype::Bf16 => {
            let values: Vec<bf16> = stored.values().into_iter().map(bf16::from_f32).collect();
            TensorData::new(values, shape)
        }
        Dtype::F16 => TensorData::new(rounded_to_f16(stored)?, shape),
    })
}

fn rounded_to_f16(stored: &StoredTensor<'_>) -> Result<Vec<f16>> {
    let values = stored.values();
    if let Some(index) = values.iter().position(|v| f16::from_f32(*v).is_infinite()) {
        return Err(ModelError::Overflow {
            path: stored.path.to_owned(),
            name: stored.name.clone(),
            index,
            value: values[index],
        });
    }
    Ok(values.into_iter().map(f16::from_f32).collect())
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
