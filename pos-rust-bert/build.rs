//! Writes libtorch's folder into the program, so that it starts without `LD_LIBRARY_PATH`.
//!
//! rust-bert's own build script does so for its own examples; link arguments do not reach dependents.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let target = std::env::var("CARGO_CFG_TARGET_OS").unwrap_or_default();
    let is_elf_or_mach = matches!(target.as_str(), "linux" | "macos");
    if let (true, Ok(folder)) = (is_elf_or_mach, std::env::var("DEP_TCH_LIBTORCH_LIB")) {
        println!("cargo:rustc-link-arg=-Wl,-rpath,{folder}");
    }
}
