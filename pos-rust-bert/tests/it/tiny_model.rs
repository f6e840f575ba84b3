//! A `MobileBERT` of two narrow layers with random weights, written into a temporary folder.

use std::{collections::BTreeMap, fs, path::Path};

use rust_bert::mobilebert::{MobileBertConfig, MobileBertForTokenClassification};
use tch::{Device, Kind, Tensor, nn::VarStore, no_grad};
use tempfile::TempDir;

pub(crate) const LABELS: [&str; 6] = ["NN", "VBZ", "WRB", "JJ", "IN", "."];
pub(crate) const POSITIONS: usize = 64;

/// Whole words, and letters, digits and marks to spell others with.
fn vocabulary() -> Vec<String> {
    let mut vocabulary: Vec<String> =
        ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"].map(str::to_owned).to_vec();
    vocabulary
        .extend(["where", "what", "is", "the", "red", "cafe", "dog", "on"].map(str::to_owned));
    for letter in ('a'..='z').chain('0'..='9') {
        vocabulary.extend([letter.to_string(), format!("##{letter}")]);
    }
    vocabulary.extend("!\"#$%&'()*+,-./:;<=>?@[]^_`{|}~’“”—".chars().map(String::from));
    vocabulary
}

/// A configuration with the fields that the real one has.
pub(crate) fn config() -> serde_json::Value {
    let by_number: BTreeMap<_, _> =
        LABELS.iter().enumerate().map(|(number, label)| (number.to_string(), *label)).collect();
    let by_label: BTreeMap<_, _> =
        LABELS.iter().enumerate().map(|(number, label)| (*label, number)).collect();
    serde_json::json!({
        "model_type": "mobilebert", "hidden_act": "relu", "hidden_size": 16, "embedding_size": 8,
        "intermediate_size": 16, "intra_bottleneck_size": 8, "num_attention_heads": 2,
        "num_hidden_layers": 2, "num_feedforward_networks": 2, "max_position_embeddings": POSITIONS,
        "type_vocab_size": 2, "vocab_size": vocabulary().len(), "initializer_range": 0.02,
        "attention_probs_dropout_prob": 0.1, "hidden_dropout_prob": 0.0, "layer_norm_eps": 1e-12,
        "normalization_type": "no_norm", "trigram_input": true, "use_bottleneck": true,
        "use_bottleneck_attention": false, "key_query_shared_bottleneck": true,
        "classifier_activation": true, "id2label": by_number, "label2id": by_label,
    })
}

/// A folder with the model; `weights` is the file's name, and `logits` is added to every token's.
pub(crate) fn tiny_model(weights: &str, logits: [f32; LABELS.len()]) -> TempDir {
    let folder = TempDir::new().unwrap();
    write_texts(folder.path());
    let parsed: MobileBertConfig = serde_json::from_value(config()).unwrap();
    let store = VarStore::new(Device::Cpu);
    let _model = MobileBertForTokenClassification::new(store.root(), &parsed);
    tch::manual_seed(7);
    no_grad(|| {
        for (name, mut tensor) in store.variables().into_iter().collect::<BTreeMap<_, _>>() {
            // rust-bert's own first values make the output NaN.
            let values = if name == "classifier.bias" {
                Tensor::from_slice(&logits)
            } else if name.ends_with("bias") {
                tensor.zeros_like()
            } else if tensor.dim() >= 2 {
                Tensor::randn_like(&tensor) * 0.3
            } else {
                tensor.ones_like()
            };
            tensor.copy_(&values.to_kind(Kind::Float));
        }
    });
    store.save(folder.path().join(weights)).unwrap();
    folder
}

/// A model without a preference.
pub(crate) fn plain_model() -> TempDir {
    tiny_model("model.safetensors", [0.0; LABELS.len()])
}

pub(crate) fn write_texts(folder: &Path) {
    fs::write(folder.join("config.json"), config().to_string()).unwrap();
    fs::write(folder.join("vocab.txt"), vocabulary().join("\n")).unwrap();
}
