//! Undo by whole values: a point is kept when a value has stood still for a while.

use std::time::{Duration, Instant};

/// How long a value must stand still to become a point.
const STABLE: Duration = Duration::from_millis(500);
/// As many points as are kept.
const MOST: usize = 200;

/// The values that were, and those that were undone.
#[derive(Clone, Debug)]
pub struct History<T> {
    before: Vec<T>,
    after: Vec<T>,
    /// The last point.
    now: T,
    /// A value that differs from it, and since when.
    moving: Option<(T, Instant)>,
}

impl<T: Clone + PartialEq> History<T> {
    /// A history that begins here.
    pub fn new(value: T) -> Self {
        Self { before: Vec::new(), after: Vec::new(), now: value, moving: None }
    }

    /// Tells what the value is; true where it has to be told again once it may stand still.
    pub fn observe(&mut self, value: &T, at: Instant) -> bool {
        if *value == self.now {
            self.moving = None;
            return false;
        }
        match &self.moving {
            Some((seen, since)) if seen == value => {
                if at.duration_since(*since) >= STABLE {
                    self.keep(value.clone());
                    return false;
                }
            }
            _ => self.moving = Some((value.clone(), at)),
        }
        true
    }

    fn keep(&mut self, value: T) {
        self.before.push(std::mem::replace(&mut self.now, value));
        if self.before.len() > MOST {
            self.before.remove(0);
        }
        self.after.clear();
        self.moving = None;
    }

    /// The value before the last point, if there is one. What has not stood still yet is kept first.
    pub fn undo(&mut self, value: &T) -> Option<T> {
        if *value != self.now {
            self.keep(value.clone());
        }
        let before = self.before.pop()?;
        self.after.push(std::mem::replace(&mut self.now, before));
        self.moving = None;
        Some(self.now.clone())
    }

    /// The value that was undone last, if nothing was changed since.
    pub fn redo(&mut self, value: &T) -> Option<T> {
        if *value != self.now {
            return None;
        }
        let after = self.after.pop()?;
        self.before.push(std::mem::replace(&mut self.now, after));
        self.moving = None;
        Some(self.now.clone())
    }

    /// Whether there is something to undo.
    pub fn can_undo(&self, value: &T) -> bool {
        !self.before.is_empty() || *value != self.now
    }

    /// Whether there is something to redo.
    pub fn can_redo(&self) -> bool {
        !self.after.is_empty()
    }
}
