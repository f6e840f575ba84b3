//! Panels arranged by keys: which panel they act on, moved to other tabs, split off, made larger.

use egui::{Context, Order, Pos2, Rect};
use egui_tiles::{Container, Linear, LinearDir, Tabs, Tile, TileId, Tree};

use super::{
    layout::{LEAST_SIDE, Pane},
    shortcuts::Action,
};

/// A way on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Left,
    Right,
    Up,
    Down,
}

impl Way {
    fn dir(self) -> LinearDir {
        match self {
            Self::Left | Self::Right => LinearDir::Horizontal,
            Self::Up | Self::Down => LinearDir::Vertical,
        }
    }

    fn is_onward(self) -> bool {
        matches!(self, Self::Right | Self::Down)
    }
}

/// By how many points a key makes tabs larger or smaller.
const STEP: f32 = 24.0;

/// Does an action that arranges the tabs of a panel; true where something changed.
pub(crate) fn arrange(tree: &mut Tree<Pane>, pane: Pane, action: Action) -> bool {
    let done = match action {
        Action::MovePanel(way) => move_pane(tree, pane, way),
        Action::SplitPanel(way) => split_off(tree, pane, way),
        Action::ResizePanel(way) => resize(tree, pane, way),
        _ => None,
    };
    done.is_some()
}

/// The panel that keys act on: the one in front of the tabs that were pressed, or that the keyboard went
/// to, last.
pub(crate) fn current_pane(ctx: &Context, tree: &Tree<Pane>, before: Pane) -> Pane {
    let is_panel = |layer: egui::LayerId| layer.order == Order::Background;
    let pressed = ctx.input(|i| i.pointer.interact_pos().filter(|_| i.pointer.any_pressed()));
    let pressed = pressed.filter(|at| ctx.layer_id_at(*at).is_some_and(is_panel));
    let is_new = |id: &egui::Id| !ctx.memory(|memory| memory.had_focus_last_frame(*id));
    let focused = ctx.memory(egui::Memory::focused).filter(is_new);
    let focused = focused.and_then(|id| ctx.read_response(id));
    let focused = focused.filter(|it| is_panel(it.layer_id)).map(|it| it.rect.center());
    let group = pressed.or(focused).and_then(|at| group_at(tree, at));
    let group = group.or_else(|| Some(place_of(tree, before)?.1));
    group.and_then(|group| in_front(tree, group)).unwrap_or(before)
}

/// The tabs in which a panel is.
pub(crate) fn group_of(tree: &Tree<Pane>, pane: Pane) -> Option<TileId> {
    Some(place_of(tree, pane)?.1)
}

/// The tile of a panel, and that of its tabs.
fn place_of(tree: &Tree<Pane>, pane: Pane) -> Option<(TileId, TileId)> {
    let tile = tree.tiles.find_pane(&pane)?;
    let group = tree.tiles.parent_of(tile)?;
    tabs_of(tree, group).map(|_| (tile, group))
}

fn tabs_of(tree: &Tree<Pane>, tile: TileId) -> Option<&Tabs> {
    match tree.tiles.get_container(tile)? {
        Container::Tabs(tabs) => Some(tabs),
        _ => None,
    }
}

/// The panel in front of its tabs.
fn in_front(tree: &Tree<Pane>, group: TileId) -> Option<Pane> {
    tree.tiles.get_pane(&tabs_of(tree, group)?.active?).copied()
}

/// All tabs with panels that are seen, and where they were drawn last.
fn groups(tree: &Tree<Pane>) -> impl Iterator<Item = (TileId, Rect)> + '_ {
    let ids = tree.tiles.tile_ids().filter(|id| in_front(tree, *id).is_some());
    ids.filter_map(|id| Some((id, tree.tiles.rect(id)?)))
}

fn group_at(tree: &Tree<Pane>, at: Pos2) -> Option<TileId> {
    groups(tree).find(|(_, rect)| rect.contains(at)).map(|(id, _)| id)
}

/// To the tabs that lie there, or where none do into tabs of its own at that edge.
fn move_pane(tree: &mut Tree<Pane>, pane: Pane, way: Way) -> Option<()> {
    let (tile, group) = place_of(tree, pane)?;
    let Some(to) = neighbor(tree, group, way) else { return split_off(tree, pane, way) };
    tree.move_tile_to_container(tile, to, usize::MAX, false);
    Some(())
}

/// The nearest tabs on one side; of several the one along which most of that side runs.
fn neighbor(tree: &Tree<Pane>, group: TileId, way: Way) -> Option<TileId> {
    let mine = tree.tiles.rect(group)?;
    let apart = |its: Rect| match way {
        Way::Left => mine.left() - its.right(),
        Way::Right => its.left() - mine.right(),
        Way::Up => mine.top() - its.bottom(),
        Way::Down => its.top() - mine.bottom(),
    };
    let along = |its: Rect| match way.dir() {
        LinearDir::Horizontal => its.bottom().min(mine.bottom()) - its.top().max(mine.top()),
        LinearDir::Vertical => its.right().min(mine.right()) - its.left().max(mine.left()),
    };
    let there = groups(tree).filter(|(_, its)| apart(*its) >= 0.0 && along(*its) > 1.0);
    // Tiles have no order of their own: ids settle what would be equal.
    let best = there.min_by(|(a, its), (b, other)| {
        let by_distance = apart(*its).round().total_cmp(&apart(*other).round());
        by_distance.then(along(*other).total_cmp(&along(*its))).then(a.0.cmp(&b.0))
    });
    best.map(|(id, _)| id)
}

/// Into tabs of its own, in half the place that its tabs had; none where it is alone in them, or where half
/// of it is too little.
fn split_off(tree: &mut Tree<Pane>, pane: Pane, way: Way) -> Option<()> {
    let (tile, group) = place_of(tree, pane)?;
    let has_room = length_of(tree, group, way)? >= 2.0 * LEAST_SIDE;
    if tabs_of(tree, group)?.children.len() < 2 || !has_room {
        return None;
    }
    let holder = tree.tiles.parent_of(group);
    let own = tree.tiles.insert_tab_tile(Vec::new());
    let children = if way.is_onward() { vec![group, own] } else { vec![own, group] };
    let both = Container::Linear(Linear::new(way.dir(), children));
    let both = tree.tiles.insert_new(Tile::Container(both));
    match holder {
        Some(holder) => {
            let Some(Tile::Container(holder)) = tree.tiles.get_mut(holder) else { return None };
            holder.replace_child(group, both)?;
        }
        None => tree.root = Some(both),
    }
    tree.move_tile_to_container(tile, own, 0, false);
    Some(())
}

/// Larger to the right and downward, smaller to the left and upward; what lies beside it gives or takes.
fn resize(tree: &mut Tree<Pane>, pane: Pane, way: Way) -> Option<()> {
    let mut child = place_of(tree, pane)?.1;
    loop {
        let parent = tree.tiles.parent_of(child)?;
        if let Some(Container::Linear(linear)) = tree.tiles.get_container(parent)
            && linear.dir == way.dir()
            && linear.children.len() > 1
        {
            let at = linear.children.iter().position(|tile| *tile == child)?;
            let other = linear.children.get(at + 1).or_else(|| linear.children.get(at - 1));
            let pair = [child, *other?];
            return share_anew(tree, parent, pair, way);
        }
        child = parent;
    }
}

/// How long a tile was drawn, along a way.
fn length_of(tree: &Tree<Pane>, tile: TileId, way: Way) -> Option<f32> {
    let rect = tree.tiles.rect(tile)?;
    Some(match way.dir() {
        LinearDir::Horizontal => rect.width(),
        LinearDir::Vertical => rect.height(),
    })
}

fn share_anew(
    tree: &mut Tree<Pane>,
    parent: TileId,
    [child, other]: [TileId; 2],
    way: Way,
) -> Option<()> {
    let (mine, its) = (length_of(tree, child, way)?, length_of(tree, other, way)?);
    let room = |length: f32| (length - LEAST_SIDE).max(0.0);
    let step = if way.is_onward() { STEP.min(room(its)) } else { -STEP.min(room(mine)) };
    if step == 0.0 || mine + its <= 0.0 {
        return None;
    }
    let Some(Tile::Container(Container::Linear(linear))) = tree.tiles.get_mut(parent) else {
        return None;
    };
    let per_point = (linear.shares[child] + linear.shares[other]) / (mine + its);
    linear.shares.set_share(child, (mine + step) * per_point);
    linear.shares.set_share(other, (its - step) * per_point);
    Some(())
}
