#!/usr/bin/env bash
# A large fleet in a real Redis and two real hubs: how long a reconcile takes, how long an unchanged list (also right after a restart of all hubs), what an edge
# costs in memory, and how long a change takes from one hub to an edge at another one.
#
#   infra/scripts/scale.sh [EDGES] [UPDATES]        10000 and 500 unless given
#
# Prints what it measured. Exit code: 0 passed, 1 failed, 2 wrong use.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

edges=${1:-10000} updates=${2:-500}
[[ $edges =~ ^[0-9]+$ && $updates =~ ^[0-9]+$ ]] && ((edges >= 100 && updates >= 1)) || { echo "scale.sh [EDGES] [UPDATES], at least 100 and 1" >&2; exit 2; }

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
project=tests/RemoteIngress.EndToEnd.Tests
dotnet build "$project" -c Release -v q --nologo

report=$(mktemp) log=$(mktemp)
trap 'rm -f "$report" "$log"' EXIT
status=0
REMOTEINGRESS_SCALE_EDGES=$edges REMOTEINGRESS_SCALE_UPDATES=$updates REMOTEINGRESS_SCALE_REPORT=$report \
    dotnet exec "$project/bin/Release/net10.0/RemoteIngress.EndToEnd.Tests.dll" --no-ansi --progress off \
    --filter-class '*.Registry.ScaleTests' --filter-class '*.Registry.PushTests' </dev/null >"$log" 2>&1 || status=$?
cat "$report"
if ((status != 0)); then
    cat "$log" >&2
    exit 1
fi
