#!/usr/bin/env bash
# The one command, CI's too: installs what the tests need, builds, and runs every test, fast ones first.
# Ends with one line, "N passed, N failed". WEIR_LONG=1 adds the long runs (soak, chaos).
set -uo pipefail
cd "$(dirname "$0")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DEBIAN_FRONTEND=noninteractive

passed=0
failed=0
finish() {
  echo "$passed passed, $failed failed"
  [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
  exit
}

# What the tests start for real. Each is installed only where it is absent.
missing=()
need() { command -v "$1" >/dev/null 2>&1 || missing+=("$2"); }
need dockerd docker.io
need busybox busybox-static
need iptables iptables
need /lib/systemd/systemd-journald systemd
need /lib/systemd/systemd-journal-remote systemd-journal-remote
need rabbitmq-server rabbitmq-server
[ -e /usr/lib/x86_64-linux-gnu/libsqlite3.so.0 ] || [ -e /usr/lib/aarch64-linux-gnu/libsqlite3.so.0 ] || missing+=(libsqlite3-0)
[ -d /usr/share/zoneinfo ] || missing+=(tzdata)
if [ "${#missing[@]}" -gt 0 ]; then
  echo "installing: ${missing[*]}"
  sudo=""
  [ "$(id -u)" = 0 ] || sudo=sudo
  $sudo apt-get update -qq && $sudo apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null \
    || { echo "could not install ${missing[*]}: install them by hand and run again"; failed=1; finish; }
fi

echo "build"
dotnet build Cluster.sln -c Release -v q || { failed=1; finish; }

log=$(mktemp)
trap 'rm -f "$log"' EXIT
for project in Protocol Routing Node Cluster; do
  echo "test $project"
  dotnet test "tests/$project.Tests" -c Release --no-build --nologo 2>&1 | tee "$log"
  status=${PIPESTATUS[0]}
  read -r bad good < <(sed -nE 's/.*Failed: +([0-9]+), Passed: +([0-9]+).*/\1 \2/p' "$log" | tail -1)
  passed=$((passed + ${good:-0}))
  failed=$((failed + ${bad:-0}))
  # A test host that died counts, whatever it printed.
  [ "$status" -eq 0 ] || [ "${bad:-0}" -gt 0 ] || failed=$((failed + 1))
  unset bad good
done
finish
