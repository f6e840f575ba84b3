//! Linear maps over weights that live on a device or, on the CPU, in the mapped file.

use burn::{module::Param, prelude::*};

use super::{error::Result, host::HostMatrix, source::Scope};

/// A weight matrix `[out, in]`, as the checkpoint stores it.
#[derive(Module, Debug)]
pub(super) enum Weight {
    /// On Burn's device.
    Device(DeviceWeight),
    /// In the memory of the CPU.
    Host(HostWeight),
}

/// A weight matrix on Burn's device.
#[derive(Module, Debug)]
pub(super) struct DeviceWeight {
    weight: Param<Tensor<2>>,
}

/// A weight matrix in the memory of the CPU. It cannot be trained.
#[derive(Module, Debug)]
pub(super) struct HostWeight {
    #[module(skip)]
    matrix: HostMatrix,
}

impl Weight {
    pub(super) fn device(weight: Param<Tensor<2>>) -> Self {
        Self::Device(DeviceWeight { weight })
    }

    pub(super) fn host(matrix: HostMatrix) -> Self {
        Self::Host(HostWeight { matrix })
    }

    /// `x` times the transposed matrix, plus a bias, in `f32`.
    ///
    /// # Shapes
    /// - `x`: `[M, in]`
    /// - `bias`: `[out]`
    /// - output: `[M, out]`
    pub(super) fn apply(&self, x: Tensor<2>, bias: Option<&Param<Tensor<1>>>) -> Tensor<2> {
        match self {
            Self::Device(DeviceWeight { weight }) => {
                let weight = weight.val();
                let y = x
                    .cast(weight.dtype())
                    .matmul(weight.transpose())
                    .cast(burn::tensor::DType::F32);
                match bias {
                    Some(bias) => y + bias.val().unsqueeze(),
                    None => y,
                }
            }
            Self::Host(HostWeight { matrix }) => {
                let device = x.device();
                let rows = x.dims()[0];
                let bias = bias.map(|b| host_values(b.val()));
                let y = matrix.apply(&host_values(x), bias.as_deref());
                Tensor::from_data(TensorData::new(y, [rows, matrix.dims()[0]]), &device)
            }
        }
    }

    /// The matrix, where it is on Burn's device.
    pub(super) fn on_device(&self) -> Option<Tensor<2>> {
        match self {
            Self::Device(DeviceWeight { weight }) => Some(weight.val()),
            Self::Host(_) => None,
        }
    }

    /// The rows of a table, in `f32`.
    ///
    /// # Shapes
    /// output: `[rows.len(), in]`
    pub(super) fn rows(&self, rows: &[usize], device: &Device) -> Tensor<2> {
        match self {
            Self::Device(DeviceWeight { weight }) => {
                let indices: Vec<i32> = rows.iter().map(|row| *row as i32).collect();
                let indices = Tensor::<1, Int>::from_data(indices.as_slice(), device);
                weight.val().select(0, indices).cast(burn::tensor::DType::F32)
            }
            Self::Host(HostWeight { matrix }) => {
                let values: Vec<f32> = rows.iter().flat_map(|row| matrix.row(*row)).collect();
                let shape = [rows.len(), matrix.dims()[1]];
                Tensor::from_data(TensorData::new(values, shape), device)
            }
        }
    }

    /// The same weights without the rows beyond `rows`.
    pub(super) fn first_rows(&self, rows: usize) -> Self {
        match self {
            Self::Device(DeviceWeight { weight }) if weight.shape()[0] == rows => {
                Self::device(weight.clone())
            }
            Self::Device(DeviceWeight { weight }) => {
                // Cut off for good: a parameter is a leaf, not a view of another.
                Self::device(Param::from_tensor(weight.val().narrow(0, 0, rows).detach()))
            }
            Self::Host(HostWeight { matrix }) => Self::host(matrix.first_rows(rows)),
        }
    }
}

/// The values of a tensor in the memory of the CPU; no copy where it is already there alone.
#[expect(clippy::expect_used, reason = "an f32 tensor on the CPU is readable as f32")]
pub(crate) fn host_values<const D: usize>(x: Tensor<D>) -> Vec<f32> {
    x.into_data().try_into_vec::<f32>().expect("an f32 tensor")
}

/// `y = x W^T + b`.
#[derive(Module, Debug)]
pub(super) struct Linear {
    weight: Weight,
    bias: Option<Param<Tensor<1>>>,
}

impl Linear {
    pub(super) fn new(scope: &Scope<'_>, d_in: usize, d_out: usize) -> Result<Self> {
        let bias = Some(scope.param("bias", [d_out])?);
        Ok(Self { weight: scope.matrix("weight", [d_out, d_in])?, bias })
    }

    pub(super) fn without_bias(scope: &Scope<'_>, d_in: usize, d_out: usize) -> Result<Self> {
        Ok(Self { weight: scope.matrix("weight", [d_out, d_in])?, bias: None })
    }

    pub(super) fn from_parts(weight: Weight, bias: Option<Param<Tensor<1>>>) -> Self {
        Self { weight, bias }
    }

    /// # Shapes
    /// - `x`: `[B, T, in]`
    /// - output: `[B, T, out]`
    pub(super) fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let [batch, seq, d_in] = x.dims();
        let y = self.weight.apply(x.reshape([batch * seq, d_in]), self.bias.as_ref());
        let d_out = y.dims()[1];
        y.reshape([batch, seq, d_out])
    }
}
