#!/usr/bin/env bash
# Interrupts a writer of a ledger again and again; nothing that it acknowledged may be lost.
#
#   1. simulated disk: BYLINE_CRASH_STATES states after power cuts (1,000,000), in memory
#   2. every byte of a ledger of 1,000 entries flipped, 500 rollbacks, 500 forks: each found by the audit
#   3. kill -9: KILLS rounds (1,000)
#   4. power cuts: CUTS rounds (200) on ext4 in a file, shut down by ioctl FS_IOC_SHUTDOWN without flushing its journal;
#      skipped where mounting is not allowed
#   5. the control: the same power cuts with a writer whose syncs do nothing (strace) must lose entries
#
# PARTS="1 3" takes some of them. Needs cargo; for 4 and 5 root, mkfs.ext4 and python3; for 5 strace. WRITER and UNIT name
# the two test programs where they are built already.
set -uo pipefail
cd "$(dirname "$0")/../.."
PARTS=${PARTS:-1 2 3 4 5}
KILLS=${KILLS:-1000}
CUTS=${CUTS:-200}
CONTROLS=${CONTROLS:-30}
export BYLINE_CRASH_STATES=${BYLINE_CRASH_STATES:-1000000}
work=$(mktemp -d)
image="$work/disk.img"
disk="$work/disk"
mkdir "$disk"
failed=0
trap 'mountpoint -q "$disk" && umount "$disk"; rm -rf "$work"' EXIT

has() { [[ " $PARTS " == *" $1 "* ]]; }
skip() { echo "SKIPPED: $*"; }
wrong() { echo "FAILED: $*"; failed=1; }
# The newest program that cargo built under this name.
built() { cargo "$@" --ignore-rust-version --no-run 2>&1 | sed -n 's/.*Executable.*(\(.*\))/\1/p' | tail -1; }
# A pause of up to $1 ms.
pause() { sleep "$(printf '0.%03d' $((RANDOM % $1 + 1)))"; }

if has 1 || has 2; then
  UNIT=${UNIT:-$(built test --release --lib)}
  IT=${IT:-$(built test --release --test it)}
fi
if has 3 || has 4 || has 5; then
  WRITER=${WRITER:-$(built bench --bench crash_writer)}
fi

if has 1; then
  echo "== simulated disk, $BYLINE_CRASH_STATES states"
  "$UNIT" crash_tests --nocapture || wrong "simulated disk"
fi

if has 2; then
  echo "== every byte, every rollback, every fork"
  BYLINE_HISTORIES=all "$IT" crash:: history:: --nocapture || wrong "flips, rollbacks, forks"
fi

# Starts a writer on folder $1 with acknowledgements in $2; further words run it (strace). Sets `writer`.
start() {
  local folder=$1 acks=$2
  shift 2
  : > "$acks"
  "$@" "$WRITER" write "$folder" >> "$acks" 2> "$work/errors" &
  writer=$!
}

if has 3; then
  echo "== kill -9, $KILLS rounds"
  mkdir "$work/kills"
  acknowledged=0 lost=0 torn=0
  for ((round = 0; round < KILLS; round++)); do
    start "$work/kills" "$work/acks"
    pause 40
    kill -9 "$writer"
    wait "$writer" 2> /dev/null
    if answer=$("$WRITER" check "$work/kills" "$work/acks"); then
      read -r acks size tail <<< "$answer"
      acknowledged=$((acknowledged + acks))
      ((tail > 0)) && torn=$((torn + 1))
    else
      lost=$((lost + 1))
      echo "round $round: $answer"
    fi
  done
  audited=$("$WRITER" audit "$work/kills") || wrong "audit after kills: $audited"
  echo "$KILLS kills, $acknowledged entries acknowledged, $torn torn tails, $lost rounds with a loss; $audited"
  ((lost == 0 && acknowledged > KILLS)) || wrong "kill -9"
fi

# Cuts the power of the file system at $disk, as if the machine stopped now. What was acknowledged is read just before,
# as the dying writer may still print.
cut_power() {
  python3 -c 'import fcntl, os, struct, sys
disk = os.open(sys.argv[1], os.O_RDONLY)
acked = open(sys.argv[2], "rb").read()
fcntl.ioctl(disk, 0x8004587d, struct.pack("I", 2))
open(sys.argv[3], "wb").write(acked)' "$disk" "$work/acks" "$work/acked"
}

# $1 rounds of power cuts; further words run the writer. Sets `acknowledged`, `lost` and `torn`.
cuts() {
  local rounds=$1
  shift
  acknowledged=0 lost=0 torn=0
  for ((round = 0; round < rounds; round++)); do
    start "$disk/ledger" "$work/acks" "$@"
    pause 150
    cut_power
    kill -9 "$writer" 2> /dev/null
    wait "$writer" 2> /dev/null
    until umount "$disk" 2> /dev/null; do pause 20; done
    mount -o loop "$image" "$disk" || return 1
    if answer=$("$WRITER" check "$disk/ledger" "$work/acked" 2>&1); then
      read -r acks size tail <<< "$answer"
      acknowledged=$((acknowledged + acks))
      ((tail > 0)) && torn=$((torn + 1))
    else
      lost=$((lost + 1))
      # A history with a loss is no start for the next round.
      rm -rf "$disk/ledger" && mkdir "$disk/ledger"
      [ $# -eq 0 ] && echo "round $round: $answer"
    fi
  done
  return 0
}

fresh_disk() {
  mountpoint -q "$disk" && umount "$disk"
  truncate -s 256M "$image" && mkfs.ext4 -q -F "$image" && mount -o loop "$image" "$disk" 2> /dev/null &&
    mkdir "$disk/ledger" && sync
}

if has 4 || has 5; then
  if ! fresh_disk; then
    skip "a file system in a file cannot be mounted here: no power is cut"
  else
    if has 4; then
      echo "== power cuts, $CUTS rounds"
      cuts "$CUTS" || wrong "the file system did not come back"
      audited=$("$WRITER" audit "$disk/ledger") || wrong "audit after power cuts: $audited"
      echo "$CUTS power cuts, $acknowledged entries acknowledged, $torn torn tails, $lost rounds with a loss; $audited"
      ((lost == 0 && acknowledged > CUTS)) || wrong "power cuts"
    fi
    if has 5; then
      echo "== the control: syncs that do nothing, $CONTROLS rounds"
      if ! command -v strace > /dev/null; then
        skip "strace is not here: no control"
      else
        fresh_disk
        cuts "$CONTROLS" strace -f -qq -o /dev/null -e trace=fsync,fdatasync -e inject=fsync,fdatasync:retval=0
        echo "$CONTROLS power cuts without sync: $lost rounds with a loss"
        ((lost > 0)) || wrong "the control lost nothing, so the rounds above prove nothing"
      fi
    fi
  fi
fi
exit "$failed"
