//! Dense labels: what a patch shows, and what stands in a latent's cell. A good first teacher.
//!
//! The heads that read them are thrown away afterwards.

use burn::{
    module::{Module, Param},
    prelude::*,
    tensor::activation::log_softmax,
};

use crate::{
    domain::Grid,
    model::{NamedTensor, host_values},
    scene::{Drawing, Kind, PlateColor, Scene},
    session::NamedArrays,
};

/// Answers "none" have the number behind the last color.
const N_PLATE_COLORS: usize = PlateColor::ALL.len();

fn n_kinds() -> usize {
    Kind::all().len()
}

/// Share of a patch that a thing must cover to be what the patch shows.
const MIN_COVER: f32 = 0.25;

/// What is to be read at some places.
#[derive(Clone, Debug, Default)]
pub(super) struct DenseLabels {
    /// The kind, or their number for none.
    kinds: Vec<i32>,
    /// The color of the thing's plate, or their number for none.
    colors: Vec<i32>,
    /// From the place's middle to the thing's, and its diameter, as parts of the picture's side.
    geometry: Vec<[f32; 3]>,
}

impl DenseLabels {
    pub(super) fn append(&mut self, other: &Self) {
        self.kinds.extend_from_slice(&other.kinds);
        self.colors.extend_from_slice(&other.colors);
        self.geometry.extend_from_slice(&other.geometry);
    }

    fn push(&mut self, scene: &Scene, thing: Option<usize>, middle: [f32; 2]) {
        let Some(thing) = thing.and_then(|i| scene.things.get(i)) else {
            self.kinds.push(n_kinds() as i32);
            self.colors.push(N_PLATE_COLORS as i32);
            self.geometry.push([0.0; 3]);
            return;
        };
        self.kinds.push(thing.kind.index() as i32);
        self.colors.push(thing.plate.map_or(N_PLATE_COLORS, |color| color as usize) as i32);
        let [x, y] = thing.center;
        self.geometry.push([x - middle[0], y - middle[1], thing.size]);
    }

    /// Labels of all patches: the thing that covers most of a patch, if it covers enough.
    pub(super) fn of_patches(scene: &Scene, drawing: &Drawing, patches: Grid) -> Self {
        let mut labels = Self::default();
        let side = drawing.side as usize;
        let patch = side / patches.cols;
        for (row, col) in (0..patches.len()).map(|p| (p / patches.cols, p % patches.cols)) {
            // One place more than things: for pixels that show none.
            let mut cover = vec![0_usize; scene.things.len() + 1];
            let nothing = scene.things.len();
            let rows = row * patch..(row + 1) * patch;
            let pixels = rows.flat_map(|y| &drawing.owner[y * side + col * patch..][..patch]);
            pixels.for_each(|owner| cover[usize::from(*owner).min(nothing)] += 1);
            cover.truncate(nothing);
            let most = (0..cover.len()).max_by_key(|i| cover[*i]);
            let enough = MIN_COVER * (patch * patch) as f32;
            labels.push(
                scene,
                most.filter(|i| cover[*i] as f32 >= enough),
                middle(row, col, patches),
            );
        }
        labels
    }

    /// Labels of all latents: the thing whose middle lies in the latent's cell, the nearest to the
    /// cell's middle where there are several. Latent `i` is given cell `i` of a square.
    pub(super) fn of_latents(scene: &Scene, cells: Grid) -> Self {
        let mut labels = Self::default();
        for (row, col) in (0..cells.len()).map(|c| (c / cells.cols, c % cells.cols)) {
            let middle = middle(row, col, cells);
            let distance = |i: usize| {
                let [x, y] = scene.things[i].center;
                (x - middle[0]).hypot(y - middle[1])
            };
            let lies_here = |i: &usize| {
                let [x, y] = scene.things[*i].center;
                (x * cells.cols as f32) as usize == col && (y * cells.rows as f32) as usize == row
            };
            let here = (0..scene.things.len()).filter(lies_here);
            labels.push(scene, here.min_by(|a, b| distance(*a).total_cmp(&distance(*b))), middle);
        }
        labels
    }
}

fn middle(row: usize, col: usize, grid: Grid) -> [f32; 2] {
    [(col as f32 + 0.5) / grid.cols as f32, (row as f32 + 0.5) / grid.rows as f32]
}

/// Reads a kind, a color and a place off one vector.
#[derive(Module, Debug)]
pub(super) struct DenseHead {
    /// `[d, kinds + 1 + colors + 1 + 3]`
    weight: Param<Tensor<2>>,
    bias: Param<Tensor<1>>,
}

/// How well labels were read.
#[derive(Clone, Debug)]
pub(super) struct DenseReading {
    /// The loss, `[1]`.
    pub(super) loss: Tensor<1>,
    /// Places that show a thing.
    pub(super) shown: usize,
    /// Of these, those whose kind was read.
    pub(super) kinds_right: usize,
    /// Of these, those whose color was read.
    pub(super) colors_right: usize,
}

impl DenseHead {
    pub(super) fn new(name: &str, d: usize, device: &Device) -> Self {
        let width = n_kinds() + N_PLATE_COLORS + 5;
        // Zeros: the first answers are uniform, and the gradient of the weights is not zero.
        let mut weight = Param::from_tensor(Tensor::zeros([d, width], device));
        let mut bias = Param::from_tensor(Tensor::zeros([width], device));
        weight.id = super::checkpoint::identity(&format!("{name}.weight"));
        bias.id = super::checkpoint::identity(&format!("{name}.bias"));
        Self { weight, bias }
    }

    /// Its parameters under a name.
    pub(super) fn named_tensors(&self, name: &str) -> [NamedTensor; 2] {
        let weight = self.weight.val();
        let bias = self.bias.val();
        let tensor = |part: &str, shape: Vec<usize>, values: Vec<f32>| NamedTensor {
            name: format!("{name}.{part}"),
            shape,
            values,
        };
        [
            tensor("weight", weight.dims().to_vec(), host_values(weight)),
            tensor("bias", bias.dims().to_vec(), host_values(bias)),
        ]
    }

    /// The same head with values from a file; `None` where they do not fit.
    pub(super) fn with_values(self, name: &str, arrays: &NamedArrays) -> Option<Self> {
        let (shape, weight) = arrays.get_f32(&format!("{name}.weight"))?;
        let (_, bias) = arrays.get_f32(&format!("{name}.bias"))?;
        let dims = self.weight.val().dims();
        if shape != dims || bias.len() != dims[1] {
            return None;
        }
        let put = |values: Vec<f32>| {
            move |old: Tensor<2>| {
                let data = TensorData::new(values, old.dims());
                Tensor::from_data(data, &old.device()).require_grad()
            }
        };
        let put_bias = move |old: Tensor<1>| {
            let data = TensorData::new(bias, old.dims());
            Tensor::from_data(data, &old.device()).require_grad()
        };
        Some(Self { weight: self.weight.map(put(weight)), bias: self.bias.map(put_bias) })
    }

    /// # Shapes
    /// `x`: `[B, N, d]`, as many places as labels
    pub(super) fn read(&self, x: Tensor<3>, labels: &DenseLabels) -> DenseReading {
        let [batch, places, d] = x.dims();
        let n = batch * places;
        let device = x.device();
        let y = x.reshape([n, d]).matmul(self.weight.val()) + self.bias.val().unsqueeze();
        let (n_kinds, n_colors) = (self::n_kinds() + 1, N_PLATE_COLORS + 1);
        let kinds = y.clone().narrow(1, 0, n_kinds);
        let colors = y.clone().narrow(1, n_kinds, n_colors);
        let places = y.narrow(1, n_kinds + n_colors, 3);

        let none = n_kinds as i32 - 1;
        let is_shown: Vec<f32> = labels.kinds.iter().map(|k| f32::from(*k != none)).collect();
        let shown = is_shown.iter().filter(|s| **s > 0.0).count();
        let truth: Vec<f32> = labels.geometry.iter().flatten().copied().collect();
        let truth = Tensor::<2>::from_data(TensorData::new(truth, [n, 3]), &device);
        let mask = Tensor::<2>::from_data(TensorData::new(is_shown, [n, 1]), &device);
        // |error| in units of a tenth of the picture, over the places that show something.
        let off = (places - truth).abs().mul(mask).sum().mul_scalar(10.0 / 3.0);
        let loss = cross_entropy(kinds.clone(), &labels.kinds)
            + cross_entropy(colors.clone(), &labels.colors).mul_scalar(0.5)
            + off.div_scalar(shown.max(1) as f64).mul_scalar(0.25);
        let right = |scores: Tensor<2>, labels: &[i32], kinds: &[i32]| {
            let best = best_of_rows(scores);
            let pairs = best.iter().zip(labels).zip(kinds);
            pairs.filter(|((best, label), k)| **k != none && best == label).count()
        };
        DenseReading {
            kinds_right: right(kinds, &labels.kinds, &labels.kinds),
            colors_right: right(colors, &labels.colors, &labels.kinds),
            loss,
            shown,
        }
    }
}

/// The index of each row's largest entry.
pub(super) fn best_of_rows(scores: Tensor<2>) -> Vec<i32> {
    let best = scores.inner().argmax(1).into_data().convert::<i32>();
    best.try_into_vec::<i32>().unwrap_or_default()
}

/// `mean(-log softmax(scores)[label])`, shape `[1]`.
pub(super) fn cross_entropy(scores: Tensor<2>, labels: &[i32]) -> Tensor<1> {
    log_probabilities(scores, labels).mean().neg()
}

/// `sum(-weight log softmax(scores)[label])`, shape `[1]`.
pub(super) fn weighted_cross_entropy(
    scores: Tensor<2>,
    labels: &[i32],
    weights: &[f32],
) -> Tensor<1> {
    let weights = Tensor::<1>::from_data(weights, &scores.device()).unsqueeze_dim(1);
    log_probabilities(scores, labels).mul(weights).sum().neg()
}

/// `log softmax(scores)[label]`, shape `[N, 1]`.
fn log_probabilities(scores: Tensor<2>, labels: &[i32]) -> Tensor<2> {
    let labels = Tensor::<1, Int>::from_data(labels, &scores.device()).unsqueeze_dim(1);
    log_softmax(scores, 1).gather(1, labels)
}
