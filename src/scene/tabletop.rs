//! A scene: things on a table, and how each stands there.

use serde::{Deserialize, Serialize};

use super::{
    background::Background, kind::Kind, palette::PlateColor, silhouette::Silhouette, split::Split,
};

/// Diameter of a plate as a multiple of the size of the thing on it.
pub const PLATE_DIAMETER: f32 = 1.25;

/// How far a thing reaches from its middle at most, as a multiple of its size.
pub(super) const REACH: f32 = 0.58;

/// A table and the things on it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scene {
    /// The part of the world that the scene belongs to.
    pub split: Split,
    /// The things, those at the back first.
    pub things: Vec<Thing>,
    /// The table.
    pub background: Background,
}

/// One thing on the table.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Thing {
    /// What it is.
    pub kind: Kind,
    /// The plate it stands on, if it stands on one.
    pub plate: Option<PlateColor>,
    /// Its middle, from left and from top, as parts of the picture's side.
    pub center: [f32; 2],
    /// Its diameter without the plate, as a part of the picture's side.
    pub size: f32,
    /// How far it is turned clockwise, in radians.
    pub angle: f32,
}

impl Thing {
    /// The radius of the plate as a part of the picture's side.
    pub fn plate_radius(&self) -> f32 {
        self.size * PLATE_DIAMETER / 2.0
    }

    /// How far thing and plate reach from the middle.
    pub(super) fn reach(&self) -> f32 {
        if self.plate.is_some() { self.plate_radius() } else { self.size * REACH }
    }

    /// Where a point of the picture lies in the icon's own square, from -0.5 to 0.5.
    pub(super) fn to_icon(self, [x, y]: [f32; 2]) -> [f32; 2] {
        let [cos, sin] = turn(self.angle);
        let (dx, dy) = ((x - self.center[0]) / self.size, (y - self.center[1]) / self.size);
        [cos * dx + sin * dy, cos * dy - sin * dx]
    }

    /// Where a point of the icon's own square lies in the picture.
    pub(super) fn to_picture(self, [x, y]: [f32; 2]) -> [f32; 2] {
        let [cos, sin] = turn(self.angle);
        [
            self.center[0] + self.size * (cos * x - sin * y),
            self.center[1] + self.size * (cos * y + sin * x),
        ]
    }

    /// Whether the thing or its plate hides what lies at a point.
    pub(super) fn hides(&self, point: [f32; 2]) -> bool {
        let (dx, dy) = (point[0] - self.center[0], point[1] - self.center[1]);
        let squared = dx * dx + dy * dy;
        let radius = self.reach();
        if squared > radius * radius {
            return false;
        }
        let [x, y] = self.to_icon(point);
        self.plate.is_some() || Silhouette::of(self.kind).covers(x, y)
    }
}

/// Cosine and sine of a small angle.
///
/// Made of products and sums alone, which are the same on every machine; a system's own functions
/// need not be. The error is below 1e-6 for angles under 0.45.
pub(super) fn turn(angle: f32) -> [f32; 2] {
    let square = angle * angle;
    let cos = 1.0 - square / 2.0 * (1.0 - square / 12.0 * (1.0 - square / 30.0));
    let sin = angle * (1.0 - square / 6.0 * (1.0 - square / 20.0 * (1.0 - square / 42.0)));
    [cos, sin]
}
