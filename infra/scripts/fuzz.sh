#!/usr/bin/env bash
# Fuzzes every parser for a long time.
#
#   infra/scripts/fuzz.sh [--seconds N] [--target T] [--seed S] [--crashes DIR] [--afl]
#
# By default (an hour over all targets, equally) this is the loop that is built into tests/RemoteIngress.Fuzz: it needs nothing but the
# SDK, measures no coverage, and goes on from inputs whose outcome it has not seen. Its seed is printed; the same seed gives the same
# inputs. A crash prints target, seed and input in hex, and is saved under DIR (artifacts/fuzz/crashes unless given), from where
#
#   dotnet tests/RemoteIngress.Fuzz/bin/Release/net10.0/RemoteIngress.Fuzz.dll replay TARGET FILE
#
# runs it again. When the bug is fixed, the input goes into tests/RemoteIngress.Fuzz/Corpus/TARGET/ and a test into the parser's own.
#
# --afl is guided by coverage. It needs one target, afl-fuzz (apt-get install afl++) and sharpfuzz
# (dotnet tool install --global SharpFuzz.CommandLine --version 2.3.0). The program is published to artifacts/fuzz/afl, the copies of the
# product's assemblies there are instrumented, and afl-fuzz runs over the checked-in corpus; its findings stay in
# artifacts/fuzz/findings/TARGET and a later run goes on from them.
#
# Exit code: 0 nothing found, 1 a crash, 2 wrong use or something missing, 3 a target that did not come back.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
project=tests/RemoteIngress.Fuzz
assemblies=(RemoteIngress.Protocol RemoteIngress.Transport RemoteIngress.Hub)
seconds=3600 target="" seed="" crashes=artifacts/fuzz/crashes afl=0

fail() {
    echo "$1" >&2
    exit 2
}

while (($# > 0)); do
    case $1 in
        --afl) afl=1 && shift && continue ;;
        --seconds | --target | --seed | --crashes) (($# > 1)) || fail "$1 needs a value" ;;
        *) fail "$1 is not understood; the head of this file says what is" ;;
    esac
    case $1 in
        --seconds) seconds=$2 ;;
        --target) target=$2 ;;
        --seed) seed=$2 ;;
        --crashes) crashes=$2 ;;
    esac
    shift 2
done

run_builtin() {
    local options=(--seconds "$seconds" --crashes "$crashes")
    [[ -z $target ]] || options+=(--target "$target")
    [[ -z $seed ]] || options+=(--seed "$seed")
    dotnet build "$project" -c Release -v q --nologo
    exec dotnet "$project/bin/Release/net10.0/RemoteIngress.Fuzz.dll" run "${options[@]}"
}

run_afl() {
    [[ -n $target ]] || fail "--afl needs --target"
    [[ -d $project/Corpus/$target ]] || fail "there is no target $target"
    command -v afl-fuzz >/dev/null || fail "afl-fuzz is missing: apt-get install afl++"
    command -v sharpfuzz >/dev/null || fail "sharpfuzz is missing: dotnet tool install --global SharpFuzz.CommandLine --version 2.3.0"
    local out=artifacts/fuzz/afl findings=artifacts/fuzz/findings/$target input=$project/Corpus/$target name
    rm -rf "$out" # an assembly must not be instrumented twice
    dotnet publish "$project" -c Release -o "$out" -v q --nologo
    for name in "${assemblies[@]}"; do
        sharpfuzz "$out/$name.dll"
    done
    [[ ! -d $findings/default/queue ]] || input=- # go on from the last run
    mkdir -p "$findings"

    # the runtime reserves far more memory than it uses; the core pattern of a container is not ours to change
    local status=0
    [[ -t 1 ]] || export AFL_NO_UI=1
    AFL_SKIP_BIN_CHECK=1 AFL_SKIP_CPUFREQ=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 \
        afl-fuzz -i "$input" -o "$findings" -V "$seconds" -t 10000 -m none -- dotnet "$out/RemoteIngress.Fuzz.dll" afl "$target" || status=$?
    if [[ -n $(find "$findings" -path '*/crashes*/id:*' -print -quit) ]]; then
        echo "crashes are in $findings/default/crashes"
        exit 1
    fi

    # afl-fuzz ends with 1 when the target does not even start
    ((status == 0)) || fail "afl-fuzz ended with $status; AFL_DEBUG_CHILD=1 shows what the target says"
    grep -E '^(execs_done|corpus_count|edges_found|stability|saved_crashes|saved_hangs)' "$findings/default/fuzzer_stats"
    [[ -z $(find "$findings" -path '*/hangs/id:*' -print -quit) ]] || exit 3
}

if ((afl == 1)); then
    run_afl
else
    run_builtin
fi
