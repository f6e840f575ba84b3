//! Remembered results, by what they follow from.

use std::{cell::RefCell, collections::VecDeque, fmt, sync::Arc};

/// The last results, by key; the oldest is forgotten first.
pub(super) struct Memo<K, V> {
    kept: RefCell<VecDeque<(K, Arc<V>)>>,
    most: usize,
}

impl<K, V> fmt::Debug for Memo<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Memo of {}", self.kept.borrow().len())
    }
}

impl<K: PartialEq, V> Memo<K, V> {
    /// Keeps as many as `most`.
    pub(super) fn new(most: usize) -> Self {
        Self { kept: RefCell::new(VecDeque::new()), most }
    }

    /// The remembered result.
    pub(super) fn peek(&self, key: &K) -> Option<Arc<V>> {
        self.kept.borrow().iter().find(|(k, _)| k == key).map(|(_, v)| Arc::clone(v))
    }

    /// The remembered result, or a new one.
    pub(super) fn get(&self, key: K, make: impl FnOnce() -> V) -> Arc<V> {
        self.peek(&key).unwrap_or_else(|| {
            let made = Arc::new(make());
            let mut kept = self.kept.borrow_mut();
            if kept.len() >= self.most {
                kept.pop_front();
            }
            kept.push_back((key, Arc::clone(&made)));
            made
        })
    }
}

/// A shared value that is compared by being the very same one, since comparing its content would cost
/// more than what is remembered.
#[derive(Debug)]
pub(super) struct Same<T>(pub(super) Arc<T>);

impl<T> PartialEq for Same<T> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}
