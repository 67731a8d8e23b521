#!/bin/sh
# Runs nginx by the libraries beside it: this machine's may be older. A link to this file works too.
set -eu
here=$(dirname -- "$(dirname -- "$(readlink -f -- "$0")")")
exec "$here"/lib/ld-linux-*.so.* --library-path "$here/lib" --argv0 nginx "$here/libexec/nginx" "$@"
