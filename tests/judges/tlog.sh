#!/usr/bin/env bash
# Verifiers that others wrote judge what a ledger gives to others: the published directory, a proof, a COSE receipt.
#
#   1. Go x/mod/sumdb (note, tlog): notes of checkpoint and header, every entry through its tiles, consistency, inclusion
#   2. sigstore-python: its checkpoint parser and its Merkle verification. The rest of it wants Rekor bundles with entries of
#      Rekor's own kinds, which ours are not; its checkpoint keys are ECDSA or Ed25519 from a trust root, so the signature
#      over the text it parsed is checked with the package `cryptography`
#   3. pymerkle: the root over all entries, made again
#   4. scitt-cose: the signed statement and its receipt (RFC 9942)
#   5. @sigstore/verify: checkpoint with its signature, and inclusion, by the two files that do that: bundles as in 2
#
# Each judge must also refuse what was changed. What is missing is installed into a folder that goes away (Go and its module
# from Debian, into the system, as root); what cannot be had is skipped and said. JUDGES="1 3" takes some. BYLINE names the
# program where it is built already; VENV and NODE_PATH name folders where the packages are already.
set -uo pipefail
cd "$(dirname "$0")/../.."
JUDGES=${JUDGES:-1 2 3 4 5}
here=$PWD/tests/judges
work=$(mktemp -d)
failed=0
skipped=0
trap 'rm -rf "$work"' EXIT

has() { [[ " $JUDGES " == *" $1 "* ]]; }
skip() { echo "SKIPPED: $*"; skipped=$((skipped + 1)); }
# Runs a judge under a name.
judge() {
  local name=$1 said
  shift
  if said=$("$@" 2>&1); then echo "ok       $name: $said"; else echo "FAILED   $name: $said"; failed=1; fi
}

if [ -z "${BYLINE:-}" ]; then
  cargo build --release --ignore-rust-version --locked || exit 1
  BYLINE=$PWD/target/release/byline
fi
export BYLINE_HOME="$work/home"
byline() { "$BYLINE" "$@" > "$work/said" 2>&1 || { echo "FAILED: byline $*"; cat "$work/said"; exit 1; }; }

# A ledger of 600 pictures, published at two sizes: one JPEG with a comment that differs.
mkdir -p "$work/pictures/a" "$work/pictures/b"
python3 - "$work/pictures" fixtures/images/lighthouse.jpg << 'PYTHON'
import pathlib, sys
folder, source = map(pathlib.Path, sys.argv[1:])
jpeg = source.read_bytes()
for n in range(600):
    comment = b"\xff\xfe\x00\x06" + b"%04d" % n
    (folder / ("a" if n < 100 else "b") / f"{n}.jpg").write_bytes(jpeg[:2] + comment + jpeg[2:])
PYTHON
byline key new --name ada --as "Ada" --unencrypted
byline ledger init --origin judges.example/log
byline sign "$work/pictures/a" -o "$work/signed-a" --source ai
byline ledger publish "$work/log"
cp "$work/log/checkpoint" "$work/old-checkpoint"
byline sign "$work/pictures/b" -o "$work/signed-b" --source ai
byline ledger publish "$work/log"
byline ledger prove 333 -o "$work/p.tlog-proof" --cose "$work/p.cose"
byline audit "$work/log"
echo "published: $(sed -n 2p "$work/old-checkpoint"), then $(sed -n 2p "$work/log/checkpoint") entries"

if has 1; then
  module=$(dpkg -L golang-golang-x-mod-dev 2> /dev/null | sed -n 's|/src/golang.org$||p' | head -1)
  if [ -z "$module" ] || ! command -v go > /dev/null; then
    apt-get install -y --no-install-recommends golang-go golang-golang-x-mod-dev > /dev/null 2>&1
    module=$(dpkg -L golang-golang-x-mod-dev 2> /dev/null | sed -n 's|/src/golang.org$||p' | head -1)
  fi
  if [ -n "$module" ] && command -v go > /dev/null &&
    GOPATH=$module GO111MODULE=off GOFLAGS= GOCACHE="$work/go" go build -o "$work/judge" "$here/tlog_judge.go"; then
    judge "Go x/mod/sumdb ($(go version | cut -d' ' -f3))" "$work/judge" "$work/log" "$work/old-checkpoint" "$work/p.tlog-proof"
  else
    skip "Go x/mod/sumdb: golang-go and golang-golang-x-mod-dev are not to be had, or do not build"
  fi
fi

# A Python with these packages, version told; nothing where they are not to be had.
python_with() {
  local venv=${VENV:-$work/venv}
  [ -x "$venv/bin/python" ] || python3 -m venv "$venv" > /dev/null 2>&1 || return 1
  "$venv/bin/pip" show -q "$@" > /dev/null 2>&1 || "$venv/bin/pip" install -q "$@" > /dev/null 2>&1 || return 1
  python=$venv/bin/python
  version=$("$venv/bin/pip" show "$1" 2> /dev/null | sed -n 's/^Version: //p')
}
python_judge() {
  local name=$1 package=$2
  shift 2
  if python_with "$package" cryptography; then
    judge "$package $version" "$python" "$here/tlog_judge.py" "$name" "$work/log" "$@"
  else
    skip "$package: not to be had from the package index"
  fi
}
if has 2; then python_judge sigstore sigstore "$work/p.tlog-proof"; fi
if has 3; then python_judge pymerkle pymerkle "$work/p.tlog-proof"; fi
if has 4; then python_judge scitt scitt-cose "$work/p.tlog-proof" "$work/p.cose"; fi

if has 5; then
  export NODE_PATH=${NODE_PATH:-$work/node_modules}
  [ -d "$NODE_PATH/@sigstore/verify" ] ||
    (cd "$work" && npm install --silent --no-fund --no-audit @sigstore/verify) > /dev/null 2>&1
  if [ -d "$NODE_PATH/@sigstore/verify" ]; then
    version=$(sed -n 's/^ *"version": "\(.*\)",*$/\1/p' "$NODE_PATH/@sigstore/verify/package.json" | head -1)
    judge "@sigstore/verify $version" node "$here/tlog_judge.js" "$work/log" "$work/p.tlog-proof"
  else
    skip "@sigstore/verify: npm or the package is not to be had"
  fi
fi
echo "$skipped skipped"
exit "$failed"
