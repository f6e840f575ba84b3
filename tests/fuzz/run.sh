#!/usr/bin/env bash
# Builds the fuzz targets on stable Rust and runs each for some seconds (60 if nothing is said), or only those named:
#   tests/fuzz/run.sh 10 png coco
# Needs a C++ compiler. An input that breaks something is kept in target/fuzz/artifacts.
# Without AddressSanitizer, which needs nightly: the rooms hold no unsafe code for it to look into.
set -euo pipefail
cd "$(dirname "$0")"

seconds=${1:-60}
shift || true
triple=$(rustc -vV | sed -n 's/^host: //p')
coverage="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters"
coverage="$coverage -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$PWD/../../target/fuzz}"
RUSTFLAGS="--cfg fuzzing $coverage -Ccodegen-units=1 -Cdebug-assertions" cargo build --release --locked --target "$triple"

[ $# -gt 0 ] || set -- $(sed -n 's/^name = "\([a-z_0-9]*\)"$/\1/p' Cargo.toml | grep -v '^aki')
for name in "$@"; do
  corpus="$CARGO_TARGET_DIR/corpus/$name"
  mkdir -p "$corpus" "$CARGO_TARGET_DIR/artifacts"
  echo "== $name"
  "$CARGO_TARGET_DIR/$triple/release/$name" "$corpus" -max_total_time="$seconds" -rss_limit_mb=1024 -timeout=10 \
    -print_final_stats=1 -artifact_prefix="$CARGO_TARGET_DIR/artifacts/$name-" 2>&1 | grep -E '^(stat::|SUMMARY|==|thread|.*panicked)|cov:' | tail -n 8
done
