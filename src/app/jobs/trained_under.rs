//! Under which attention mask a checkpoint was trained, as far as its folder says.

use std::{fs, path::Path};

use serde::Serialize;
use serde_json::Value;

use crate::domain::AttentionMode;

/// What is known of a checkpoint's training.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TrainedUnder {
    /// The mask it was trained under; `None` where nothing says so.
    pub mode: Option<AttentionMode>,
    /// Where that is said, or why it is not known.
    pub because: String,
}

impl TrainedUnder {
    /// Reads what a model's name and its folder say.
    ///
    /// A `training.json` or `world.json` beside the weights may hold `"attention": MODE`; the
    /// embedded pair is known by its names. A folder in the released layout of AKI says nothing
    /// and is taken for a model trained under modality-mutual attention, as the authors' are.
    pub fn of(name: &str, folder: &Path) -> Self {
        for file in ["training.json", "world.json"] {
            let Ok(text) = fs::read_to_string(folder.join(file)) else { continue };
            let Ok(json) = serde_json::from_str::<Value>(&text) else { continue };
            let said = ["attention", "mode"].iter().find_map(|key| json.get(key)?.as_str());
            if let Some(mode) = said.and_then(|mode| mode.parse().ok()) {
                return Self { mode: Some(mode), because: format!("its {file} says so") };
            }
        }
        let path = folder.to_string_lossy().replace('\\', "/");
        let is_named =
            |known: &str| name.trim_end_matches('/').ends_with(known) || path.ends_with(known);
        for (known, mode) in [
            ("tabletop/mma", AttentionMode::ModalityMutual),
            ("tabletop/causal", AttentionMode::Causal),
        ] {
            if is_named(known) || (name == "tabletop" && known == "tabletop/mma") {
                let because = "it is one of the embedded pair".to_owned();
                return Self { mode: Some(mode), because };
            }
        }
        let because =
            "nothing beside its weights says so; taken for mma, as the authors' models are";
        Self { mode: None, because: because.to_owned() }
    }

    /// The mask it counts as trained under.
    fn assumed(&self) -> AttentionMode {
        self.mode.unwrap_or(AttentionMode::ModalityMutual)
    }

    /// What a run under `mode` is, where that is not what the weights were trained for.
    pub fn beside(&self, mode: AttentionMode) -> Option<String> {
        let trained = self.assumed();
        // The whole question open is modality-mutual attention, none of it the causal mask.
        let plain = |mode: AttentionMode| match mode {
            AttentionMode::Sparsity(100) => AttentionMode::ModalityMutual,
            AttentionMode::Sparsity(0) => AttentionMode::Causal,
            mode => mode,
        };
        let doubt = match self.mode {
            Some(_) => "",
            None => " (if it was trained under mma, as the authors' models are)",
        };
        match (plain(trained), plain(mode)) {
            (trained, mode) if trained == mode => None,
            (AttentionMode::ModalityMutual, AttentionMode::Causal) => Some(format!(
                "MMA block removed: weights trained under mma, not a causal model{doubt}"
            )),
            (AttentionMode::Causal, AttentionMode::ModalityMutual) => {
                Some("MMA block opened: weights trained under the causal mask".to_owned())
            }
            (trained, mode) => {
                Some(format!("weights trained under {trained}, run under {mode}{doubt}"))
            }
        }
    }
}
