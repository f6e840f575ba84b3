//! A token or a word: a chip in its bucket's color, with a number under it.

use egui::{
    Color32, FontFamily, FontId, Response, Role, Sense, Shape, Stroke, StrokeKind, Ui, Vec2,
};

use crate::ui::theme::{BOLD, Colors, ROUND};

/// How a chip stands among the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "any of them may hold beside the others")]
pub(crate) struct ChipState {
    /// It is part of the selection.
    pub(crate) is_selected: bool,
    /// Something that speaks of it is under the pointer.
    pub(crate) is_lit: bool,
    /// It is shown for completeness: a token of the template.
    pub(crate) is_faint: bool,
    /// It draws attention whatever is asked.
    pub(crate) is_sink: bool,
}

/// What a chip shows.
pub(crate) struct Chip<'a> {
    /// The text.
    pub(crate) text: &'a str,
    /// A number or a tag under it.
    pub(crate) under: Option<&'a str>,
    /// Its color.
    pub(crate) color: Color32,
    /// A part, 0 to 1, shown as a line under the text.
    pub(crate) level: Option<f32>,
    /// How it stands.
    pub(crate) state: ChipState,
    /// The name for screen readers.
    pub(crate) name: &'a str,
    /// What a screen reader tells behind it: the bucket of a word, the number of a token.
    pub(crate) value: Option<&'a str>,
}

/// Shows a chip; a click chooses it.
pub(crate) fn chip_ui(ui: &mut Ui, chip: &Chip<'_>) -> Response {
    let colors = Colors::of(ui);
    let state = chip.state;
    let family =
        if state.is_faint { FontFamily::Proportional } else { FontFamily::Name(BOLD.into()) };
    let size = if state.is_faint { 11.0 } else { 13.5 };
    let ink = if state.is_faint { colors.quiet } else { colors.strong };
    let painter = ui.painter();
    let text = painter.layout_no_wrap(visible_text(chip.text), FontId::new(size, family), ink);
    let under = chip.under.map(|under| {
        painter.layout_no_wrap(under.to_owned(), FontId::proportional(10.5), colors.quiet)
    });
    let under_size = under.as_ref().map_or(Vec2::ZERO, |galley| galley.size());
    let pad = Vec2::new(7.0, 3.0);
    let inner = Vec2::new(
        text.size().x.max(under_size.x),
        text.size().y + if under.is_some() { under_size.y + 2.0 } else { 0.0 } + 3.0,
    );
    let (rect, response) = ui.allocate_exact_size(inner + 2.0 * pad, Sense::click());
    response.widget_info(|| egui::WidgetInfo {
        current_text_value: chip.value.map(str::to_owned),
        ..egui::WidgetInfo::selected(Role::Button, true, state.is_selected, chip.name)
    });
    if !ui.is_rect_visible(rect) {
        return response;
    }
    let is_over = response.hovered() || response.has_focus() || state.is_lit;
    let strength = match (state.is_selected, is_over, state.is_faint) {
        (true, ..) => 0.42,
        (_, true, _) => 0.30,
        (_, _, true) => 0.06,
        _ => 0.15,
    };
    let line = if state.is_selected {
        Stroke::new(2.0, colors.accent)
    } else {
        Stroke::new(1.0, chip.color.gamma_multiply(if is_over { 0.9 } else { 0.4 }))
    };
    let painter = ui.painter();
    painter.rect(rect, ROUND, chip.color.gamma_multiply(strength), line, StrokeKind::Inside);
    let at = rect.min + pad;
    let mut y = at.y + text.size().y + 1.0;
    painter.galley(at, text, ink);
    let bar = egui::Rect::from_min_size(egui::pos2(at.x, y), Vec2::new(rect.width() - 14.0, 2.0));
    painter.rect_filled(
        bar,
        1,
        chip.color.gamma_multiply(if chip.level.is_some() { 0.3 } else { 0.9 }),
    );
    if let Some(level) = chip.level {
        let full = Vec2::new(bar.width() * level.clamp(0.0, 1.0), bar.height());
        painter.rect_filled(egui::Rect::from_min_size(bar.min, full), 1, chip.color);
    }
    y += 4.0;
    if let Some(under) = under {
        painter.galley(egui::pos2(at.x, y), under, colors.quiet);
    }
    if state.is_sink {
        let tip = rect.right_top() + Vec2::new(-6.0, 9.0);
        let corners = [tip, tip + Vec2::new(-4.0, -6.0), tip + Vec2::new(4.0, -6.0)];
        painter.add(Shape::convex_polygon(corners.to_vec(), colors.warning, Stroke::NONE));
    }
    response
}

/// A token's text with its white space visible, in letters that every font has; `SentencePiece` writes
/// a space as a mark of its own.
pub(crate) fn visible_text(text: &str) -> String {
    let visible = text.replace('\n', "\\n").replace('\t', "\\t").replace('\u{2581}', " ");
    if visible.trim().is_empty() { "·".to_owned() } else { visible.trim().to_owned() }
}
