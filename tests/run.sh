#!/usr/bin/env bash
# Builds everything (Release) and runs every test. As root it installs the programs that tests use for real; otherwise it says
# which are missing and those tests are skipped. Arguments, if any, choose projects: tests/run.sh Cli Edge
# The last line is always: N passed, N failed, N skipped
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
configuration=Release
hang_limit=40m # of one project; the longest takes 17 minutes, and twice that beside other work
passed=0 failed=0 skipped=0

summary() {
    echo "$passed passed, $failed failed, $skipped skipped"
}

# program:package
tools=(haproxy:haproxy nginx:nginx-light redis-server:redis-server wrk:wrk curl:curl openssl:openssl faketime:faketime
    dnsdist:dnsdist pdns_recursor:pdns-recursor dig:bind9-dnsutils dnsperf:dnsperf iperf3:iperf3
    nft:nftables ip:iproute2 turnserver:coturn)

missing_packages() {
    local tool
    for tool in "${tools[@]}"; do
        PATH="$PATH:/usr/sbin:/sbin" command -v "${tool%%:*}" >/dev/null || echo "${tool##*:}"
    done
}

install_packages() {
    # packages of servers start them: the tests start their own, and nothing may stay behind
    local policy=/usr/sbin/policy-rc.d made_policy=0 status=0
    if [[ ! -e $policy ]]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod +x "$policy"
        made_policy=1
    fi
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"; } </dev/null >&2 || status=$?
    ((made_policy == 0)) || rm -f "$policy"
    return "$status"
}

ensure_tools() {
    local missing
    mapfile -t missing < <(missing_packages)
    ((${#missing[@]} > 0)) || return 0
    if [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null; then
        echo "installing: ${missing[*]}"
        install_packages "${missing[@]}" || echo "could not install all of: ${missing[*]}"
        mapfile -t missing < <(missing_packages)
    fi
    ((${#missing[@]} == 0)) || echo "missing, so tests that need them are skipped: ${missing[*]} (apt-get install ${missing[*]})"
}

count() { # count LABEL FILE: the number behind "  LABEL:" in a run's summary
    sed -n "s/^ *$1: *\([0-9][0-9]*\).*/\1/p" "$2" | tail -n 1
}

run_project() { # run_project NAME
    local name=$1 log status=0
    local dll="tests/$name/bin/$configuration/net10.0/$name.dll"
    log=$(mktemp)
    echo "== $name"
    timeout --kill-after=30s "$hang_limit" dotnet exec "$dll" --no-ansi --progress off --show-slowest-tests 5 </dev/null >"$log" 2>&1 || status=$?
    cat "$log"
    local p s f
    p=$(count succeeded "$log") f=$(count failed "$log") s=$(count skipped "$log")
    passed=$((passed + ${p:-0})) failed=$((failed + ${f:-0})) skipped=$((skipped + ${s:-0}))
    rm -f "$log"
    case $status in
        0) ;;
        8) echo "$name has no tests yet" ;; # the platform's code for "nothing ran"
        *)
            # a crash or a hang has no failed test to show for it
            ((${f:-0} > 0)) || { echo "$name ended with exit code $status"; failed=$((failed + 1)); }
            ;;
    esac
}

ensure_tools
if ! dotnet build remoteingress.sln -c "$configuration" -v q --nologo </dev/null; then
    echo "the build failed"
    failed=1
    summary
    exit 1
fi

# What end-to-end tests start, hundreds of times: compiled ahead of time. Where that cannot be had, what was built does.
program=$(mktemp -d)
chmod 755 "$program" # some start it as nobody
trap 'rm -rf "$program"' EXIT
if dotnet publish src/RemoteIngress.Cli -c "$configuration" --use-current-runtime --self-contained false -p:PublishReadyToRun=true -o "$program" -v q --nologo </dev/null; then
    export REMOTEINGRESS_TEST_PROGRAM=$program/remoteingress
fi

for project in tests/*.Tests/*.csproj; do
    name=$(basename "$project" .csproj)
    if (($# > 0)); then
        wanted=0
        for part in "$@"; do [[ $name != "RemoteIngress.$part.Tests" ]] || wanted=1; done
        ((wanted == 1)) || continue
    fi
    run_project "$name"
done

summary
((failed == 0 && passed > 0))
