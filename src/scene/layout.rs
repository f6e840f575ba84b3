//! Which things a scene has, and where they stand.

use rand::{Rng, RngExt as _, SeedableRng as _, seq::SliceRandom as _};
use rand_chacha::ChaCha8Rng;

use super::{
    background::Background,
    chance::{between, chance, pick, weighted},
    kind::{Kind, is_held_out},
    palette::PlateColor,
    silhouette::Silhouette,
    split::Split,
    tabletop::{PLATE_DIAMETER, Scene, Thing},
};

/// The part of each thing that must stay visible. The silhouettes are coarse, so that this is more
/// than the 65 % that hold of a drawing.
const VISIBLE: f32 = 0.74;
/// The part of each plate's rim that must stay visible.
const RIM_VISIBLE: f32 = 0.6;
/// Weights of 2, 3, .. 8 things.
const NUMBERS: [u32; 7] = [14, 20, 20, 18, 14, 8, 6];
const SMALLEST: f32 = 0.17;
/// The largest size in scenes of 2, 3, .. 8 things.
const LARGEST: [f32; 7] = [0.38, 0.38, 0.35, 0.32, 0.29, 0.26, 0.24];
/// The largest turn, 25 degrees.
const MAX_ANGLE: f32 = 25.0 * std::f32::consts::PI / 180.0;
const RIM_POINTS: usize = 24;

/// The scene of a place in a split.
pub(super) fn lay_out(split: Split, index: u64, seed: u64) -> Scene {
    let rng = &mut stream(split, index, seed, *b"tabletop");
    let background = Background::choose(rng);
    loop {
        let cast = choose_things(split, rng);
        if let Some(things) = place_all(&cast, rng) {
            return Scene { split, things, background };
        }
    }
}

/// The random stream of a scene, for a purpose.
///
/// The whole key names the scene, so that no two scenes share a stream.
pub(super) fn stream(split: Split, index: u64, seed: u64, purpose: [u8; 8]) -> ChaCha8Rng {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    key[8..16].copy_from_slice(&index.to_le_bytes());
    key[16] = split as u8;
    key[24..].copy_from_slice(&purpose);
    ChaCha8Rng::from_seed(key)
}

/// Kinds and plates, in random order.
fn choose_things(split: Split, rng: &mut impl Rng) -> Vec<(Kind, Option<PlateColor>)> {
    let n = 2 + weighted(&NUMBERS, rng);
    let mut others: Vec<Kind> = Kind::all().collect();
    others.shuffle(rng);
    let mut kinds = Vec::with_capacity(n);
    // Counting needs several of a kind.
    if chance(60, rng) {
        let several = rng.random_range(2..=n.min(5));
        kinds.extend(others.pop().into_iter().cycle().take(several));
    }
    if !kinds.is_empty() && kinds.len() + 3 < n && chance(50, rng) {
        kinds.extend(others.pop().into_iter().cycle().take(2));
    }
    let missing = n - kinds.len();
    kinds.extend(others.into_iter().take(missing));
    kinds.shuffle(rng);
    let favorite = pick(&PlateColor::ALL, rng);
    kinds.into_iter().map(|kind| (kind, choose_plate(split, kind, favorite, rng))).collect()
}

/// A plate or none; the scene's favorite color comes more often, so that plates can be counted too.
fn choose_plate(
    split: Split,
    kind: Kind,
    favorite: PlateColor,
    rng: &mut impl Rng,
) -> Option<PlateColor> {
    if !chance(60, rng) {
        return None;
    }
    let may_be = |color: PlateColor| split != Split::Train || !is_held_out(kind, color);
    if chance(30, rng) && may_be(favorite) {
        return Some(favorite);
    }
    loop {
        let color = pick(&PlateColor::ALL, rng);
        if may_be(color) {
            return Some(color);
        }
    }
}

/// A thing and what of it is still seen.
struct Placed {
    thing: Thing,
    body: Vec<[f32; 2]>,
    n_body: usize,
    rim: Vec<[f32; 2]>,
}

impl Placed {
    fn new(thing: Thing) -> Self {
        let points = Silhouette::of(thing.kind).points();
        let body: Vec<_> = points.map(|point| thing.to_picture(point)).collect();
        let n_body = body.len();
        let rim = if thing.plate.is_some() { rim_of(&thing) } else { Vec::new() };
        Self { thing, body, n_body, rim }
    }

    /// Whether enough stays visible when `front` is put before it.
    fn survives(&self, front: &Thing) -> bool {
        let seen = |points: &[[f32; 2]]| points.iter().filter(|p| !front.hides(**p)).count();
        seen(&self.body) as f32 >= VISIBLE * self.n_body as f32
            && (self.rim.is_empty() || seen(&self.rim) as f32 >= RIM_VISIBLE * RIM_POINTS as f32)
    }

    fn put_behind(&mut self, front: &Thing) {
        self.body.retain(|point| !front.hides(*point));
        self.rim.retain(|point| !front.hides(*point));
    }
}

/// Points of the plate's rim, outside of what its own thing hides.
fn rim_of(thing: &Thing) -> Vec<[f32; 2]> {
    let radius = thing.size * PLATE_DIAMETER / 2.0 * 0.96;
    // A walk around a square, drawn out to the circle: no sine, for the sake of exactness.
    let on_square = |k: usize| {
        let along = (k % 6) as f32 / 3.0 - 1.0;
        [[along, -1.0], [1.0, along], [-along, 1.0], [-1.0, -along]][k / 6]
    };
    let point = |k: usize| {
        let [x, y] = on_square(k);
        let length = (x * x + y * y).sqrt();
        [thing.center[0] + radius * x / length, thing.center[1] + radius * y / length]
    };
    (0..RIM_POINTS).map(point).collect()
}

fn place_all(cast: &[(Kind, Option<PlateColor>)], rng: &mut impl Rng) -> Option<Vec<Thing>> {
    let largest = LARGEST[cast.len() - 2];
    // Most tables are tidy; on the others things may stand before one another from the first try.
    let tidy_tries = if chance(65, rng) { 30 } else { 0 };
    let mut placed: Vec<Placed> = Vec::with_capacity(cast.len());
    for (kind, plate) in cast {
        let mut size = between(SMALLEST, largest, rng);
        let angle = between(-MAX_ANGLE, MAX_ANGLE, rng);
        let fits = |tried: usize, size: f32, rng: &mut _| {
            let thing = try_place(*kind, *plate, size, angle, rng);
            let is_apart = placed.iter().all(|other| is_apart(&other.thing, &thing));
            let is_fine = is_apart
                || tried >= tidy_tries && placed.iter().all(|other| other.survives(&thing));
            is_fine.then_some(thing)
        };
        let thing = (0..60).find_map(|tried| {
            if tried % 12 == 11 {
                size = (size * 0.85).max(SMALLEST);
            }
            fits(tried, size, rng)
        })?;
        for other in &mut placed {
            other.put_behind(&thing);
        }
        placed.push(Placed::new(thing));
    }
    Some(placed.into_iter().map(|placed| placed.thing).collect())
}

/// A thing somewhere on the table, wholly inside of the picture.
fn try_place(
    kind: Kind,
    plate: Option<PlateColor>,
    size: f32,
    angle: f32,
    rng: &mut impl Rng,
) -> Thing {
    let mut thing = Thing { kind, plate, center: [0.0; 2], size, angle };
    let margin = thing.reach() + 0.01;
    thing.center = [between(margin, 1.0 - margin, rng), between(margin, 1.0 - margin, rng)];
    thing
}

fn is_apart(a: &Thing, b: &Thing) -> bool {
    let (dx, dy) = (a.center[0] - b.center[0], a.center[1] - b.center[1]);
    let distance = 0.97 * (a.reach() + b.reach());
    dx * dx + dy * dy >= distance * distance
}
