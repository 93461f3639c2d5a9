# shellcheck shell=bash
# Sourced by run.sh and test.sh: what this machine must have, and how it gets there.
# Each need_* call adds what is missing; install_missing installs all of it in one go, or says exactly what to install.

missing_packages=()

say() { printf '==> %s\n' "$*"; }
fail() { printf 'error: %s\n' "$*" >&2; exit 1; }

# need_sdk MAJOR.MINOR: the .NET SDK is the one thing that is never installed for you.
need_sdk() {
  command -v dotnet >/dev/null || fail "the .NET $1 SDK is missing: dotnet is not on PATH. Install it from https://dotnet.microsoft.com/download/dotnet/$1 and run this again."
  # --list-sdks is answered by the host alone, so this works even where ICU is still missing.
  local sdks
  sdks=$(dotnet --list-sdks)
  grep -q "^${1//./\\.}\." <<<"$sdks" || fail "the .NET $1 SDK is missing; dotnet has: ${sdks:-no SDK at all}. Install it from https://dotnet.microsoft.com/download/dotnet/$1 and run this again."
}

# need_command PACKAGE COMMAND...: satisfied by the first of the commands that exists.
need_command() {
  local package=$1 command
  shift
  for command; do
    if command -v "$command" >/dev/null; then return 0; fi
  done
  missing_packages+=("$package")
}

# has_library SONAME: whether the dynamic linker finds it.
has_library() {
  local known
  known=$(PATH=$PATH:/sbin:/usr/sbin ldconfig -p 2>/dev/null) || known=
  [[ $known == *"$1"* ]] || compgen -G "/usr/lib/*/$1*" >/dev/null || compgen -G "/usr/lib/$1*" >/dev/null
}

# need_library PACKAGE SONAME
need_library() {
  has_library "$2" || missing_packages+=("$1")
}

# The package's name carries ICU's version, which differs between releases; where no list is there yet, -dev brings the right one.
icu_package() {
  local package
  package=$(apt-cache pkgnames libicu 2>/dev/null | grep -E '^libicu[0-9]+$' | sort -V | tail -n 1) || package=
  printf '%s\n' "${package:-libicu-dev}"
}

# What the program itself needs at run time, besides the SDK.
need_runtime() {
  need_library libsqlite3-0 libsqlite3.so.0
  [[ -n ${TZDIR:-} || -e /usr/share/zoneinfo/Europe/Berlin ]] || missing_packages+=(tzdata)
  if [[ ${DOTNET_SYSTEM_GLOBALIZATION_INVARIANT:-} != 1 && ${DOTNET_SYSTEM_GLOBALIZATION_INVARIANT:-} != true ]]; then
    need_library "$(icu_package)" libicuuc.so
  fi
}

# install_missing: installs when root or with a sudo that asks no password; otherwise names the command and stops.
install_missing() {
  if (( ${#missing_packages[@]} == 0 )); then return 0; fi
  local command="apt-get update && apt-get install -y ${missing_packages[*]}" as_root=() log
  command -v apt-get >/dev/null || fail "missing: ${missing_packages[*]} (Debian's package names). There is no apt-get here; install them with your system's package manager and run this again."
  if (( EUID != 0 )); then
    if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
      as_root=(sudo -n)
    else
      fail "missing: ${missing_packages[*]}. Installing needs root; run this and then try again:
  sudo sh -c '$command'"
    fi
  fi
  say "Installing ${missing_packages[*]} with apt-get"
  log=$(mktemp)
  # A source that does not answer is no reason to stop: the install says whether what is needed could be had.
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q update </dev/null >"$log" 2>&1 || true
  if ! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 install --no-install-recommends "${missing_packages[@]}" </dev/null >>"$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    fail "could not install ${missing_packages[*]}; apt-get's words are above."
  fi
  rm -f "$log"
  missing_packages=()
}

# build TARGET: Release, quiet; says nothing but errors.
build() {
  local log
  log=$(mktemp)
  if ! dotnet build "$1" -c Release --nologo -v quiet </dev/null >"$log" 2>&1; then
    grep -E 'error|warning' "$log" | sort -u >&2 || cat "$log" >&2
    rm -f "$log"
    fail "the build failed."
  fi
  rm -f "$log"
}
