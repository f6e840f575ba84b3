//! Where the program and its model are looked for.

use std::{
    env,
    ffi::OsString,
    path::{self, Path, PathBuf},
};

use super::RustBertState;

pub(super) const PROGRAM: &str = "aki-lens-pos-rust-bert";
pub(super) const PROGRAM_VARIABLE: &str = "AKI_LENS_POS_RUST_BERT";
pub(super) const MODEL_VARIABLE: &str = "AKI_LENS_POS_MODEL";
pub(super) const MODEL_FILES: &str =
    "config.json, vocab.txt, and model.safetensors or rust_model.ot";
const MODEL_FOLDER: &str = "models/mobilebert-finetuned-pos";

/// What the process's surroundings say about places.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// `AKI_LENS_POS_RUST_BERT`.
    pub program: Option<PathBuf>,
    /// `AKI_LENS_POS_MODEL`.
    pub model: Option<PathBuf>,
    /// The folder of our own executable.
    pub own_folder: Option<PathBuf>,
    /// `PATH`.
    pub path: Option<OsString>,
    /// Where programs keep a person's data, as XDG says.
    pub data: Option<PathBuf>,
}

impl Surroundings {
    /// Those of this process.
    pub fn of_process() -> Self {
        let var = |name| env::var_os(name).filter(|value| !value.is_empty());
        let own = env::current_exe().ok();
        let home = || var("HOME").map(|home| PathBuf::from(home).join(".local/share"));
        Self {
            program: var(PROGRAM_VARIABLE).map(PathBuf::from),
            model: var(MODEL_VARIABLE).map(PathBuf::from),
            own_folder: own.and_then(|own| own.parent().map(Path::to_owned)),
            path: var("PATH"),
            data: var("XDG_DATA_HOME").map(PathBuf::from).or_else(home),
        }
    }
}

/// Where to look for the program and its model, in this order.
///
/// A place that a person named is the only one: another program or model in its stead would answer
/// under a wrong name.
#[derive(Clone, Debug)]
pub struct RustBertPlaces {
    programs: Vec<PathBuf>,
    path: Vec<PathBuf>,
    models: Vec<PathBuf>,
}

impl RustBertPlaces {
    /// The places, given what a person named on the command line or in the window.
    ///
    /// Otherwise the program is the one of `AKI_LENS_POS_RUST_BERT`, or beside our own executable, or
    /// in `PATH`; the model that of `AKI_LENS_POS_MODEL`, or `models/mobilebert-finetuned-pos` here or
    /// in `aki-lens` of the person's data folder.
    pub fn new(
        program: Option<PathBuf>,
        model: Option<PathBuf>,
        surroundings: &Surroundings,
    ) -> Self {
        let file = format!("{PROGRAM}{}", env::consts::EXE_SUFFIX);
        let named = |given: Option<PathBuf>, variable: &Option<PathBuf>| {
            given.or_else(|| variable.clone()).map(|path| vec![path])
        };
        let program = named(program, &surroundings.program);
        let is_named = program.is_some();
        let beside = || surroundings.own_folder.iter().map(|own| own.join(&file)).collect();
        let path = surroundings.path.as_ref().filter(|_| !is_named);
        let path = path.map(|path| env::split_paths(path).map(|folder| folder.join(&file)));
        let data = surroundings.data.iter().map(|data| data.join("aki-lens").join(MODEL_FOLDER));
        let usual = || [PathBuf::from(MODEL_FOLDER)].into_iter().chain(data).collect();
        Self {
            programs: program.unwrap_or_else(beside),
            path: path.into_iter().flatten().collect(),
            models: named(model, &surroundings.model).unwrap_or_else(usual),
        }
    }

    /// The program and a complete model folder; otherwise what is missing.
    ///
    /// # Errors
    /// [`RustBertState::NotFound`] or [`RustBertState::NoModel`].
    pub fn find(&self) -> Result<(PathBuf, PathBuf), RustBertState> {
        let program = self.programs.iter().chain(&self.path).find(|path| path.is_file());
        let program = program.ok_or_else(|| {
            let mut looked_in: Vec<_> =
                self.programs.iter().map(|path| path.display().to_string()).collect();
            if !self.path.is_empty() {
                looked_in.push(format!("the {} folders of PATH", self.path.len()));
            }
            RustBertState::NotFound { looked_in }
        })?;
        let model = self.models.iter().find(|folder| missing(folder).is_empty());
        let model = model.ok_or_else(|| {
            let looked_in = self.models.iter().map(|folder| explain(folder)).collect();
            RustBertState::NoModel { looked_in }
        })?;
        // A bare name would be looked for in PATH when it is started, not where it was found.
        let program = path::absolute(program).unwrap_or_else(|_| program.clone());
        Ok((program, model.clone()))
    }
}

/// What a model folder lacks.
fn missing(folder: &Path) -> Vec<&'static str> {
    let has = |name: &str| folder.join(name).is_file();
    let mut missing: Vec<_> =
        ["config.json", "vocab.txt"].into_iter().filter(|name| !has(name)).collect();
    if !has("model.safetensors") && !has("rust_model.ot") {
        missing.push("model.safetensors or rust_model.ot");
    }
    missing
}

fn explain(folder: &Path) -> String {
    if folder.is_dir() {
        format!("{}, which lacks {}", folder.display(), missing(folder).join(" and "))
    } else {
        format!("{}, which is not there", folder.display())
    }
}
