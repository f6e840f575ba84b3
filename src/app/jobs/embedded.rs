//! The models that come with the program.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};

use super::write_whole;
use crate::domain::AttentionMode;

/// A file of a model, and its bytes in the program.
type File = (&'static str, &'static [u8]);

macro_rules! files_of {
    ($folder:literal) => {
        [
            (
                "config.json",
                include_bytes!(concat!("../../../models/tabletop/", $folder, "/config.json"))
                    .as_slice(),
            ),
            (
                "vision_config.json",
                include_bytes!(concat!(
                    "../../../models/tabletop/",
                    $folder,
                    "/vision_config.json"
                )),
            ),
            (
                "resampler_config.json",
                include_bytes!(concat!(
                    "../../../models/tabletop/",
                    $folder,
                    "/resampler_config.json"
                )),
            ),
            (
                "text_config.json",
                include_bytes!(concat!("../../../models/tabletop/", $folder, "/text_config.json")),
            ),
            (
                "tokenizer.json",
                include_bytes!(concat!("../../../models/tabletop/", $folder, "/tokenizer.json")),
            ),
            (
                "world.json",
                include_bytes!(concat!("../../../models/tabletop/", $folder, "/world.json")),
            ),
            (
                "pointing.json",
                include_bytes!(concat!("../../../models/tabletop/", $folder, "/pointing.json")),
            ),
            (
                "model.safetensors",
                include_bytes!(concat!("../../../models/tabletop/", $folder, "/model.safetensors")),
            ),
        ]
    };
}

static MMA: [File; 8] = files_of!("mma");
static CAUSAL: [File; 8] = files_of!("causal");

/// The embedded model for a mode: the one trained under the causal mask for `causal`, else the one
/// trained under modality-mutual attention.
pub fn embedded_model(mode: AttentionMode) -> &'static str {
    match mode {
        AttentionMode::Causal => "tabletop/causal",
        _ => "tabletop/mma",
    }
}

/// The folder of an embedded model, in the person's cache, or where that cannot be written among the
/// temporary files; written there where it is not yet. `None` for any other name.
///
/// # Errors
/// Neither place can be written.
pub(super) fn embedded_folder(name: &str) -> Result<Option<PathBuf>> {
    let files = match name {
        "tabletop/mma" | "tabletop" => &MMA,
        "tabletop/causal" => &CAUSAL,
        _ => return Ok(None),
    };
    // The name tells one content from another, so an old version is never taken for a new one.
    let hash = files
        .iter()
        .flat_map(|(_, bytes)| bytes.iter())
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        });
    let name = format!("tabletop-{hash:016x}");
    let folder = cache().join(&name);
    let Err(error) = unpack(&folder, files) else { return Ok(Some(folder)) };
    let aside = env::temp_dir().join("aki-lens").join(&name);
    if unpack(&aside, files).is_ok() {
        return Ok(Some(aside));
    }
    Err(error).with_context(|| {
        format!(
            "cannot unpack the embedded model, neither to {} nor to {}; make room in one of them, or name a model with --model",
            folder.display(),
            aside.display()
        )
    })
}

fn unpack(folder: &Path, files: &[File]) -> Result<()> {
    fs::create_dir_all(folder)?;
    // The weights come last in the list, and each file appears whole or not at all.
    for (name, bytes) in files {
        let path = folder.join(name);
        // A file that was damaged, or put there by someone else, is not taken for ours.
        let is_there = fs::read(&path).is_ok_and(|there| there == *bytes);
        if !is_there {
            write_whole(&path, bytes)?;
        }
    }
    Ok(())
}

/// Where programs keep what they can make again.
pub(super) fn cache() -> PathBuf {
    let var = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = || var("HOME").map(|home| home.join(".cache"));
    let base = var("XDG_CACHE_HOME").or_else(|| var("LOCALAPPDATA")).or_else(home);
    base.unwrap_or_else(env::temp_dir).join("aki-lens")
}
