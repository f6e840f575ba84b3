//! An instrument that runs AKI, records its attention, and shows what the model looked at.
pub mod domain;
