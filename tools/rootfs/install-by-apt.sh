#!/bin/sh
# Installs packages in a root file system by its own apt: install-by-apt.sh ROOT PACKAGE…
set -eu
root=$1
shift
mount -t proc proc "$root/proc"
# An old state of the mirror is good enough: debootstrap does not check the date either.
apt() { chroot "$root" apt-get -oAPT::Sandbox::User=root -oAcquire::Check-Valid-Until=false "$@"; }
apt update
apt install -y --no-install-recommends "$@"
