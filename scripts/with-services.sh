#!/usr/bin/env bash
# Runs a command with a PostgreSQL and a Redis of its own, in a throw-away
# directory, and stops both afterwards:
#   MULTAQA_TEST_POSTGRES  URL of the server, superuser
#   MULTAQA_TEST_REDIS     URL of the server
set -euo pipefail
# What tests write is thrown away: with room in memory it need not wait for a disk.
if [ -z "${TMPDIR:-}" ] && [ -w /dev/shm ] && [ "$(df --output=avail -k /dev/shm | tail -n 1)" -gt 2000000 ] && ! findmnt -no OPTIONS /dev/shm | grep -q noexec; then
  export TMPDIR=/dev/shm GOTMPDIR=${GOTMPDIR:-/tmp}
fi
dir=$(mktemp -d "${TMPDIR:-/tmp}/multaqa-test.XXXXXX")
bindir=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
as=()
if [ "$(id -u)" -eq 0 ]; then
  as=(runuser -u postgres --) # PostgreSQL refuses to run as root
  chown postgres "$dir"
fi
redis_pid=""
stop() {
  "${as[@]}" "$bindir/pg_ctl" -D "$dir/pg" -m immediate stop >/dev/null 2>&1 || true
  [ -n "$redis_pid" ] && kill "$redis_pid" 2>/dev/null || true
  rm -rf "$dir"
}
trap stop EXIT
free_port() { python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1",0)); print(s.getsockname()[1])'; }

(cd "$dir"
 "${as[@]}" "$bindir/initdb" -D "$dir/pg" -U postgres -A trust --locale=C --encoding=UTF8 >"$dir/initdb.log" 2>&1 || { cat "$dir/initdb.log"; exit 1; }
 pg_port=$(free_port); echo "$pg_port" >"$dir/pg_port"
 "${as[@]}" "$bindir/pg_ctl" -D "$dir/pg" -w -t 120 -l "$dir/pg/log" \
   -o "-c listen_addresses=127.0.0.1 -p $pg_port -c unix_socket_directories='' -c max_connections=300 -c fsync=off -c synchronous_commit=on" start >/dev/null \
   || { cat "$dir/pg/log"; exit 1; })
redis_port=$(free_port)
redis-server --port "$redis_port" --bind 127.0.0.1 --dir "$dir" --save '' --appendonly no >"$dir/redis.log" 2>&1 &
redis_pid=$!
# A minute for a starved machine; it answers at once elsewhere.
for _ in $(seq 1200); do redis-cli -h 127.0.0.1 -p "$redis_port" ping >/dev/null 2>&1 && break; sleep 0.05; done

export MULTAQA_TEST_POSTGRES="postgres://postgres@127.0.0.1:$(cat "$dir/pg_port")/postgres?sslmode=disable"
export MULTAQA_TEST_REDIS="redis://127.0.0.1:$redis_port/0"
"$@"
