//! Which devices there are: looked for on a worker, once a person is about to choose.

use super::{
    job::Job,
    jobs::{DeviceChoice, DeviceReport},
    state::AppState,
    update::start,
};

/// What is known of them.
#[derive(Clone, Debug, Default)]
pub enum Devices {
    /// Nobody asked yet.
    #[default]
    Unknown,
    /// They are being looked for.
    Looking,
    /// Every kind of device, usable or not, best first.
    Found(Vec<DeviceReport>),
}

impl Devices {
    /// What can be asked for: the best, every kind of device, and every further card that was found.
    pub fn choices(&self) -> Vec<DeviceChoice> {
        let kinds =
            [DeviceChoice::Best, DeviceChoice::Cpu, DeviceChoice::Gpu, DeviceChoice::Cuda(0)];
        let found = if let Self::Found(found) = self { &found[..] } else { &[] };
        let found = found.iter().filter_map(|device| device.choice.parse().ok());
        let further = found.filter(|choice| !kinds.contains(choice));
        kinds.into_iter().chain(further).collect()
    }

    /// What was found of the device that a choice names; of the best, the one that would be taken.
    pub fn of(&self, choice: DeviceChoice) -> Option<&DeviceReport> {
        let Self::Found(found) = self else { return None };
        let name = match choice {
            DeviceChoice::Best => return found.iter().find(|device| device.unusable.is_none()),
            DeviceChoice::Cuda(0) => "cuda".to_owned(),
            other => other.to_string(),
        };
        found.iter().find(|device| device.choice == name)
    }

    /// Whether a choice is known to fail.
    pub fn is_missing(&self, choice: DeviceChoice) -> bool {
        self.of(choice).is_some_and(|device| device.unusable.is_some())
    }
}

/// Looks for devices, once.
pub(super) fn find_devices(state: &mut AppState) {
    if matches!(state.devices, Devices::Unknown) {
        state.devices = Devices::Looking;
        start(state, Job::FindDevices);
    }
}
