//! An instrument that looks inside a multimodal language model.
//!
//! It runs AKI, the models of "Seeing is Understanding: Unlocking Causal Attention into
//! Modality-Mutual Attention" (arXiv 2503.02597), on Burn, and records the attention of the very
//! pass that produced an answer. Floors, each importing only lower ones:
//!
//! ```text
//! floor 5  cli                                   flags, printing, exit codes
//! floor 4  app                                   use cases
//! floor 2  inference                             one question, one run
//! floor 1  vision  text  regions  analysis  scene  model  export  session  benchmark  hub  rooms with one job each
//! floor 0  domain                                the words everyone uses
//! ```

pub mod domain;

pub mod analysis;
pub mod benchmark;
pub mod export;
pub mod hub;
pub mod model;
pub mod regions;
pub mod scene;
pub mod session;
pub mod text;
pub mod vision;

pub mod inference;
pub mod train;

pub mod eval;

pub mod app;

pub mod cli;
pub mod ui;
