//! The window's letters: Inter in two weights, egui's own for code and for what Inter lacks.

use std::sync::Arc;

use egui::{Context, FontData, FontDefinitions, FontFamily};

use super::theme::BOLD;

static REGULAR: &[u8] = include_bytes!("../../assets/fonts/inter/Inter-Regular-subset.otf");
static SEMIBOLD: &[u8] = include_bytes!("../../assets/fonts/inter/Inter-SemiBold-subset.otf");

/// Gives a context its fonts.
pub(crate) fn install(ctx: &Context) {
    let mut fonts = FontDefinitions::default();
    let families = [
        ("inter", REGULAR, FontFamily::Proportional),
        ("inter-semibold", SEMIBOLD, FontFamily::Name(BOLD.into())),
    ];
    let fallback = fonts.families.get(&FontFamily::Proportional).cloned().unwrap_or_default();
    for (name, bytes, family) in families {
        fonts.font_data.insert(name.to_owned(), Arc::new(FontData::from_static(bytes)));
        let chain = std::iter::once(name.to_owned()).chain(fallback.iter().cloned());
        fonts.families.insert(family, chain.collect());
    }
    ctx.set_fonts(fonts);
}
