//! What a window remembers of its panels from one start to the next.

use std::collections::BTreeMap;

use aki_lens::ui::Shell;
use eframe::{App as _, Storage};
use egui::{Key, Modifiers, Pos2, Role};
use egui_kittest::{
    Harness, Node,
    kittest::{NodeT as _, Queryable as _},
};

use crate::{
    keys::{press, press_with},
    painter::Painter,
    pictures::{answered, window},
    pointing::drag_from,
};

const SIZE: [f32; 2] = [1280.0, 800.0];

/// What lies in a file between two starts.
#[derive(Clone, Default)]
struct Memory(BTreeMap<String, String>);

impl Storage for Memory {
    fn get_string(&self, key: &str) -> Option<String> {
        self.0.get(key).cloned()
    }

    fn set_string(&mut self, key: &str, value: String) {
        self.0.insert(key.to_owned(), value);
    }

    fn remove_string(&mut self, key: &str) {
        self.0.remove(key);
    }

    fn flush(&mut self) {}
}

fn left(harness: &mut Harness<'static, Shell>) -> Memory {
    let mut memory = Memory::default();
    harness.state_mut().save(&mut memory);
    memory
}

fn started_again(memory: Memory) -> Harness<'static, Shell> {
    let mut harness = Harness::builder()
        .with_size(SIZE)
        .with_max_steps(64)
        .renderer(Painter::default())
        .build_eframe(move |cc| {
            cc.storage = Some(Box::leak(Box::new(memory)));
            Shell::with_state(cc, answered())
        });
    harness.run_steps(8);
    harness
}

fn tab(harness: &Harness<'_, Shell>, title: &str) -> Pos2 {
    harness.get_by_role_and_label(Role::Button, title).rect().center()
}

/// Tabs of the upper right, from left to right.
fn order(harness: &Harness<'_, Shell>) -> Vec<&'static str> {
    let mut titles = vec!["Layers × heads", "Latents", "Sinks", "Mask"];
    titles.sort_by(|a, b| tab(harness, a).x.total_cmp(&tab(harness, b).x));
    titles
}

#[test]
fn tabs_and_panels_come_back_where_they_were_dragged_to() {
    let mut harness = window(answered(), SIZE);
    assert_eq!(order(&harness), ["Layers × heads", "Latents", "Sinks", "Mask"]);
    let (latents, mask) = (tab(&harness, "Latents"), tab(&harness, "Mask"));
    drag_from(&mut harness, latents, mask + egui::vec2(4.0, 0.0));
    // And one to the panels below.
    let (sinks, buckets) = (tab(&harness, "Sinks"), tab(&harness, "By bucket"));
    drag_from(&mut harness, sinks, buckets);
    let moved = order(&harness);
    assert_ne!(moved, ["Layers × heads", "Latents", "Sinks", "Mask"]);
    assert!(tab(&harness, "Sinks").y > tab(&harness, "Mask").y + 100.0);
    let places: Vec<Pos2> = moved.iter().map(|title| tab(&harness, title)).collect();

    let again = started_again(left(&mut harness));
    let found: Vec<Pos2> = moved.iter().map(|title| tab(&again, title)).collect();
    assert_eq!(found, places);
}

#[test]
fn panels_come_back_where_keys_put_them_and_none_is_ever_lost() {
    let mut harness = window(answered(), SIZE);
    let arrows = [Key::ArrowLeft, Key::ArrowDown, Key::ArrowRight, Key::ArrowUp];
    let shift_alt = Modifiers::ALT | Modifiers::SHIFT;
    for (i, panel) in [Key::Num3, Key::Num6, Key::Num1, Key::Num4, Key::Num2].iter().enumerate() {
        press(&mut harness, *panel);
        press(&mut harness, Key::Escape);
        for arrow in arrows.iter().cycle().skip(i).take(3) {
            press_with(&mut harness, shift_alt, *arrow);
            press_with(&mut harness, Modifiers::ALT, *arrow);
        }
        press_with(&mut harness, if i % 2 == 0 { shift_alt } else { Modifiers::ALT }, Key::Enter);
    }
    let places = |harness: &Harness<'_, Shell>| {
        // Tiles without a name are no panels.
        let named = |node: &Node<'_>| node.accesskit_node().label().is_some();
        let panes = harness.query_all_by(|node| node.role() == Role::Pane).filter(named);
        let place =
            |node: Node<'_>| format!("{:?} {:?}", node.accesskit_node().label(), node.rect());
        let mut places: Vec<String> = panes.map(place).collect();
        places.sort();
        places
    };
    assert!(places(&harness).len() > 4, "{:?}", places(&harness));
    let memory = left(&mut harness);
    let text: String = memory.0.values().map(String::as_str).collect();
    for pane in ["Picture", "Words", "Heads", "Mask", "Buckets", "Mass", "Sinks", "Sessions"] {
        assert_eq!(text.matches(&format!("Pane({pane})")).count(), 1, "{pane}");
    }
    let again = started_again(memory);
    assert_eq!(places(&again), places(&harness));
}

#[test]
fn panels_remembered_without_one_of_them_are_as_at_first() {
    let mut harness = window(answered(), SIZE);
    let (latents, mask) = (tab(&harness, "Latents"), tab(&harness, "Mask"));
    drag_from(&mut harness, latents, mask + egui::vec2(4.0, 0.0));
    let mut memory = left(&mut harness);
    for text in memory.0.values_mut() {
        assert!(text.contains("Pane(Batch)"), "{text}");
        *text = text.replace("Pane(Batch)", "Pane(Mask)");
    }
    let again = started_again(memory);
    assert_eq!(order(&again), ["Layers × heads", "Latents", "Sinks", "Mask"]);
    tab(&again, "Batch");
}
