#!/usr/bin/env bash
# What happens to traffic when parts of a cluster fail, measured: three hubs, two edges and Redis in network namespaces, 200 new connections a
# second. A hub is killed, hangs, is cut off and is restarted with all the others; Redis is away for a minute; both cores are full for a minute;
# a hub has 1,000 tunnels. Root only; four to five minutes.
#
#   infra/scripts/failover.sh [SECONDS]     of the outage of Redis and of the saturation; 60 unless given
#
# Prints a line for each with what was counted. Exit code: 0 all as required, 1 not, 2 wrong use.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

seconds=${1:-60}
[[ $seconds =~ ^[0-9]+$ ]] && ((seconds >= 5)) || { echo "failover.sh [SECONDS], at least 5" >&2; exit 2; }
[[ $(id -u) == 0 ]] || { echo "only root can make network namespaces" >&2; exit 2; }

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
project=tests/RemoteIngress.EndToEnd.Tests
dotnet build "$project" -c Release -v q --nologo

report=$(mktemp) log=$(mktemp)
trap 'rm -f "$report" "$log"' EXIT
REMOTEINGRESS_FAILOVER_SATURATION=$seconds REMOTEINGRESS_FAILOVER_OUTAGE=$seconds REMOTEINGRESS_FAILOVER_REPORT=$report \
    dotnet exec "$project/bin/Release/net10.0/RemoteIngress.EndToEnd.Tests.dll" --no-ansi --progress off --filter-class '*.Cluster.Failover*' </dev/null >"$log" 2>&1 &
tail -n +1 -f --pid=$! "$report"
status=0
wait $! || status=$?
if ((status != 0)); then
    cat "$log" >&2
    exit 1
fi
