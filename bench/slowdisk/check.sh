#!/usr/bin/env bash
# Shows that the shim delays: 50 flushed writes, plain and through it, must differ by at least 50 delays.
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
file=$(mktemp)
trap 'rm -f "$file"' EXIT
"$here/run.sh" >/dev/null
program='
import os, sys, time
file = os.open(sys.argv[1], os.O_WRONLY)
start = time.perf_counter()
for number in range(50):
    os.pwrite(file, b"x", number)
    (os.fsync if number % 2 else os.fdatasync)(file)
print(int((time.perf_counter() - start) * 1e6))
'
plain=$(python3 -c "$program" "$file")
slow=$("$here/run.sh" python3 -c "$program" "$file")
echo "50 flushes: $plain us plain, $slow us through the shim"
(( slow >= 50 * ${SLOWDISK_US:-2000} )) || { echo "error: the shim does not delay" >&2; exit 1; }
