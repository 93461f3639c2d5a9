#!/usr/bin/env bash
# Runs a command on a disk whose flush takes SLOWDISK_US microseconds longer (default 2000).
# Usage: bench/slowdisk/run.sh COMMAND [ARGUMENT...]; without a command it builds the shim and prints its path.
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
out=$here/../out
shim=$out/slowdisk.so
command -v gcc >/dev/null || { echo "error: gcc is missing; apt-get install -y gcc libc6-dev" >&2; exit 1; }
mkdir -p "$out"
if [[ ! $shim -nt $here/slowdisk.c ]]; then
  gcc -std=c11 -O2 -Wall -Wextra -Werror -shared -fPIC -o "$shim" "$here/slowdisk.c" -ldl
fi
shim=$(readlink -f -- "$shim")
if (( $# == 0 )); then
  printf '%s\n' "$shim"
else
  export LD_PRELOAD=$shim${LD_PRELOAD:+:$LD_PRELOAD}
  exec "$@"
fi
