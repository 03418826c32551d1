#!/usr/bin/env bash
# Codes in a real PostgreSQL answer as those in memory do: the conformance test, and `ledger index` and `find --postgres` of the real
# binary, against a throwaway cluster on a Unix socket.
#
#   tests/judges/postgres.sh          BYLINE_CODES=1000000 also prints times at so many codes
#
# Needs PostgreSQL 14 or later (Debian: apt install postgresql); where it is absent it says so and ends 0.
set -euo pipefail
cd "$(dirname "$0")/../.."
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1 || true)
[ -x "$bin/initdb" ] || { echo "skipped: no PostgreSQL (apt install postgresql)"; exit 0; }
dir=$(mktemp -d)
as=()
if [ "$(id -u)" = 0 ]; then # initdb refuses root
  chown postgres "$dir"
  as=(runuser -u postgres --)
fi
trap '"${as[@]}" "$bin/pg_ctl" -D "$dir/data" -m immediate stop >/dev/null 2>&1 || true; rm -rf "$dir"' EXIT
"${as[@]}" "$bin/initdb" -D "$dir/data" -U byline -A trust >/dev/null
"${as[@]}" "$bin/pg_ctl" -D "$dir/data" -w -o "-k $dir -h ''" -l "$dir/log" start >/dev/null
chmod 755 "$dir"
export BYLINE_POSTGRES="host=$dir user=byline dbname=postgres" PATH="$bin:$PATH"
# One user who is asked for a password.
sed -i '1i local all guarded scram-sha-256' "$dir/data/pg_hba.conf"
psql -q -d "$BYLINE_POSTGRES" -c "CREATE ROLE guarded LOGIN PASSWORD 'sesame'; GRANT CREATE ON SCHEMA public TO guarded"
"${as[@]}" "$bin/pg_ctl" -D "$dir/data" reload >/dev/null
cargo test --ignore-rust-version --locked --features postgres --lib --test it engine:: -- --nocapture
