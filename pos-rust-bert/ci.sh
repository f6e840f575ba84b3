#!/usr/bin/env bash
# Format, lints and tests of this package, where a libtorch is; elsewhere the format alone, and it says so.
# Downloads no libtorch: without LIBTORCH the build script of torch-sys would fetch one of 200 MB and more.
set -euo pipefail
cd "$(dirname "$0")"

not_tested() {
  echo "rust-bert: NOT TESTED here: $1 (set LIBTORCH; see pos-rust-bert/README.md)"
  exit 0
}

cargo fmt --check

if [ -z "${LIBTORCH:-}" ]; then
  [ -e /usr/lib/libtorch.so ] || not_tested "no libtorch"
  LIBTORCH=/usr
fi
library=$LIBTORCH/lib/libtorch_cpu.so
[ -e "$library" ] || library=$LIBTORCH/lib/libtorch_cpu.dylib # macOS
[ -e "$library" ] || not_tested "no libtorch in $LIBTORCH"
export LIBTORCH LD_LIBRARY_PATH="$LIBTORCH/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
if command -v ldd >/dev/null && missing=$(ldd "$library" | grep "not found"); then
  not_tested "libtorch in $LIBTORCH does not load:$(echo "$missing" | head -n 1)"
fi
# Wheels of torch 2.4 are built with the old std::string (`Ss` in symbols), libtorch's own archives with the new.
if [ -z "${LIBTORCH_CXX11_ABI:-}" ] && grep -qa 'torchCheckFailEPKcS2_jRKSs' "$LIBTORCH/lib/libc10.so" 2>/dev/null; then
  export LIBTORCH_CXX11_ABI=0
fi

# Tests run beside each other and their model is tiny: threads within a product would only wait for each other.
export OMP_NUM_THREADS="${OMP_NUM_THREADS:-1}"
CLIPPY_CONF_DIR=../.ci cargo clippy --locked --all-targets -- -D warnings
cargo test --locked
echo "rust-bert: tested with the libtorch in $LIBTORCH"
