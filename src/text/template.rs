//! Chat templates as data: what stands around a question, and which tokens end what.
//!
//! The templates are AKI's for Phi-3 and the same words in the markers of the other families. They
//! are not read from the model folder: AKI was trained on exactly these strings, and its folders
//! do not ship them.

use std::{fmt, ops::Range};

use crate::{
    domain::TokenId,
    text::{TextError, TextTokenizer},
};

/// The system text AKI was trained with.
const SYSTEM: &str = "A chat between a curious user and an artificial intelligence assistant. \
                      The assistant gives helpful, detailed, and polite answers to the user's questions.";

/// The one table of templates.
static TEMPLATES: [ChatTemplate; 3] = [
    ChatTemplate {
        family: Family::Phi3,
        model_types: &["phi3"],
        opens_system: "<s> <|system|>\n",
        opens_user: "<|end|>\n<|user|>\n",
        opens_answer: "<|end|>\n<|assistant|>\n",
        markers: &["<s>", "<|system|>", "<|end|>", "<|user|>", "<|assistant|>"],
        question_end_token: "<|assistant|>",
        stop_tokens: &["<|end|>", "<|assistant|>", "<|endoftext|>"],
    },
    ChatTemplate {
        family: Family::Llama,
        model_types: &["llama"],
        opens_system: "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\n",
        opens_user: "<|eot_id|><|start_header_id|>user<|end_header_id|>\n\n",
        opens_answer: "<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n",
        markers: &["<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"],
        question_end_token: "<|start_header_id|>",
        stop_tokens: &["<|eot_id|>", "<|end_of_text|>"],
    },
    ChatTemplate {
        family: Family::Qwen,
        model_types: &["qwen2", "qwen3"],
        opens_system: "<|im_start|>system\n",
        opens_user: "<|im_end|>\n<|im_start|>user\n",
        opens_answer: "<|im_end|>\n<|im_start|>assistant\n",
        markers: &["<|im_start|>", "<|im_end|>"],
        question_end_token: "<|im_start|>",
        stop_tokens: &["<|im_end|>", "<|endoftext|>"],
    },
];

/// Decoders that share a chat template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// Phi-3 and Phi-3.5.
    Phi3,
    /// Llama 3.
    Llama,
    /// Qwen2, Qwen2.5 and Qwen3.
    Qwen,
}

impl Family {
    /// The name people know it by.
    pub fn name(self) -> &'static str {
        match self {
            Self::Phi3 => "Phi-3",
            Self::Llama => "Llama",
            Self::Qwen => "Qwen",
        }
    }

    /// What stands around a question for this family.
    pub fn template(self) -> &'static ChatTemplate {
        match self {
            Self::Phi3 => &TEMPLATES[0],
            Self::Llama => &TEMPLATES[1],
            Self::Qwen => &TEMPLATES[2],
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What stands around a question, and which tokens end what. All tokens are named, none numbered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatTemplate {
    family: Family,
    model_types: &'static [&'static str],
    opens_system: &'static str,
    opens_user: &'static str,
    opens_answer: &'static str,
    markers: &'static [&'static str],
    question_end_token: &'static str,
    stop_tokens: &'static [&'static str],
}

impl ChatTemplate {
    /// The template for a decoder, by the `model_type` of its configuration.
    ///
    /// # Errors
    /// [`TextError::UnknownModelType`], which lists the known ones.
    pub fn for_model_type(model_type: &str) -> Result<&'static Self, TextError> {
        TEMPLATES.iter().find(|t| t.model_types.contains(&model_type)).ok_or_else(|| {
            TextError::UnknownModelType {
                found: model_type.to_owned(),
                known: TEMPLATES.iter().flat_map(|t| t.model_types).copied().collect(),
            }
        })
    }

    /// Whose template this is.
    pub fn family(&self) -> Family {
        self.family
    }

    /// The system text, which opens every prompt.
    pub fn system_text(&self) -> &'static str {
        SYSTEM
    }

    /// Special tokens that the template is made of, in the order of their first use.
    pub fn markers(&self) -> &'static [&'static str] {
        self.markers
    }

    /// The marker that closes the question segment: its first occurrence after the picture.
    ///
    /// # Source
    /// AKI's code looks for `<|assistant|>`; the markers of the other families are this project's
    /// extension, because that code finds none in them and falls back to plain causal attention.
    pub fn question_end_token(&self) -> &'static str {
        self.question_end_token
    }

    /// Tokens that end an answer; a tokenizer has the first, and may lack the others.
    pub fn stop_tokens(&self) -> &'static [&'static str] {
        self.stop_tokens
    }

    /// The ids that end an answer, in the order of [`Self::stop_tokens`].
    ///
    /// # Errors
    /// [`TextError::NoSuchToken`] when the tokenizer lacks the first of them.
    pub fn stop_ids(&self, tokenizer: &TextTokenizer) -> Result<Vec<TokenId>, TextError> {
        let ids: Vec<_> = self.stop_tokens.iter().filter_map(|t| tokenizer.id_of(t)).collect();
        if let Some(first) = self.stop_tokens.first() {
            tokenizer.require_id(first)?;
        }
        Ok(ids)
    }

    /// The exact prompt string around the text of the user's turn.
    pub(super) fn fill(&self, turn: &str) -> FilledTemplate {
        let system = self.opens_system.len()..self.opens_system.len() + SYSTEM.len();
        let start = system.end + self.opens_user.len();
        FilledTemplate {
            text: [self.opens_system, SYSTEM, self.opens_user, turn, self.opens_answer].concat(),
            system_bytes: system,
            turn_bytes: start..start + turn.len(),
        }
    }
}

/// A user's turn in its template, as text.
pub(super) struct FilledTemplate {
    pub(super) text: String,
    pub(super) system_bytes: Range<usize>,
    pub(super) turn_bytes: Range<usize>,
}
