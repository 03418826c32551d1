#!/usr/bin/env bash
# Fuzzes every parser of byline with libFuzzer on stable Rust: no nightly, no cargo-fuzz.
#
#   tests/fuzz/run.sh [SECONDS] [TARGET...]      600 seconds for each target by default
#
# Seeds are our fixtures. A find is left in tests/fuzz/finds/ and fails the run; what was tried is forgotten, so that two runs are alike.
set -uo pipefail
cd "$(dirname "$0")"
seconds=${1:-600}
shift || true
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-../../target/fuzz}
host=$(rustc -vV | sed -n 's/^host: //p')
RUSTFLAGS="--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
 -Cllvm-args=-sanitizer-coverage-trace-compares" \
  cargo build --release --locked --ignore-rust-version --target "$host" || exit 1
binary=$CARGO_TARGET_DIR/$host/release/byline-fuzz
[ "$#" -gt 0 ] || read -ra targets <<<"$(FUZZ_TARGET=list "$binary")"
[ "$#" -eq 0 ] || targets=("$@")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p finds
failed=0
for target in "${targets[@]}"; do
  seeds=$work/$target
  mkdir "$seeds"
  cp ../../fixtures/images/* ../../fixtures/hostile/* "$seeds"
  FUZZ_TARGET=$target "$binary" -max_total_time="$seconds" -timeout=2 -rss_limit_mb=1024 -malloc_limit_mb=256 -max_len=262144 \
    -print_final_stats=1 -artifact_prefix="finds/$target-" "$seeds" >"$work/log" 2>&1
  code=$?
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$work/log")
  covered=$(grep -o 'cov: [0-9]*' "$work/log" | tail -1)
  echo "$target: ${runs:-?} runs in $seconds s, ${covered:-no coverage}, $([ "$code" = 0 ] && echo clean || echo "FOUND SOMETHING (exit $code)")"
  [ "$code" = 0 ] || { grep -v '^#' "$work/log" | tail -30; failed=1; }
done
exit "$failed"
