#!/bin/sh
# Becomes a machine: boot.sh <root> <name> <doors of its cgroup> -- <more options of systemd-nspawn>
# All that is in it ends with whoever started this: the kernel kills `unshare` with its parent, that is pid 1
# of systemd-nspawn's namespace with `unshare`, and that the rest. Killing systemd-nspawn alone would not.
set -eu

if [ "$1" != --inside ]; then
  root=$1 name=$2
  shift 2
  while [ "$1" != -- ]; do
    echo $$ >"$1"
    shift
  done
  shift
  exec setpriv --pdeathsig KILL -- unshare --mount --pid --fork --kill-child=KILL --mount-proc -- \
    "$0" --inside "$root" "$name" "$@"
fi

root=$2 name=$3
shift 3
# What it notes about machines goes with the namespace.
mkdir -p /run/systemd/nspawn
mount -t tmpfs tmpfs /run/systemd/nspawn
# The root file system is only read: several machines may share it.
export SYSTEMD_NSPAWN_LOCK=0
# Fixed ports are nobody else's in a network of its own.
exec systemd-nspawn --quiet --boot --directory="$root" --volatile=overlay --machine="$name" \
  --private-network --register=no --keep-unit --console=pipe "$@"
