#!/usr/bin/env bash
# Installs and starts the peer. Usage: bench/peer-fastify/start.sh PORT DATABASE-FILE KEY (needs Node 20 or later);
# `start.sh --install` only installs.
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
arguments=("$@")
if (( $# > 1 )); then arguments[1]=$(realpath -m -- "$2"); fi
cd -- "$here"
command -v npm >/dev/null || { echo "error: Node 20 or later with npm is needed for this peer" >&2; exit 1; }

loads() { node -e 'new (require("better-sqlite3"))(":memory:").close()' 2>/dev/null; }

if [[ ! node_modules/.package-lock.json -nt package-lock.json ]]; then
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null
fi
if ! loads; then
  # The package has no binary inside: build it here, from the SQLite source it carries, against the headers that came with Node where there are any.
  echo "building better-sqlite3 (about a minute)" >&2
  log=$(mktemp)
  if [[ -e /usr/include/node/node.h ]]; then export npm_config_nodedir=/usr; fi
  if ! (cd node_modules/better-sqlite3 && npm run build-release) >"$log" 2>&1 || ! loads; then
    cat "$log" >&2
    rm -f "$log"
    echo "error: better-sqlite3 could not be built; it needs g++, make, python3 and Node's headers" >&2
    exit 1
  fi
  rm -f "$log"
fi
if [[ ${1:-} == --install ]]; then exit 0; fi

exec node server.mjs "${arguments[@]}"
