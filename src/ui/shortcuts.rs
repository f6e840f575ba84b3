//! Keys: one table, from which the window acts, the help is written and the palette is filled.

use egui::{Key, KeyboardShortcut, Modifiers};

use super::layout::Pane;

/// Something a key does that is not tied to a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    OpenPicture,
    FocusQuestion,
    Stop,
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
    ResetPanels,
    ImportRegions,
    OpenBatch,
    NewSession,
    CopyCommandLine,
    Export,
    Tour,
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
}

const fn plain(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::NONE, key)
}

const fn command(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::COMMAND, key)
}

const fn row(action: Action, name: &'static str, key: Option<KeyboardShortcut>) -> Shortcut {
    Shortcut { action, name, key }
}

/// All of them.
pub(crate) const TABLE: [Shortcut; 46] = [
    row(Action::OpenPicture, "Open a picture", Some(command(Key::O))),
    row(Action::FocusQuestion, "Type a question", Some(command(Key::L))),
    row(Action::Stop, "Stop the answer", Some(plain(Key::Escape))),
    row(Action::Undo, "Undo arranging", Some(command(Key::Z))),
    row(Action::Redo, "Redo arranging", Some(command(Key::Y))),
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
    row(Action::Larger, "Everything larger", Some(command(Key::Plus))),
    row(Action::Smaller, "Everything smaller", Some(command(Key::Minus))),
    row(Action::ResetPanels, "Panels as at first", None),
    row(Action::Tour, "Show the tour", None),
    row(Action::NewSession, "New session", Some(command(Key::N))),
    row(Action::CopyCommandLine, "Copy this view as a command line", None),
    row(Action::Export, "Export…", Some(command(Key::E))),
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

/// What was pressed. While somebody types, only keys with Ctrl, and Escape, count.
pub(crate) fn pressed(ctx: &egui::Context) -> Vec<Action> {
    let is_typing = ctx.egui_wants_keyboard_input();
    let counts = |key: &KeyboardShortcut| {
        !is_typing || key.modifiers.command || key.logical_key == Key::Escape
    };
    let mut found = Vec::new();
    for shortcut in &TABLE {
        if let Some(key) = shortcut.key.filter(counts)
            && ctx.input_mut(|i| consume(i, key))
        {
            found.push(shortcut.action);
        }
    }
    found
}

/// `?` needs Shift on many keyboards.
fn consume(input: &mut egui::InputState, key: KeyboardShortcut) -> bool {
    let with_shift = KeyboardShortcut::new(Modifiers::SHIFT, key.logical_key);
    input.consume_shortcut(&key)
        || (key.logical_key == Key::Questionmark && input.consume_shortcut(&with_shift))
}
