//! The three ways to read attention weights: the names that every figure must say.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A way to read the attention that rows pay to a block of keys.
///
/// With `a[r, c]` the weight that row `r` pays to key `c` (a row sums to 1 over *all* its keys),
/// `b` some keys, `B` the keys of the block that is read (for rows of the picture: the tokens of the
/// question without template; for rows of text: the latents), and `K[r]` the number of keys that row
/// `r` may attend to:
///
/// ```text
/// mass[r, b]  = sum over c in b of a[r, c]
/// share[r, b] = mass[r, b] / sum over c in B of a[r, c]
/// lift[r, b]  = mass[r, b] / (number of c in b that r may attend to / K[r])
/// ```
///
/// Tables average each over rows. Where several rows flow into one number, as the latents do into a
/// patch, lift is the sum of masses over the sum of what was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reading {
    /// As computed. Falls along the latents, since later ones may attend to more keys.
    Mass,
    /// Of what a row pays to the block that is read, the part that some keys get: sums to 1.
    Share,
    /// How many times what uniform attention under the same mask would pay: 1 says nothing.
    Lift,
}

impl Reading {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::Mass, Self::Share, Self::Lift];
}

impl fmt::Display for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Mass => "mass",
            Self::Share => "share",
            Self::Lift => "lift",
        })
    }
}

impl FromStr for Reading {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|reading| reading.to_string() == name);
        found.ok_or_else(|| format!("unknown reading \"{name}\": choose mass, share or lift"))
    }
}
