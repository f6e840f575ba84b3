//! What is to be taken away from whom: the choices of a knock-out, and its two buttons.

use egui::{Button, DragValue, RichText, Ui};

use crate::{
    app::{
        Command, KnockoutForm, MOST_OF_SWEEP,
        jobs::{Answered, Part, SweepOver},
    },
    domain::{Bucket, Region, TaggedWord, Tower},
    ui::{
        context::ViewContext,
        theme::{Colors, GAP},
        widgets::{menu_with_fields_ui, note_ui},
    },
};

/// Shows the choices; the buttons send them.
pub(crate) fn knockout_form_ui(ui: &mut Ui, cx: &ViewContext<'_>, answered: &Answered) {
    let before = &cx.state.workspace.knockout;
    let mut form = before.clone();
    ui.horizontal_wrapped(|ui| {
        part_menu_ui(ui, cx, answered, ("rows", &mut form.rows));
        ui.weak("may not attend to");
        part_menu_ui(ui, cx, answered, ("columns", &mut form.columns));
        ui.weak("in");
        layers_ui(ui, answered, &mut form.layers);
        if form.has_region() {
            ui.weak("·  a latent belongs to a region from");
            let drag = DragValue::new(&mut form.region_share).range(1..=100).suffix(" %");
            ui.add(drag).on_hover_text(
                "Latents have no place in the picture. One stands for a region where at least this \
                 part of the mass that it places on patches lies inside.",
            );
        }
    });
    let is_busy = cx.state.is_examining();
    ui.horizontal_wrapped(|ui| {
        let colors = Colors::of(ui);
        let text = RichText::new("Knock out").strong().color(colors.on_accent);
        let once = ui.add_enabled(!is_busy, Button::new(text).fill(colors.accent));
        let once = once.on_hover_text(
            "Blocked before the softmax; the answer is written again, and the first answer scored",
        );
        if once.clicked() {
            cx.send(Command::FindCause(Box::new(form.once())));
        }
        ui.separator();
        sweep_ui(ui, cx, &mut form, is_busy);
        if is_busy {
            ui.add_space(GAP);
            ui.spinner();
            if ui.button("Cancel").clicked() {
                cx.send(Command::CancelExamining);
            }
        }
    });
    if form != *before {
        cx.send(Command::SetKnockout(Box::new(form)));
    }
}

fn sweep_ui(ui: &mut Ui, cx: &ViewContext<'_>, form: &mut KnockoutForm, is_busy: bool) {
    let name = |over: SweepOver| match over {
        SweepOver::Words => "each word",
        SweepOver::Buckets => "each bucket",
        SweepOver::Regions => "each region",
        SweepOver::Layers => "windows of layers",
    };
    let text = format!("{} ⏷", name(form.over));
    menu_with_fields_ui(ui, text, |ui| {
        let all = [SweepOver::Words, SweepOver::Buckets, SweepOver::Regions, SweepOver::Layers];
        for over in all {
            let has_it = over != SweepOver::Regions || cx.state.regions.is_some();
            ui.add_enabled_ui(has_it, |ui| {
                let told = "import or draw regions first";
                ui.radio_value(&mut form.over, over, name(over)).on_disabled_hover_text(told);
            });
        }
        ui.separator();
        ui.horizontal(|ui| {
            let label = ui.label("layers of a window");
            let shown = |n: f64, _| if n < 1.0 { "a quarter".to_owned() } else { format!("{n}") };
            let drag =
                DragValue::new(&mut form.window).range(0..=MOST_OF_SWEEP).custom_formatter(shown);
            ui.add(drag).labelled_by(label.id);
        });
        ui.horizontal(|ui| {
            let label = ui.label("random draws for the control");
            ui.add(DragValue::new(&mut form.draws).range(0..=MOST_OF_SWEEP)).labelled_by(label.id);
        });
        note_ui(ui, "The control takes as many other words' tokens (of regions: other latents).");
    })
    .on_hover_text("What is gone through, one after another");
    let sweep = ui.add_enabled(!is_busy, Button::new("Sweep")).on_hover_text(
        "Knocks out one after another, in all layers together and in each window, beside as many \
         random positions",
    );
    if sweep.clicked() {
        cx.send(Command::FindCause(Box::new(form.sweep())));
    }
}

/// A part of the sequence, by what it is for.
fn part_menu_ui(
    ui: &mut Ui,
    cx: &ViewContext<'_>,
    answered: &Answered,
    (what, part): (&str, &mut Part),
) {
    let is_column = what == "columns";
    let button = ui.menu_button(format!("{} ⏷", part_name(part)), |ui| {
        let wholes: &[Part] = match is_column {
            true => &[Part::Question, Part::Image],
            false => &[Part::Image, Part::Question, Part::Answer],
        };
        for whole in wholes {
            item_ui(ui, part, whole.clone());
        }
        if is_column {
            let words = answered.words.words.iter().enumerate();
            let words = words.map(|(i, _)| Part::Word(named(&answered.words.words, i)));
            sub_ui(ui, "a word", part, words.collect());
            let is_there =
                |bucket: &Bucket| answered.words.words.iter().any(|word| word.bucket == *bucket);
            let buckets = Bucket::ALL.into_iter().filter(is_there).map(Part::Bucket);
            sub_ui(ui, "a bucket", part, buckets.collect());
        }
        let regions = cx.state.regions.iter().flat_map(|regions| regions.set.regions());
        let regions = regions.map(|region| Part::Region(Region::name(region)));
        sub_ui(ui, "latents of a region", part, regions.collect());
    });
    let told = match is_column {
        true => "What is no longer seen",
        false => "Who loses sight",
    };
    button.response.on_hover_text(told);
}

fn sub_ui(ui: &mut Ui, name: &str, part: &mut Part, parts: Vec<Part>) {
    ui.add_enabled_ui(!parts.is_empty(), |ui| {
        ui.menu_button(name, |ui| {
            egui::ScrollArea::vertical().max_height(320.0).show(ui, |ui| {
                for offered in parts {
                    item_ui(ui, part, offered);
                }
            });
        });
    });
}

fn item_ui(ui: &mut Ui, part: &mut Part, offered: Part) {
    if ui.selectable_label(*part == offered, part_name(&offered)).clicked() {
        *part = offered;
        ui.close();
    }
}

/// A part as a person calls it.
pub(super) fn part_name(part: &Part) -> String {
    match part {
        Part::Image => "the picture".to_owned(),
        Part::Latents(_) => part.to_string(),
        Part::Region(name) => format!("region {name}"),
        Part::Question => "the question".to_owned(),
        Part::Answer => "the answer".to_owned(),
        Part::Word(word) => format!("“{word}”"),
        Part::Bucket(bucket) => bucket.to_string(),
    }
}

/// A word as parts name it: with the number of its occurrence where it stands there twice.
fn named(words: &[TaggedWord], word_idx: usize) -> String {
    let word = &words[word_idx];
    let is_same = |other: &&TaggedWord| other.text.eq_ignore_ascii_case(&word.text);
    let n = words.iter().filter(is_same).count();
    let before = words[..word_idx].iter().filter(is_same).count();
    if n > 1 { format!("{}#{}", word.text, before + 1) } else { word.text.clone() }
}

fn layers_ui(ui: &mut Ui, answered: &Answered, layers: &mut Option<[usize; 2]>) {
    let sites = answered.run.trace.patterns.keys();
    let last = sites.filter(|site| site.tower == Tower::Decoder).map(|site| site.layer).max();
    let last = last.unwrap_or(0);
    if ui.selectable_label(layers.is_none(), "all layers").clicked() {
        *layers = None;
    }
    let [mut from, mut to] = layers.map_or([0, last], |[from, to]| [from.min(last), to.min(last)]);
    let before = [from, to];
    ui.add(DragValue::new(&mut from).range(0..=to).prefix("L")).on_hover_text("The first layer");
    ui.weak("–");
    ui.add(DragValue::new(&mut to).range(from..=last).prefix("L")).on_hover_text("The last layer");
    if [from, to] != before {
        *layers = Some([from, to]);
    }
}
