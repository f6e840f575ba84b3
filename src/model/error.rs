//! What can be wrong with a checkpoint or a device: what, where, expected and found, what to do.

use std::{io, path::PathBuf};

/// A model could not be opened, or not on the device that was asked for.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// A file could not be read.
    #[error("cannot read {path}: {source}", path = path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// A folder is not a checkpoint.
    #[error(
        "{folder} is not a checkpoint folder: it has no {missing} (a released folder holds \
         config.json, tokenizer.json and model.safetensors or its shards)",
        folder = folder.display()
    )]
    NotACheckpoint {
        /// The folder.
        folder: PathBuf,
        /// The file that is not there.
        missing: &'static str,
    },
    /// A JSON file does not hold what it should.
    #[error("{path}: {reason}", path = path.display())]
    BadConfig {
        /// The file.
        path: PathBuf,
        /// The field, what was expected and what was found.
        reason: String,
    },
    /// `config.json` names a model without a preset, and no configuration lies beside it.
    #[error(
        "{path}: \"{field}\" names \"{name}\", which is not a known model: put its Hugging Face \
         configuration beside it as {beside} (known: {known})",
        path = path.display()
    )]
    UnknownPreset {
        /// The file.
        path: PathBuf,
        /// The field that names the model.
        field: &'static str,
        /// What it names.
        name: String,
        /// The file that would tell.
        beside: &'static str,
        /// The names that are known.
        known: String,
    },
    /// A safetensors file is cut off or malformed.
    #[error("{path}: {reason}; download or copy it again", path = path.display())]
    BrokenFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The network needs a tensor that no file holds.
    #[error("{path}: tensor \"{name}\" {shape:?} is missing", path = path.display())]
    MissingTensor {
        /// The file or index that should name it.
        path: PathBuf,
        /// The tensor.
        name: String,
        /// The shape that was expected.
        shape: Vec<usize>,
    },
    /// A tensor has another shape than the configuration says.
    #[error(
        "{path}: tensor \"{name}\" has shape {found:?}, but the configuration asks for \
         {expected:?}",
        path = path.display()
    )]
    WrongShape {
        /// The file that holds it.
        path: PathBuf,
        /// The tensor.
        name: String,
        /// The shape by the configuration.
        expected: Vec<usize>,
        /// The shape in the file.
        found: Vec<usize>,
    },
    /// A tensor has a type that is not a weight's.
    #[error("{path}: tensor \"{name}\" is {found}; weights are F32, F16 or BF16", path = path.display())]
    WrongDtype {
        /// The file that holds it.
        path: PathBuf,
        /// The tensor.
        name: String,
        /// The type in the file.
        found: String,
    },
    /// A weight is infinite or not a number.
    #[error(
        "{path}: tensor \"{name}\" holds a value that is not finite ({value}) at index {index}; the \
         answer would be noise",
        path = path.display()
    )]
    NotFinite {
        /// The file that holds it.
        path: PathBuf,
        /// The tensor.
        name: String,
        /// Index in the flattened tensor.
        index: usize,
        /// The value.
        value: f32,
    },
    /// A weight does not fit the type that was asked for.
    #[error(
        "{path}: tensor \"{name}\" holds {value} at index {index}, beyond the range of f16: choose \
         --dtype bf16 or f32",
        path = path.display()
    )]
    Overflow {
        /// The file that holds it.
        path: PathBuf,
        /// The tensor.
        name: String,
        /// Index in the flattened tensor.
        index: usize,
        /// The value.
        value: f32,
    },
    /// Files hold tensors that the network has no place for.
    #[error(
        "{path}: tensor \"{name}\" {shape:?} has no place in the network the configuration \
         describes{more}",
        path = path.display()
    )]
    ExtraTensor {
        /// The file that holds it.
        path: PathBuf,
        /// The first such tensor.
        name: String,
        /// Its shape.
        shape: Vec<usize>,
        /// How many more there are, in words.
        more: String,
    },
    /// A device is not there, or the program was built without it.
    #[error("{0}")]
    Device(String),
    /// A tensor that is to be written was never loaded onto Burn's device.
    #[error("{tensor} cannot be written: it is read from a mapped file, so it was never trained")]
    NotOnDevice {
        /// Its full name.
        tensor: String,
    },
    /// The work was stopped from outside.
    #[error("stopped")]
    Stopped,
}

pub(super) type Result<T> = std::result::Result<T, ModelError>;
