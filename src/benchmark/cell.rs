//! One cell of a table, as pandas holds it.

use std::fmt;

use super::python::text_of_float;

/// What a cell holds once the type of its whole column is known.
///
/// Its `Display` is Python's `str`: what stands in prompts and what is compared in scores, `nan`
/// for a missing one.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Nothing, or a text that pandas takes for nothing.
    Missing,
    /// `True` or `False`, where the whole column is such.
    Bool(bool),
    /// An integer, where the whole column is such and no cell is missing.
    Int(i128),
    /// A number, where the whole column is such.
    Float(f64),
    /// Any other.
    Text(String),
}

impl Cell {
    /// Whether it holds nothing.
    pub fn is_missing(&self) -> bool {
        // A number that is none is what pandas keeps for a missing one.
        matches!(self, Self::Missing) || matches!(self, Self::Float(value) if value.is_nan())
    }

    /// Its text, none for a missing one.
    pub fn present(&self) -> Option<String> {
        (!self.is_missing()).then(|| self.to_string())
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("nan"),
            Self::Bool(true) => f.write_str("True"),
            Self::Bool(false) => f.write_str("False"),
            Self::Int(value) => write!(f, "{value}"),
            Self::Float(value) => f.write_str(&text_of_float(*value)),
            Self::Text(text) => f.write_str(text),
        }
    }
}
