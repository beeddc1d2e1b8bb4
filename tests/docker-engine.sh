#!/usr/bin/env bash
# A Docker engine of the tests' own: its data, socket and processes live under one folder and nowhere else.
#   docker-engine.sh start DIR   starts it (again), with the image weir-test:busybox; prints the socket's path
#   docker-engine.sh stop DIR    stops it and its containers, and removes DIR
# Needs root. Installs Debian's docker.io and busybox-static where they are absent.
set -euo pipefail

command=${1:?start or stop}
dir=${2:?a folder}
socket=$dir/docker.sock
pidfile=$dir/docker.pid
image=weir-test:busybox

fail() {
  echo "docker-engine.sh: $*" >&2
  exit 1
}

engine() {
  curl -sS --fail-with-body --unix-socket "$socket" "$@"
}

running() {
  engine http://docker/_ping >/dev/null 2>&1
}

install_packages() {
  local missing=()
  command -v dockerd >/dev/null || missing+=(docker.io)
  command -v busybox >/dev/null || missing+=(busybox-static)
  command -v curl >/dev/null || missing+=(curl)
  [ "${#missing[@]}" -eq 0 ] && return
  export DEBIAN_FRONTEND=noninteractive
  { apt-get update -qq && apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >/dev/null \
    || fail "cannot install ${missing[*]}: install them by hand and run again"
}

launch() {
  local driver=$1
  # After a kill -9 the next engine refuses to start over the stale files of the last.
  rm -f "$pidfile" "$dir/exec/containerd/containerd.pid"
  # No bridge and no iptables: containers get the network "none", and the host's network is left as it is.
  setsid dockerd --data-root "$dir/data" --exec-root "$dir/exec" --pidfile "$pidfile" --host "unix://$socket" \
    --bridge=none --iptables=false --ip6tables=false ${driver:+--storage-driver="$driver"} \
    >>"$dir/dockerd.log" 2>&1 </dev/null &
  local child=$!
  for _ in $(seq 1 300); do
    running && return 0
    kill -0 "$child" 2>/dev/null || return 1
    sleep 0.1
  done
  kill "$child" 2>/dev/null || true
  return 1
}

import_image() {
  engine "http://docker/images/$image/json" >/dev/null 2>&1 && return
  local root
  root=$(mktemp -d)
  mkdir -p "$root/bin" "$root/tmp"
  cp "$(command -v busybox)" "$root/bin/busybox"
  for applet in awk cat date dd echo head mkfifo printf seq sh sleep tr usleep yes; do
    ln -sf busybox "$root/bin/$applet"
  done
  tar -C "$root" -c . | engine -X POST -H 'Content-Type: application/x-tar' --data-binary @- \
    "http://docker/images/create?fromSrc=-&repo=${image%:*}&tag=${image#*:}" >/dev/null
  rm -rf "$root"
}

case $command in
  start)
    [ "$(id -u)" -eq 0 ] || fail "an engine needs root: run the tests as root"
    install_packages
    mkdir -p "$dir"
    # The kernel or a surrounding container may have no overlay file system: vfs works everywhere, only slower.
    running || launch "" || launch vfs \
      || fail "dockerd does not start; its last words: $(tail -n 5 "$dir/dockerd.log")"
    import_image
    echo "$socket"
    ;;
  stop)
    # Whatever was started has a path below DIR/exec in its command line: the engine, its containerd, its shims.
    # An engine that was asked to end stops its containers first.
    for signal in TERM KILL; do
      for _ in $(seq 1 100); do
        pids=$(pgrep -f -- "$dir/exec" || true)
        [ -n "$pids" ] || break
        kill "-$signal" $pids 2>/dev/null || true
        sleep 0.1
      done
    done
    awk -v dir="$dir/" 'index($2, dir) == 1 { print $2 }' /proc/mounts | sort -r | xargs -r umount -l
    rm -rf "$dir"
    ;;
  *) fail "unknown command $command" ;;
esac
