#!/usr/bin/env bash
# Mixed traffic through a real hub and a real edge for a long time: short requests, bulk both ways, idle connections, half-closes, clients
# and targets that reset, a slow reader, changes of the configuration and cut tunnels.
#
#   infra/scripts/soak.sh [MINUTES]        20 unless given; at least 4, since the first two are for warming up
#
# Prints a line a minute: resident memory, managed heap and what the runtime has committed (MiB), descriptors, streams, waiting bytes and timers of
# both processes, and how many operations were done, failed because the tunnel was cut under them, and failed without reason (the last must stay 0).
# At the end both must hold what they held, equally idle, after the first two minutes: the verdict is the last line.
#
# Exit code: 0 passed, 1 failed, 2 wrong use.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

minutes=${1:-20}
[[ $minutes =~ ^[0-9]+$ ]] && ((minutes >= 4)) || { echo "soak.sh [MINUTES], at least 4" >&2; exit 2; }

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
project=tests/RemoteIngress.EndToEnd.Tests
dotnet build "$project" -c Release -v q --nologo

report=$(mktemp) log=$(mktemp)
trap 'rm -f "$report" "$log"' EXIT
REMOTEINGRESS_SOAK_MINUTES=$minutes REMOTEINGRESS_SOAK_REPORT=$report \
    dotnet exec "$project/bin/Release/net10.0/RemoteIngress.EndToEnd.Tests.dll" --no-ansi --progress off --filter-class '*.SoakTests' </dev/null >"$log" 2>&1 &
tail -n +1 -f --pid=$! "$report"
status=0
wait $! || status=$?
if ((status != 0)); then
    cat "$log" >&2
    exit 1
fi
