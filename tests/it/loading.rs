//! Checkpoints as released, and every way one can be broken: one line that names file and tensor.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use aki_lens::{
    inference::Engine,
    model::{Dtype, Mllm, ModelFolder},
};
use safetensors::{Dtype as Stored, SafeTensors, tensor::TensorView};
use serde::Deserialize;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::golden::{device, golden_folder, silent};

/// A copy of a golden checkpoint that a test may break.
struct Broken {
    folder: TempDir,
}

type Tensors = BTreeMap<String, (Stored, Vec<usize>, Vec<u8>)>;

impl Broken {
    fn copy(case: &str) -> Self {
        let folder = TempDir::new().unwrap();
        for entry in fs::read_dir(golden_folder().join(case).join("checkpoint")).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
        }
        Self { folder }
    }

    fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    fn edit_json(self, file: &str, edit: impl FnOnce(&mut Value)) -> Self {
        let mut json = serde_json::from_str(&fs::read_to_string(self.path(file)).unwrap()).unwrap();
        edit(&mut json);
        fs::write(self.path(file), json.to_string()).unwrap();
        self
    }

    fn edit_tensors(self, file: &str, edit: impl FnOnce(&mut Tensors)) -> Self {
        let bytes = fs::read(self.path(file)).unwrap();
        let tensors = SafeTensors::deserialize(&bytes).unwrap();
        let mut tensors: Tensors = tensors
            .iter()
            .map(|(name, view)| {
                (name.to_owned(), (view.dtype(), view.shape().to_vec(), view.data().to_vec()))
            })
            .collect();
        edit(&mut tensors);
        let views = tensors.iter().map(|(name, (dtype, shape, data))| {
            (name, TensorView::new(*dtype, shape.clone(), data).unwrap())
        });
        fs::write(self.path(file), safetensors::serialize(views, None).unwrap()).unwrap();
        self
    }

    fn edit_bytes(self, file: &str, edit: impl FnOnce(&mut Vec<u8>)) -> Self {
        let mut bytes = fs::read(self.path(file)).unwrap();
        edit(&mut bytes);
        fs::write(self.path(file), bytes).unwrap();
        self
    }

    fn error(&self) -> String {
        let opened = Engine::open(self.folder.path(), device(), None, &mut silent());
        let error = format!("{:#}", anyhow::Error::from(opened.map(|_| ()).unwrap_err()));
        assert!(!error.contains('\n'), "one line: {error}");
        error
    }

    /// The error names all of these.
    #[track_caller]
    fn check(&self, parts: &[&str]) {
        let error = self.error();
        for part in parts {
            assert!(error.contains(part), "\"{part}\" is not in: {error}");
        }
    }
}

const WEIGHTS: &str = "model.safetensors";
const NORM: &str = "lang_model.model.layers.1.input_layernorm.weight";
const MATRIX: &str = "lang_model.model.layers.2.mlp.up_proj.weight";

#[test]
fn a_missing_tensor_is_named_with_its_shape() {
    let broken = Broken::copy("llama").edit_tensors(WEIGHTS, |t| drop(t.remove(NORM)));
    broken.check(&[WEIGHTS, NORM, "[32]", "missing"]);
}

#[test]
fn an_extra_tensor_is_named() {
    let broken = Broken::copy("llama").edit_tensors(WEIGHTS, |t| {
        t.insert(
            "lang_model.model.layers.3.oops.weight".to_owned(),
            (Stored::F32, vec![1], vec![0; 4]),
        );
    });
    broken.check(&[WEIGHTS, "lang_model.model.layers.3.oops.weight", "no place"]);
}

#[test]
fn a_misshaped_tensor_is_named_with_both_shapes() {
    let broken = Broken::copy("llama").edit_tensors(WEIGHTS, |t| {
        let (_, shape, _) = t.get_mut(MATRIX).unwrap();
        shape.reverse();
    });
    broken.check(&[WEIGHTS, MATRIX, "[32, 64]", "[64, 32]"]);
}

#[test]
fn values_that_are_not_finite_are_found_in_every_type() {
    for (bytes, value) in [([0, 0, 0xc0, 0x7f], "NaN"), ([0, 0, 0x80, 0xff], "-inf")] {
        for name in [NORM, MATRIX] {
            let broken = Broken::copy("llama").edit_tensors(WEIGHTS, |t| {
                t.get_mut(name).unwrap().2[20..24].copy_from_slice(&bytes);
            });
            broken.check(&[WEIGHTS, name, value, "index 5"]);
        }
    }
    // bf16 in shards, f16 in one file.
    let shard = "model-00002-of-00002.safetensors";
    let norm = "lang_model.model.norm.weight";
    let broken = Broken::copy("phi3_longrope").edit_tensors(shard, |t| {
        t.get_mut(norm).unwrap().2[6..8].copy_from_slice(&[0x80, 0x7f]);
    });
    broken.check(&[shard, norm, "inf", "index 3"]);
    let broken = Broken::copy("phi3_patches25").edit_tensors(WEIGHTS, |t| {
        t.get_mut("lang_model.model.norm.weight").unwrap().2[2..4].copy_from_slice(&[1, 0x7c]);
    });
    broken.check(&[WEIGHTS, "lang_model.model.norm.weight", "NaN", "index 1"]);
}

#[test]
fn a_tensor_of_integers_is_named() {
    let broken = Broken::copy("llama").edit_tensors(WEIGHTS, |t| {
        t.get_mut(NORM).unwrap().0 = Stored::I32;
    });
    broken.check(&[WEIGHTS, NORM, "I32", "BF16"]);
}

#[test]
fn files_that_are_cut_off_or_no_safetensors_at_all_are_named() {
    for case in ["llama", "phi3_longrope"] {
        let file = if case == "llama" { WEIGHTS } else { "model-00001-of-00002.safetensors" };
        for keep in [0, 4, 8, 100, 20_000, 200_000] {
            Broken::copy(case).edit_bytes(file, |b| b.truncate(keep)).check(&[file]);
        }
        Broken::copy(case).edit_bytes(file, |b| b.push(0)).check(&[file]);
        Broken::copy(case).edit_bytes(file, |b| b[..8].fill(0xff)).check(&[file]);
        Broken::copy(case).edit_bytes(file, |b| b[8..40].fill(b'x')).check(&[file]);
    }
}

#[test]
fn an_index_that_does_not_fit_its_shards_is_named() {
    let index = "model.safetensors.index.json";
    let broken = |edit: fn(&mut Value)| Broken::copy("phi3_longrope").edit_json(index, edit);
    let norm = "lang_model.model.norm.weight";
    broken(|j| {
        j["weight_map"]["lang_model.model.norm.weight"] = json!("model-00009-of-00002.safetensors");
    })
    .check(&["model-00009-of-00002.safetensors"]);
    broken(|j| j["weight_map"]["ghost"] = json!("model-00001-of-00002.safetensors"))
        .check(&[index, "ghost"]);
    broken(|j| j["weight_map"]["lang_model.model.norm.weight"] = json!("../secret"))
        .check(&[index, "../secret"]);
    broken(|j| *j = json!({})).check(&[index, "weight_map"]);
    let shard = "model-00002-of-00002.safetensors";
    let doubled = Broken::copy("phi3_longrope").edit_tensors(shard, |t| {
        t.insert(norm.to_owned(), (Stored::BF16, vec![16], vec![0; 32]));
        t.insert("vision_tokenizer.latents".to_owned(), (Stored::BF16, vec![1], vec![0; 2]));
    });
    doubled.check(&["also in"]);
}

#[test]
fn a_config_that_contradicts_the_tensors_names_the_first_that_differs() {
    let broken = |file: &str, field: &'static str, value: Value| {
        Broken::copy("llama").edit_json(file, move |j| j[field] = value)
    };
    let text = "text_config.json";
    broken(text, "num_hidden_layers", json!(4)).check(&["layers.3.", "missing"]);
    broken(text, "num_hidden_layers", json!(2)).check(&["layers.2.", "no place"]);
    broken(text, "hidden_size", json!(64)).check(&["vision_tokenizer.projection", "[32]", "[64]"]);
    broken(text, "num_key_value_heads", json!(4)).check(&["k_proj", "[16, 32]", "[32, 32]"]);
    // This one's files hold one table, and do not say that it serves as two.
    Broken::copy("llama_three_shards")
        .edit_json(text, |j| j["tie_word_embeddings"] = json!(false))
        .check(&["lm_head.weight", "missing"]);
    broken(text, "model_type", json!("gpt2")).check(&[text, "gpt2", "phi3"]);
    broken(text, "hidden_act", json!("relu")).check(&[text, "hidden_act", "relu"]);
    broken(text, "rope_scaling", json!({"rope_type": "yarn", "factor": 4})).check(&[text, "yarn"]);
    broken(text, "num_attention_heads", json!(5)).check(&[text, "num_attention_heads"]);
    broken(text, "num_attention_heads", json!(0)).check(&[text, "num_attention_heads"]);
    broken("config.json", "num_vision_tokens", json!(16)).check(&["num_vision_tokens", "16"]);
    broken("config.json", "initial_tokenizer_len", json!(100)).check(&["tokenizer.json", "100"]);
    broken("config.json", "initial_tokenizer_len", json!(9999))
        .check(&["initial_tokenizer_len", "9999"]);
    broken("vision_config.json", "image_size", json!(70))
        .check(&["position_embedding", "[25, 32]"]);
    broken("vision_config.json", "patch_size", json!(0))
        .check(&["vision_config.json", "patch_size"]);
    broken("resampler_config.json", "depth", json!(3))
        .check(&["vision_tokenizer.layers.2", "missing"]);
}

#[test]
fn a_folder_that_is_none_says_what_a_checkpoint_holds() {
    let empty = TempDir::new().unwrap();
    let error = ModelFolder::open(empty.path()).unwrap_err().to_string();
    assert!(error.contains("config.json") && error.contains("tokenizer.json"), "{error}");
    let error = ModelFolder::open(&empty.path().join("nothing")).unwrap_err().to_string();
    assert!(error.contains("nothing"), "{error}");
    let broken = Broken::copy("llama");
    fs::remove_file(broken.path(WEIGHTS)).unwrap();
    broken.check(&[WEIGHTS, "not a checkpoint folder"]);
    let broken = Broken::copy("llama");
    fs::remove_file(broken.path("tokenizer.json")).unwrap();
    broken.check(&["tokenizer.json"]);
    Broken::copy("llama").edit_bytes("config.json", |b| b.truncate(10)).check(&["config.json"]);
}

#[test]
fn a_tokenizer_without_the_special_tokens_is_named() {
    let broken = Broken::copy("llama").edit_json("tokenizer.json", |j| {
        let kept = |t: &Value| t["content"] != "<|start_header_id|>";
        let tokens =
            j["added_tokens"].as_array().unwrap().iter().filter(|t| kept(t)).cloned().collect();
        j["added_tokens"] = Value::Array(tokens);
    });
    broken.check(&["tokenizer.json", "<|start_header_id|>"]);
}

#[test]
fn an_unknown_model_without_its_configuration_is_named() {
    let broken = Broken::copy("llama")
        .edit_json("config.json", |j| j["lang_model_path"] = json!("someone/unknown-7B"));
    fs::remove_file(broken.path("text_config.json")).unwrap();
    broken.check(&[
        "config.json",
        "someone/unknown-7B",
        "text_config.json",
        "Phi-3.5-mini-instruct",
    ]);
}

#[derive(Deserialize)]
struct LayoutJson {
    tensors: usize,
    shapes: BTreeMap<String, Vec<usize>>,
}

/// A folder with only `config.json`, as the real one has, opened by the presets.
fn preset_layout(lang_model: &str, n_tokens: usize) -> BTreeMap<String, Vec<usize>> {
    let folder = TempDir::new().unwrap();
    let config = json!({
        "initial_tokenizer_len": n_tokens,
        "lang_model_path": lang_model,
        "vision_encoder_path": "google/siglip-so400m-patch14-384",
        "num_vision_tokens": 144,
    });
    fs::write(folder.path().join("config.json"), config.to_string()).unwrap();
    // A file without tensors is enough to open the folder.
    let none: Vec<(String, TensorView<'_>)> = Vec::new();
    fs::write(folder.path().join(WEIGHTS), safetensors::serialize(none, None).unwrap()).unwrap();
    let folder = ModelFolder::open(folder.path()).unwrap();
    Mllm::layout(folder.config()).unwrap().into_iter().collect()
}

#[test]
fn the_real_aki_4b_holds_exactly_the_tensors_the_presets_ask_for() {
    let text = fs::read_to_string(golden_folder().join("aki4b_tensors.json")).unwrap();
    let real: LayoutJson = serde_json::from_str(&text).unwrap();
    assert_eq!(real.tensors, 718);
    let mut expected = real.shapes;
    expected.retain(|name, _| !name.starts_with("vision_encoder.head."));
    let asked = preset_layout("microsoft/Phi-3.5-mini-instruct", 32012);
    assert_eq!(asked, expected);
}

#[test]
fn every_preset_lays_out_a_network_of_its_published_size() {
    // Billions of parameters, vision tower, resampler and two vocabularies' biases included.
    let models = [
        ("microsoft/Phi-3.5-mini-instruct", 32012, 4.32),
        ("microsoft/Phi-3-mini-4k-instruct", 32012, 4.32),
        ("meta-llama/Llama-3.2-1B-Instruct", 128_256, 1.73),
        ("meta-llama/Llama-3.2-3B-Instruct", 128_256, 3.71),
        ("Qwen/Qwen2.5-1.5B-Instruct", 151_665, 2.04),
        ("Qwen/Qwen2.5-3B-Instruct", 151_665, 3.58),
        ("Qwen/Qwen3-1.7B", 151_669, 2.22),
        ("Qwen/Qwen3-8B", 151_669, 8.69),
    ];
    for (name, n_tokens, billions) in models {
        let layout = preset_layout(name, n_tokens);
        let n: usize = layout.values().map(|shape| shape.iter().product::<usize>()).sum();
        assert!((n as f64 / 1e9 - billions).abs() < 0.02, "{name}: {n} parameters");
    }
}

#[test]
fn weights_of_every_type_load_as_every_type() {
    for case in ["llama", "phi3_longrope", "phi3_patches25"] {
        for dtype in [Dtype::F32, Dtype::F16, Dtype::Bf16] {
            let checkpoint = golden_folder().join(case).join("checkpoint");
            let engine = Engine::open(&checkpoint, device(), Some(dtype), &mut silent()).unwrap();
            assert_eq!(engine.loaded().dtype, dtype);
        }
    }
}

#[test]
fn a_weight_beyond_the_range_of_f16_is_named_when_f16_is_asked_for() {
    let broken = Broken::copy("llama").edit_tensors(WEIGHTS, |t| {
        t.get_mut(MATRIX).unwrap().2[8..12].copy_from_slice(&70000.0f32.to_le_bytes());
    });
    let open = |dtype| Engine::open(broken.folder.path(), device(), Some(dtype), &mut silent());
    assert!(open(Dtype::F32).is_ok());
    assert!(open(Dtype::Bf16).is_ok());
    let error = open(Dtype::F16).unwrap_err().to_string();
    for part in [MATRIX, "70000", "index 2", "--dtype bf16"] {
        assert!(error.contains(part), "\"{part}\" is not in: {error}");
    }
}

#[test]
fn a_load_that_is_told_to_stop_stops() {
    let checkpoint = golden_folder().join("llama/checkpoint");
    let stop = &mut |_| std::ops::ControlFlow::Break(());
    let error = Engine::open(Path::new(&checkpoint), device(), None, stop).unwrap_err();
    assert_eq!(error.to_string(), "stopped");
}
