//! What stands below a plot: how the figure came about, and what belongs to it wherever it goes.

use crate::domain::CaptionField;

use super::{font, paper::Tenths};

/// Caption and notes, each as lines.
pub(super) fn texts_below(
    caption: &[CaptionField],
    notes: &[String],
    em: Tenths,
    most: Tenths,
) -> Vec<Vec<String>> {
    let fields = caption.iter().map(|field| format!("{}: {}", field.name, field.value));
    // A joining space keeps a separator with what it ends, and a percent sign with its number.
    let caption = fields.collect::<Vec<_>>().join("\u{a0}\u{b7} ");
    let [caption, notes] = [caption, notes.join(" ")].map(|t| t.replace(" %", "\u{a0}%"));
    [caption, notes]
        .iter()
        .map(|text| font::wrap(text, em, most))
        .filter(|l| !l.is_empty())
        .collect()
}
