#!/bin/sh
# Brings what tests need beside Python: `browser` (Chromium, a voice, fonts), `services` (PostgreSQL, Redis), or for a
# bench `ffmpeg` (the command line that ours is compared with).
# As root on Debian it installs them; elsewhere it says what to install, and the tests that need it are skipped
# by name. Services that answer are taken as they are.
set -eu
is_debian_root() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

need() { # need <what for> <packages…>
    why=$1; shift
    if is_debian_root; then
        echo "Installing $* ($why) …"
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
    else
        echo "Not installed: $* ($why). Install them to run those tests; they are skipped now."
    fi
}

browser() {
    missing=""
    command -v chromium >/dev/null || missing="$missing chromium"
    command -v flite >/dev/null || missing="$missing flite"
    fc-list 2>/dev/null | grep -q "Noto.*CJK" || missing="$missing fonts-noto-cjk fontconfig"
    # shellcheck disable=SC2086
    [ -z "$missing" ] || need "tests in a browser" $missing
}

ffmpeg() {
    command -v ffmpeg >/dev/null || need "what our transcoding is compared with" ffmpeg
}

services() {
    if [ -z "${REDIS_URL:-}" ] && ! port_open 6379; then
        command -v redis-server >/dev/null || need "Redis" redis-server
        redis-server --port 6379 --save "" --daemonize yes >/dev/null
    fi
    if [ -z "${DATABASE_URL:-}" ]; then
        if ! port_open 5432; then
            ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || need "PostgreSQL" postgresql
            service postgresql start >/dev/null 2>&1 || pg_ctlcluster "$(pg_lsclusters -h | awk '{print $1; exit}')" main start
        fi
        for _ in 1 2 3 4 5 6 7 8 9 10; do port_open 5432 && break; sleep 1; done
        role
    fi
}

role() { # a role and database of our own, made as the superuser of this machine
    sql="DO \$\$ BEGIN
      IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'understudy') THEN
        CREATE ROLE understudy LOGIN CREATEDB PASSWORD 'understudy'; END IF; END \$\$;"
    as_postgres psql -qc "$sql"
    as_postgres psql -qtc "SELECT 1 FROM pg_database WHERE datname='understudy'" | grep -q 1 ||
        as_postgres createdb -O understudy understudy
}

as_postgres() {
    if [ "$(id -u)" = 0 ]; then su postgres -s /bin/sh -c '"$0" "$@"' -- "$@"; else "$@"; fi
}

port_open() { "${PYTHON:-python3}" -c "import socket,sys; socket.create_connection(('127.0.0.1', $1), 1)" 2>/dev/null; }

"$1"
