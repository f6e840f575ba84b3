//! The panels as tiles that can be dragged, and what is remembered of them.

use egui::{FocusDirection, Id, Rect, Sense, Stroke, Ui, WidgetText};
use egui_tiles::{Container, Linear, LinearDir, Tabs, TileId, Tiles, Tree, UiResponse};
use serde::{Deserialize, Serialize};

use super::{
    context::ViewContext,
    panels::{
        batch_ui, buckets_ui, compare_ui, difference_ui, entities_ui, heads_ui, knockout_ui,
        latents_ui, mask_ui, mass_ui, picture_panel_ui, regions_ui, runs_ui, sessions_ui, sinks_ui,
        words_ui,
    },
    theme::Colors,
};

/// A panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Pane {
    /// The picture with a map.
    Picture,
    /// Question and answer.
    Words,
    /// Layers by heads.
    Heads,
    /// The mask.
    Mask,
    /// Bars by bucket.
    Buckets,
    /// Mass by segment.
    Mass,
    /// Regions by words.
    Entities,
    /// Regions.
    Regions,
    /// The resampler's latents.
    Latents,
    /// Positions that draw attention whatever is asked.
    Sinks,
    /// Two runs.
    Compare,
    /// Two runs compared in full.
    Difference,
    /// Attention taken away.
    Knockout,
    /// Many questions.
    Batch,
    /// All runs.
    Runs,
    /// Sessions on disk.
    Sessions,
}

impl Pane {
    /// All panels.
    pub(crate) const ALL: [Self; 16] = [
        Self::Picture,
        Self::Words,
        Self::Heads,
        Self::Mask,
        Self::Buckets,
        Self::Mass,
        Self::Entities,
        Self::Regions,
        Self::Latents,
        Self::Sinks,
        Self::Compare,
        Self::Difference,
        Self::Knockout,
        Self::Batch,
        Self::Runs,
        Self::Sessions,
    ];

    /// The name on its tab.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Picture => "Picture",
            Self::Words => "Question and answer",
            Self::Heads => "Layers × heads",
            Self::Mask => "Mask",
            Self::Buckets => "By bucket",
            Self::Mass => "By layer",
            Self::Entities => "Regions × words",
            Self::Regions => "Regions",
            Self::Latents => "Latents",
            Self::Sinks => "Sinks",
            Self::Compare => "Compare",
            Self::Difference => "Difference",
            Self::Knockout => "Knock-out",
            Self::Batch => "Batch",
            Self::Runs => "Runs",
            Self::Sessions => "Sessions",
        }
    }
}

/// The tiles as they are at first.
pub(crate) fn default_tree() -> Tree<Pane> {
    let mut tiles = Tiles::default();
    let picture = tiles.insert_pane(Pane::Picture);
    let words = tiles.insert_pane(Pane::Words);
    let mut tab = |panes: &[Pane]| {
        let ids: Vec<TileId> = panes.iter().map(|pane| tiles.insert_pane(*pane)).collect();
        let mut tabs = Tabs::new(ids.clone());
        tabs.active = ids.first().copied();
        tiles.insert_new(egui_tiles::Tile::Container(Container::Tabs(tabs)))
    };
    let upper = tab(&[
        Pane::Heads,
        Pane::Latents,
        Pane::Sinks,
        Pane::Mask,
        Pane::Compare,
        Pane::Difference,
        Pane::Knockout,
        Pane::Batch,
    ]);
    let lower = tab(&[
        Pane::Buckets,
        Pane::Mass,
        Pane::Entities,
        Pane::Regions,
        Pane::Runs,
        Pane::Sessions,
    ]);
    let split = |dir, children, share| {
        egui_tiles::Tile::Container(Container::Linear(Linear::new_binary(dir, children, share)))
    };
    let left = tiles.insert_new(split(LinearDir::Vertical, [picture, words], 0.68));
    let right = tiles.insert_new(split(LinearDir::Vertical, [upper, lower], 0.5));
    let root = tiles.insert_new(split(LinearDir::Horizontal, [left, right], 0.56));
    Tree::new(Id::unique("panels"), root, tiles)
}

/// The tiles as they were left, where every panel is among them: those of an older version lack what came
/// later, and a panel that is nowhere could not be shown.
pub(crate) fn whole_tree(remembered: Option<Tree<Pane>>) -> Tree<Pane> {
    let is_whole = |tree: &Tree<Pane>| {
        let holds = |pane: Pane| {
            let is_it = |tile: &egui_tiles::Tile<Pane>| matches!(tile, egui_tiles::Tile::Pane(found) if *found == pane);
            tree.tiles.tiles().filter(|tile| is_it(tile)).count() == 1
        };
        Pane::ALL.into_iter().all(holds)
    };
    remembered.filter(is_whole).unwrap_or_else(default_tree)
}

/// Brings a panel to the front of its tabs.
pub(crate) fn show_pane(tree: &mut Tree<Pane>, pane: Pane) {
    let is_it = |_: TileId, tile: &egui_tiles::Tile<Pane>| matches!(tile, egui_tiles::Tile::Pane(found) if *found == pane);
    tree.make_active(is_it);
}

/// What a screen reader says of the panel that keys move and resize.
const MEANT_BY_KEYS: &str = "keys move and resize this panel";

/// How narrow and how low panels may become.
pub(super) const LEAST_SIDE: f32 = 140.0;

/// What an arrow beside tabs that do not all have room takes.
const ARROW: f32 = 40.0;

/// Draws tiles.
pub(crate) struct PaneBehavior<'a> {
    pub(crate) cx: &'a ViewContext<'a>,
    /// A panel that was just brought to the front.
    pub(crate) shown: Option<Pane>,
    /// Whether the keyboard goes to it.
    pub(crate) enters: bool,
    /// The panel that keys move and resize, and its tabs.
    pub(crate) current: (Pane, Option<TileId>),
}

impl egui_tiles::Behavior<Pane> for PaneBehavior<'_> {
    fn pane_ui(&mut self, ui: &mut Ui, _tile: TileId, pane: &mut Pane) -> UiResponse {
        let fill = Colors::of(ui).panel;
        let enters = self.enters && self.shown == Some(*pane);
        let (rect, id) = (ui.max_rect(), ui.scope_id().with("place"));
        if enters {
            // From the panel's place the keyboard goes on to its first control.
            ui.memory_mut(|memory| {
                memory.request_focus(id);
                memory.move_focus(FocusDirection::Next);
            });
        }
        let sense = if enters { Sense::focusable_noninteractive() } else { Sense::hover() };
        // A place to go to by name.
        let place = ui.interact(rect, id, sense);
        place.widget_info(|| {
            let name = format!("panel: {}", pane.title());
            let mut info = egui::WidgetInfo::labeled(egui::Role::Pane, true, name);
            let is_current = self.current.0 == *pane;
            info.current_text_value = is_current.then(|| MEANT_BY_KEYS.to_owned());
            info
        });
        egui::Frame::new().fill(fill).inner_margin(8).show(ui, |ui| {
            ui.set_min_size(ui.available_size());
            let cx = self.cx;
            match pane {
                Pane::Picture => picture_panel_ui(ui, cx),
                Pane::Words => words_ui(ui, cx),
                Pane::Heads => heads_ui(ui, cx),
                Pane::Mask => mask_ui(ui, cx),
                Pane::Buckets => buckets_ui(ui, cx),
                Pane::Mass => mass_ui(ui, cx),
                Pane::Entities => entities_ui(ui, cx),
                Pane::Regions => regions_ui(ui, cx),
                Pane::Latents => latents_ui(ui, cx),
                Pane::Sinks => sinks_ui(ui, cx),
                Pane::Compare => compare_ui(ui, cx),
                Pane::Difference => difference_ui(ui, cx),
                Pane::Knockout => knockout_ui(ui, cx),
                Pane::Batch => batch_ui(ui, cx),
                Pane::Runs => runs_ui(ui, cx),
                Pane::Sessions => sessions_ui(ui, cx),
            }
        });
        if enters {
            // A panel without a control leaves it to nobody, and not to the next panel.
            ui.interact(rect, id.with("end"), sense).surrender_focus();
        }
        UiResponse::None
    }

    fn tab_title_for_pane(&mut self, pane: &Pane) -> WidgetText {
        pane.title().into()
    }

    fn tab_bar_color(&self, visuals: &egui::Visuals) -> egui::Color32 {
        Colors::of_visuals(visuals).base
    }

    /// Scrolls to the tab of a panel that was just brought to the front, where not all tabs have room.
    fn top_bar_right_ui(
        &mut self,
        tiles: &Tiles<Pane>,
        ui: &mut Ui,
        _tile: TileId,
        tabs: &Tabs,
        scroll_offset: &mut f32,
    ) {
        let Some(shown) = self.shown else { return };
        let font = egui::TextStyle::Button.resolve(ui.style());
        let around = 2.0 * self.tab_title_spacing(ui.visuals());
        let mut right = 0.0;
        for tile in &tabs.children {
            let Some(pane) = tiles.get_pane(tile) else { continue };
            let ink = ui.visuals().text_color();
            let title = ui.painter().layout_no_wrap(pane.title().to_owned(), font.clone(), ink);
            let left = right;
            right += title.size().x + around;
            if *pane == shown {
                let room = ui.available_width();
                // With all of it in sight there are no arrows.
                let room = if right > room { room - 2.0 * ARROW } else { room };
                *scroll_offset = scroll_offset.clamp((right - room).clamp(0.0, left), left);
            }
        }
    }

    /// A line above the tabs that keys act on.
    fn paint_on_top_of_tile(
        &self,
        painter: &egui::Painter,
        style: &egui::Style,
        tile: TileId,
        rect: Rect,
    ) {
        if self.current.1 == Some(tile) {
            let line = Stroke::new(2.0, Colors::of_visuals(&style.visuals).accent);
            painter.hline(rect.x_range(), rect.top() + 1.0, line);
        }
    }

    fn gap_width(&self, _style: &egui::Style) -> f32 {
        4.0
    }

    fn min_size(&self) -> f32 {
        LEAST_SIDE
    }

    fn simplification_options(&self) -> egui_tiles::SimplificationOptions {
        egui_tiles::SimplificationOptions {
            all_panes_must_have_tabs: true,
            ..egui_tiles::SimplificationOptions::default()
        }
    }
}
