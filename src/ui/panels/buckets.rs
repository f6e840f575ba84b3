//! Attention from the picture to the words, by bucket.

use egui::{ScrollArea, Ui};

use crate::{
    app::{Command, Subject, ViewPart, jobs::Reading},
    domain::{Bucket, Figure},
    ui::{
        context::{Hover, ViewContext},
        export_window::export_button_ui,
        theme::bucket_color,
        widgets::{BarsLook, bars_ui, empty_ui, note_ui, number},
    },
};

/// One line of what a reading means.
pub(super) fn meaning(reading: Reading) -> &'static str {
    match reading {
        Reading::Mass => {
            "mass: as computed; falls along the latents, since later ones see more keys"
        }
        Reading::Share => {
            "share: of what the picture pays to the question, the part of each bucket"
        }
        Reading::Lift => {
            "lift: times what uniform attention under the same mask would pay; 1 says nothing"
        }
    }
}

/// Shows the bars, and lets a bucket's words be chosen.
pub(crate) fn buckets_ui(ui: &mut Ui, cx: &ViewContext<'_>) {
    let Some(id) = cx.run_id() else {
        empty_ui(ui, "No run", "Ask a question: what the picture pays to its words is drawn here.");
        return;
    };
    let figure = cx.state.bars(id);
    head_ui(ui, cx);
    note_ui(ui, meaning(cx.state.workspace.view.reading));
    let bars = match figure.as_deref() {
        Some(Ok(Figure::Bars(bars))) => bars,
        Some(Err(why)) => {
            empty_ui(ui, "No bars", why);
            return;
        }
        _ => return,
    };
    let visuals = ui.visuals().clone();
    let names: Vec<Option<Bucket>> =
        bars.parts().categories.iter().map(|category| category.name.parse().ok()).collect();
    let color = |_group: usize, category: usize| {
        bucket_color(&visuals, names[category].unwrap_or(Bucket::Other))
    };
    let known = cx.state.words(id);
    let bucket_of = |word: usize| Some(known.as_deref()?.as_ref().ok()?.words.get(word)?.bucket);
    let lit = match cx.hovered.get() {
        Some(Hover::Word(word)) => {
            let bucket = bucket_of(word);
            names.iter().position(|name| name.is_some() && *name == bucket)
        }
        _ => None,
    };
    let told = |group: usize, category: usize| {
        let (bar, name) =
            (&bars.parts().groups[group].bars[category], &bars.parts().categories[category].name);
        let value = match bar.value {
            _ if bar.by_construction => "closed by the mask".to_owned(),
            Some(value) => number(value),
            None => "no value".to_owned(),
        };
        format!("{name}: {value}; choose its words")
    };
    ScrollArea::vertical().show(ui, |ui| {
        let look = BarsLook { color: &color, lit, chosen: None, told: Some(&told) };
        let (_, clicked) = bars_ui(ui, bars, &look);
        if let Some(bucket) = clicked.and_then(|(_, category)| names[category]) {
            let n = cx.state.run().map_or(0, |run| run.words.words.len());
            let words = (0..n).filter(|word| bucket_of(*word) == Some(bucket)).collect();
            cx.send(Command::SelectSubject(Subject::Words(words)));
        }
        for note in &bars.parts().notes {
            note_ui(ui, note);
        }
        let caption: Vec<String> = bars
            .parts()
            .caption
            .iter()
            .map(|field| format!("{}: {}", field.name, field.value))
            .collect();
        note_ui(ui, &caption.join(" · "));
    });
}

fn head_ui(ui: &mut Ui, cx: &ViewContext<'_>) {
    let before = &cx.state.workspace.view;
    let mut view = before.clone();
    ui.horizontal_wrapped(|ui| {
        for reading in [Reading::Share, Reading::Lift, Reading::Mass] {
            ui.selectable_value(&mut view.reading, reading, reading.to_string())
                .on_hover_text(meaning(reading));
        }
        ui.separator();
        export_button_ui(ui, cx, ViewPart::Buckets);
    });
    if view != *before {
        cx.send(Command::SetView(view));
    }
}
