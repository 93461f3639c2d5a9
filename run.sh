#!/usr/bin/env bash
# Builds OpsConsole and runs it. Usage: ./run.sh [--demo] [--urls http://127.0.0.1:5080]
# Settings: URLS (default http://127.0.0.1:5080), OpsConsole__Data__Directory (default: the folder data beside this file).
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=build/prerequisites.sh
. "$root/build/prerequisites.sh"

if [[ ${1:-} == -h || ${1:-} == --help ]]; then
  cat <<'HELP'
Usage: ./run.sh [--demo] [--urls http://127.0.0.1:5080]

Checks what the machine needs, installs what is missing (when it may), builds OpsConsole and runs it.
  --demo     fill an empty console with a simulated rollout, people who can sign in, and a simulated agent
  --urls     where to listen; the environment variable URLS does the same
The database lives in the folder data beside this file; OpsConsole__Data__Directory names another.
HELP
  exit 0
fi

say "Checking what is needed: .NET SDK 10.0, SQLite, ICU, time zones"
need_sdk 10.0
need_runtime
install_missing

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
say "Building (Release)"
build "$root/OpsConsole/OpsConsole.csproj"

export ASPNETCORE_ENVIRONMENT=Production DOTNET_ENVIRONMENT=Production
export OpsConsole__Data__Directory="${OpsConsole__Data__Directory:-$root/data}"
say "Starting; the database is in $OpsConsole__Data__Directory; stop with Ctrl+C"
# The last --urls wins, so one given on the command line overrides the default before it.
exec dotnet "$root/OpsConsole/bin/Release/net10.0/OpsConsole.dll" --urls "${URLS:-http://127.0.0.1:5080}" "$@"
