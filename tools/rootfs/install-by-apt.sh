#!/bin/sh
# Installs packages in a root file system by its own apt: install-by-apt.sh ROOT PACKAGE…
set -eu
root=$1
shift
mount -t proc proc "$root/proc"
# A mirror of an earlier day does; debootstrap asks for no date either.
apt() { chroot "$root" apt-get -oAPT::Sandbox::User=root -oAcquire::Check-Valid-Until=false "$@"; }
apt update
apt install -y --no-install-recommends "$@"
