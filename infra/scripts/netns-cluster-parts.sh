# Part of netns-cluster.sh, which reads it: the network and the programs in it. Uses its variables ($name, $dir, $address, …) and small functions.
# shellcheck shell=bash disable=SC2154

# --- the network: one bridge in a namespace of its own, a cable to each node

plug_in() { # plug_in NODE
    local node=$1 ns
    ns=$(netns "$node")
    ip netns add "$ns"
    ip -n "$ns" link set lo up
    ip -n "$(netns net)" link add "$node" type veth peer name eth0 netns "$ns"
    ip -n "$(netns net)" link set "$node" master br0 up
    ip -n "$ns" address add "${address[$node]}/24" dev eth0
    ip -n "$ns" link set eth0 up
}

build_network() {
    local node
    ip netns add "$(netns net)"
    ip -n "$(netns net)" link add br0 type bridge
    ip -n "$(netns net)" link set br0 up
    for node in "${nodes[@]}"; do
        plug_in "$node"
    done
}

# --- the programs

write_files() {
    local secret1 secret2
    head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n' >"$dir/admin-token"
    secret1=$(head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n')
    secret2=$(head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n')
    echo "$secret1" >"$dir/edge1.secret"
    echo "$secret2" >"$dir/edge2.secret"
    local ports='"listenPorts": [80, 8080], "portOptions": { "8080": { "target": "'${address[target]}':80", "open": "confirmed" } }'
    printf '[{ "id": "edge1", "secret": "%s", %s },\n { "id": "edge2", "secret": "%s", %s }]\n' \
        "$secret1" "$ports" "$secret2" "$ports" >"$dir/edges.json"
    "$(dirname "${BASH_SOURCE[0]}")/cluster-ca.sh" "$dir/ca" "${hubs[@]}" >/dev/null
    mkdir -p "$dir/redis" "$dir/nginx"
    chmod 755 "$dir/nginx" # its workers are nobody
    cat >"$dir/nginx/nginx.conf" <<NGINX
daemon off;
worker_processes 1;
pid $dir/nginx/pid;
events { worker_connections 4096; }
http {
    access_log off;
    client_body_temp_path $dir/nginx/body;
    proxy_temp_path $dir/nginx/proxy;
    fastcgi_temp_path $dir/nginx/fastcgi;
    uwsgi_temp_path $dir/nginx/uwsgi;
    scgi_temp_path $dir/nginx/scgi;
    server {
        listen ${address[target]}:80 proxy_protocol;
        location / { default_type text/plain; return 200 "hello \$proxy_protocol_addr, you came by the edge at \$proxy_protocol_server_addr and the hub at \$remote_addr\n"; }
    }
}
NGINX
    printf '%s\n' "$program" >"$dir/program"
    printf '%s\n' "$hub_options" >"$dir/hub-options"
    printf '%s\n' "$edge_options" >"$dir/edge-options"
}

# Starts CMD in a node's namespace, in the background and for longer than this script; its process id is CMD's own, since `ip netns exec` becomes it.
launch() { # launch NODE CMD...
    local node=$1
    shift
    ! is_running "$node" || failed "$node runs already"
    setsid ip netns exec "$(netns "$node")" "$@" >>"$dir/$node.log" 2>&1 </dev/null &
    echo $! >"$dir/$node.pid"
    disown
}

wait_for() { # wait_for NODE OFFSET TEXT: until TEXT is in the log, behind its first OFFSET bytes
    local node=$1 end=$((SECONDS + ready_within))
    until tail -c "+$(($2 + 1))" "$dir/$node.log" | grep -qF -e "$3"; do
        if ! is_running "$node" || ((SECONDS >= end)); then
            tail -n 20 "$dir/$node.log" >&2
            failed "$node is not ready; the end of its log stands above"
        fi
        sleep 0.05
    done
}

start_redis() {
    launch redis redis-server --bind "${address[redis]}" --protected-mode no --port 6379 --dir "$dir/redis" --save "" --appendonly yes
}

start_hub() { # start_hub NODE
    local ip=${address[$1]} options
    read -ra options <"$dir/hub-options" || true
    REMOTEINGRESS_ADMIN_TOKEN=$(<"$dir/admin-token") launch "$1" "$(<"$dir/program")" hub --hub-id "$1" --redis "${address[redis]}:6379" --cluster-id "$name" \
        --tunnel-address "$ip" --advertise "$ip:8443" --silo-address "$ip" --silo-port 11111 --gateway-port 30000 \
        --cluster-ca "$dir/ca/ca.pem" --cluster-cert "$dir/ca/$1.pem" --cluster-key "$dir/ca/$1-key.pem" \
        --target-host "${address[target]}" --data-dir "$dir/$1" "${options[@]}"
}

start_edge() { # start_edge NODE
    local hub to=() options
    for hub in "${hubs[@]}"; do
        to+=(--hub "${address[$hub]}:8443")
    done
    read -ra options <"$dir/edge-options" || true
    REMOTEINGRESS_SECRET=$(<"$dir/$1.secret") launch "$1" "$(<"$dir/program")" edge --edge-id "$1" "${to[@]}" --transport tcpTls --stun-server none \
        --data-dir "$dir/$1" "${options[@]}"
}

begin() { # begin NODE: starts it and prints how long its log was, for wait_for
    touch "$dir/$1.log"
    offset=$(stat -c %s "$dir/$1.log")
    case $1 in
        redis) start_redis ;;
        hub?) start_hub "$1" ;;
        edge?) start_edge "$1" ;;
        target) launch target nginx -c "$dir/nginx/nginx.conf" -p "$dir/nginx" -e stderr ;;
        *) wrong "$1 has nothing to start" ;;
    esac
}

until_ready() { # until_ready NODE OFFSET
    case $1 in
        redis) wait_for redis "$2" "Ready to accept connections" ;;
        target) until_listening target 80 ;;
        hub?) wait_for "$1" "$2" " is ready: " && until_joined "$1" ;;
        *) wait_for "$1" "$2" " is ready: " ;;
    esac
}

# A hub takes tunnels before its silo has joined, when that takes long; while Redis is away it has nothing to join.
until_joined() { # until_joined NODE
    local end=$((SECONDS + ready_within))
    until inside "$1" curl -s http://127.0.0.1:9080/readyz | grep -qF -e '"status":"ready"' -e '--redis'; do
        is_running "$1" && ((SECONDS < end)) || { tail -n 20 "$dir/$1.log" >&2; failed "$1 does not join its cluster"; }
        sleep 0.05
    done
}

until_listening() { # until_listening NODE PORT
    local end=$((SECONDS + ready_within))
    until inside "$1" bash -c "exec 3<>/dev/tcp/${address[$1]}/$2" 2>/dev/null; do
        is_running "$1" && ((SECONDS < end)) || { tail -n 20 "$dir/$1.log" >&2; failed "$1 does not listen on port $2"; }
        sleep 0.05
    done
}

start_together() { # start_together NODE...: side by side, since each waits for itself most of the time
    local node offset offsets=()
    for node in "$@"; do
        begin "$node"
        offsets+=("$offset")
    done
    for node in "$@"; do
        until_ready "$node" "${offsets[0]}"
        offsets=("${offsets[@]:1}")
    done
}

remoteingress_in() { # remoteingress_in HUB ARG...: the program's own commands, with the hub's token
    local node=$1
    shift
    REMOTEINGRESS_ADMIN_TOKEN=$(<"$dir/admin-token") inside "$node" "$(<"$dir/program")" "$@"
}
