//! The rooms that read regions, built alone.

#[path = "../../src/domain/mod.rs"]
pub mod domain;
#[path = "../../src/regions/mod.rs"]
pub mod regions;
