//! Numbers to colors: the same value has the same color on screen and on paper.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A scale of 256 colors.
///
/// The first three rise in lightness from end to end, so that they read in print without color and
/// with any color vision; the last has a light middle and two ends of equal lightness.
///
/// # Source
/// matplotlib's tables; see `assets/colormaps/README.md`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Colormap {
    /// Dark blue over green to yellow.
    #[default]
    Viridis,
    /// Black over red to light yellow.
    Inferno,
    /// Dark blue over grey to yellow; looks the same without red or green vision.
    Cividis,
    /// Blue over light grey to red, for differences: its middle is zero.
    Diverging,
}

/// A name that is no color map.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown color map \"{0}\": choose viridis, inferno, cividis or diverging")]
pub struct UnknownColormap(pub String);

const VIRIDIS: &[[u8; 3]; Colormap::N_COLORS] =
    table(include_bytes!("../../assets/colormaps/viridis.rgb"));
const INFERNO: &[[u8; 3]; Colormap::N_COLORS] =
    table(include_bytes!("../../assets/colormaps/inferno.rgb"));
const CIVIDIS: &[[u8; 3]; Colormap::N_COLORS] =
    table(include_bytes!("../../assets/colormaps/cividis.rgb"));
const DIVERGING: &[[u8; 3]; Colormap::N_COLORS] =
    table(include_bytes!("../../assets/colormaps/coolwarm.rgb"));

const fn table(bytes: &[u8; 3 * Colormap::N_COLORS]) -> &[[u8; 3]; Colormap::N_COLORS] {
    match bytes.as_chunks::<3>().0.first_chunk() {
        Some(colors) => colors,
        None => &[[0; 3]; Colormap::N_COLORS],
    }
}

impl Colormap {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Viridis, Self::Inferno, Self::Cividis, Self::Diverging];
    /// Colors of a table.
    pub const N_COLORS: usize = 256;
    /// The color of what has no value: in none of the tables, and none of their neighbors.
    pub const NO_VALUE: [u8; 3] = [0xff, 0x00, 0xff];

    /// The colors from the lowest value to the highest.
    pub fn table(self) -> &'static [[u8; 3]; Self::N_COLORS] {
        match self {
            Self::Viridis => VIRIDIS,
            Self::Inferno => INFERNO,
            Self::Cividis => CIVIDIS,
            Self::Diverging => DIVERGING,
        }
    }

    /// The color at `t`, from 0 at the lower end to 1 at the upper.
    ///
    /// What lies outside gets the color of the nearer end; what is no number gets
    /// [`NO_VALUE`](Self::NO_VALUE), so that it shows.
    ///
    /// # Source
    /// matplotlib, `Colormap.__call__`: color `floor(256 t)`, and the last one at 1.
    pub fn rgb(self, t: f64) -> [u8; 3] {
        if t.is_nan() {
            return Self::NO_VALUE;
        }
        let last = Self::N_COLORS - 1;
        self.table()[((t.max(0.0) * Self::N_COLORS as f64) as usize).min(last)]
    }

    /// How much of a picture the color at `t` hides where values that say little let it show: small
    /// ones, and where colors part from a middle those near it. From 0.2 to 1.
    pub fn cover(self, t: f64) -> f64 {
        let t = t.clamp(0.0, 1.0);
        let says = if self.is_diverging() { (2.0 * t - 1.0).abs() } else { t };
        0.2 + 0.8 * says.sqrt()
    }

    /// Whether its middle stands for zero, so that a scale has to reach equally far on both sides.
    pub fn is_diverging(self) -> bool {
        self == Self::Diverging
    }
}

impl fmt::Display for Colormap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Viridis => "viridis",
            Self::Inferno => "inferno",
            Self::Cividis => "cividis",
            Self::Diverging => "diverging",
        })
    }
}

impl FromStr for Colormap {
    type Err = UnknownColormap;

    fn from_str(name: &str) -> Result<Self, UnknownColormap> {
        let found = Self::ALL.into_iter().find(|map| map.to_string() == name);
        found.ok_or_else(|| UnknownColormap(name.to_owned()))
    }
}
