#!/bin/sh
# Runs a program of Debian forky on this machine by forky's own libraries: this machine's may be older. The links beside this
# file name the programs.
set -eu
name=${0##*/} root=$ROOTFS_FORKY
exec "$root"/lib*/ld-linux-*.so.* --library-path "$(echo "$root"/usr/lib/*-linux-gnu)" --argv0 "$name" "$root/usr/bin/$name" "$@"
