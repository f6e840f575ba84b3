//! The door to the tabletop: scenes by number, and their pictures.

use std::sync::OnceLock;

use super::{
    ask::{Question, QuestionKind},
    draw::{self, Drawing},
    kind::Kind,
    layout,
    split::Split,
    sprite::Sprite,
    tabletop::Scene,
};

/// Everything that scenes are drawn from.
#[derive(Debug)]
pub struct World {
    sprites: Vec<OnceLock<Sprite>>,
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

impl World {
    /// A world whose icons are drawn when first needed.
    pub fn new() -> Self {
        Self { sprites: Kind::all().map(|_| OnceLock::new()).collect() }
    }

    /// The scene at a place of a split, in the world of a seed: the same on every machine.
    pub fn scene(&self, split: Split, index: u64, seed: u64) -> Scene {
        layout::lay_out(split, index, seed)
    }

    /// One question of every kind that the scene at a place of a split allows: always the same.
    pub fn questions(&self, split: Split, index: u64, seed: u64) -> Vec<Question> {
        let scene = self.scene(split, index, seed);
        let rng = &mut layout::stream(split, index, seed, *b"question");
        QuestionKind::ALL.into_iter().filter_map(|kind| scene.ask(kind, rng)).collect()
    }

    /// The picture of a scene, and which thing each pixel shows.
    ///
    /// Pictures of different sides show the same: a larger one, averaged down, is the smaller one
    /// but for small differences at edges. The last bit of a color may differ between machines.
    ///
    /// # Shapes
    /// `rgb`: `[side, side, 3]`; `owner`, `plate_owner`: `[side, side]`.
    pub fn draw(&self, scene: &Scene, side: u32) -> Drawing {
        draw::draw(scene, side, |kind| self.sprite(kind))
    }

    fn sprite(&self, kind: Kind) -> &Sprite {
        self.sprites[kind.index()].get_or_init(|| Sprite::of(kind))
    }
}
