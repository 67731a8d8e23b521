#!/bin/sh
# The first process of a node until systemd takes its place. It is in namespaces of its own already, but still sees the
# machine's files: makes the node's root, devices and network, moves there and becomes systemd.
# boot-node.sh FOLDER LOWER NAME HOLDER ADDRESS NEIGHBOUR OTHER_ADDRESS STRANGER; in FOLDER are upper/, work/, root/ and binds.
set -eu
folder=$1 lower=$2 name=$3 holder=$4 address=$5 neighbour=$6 other_address=$7 stranger=$8
# This /proc counts processes as the machine does.
read -r pid _ < /proc/self/stat

# A cable between this node and whoever holds it; unplugged at a reboot, but the kernel may take its time.
outside() { nsenter --net="/proc/$holder/ns/net" -- "$@"; }
outside ip link del cable 2>/dev/null || true
ip link add eth0 type veth peer name cable netns "/proc/$holder/ns/net"
outside ip addr add "$neighbour/24" dev cable
outside ip addr add "$stranger/24" dev cable
outside ip link set cable up
ip addr add "$address/24" dev eth0
ip addr add "$other_address/24" dev eth0
ip link set eth0 up
ip link set lo up

root=$folder/root
mount -t overlay overlay -o "lowerdir=$lower,upperdir=$folder/upper,workdir=$folder/work" "$root"
while IFS='	' read -r source target; do
  mkdir -p "$root$(dirname "$target")"
  if [ -d "$source" ]; then mkdir -p "$root$target"; else : > "$root$target"; fi
  mount --bind "$source" "$root$target"
  mount -o remount,bind,ro "$root$target"
done < "$folder/binds"

cd "$root"
mkdir -p old proc sys dev run tmp
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=755 tmpfs dev
mount -t tmpfs tmpfs tmp
for device in null zero full random urandom tty; do
  : > "dev/$device"
  mount --bind "/dev/$device" "dev/$device"
done
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts dev/pts
mount -t tmpfs tmpfs dev/shm
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
ln -s fd/0 dev/stdin
ln -s fd/1 dev/stdout
ln -s fd/2 dev/stderr
hostname "$name"
echo "$name" > etc/hostname
echo "$pid" > "$folder/pid"
pivot_root . old
cd /
umount -l /old
# Shared, or systemd cannot hand credentials into a unit's own mounts.
mount --make-rshared /
exec env -i container="$name" PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --system --log-target=journal --show-status=no
