//! Configurations of the models that `config.json` only names. Sources: `assets/presets/README.md`.

macro_rules! preset {
    ($name:literal, $file:literal) => {
        ($name, include_str!(concat!("../../assets/presets/", $file, ".json")))
    };
}

/// Hub name and configuration, in Hugging Face's words.
const PRESETS: &[(&str, &str)] = &[
    preset!("google/siglip-so400m-patch14-384", "siglip-so400m-patch14-384"),
    preset!("microsoft/Phi-3.5-mini-instruct", "phi-3.5-mini-instruct"),
    preset!("microsoft/Phi-3-mini-4k-instruct", "phi-3-mini-4k-instruct"),
    preset!("meta-llama/Llama-3.2-1B-Instruct", "llama-3.2-1b-instruct"),
    preset!("meta-llama/Llama-3.2-3B-Instruct", "llama-3.2-3b-instruct"),
    preset!("Qwen/Qwen2.5-1.5B-Instruct", "qwen2.5-1.5b-instruct"),
    preset!("Qwen/Qwen2.5-3B-Instruct", "qwen2.5-3b-instruct"),
    preset!("Qwen/Qwen3-1.7B", "qwen3-1.7b"),
    preset!("Qwen/Qwen3-8B", "qwen3-8b"),
];

/// The configuration of a model by its hub name; a folder that ends in that name will do.
pub(super) fn find(name: &str) -> Option<&'static str> {
    let last = |path: &str| path.rsplit('/').next().unwrap_or(path).to_lowercase();
    let wanted = last(name.trim_end_matches('/'));
    PRESETS.iter().find(|(known, _)| last(known) == wanted).map(|(_, json)| *json)
}

/// All hub names.
pub(super) fn names() -> Vec<&'static str> {
    PRESETS.iter().map(|(name, _)| *name).collect()
}
