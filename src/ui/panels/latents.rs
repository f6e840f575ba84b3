//! The resampler, latent by latent: how surely each has a place, and what it holds of the map. Where it
//! comes from is shown over the picture; latents themselves have no place and are never drawn as one.

use egui::{Id, ScrollArea, Ui};

use crate::{
    app::{
        Command, RunId, Subject, ViewPart,
        jobs::{Answered, LatentPlace},
    },
    ui::{
        context::{Hover, ViewContext},
        export_window::export_button_ui,
        widgets::{Cell, Column, empty_ui, header_ui, note_ui, number, percent, row_ui, sort_ui},
    },
};

const COLUMNS: [Column; 5] = [
    Column { name: "latent", width: 56.0, told: "Its number in the sequence, from 0: no place" },
    Column {
        name: "placed",
        width: 54.0,
        told: "The part of it that comes from patches; the rest stays on latents",
    },
    Column { name: "entropy, nats", width: 82.0, told: "Of the placed part over the patches" },
    Column {
        name: "area",
        width: 74.0,
        told: "Effective area: exp(entropy) over the number of patches. 100 % is flat, and says \
               nothing of places",
    },
    Column {
        name: "in map",
        width: 74.0,
        told: "The part of the chosen word's or token's map that it holds, before it is carried back",
    },
];

/// Shows every latent of the looked-at run; hovering one shows where it comes from, a click keeps it.
pub(crate) fn latents_ui(ui: &mut Ui, cx: &ViewContext<'_>) {
    let Some((id, answered)) = cx.run_id().zip(cx.state.run()) else {
        let told = "Ask a question: where each latent of its picture comes from is listed here.";
        empty_ui(ui, "No run", told);
        return;
    };
    let Some(places) = cx.state.latent_places(id) else { return };
    let places = match places.as_ref() {
        Ok(places) => places,
        Err(why) => {
            empty_ui(ui, "No places", why);
            return;
        }
    };
    let mean = |of: fn(&LatentPlace) -> f64| {
        places.iter().map(of).sum::<f64>() / places.len().max(1) as f64
    };
    export_button_ui(ui, cx, ViewPart::Latents);
    note_ui(
        ui,
        &format!(
            "{} latents; on average {} of each comes from patches, spread as evenly over {} of the \
             picture. Point at one to see where; latents have no place of their own.",
            places.len(),
            percent(mean(|place| place.placed)),
            percent(mean(|place| place.effective_area)),
        ),
    );
    table_ui(ui, cx, (id, answered), places);
}

/// Whose map the last column is of: the word or token that was chosen last, so that the list stays as
/// it is while latents are chosen in it.
fn map_of(ui: &Ui, chosen: &Subject) -> Subject {
    let id = Id::unique("the map that latents hold");
    if matches!(chosen, Subject::Latents(_)) {
        return ui.data(|data| data.get_temp(id)).unwrap_or_default();
    }
    ui.data_mut(|data| data.insert_temp(id, chosen.clone()));
    chosen.clone()
}

fn table_ui(
    ui: &mut Ui,
    cx: &ViewContext<'_>,
    (id, answered): (RunId, &Answered),
    places: &[LatentPlace],
) {
    let chosen = &cx.state.workspace.selection.subject;
    let parts = cx.state.latent_parts(id, &map_of(ui, chosen));
    let parts = parts.as_deref().and_then(|parts| parts.as_ref().ok());
    let sinks = cx.state.sinks(id);
    let start = answered.run.prompt.layout.image().start;
    let is_sink = |latent: usize| {
        let sinks = sinks.as_deref().and_then(|sinks| sinks.as_ref().ok());
        sinks.is_some_and(|sinks| sinks.contains(start + latent))
    };
    let value = |latent: usize, column: usize| match column {
        0 => latent as f64,
        1 => places[latent].placed,
        2 => places[latent].entropy,
        3 => places[latent].effective_area,
        _ => parts.map_or(0.0, |parts| parts[latent]),
    };
    let sort = sort_ui(ui, "latents", &COLUMNS);
    let mut order: Vec<usize> = (0..places.len()).collect();
    order.sort_by(|a, b| {
        let by = value(*a, sort.column).total_cmp(&value(*b, sort.column));
        if sort.is_falling { by.reverse() } else { by }.then(a.cmp(b))
    });
    let top = parts.map_or(0.0, |parts| parts.iter().copied().fold(0.0, f64::max));
    header_ui(ui, "latents", &COLUMNS, sort);
    let area = ScrollArea::vertical().auto_shrink([false, false]);
    area.show_rows(ui, 18.0, order.len(), |ui, shown| {
        for latent in order[shown].iter().copied() {
            let place = &places[latent];
            let mark = if is_sink(latent) { " ▼" } else { "" };
            let cells = [
                Cell::text(format!("{latent}{mark}")),
                Cell::text(percent(place.placed)).of(place.placed),
                Cell::text(number(place.entropy)).of(place.entropy),
                Cell::bar(percent(place.effective_area), place.effective_area)
                    .of(place.effective_area),
                match parts {
                    Some(parts) => Cell::bar(
                        percent(parts[latent]),
                        parts[latent] / top.max(f64::MIN_POSITIVE),
                    )
                    .of(parts[latent]),
                    None => Cell::text("–".to_owned()),
                },
            ];
            let sink = if is_sink(latent) { ", a sink" } else { "" };
            let name = format!("latent {latent}{sink}");
            let is_chosen = chosen.has_latent(latent);
            let response = row_ui(ui, (&name, is_chosen), &COLUMNS, &cells);
            cx.hovered.set_at(&response, Hover::Latent(latent));
            if response.clicked() {
                if is_chosen {
                    cx.send(Command::SelectSubject(chosen.toggled(&Subject::latent(latent))));
                } else {
                    cx.choose(ui, &Subject::latent(latent));
                }
            }
        }
    });
}
