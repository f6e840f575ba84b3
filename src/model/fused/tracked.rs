//! From Burn's graph to slices and back.

use std::{fmt::Debug, sync::Arc};

use burn::{
    backend::{
        Autodiff, Flex,
        autodiff::{
            checkpoint::{base::Checkpointer, strategy::NoCheckpointing},
            grads::Gradients,
            ops::{Backward, Ops, OpsKind},
        },
        tensor::FloatTensor,
    },
    prelude::*,
};

/// A tensor on the CPU whose gradient is tracked.
type Tracked = FloatTensor<Autodiff<Flex>>;

/// Whether tensors of a device are memory of this process that Burn tracks for gradients.
pub(in crate::model) fn is_tracked_host(device: &Device) -> bool {
    device.is_autodiff() && device.clone().without_autodiff() == Device::flex()
}

/// An operation over `N` inputs, all `f32` and row-major.
pub(super) trait Operation<const N: usize>: Debug + Send + Sync + 'static {
    /// What the way forward leaves for the way back, beside the inputs.
    type Kept: Debug + Send + Sync + 'static;

    /// The output, and what is kept.
    fn forward(&self, inputs: [&[f32]; N]) -> (Vec<f32>, Self::Kept);

    /// The gradient of each input, given that of the output. An input whose `wanted` is false
    /// needs none; anything may stand in its place.
    fn backward(
        &self,
        inputs: [&[f32]; N],
        kept: &Self::Kept,
        gradient: &[f32],
        wanted: [bool; N],
    ) -> [Vec<f32>; N];
}

/// An input of an operation.
#[expect(clippy::expect_used, reason = "callers ask `is_tracked_host` first")]
pub(super) fn input<const D: usize>(x: Tensor<D>) -> Tracked {
    x.try_into_primitive::<Autodiff<Flex>>().expect("a tracked tensor on the CPU")
}

/// Computes an operation and enters it in the graph.
pub(super) fn apply<O: Operation<N>, const N: usize, const D: usize>(
    operation: O,
    inputs: [Tracked; N],
    shape: [usize; D],
) -> Tensor<D> {
    let nodes = inputs.each_ref().map(Tracked::node);
    let inputs = inputs.map(|x| x.into_primitive().to_contiguous());
    let (out, kept) = operation.forward(inputs.each_ref().map(values));
    let out = tensor(out, &shape);
    let step = Step { operation: Arc::new(operation) };
    let out = match step.prepare::<NoCheckpointing>(nodes).compute_bound().stateful() {
        OpsKind::Tracked(prep) => prep.finish((inputs, Arc::new(kept)), out),
        OpsKind::UnTracked(prep) => prep.finish(out),
    };
    Tensor::from_primitive::<Autodiff<Flex>>(out)
}

#[expect(clippy::expect_used, reason = "made contiguous before, and the network is f32")]
fn values(x: &FloatTensor<Flex>) -> &[f32] {
    x.as_slice::<f32>().expect("contiguous f32 values")
}

fn tensor(values: Vec<f32>, shape: &[usize]) -> FloatTensor<Flex> {
    FloatTensor::<Flex>::from_data(TensorData::new(values, shape.to_vec()))
}

/// The way back of an operation.
#[derive(Debug)]
struct Step<O> {
    operation: Arc<O>,
}

impl<O: Operation<N>, const N: usize> Backward<Flex, N> for Step<O> {
    type State = ([FloatTensor<Flex>; N], Arc<O::Kept>);

    fn backward(self, ops: Ops<Self::State, N>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let gradient = gradients.consume::<Flex>(&ops.node).to_contiguous();
        let (inputs, kept) = ops.state;
        let slices = inputs.each_ref().map(values);
        let wanted = ops.parents.each_ref().map(Option::is_some);
        let of_inputs = self.operation.backward(slices, &kept, values(&gradient), wanted);
        for ((parent, of_input), input) in ops.parents.into_iter().zip(of_inputs).zip(&inputs) {
            if let Some(parent) = parent {
                let shape: Vec<usize> = input.layout().shape().to_vec();
                gradients.register::<Flex>(parent.id, tensor(of_input, &shape));
            }
        }
    }
}
