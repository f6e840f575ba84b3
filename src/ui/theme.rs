//! All colors, spacings and text sizes of the window, light and dark.

use egui::{
    Color32, CornerRadius, FontFamily, FontId, Margin, Shadow, Stroke, Style, TextStyle, Theme,
    Visuals, style::WidgetVisuals,
};

use crate::{
    app::PictureRegions,
    domain::{Bucket, Colormap},
};

/// Space between things that belong together.
pub(crate) const GAP: f32 = 6.0;
/// Space between groups.
pub(crate) const WIDE_GAP: f32 = 12.0;
/// Rounding of chips and buttons.
pub(crate) const ROUND: u8 = 5;
/// The family of headings and of numbers that matter.
pub(crate) const BOLD: &str = "semibold";

/// The colors of one theme.
#[derive(Clone, Copy)]
pub(crate) struct Colors {
    /// Behind panels.
    pub(crate) base: Color32,
    /// A panel.
    pub(crate) panel: Color32,
    /// Behind pictures: neutral, so that it does not tint them.
    pub(crate) stage: Color32,
    /// What can be pressed.
    pub(crate) control: Color32,
    /// What the pointer is over.
    pub(crate) raised: Color32,
    /// Lines between things.
    pub(crate) line: Color32,
    /// Text.
    pub(crate) text: Color32,
    /// Text that explains.
    pub(crate) quiet: Color32,
    /// Headings and numbers.
    pub(crate) strong: Color32,
    /// What is chosen.
    pub(crate) accent: Color32,
    /// Behind what is chosen.
    pub(crate) accent_soft: Color32,
    /// Text on the accent.
    pub(crate) on_accent: Color32,
    /// What to be careful of.
    pub(crate) warning: Color32,
    /// What failed.
    pub(crate) error: Color32,
}

const DARK: Colors = Colors {
    base: Color32::from_rgb(16, 18, 22),
    panel: Color32::from_rgb(24, 27, 32),
    stage: Color32::from_rgb(13, 14, 16),
    control: Color32::from_rgb(40, 44, 52),
    raised: Color32::from_rgb(54, 60, 70),
    line: Color32::from_rgb(48, 53, 62),
    text: Color32::from_rgb(205, 210, 218),
    quiet: Color32::from_rgb(150, 157, 168),
    strong: Color32::from_rgb(243, 245, 248),
    accent: Color32::from_rgb(61, 204, 186),
    accent_soft: Color32::from_rgb(24, 62, 60),
    on_accent: Color32::from_rgb(6, 30, 27),
    warning: Color32::from_rgb(240, 186, 84),
    error: Color32::from_rgb(255, 128, 116),
};

const LIGHT: Colors = Colors {
    base: Color32::from_rgb(232, 234, 238),
    panel: Color32::from_rgb(250, 250, 251),
    stage: Color32::from_rgb(224, 226, 229),
    control: Color32::from_rgb(234, 236, 240),
    raised: Color32::from_rgb(219, 223, 229),
    line: Color32::from_rgb(208, 212, 219),
    text: Color32::from_rgb(45, 50, 58),
    quiet: Color32::from_rgb(94, 101, 112),
    strong: Color32::from_rgb(14, 17, 22),
    accent: Color32::from_rgb(8, 122, 110),
    accent_soft: Color32::from_rgb(206, 236, 231),
    on_accent: Color32::WHITE,
    warning: Color32::from_rgb(148, 90, 0),
    error: Color32::from_rgb(178, 38, 30),
};

impl Colors {
    /// Those of a place's theme.
    pub(crate) fn of(ui: &egui::Ui) -> Self {
        Self::of_visuals(ui.visuals())
    }

    /// Those that go with some visuals.
    pub(crate) fn of_visuals(visuals: &Visuals) -> Self {
        if visuals.dark_mode { DARK } else { LIGHT }
    }
}

/// The color of a bucket: Okabe and Ito's, which any color vision tells apart, as dark as a light
/// background asks for.
pub(crate) fn bucket_color(visuals: &Visuals, bucket: Bucket) -> Color32 {
    let (dark, light) = match bucket {
        Bucket::Objects => ([86, 180, 233], [0, 114, 178]),
        Bucket::Relations => ([240, 228, 66], [140, 118, 0]),
        Bucket::Attributes => ([224, 145, 190], [170, 68, 127]),
        Bucket::Actions => ([240, 130, 60], [190, 76, 0]),
        Bucket::Function => ([160, 168, 180], [104, 112, 124]),
        Bucket::Other => ([126, 134, 146], [130, 138, 150]),
        Bucket::Template => ([98, 105, 116], [160, 166, 176]),
    };
    let [r, g, b] = if visuals.dark_mode { dark } else { light };
    Color32::from_rgb(r, g, b)
}

/// The color of the n-th region: Okabe and Ito's, without black.
pub(crate) fn region_color(n: usize) -> Color32 {
    const TABLE: [[u8; 3]; 7] = [
        [86, 180, 233],
        [230, 159, 0],
        [0, 158, 115],
        [204, 121, 167],
        [240, 228, 66],
        [213, 94, 0],
        [0, 114, 178],
    ];
    rgb(TABLE[n % TABLE.len()])
}

/// The color of the n-th group of a figure: Okabe and Ito's in the order that figures on paper have,
/// as dark as a light background asks for.
pub(crate) fn group_color(visuals: &Visuals, n: usize) -> Color32 {
    const DARK: [[u8; 3]; 8] = [
        [86, 180, 233],
        [230, 159, 0],
        [0, 178, 130],
        [90, 140, 215],
        [232, 110, 40],
        [240, 228, 66],
        [200, 204, 210],
        [214, 138, 184],
    ];
    const LIGHT: [[u8; 3]; 8] = [
        [0, 114, 178],
        [214, 143, 0],
        [0, 146, 106],
        [70, 165, 220],
        [190, 76, 0],
        [150, 134, 0],
        [58, 62, 70],
        [180, 92, 146],
    ];
    let table = if visuals.dark_mode { DARK } else { LIGHT };
    rgb(table[n % table.len()])
}

/// The color of a region: the one that a person chose, or the n-th.
pub(crate) fn color_of_region(regions: &PictureRegions, n: usize) -> Color32 {
    regions.colors.get(&n).map_or_else(|| region_color(n), |color| rgb(*color))
}

/// A color of a table.
pub(crate) fn rgb([r, g, b]: [u8; 3]) -> Color32 {
    Color32::from_rgb(r, g, b)
}

/// Black or white, whichever is read better on a color.
pub(crate) fn ink_on(color: Color32) -> Color32 {
    let [r, g, b, _] = color.to_array();
    let light = 0.299 * f32::from(r) + 0.587 * f32::from(g) + 0.114 * f32::from(b);
    if light > 140.0 { Color32::from_rgb(12, 14, 18) } else { Color32::WHITE }
}

/// Text sizes: the body is 13 points.
fn text_styles() -> impl Iterator<Item = (TextStyle, FontId)> {
    let body = |size| FontId::new(size, FontFamily::Proportional);
    let bold = |size| FontId::new(size, FontFamily::Name(BOLD.into()));
    [
        (TextStyle::Small, body(11.0)),
        (TextStyle::Body, body(13.0)),
        (TextStyle::Button, body(13.0)),
        (TextStyle::Heading, bold(15.0)),
        (TextStyle::Monospace, FontId::new(12.0, FontFamily::Monospace)),
    ]
    .into_iter()
}

/// Gives a context both themes.
pub(crate) fn install(ctx: &egui::Context) {
    for (theme, colors) in [(Theme::Dark, DARK), (Theme::Light, LIGHT)] {
        ctx.style_mut_of(theme, |style| apply(style, &colors));
    }
}

fn apply(style: &mut Style, colors: &Colors) {
    style.text_styles = text_styles().collect();
    style.spacing.item_spacing = egui::vec2(GAP, GAP);
    style.spacing.button_padding = egui::vec2(9.0, 4.0);
    style.spacing.interact_size = egui::vec2(32.0, 24.0);
    style.spacing.menu_margin = Margin::same(6);
    style.spacing.window_margin = Margin::same(14);
    style.spacing.tooltip_width = 380.0;
    style.spacing.slider_width = 120.0;
    style.spacing.combo_width = 60.0;
    style.interaction.tooltip_delay = 0.25;
    style.animation_time = 0.08;
    let visuals = &mut style.visuals;
    visuals.panel_fill = colors.panel;
    visuals.window_fill = colors.panel;
    visuals.window_stroke = Stroke::new(1.0, colors.line);
    visuals.window_corner_radius = CornerRadius::same(8);
    visuals.menu_corner_radius = CornerRadius::same(6);
    visuals.extreme_bg_color = if visuals.dark_mode { colors.base } else { Color32::WHITE };
    visuals.faint_bg_color = colors.control.gamma_multiply(0.5);
    visuals.warn_fg_color = colors.warning;
    visuals.error_fg_color = colors.error;
    visuals.hyperlink_color = colors.accent;
    visuals.selection.bg_fill = colors.accent_soft;
    visuals.selection.stroke = Stroke::new(1.0, colors.accent);
    visuals.weak_text_color = Some(colors.quiet);
    visuals.slider_trailing_fill = true;
    let shadow = |offset| Shadow {
        offset: [0, offset],
        blur: 18,
        spread: 0,
        color: Color32::from_black_alpha(if visuals.dark_mode { 120 } else { 40 }),
    };
    (visuals.window_shadow, visuals.popup_shadow) = (shadow(8), shadow(4));
    let of = |fill: Color32, line: Color32, text: Color32| WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: Stroke::new(1.0, line),
        corner_radius: CornerRadius::same(ROUND),
        fg_stroke: Stroke::new(1.0, text),
        expansion: 0.0,
    };
    let widgets = &mut visuals.widgets;
    widgets.noninteractive = of(colors.panel, colors.line, colors.text);
    widgets.inactive = of(colors.control, colors.line, colors.text);
    widgets.hovered = of(colors.raised, colors.quiet, colors.strong);
    widgets.active = of(colors.accent_soft, colors.accent, colors.strong);
    widgets.open = of(colors.raised, colors.line, colors.strong);
}

/// The color of a value's part of its scale, 0 to 1.
pub(crate) fn heat(colormap: Colormap, part: f64) -> Color32 {
    rgb(colormap.rgb(part))
}

/// The color of a value beside a middle that says nothing, from 0 (far below) to 1 (far above).
pub(crate) fn diverging(part: f64) -> Color32 {
    rgb(Colormap::Diverging.rgb(part))
}
