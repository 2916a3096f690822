#!/bin/sh
# For a root without systemd: starts the ExecStart of a unit as its user, with its environment.
# Knows what Screenpop's documents and packages call, and nothing else. To reload is to restart.
set -e
units=/usr/lib/systemd/system
state=/run/units
wanted=/etc/systemd/system/multi-user.target.wants
mkdir -p "$state" "$wanted"

unit_file() {
    for folder in /etc/systemd/system "$units"; do
        if [ -f "$folder/$1" ]; then echo "$folder/$1"; return; fi
    done
    echo "Unit $1 not found." >&2
    return 5
}

value() { sed -n "s/^$2=//p" "$1"; }

# Programs of Debian whose units begin more than one process, or read files of their own.
start_other() {
    case "$1" in
        nginx.service) nginx ;;
        caddy.service)
            rights=+net_bind_service
            setpriv --reuid caddy --regid caddy --init-groups --inh-caps $rights --ambient-caps $rights \
                env HOME=/var/lib/caddy caddy run --config /etc/caddy/Caddyfile > /var/log/caddy.log 2>&1 &
            echo $! > "$state/$1"
            ;;
        postgresql*.service)
            pg_lsclusters -h | while read -r version cluster port status rest; do
                [ "$status" = online ] ||
                    pg_ctlcluster --skip-systemctl-redirect "$version" "$cluster" start
            done
            ;;
    esac
}

start() {
    case "$1" in nginx.service | caddy.service | postgresql*.service) start_other "$1"; return ;; esac
    file=$(unit_file "$1")
    case "$1" in *.timer) : > "$state/$1"; return ;; esac
    if [ -f "$state/$1" ] && kill -0 "$(cat "$state/$1")" 2>/dev/null; then return; fi
    user=$(value "$file" User)
    folder=$(value "$file" StateDirectory)
    [ -z "$folder" ] || [ -d "/var/lib/$folder" ] || install -d -m 700 -o "$user" -g "$user" "/var/lib/$folder"
    run="cd $(value "$file" WorkingDirectory); exec env -i PATH=/usr/bin:/bin LANG=C.UTF-8 \
        $(value "$file" Environment) setpriv --reuid $user --regid $user --init-groups"
    value "$file" ExecStartPre | while read -r command; do sh -c "$run $command"; done
    if [ "$(value "$file" Type)" = oneshot ]; then
        sh -c "$run $(value "$file" ExecStart)" >> "/var/log/$1.log" 2>&1
        return
    fi
    sh -c "$run $(value "$file" ExecStart)" >> "/var/log/$1.log" 2>&1 &
    echo $! > "$state/$1"
}

stop() {
    if [ "$1" = nginx.service ]; then
        [ ! -s /run/nginx.pid ] || cp /run/nginx.pid "$state/$1"
    fi
    pid=$(cat "$state/$1" 2>/dev/null || true)
    rm -f "$state/$1"
    [ -n "$pid" ] || return 0
    kill -TERM "$pid" 2>/dev/null || return 0
    while kill -0 "$pid" 2>/dev/null && ! grep -q '^State:.Z' "/proc/$pid/status"; do sleep 0.1; done
}

named() {
    case "$1" in *'*'*) (cd "$state" && ls $1 2>/dev/null) || true ;; *.*) echo "$1" ;; *) echo "$1.service" ;; esac
}

verb=$1
shift
now=
for word in "$@"; do [ "$word" != --now ] || now=1; done
[ "$verb" != --quiet ] || { verb=$1; shift; }
for word in "$@"; do
    case "$word" in -*) continue ;; esac
    for unit in $(named "$word"); do
        case "$verb" in
            enable)
                ln -sf "$(unit_file "$unit")" "$wanted/$unit"
                [ -z "$now" ] || start "$unit"
                ;;
            disable) rm -f "$wanted/$unit"; [ -z "$now" ] || stop "$unit" ;;
            is-enabled) [ -L "$wanted/$unit" ] ;;
            is-active) [ -f "$state/$unit" ] && { [ "${unit%.timer}" != "$unit" ] || kill -0 "$(cat "$state/$unit")"; } ;;
            start) start "$unit" ;;
            stop) stop "$unit" ;;
            restart | reload) stop "$unit"; start "$unit" ;;
            *) echo "systemctl $verb is not known here" >&2; exit 1 ;;
        esac
    done
done
