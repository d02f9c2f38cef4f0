#!/usr/bin/env bash
# Makes a private certificate authority and certificates for mutual TLS between hubs, for a trial; docs/operations.md, "A cluster".
#
#   infra/scripts/cluster-ca.sh DIR NAME...
#
# NAME is a hub (hub-1), or with "client:" before it a program that manages edges (client:dcrouter). Makes DIR/ca.pem and DIR/ca-key.pem unless
# they are there, and DIR/NAME.pem with DIR/NAME-key.pem for each name, anew when it is run again. Keys are 0600.
# The authority is valid for ten years and certificates for DAYS (90 unless set). Hubs read new files without a restart.
set -euo pipefail
umask 077

if [ $# -lt 2 ]; then
  echo "usage: ${0##*/} DIR NAME...   (hub-1, client:dcrouter)" >&2
  exit 2
fi
command -v openssl > /dev/null || { echo "openssl is not installed (Debian: apt-get install openssl)" >&2; exit 1; }

dir=$1
shift
days=${DAYS:-90}
for name in "$@"; do
  if ! [[ ${name#client:} =~ ^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$ ]] || [ "${name#client:}" = ca ]; then
    echo "'$name' is no name; give 1 to 128 of A-Z a-z 0-9 . _ -, other than ca, with client: before it for a client" >&2
    exit 2
  fi
done
mkdir -p "$dir"

new_key() { # FILE: a P-256 key
  openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1"
}

if ! [ -e "$dir/ca.pem" ]; then
  new_key "$dir/ca-key.pem"
  openssl req -x509 -new -key "$dir/ca-key.pem" -sha256 -days 3650 -subj "/CN=remoteingress cluster" -out "$dir/ca.pem" \
    -addext "basicConstraints=critical,CA:TRUE,pathlen:0" -addext "keyUsage=critical,keyCertSign,cRLSign"
  chmod 644 "$dir/ca.pem"
fi

for entry in "$@"; do
  name=${entry#client:}
  # The DNS name is the role: it decides what a certificate's holder may be (docs/security.md).
  if [ "$name" = "$entry" ]; then role=hub usage=serverAuth,clientAuth; else role=client usage=clientAuth; fi
  new_key "$dir/$name-key.pem.new"
  openssl req -new -key "$dir/$name-key.pem.new" -subj "/CN=$name" -out "$dir/$name.csr"
  openssl x509 -req -in "$dir/$name.csr" -CA "$dir/ca.pem" -CAkey "$dir/ca-key.pem" -sha256 -days "$days" -out "$dir/$name.pem.new" -extfile <(
    echo "basicConstraints=critical,CA:FALSE"
    echo "keyUsage=critical,digitalSignature"
    echo "extendedKeyUsage=$usage"
    echo "subjectAltName=DNS:$role.remoteingress.internal"
  ) 2> /dev/null
  rm "$dir/$name.csr"
  chmod 644 "$dir/$name.pem.new"
  mv "$dir/$name-key.pem.new" "$dir/$name-key.pem"
  mv "$dir/$name.pem.new" "$dir/$name.pem"
  echo "$role $name: $dir/$name.pem"
done
