//! `pointing.json` beside a model's weights: where its maps were seen to point.

use std::{
    fs::File,
    io::{ErrorKind, Read as _},
    path::Path,
};

use anyhow::{Context as _, Result, bail};

use super::write_whole;
use crate::domain::{AttentionMode, POINTING_VERSION, PointingRates};

const FILE: &str = "pointing.json";
/// Rates of some layers and readings, and some names, take kilobytes.
const MAX_BYTES: u64 = 1 << 20;

/// Writes what was measured; in the folder of the weights it is found again.
///
/// # Errors
/// A place that cannot be written to.
pub(super) fn write_pointing(folder: &Path, rates: &PointingRates) -> Result<()> {
    let path = folder.join(FILE);
    let json = serde_json::to_string_pretty(rates).context("while writing the pointing rates")?;
    write_whole(&path, format!("{json}\n").as_bytes())
        .with_context(|| format!("cannot write {}", path.display()))
}

/// What was measured of these very weights under this mask, if anything.
///
/// # Errors
/// A file that is there and cannot be read or understood.
pub(super) fn read_pointing(
    folder: &Path,
    weights: &str,
    mode: AttentionMode,
) -> Result<Option<PointingRates>> {
    let path = folder.join(FILE);
    let read = |file: File| {
        let mut text = String::new();
        file.take(MAX_BYTES + 1).read_to_string(&mut text).map(|_| text)
    };
    let text = match File::open(&path).and_then(read) {
        Ok(text) if text.len() as u64 > MAX_BYTES => {
            bail!("{} is longer than {MAX_BYTES} bytes, so it is no table of rates", path.display())
        }
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    };
    let wrong = || {
        format!("{} is damaged; write it again with aki-lens eval, or delete it", path.display())
    };
    let json: serde_json::Value = serde_json::from_str(&text).with_context(wrong)?;
    if json["version"] != POINTING_VERSION {
        return Ok(None);
    }
    let rates: PointingRates = serde_json::from_value(json).with_context(wrong)?;
    Ok(Some(rates).filter(|rates| rates.weights == weights && rates.attention == mode))
}
