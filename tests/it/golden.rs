//! Every tensor of the reference, in every mode, within the tolerances of its README.
//!
//! The goldens were made by the authors' own code in double precision (the four public cases) or
//! by an independent double-precision reference (the others); see `tests/golden/README.md`.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use aki_lens::{
    domain::{AttentionMode, Progress, TokenId},
    inference::{Asked, Engine, ModeTensors, TowerTensors},
    model::{ComputeDevice, DeviceChoice, Dtype},
    vision,
};
use safetensors::{Dtype as Stored, SafeTensors};
use serde::Deserialize;

/// Largest absolute deviation of a tensor, by the last part of its name, for `f32` arithmetic.
const TOLERANCES: &[(&str, f64)] = &[
    ("pixel_values", 1e-6),
    ("last_hidden_state", 5e-5),
    ("resampler.attn", 5e-5),
    ("resampler.output", 1e-4),
    ("rope.cos", 1e-5),
    ("rope.sin", 1e-5),
    ("rope.far_cos", 1e-3),
    ("rope.far_sin", 1e-3),
    ("inputs_embeds", 1e-4),
    (".attn", 2e-4),
    ("hidden_states", 1e-3),
    ("hidden_final", 1e-3),
    ("logits_last", 1e-3),
    ("logits_last_sel", 1e-3),
    ("step_top2_logits", 2e-3),
    ("step_logits_sel", 2e-3),
];

#[derive(Deserialize)]
struct Inputs {
    question: String,
    input_ids: Vec<TokenId>,
    input_ids_text_first: Vec<TokenId>,
}

pub(crate) fn golden_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

/// Where the tests compute: `AKI_LENS_TEST_DEVICE`, or the CPU.
pub(crate) fn device() -> ComputeDevice {
    let choice = std::env::var("AKI_LENS_TEST_DEVICE").unwrap_or_else(|_| "cpu".to_owned());
    ComputeDevice::open(choice.parse::<DeviceChoice>().unwrap()).unwrap().0
}

pub(crate) fn silent() -> impl FnMut(Progress) -> std::ops::ControlFlow<()> {
    |_| std::ops::ControlFlow::Continue(())
}

pub(crate) fn open_engine(checkpoint: &Path, dtype: Option<Dtype>) -> Engine {
    Engine::open(checkpoint, device(), dtype, &mut silent()).unwrap()
}

/// What a golden file holds.
struct Golden {
    bytes: Vec<u8>,
}

impl Golden {
    fn open(case: &Path) -> Self {
        Self { bytes: fs::read(case.join("golden.safetensors")).unwrap() }
    }

    fn file(&self) -> SafeTensors<'_> {
        SafeTensors::deserialize(&self.bytes).unwrap()
    }

    fn values(&self, name: &str) -> Vec<f64> {
        let file = self.file();
        let view = file.tensor(name).unwrap();
        let data = view.data();
        match view.dtype() {
            Stored::F32 => {
                data.as_chunks().0.iter().map(|b| f64::from(f32::from_le_bytes(*b))).collect()
            }
            Stored::I64 => {
                data.as_chunks().0.iter().map(|b| i64::from_le_bytes(*b) as f64).collect()
            }
            Stored::BOOL | Stored::U8 => data.iter().map(|b| f64::from(*b)).collect(),
            other => panic!("{name} is {other:?}"),
        }
    }

    fn integers(&self, name: &str) -> Vec<usize> {
        self.values(name).into_iter().map(|v| v as usize).collect()
    }
}

/// Compares what was computed with a golden file, and counts.
struct Comparison<'a> {
    golden: &'a Golden,
    names: Vec<String>,
    failures: Vec<String>,
}

impl<'a> Comparison<'a> {
    fn new(golden: &'a Golden) -> Self {
        let names = golden.file().names().into_iter().map(str::to_owned).collect();
        Self { golden, names, failures: Vec::new() }
    }

    fn check(&mut self, name: &str, computed: impl IntoIterator<Item = f64>) {
        let Some(known) = self.names.iter().position(|n| n == name) else { return };
        self.names.swap_remove(known);
        let expected = self.golden.values(name);
        let computed: Vec<f64> = computed.into_iter().collect();
        if computed.len() != expected.len() {
            let (found, wanted) = (computed.len(), expected.len());
            self.failures.push(format!("{name}: {found} values, expected {wanted}"));
            return;
        }
        let tolerance =
            TOLERANCES.iter().find(|(end, _)| name.ends_with(end)).map_or(0.0, |(_, t)| *t);
        let worst = computed.iter().zip(&expected).map(|(a, b)| (a - b).abs());
        let worst = worst.fold(0.0, |a: f64, b| if b.is_nan() { f64::INFINITY } else { a.max(b) });
        if worst > tolerance {
            self.failures.push(format!("{name}: off by {worst:.2e}, allowed {tolerance:.0e}"));
        }
    }

    fn check_f32(&mut self, name: &str, computed: &[f32]) {
        self.check(name, computed.iter().map(|v| f64::from(*v)));
    }
}

fn check_picture(comparison: &mut Comparison<'_>, case: &Path, engine: &Engine) -> TowerTensors {
    let image = vision::open(&case.join("inputs/image.png")).unwrap();
    comparison.check("image.rgb", image.rgb.iter().map(|v| f64::from(*v)));
    let side = engine.network().config().vision.image_side;
    let resized = vision::resize_square(&image.rgb, image.size, side);
    comparison.check("image.resized", resized.iter().map(|v| f64::from(*v)));
    let (pixels, _) = vision::preprocess(&image, side);
    comparison.check_f32("pixel_values", &pixels.values);
    let towers = engine.tower_tensors(&pixels, &mut silent()).unwrap();
    comparison.check_f32("vision.last_hidden_state", &towers.last_hidden_state);
    comparison.check_f32("resampler.attn", &towers.resampler_attn);
    comparison.check_f32("resampler.output", &towers.resampler_output);
    towers
}

fn check_rope(comparison: &mut Comparison<'_>, engine: &Engine) {
    for kind in ["", "far_"] {
        let positions = comparison.golden.values(&format!("rope.{kind}positions"));
        let positions: Vec<u32> = positions.into_iter().map(|p| p as u32).collect();
        let (cos, sin) = engine.network().config().decoder.rope.cos_sin(&positions);
        comparison.check_f32(&format!("rope.{kind}cos"), &cos);
        comparison.check_f32(&format!("rope.{kind}sin"), &sin);
        comparison.names.retain(|n| *n != format!("rope.{kind}positions"));
    }
}

fn check_mode(comparison: &mut Comparison<'_>, mode: &str, tensors: &ModeTensors) {
    let name = |part: &str| format!("{mode}.{part}");
    comparison
        .check(&name("mask"), tensors.plan.mask.entries().iter().map(|a| f64::from(u8::from(*a))));
    let positions = tensors.plan.rope_positions.iter().map(|p| f64::from(*p));
    comparison.check(&name("position_ids"), positions);
    comparison.check_f32(&name("attn"), &tensors.attn);
    comparison.check_f32(&name("inputs_embeds"), &tensors.hidden_states[0]);
    comparison.check_f32(&name("hidden_states"), &tensors.hidden_states.concat());
    comparison.check_f32(&name("hidden_final"), tensors.hidden_states.last().unwrap());
    comparison.check_f32(&name("logits_last"), &tensors.steps[0]);
    let selected = comparison.golden.integers("logits_sel_ids");
    let pick = |logits: &Vec<f32>| -> Vec<f32> { selected.iter().map(|id| logits[*id]).collect() };
    comparison.check_f32(&name("logits_last_sel"), &pick(&tensors.steps[0]));
    let steps: Vec<f32> = tensors.steps.iter().flat_map(&pick).collect();
    comparison.check_f32(&name("step_logits_sel"), &steps);
    comparison.check(&name("generated"), tensors.generated.iter().map(|id| f64::from(*id)));
    let top2 = tensors.steps.iter().map(|logits| {
        let mut ids: Vec<usize> = (0..logits.len()).collect();
        ids.sort_by(|a, b| logits[*b].total_cmp(&logits[*a]));
        [ids[0], ids[1]]
    });
    let top2: Vec<[usize; 2]> = top2.collect();
    // Only the first of the two is certain; the second may tie with a third.
    let expected = comparison.golden.integers(&name("step_top2_ids"));
    let first: Vec<usize> = expected.iter().step_by(2).copied().collect();
    let computed: Vec<usize> = top2.iter().map(|ids| ids[0]).collect();
    if first != computed {
        comparison.failures.push(format!("{mode}.step_top2_ids: {computed:?}, expected {first:?}"));
    }
    comparison.names.retain(|n| *n != name("step_top2_ids"));
    let logits = top2.iter().zip(&tensors.steps).flat_map(|(ids, l)| ids.map(|id| l[id]));
    comparison.check_f32(&name("step_top2_logits"), &logits.collect::<Vec<_>>());
}

/// Computes a case from its question (and from its ids), and compares every golden tensor.
fn check_case(name: &str) {
    check_case_on(name, device());
}

fn check_case_on(name: &str, device: ComputeDevice) {
    let case = golden_folder().join(name);
    let golden = Golden::open(&case);
    let inputs: Inputs =
        serde_json::from_str(&fs::read_to_string(case.join("inputs/inputs.json")).unwrap())
            .unwrap();
    let engine = Engine::open(&case.join("checkpoint"), device, None, &mut silent()).unwrap();
    let mut comparison = Comparison::new(&golden);
    comparison.names.retain(|n| n != "logits_sel_ids");
    let towers = check_picture(&mut comparison, &case, &engine);
    check_rope(&mut comparison, &engine);
    let mut modes: BTreeMap<&str, usize> = BTreeMap::new();
    let names = comparison.names.clone();
    for mode in names.iter().filter_map(|n| n.strip_suffix(".generated")) {
        let parsed: AttentionMode = mode.parse().unwrap();
        let ids = match parsed {
            AttentionMode::TextFirst => &inputs.input_ids_text_first,
            _ => &inputs.input_ids,
        };
        let asked = Asked::Question(inputs.question.clone());
        assert_eq!(engine.prompt(&asked, parsed).unwrap().ids, *ids, "prompt of {mode}");
        let n_steps = golden.values(&format!("{mode}.generated")).len();
        let tensors = engine.mode_tensors(&towers, &asked, parsed, n_steps, &mut silent()).unwrap();
        check_mode(&mut comparison, mode, &tensors);
        modes.insert(mode, tensors.generated.len());
    }
    assert_eq!(modes.len(), 9, "modes of {name}: {modes:?}");
    assert!(comparison.names.is_empty(), "{name}: nobody compared {:?}", comparison.names);
    assert!(comparison.failures.is_empty(), "{name}:\n{}", comparison.failures.join("\n"));
}

#[test]
fn phi3_with_fused_projections_equals_the_authors_code() {
    check_case("phi3_plain");
}

#[test]
fn phi3_with_longrope_in_two_bf16_shards_equals_the_authors_code() {
    check_case("phi3_longrope");
}

#[test]
fn llama_with_grouped_keys_and_one_tied_table_equals_the_authors_code() {
    check_case("llama");
}

#[test]
fn qwen2_with_biases_and_an_even_ring_grid_equals_the_authors_code() {
    check_case("qwen2");
}

#[test]
fn qwen3_with_head_norms_equals_the_reference() {
    check_case("qwen3");
}

#[test]
fn f16_weights_and_five_by_five_patches_equal_the_reference() {
    check_case("phi3_patches25");
}

#[test]
fn three_shards_and_an_odd_ring_grid_equal_the_reference() {
    check_case("llama_three_shards");
}

#[test]
fn burn_alone_computes_the_same_as_it_does_on_a_card() {
    for case in ["phi3_longrope", "llama", "qwen2", "qwen3"] {
        check_case_on(case, ComputeDevice::cpu_with_gradients());
    }
}
