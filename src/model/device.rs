//! Devices: what there is, what would be chosen and why, and opening one.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    str::FromStr,
};

use burn::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Dtype, error::ModelError, host::is_host};

/// A device as a person asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum DeviceChoice {
    /// The best that works.
    #[default]
    Best,
    /// An NVIDIA card through CUDA, by its number.
    Cuda(usize),
    /// Any graphics card through Vulkan, Metal or DirectX 12.
    Gpu,
    /// The processor.
    Cpu,
}

impl FromStr for DeviceChoice {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let unknown = || format!("unknown device \"{name}\": choose cuda, cuda:1, gpu or cpu");
        match name {
            "best" => Ok(Self::Best),
            "cuda" => Ok(Self::Cuda(0)),
            "gpu" => Ok(Self::Gpu),
            "cpu" => Ok(Self::Cpu),
            _ => {
                let index = name.strip_prefix("cuda:").ok_or_else(unknown)?;
                index.parse().ok().map(Self::Cuda).ok_or_else(unknown)
            }
        }
    }
}

impl fmt::Display for DeviceChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Best => f.write_str("best"),
            Self::Cuda(index) => write!(f, "cuda:{index}"),
            Self::Gpu => f.write_str("gpu"),
            Self::Cpu => f.write_str("cpu"),
        }
    }
}

impl From<DeviceChoice> for String {
    fn from(choice: DeviceChoice) -> Self {
        choice.to_string()
    }
}

impl TryFrom<String> for DeviceChoice {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        name.parse()
    }
}

/// Which backend computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceKind {
    /// CUDA.
    Cuda,
    /// wgpu.
    Gpu,
    /// Burn's `flex`, and our own products over mapped weights.
    Cpu,
}

/// An opened device.
#[derive(Clone, Debug)]
pub struct ComputeDevice {
    kind: DeviceKind,
    name: String,
    device: Device,
}

impl fmt::Display for ComputeDevice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// One device, or the reason why there is none of its kind.
#[derive(Clone, Debug)]
pub struct DeviceReport {
    /// What to pass to `--device`.
    pub choice: String,
    /// What it is.
    pub name: String,
    /// Why it cannot be used; `None` where it can.
    pub unusable: Option<String>,
}

/// A better device that was not taken.
#[derive(Clone, Debug)]
pub struct PassedOver {
    /// What to pass to `--device`.
    pub choice: &'static str,
    /// Why not.
    pub reason: String,
    /// Whether this program could have used it: if so, a person should be told.
    pub is_built_in: bool,
}

impl fmt::Display for PassedOver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.choice, self.reason)
    }
}

impl ComputeDevice {
    /// The processor; always there.
    pub fn cpu() -> Self {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let name = format!("cpu ({threads} threads, {})", simd_name());
        Self { kind: DeviceKind::Cpu, name, device: Device::flex() }
    }

    /// The processor with everything computed by Burn, as on a card, and gradients tracked.
    ///
    /// Slower than [`cpu`](Self::cpu), and the weights are held in memory.
    pub fn cpu_with_gradients() -> Self {
        let device = Device::flex().autodiff();
        Self { kind: DeviceKind::Cpu, name: "cpu, with gradients".to_owned(), device }
    }

    /// The same device with everything computed by Burn and gradients tracked.
    #[must_use]
    pub fn with_gradients(self) -> Self {
        let name = format!("{}, with gradients", self.name);
        Self { kind: self.kind, name, device: self.device.autodiff() }
    }

    /// The same device without tracking gradients.
    #[must_use]
    pub fn without_gradients(self) -> Self {
        let name = self.name.trim_end_matches(", with gradients").to_owned();
        Self { kind: self.kind, name, device: self.device.without_autodiff() }
    }

    /// Opens what was asked for. With [`DeviceChoice::Best`], also says why better ones were
    /// passed over.
    ///
    /// # Errors
    /// [`ModelError::Device`] when the asked-for device is not there, does not work or was not
    /// built in.
    pub fn open(choice: DeviceChoice) -> Result<(Self, Vec<PassedOver>), ModelError> {
        match choice {
            DeviceChoice::Cpu => Ok((Self::cpu(), Vec::new())),
            DeviceChoice::Cuda(index) => match cuda(index) {
                Ok(device) => Ok((device, Vec::new())),
                Err(reason) => Err(ModelError::Device(format!("--device cuda:{index}: {reason}"))),
            },
            DeviceChoice::Gpu => match gpu() {
                Ok(device) => Ok((device, Vec::new())),
                Err(reason) => Err(ModelError::Device(format!("--device gpu: {reason}"))),
            },
            DeviceChoice::Best => {
                let mut passed_over = Vec::new();
                let candidates = [
                    ("cuda", cfg!(feature = "cuda"), cuda(0)),
                    ("gpu", cfg!(feature = "gpu"), gpu()),
                ];
                for (choice, is_built_in, found) in candidates {
                    match found {
                        Ok(device) => return Ok((device, passed_over)),
                        Err(reason) => passed_over.push(PassedOver { choice, reason, is_built_in }),
                    }
                }
                Ok((Self::cpu(), passed_over))
            }
        }
    }

    /// Every kind of device, usable or not, and every further card that CUDA sees, best first.
    pub fn report() -> Vec<DeviceReport> {
        let entry = |choice: &str, found: Result<Self, String>| match found {
            Ok(device) => {
                DeviceReport { choice: choice.to_owned(), name: device.name, unusable: None }
            }
            Err(reason) => DeviceReport {
                choice: choice.to_owned(),
                name: String::new(),
                unusable: Some(reason),
            },
        };
        let further = (1..n_cuda_cards()).map(|i| entry(&format!("cuda:{i}"), cuda(i)));
        let others = [entry("gpu", gpu()), entry("cpu", Ok(Self::cpu()))];
        [entry("cuda", cuda(0))].into_iter().chain(further).chain(others).collect()
    }

    /// Which backend computes.
    pub fn kind(&self) -> DeviceKind {
        self.kind
    }

    pub(crate) fn burn(&self) -> &Device {
        &self.device
    }

    /// Whether large matrices stay in the mapped file, multiplied by our own products.
    pub(super) fn reads_mapped_weights(&self) -> bool {
        is_host(&self.device)
    }

    /// The type that weights are kept in, of a file that holds `stored`, when nobody asked.
    ///
    /// On the CPU every type is widened exactly, so the file's own is kept and mapped. CUDA keeps
    /// it too; wgpu is certain of `f32` only, and gradients need it.
    pub(super) fn default_dtype(&self, stored: Dtype) -> Dtype {
        if self.reads_mapped_weights() || self.kind == DeviceKind::Cuda {
            stored
        } else {
            Dtype::F32
        }
    }

    /// Refuses a type the device does not compute in.
    pub(super) fn check_dtype(&self, dtype: Dtype) -> Result<(), ModelError> {
        if self.kind == DeviceKind::Cpu || self.device.supports_dtype(dtype.burn()) {
            return Ok(());
        }
        let reason = format!("{self} does not compute in {dtype}: choose --dtype f32");
        Err(ModelError::Device(reason))
    }
}

fn simd_name() -> &'static str {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f") {
            return "AVX-512";
        }
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            return "AVX2";
        }
    }
    if cfg!(target_arch = "aarch64") { "NEON" } else { "no wide vectors" }
}

/// How many cards CUDA sees. It looks for the driver before it touches it; opening a card without one
/// ends in a panic on another thread.
#[cfg(feature = "cuda")]
fn n_cuda_cards() -> usize {
    Device::enumerate(burn::tensor::DeviceType::Cuda).into_vec().len()
}

#[cfg(not(feature = "cuda"))]
fn n_cuda_cards() -> usize {
    0
}

#[cfg(feature = "cuda")]
fn cuda(index: usize) -> Result<ComputeDevice, String> {
    let n_found = n_cuda_cards();
    if n_found == 0 {
        return Err("no NVIDIA driver, or no card that it sees".to_owned());
    }
    if index >= n_found {
        return Err(format!("there are {n_found} cards, numbered from 0"));
    }
    let device = Device::cuda(index);
    check_sum(&device)?;
    let card = device.identity().map_or_else(|| "NVIDIA card".to_owned(), |id| id.name);
    Ok(ComputeDevice { kind: DeviceKind::Cuda, name: format!("cuda:{index} ({card})"), device })
}

#[cfg(not(feature = "cuda"))]
fn cuda(_index: usize) -> Result<ComputeDevice, String> {
    Err("not built in; build with --features cuda".to_owned())
}

#[cfg(feature = "gpu")]
fn gpu() -> Result<ComputeDevice, String> {
    use burn::tensor::{DeviceKind as Adapter, DeviceType};

    // Hardware only. A software adapter is slower than the CPU backend, and Debian's crashes the
    // process on Burn's shaders, which no guard can catch; so the default adapter is never asked.
    let found = Device::enumerate(DeviceType::Wgpu).into_vec();
    let mut reasons = Vec::new();
    for adapter in [Adapter::DiscreteGpu(0), Adapter::IntegratedGpu(0), Adapter::VirtualGpu(0)] {
        let device = Device::wgpu(adapter);
        if !found.contains(&device) {
            continue;
        }
        match check_sum(&device) {
            Ok(()) => {
                let card =
                    device.identity().map_or_else(|| "graphics card".to_owned(), |id| id.name);
                return Ok(ComputeDevice {
                    kind: DeviceKind::Gpu,
                    name: format!("gpu ({card})"),
                    device,
                });
            }
            Err(reason) => reasons.push(reason),
        }
    }
    Err(match (reasons.is_empty(), found.is_empty()) {
        (false, _) => reasons.join("; "),
        (true, true) => "no graphics adapter found".to_owned(),
        (true, false) => "only a software adapter found, which is never used".to_owned(),
    })
}

#[cfg(not(feature = "gpu"))]
fn gpu() -> Result<ComputeDevice, String> {
    Err("not built in; build with --features gpu".to_owned())
}

/// Multiplies two small matrices and reads the result back; a panic of the backend is an error.
#[cfg_attr(not(any(feature = "cuda", feature = "gpu")), expect(dead_code, reason = "cards only"))]
fn check_sum(device: &Device) -> Result<(), String> {
    let device = device.clone();
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let sum = catch_unwind(AssertUnwindSafe(move || {
        let ones = Tensor::<2>::ones([8, 8], &device);
        ones.clone().matmul(ones).sum().into_scalar::<f32>()
    }));
    std::panic::set_hook(hook);
    match sum {
        Ok(512.0) => Ok(()),
        Ok(sum) => Err(format!("it computes wrongly: 8 x 8 x 8 ones sum to {sum}")),
        Err(panic) => Err(format!("it does not run: {}", panic_text(&*panic))),
    }
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("the backend gave no reason")
}
