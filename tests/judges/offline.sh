#!/usr/bin/env bash
# Offline, proved: verify, inspect, sign, find and audit make no network system call and start no program, and say the same words where
# there is no network at all.
#
#   tests/judges/offline.sh [BYLINE] [FOLDER]
#
# BYLINE is the binary (target/release/byline), FOLDER the files to go over (the corpus of real files, else our fixtures). Needs strace,
# and a system that lets it trace; installs it by apt where it can, and says so and ends well where it cannot.
set -uo pipefail
cd "$(dirname "$0")/../.."
byline=$(realpath "${1:-target/release/byline}")
corpus=${2:-../shared/corpus}
[ -d "$corpus" ] || corpus=fixtures
corpus=$(realpath "$corpus")
skip() { echo "SKIPPED: $*"; exit 0; }
if ! command -v strace >/dev/null; then
  { apt-get install -y strace || { apt-get update && apt-get install -y strace; }; } >/dev/null 2>&1
  command -v strace >/dev/null || skip "strace is not here and cannot be installed"
fi
strace -o /dev/null true 2>/dev/null || skip "this system does not let strace trace"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export BYLINE_HOME="$work/home"
failed=0
fail() { echo "FAILED: $*"; failed=1; }

mapfile -d '' files < <(find "$corpus" fixtures/images fixtures/hostile -type f \
  \( -iname '*.jp*g' -o -iname '*.png' -o -iname '*.webp' -o -iname '*.gif' -o -iname '*.tif*' -o -iname '*.dng' \
     -o -iname '*.avif' -o -iname '*.hei?' -o -iname '*.jxl' -o -iname '*.svg' \) -print0 | sort -z)
[ "${#files[@]}" -gt 0 ] || { echo "FAILED: no pictures in $corpus"; exit 1; }
mapfile -d '' files < <(printf '%s\0' "${files[@]}" | xargs -0 realpath -z)
cd "$work"
"$byline" key new --name a --as A --unencrypted >/dev/null || exit 1
mkdir in
"$byline" sign --source ai --ledger l.ledger -o first.png "$OLDPWD/fixtures/images/gradient.png" >/dev/null || exit 1

# The calls that reach for a network, and the ones that would start a program.
calls=socket,socketpair,connect,bind,listen,accept,accept4,sendto,sendmsg,sendmmsg,recvfrom,recvmsg,recvmmsg,getpeername,getsockname
traced=0
trace() {
  strace -f -qq -o trace.txt -e "trace=$calls,execve,execveat" "$byline" "$@" >out.txt 2>&1
  code=$?
  traced=$((traced + 1))
  [ "$code" -le 4 ] || fail "exit $code: byline $*"
  # The first execve is byline itself.
  extra=$(grep -v '+++\|--- SIG' trace.txt | tail -n +2)
  [ -z "$extra" ] || { fail "byline $*"; echo "$extra"; }
}
# A negative control: what is looked for is found when it is there.
strace -f -qq -o trace.txt -e "trace=$calls" bash -c ': </dev/udp/127.0.0.1/9' 2>/dev/null
grep -q 'socket(' trace.txt || fail "a program that opens a socket was not caught"

trace verify --at 2026-11-23T12:00:00Z --ledger l.ledger --thumbnail "${files[@]}"
trace verify --no-ledger --format html --force -o page.html "${files[@]}"
trace find --ledger l.ledger "${files[@]}"
trace audit l.ledger
for file in "${files[@]}"; do
  trace inspect --full "$file"
  trace sign --source from-metadata --ledger l.ledger --force -o signed.bin "$file"
done

# The same words without any network.
if unshare -rn true 2>/dev/null; then
  same() {
    "$byline" "$@" >with.txt 2>&1
    with=$?
    unshare -rn "$byline" "$@" >without.txt 2>&1
    without=$?
    [ "$with" = "$without" ] && cmp -s with.txt without.txt || fail "other words without a network: byline $1"
  }
  same verify --at 2026-11-23T12:00:00Z --ledger l.ledger --format json "${files[@]}"
  same find --at 2026-11-23T12:00:00Z --ledger l.ledger --format json "${files[@]}"
  same audit --at 2026-11-23T12:00:00Z l.ledger --format json
  for file in "${files[@]}"; do same inspect --format json "$file"; done
else
  echo "SKIPPED: this system gives no network namespace of its own (unshare -rn)"
fi
echo "${#files[@]} files, $traced traced runs of byline: $([ "$failed" = 0 ] && echo 'no network call, no program started' || echo FAILED)"
exit "$failed"
