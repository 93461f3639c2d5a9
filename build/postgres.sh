# shellcheck shell=bash
# Sourced by test.sh and the bench scripts: a PostgreSQL of our own, on loopback, in a folder that goes when we go.
# Set POSTGRES_FSYNC=on (bench) for one that waits for its disk; tests do not.

postgres_folder=
postgres_port=
postgres_user=postgres
_postgres_bin=
_postgres_as=()

# find_postgres: prints the folder that holds initdb and pg_ctl; fails where there is none.
find_postgres() {
  local folder
  folder=$(compgen -G '/usr/lib/postgresql/*/bin/initdb' | sort -V | tail -n 1) || folder=
  folder=${folder:-$(command -v initdb)} || return 1
  folder=$(dirname -- "$(readlink -f -- "$folder")")
  [[ -x $folder/pg_ctl ]] && printf '%s\n' "$folder"
}

start_postgres() {
  _postgres_bin=$(find_postgres) || fail "PostgreSQL is missing: no initdb was found (Debian package: postgresql)."
  if (( EUID == 0 )); then
    # PostgreSQL refuses to run as root.
    local account=postgres
    id postgres >/dev/null 2>&1 || account=nobody
    _postgres_as=(runuser -u "$account" --)
  fi
  # Not below TMPDIR, which the other account may not be able to reach.
  postgres_folder=$(mktemp -d /tmp/opsconsole-postgres.XXXXXX)
  if (( EUID == 0 )); then chown "$account" "$postgres_folder"; fi
  local log=$postgres_folder/log data=$postgres_folder/data
  cd_quiet "${_postgres_as[@]}" "$_postgres_bin/initdb" -D "$data" -U "$postgres_user" -A trust -E UTF8 --locale=C --no-sync >"$postgres_folder/initdb.log" 2>&1 </dev/null \
    || { cat "$postgres_folder/initdb.log" >&2; fail "initdb failed."; }
  cat >>"$data/postgresql.conf" <<CONF
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 300
fsync = ${POSTGRES_FSYNC:-off}
full_page_writes = ${POSTGRES_FSYNC:-off}
CONF
  local attempt
  for attempt in 1 2 3 4 5; do
    postgres_port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    # No descriptor of ours goes along: a caller that reads our output to its end would wait for the server.
    if cd_quiet "${_postgres_as[@]}" "$_postgres_bin/pg_ctl" -D "$data" -w -t 60 -l "$log" -o "-p $postgres_port" start >/dev/null 2>&1 </dev/null; then return 0; fi
    say "PostgreSQL did not start on port $postgres_port (attempt $attempt)"
  done
  cat "$log" >&2
  fail "PostgreSQL did not start."
}

stop_postgres() {
  if [[ -z $postgres_folder ]]; then return 0; fi
  if [[ -e $postgres_folder/data/postmaster.pid ]]; then
    cd_quiet "${_postgres_as[@]}" "$_postgres_bin/pg_ctl" -D "$postgres_folder/data" -m immediate -w -t 30 stop >/dev/null 2>&1 </dev/null || true
  fi
  rm -rf "$postgres_folder"
  postgres_folder=
}

# PostgreSQL's programs complain when they cannot enter the folder they were started in.
cd_quiet() { (cd / && exec "$@"); }
