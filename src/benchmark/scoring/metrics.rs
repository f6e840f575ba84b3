//! Named numbers in an order of their own.

use serde::{Serialize, Serializer, ser::SerializeMap as _};

/// One number, or several under a name.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Metric {
    /// A score; none where nothing was there to be averaged.
    Value(Option<f64>),
    /// A number of rows.
    Count(usize),
    /// A name.
    Text(String),
    /// A part's own.
    Part(Metrics),
}

/// Metrics by name, in the order in which they should be read.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Metrics(Vec<(String, Metric)>);

impl Metrics {
    /// Sets a metric; one of the same name is replaced where it stands.
    pub fn set(&mut self, name: impl Into<String>, metric: Metric) {
        let name = name.into();
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = metric,
            None => self.0.push((name, metric)),
        }
    }

    /// A metric by its name.
    pub fn get(&self, name: &str) -> Option<&Metric> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, metric)| metric)
    }

    /// All, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Metric)> {
        self.0.iter().map(|(name, metric)| (name.as_str(), metric))
    }
}

impl<const N: usize> From<[(&str, Metric); N]> for Metrics {
    fn from(metrics: [(&str, Metric); N]) -> Self {
        Self(metrics.map(|(name, metric)| (name.to_owned(), metric)).into())
    }
}

impl Serialize for Metrics {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, metric) in &self.0 {
            map.serialize_entry(name, metric)?;
        }
        map.end()
    }
}

/// The mean; none of nothing.
pub(super) fn mean(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let (sum, n) = values.into_iter().fold((0.0, 0_usize), |(sum, n), value| (sum + value, n + 1));
    (n > 0).then(|| sum / n as f64)
}

/// One for a hit, zero for a miss.
pub(super) fn number(hit: bool) -> f64 {
    f64::from(u8::from(hit))
}
