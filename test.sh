#!/usr/bin/env bash
# Builds everything and runs all tests. Usage: ./test.sh [filter...]
# A filter is part of a test's full name, or an expression of `dotnet test --filter`; several are joined by "or".
# The last line is 'N passed, N failed, N skipped'. OPSCONSOLE_TEST_TIMEOUT: seconds the tests may take (default 3600);
# OPSCONSOLE_TEST_HANG: how long none of them may end before the run is broken off with the hanging one named (default 5m).
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=build/prerequisites.sh
. "$root/build/prerequisites.sh"
# shellcheck source=build/postgres.sh
. "$root/build/postgres.sh"

work=
memory=
tests=
# shellcheck disable=SC2317 # called by the trap
finish() {
  trap '' INT TERM
  if [[ -n $tests ]]; then
    kill -TERM "$tests" 2>/dev/null || true
    wait "$tests" 2>/dev/null || true
  fi
  stop_postgres
  if [[ -n $work ]]; then rm -rf "$work"; fi
  if [[ -n $memory ]]; then rm -rf "$memory"; fi
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

say "Checking what is needed: .NET SDK 10.0, SQLite, ICU, time zones, PostgreSQL, Chromium, poppler, qpdf, Node, curl, Python"
need_sdk 10.0
need_runtime
find_postgres >/dev/null || missing_packages+=(postgresql)
if [[ -z ${OPSCONSOLE_CHROMIUM:-} ]]; then need_command chromium chromium google-chrome; fi
need_command chromium-headless-shell chromium-headless-shell
need_command poppler-utils pdftotext
need_command qpdf qpdf
need_command nodejs node
need_command npm npm
need_command curl curl
need_command python3 python3
install_missing

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
export DOTNET_TieredPGO=0 DOTNET_EnableWriteXorExecute=0   # measuring code in order to compile it better, and mapping it twice, do not pay in a run of minutes
if [[ ${CI:-} == true ]]; then export MSBUILDDISABLENODEREUSE=1 UseSharedCompilation=false; fi

OPSCONSOLE_CHROMIUM=${OPSCONSOLE_CHROMIUM:-$(command -v chromium || command -v google-chrome)} || fail "Chromium is missing after the installation."
[[ -x $OPSCONSOLE_CHROMIUM ]] || fail "OPSCONSOLE_CHROMIUM names no program: $OPSCONSOLE_CHROMIUM"
node --version >/dev/null || fail "Node does not run."
export OPSCONSOLE_CHROMIUM

clients=$root/OpsConsole.Tests/Clients
if [[ -e $clients/package-lock.json && ! $clients/node_modules/.package-lock.json -nt $clients/package-lock.json ]]; then
  say "Installing the JavaScript clients that the tests drive"
  (cd "$clients" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error </dev/null >/dev/null) || fail "npm ci failed in OpsConsole.Tests/Clients."
fi

say "Building (Release)"
build "$root/OpsConsole.sln"

say "Starting a PostgreSQL of our own on loopback"
start_postgres
say "PostgreSQL listens on port $postgres_port"
export OPSCONSOLE_TEST_POSTGRES="Host=127.0.0.1;Port=$postgres_port;Username=$postgres_user;Database=postgres"

filter=
for argument; do
  case $argument in
    *[=~]*) ;;
    *) argument="FullyQualifiedName~$argument" ;;
  esac
  filter+=${filter:+|}$argument
done

work=$(mktemp -d)
# Some thousand databases are made, flushed at every commit and thrown away: in memory where there is plenty, so that a slow disk does not decide how long that takes.
free_kb() { df --output=avail -k /dev/shm 2>/dev/null | tail -n 1; }
if [[ -z ${TMPDIR:-} && -w /dev/shm ]] && (( $(free_kb) > 6000000 && $(awk '/^MemAvailable/ { print $2 }' /proc/meminfo) > 12000000 )); then
  memory=$(mktemp -d /dev/shm/oXXXX)   # short: browsers make sockets below it, whose path may have 107 characters
  export TMPDIR=$memory
fi
say "Running the tests${filter:+ where $filter}"
# In the background, because bash runs its traps only between foreground commands: Ctrl+C has to stop PostgreSQL too.
timeout --kill-after=30 "${OPSCONSOLE_TEST_TIMEOUT:-3600}" \
  dotnet test "$root/OpsConsole.sln" -c Release --no-build --nologo \
  --results-directory "$work" --logger trx --logger 'console;verbosity=minimal' \
  --blame-hang-timeout "${OPSCONSOLE_TEST_HANG:-5m}" --blame-hang-dump-type none \
  ${filter:+--filter "$filter"} </dev/null &
tests=$!
status=0
wait "$tests" || status=$?
tests=
if (( status == 124 || status == 137 )); then
  echo "error: the tests did not end within ${OPSCONSOLE_TEST_TIMEOUT:-3600} seconds." >&2
fi

count=0
python3 - "$work" "$status" <<'COUNT' || count=$?
import pathlib, sys
import xml.etree.ElementTree as xml

passed = failed = skipped = 0
broken = []   # named once more at the end, where a log that was cut still shows them
for file in pathlib.Path(sys.argv[1]).rglob("*.trx"):
    for _, element in xml.iterparse(file):
        if element.tag.endswith("}UnitTestResult"):
            outcome = element.get("outcome")
            if outcome == "Passed":
                passed += 1
            elif outcome == "NotExecuted":
                skipped += 1
            else:
                failed += 1
                message = element.findtext(".//{*}Message") or "no message"
                broken.append("FAILED " + element.get("testName", "?") + ": " + " ".join(message.split())[:400])
if not failed and sys.argv[2] != "0":
    failed = 1  # broken off: the test that hung or crashed left no result of its own
print(*broken, sep="\n", end="\n" if broken else "")
print(f"{passed} passed, {failed} failed, {skipped} skipped", flush=True)
sys.exit(0 if passed and not failed else 1)
COUNT
if (( count != 0 )); then exit 1; fi
exit "$status"
