#!/bin/sh
# Every disk call of every writing command fails once (EIO, ENOSPC) and is once the last (SIGKILL): some minutes.
# Wants strace. The same harness as tests/it/faults.rs, without its sampling; the count is printed at the end.
set -eu
cd "$(dirname "$0")/../.."
BYLINE_FAULTS=all exec cargo test --ignore-rust-version --test it faults:: -- --nocapture
