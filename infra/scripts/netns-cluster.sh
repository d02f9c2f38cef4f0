#!/usr/bin/env bash
# A whole cluster on one Linux machine, each part in a network namespace of its own, as on machines of their own: Redis (append-only file), three
# hubs, two edges, an nginx target that expects the PROXY protocol, and a client. Root only. Nothing of it is in the machine's own network.
#
#   infra/scripts/netns-cluster.sh up       builds the program (or takes --program) and starts everything; prints how to use it
#   infra/scripts/netns-cluster.sh status   who runs, and what hubs and edges say
#   infra/scripts/netns-cluster.sh down     removes everything, whatever state it is in
#
# What to try then; NODE is redis, hub1, hub2, hub3, edge1, edge2 or target:
#
#   … kill NODE         SIGKILL                     … freeze NODE      SIGSTOP (it hangs)          … cut NODE     drops every packet of it, silently
#   … drain NODE        SIGTERM, waits for its end  … thaw NODE        SIGCONT                     … heal NODE    lets them through again
#   … start NODE        starts it again             … logs NODE        prints its log              … exec NODE CMD…   runs CMD there (also: client)
#
# Options:  --name NAME            several clusters run side by side under different names (ri; or REMOTEINGRESS_CLUSTER_NAME)
#           --program FILE         the remoteingress to run
#           --hub-options "…"      more options for every hub, --edge-options "…" for every edge
#           --dir DIR              where files, logs and process ids are kept (/run/remoteingress-cluster/NAME)
#
# Exit code: 0 done, 1 failed (an `up` that fails removes what it had started), 2 wrong use or something missing.
set -euo pipefail

name=${REMOTEINGRESS_CLUSTER_NAME:-ri} program="" hub_options="" edge_options="" dir=""
hubs=(hub1 hub2 hub3) edges=(edge1 edge2)
nodes=(redis "${hubs[@]}" "${edges[@]}" target client)
declare -A address=([redis]=10.78.0.2 [hub1]=10.78.0.11 [hub2]=10.78.0.12 [hub3]=10.78.0.13 [edge1]=10.78.0.21 [edge2]=10.78.0.22
    [target]=10.78.0.31 [client]=10.78.0.41)
ready_within=60 # seconds; a hub needs two on an idle machine

wrong() {
    echo "netns-cluster.sh: $1" >&2
    exit 2
}

failed() {
    echo "netns-cluster.sh: $1" >&2
    exit 1
}

netns() { echo "$name-$1"; }

inside() { # inside NODE CMD...
    local node=$1
    shift
    ip netns exec "$(netns "$node")" "$@"
}

is_node() { [[ " ${nodes[*]} " == *" $1 "* ]]; }

pid_of() { cat "$dir/$1.pid" 2>/dev/null; }

is_running() {
    local pid
    pid=$(pid_of "$1") && [[ -n $pid && -d /proc/$pid ]] && [[ $(sed 's/.*) //' "/proc/$pid/stat" 2>/dev/null) != Z* ]]
}

# shellcheck source=SCRIPTDIR/netns-cluster-parts.sh
source "$(dirname "${BASH_SOURCE[0]}")/netns-cluster-parts.sh"

# --- the commands

find_program() {
    if [[ -z $program ]]; then
        local root
        root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
        command -v dotnet >/dev/null || wrong "dotnet is missing: give --program FILE, or install the SDK"
        echo "building the program …"
        DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 dotnet publish "$root/src/RemoteIngress.Cli" -c Release -o "$root/artifacts/netns-cluster" -v q </dev/null
        program=$root/artifacts/netns-cluster/remoteingress
    fi
    program=$(readlink -f "$program") && [[ -x $program ]] || wrong "--program: $program is not there or cannot be run"
}

up() {
    local tool
    for tool in ip redis-server nginx curl openssl setsid; do
        PATH=$PATH:/usr/sbin:/sbin command -v "$tool" >/dev/null || wrong "$tool is missing (apt-get install iproute2 redis-server nginx-light curl openssl util-linux)"
    done
    [[ ! -e $dir ]] || wrong "there is a cluster named $name already; first: $0 down --name $name"
    find_program
    umask 077
    mkdir -p "$dir"
    chmod 711 "$dir"
    trap 'trap - EXIT; echo "up failed: everything is removed again" >&2; down; exit 1' EXIT
    trap 'exit 130' INT TERM
    build_network
    write_files
    start_together redis target
    start_together "${hubs[@]}"
    remoteingress_in hub1 edges set "$dir/edges.json" >/dev/null
    start_together "${edges[@]}"
    local edge
    for edge in "${edges[@]}"; do
        until_listening "$edge" 80
    done
    trap - EXIT INT TERM
    usage_of_it
}

usage_of_it() {
    local again=$0
    [[ $name == ri ]] || again+=" --name $name"
    cat <<TEXT
The cluster $name runs: three hubs, two edges, Redis, nginx.

  ip netns exec $(netns client) curl -s http://${address[edge1]}/        through the first edge (second: ${address[edge2]}; port 8080 is a confirmed one)
  ip netns exec $(netns hub1) env REMOTEINGRESS_ADMIN_TOKEN=$(<"$dir/admin-token") $(<"$dir/program") status
  ip netns exec $(netns edge1) curl -s http://127.0.0.1:9081/status
  $again kill hub2; … start hub2; … drain hub1; … freeze hub3; … cut hub3; … status
  $again down
TEXT
}

state_of() {
    if ! is_running "$1"; then
        echo "does not run"
    elif [[ $(sed 's/.*) //' "/proc/$(pid_of "$1")/stat") == T* ]]; then
        echo "is frozen"
    else
        echo "runs"
    fi
    ! is_cut "$1" || echo "  and is cut off"
}

is_cut() { inside "$1" nft list table inet cut >/dev/null 2>&1; }

status() {
    local node
    for node in "${nodes[@]}"; do
        [[ $node == client ]] || printf '%-7s %-11s %s\n' "$node" "${address[$node]}" "$(state_of "$node" | tr -d '\n')"
    done
    for node in "${hubs[@]}"; do
        printf '\n%s: ' "$node"
        inside "$node" curl -s -m 2 -w '%{http_code}\n' -o /dev/null http://127.0.0.1:9080/readyz || true
        ! is_running "$node" || timeout 5 "$0" exec --name "$name" --dir "$dir" "$node" "$(<"$dir/program")" status || true
    done
    for node in "${edges[@]}"; do
        printf '\n%s: ' "$node"
        inside "$node" curl -s -m 2 http://127.0.0.1:9081/status | grep -oE '"(connected|hub|state|connections)": ["a-z0-9.:]+' | grep -v '"inactive"\|"off"' | tr '\n' ' ' || true
        echo
    done
}

send() { # send NODE SIGNAL
    is_running "$1" || failed "$1 does not run"
    kill "-$2" "$(pid_of "$1")"
}

until_gone() {
    while is_running "$1"; do
        sleep 0.05
    done
}

cut() {
    # a policy, and no rule with "drop" in it: nothing is answered, neither by us nor by the kernel
    inside "$1" nft "add table inet cut; add chain inet cut in { type filter hook input priority -400; policy drop; }
        add chain inet cut out { type filter hook output priority -400; policy drop; }
        add rule inet cut in iif lo accept; add rule inet cut out oif lo accept"
}

down() {
    local ns pid
    for ns in "${nodes[@]}" net; do
        ns=$(netns "$ns")
        [[ -e /run/netns/$ns ]] || continue
        for pid in $(ip netns pids "$ns" 2>/dev/null); do
            kill -KILL "$pid" 2>/dev/null || true
        done
        ip netns delete "$ns" || true # somebody else may have been quicker; the rest must go all the same
    done
    [[ -z $dir || ! -e $dir ]] || rm -rf "$dir"
}

# --- what was asked for

[[ $# -gt 0 ]] || wrong "up, down, status, start, kill, drain, freeze, thaw, cut, heal, logs or exec; the head of this file says more"
command=$1
shift
while (($# > 0)); do
    case $1 in
        --name | --program | --hub-options | --edge-options | --dir) (($# > 1)) || wrong "$1 needs a value" ;;
        --*) wrong "$1 is not understood; the head of this file says what is" ;;
        *) break ;;
    esac
    case $1 in
        --name) name=$2 ;;
        --program) program=$2 ;;
        --hub-options) hub_options=$2 ;;
        --edge-options) edge_options=$2 ;;
        --dir) dir=$2 ;;
    esac
    shift 2
done

[[ $name =~ ^[A-Za-z0-9][A-Za-z0-9-]{0,23}$ ]] || wrong "--name: up to 24 letters, digits and -"
[[ $(id -u) == 0 ]] || wrong "only root can make network namespaces"
PATH=$PATH:/usr/sbin:/sbin
dir=${dir:-/run/remoteingress-cluster/$name}
case $command in
    up | down | status)
        (($# == 0)) || wrong "$command takes no $1"
        [[ $command != status || -e $dir ]] || failed "there is no cluster named $name"
        "$command"
        exit
        ;;
    start | kill | drain | freeze | thaw | cut | heal | logs | exec) ;;
    *) wrong "$command is not understood; the head of this file says what is" ;;
esac

node=${1:-}
is_node "$node" || wrong "$command which? one of: ${nodes[*]}"
[[ -e $dir ]] || failed "there is no cluster named $name"
shift
[[ $command == exec ]] || (($# == 0)) || wrong "$command $node takes no $1"
case $command in
    start) umask 077 && start_together "$node" ;;
    kill) send "$node" KILL && until_gone "$node" ;;
    drain) send "$node" TERM && until_gone "$node" ;;
    freeze) send "$node" STOP ;;
    thaw) send "$node" CONT ;;
    cut) cut "$node" ;;
    heal) inside "$node" nft delete table inet cut ;;
    logs) cat "$dir/$node.log" ;;
    exec) REMOTEINGRESS_ADMIN_TOKEN=$(<"$dir/admin-token") inside "$node" "$@" ;;
esac
