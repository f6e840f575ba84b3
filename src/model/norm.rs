//! Layer norm and RMS norm, in `f32`.

use burn::{module::Param, prelude::*, tensor::module::layer_norm};

use super::{error::Result, fused, source::Scope};

/// `(x - mean) / sqrt(var + eps) * weight + bias`, over the last dimension.
#[derive(Module, Debug)]
pub(super) struct LayerNorm {
    weight: Param<Tensor<1>>,
    bias: Param<Tensor<1>>,
    eps: f64,
}

impl LayerNorm {
    pub(super) fn new(scope: &Scope<'_>, d_model: usize, eps: f64) -> Result<Self> {
        let weight = scope.param("weight", [d_model])?;
        Ok(Self { weight, bias: scope.param("bias", [d_model])?, eps })
    }

    /// # Shapes
    /// input and output: `[B, T, d_model]`
    pub(super) fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let (weight, bias) = (self.weight.val(), self.bias.val());
        match fused::is_tracked_host(&x.device()) {
            true => fused::layer_norm(x, weight, bias, self.eps),
            false => layer_norm(x, weight, Some(bias), self.eps),
        }
    }
}

/// `x / sqrt(mean(x^2) + eps) * weight`, over the last dimension.
#[derive(Module, Debug)]
pub(super) struct RmsNorm {
    weight: Param<Tensor<1>>,
    eps: f64,
}

impl RmsNorm {
    pub(super) fn new(scope: &Scope<'_>, d_model: usize, eps: f64) -> Result<Self> {
        Ok(Self { weight: scope.param("weight", [d_model])?, eps })
    }

    /// # Shapes
    /// input and output: `[.., d_model]`
    pub(super) fn forward<const D: usize>(&self, x: Tensor<D>) -> Tensor<D> {
        if fused::is_tracked_host(&x.device()) {
            return fused::rms_norm(x, self.weight.val(), self.eps);
        }
        let mean_square = x.clone().square().mean_dim(D - 1);
        let rms = mean_square.add_scalar(self.eps).sqrt();
        x / rms * self.weight.val().unsqueeze()
    }
}
