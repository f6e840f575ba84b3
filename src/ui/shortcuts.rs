//! Keys: one table, from which the window acts, the help is written and the palette is filled.

use egui::{Context, Event, Key, KeyboardShortcut, Modifiers, Popup};

use super::{arranging::Way, layout::Pane};

/// Something a key does that is not tied to a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    OpenPicture,
    FocusQuestion,
    Stop,
    /// What Escape does, which depends on what is open.
    LetGo,
    Undo,
    Redo,
    Palette,
    Help,
    ToggleGrid,
    ToggleRegions,
    ToggleSmooth,
    ToggleScale,
    ToggleSinks,
    NextWord,
    PreviousWord,
    OtherMap,
    NextLayer,
    PreviousLayer,
    NextHead,
    PreviousHead,
    AllLayers,
    Light,
    Larger,
    Smaller,
    UsualSize,
    ResetPanels,
    /// The panel goes to the tabs on that side, or off its own at that edge.
    MovePanel(Way),
    /// The panel gets tabs of its own on that side of those it is in.
    SplitPanel(Way),
    /// The panel and those in its tabs get larger to the right and downward, smaller to the left and upward.
    ResizePanel(Way),
    ImportRegions,
    OpenBatch,
    NewSession,
    CopyCommandLine,
    Export,
    Tour,
    Quit,
    Show(Pane),
}

/// A row of the table.
pub(crate) struct Shortcut {
    /// What it does.
    pub(crate) action: Action,
    /// That in words.
    pub(crate) name: &'static str,
    /// The key, if it has one.
    pub(crate) key: Option<KeyboardShortcut>,
    /// Another key that does the same.
    other: Option<KeyboardShortcut>,
}

impl Shortcut {
    const fn or(self, key: KeyboardShortcut) -> Self {
        Self { other: Some(key), ..self }
    }

    fn keys(&self) -> impl Iterator<Item = KeyboardShortcut> {
        self.key.into_iter().chain(self.other)
    }

    /// Its first key, as it is written on the keyboard.
    pub(crate) fn key_text(&self, ctx: &Context) -> String {
        self.key.map_or_else(String::new, |key| key_text(ctx, key))
    }

    /// All its keys.
    pub(crate) fn keys_text(&self, ctx: &Context) -> String {
        self.keys().map(|key| key_text(ctx, key)).collect::<Vec<_>>().join(", ")
    }
}

fn key_text(ctx: &Context, key: KeyboardShortcut) -> String {
    let sign = key.logical_key.symbol_or_name();
    match ctx.format_modifiers(key.modifiers) {
        plain if plain.is_empty() => sign.to_owned(),
        modifiers => format!("{modifiers}+{sign}"),
    }
}

const fn plain(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::NONE, key)
}

const fn command(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::COMMAND, key)
}

const fn shift_command(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::COMMAND.plus(Modifiers::SHIFT), key)
}

const fn alt(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::ALT, key)
}

const fn shift_alt(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::ALT.plus(Modifiers::SHIFT), key)
}

const fn row(action: Action, name: &'static str, key: Option<KeyboardShortcut>) -> Shortcut {
    Shortcut { action, name, key, other: None }
}

/// All of them.
pub(crate) const TABLE: [Shortcut; 58] = [
    row(Action::OpenPicture, "Open a picture", Some(command(Key::O))),
    row(Action::FocusQuestion, "Type a question", Some(command(Key::L))),
    row(Action::Stop, "Stop the answer", Some(plain(Key::Escape))),
    row(Action::Undo, "Undo arranging", Some(command(Key::Z))),
    row(Action::Redo, "Redo arranging", Some(command(Key::Y))).or(shift_command(Key::Z)),
    row(Action::Palette, "Command palette", Some(command(Key::P))),
    row(Action::Help, "Keys", Some(plain(Key::Questionmark))),
    row(Action::NextWord, "Next word or token", Some(plain(Key::ArrowRight))),
    row(Action::PreviousWord, "Previous word or token", Some(plain(Key::ArrowLeft))),
    row(Action::NextLayer, "Next layer alone", Some(plain(Key::ArrowDown))),
    row(Action::PreviousLayer, "Previous layer alone", Some(plain(Key::ArrowUp))),
    row(Action::NextHead, "Next head alone", Some(plain(Key::CloseBracket))),
    row(Action::PreviousHead, "Previous head alone", Some(plain(Key::OpenBracket))),
    row(Action::AllLayers, "Mean of all layers and heads", Some(plain(Key::A))),
    row(Action::OtherMap, "Looks at / read by", Some(plain(Key::M))),
    row(Action::ToggleScale, "Own scale / shared scale", Some(plain(Key::S))),
    row(Action::ToggleSinks, "Maps with / without sinks", Some(plain(Key::X))),
    row(Action::ToggleSmooth, "Smooth map / patches", Some(plain(Key::F))),
    row(Action::ToggleGrid, "Borders of patches", Some(plain(Key::G))),
    row(Action::ToggleRegions, "Outlines of regions", Some(plain(Key::R))),
    row(Action::ImportRegions, "Import regions", Some(command(Key::I))),
    row(Action::OpenBatch, "Open a batch result", Some(command(Key::B))),
    row(Action::Light, "Light / dark", Some(command(Key::D))),
    row(Action::Larger, "Everything larger", Some(command(Key::Plus))).or(command(Key::Equals)),
    row(Action::Smaller, "Everything smaller", Some(command(Key::Minus))),
    row(Action::UsualSize, "Everything in its usual size", Some(command(Key::Num0))),
    row(Action::ResizePanel(Way::Right), "Panel wider", Some(alt(Key::ArrowRight))),
    row(Action::ResizePanel(Way::Left), "Panel narrower", Some(alt(Key::ArrowLeft))),
    row(Action::ResizePanel(Way::Down), "Panel taller", Some(alt(Key::ArrowDown))),
    row(Action::ResizePanel(Way::Up), "Panel less tall", Some(alt(Key::ArrowUp))),
    row(Action::MovePanel(Way::Left), "Panel to the left", Some(shift_alt(Key::ArrowLeft))),
    row(Action::MovePanel(Way::Right), "Panel to the right", Some(shift_alt(Key::ArrowRight))),
    row(Action::MovePanel(Way::Up), "Panel upward", Some(shift_alt(Key::ArrowUp))),
    row(Action::MovePanel(Way::Down), "Panel downward", Some(shift_alt(Key::ArrowDown))),
    row(Action::SplitPanel(Way::Down), "Panel off its tabs, below", Some(alt(Key::Enter))),
    row(Action::SplitPanel(Way::Right), "Panel off its tabs, beside", Some(shift_alt(Key::Enter))),
    row(Action::ResetPanels, "Panels as at first", None),
    row(Action::Tour, "Show the tour", None),
    row(Action::NewSession, "New session", Some(command(Key::N))),
    row(Action::CopyCommandLine, "Copy this view as a command line", None),
    row(Action::Export, "Export…", Some(command(Key::E))),
    row(Action::Quit, "Quit", Some(command(Key::Q))),
    row(Action::Show(Pane::Knockout), "Show: Knock-out", Some(plain(Key::K))),
    row(Action::Show(Pane::Difference), "Show: Difference", Some(plain(Key::C))),
    row(Action::Show(Pane::Batch), "Show: Batch", Some(plain(Key::B))),
    row(Action::Show(Pane::Sessions), "Show: Sessions", None),
    row(Action::Show(Pane::Picture), "Show: Picture", Some(plain(Key::Num1))),
    row(Action::Show(Pane::Words), "Show: Question and answer", Some(plain(Key::Num2))),
    row(Action::Show(Pane::Heads), "Show: Layers × heads", Some(plain(Key::Num3))),
    row(Action::Show(Pane::Mask), "Show: Mask", Some(plain(Key::Num4))),
    row(Action::Show(Pane::Latents), "Show: Latents", None),
    row(Action::Show(Pane::Sinks), "Show: Sinks", None),
    row(Action::Show(Pane::Compare), "Show: Compare", Some(plain(Key::Num5))),
    row(Action::Show(Pane::Buckets), "Show: By bucket", Some(plain(Key::Num6))),
    row(Action::Show(Pane::Mass), "Show: By layer", Some(plain(Key::Num7))),
    row(Action::Show(Pane::Entities), "Show: Regions × words", Some(plain(Key::Num0))),
    row(Action::Show(Pane::Regions), "Show: Regions", Some(plain(Key::Num8))),
    row(Action::Show(Pane::Runs), "Show: Runs", Some(plain(Key::Num9))),
];

/// What has the keyboard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Keyboard {
    /// Nothing: all keys are of the window.
    #[default]
    Free,
    /// A control, which goes on with arrows.
    Control,
    /// A field that is typed into.
    Text,
}

impl Keyboard {
    /// As it is now.
    pub(crate) fn of(ctx: &Context) -> Self {
        match ctx.memory(|memory| memory.focused().is_some()) {
            false => Self::Free,
            true if ctx.text_edit_focused() => Self::Text,
            true => Self::Control,
        }
    }

    /// Whether a key of the table is meant for the window.
    fn leaves(self, action: Action, key: KeyboardShortcut) -> bool {
        let has_command = key.modifiers.command;
        match self {
            Self::Free => true,
            Self::Control => has_command || key.modifiers.alt || !is_arrow(key.logical_key),
            // A field has an undo of its own.
            Self::Text => has_command && !matches!(action, Action::Undo | Action::Redo),
        }
    }
}

/// What was pressed. Escape is told, and left to whatever it closes; an open menu keeps it, and all plain
/// keys, for itself.
pub(crate) fn pressed(ctx: &Context) -> Vec<Action> {
    let (keyboard, has_menu) = (Keyboard::of(ctx), Popup::is_any_open(ctx));
    let counts = |action: Action, key: &KeyboardShortcut| {
        keyboard.leaves(action, *key) && (!has_menu || key.modifiers.command)
    };
    let mut found = Vec::new();
    for shortcut in &TABLE {
        if shortcut.action == Action::Stop {
            let is_pressed = shortcut
                .keys()
                .any(|key| ctx.input(|i| i.events.iter().any(|event| is_press_of(event, key))));
            found.extend((is_pressed && !has_menu).then_some(Action::LetGo));
            continue;
        }
        for key in shortcut.keys().filter(|key| counts(shortcut.action, key)) {
            if ctx.input_mut(|i| consume(i, key)) {
                found.push(shortcut.action);
            }
        }
    }
    found
}

fn is_arrow(key: Key) -> bool {
    matches!(key, Key::ArrowUp | Key::ArrowDown | Key::ArrowLeft | Key::ArrowRight)
}

/// Letters, arrows and Enter mean something else with Shift or Alt; a sign may need one of them on some
/// keyboards.
fn is_press_of(event: &Event, wanted: KeyboardShortcut) -> bool {
    let Event::Key { key, pressed: true, modifiers, .. } = event else { return false };
    let name = key.name();
    let is_letter = name.len() == 1 && name.bytes().all(|byte| byte.is_ascii_alphabetic());
    let is_held = if is_letter || is_arrow(*key) || *key == Key::Enter {
        modifiers.matches_exact(wanted.modifiers)
    } else {
        modifiers.matches_logically(wanted.modifiers)
    };
    *key == wanted.logical_key && is_held
}

fn consume(input: &mut egui::InputState, key: KeyboardShortcut) -> bool {
    let before = input.events.len();
    input.events.retain(|event| !is_press_of(event, key));
    input.events.len() < before
}
