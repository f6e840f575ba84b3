//! Layers by heads: a small map each, and which of them are read.

use egui::{Slider, TextStyle, Ui};

use crate::{
    app::{Command, HeadMaps, MapScale, Selection, ViewPart},
    domain::{Choice, Reading},
    ui::{
        context::ViewContext,
        export_window::export_button_ui,
        theme::GAP,
        widgets::{
            HeadGrid, empty_ui, first_that_fits, head_grid_ui, menu_with_fields_ui, note_ui, number,
        },
    },
};

/// Shows the grid; a click reads one head alone, a second click all again.
pub(crate) fn heads_ui(ui: &mut Ui, cx: &ViewContext<'_>) {
    let subject = cx.subject();
    let maps = cx.run_id().and_then(|id| cx.state.head_maps(id, &subject));
    let Some(maps) = maps else {
        empty_ui(ui, "No map", "Choose a word or a token of the answer to see it in every head.");
        return;
    };
    let made = match maps.as_ref() {
        Ok(made) => made,
        Err(why) => {
            empty_ui(ui, "No maps of heads", why);
            return;
        }
    };
    if let Some(why) = made.fault() {
        empty_ui(ui, "No maps of heads", why);
        return;
    }
    choice_ui(ui, cx, &made.layers, &made.heads);
    let shares = cx.state.workspace.view.scale == MapScale::Shared;
    note_ui(ui, scale_note(ui, made, shares).as_str());
    let how = (shares, cx.state.workspace.view.colormap);
    let texture = cx.textures.borrow_mut().head_grid(ui.ctx(), &maps, how);
    let Some(texture) = texture else { return };
    let selection = &cx.state.workspace.selection;
    let place = |layer: usize, head: usize| {
        let l = made.layers.iter().position(|known| *known == layer)?;
        let h = made.heads.iter().position(|known| *known == head)?;
        made.map(l * made.heads.len() + h)
    };
    let grid = HeadGrid {
        texture,
        layers: &made.layers,
        heads: &made.heads,
        has_layer: &|layer| selection.layers.contains(layer),
        has_head: &|head| selection.heads.contains(head),
        tell: &|layer, head| {
            let told = match place(layer, head).map(|map| map.total) {
                None => "is being made".to_owned(),
                Some(total) if total.is_nan() => "closed by the mask".to_owned(),
                Some(total) if made.reading == Reading::Mass => {
                    format!("{} of the attention that is read", number(total))
                }
                Some(top) => format!("{} up to {}", made.reading, number(top)),
            };
            format!("L{layer} H{head}: {told}\nclick: this head alone")
        },
    };
    let (response, found) = head_grid_ui(ui, &grid);
    if let Some((layer, head)) = found.filter(|_| response.clicked()) {
        cx.send(Command::Select(only(selection, layer, head)));
    }
}

/// What colors can be compared, and how many maps are still to come.
fn scale_note(ui: &Ui, made: &HeadMaps, shares: bool) -> String {
    let told: &[&str] = if shares {
        &["All maps on one scale."]
    } else {
        &[
            "Each map on its own scale: colors of two heads cannot be compared; choose “shared” for that.",
            "Each map on its own scale; “shared” lets heads be compared.",
        ]
    };
    let before = match made.is_whole() {
        true => String::new(),
        false => format!("{} of {} maps. ", made.n_made(), made.n_maps()),
    };
    let texts: Vec<String> = told.iter().map(|told| format!("{before}{told}")).collect();
    let font = TextStyle::Small.resolve(ui.style());
    first_that_fits(ui, &texts, &font, ui.available_width()).to_owned()
}

/// One head alone; where it is that already, all.
fn only(selection: &Selection, layer: usize, head: usize) -> Selection {
    let mut after = selection.clone();
    after.layers = Choice::Only(vec![layer]);
    after.heads = Choice::Only(vec![head]);
    if after == *selection {
        (after.layers, after.heads) = (Choice::All, Choice::All);
    }
    after
}

/// Layers and heads as numbers that can be pressed; Shift keeps the others.
fn choice_ui(ui: &mut Ui, cx: &ViewContext<'_>, layers: &[usize], heads: &[usize]) {
    let selection = &cx.state.workspace.selection;
    let mut after = selection.clone();
    ui.horizontal_wrapped(|ui| {
        layer_slider_ui(ui, layers, &mut after.layers);
        numbers_ui(ui, "layers", "L", layers, &mut after.layers);
        ui.add_space(GAP);
        numbers_ui(ui, "heads", "H", heads, &mut after.heads);
        ui.add_space(GAP);
        export_button_ui(ui, cx, ViewPart::HeadMaps);
    });
    if after != *selection {
        cx.send(Command::Select(after));
    }
}

/// One layer after the other with one drag; its left end is the mean of all.
fn layer_slider_ui(ui: &mut Ui, layers: &[usize], choice: &mut Choice) {
    let before = match choice {
        Choice::Only(chosen) if chosen.len() == 1 => {
            layers.iter().position(|layer| *layer == chosen[0]).map_or(0, |at| at + 1)
        }
        _ => 0,
    };
    let mut at = before;
    ui.spacing_mut().slider_width = 96.0;
    let slider = ui.add(Slider::new(&mut at, 0..=layers.len()).show_value(false));
    slider.accessible_name("layer").on_hover_text(
        "Left end: the mean of all; then one layer after the other. Up and down do the same; \
         [ and ] go through the heads; A: all",
    );
    if at != before {
        *choice = match at.checked_sub(1) {
            Some(at) => Choice::Only(vec![layers[at]]),
            None => Choice::All,
        };
    }
}

/// As many numbers as stand in a row; more are in a menu.
const MOST_IN_ROW: usize = 12;

fn numbers_ui(ui: &mut Ui, what: &str, letter: &str, all: &[usize], choice: &mut Choice) {
    if all.len() <= MOST_IN_ROW {
        row_ui(ui, what, letter, all, choice);
        return;
    }
    let chosen = match choice {
        Choice::Only(chosen) if chosen.len() == 1 => format!("{letter}{}", chosen[0]),
        Choice::Only(chosen) => format!("{} {what}", chosen.len()),
        _ => format!("all {what}"),
    };
    menu_with_fields_ui(ui, format!("{chosen} \u{23f7}"), |ui| {
        ui.set_max_width(340.0);
        ui.horizontal_wrapped(|ui| row_ui(ui, what, letter, all, choice));
    });
}

fn row_ui(ui: &mut Ui, what: &str, letter: &str, all: &[usize], choice: &mut Choice) {
    ui.spacing_mut().item_spacing.x = 2.0;
    let is_all = *choice == Choice::All;
    if ui.selectable_label(is_all, format!("mean of all {what}")).clicked() {
        *choice = Choice::All;
    }
    for n in all {
        let is_in = !is_all && choice.contains(*n);
        let pressed = ui.selectable_label(is_in, format!("{letter}{n}"));
        if !pressed.on_hover_text("Shift or Ctrl adds it to the others").clicked() {
            continue;
        }
        let adds = ui.input(|i| i.modifiers.shift || i.modifiers.command);
        let mut chosen = match choice {
            Choice::Only(chosen) if adds => chosen.clone(),
            _ => Vec::new(),
        };
        match chosen.iter().position(|known| known == n) {
            Some(at) => {
                chosen.remove(at);
            }
            None => chosen.push(*n),
        }
        chosen.sort_unstable();
        *choice = if chosen.is_empty() { Choice::All } else { Choice::Only(chosen) };
    }
}
