//! The window: takes in events, does commands, then draws a pure reading of the state.

use std::{
    cell::RefCell,
    path::PathBuf,
    time::{Duration, Instant},
};

use eframe::{App, CreationContext, Frame, Storage};
use egui::{Context, Panel, Ui, ViewportCommand};
use egui_tiles::Tree;

use super::{
    arranging::{arrange, current_pane, group_of},
    ask_bar::{AskBar, ask_bar_ui},
    context::{Hovered, ViewContext},
    dialogs::{Dialogs, Wanted},
    export_window::{ExportWindow, export_window_ui},
    fonts,
    help::{Help, help_ui},
    launch::Opening,
    layout::{Pane, PaneBehavior, default_tree, show_pane, whole_tree},
    menu::menu_ui,
    palette::{Chosen, Palette},
    panels::Tool,
    paste::{Pasted, pasted},
    session_list::SessionList,
    shortcuts::{Action, Keyboard, pressed},
    status_bar::{notices_ui, status_bar_ui},
    steps::{next_head, next_layer, next_subject},
    textures::Textures,
    theme::{self, Colors},
    tour::{TourStep, tour_ui},
};
use crate::{
    app::{
        AppState, Command, CommandQueue, Level, Look, MapScale, OpenBatch, Subject, Texels,
        ViewPart, Worker, sessions_folder, settle, update,
    },
    domain::{Choice, MapKind},
};

/// Under which the panels are remembered.
const PANELS: &str = "panels-5";

/// How long it takes until the panels, as they were arranged, are on disk.
const KEEP_PANELS: Duration = Duration::from_secs(1);

/// How long what is arranged may stand still before it is looked at again.
const LOOK_AGAIN: Duration = Duration::from_millis(300);

/// The window.
pub struct Shell {
    state: AppState,
    queue: CommandQueue,
    textures: RefCell<Textures>,
    hovered: Hovered,
    tool: RefCell<Tool>,
    dialogs: Dialogs,
    export: RefCell<ExportWindow>,
    sessions: SessionList,
    tree: Tree<Pane>,
    bar: AskBar,
    help: Help,
    /// The step of the tour that is shown.
    tour: Option<usize>,
    /// A question to ask once the picture is there.
    question: Option<String>,
    /// A panel that was just brought to the front.
    shown: Option<Pane>,
    /// Whether the keyboard goes to that panel.
    enters: bool,
    /// The panel that keys move and resize.
    current: Pane,
    /// What had the keyboard at the end of the last frame.
    keyboard: Keyboard,
    /// The batch that was brought to the front, by its number.
    batch: Option<u64>,
    /// What looks were applied last.
    looks: Option<(Look, f32)>,
    /// Panels and window as they were arranged last.
    arranged: Option<(Tree<Pane>, Option<egui::Rect>)>,
}

impl std::fmt::Debug for Shell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shell").field("state", &self.state).finish_non_exhaustive()
    }
}

impl Shell {
    /// A window on a context; `settings` is the file that remembers, if any. A window that remembers
    /// nothing keeps no runs either.
    pub fn new(cc: &CreationContext<'_>, settings: Option<PathBuf>, opening: Opening) -> Self {
        let wake = cc.egui_ctx.clone();
        let worker = Worker::spawn(move || wake.request_repaint());
        let fault = worker.as_ref().err().map(|error| format!("no thread to work on: {error}"));
        let sessions = settings.as_ref().and_then(|_| sessions_folder());
        let mut state = AppState::new(worker.ok(), settings);
        state.sessions_folder = sessions;
        let mut shell = Self::with_state(cc, state);
        shell.question = opening.question;
        if let Some(fault) = fault {
            shell.send(Command::Notify(Level::Error, fault));
        }
        match opening.image {
            Some(image) => shell.send(Command::OpenPicture(image)),
            // Whoever opens a batch means to look at its questions.
            None if !opening.batch.is_empty() => {}
            None => shell.send(Command::OpenExample(0)),
        }
        if !opening.batch.is_empty() {
            show_pane(&mut shell.tree, Pane::Batch);
            shell.send(Command::OpenBatch(opening.batch));
        }
        shell.send(Command::StartTagger { again: false });
        shell
    }

    /// A window of a state that is there already, which asks for nothing by itself.
    pub fn with_state(cc: &CreationContext<'_>, state: AppState) -> Self {
        fonts::install(&cc.egui_ctx);
        theme::install(&cc.egui_ctx);
        // The window's own keys do this, and remember it.
        cc.egui_ctx.options_mut(|options| options.zoom_with_keyboard = false);
        let remembered = cc.storage.and_then(|storage| eframe::get_value(storage, PANELS));
        let tour = (!state.settings.tour_done).then_some(0);
        Self {
            state,
            queue: CommandQueue::new(),
            textures: RefCell::new(Textures::default()),
            hovered: Hovered::default(),
            tool: RefCell::new(Tool::default()),
            dialogs: Dialogs::new(cc.egui_ctx.clone()),
            export: RefCell::default(),
            sessions: SessionList::new(cc.egui_ctx.clone()),
            tree: whole_tree(remembered),
            shown: None,
            enters: false,
            current: Pane::Picture,
            keyboard: Keyboard::default(),
            batch: None,
            bar: AskBar::default(),
            help: Help::default(),
            tour,
            question: None,
            looks: None,
            arranged: None,
        }
    }

    /// Everything the window knows.
    pub fn state(&self) -> &AppState {
        &self.state
    }

    /// Asks for something, as a panel does.
    pub fn send(&self, command: Command) {
        self.queue.send(command);
    }

    fn act(&mut self, ctx: &Context, action: Action) {
        let mut view = self.state.workspace.view.clone();
        match action {
            Action::OpenPicture => self.dialogs.ask(Wanted::Picture, &self.queue),
            Action::ImportRegions => self.dialogs.ask(Wanted::RegionFile, &self.queue),
            Action::OpenBatch => self.dialogs.ask(Wanted::Batch, &self.queue),
            Action::FocusQuestion => self.bar.wants_focus = true,
            Action::Stop => {
                self.stop();
            }
            Action::LetGo => self.let_go(),
            Action::Undo => self.queue.send(Command::Undo),
            Action::Redo => self.queue.send(Command::Redo),
            Action::Palette => self.help.palette = Some(Palette::default()),
            Action::Help => self.help.has_keys = !self.help.has_keys,
            Action::ToggleGrid => view.has_patch_grid = !view.has_patch_grid,
            Action::ToggleRegions => view.has_regions = !view.has_regions,
            Action::ToggleSmooth => {
                let is_smooth = view.texels == Texels::Smooth;
                view.texels = if is_smooth { Texels::Patches } else { Texels::Smooth };
            }
            Action::ToggleSinks => view.without_sinks = !view.without_sinks,
            Action::ToggleScale => {
                let is_own = view.scale == MapScale::Own;
                view.scale = if is_own { MapScale::Shared } else { MapScale::Own };
            }
            Action::OtherMap => {
                let looks = view.word_map == MapKind::LooksAt;
                view.word_map = if looks { MapKind::ReadBy } else { MapKind::LooksAt };
            }
            Action::NewSession => self.queue.send(Command::NewSession),
            Action::CopyCommandLine => self.copy_command_line(ctx),
            Action::Export => self.open_export(),
            Action::ResetPanels => self.tree = default_tree(),
            Action::MovePanel(_) | Action::SplitPanel(_) | Action::ResizePanel(_) => {
                self.arrange(action);
            }
            Action::Tour => self.tour = Some(0),
            // What is still to be kept is kept on the way out.
            Action::Quit => ctx.send_viewport_cmd(ViewportCommand::Close),
            Action::Show(pane) => {
                self.show(pane);
                self.enters = true;
            }
            Action::Light | Action::Larger | Action::Smaller | Action::UsualSize => {
                self.change_looks(action);
            }
            other => self.step(other),
        }
        if view != self.state.workspace.view {
            self.queue.send(Command::SetView(view));
        }
    }

    /// The view as a command line, and a word on what it leaves out.
    fn copy_command_line(&self, ctx: &Context) {
        let (level, text) = match self.state.command_line() {
            Ok(made) => {
                ctx.copy_text(made.line.clone());
                let mut text = format!("copied: {}", made.line);
                if !made.leaves_out.is_empty() {
                    text.push_str("; it leaves out ");
                    text.push_str(&made.leaves_out.join("; "));
                }
                (Level::Info, text)
            }
            Err(why) => (Level::Error, why),
        };
        self.queue.send(Command::Notify(level, text));
    }

    /// At the first part that there is.
    fn open_export(&self) {
        let first = ViewPart::ALL.into_iter().find(|part| self.state.drawn(*part).is_ok());
        self.export.borrow_mut().open(first.unwrap_or(ViewPart::Map));
    }

    /// Actions that move the selection.
    fn step(&self, action: Action) {
        let Some(answered) = self.state.run() else { return };
        let mut selection = self.state.workspace.selection.clone();
        match action {
            Action::NextWord => selection.subject = next_subject(answered, &selection.subject, 1),
            Action::PreviousWord => {
                selection.subject = next_subject(answered, &selection.subject, -1);
            }
            Action::NextLayer => selection.layers = next_layer(answered, &selection.layers, 1),
            Action::PreviousLayer => selection.layers = next_layer(answered, &selection.layers, -1),
            Action::NextHead => selection.heads = next_head(answered, &selection.heads, 1),
            Action::PreviousHead => selection.heads = next_head(answered, &selection.heads, -1),
            Action::AllLayers => {
                (selection.layers, selection.heads) = (Choice::All, Choice::All);
            }
            _ => return,
        }
        self.queue.send(Command::Select(selection));
    }

    /// Stops the question that is being answered; true where there is one.
    fn stop(&self) -> bool {
        let asking = self.state.asking();
        if let Some((id, _)) = asking {
            self.queue.send(Command::Cancel(id));
        }
        asking.is_some()
    }

    /// Escape closes what floats; else it leaves a field, which egui has done by now; else it stops an
    /// answer; else it leaves a control; else it puts a tool away, or lets go of what is chosen.
    fn let_go(&mut self) {
        if self.help.is_open() {
            self.help = Help::default();
            return;
        }
        if self.export.borrow().is_open() {
            self.export.borrow_mut().close();
            return;
        }
        let is_left = self.keyboard == Keyboard::Text;
        if is_left || self.stop() || self.keyboard == Keyboard::Control {
            return;
        }
        if *self.tool.borrow() == Tool::Select {
            self.queue.send(Command::SelectSubject(Subject::Nothing));
        } else {
            *self.tool.borrow_mut() = Tool::Select;
        }
    }

    fn change_looks(&self, action: Action) {
        let mut settings = self.state.settings.clone();
        match action {
            Action::Light => {
                let is_light = settings.look == Look::Light;
                settings.look = if is_light { Look::Dark } else { Look::Light };
            }
            Action::Larger => settings.scale = (settings.scale + 0.1).min(2.5),
            Action::Smaller => settings.scale = (settings.scale - 0.1).max(0.6),
            _ => settings.scale = 1.0,
        }
        self.queue.send(Command::SetSettings(Box::new(settings)));
    }

    fn apply_looks(&mut self, ctx: &Context) {
        let looks = (self.state.settings.look, self.state.settings.scale);
        if self.looks == Some(looks) {
            return;
        }
        self.looks = Some(looks);
        ctx.set_theme(match looks.0 {
            Look::Dark => egui::ThemePreference::Dark,
            Look::Light => egui::ThemePreference::Light,
            Look::System => egui::ThemePreference::System,
        });
        ctx.set_zoom_factor(looks.1);
    }

    /// Files dropped into the window; with Alt all of them are regions.
    fn take_dropped(&self, ctx: &Context) {
        let (dropped, as_regions) = ctx.input(|i| (i.raw.dropped_files.clone(), i.modifiers.alt));
        let paths: Vec<PathBuf> = dropped.iter().map(|file| file.path().to_owned()).collect();
        if !paths.is_empty() {
            self.queue.send(Command::TakeDropped { paths, as_regions });
        }
    }

    /// What was pasted: a picture, or a file that is taken as if it was dropped.
    fn take_pasted(&self, ctx: &Context) {
        for pasted in pasted(ctx) {
            match pasted {
                Pasted::Picture(picture) => self.queue.send(Command::PastePicture(picture)),
                Pasted::Paths(paths) => {
                    self.queue.send(Command::TakeDropped { paths, as_regions: false });
                }
            }
        }
    }

    /// A batch that was just opened is what a person wants to see.
    fn show_new_batch(&mut self) {
        let number = self.state.batch.as_ref().map(OpenBatch::number);
        if number.is_some() && number != self.batch {
            self.show(Pane::Batch);
        }
        self.batch = number;
    }

    fn show(&mut self, pane: Pane) {
        show_pane(&mut self.tree, pane);
        (self.shown, self.current) = (Some(pane), pane);
    }

    /// A panel that goes elsewhere is shown there, with the keyboard if a control had it.
    fn arrange(&mut self, action: Action) {
        let is_done = arrange(&mut self.tree, self.current, action);
        if is_done && !matches!(action, Action::ResizePanel(_)) {
            self.show(self.current);
            self.enters = self.keyboard == Keyboard::Control;
        }
    }

    /// Asks the question that the window was opened with, once its picture is there.
    fn ask_first(&mut self) {
        let is_there = self.state.picture.as_ref().is_some_and(|picture| picture.path.is_some());
        if is_there && let Some(question) = self.question.take() {
            self.queue.send(Command::SetQuestion(question));
            self.queue.send(Command::Ask);
        }
    }

    /// Panels that were just arranged are kept by a frame that comes when that is due; an idle window
    /// draws none by itself.
    fn keep_panels(&mut self, ctx: &Context) {
        let place = ctx.input(|input| input.viewport().outer_rect);
        let is_kept = |(tree, kept): &(Tree<Pane>, _)| *tree == self.tree && *kept == place;
        if !self.arranged.as_ref().is_some_and(is_kept) {
            self.arranged = Some((self.tree.clone(), place));
            ctx.request_repaint_after(KEEP_PANELS);
        }
    }

    fn tour_step(&mut self, ctx: &Context) {
        let Some(step) = self.tour else { return };
        match tour_ui(ctx, step) {
            TourStep::At(step) => self.tour = Some(step),
            TourStep::Dismissed => {
                self.tour = None;
                let mut settings = self.state.settings.clone();
                settings.tour_done = true;
                self.queue.send(Command::SetSettings(Box::new(settings)));
            }
        }
    }
}

impl App for Shell {
    fn logic(&mut self, ctx: &Context, _frame: &mut Frame) {
        self.dialogs.collect(&self.queue);
        for command in self.queue.take() {
            update(&mut self.state, command);
        }
        if settle(&mut self.state, Instant::now()) {
            // Arranging that stands still becomes a step of undo, and is kept.
            ctx.request_repaint_after(LOOK_AGAIN);
        }
        self.ask_first();
        self.show_new_batch();
        self.apply_looks(ctx);
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut Frame) {
        let ctx = ui.ctx().clone();
        self.take_dropped(&ctx);
        self.take_pasted(&ctx);
        let mut actions = pressed(&ctx);
        let is_new = ctx.input(|input| self.hovered.turn(input));
        let colors = Colors::of(ui);
        let (shown, enters) = (self.shown.take(), std::mem::take(&mut self.enters));
        let cx = ViewContext {
            state: &self.state,
            queue: &self.queue,
            textures: &self.textures,
            hovered: &self.hovered,
            tool: &self.tool,
            export: &self.export,
            dialogs: &self.dialogs,
            sessions: &self.sessions,
        };
        let bar = egui::Frame::new().fill(colors.base).inner_margin(egui::Margin::symmetric(8, 2));
        Panel::top("menu").frame(bar).show(ui, |ui| actions.extend(menu_ui(ui)));
        Panel::top("ask").frame(bar.fill(colors.panel)).show(ui, |ui| {
            ask_bar_ui(ui, &cx, &mut self.bar);
        });
        Panel::bottom("status").frame(bar).show(ui, |ui| status_bar_ui(ui, &cx));
        if !self.state.notices.is_empty() {
            let frame = bar.fill(colors.control);
            Panel::bottom("notices").frame(frame).show(ui, |ui| notices_ui(ui, &cx));
        }
        let frame = egui::Frame::new().fill(colors.base);
        egui::CentralPanel::default().frame(frame).show(ui, |ui| {
            let current = (self.current, group_of(&self.tree, self.current));
            self.tree.ui(&mut PaneBehavior { cx: &cx, shown, enters, current }, ui);
        });
        export_window_ui(&ctx, &cx);
        match help_ui(&ctx, &cx, &mut self.help) {
            Some(Chosen::Act(action)) => actions.push(action),
            Some(Chosen::Send(commands)) => commands.into_iter().for_each(|c| self.queue.send(c)),
            Some(Chosen::Draw(tool)) => *self.tool.borrow_mut() = tool,
            None => {}
        }
        self.tour_step(&ctx);
        let before = self.current;
        self.current = current_pane(&ctx, &self.tree, before);
        for action in actions {
            self.act(&ctx, action);
        }
        self.keyboard = Keyboard::of(&ctx);
        self.keep_panels(&ctx);
        // What was sent or hovered while drawing is done, and seen, in the next frame.
        let is_waiting = !self.queue.is_empty() || self.state.needs_another_frame();
        if is_new || is_waiting || self.hovered.changes() || self.current != before {
            ctx.request_repaint();
        }
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        self.state.close();
    }

    fn save(&mut self, storage: &mut dyn Storage) {
        eframe::set_value(storage, PANELS, &self.tree);
    }

    fn auto_save_interval(&self) -> Duration {
        KEEP_PANELS
    }
}
