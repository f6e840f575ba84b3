//! Small words around data: badges, numbers with their units, notes, headings.

use egui::{Color32, FontFamily, FontId, Response, RichText, Role, Sense, Ui, Vec2};

use crate::ui::theme::{BOLD, Colors, ROUND, ink_on};

/// A number with three digits that matter.
pub(crate) fn number(value: f64) -> String {
    let size = value.abs();
    match size {
        _ if value == 0.0 => "0".to_owned(),
        _ if size >= 100.0 => format!("{value:.0}"),
        _ if size >= 10.0 => format!("{value:.1}"),
        _ if size >= 1.0 => format!("{value:.2}"),
        _ if size >= 0.01 => format!("{value:.3}"),
        _ => format!("{value:.1e}"),
    }
}

/// A part as percent.
pub(crate) fn percent(value: f64) -> String {
    let value = 100.0 * value;
    match value.abs() {
        size if size >= 10.0 => format!("{value:.0} %"),
        // As much as is written as 0.1.
        size if size >= 0.095 || value == 0.0 => format!("{value:.1} %"),
        size if size >= 0.0095 => format!("{value:.2} %"),
        size if size >= 0.000_95 => format!("{value:.3} %"),
        _ => format!("{value:.0e} %"),
    }
}

/// A filled word: what kind of run this is.
pub(crate) fn badge_ui(ui: &mut Ui, text: &str, color: Color32) -> Response {
    let ink = ink_on(color);
    let font = FontId::new(11.5, FontFamily::Name(BOLD.into()));
    let galley = ui.painter().layout_no_wrap(text.to_owned(), font, ink);
    let size = galley.size() + Vec2::new(14.0, 6.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    response.widget_info(|| egui::WidgetInfo::labeled(Role::Label, true, text));
    ui.painter().rect_filled(rect, ROUND, color);
    ui.painter().galley(rect.min + Vec2::new(7.0, 3.0), galley, ink);
    response
}

/// A log-probability; what rounds to zero has no sign.
pub(crate) fn logprob_text(value: f64) -> String {
    if value.abs() < 0.005 { "0.00".to_owned() } else { format!("{value:.2}") }
}

/// The first of some texts that fits into a width, else the last: the same in fewer words, rather than
/// cut off.
pub(crate) fn first_that_fits<'a>(
    ui: &Ui,
    texts: &'a [String],
    font: &FontId,
    width: f32,
) -> &'a str {
    let fits = |text: &&String| text_width(ui, text, font) <= width;
    texts.iter().find(fits).or(texts.last()).map_or("", String::as_str)
}

/// How wide a text is on one line.
pub(crate) fn text_width(ui: &Ui, text: &str, font: &FontId) -> f32 {
    ui.painter().layout_no_wrap(text.to_owned(), font.clone(), Color32::WHITE).size().x
}

/// A line that explains.
pub(crate) fn note_ui(ui: &mut Ui, text: &str) -> Response {
    let quiet = Colors::of(ui).quiet;
    ui.add(egui::Label::new(RichText::new(text).small().color(quiet)).wrap())
}

#[cfg(test)]
mod tests {
    use super::percent;

    #[test]
    fn small_parts_are_written_with_decimals_and_only_tiny_ones_with_powers() {
        for (part, text) in [
            (0.494, "49 %"),
            (0.0994, "9.9 %"),
            (0.001, "0.1 %"),
            (0.000_999, "0.1 %"),
            (0.000_31, "0.03 %"),
            (0.000_012, "0.001 %"),
            (0.000_001_2, "1e-4 %"),
            (0.0, "0.0 %"),
        ] {
            assert_eq!(percent(part), text);
        }
    }
}
