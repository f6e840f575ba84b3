//! Answers found from a question's words and the scene without the code that asked.

use aki_lens::scene::{Kind, PlateColor, Question, QuestionKind, Scene, Thing};

use super::NUMBERS;

/// A question's words beside the scene they are about.
pub(super) struct Reading<'a> {
    scene: &'a Scene,
    text: &'a str,
    words: Vec<&'a str>,
    named: Vec<Kind>,
    color: Option<PlateColor>,
}

impl<'a> Reading<'a> {
    fn new(scene: &'a Scene, question: &'a Question) -> Self {
        let text = question.text.lines().next().unwrap();
        let words: Vec<&str> =
            text.split([' ', '?', '.', ',']).filter(|word| !word.is_empty()).collect();
        let named = words.iter().filter_map(|word| Kind::named(word)).collect();
        let color = PlateColor::ALL.into_iter().find(|color| words.contains(&color.name()));
        Self { scene, text, words, named, color }
    }

    fn has(&self, word: &str) -> bool {
        self.words.contains(&word)
    }

    fn things(&self, is_meant: impl Fn(&&Thing) -> bool) -> Vec<Thing> {
        self.scene.things.iter().filter(is_meant).copied().collect()
    }

    /// The only thing of the named kind at a place among the names.
    fn only(&self, place: usize) -> Thing {
        let found = self.things(|t| t.kind == self.named[place]);
        assert_eq!(found.len(), 1, "{}", self.text);
        found[0]
    }

    fn counted(&self) -> usize {
        match self.color {
            Some(color) => self.things(|t| t.plate == Some(color)).len(),
            None if self.has("things") => self.scene.things.len(),
            None => {
                let kind = Kind::all().find(|kind| self.has(kind.plural())).unwrap();
                self.things(|t| t.kind == kind).len()
            }
        }
    }

    /// Where one thing is, seen from another, by their places among the names.
    fn side(&self, thing: usize, other: usize) -> &'static str {
        let (a, b) = (self.only(thing), self.only(other));
        let (dx, dy) = (a.center[0] - b.center[0], a.center[1] - b.center[1]);
        let (long, short) = (dx.abs().max(dy.abs()), dx.abs().min(dy.abs()));
        assert!(long >= 0.14 && long >= 1.7 * short, "{}: {dx} {dy}", self.text);
        match (dx.abs() > dy.abs(), dx > 0.0, dy > 0.0) {
            (true, false, _) => "left",
            (true, true, _) => "right",
            (false, _, false) => "above",
            (false, _, true) => "below",
        }
    }

    /// Whether the first thing named is bigger than the second.
    fn first_is_bigger(&self) -> bool {
        let [a, b] = [self.only(0).size, self.only(1).size];
        assert!(a.max(b) / a.min(b) >= 1.3, "{}", self.text);
        a > b
    }

    fn is_true(&self) -> bool {
        if let Some(n) = NUMBERS.iter().position(|number| self.has(number)) {
            self.counted() == n
        } else if self.color.is_some() {
            self.only(0).plate == self.color
        } else if self.has("bigger") || self.has("smaller") {
            self.first_is_bigger() == self.has("bigger")
        } else {
            self.has(self.side(0, 1))
        }
    }
}

/// The answer to a question, found from its words and the scene alone.
pub(super) fn answer_of(scene: &Scene, question: &Question) -> String {
    let reading = Reading::new(scene, question);
    let yes_no = |is: bool| if is { "yes" } else { "no" };
    let name = match question.kind {
        QuestionKind::Existence => {
            let is_meant = |t: &&Thing| reading.color.is_none() || t.plate == reading.color;
            let found = reading.things(|t| t.kind == reading.named[0] && is_meant(t));
            yes_no(!found.is_empty())
        }
        QuestionKind::Counting => NUMBERS[reading.counted()],
        QuestionKind::Relation => {
            // "Seen from the cup, where is the dog?" names the cup first.
            let is_swapped = ["Seen", "In"].contains(&reading.words[0]);
            if is_swapped { reading.side(1, 0) } else { reading.side(0, 1) }
        }
        QuestionKind::Beside => {
            let ways = ["left", "right", "above", "below"];
            let to = ways.into_iter().find(|way| reading.has(way)).unwrap();
            nearest(scene, reading.only(0), to)
        }
        QuestionKind::Color if reading.color.is_some() => {
            let on = reading.things(|t| t.plate == reading.color);
            assert_eq!(on.len(), 1, "{}", reading.text);
            on[0].kind.name()
        }
        QuestionKind::Color => reading.only(0).plate.unwrap().name(),
        QuestionKind::Size => {
            let first = reading.first_is_bigger() == reading.has("bigger");
            reading.named[usize::from(!first)].name()
        }
        QuestionKind::Listing => {
            let mut things = scene.things.clone();
            things.sort_by(|a, b| a.center[0].total_cmp(&b.center[0]));
            let mut names: Vec<&str> = Vec::new();
            for thing in things {
                if !names.contains(&thing.kind.name()) {
                    names.push(thing.kind.name());
                }
            }
            return names.join(", ");
        }
        QuestionKind::YesNo => yes_no(reading.is_true()),
        QuestionKind::MultipleChoice => unreachable!("answered by its base"),
    };
    name.to_owned()
}

pub(super) fn nearest(scene: &Scene, from: Thing, to: &str) -> &'static str {
    let mut found: Vec<(f32, &'static str)> = Vec::new();
    for thing in &scene.things {
        let (dx, dy) = (thing.center[0] - from.center[0], thing.center[1] - from.center[1]);
        let (along, across) = match to {
            "left" => (-dx, dy.abs()),
            "right" => (dx, dy.abs()),
            "above" => (-dy, dx.abs()),
            _ => (dy, dx.abs()),
        };
        if along >= 0.14 && along >= 1.7 * across {
            found.push((dx.hypot(dy), thing.kind.name()));
        }
    }
    found.sort_by(|a, b| a.0.total_cmp(&b.0));
    assert!(found.len() == 1 || found[1].0 > 1.2 * found[0].0);
    found[0].1
}
