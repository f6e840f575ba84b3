//! Each operation beside the same one composed by Burn: values, and gradients of every input.

use std::sync::Arc;

use burn::{
    prelude::*,
    tensor::{
        activation::{sigmoid, silu, softmax},
        module,
    },
};

use super::*;

fn device() -> Device {
    Device::flex().autodiff()
}

fn noise<const D: usize>(shape: [usize; D], seed: u32) -> Tensor<D> {
    let mut state = seed.wrapping_mul(2_654_435_761) | 1;
    let n: usize = shape.iter().product();
    let values: Vec<f32> = (0..n)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            state as f32 / u32::MAX as f32 * 2.0 - 1.0
        })
        .collect();
    Tensor::from_data(TensorData::new(values, shape), &device()).require_grad()
}

fn values<const D: usize>(x: Tensor<D>) -> Vec<f32> {
    x.into_data().try_into_vec().unwrap()
}

fn assert_near(name: &str, a: &[f32], b: &[f32]) {
    assert_eq!(a.len(), b.len(), "{name}");
    let largest = b.iter().fold(0.0f32, |m, x| m.max(x.abs()));
    assert!(largest > 1e-4, "{name} is all zeros: nothing is compared");
    for (i, (a, b)) in a.iter().zip(b).enumerate() {
        assert!((a - b).abs() < 2e-5 * (1.0 + largest), "{name}[{i}]: {a} and {b}");
    }
}

/// A leaf's name, and how its gradient is read.
type Leaf<'a> = (&'a str, &'a dyn Fn(&burn::tensor::Gradients) -> Vec<f32>);

/// Compares two ways to compute one output from the same leaves.
fn compare<const D: usize>(ours: Tensor<D>, burns: Tensor<D>, leaves: &[Leaf<'_>]) {
    assert_near("output", &values(ours.clone()), &values(burns.clone()));
    let weight = noise(ours.dims(), 99).detach();
    let (a, b) = ((ours * weight.clone()).sum().backward(), (burns * weight).sum().backward());
    for (name, gradient) in leaves {
        assert_near(name, &gradient(&a), &gradient(&b));
    }
}

macro_rules! leaves {
    ($($x:ident),*) => {
        &[$((stringify!($x), &|g: &burn::tensor::Gradients| values($x.grad(g).unwrap()))),*]
    };
}

#[test]
fn norms_equal_burns() {
    for d in [5, 32, 128] {
        let (x, w, b) = (noise([3, 7, d], 1), noise([d], 2), noise([d], 3));
        let ours = layer_norm(x.clone(), w.clone(), b.clone(), 1e-6);
        let burns = module::layer_norm(x.clone(), w.clone(), Some(b.clone()), 1e-6);
        compare(ours, burns, leaves![x, w, b]);
        let mean_square = x.clone().square().mean_dim(2).add_scalar(1e-5);
        let burns = x.clone() / mean_square.sqrt() * w.clone().unsqueeze();
        compare(rms_norm(x.clone(), w.clone(), 1e-5), burns, leaves![x, w]);
    }
}

#[test]
fn activations_equal_burns() {
    let x = noise([2, 9, 24], 4);
    let (gate, up) = (x.clone().narrow(2, 0, 12), x.clone().narrow(2, 12, 12));
    compare(silu_times_halves(x.clone()), silu(gate) * up, leaves![x]);
    let u = (x.clone() * x.clone()).mul_scalar(0.044_715).add_scalar(1.0) * x.clone();
    let burns = x.clone() * sigmoid(u.mul_scalar(2.0 * (2.0 / std::f64::consts::PI).sqrt()));
    compare(gelu_tanh(x.clone()), burns, leaves![x]);
}

fn split(x: Tensor<3>, n_heads: usize) -> Tensor<4> {
    let [batch, len, width] = x.dims();
    x.reshape([batch, len, n_heads, width / n_heads]).swap_dims(1, 2)
}

fn attend(q: Tensor<4>, k: Tensor<4>, v: Tensor<4>, blocked: Option<Tensor<4, Bool>>) -> Tensor<3> {
    let [batch, n_heads, n_queries, d_head] = q.dims();
    let mut scores = q.matmul(k.swap_dims(2, 3)).div_scalar((d_head as f64).sqrt());
    if let Some(blocked) = blocked {
        scores = scores.mask_fill(blocked, f32::NEG_INFINITY);
    }
    let out = softmax(scores, 3).matmul(v);
    out.swap_dims(1, 2).reshape([batch, n_queries, n_heads * d_head])
}

#[test]
fn attention_of_the_towers_equals_burns() {
    for (n_heads, d_head, n_queries, n_keys) in [(2, 8, 5, 5), (4, 32, 19, 37), (1, 5, 3, 50)] {
        let width = n_heads * d_head;
        let (q, k) = (noise([2, n_queries, width], 5), noise([2, n_keys, width], 6));
        let v = noise([2, n_keys, width], 7);
        let ours = attend_apart(q.clone(), k.clone(), v.clone(), n_heads);
        let heads = |x: &Tensor<3>| split(x.clone(), n_heads);
        compare(ours, attend(heads(&q), heads(&k), heads(&v), None), leaves![q, k, v]);
        let kv = noise([2, n_keys, 2 * width], 8);
        let half = |i: usize| split(kv.clone().narrow(2, i * width, width), n_heads);
        let burns = attend(heads(&q), half(0), half(1), None);
        compare(attend_shared(q.clone(), kv.clone(), n_heads), burns, leaves![q, kv]);
    }
}

#[test]
fn attention_behind_a_prefix_equals_burns() {
    for (n_heads, n_kv_heads, d_head, len, n_prefix) in [(4, 4, 32, 21, 9), (4, 2, 8, 6, 3)] {
        let (batch, keys) = (3, n_prefix + len);
        let qkv = noise([batch, len, (n_heads + 2 * n_kv_heads) * d_head], 9);
        let (k, v) = (
            noise([1, n_kv_heads, n_prefix, d_head], 10),
            noise([1, n_kv_heads, n_prefix, d_head], 11),
        );
        let blocked: Vec<bool> =
            (0..batch * len * keys).map(|i| (i * 7919) % 3 == 0 && i % keys != 0).collect();
        let angles: Vec<f32> = (0..batch * len)
            .flat_map(|t| (0..d_head).map(move |i| t as f32 * 0.3 / (1 + i % (d_head / 2)) as f32))
            .collect();
        let cos: Vec<f32> = angles.iter().map(|a| a.cos()).collect();
        let sin: Vec<f32> = angles.iter().map(|a| a.sin()).collect();

        let table = |values: &[f32]| {
            let data = TensorData::new(values.to_vec(), [batch, 1, len, d_head]);
            Tensor::<4>::from_data(data, &device())
        };
        let (cos_table, sin_table) = (table(&cos), table(&sin));
        let rotate = |x: Tensor<4>| {
            let (a, b) =
                (x.clone().narrow(3, 0, d_head / 2), x.clone().narrow(3, d_head / 2, d_head / 2));
            x * cos_table.clone() + Tensor::cat(vec![b.neg(), a], 3) * sin_table.clone()
        };
        let (d_q, d_kv) = (n_heads * d_head, n_kv_heads * d_head);
        let heads = |start: usize, n: usize| split(qkv.clone().narrow(2, start, n * d_head), n);
        let grouped = |x: Tensor<4>| {
            let [batch, n_kv, len, d] = x.dims();
            let group = n_heads / n_kv;
            let x = x.reshape([batch, n_kv, 1, len * d]).expand([batch, n_kv, group, len * d]);
            x.reshape([batch, n_heads, len, d])
        };
        let behind = |prefix: &Tensor<4>, own: Tensor<4>| {
            let prefix = prefix.clone().expand([batch, n_kv_heads, n_prefix, d_head]);
            grouped(Tensor::cat(vec![prefix, own], 2))
        };
        let mask = TensorData::new(blocked.clone(), [batch, 1, len, keys]);
        let mask = Tensor::<4, Bool>::from_data(mask, &device());
        let burns = || {
            let mask = mask.clone().expand([batch, n_heads, len, keys]);
            attend(
                rotate(heads(0, n_heads)),
                behind(&k, rotate(heads(d_q, n_kv_heads))),
                behind(&v, heads(d_q + d_kv, n_kv_heads)),
                Some(mask),
            )
        };
        let (blocked, rotation) = (Arc::new(blocked), Arc::new([cos, sin]));
        let ours = |queries| {
            attend_with_prefix(
                qkv.clone(),
                [k.clone(), v.clone()],
                HeadShape { n_heads, n_kv_heads, d_head },
                queries,
                blocked.clone(),
                rotation.clone(),
            )
        };
        compare(ours(None), burns(), leaves![qkv, k, v]);
        let first = vec![1, 0, len - 2];
        let whole = burns();
        let of_sequence = |b: usize| whole.clone().slice([b..b + 1, first[b]..first[b] + 2]);
        let burns = Tensor::cat((0..batch).map(of_sequence).collect(), 0);
        compare(ours(Some((Arc::new(first), 2))), burns, leaves![qkv, k, v]);
    }
}
