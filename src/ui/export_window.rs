//! The window that writes: what, in which format, where to. A path can be typed, for systems that
//! show no dialog.

use std::path::PathBuf;

use egui::{Align, Align2, Button, Context, Key, Layout, RichText, ScrollArea, TextEdit, Ui};

use super::{
    context::ViewContext,
    dialogs::Wanted,
    theme::{Colors, GAP},
    widgets::note_ui,
};
use crate::app::{
    Command, ViewPart, documents_folder,
    jobs::{Drawn, ExportRequest},
};

/// What is to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    /// One part.
    Part(ViewPart),
    /// Everything of the view.
    All,
}

/// What is chosen and typed in the window.
#[derive(Debug)]
pub(crate) struct ExportWindow {
    what: Option<What>,
    format: &'static str,
    path: String,
    /// The path that was suggested; one that a person typed is left alone.
    suggested: String,
    replaces: bool,
}

impl Default for ExportWindow {
    fn default() -> Self {
        Self {
            what: None,
            format: "svg",
            path: String::new(),
            suggested: String::new(),
            replaces: false,
        }
    }
}

impl ExportWindow {
    /// Opens it at a part.
    pub(crate) fn open(&mut self, part: ViewPart) {
        *self = Self { what: Some(What::Part(part)), ..Self::default() };
    }

    /// Closes it.
    pub(crate) fn close(&mut self) {
        self.what = None;
    }

    /// Whether it is shown.
    pub(crate) fn is_open(&self) -> bool {
        self.what.is_some()
    }
}

/// The button with which a panel opens the window at its own part.
pub(crate) fn export_button_ui(ui: &mut Ui, cx: &ViewContext<'_>, part: ViewPart) {
    let button = ui.button("Export…").on_hover_text(format!(
        "{} into a file: a figure for a paper, or the numbers behind it",
        part.title()
    ));
    button.widget_info(|| {
        let name = format!("Export: {}", part.title());
        egui::WidgetInfo::labeled(egui::Role::Button, true, name)
    });
    if button.clicked() {
        cx.export.borrow_mut().open(part);
    }
}

/// What the window takes beside its list.
const REST: f32 = 270.0;

/// Shows the window, where it is open.
pub(crate) fn export_window_ui(ctx: &Context, cx: &ViewContext<'_>) {
    let mut window = cx.export.borrow_mut();
    let Some(what) = window.what else { return };
    let mut is_open = true;
    egui::Window::new("Export")
        .open(&mut is_open)
        .collapsible(false)
        .resizable(false)
        .default_width(520.0)
        .pivot(Align2::CENTER_CENTER)
        .default_pos(ctx.content_rect().center())
        .show(ctx, |ui| {
            what_ui(ui, cx, &mut window);
            ui.separator();
            match what {
                What::Part(part) => match cx.state.drawn(part) {
                    Ok(drawn) => part_ui(ui, cx, &mut window, (part, drawn)),
                    Err(why) => {
                        ui.colored_label(Colors::of(ui).warning, why);
                    }
                },
                What::All => all_ui(ui, cx, &mut window),
            }
        });
    if !is_open {
        window.close();
    }
}

fn what_ui(ui: &mut Ui, cx: &ViewContext<'_>, window: &mut ExportWindow) {
    let before = window.what;
    let room = (ui.ctx().content_rect().height() - REST).max(120.0);
    ScrollArea::vertical().id_salt("parts").max_height(room).show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        for part in ViewPart::ALL {
            let why = cx.state.drawn(part).err();
            ui.add_enabled_ui(why.is_none(), |ui| {
                let radio = ui.radio_value(&mut window.what, Some(What::Part(part)), part.title());
                radio.on_disabled_hover_text(why.unwrap_or_default());
            });
        }
    });
    let has_run = cx.run_id().is_some();
    ui.add_enabled_ui(has_run, |ui| {
        ui.radio_value(&mut window.what, Some(What::All), "Everything of this view")
            .on_hover_text("All of the above in every format, in a new folder with a README")
            .on_disabled_hover_text("ask a question first");
    });
    if window.what != before {
        window.replaces = false;
    }
}

/// Where things go: where the last went, else home.
fn folder(cx: &ViewContext<'_>) -> PathBuf {
    cx.state.settings.export_folder.clone().unwrap_or_else(documents_folder)
}

/// One part: its format and its file.
fn part_ui(
    ui: &mut Ui,
    cx: &ViewContext<'_>,
    window: &mut ExportWindow,
    (part, drawn): (ViewPart, Drawn),
) {
    let formats = drawn.formats();
    if !formats.contains(&window.format) {
        window.format = formats[0];
    }
    ui.horizontal(|ui| {
        ui.weak("format");
        for format in formats {
            let name = match *format {
                "png" => "PNG, 300 dpi".to_owned(),
                other => other.to_uppercase(),
            };
            ui.selectable_value(&mut window.format, *format, name);
        }
    });
    let name = format!("{}.{}", part.stem(), window.format);
    suggest(window, folder(cx).join(&name).display().to_string());
    let is_entered = path_ui(ui, window, "File");
    ui.checkbox(&mut window.replaces, "replace a file of that name");
    let (is_written, chooses) = buttons_ui(ui, "Write");
    if is_written || is_entered {
        let path = PathBuf::from(window.path.trim());
        let replaces = window.replaces;
        cx.send(Command::Export(ExportRequest { drawn, path, replaces }));
        window.close();
    } else if chooses {
        cx.dialogs.ask(Wanted::Drawn(drawn, name), cx.queue);
    }
}

/// Everything: the folder in which its folder is made.
fn all_ui(ui: &mut Ui, cx: &ViewContext<'_>, window: &mut ExportWindow) {
    note_ui(
        ui,
        "A new folder with every figure as SVG, PNG, CSV and JSON, every list as CSV, Markdown and \
         LaTeX, the words, the answer's tokens, and a README that says how it was made: model and weights, mode, reading, layers, heads, and the \
         command line.",
    );
    suggest(window, folder(cx).display().to_string());
    let is_entered = path_ui(ui, window, "In folder");
    let (is_written, chooses) = buttons_ui(ui, "Write all");
    if is_written || is_entered {
        cx.send(Command::ExportView(PathBuf::from(window.path.trim())));
        window.close();
    } else if chooses {
        cx.dialogs.ask(Wanted::ViewFolder, cx.queue);
        window.close();
    }
}

/// Takes a suggestion as long as nothing else was typed.
fn suggest(window: &mut ExportWindow, path: String) {
    if window.path == window.suggested {
        window.path.clone_from(&path);
    }
    window.suggested = path;
}

/// The path field; true where Enter was pressed in it.
fn path_ui(ui: &mut Ui, window: &mut ExportWindow, name: &str) -> bool {
    ui.horizontal(|ui| {
        let label = ui.label(name);
        let width = (ui.available_width() - GAP).max(200.0);
        let field =
            TextEdit::singleline(&mut window.path).align(Align2::LEFT_CENTER).desired_width(width);
        let field = ui.add(field).labelled_by(label.id);
        field.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter))
    })
    .inner
}

/// Whether to write, and whether to ask the system's dialog.
fn buttons_ui(ui: &mut Ui, write: &str) -> (bool, bool) {
    let colors = Colors::of(ui);
    ui.add_space(GAP);
    ui.horizontal(|ui| {
        let chooses = ui.button("Choose…").on_hover_text("Ask the system's dialog for the place");
        let chooses = chooses.clicked();
        let is_written = ui
            .with_layout(Layout::right_to_left(Align::Center), |ui| {
                let text = RichText::new(write).strong().color(colors.on_accent);
                let button = Button::new(text).fill(colors.accent);
                ui.add(button.min_size(egui::vec2(84.0, 26.0))).clicked()
            })
            .inner;
        (is_written, chooses)
    })
    .inner
}
