#!/usr/bin/env bash
# Runs two consoles on one PostgreSQL under load and checks that they decide as one. Usage: bench/instances/instances.sh [SECONDS]
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
root=$here/../..
for built in "$root/OpsConsole/bin/Release/net10.0/OpsConsole.dll" "$root/bench/OpsConsole.Bench/bin/Release/net10.0/OpsConsole.Bench.dll"; do
  [[ -e $built ]] || { echo "error: $built is missing; build OpsConsole and bench/OpsConsole.Bench in Release first" >&2; exit 1; }
done
say() { printf '%s\n' "$*" >&2; }
fail() { say "error: $*"; exit 1; }
# shellcheck source=../../build/postgres.sh
. "$root/build/postgres.sh"
trap stop_postgres EXIT
export POSTGRES_FSYNC=on
start_postgres
psql -q -h 127.0.0.1 -p "$postgres_port" -U "$postgres_user" -d postgres -c 'CREATE DATABASE instances' >/dev/null
python3 "$here/instances.py" --seconds "${1:-10}" --postgres "$postgres_port/instances"
