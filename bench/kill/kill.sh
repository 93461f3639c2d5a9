#!/usr/bin/env bash
# Kills the console under load (kill -9) and checks that nothing is lost, doubled or miscounted, on SQLite and on PostgreSQL.
# Usage: bench/kill/kill.sh [KILLS] [sqlite|postgres|both]     (default: 10 both; 2 for a quick look)
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
root=$here/../..
kills=${1:-10} on=${2:-both}
for built in "$root/OpsConsole/bin/Release/net10.0/OpsConsole.dll" "$root/bench/OpsConsole.Bench/bin/Release/net10.0/OpsConsole.Bench.dll"; do
  [[ -e $built ]] || { echo "error: $built is missing; build OpsConsole and bench/OpsConsole.Bench in Release first" >&2; exit 1; }
done
failed=0
if [[ $on != postgres ]]; then python3 "$here/kill.py" --kills "$kills" || failed=1; fi
if [[ $on != sqlite ]]; then
  # shellcheck source=../../build/postgres.sh
  . "$root/build/postgres.sh"
  trap stop_postgres EXIT
  export POSTGRES_FSYNC=on
  start_postgres
  psql -q -h 127.0.0.1 -p "$postgres_port" -U "$postgres_user" -d postgres -c 'CREATE DATABASE kill' >/dev/null
  python3 "$here/kill.py" --kills "$kills" --postgres "$postgres_port/kill" || failed=1
fi
exit "$failed"
