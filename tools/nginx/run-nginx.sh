#!/bin/sh
# Runs nginx by the libraries beside it: this machine's may be older. A link to this file works too.
set -eu
here=$(dirname -- "$(dirname -- "$(readlink -f -- "$0")")")
# nginx reads the variable as a list of sockets. The set-up's has the program's path.
case "${NGINX-}" in */*) unset NGINX ;; esac
exec "$here"/lib/ld-linux-*.so.* --library-path "$here/lib" "$here/libexec/nginx" "$@"
