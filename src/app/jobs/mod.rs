//! One file a use case.

mod ask;
mod model_name;
mod trace;

pub use self::{
    ask::{AnswerReport, Ask, ask},
    model_name::model_folder,
    trace::{Trace, trace},
};
pub use crate::{
    model::{ComputeDevice, DeviceChoice, DeviceReport, Dtype},
    session::write_whole,
};
